"""What is chosen for which file, and how little is read to choose it."""

from __future__ import annotations

import time

import pytest
from safetensors.numpy import save

from jupyter_kit.chunking.chunker import ReadAt
from jupyter_kit.chunking.select import select

from .files import gguf_file, noise, reader, safetensors_header

KIB, MIB = 1 << 10, 1 << 20


def unread(offset: int, length: int) -> bytes:
    raise AssertionError("the name decides")


def choice(path: str, size: int, read: ReadAt = unread) -> str:
    """The chunker's name without its version, the compression, and whether the file is split as a notebook."""
    chosen = select(path, size, read)
    return " ".join([chosen.chunker.name.removesuffix("/1"), chosen.compression, *["notebook"] * chosen.notebook])


@pytest.mark.parametrize(
    ("path", "size", "expected"),
    [
        ("a.ipynb", 0, "whole delta notebook"),
        ("work/a.ipynb", 128 * KIB, "whole delta notebook"),
        ("work/a.ipynb", 128 * KIB + 1, "fastcdc-4k delta notebook"),
        ("A.IPYNB", 64 * MIB, "fastcdc-4k delta notebook"),
        ("a.ipynb", 64 * MIB + 1, "fastcdc-64k sample"),
        ("train.py", 0, "whole delta"),
        ("train.py", 128 * KIB, "whole delta"),
        ("train.py", 128 * KIB + 1, "fastcdc-64k sample"),
        ("README.md", 1000, "whole delta"),
        ("data/rows.csv", 1000, "whole delta"),
        ("data/rows.csv", 10 * MIB, "fastcdc-64k sample"),
        ("config.YAML", 1000, "whole delta"),
        ("Kitfile", 1000, "whole delta"),
        ("deep/er/Makefile", 1000, "whole delta"),
        ("LICENSE", 11_000, "whole delta"),
        (".gitignore", 10, "whole delta"),
        ("photo.JPG", 5 * MIB, "fastcdc-64k never"),
        ("rows.csv.gz", 5 * MIB, "fastcdc-64k never"),
        ("wheel.whl", 10, "fastcdc-64k never"),
        ("rows.parquet", 5 * MIB, "fastcdc-64k sample"),
        ("arrays.npz", 5 * MIB, "fastcdc-64k sample"),
        ("array.npy", 5 * MIB, "fastcdc-64k sample"),
        ("model.joblib", 5 * MIB, "fastcdc-64k sample"),
        ("model.pt", 5 * MIB, "fastcdc-64k never"),
        ("model.onnx", MIB, "fastcdc-64k never"),
        ("model.onnx", MIB - 1, "fastcdc-64k sample"),
    ],
)
def test_names_that_decide(path: str, size: int, expected: str) -> None:
    assert choice(path, size) == expected


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("notes", b"plain text\n", "whole delta"),
        ("notes.unheard", "naïve 日本語\n".encode() * 1000, "whole delta"),
        ("notes", b"", "whole delta"),
        ("notes", b"a" * 4095 + "é".encode(), "whole delta"),  # the sample ends inside a character
        ("notes", b"a" * 4000 + b"\xff" + b"a" * 1000, "fastcdc-64k sample"),
        ("notes", b"text\x00text", "fastcdc-64k sample"),
        ("notes", b"a" * (128 * KIB + 1), "fastcdc-64k sample"),
        ("blob.bin", noise(5000), "fastcdc-64k sample"),
        ("pytorch_model.bin", b"PK\x03\x04" + noise(5 * MIB), "fastcdc-64k never"),
        ("download", b"\x1f\x8b" + noise(5000), "fastcdc-64k never"),
        ("download", b"\x89PNG\r\n" + noise(5000), "fastcdc-64k never"),
        ("ggml-model.bin", gguf_file({"a": noise(50_000)}, []), "gguf-128k never"),
        ("model.gguf", gguf_file({"a": noise(50_000)}, []), "gguf-128k never"),
        ("model.gguf", b"GGUF" + noise(50_000), "fastcdc-64k never"),
        ("model.gguf", b"version https://git-lfs.github.com/spec/v1\n", "fastcdc-64k never"),
        ("model.safetensors", safetensors_header({"a": (0, 5000)}) + noise(5000), "safetensors-128k never"),
        ("model.safetensors", save({}), "fastcdc-64k never"),
        ("model.safetensors", noise(50_000), "fastcdc-64k never"),
        ("model.safetensors", b"", "fastcdc-64k never"),
    ],
)
def test_names_that_do_not(path: str, content: bytes, expected: str) -> None:
    assert choice(path, len(content), reader(content)) == expected


def test_a_name_that_says_nothing_costs_one_short_read() -> None:
    asked = []

    def read(offset: int, length: int) -> bytes:
        asked.append((offset, length))
        return bytes(length)

    select("data.bin", 10 * MIB, read)
    assert asked == [(0, 4096)]


def test_an_error_of_the_reader_is_the_callers() -> None:
    def read(offset: int, length: int) -> bytes:
        raise PermissionError("secret")

    with pytest.raises(PermissionError):
        select("unknown", 10, read)


def test_five_thousand_files_cost_microseconds_each() -> None:
    paths = [f"folder/sub/file{number}.{kind}" for number in range(1250) for kind in ("py", "csv", "png", "npy")]
    begin = time.perf_counter()
    for path in paths:
        select(path, 20_000, unread)
    took = time.perf_counter() - begin
    print(f"{took / len(paths) * 1e6:.2f} µs a file")
    assert took < 1  # 200 µs each, where about one is expected
