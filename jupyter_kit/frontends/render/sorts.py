"""What sort of file a path names, told by its suffix, as people group their work."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_kit.compare.changes import Change

DATA = ".csv .tsv .parquet .feather .arrow .json .jsonl .ndjson .npy .npz .h5 .hdf5 .xls .xlsx .ods .sqlite .db .xml .avro .orc .mat"
MEDIA = ".png .jpg .jpeg .gif .tif .tiff .webp .wav .mp3 .flac .mp4 .zip .tar .gz .zst .xz"
MODELS = ".safetensors .gguf .ggml .pt .pth .bin .ckpt .joblib .pkl .pickle .onnx .keras .tflite .pb .mlmodel .model"
CODE = ".py .pyi .r .jl .sh .sql .js .ts .c .cc .cpp .h .hpp .rs .go .java .scala .toml .yaml .yml .cfg .ini .ipy .qmd"

OTHER = "other"

SORTS = {
    "notebooks": {".ipynb"},
    "data": {*DATA.split(), *MEDIA.split()},
    "models": {*MODELS.split()},
    "code": {*CODE.split()},
    OTHER: set[str](),
}
"""Suffixes of each sort, in lower case, in the order in which people are shown them."""


def sort_of(path: str) -> str:
    """``notebooks``, ``data``, ``models``, ``code`` or ``other``."""
    _, dot, suffix = path.rsplit("/", 1)[-1].lower().rpartition(".")
    return next((sort for sort, suffixes in SORTS.items() if dot + suffix in suffixes), OTHER)


def grouped(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes by the sort of their file, in the order of SORTS, without empty groups."""
    groups: dict[str, list[Change]] = {sort: [] for sort in SORTS}
    for change in changes:
        groups[sort_of(change.path)].append(change)
    return {sort: found for sort, found in groups.items() if found}
