"""Formats of model files, by their names, and where that is cheap by their first bytes.

A name alone is enough for suffixes that nothing else has; what others have too (``.bin``, ``.pkl``, ``.h5``) is a model if its bytes say
so. Nothing is ever unpickled: a pickle is searched for names of libraries.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

HEAD_BYTES = 16 * 1024
"""How much of a file is looked at: the names of libraries stand early in a pickle, and the metadata first in safetensors."""


class ModelFormat(NamedTuple):
    """How a model is stored, and by which framework; empty where the file does not tell."""

    format: str = ""
    framework: str = ""


_BY_SUFFIX = {
    ".safetensors": ModelFormat("safetensors"),
    ".gguf": ModelFormat("gguf"),
    ".ggml": ModelFormat("ggml"),
    ".ggmf": ModelFormat("ggml"),
    ".llamafile": ModelFormat("llamafile"),
    ".onnx": ModelFormat("onnx", "onnx"),
    ".pt": ModelFormat("pytorch", "pytorch"),
    ".pth": ModelFormat("pytorch", "pytorch"),
    ".pt2": ModelFormat("pytorch", "pytorch"),
    ".ptl": ModelFormat("pytorch", "pytorch"),
    ".mar": ModelFormat("mar", "pytorch"),
    ".ckpt": ModelFormat("checkpoint"),
    ".keras": ModelFormat("keras", "keras"),
    ".tflite": ModelFormat("tflite", "tensorflow"),
    ".caffemodel": ModelFormat("caffemodel", "caffe"),
    ".pb": ModelFormat("protobuf", "tensorflow"),
    ".mlmodel": ModelFormat("coreml", "coreml"),
    ".coreml": ModelFormat("coreml", "coreml"),
    ".pmml": ModelFormat("pmml"),
    ".cbm": ModelFormat("catboost", "catboost"),
    ".ubj": ModelFormat("xgboost", "xgboost"),
    ".bst": ModelFormat("xgboost", "xgboost"),
    ".nemo": ModelFormat("nemo", "pytorch"),
    ".engine": ModelFormat("tensorrt", "tensorrt"),
    ".msgpack": ModelFormat("msgpack", "jax"),
    ".joblib": ModelFormat("joblib"),
}

AMBIGUOUS = frozenset({".bin", ".pkl", ".pickle", ".h5", ".hdf5", ".model", ".txt"})
"""Suffixes of models and of other things: the first bytes decide."""

_BEGIN_WITH_MAGIC = frozenset({".safetensors", ".gguf", ".tflite", ".keras", ".pt", ".pth", ".mar"})
"""Formats with a beginning of their own: a file that begins otherwise has the suffix and not the format."""

_CONTAINERS = frozenset({".ckpt", ".joblib"})
"""Formats of many frameworks."""

_SAFETENSORS_HEADER_MAX = 100 * 1000**2
"""Bytes of a safetensors header: the limit of its own reader."""

_SAFETENSORS_FRAMEWORKS = {b"pt": "pytorch", b"tf": "tensorflow", b"flax": "jax", b"np": "numpy", b"mlx": "mlx"}
_SAFETENSORS_METADATA = re.compile(rb'"__metadata__"\s*:\s*\{[^}]*"format"\s*:\s*"(\w+)"')

_LEGACY_TORCH = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
"""The pickled magic number with which PyTorch before 1.6 begins (torch/serialization.py)."""

_FASTTEXT = (793712314).to_bytes(4, "little")
"""Magic number of fastText (fasttext.cc)."""

_GGML_MAGICS = (b"lmgg", b"fmgg", b"tjgg")
"""ggml, ggmf and ggjt, as little-endian numbers (llama.cpp before GGUF)."""

_PICKLED_BY = {
    b"sklearn": "scikit-learn",
    b"xgboost": "xgboost",
    b"lightgbm": "lightgbm",
    b"catboost": "catboost",
    b"statsmodels": "statsmodels",
    b"torch": "pytorch",
    b"keras": "keras",
    b"tensorflow": "tensorflow",
}
"""Name in a pickle → framework, the most telling first: a scikit-learn pipeline may hold an XGBoost model, and says so as well."""

_PICKLED_DATA = (b"pandas", b"numpy", b"polars", b"pyarrow")
"""Names in pickles of data, if no framework is named."""


def model_format(path: str, head: Callable[[], bytes]) -> ModelFormat | None:
    """The format of a model file; None for what is no model. ``head`` reads the file's first :data:`HEAD_BYTES`, where they are needed."""
    suffix = suffix_of(path)
    named = _BY_SUFFIX.get(suffix)
    if named is None:
        return _by_content(head()) if suffix in AMBIGUOUS else None
    if suffix in _BEGIN_WITH_MAGIC:
        seen = _by_content(head())
        return seen if seen and seen.format == named.format else ModelFormat()
    if suffix in _CONTAINERS:
        seen = _by_content(head())
        return ModelFormat(named.format, seen.framework) if seen else named
    return named


def suffix_of(path: str) -> str:
    """The suffix of a path in lower case, with its dot; empty where it has none."""
    name = path.rpartition("/")[2].lower()
    return name[name.rindex(".") :] if "." in name[1:] else ""


def _by_content(head: bytes) -> ModelFormat | None:
    """The model format that a file begins as; None for none that is known."""
    if head[:4] == b"PK\x03\x04":
        return _zipped(head)
    if head[:8] == b"\x89HDF\r\n\x1a\n":
        return ModelFormat("hdf5", "keras") if b"keras" in head or b"model_weights" in head else None
    if head[:1] == b"\x80" and head[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05"):
        return _pickled(head)
    if head[:4] == b"GGUF":
        return ModelFormat("gguf")
    if head[:4] in _GGML_MAGICS:
        return ModelFormat("ggml")
    if head[:4] == _FASTTEXT:
        return ModelFormat("fasttext", "fasttext")
    if head[4:8] == b"TFL3":
        return ModelFormat("tflite", "tensorflow")
    if head.startswith(b"tree\nversion=v"):
        return ModelFormat("lightgbm", "lightgbm")
    if head.startswith(b"binf"):
        return ModelFormat("xgboost", "xgboost")
    if head[8:9] == b"{" and 2 <= int.from_bytes(head[:8], "little") <= _SAFETENSORS_HEADER_MAX:
        metadata = _SAFETENSORS_METADATA.search(head)
        return ModelFormat("safetensors", _SAFETENSORS_FRAMEWORKS.get(metadata[1], "") if metadata else "")
    return None


def _zipped(head: bytes) -> ModelFormat | None:
    if b"/data.pkl" in head:
        return ModelFormat("pytorch", "pytorch")
    if b"MAR-INF/" in head:
        return ModelFormat("mar", "pytorch")
    return ModelFormat("keras", "keras") if b"model.weights.h5" in head or b"metadata.json" in head else None


def _pickled(head: bytes) -> ModelFormat | None:
    if head.startswith(_LEGACY_TORCH):
        return ModelFormat("pytorch", "pytorch")
    framework = next((framework for name, framework in _PICKLED_BY.items() if name in head), "")
    if not framework and any(name in head for name in _PICKLED_DATA):
        return None
    return ModelFormat("pickle", framework)
