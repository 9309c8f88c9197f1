"""What changed files are to the people who made them, and how much there is of each: for lists too long to be sent whole."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from jupyter_kit.compare.changes import Change

Group = Literal["notebooks", "data", "models", "code", "other"]

ENDINGS: dict[Group, str] = {
    "notebooks": "ipynb",
    "data": "arrow avro bin csv dat db duckdb feather geojson h5 hdf5 jpeg jpg json jsonl mat mp3 mp4 nc ndjson npy npz orc parquet png "
    "rds sqlite sqlite3 tif tiff tsv wav xls xlsx xml zarr zip gz zst bz2 xz tar",
    "models": "caffemodel ckpt cbm gguf ggml joblib keras mlmodel model mar onnx pb pickle pkl pmml pt pt2 pth safetensors skops tflite "
    "ubj",
    "code": "c cc cpp css cu cuh go h hpp html ini java jl js jsx lua m make pl py pyi pyx r rb rs scala sh sql swift toml ts tsx yaml yml",
}
"""The same as the panel's own; a test compares them."""

CODE_NAMES = frozenset({"dockerfile", "kitfile", "makefile", "snakefile"})
"""Names without an ending that are code."""

_GROUP_OF = {ending: group for group, endings in ENDINGS.items() for ending in endings.split()}


@dataclass(frozen=True)
class Sum:
    """How many changes a group has, and how many bytes of them are new to the store; None where that is not known of any."""

    count: int
    new_bytes: int | None


def group_of(path: str) -> Group:
    """What a file is, by its name."""
    name = path.rpartition("/")[2].lower()
    return _GROUP_OF.get(name.rpartition(".")[2]) or ("code" if name in CODE_NAMES else "other")


def by_group(changes: Iterable[Change]) -> dict[Group, list[Change]]:
    """Changes by what the files are; a group without any is not there."""
    found: dict[Group, list[Change]] = {}
    for change in changes:
        found.setdefault(group_of(change.path), []).append(change)
    return found


def summed(changes: Iterable[Change]) -> Sum:
    """What is said of a group."""
    new = [change.new_bytes for change in changes]
    known = [each for each in new if each is not None]
    return Sum(len(new), sum(known) if known else None)
