"""Model files are known by their names and first bytes; real files of the libraries that are here, and beginnings of the others."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import joblib
import numpy as np
import pytest
from safetensors.numpy import save
from sklearn.linear_model import LogisticRegression

from jupyter_kit.modelkit.inference.formats import HEAD_BYTES, ModelFormat, model_format, suffix_of

MODEL = LogisticRegression().fit([[0.0], [1.0]], [0, 1])


def joblib_bytes(value: object, folder: Path) -> bytes:
    joblib.dump(value, folder / "x")
    return (folder / "x").read_bytes()


def safetensors_header(header: bytes) -> bytes:
    return len(header).to_bytes(8, "little") + header


@pytest.mark.parametrize(
    ("path", "head", "found"),
    [
        ("m.safetensors", save({"a": np.zeros(2)}), ModelFormat("safetensors")),
        ("m.safetensors", save({"a": np.zeros(2)}, {"format": "pt"}), ModelFormat("safetensors", "pytorch")),
        ("m.safetensors", safetensors_header(b'{"__metadata__": {"a":"b", "format" : "mlx"}}'), ModelFormat("safetensors", "mlx")),
        ("m.safetensors", b"version https://git-lfs.github.com/spec/v1\n", ModelFormat()),
        ("m.safetensors", b"", ModelFormat()),
        ("a/M.GGUF", b"GGUF\x03\x00\x00\x00", ModelFormat("gguf")),
        ("m.gguf", b"no", ModelFormat()),
        ("m.onnx", b"", ModelFormat("onnx", "onnx")),
        ("m.pt", b"PK\x03\x04" + b"\0" * 26 + b"archive/data.pkl", ModelFormat("pytorch", "pytorch")),
        ("m.pth", b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", ModelFormat("pytorch", "pytorch")),
        ("m.pth", b"text", ModelFormat()),
        ("pytorch_model.bin", b"PK\x03\x04" + b"\0" * 26 + b"x/data.pkl", ModelFormat("pytorch", "pytorch")),
        ("m.bin", b"GGUF", ModelFormat("gguf")),
        ("m.bin", b"tjgg", ModelFormat("ggml")),
        ("m.bin", (793712314).to_bytes(4, "little"), ModelFormat("fasttext", "fasttext")),
        ("m.bin", b"anything", None),
        ("m.tflite", b"\x1c\0\0\0TFL3", ModelFormat("tflite", "tensorflow")),
        ("m.keras", b"PK\x03\x04" + b"\0" * 26 + b"metadata.json", ModelFormat("keras", "keras")),
        ("m.h5", b"\x89HDF\r\n\x1a\n...keras_version", ModelFormat("hdf5", "keras")),
        ("table.h5", b"\x89HDF\r\n\x1a\n...", None),
        ("m.mar", b"PK\x03\x04" + b"\0" * 26 + b"MAR-INF/MANIFEST.json", ModelFormat("mar", "pytorch")),
        ("m.ckpt", b"PK\x03\x04" + b"\0" * 26 + b"archive/data.pkl", ModelFormat("checkpoint", "pytorch")),
        ("m.ckpt", b"", ModelFormat("checkpoint")),
        ("m.pkl", pickle.dumps(MODEL), ModelFormat("pickle", "scikit-learn")),
        ("m.pkl", pickle.dumps({"a": 1}), ModelFormat("pickle")),
        ("rows.pkl", pickle.dumps(np.zeros(3)), None),
        ("m.pkl", b"\x80\x04\x95cxgboost.sklearn", ModelFormat("pickle", "scikit-learn")),
        ("m.pkl", b"no pickle", None),
        ("m.txt", b"tree\nversion=v4\nnum_class=1", ModelFormat("lightgbm", "lightgbm")),
        ("notes.txt", b"tree", None),
        ("m.model", b"binf\0", ModelFormat("xgboost", "xgboost")),
        ("m.cbm", b"", ModelFormat("catboost", "catboost")),
        ("frozen.pb", b"", ModelFormat("protobuf", "tensorflow")),
        ("data.csv", b"GGUF", None),
        ("Makefile", b"GGUF", None),
        (".pt", b"GGUF", None),
    ],
)
def test_a_format_is_known(path: str, head: bytes, found: ModelFormat | None) -> None:
    assert model_format(path, lambda: head) == found


def test_joblib_tells_its_framework_where_it_is_not_compressed(tmp_path: Path) -> None:
    plain = joblib_bytes(MODEL, tmp_path)
    packed = io.BytesIO()
    joblib.dump(MODEL, packed, compress=3)
    assert model_format("m.joblib", lambda: plain[:HEAD_BYTES]) == ModelFormat("joblib", "scikit-learn")
    assert model_format("m.joblib", packed.getvalue) == ModelFormat("joblib")


def test_files_are_read_only_where_their_name_leaves_it_open() -> None:
    def forbidden() -> bytes:
        raise AssertionError("read")

    assert [model_format(path, forbidden) for path in ("a.csv", "a.py", "README")] == [None] * 3
    assert model_format("a.onnx", forbidden) == ModelFormat("onnx", "onnx")


@pytest.mark.parametrize(
    ("path", "suffix"), [("a.B/c.TXT", ".txt"), ("a.b/c", ""), (".env", ""), ("a.tar.gz", ".gz"), ("", ""), ("a.", ".")]
)
def test_the_suffix_is_that_of_the_name(path: str, suffix: str) -> None:
    assert suffix_of(path) == suffix
