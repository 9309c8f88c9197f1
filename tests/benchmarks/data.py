"""Seeded data that looks like what people keep: the same seed gives the same bytes, wherever and however often it runs.

Everything is written in blocks of a few MiB, so that making 16 GiB takes no more memory than making 16 MiB.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

KIB, MIB, GIB = 2**10, 2**20, 2**30

BLOCK = 4 * MIB
"""Bytes made at once: large beside the cost of a call, small beside the cache."""

SEED = 20_260_401
"""Where all randomness starts; a different one gives different data of the same kind."""

Weights = Literal["random", "bf16"]
Shape = tuple[int, ...]


def generator(*key: int) -> np.random.Generator:
    """A fast generator (SFC64, about 2 GB/s) whose stream depends on the key alone."""
    return np.random.Generator(np.random.SFC64(np.random.SeedSequence([SEED, *key])))


# Models


@dataclass(frozen=True)
class Tensor:
    """One tensor of a safetensors file. ``start`` and ``end`` are offsets in bytes after the header."""

    name: str
    shape: Shape
    start: int
    end: int


def transformer(size: int) -> list[Tensor]:
    """Tensors of a Llama-like model of about ``size`` bytes of bf16, as wide and deep as models of that size are."""
    width = next(width for width, least in ((4096, 8 * GIB), (2048, GIB), (512, 64 * MIB), (128, 0)) if size >= least)
    inner = width * 11 // 4
    layer: list[tuple[str, Shape]] = [
        ("input_layernorm.weight", (width,)),
        *[(f"self_attn.{part}_proj.weight", (width, width)) for part in "kqvo"],
        *[(f"mlp.{part}_proj.weight", (inner, width)) for part in ("gate", "up")],
        ("mlp.down_proj.weight", (width, inner)),
        ("post_attention_layernorm.weight", (width,)),
    ]
    layer_bytes = sum(2 * int(np.prod(shape)) for _, shape in layer)
    layers = max(2, (size - 16 * width * width) // layer_bytes)
    words = max(1, (size - layers * layer_bytes) // (2 * width))
    shapes: list[tuple[str, Shape]] = [("model.embed_tokens.weight", (words, width))]
    shapes += [(f"model.layers.{number}.{name}", shape) for number in range(layers) for name, shape in layer]
    tensors, offset = [], 0
    for name, shape in shapes:
        end = offset + 2 * int(np.prod(shape))
        tensors.append(Tensor(name, shape, offset, end))
        offset = end
    return tensors


def changed_tensors(tensors: list[Tensor], share: float) -> frozenset[str]:
    """Names of tensors, picked at random, that together hold about ``share`` of the bytes."""
    wanted = share * tensors[-1].end
    chosen: set[str] = set()
    taken = 0
    for tensor in random.Random(SEED).sample(tensors, len(tensors)):
        size = tensor.end - tensor.start
        if taken + size <= wanted * 1.02:
            chosen.add(tensor.name)
            taken += size
    return frozenset(chosen)


def bytes_of(tensors: list[Tensor], names: frozenset[str]) -> int:
    """Bytes of the tensors named."""
    return sum(tensor.end - tensor.start for tensor in tensors if tensor.name in names)


def late_layers(tensors: list[Tensor], share: float) -> frozenset[str]:
    """Names of all tensors of the last ``share`` of the layers: what a fine-tune with frozen early layers moves."""
    numbers = sorted({int(tensor.name.split(".")[2]) for tensor in tensors if ".layers." in tensor.name})
    moved = set(numbers[-max(1, round(len(numbers) * share)) :])
    return frozenset(tensor.name for tensor in tensors if ".layers." in tensor.name and int(tensor.name.split(".")[2]) in moved)


def write_model(
    path: Path, tensors: list[Tensor], *, weights: Weights = "random", changed: frozenset[str] = frozenset(), series: int = 0
) -> None:
    """Write a safetensors file. Those of different ``series`` have nothing in common.

    ``random`` weights are bytes that nothing compresses; the tensors in ``changed`` hold others. ``bf16`` weights are normally
    distributed (sigma 0.02, as trained ones are); those in ``changed`` are nudged by a sigma of 0.00003, about a third of the last bit.
    """
    header = {"__metadata__": {"format": "pt"}}
    header |= {
        tensor.name: {"dtype": "BF16", "shape": list(tensor.shape), "data_offsets": [tensor.start, tensor.end]}  # type: ignore[dict-item]
        for tensor in tensors
    }
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for number, tensor in enumerate(tensors):
            make = _random_bytes if weights == "random" else _bf16_bytes
            for block in make(number + series * 10_000, tensor.end - tensor.start, tensor.name in changed):
                file.write(block)


def _random_bytes(number: int, size: int, changed: bool) -> Iterator[bytes]:
    numbers = generator(number, int(changed))
    for start in range(0, size, BLOCK):
        length = min(BLOCK, size - start)
        yield numbers.integers(0, 2**64 - 1, -(-length // 8), np.uint64, endpoint=True).tobytes()[:length]


def _bf16_bytes(number: int, size: int, changed: bool) -> Iterator[bytes]:
    numbers, nudges = generator(number, 2), generator(number, 3)
    for start in range(0, size, BLOCK):
        count = min(BLOCK, size - start) // 2
        values = numbers.standard_normal(count, np.float32) * np.float32(0.02)
        if changed:
            values += nudges.standard_normal(count, np.float32) * np.float32(3e-5)
        yield (values.view(np.uint32) >> 16).astype(np.uint16).tobytes()


# Tables

CSV_HEAD = "id,time,sensor,temperature,pressure,humidity,status,note\n"


def write_csv(path: Path, size: int, *, inserted: bool = False) -> int:
    """Write a table of about ``size`` bytes; with ``inserted``, the same one with 1 % more rows, in 20 places.

    Returns the bytes of the inserted rows, 0 without.
    """
    numbers, extra = generator(10), generator(11)
    row_bytes = 79  # measured
    rows = max(40, size // row_bytes)
    batch = max(1, rows // 100)
    added = 0
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(CSV_HEAD)
        for start in range(0, rows, batch):
            file.write("".join(_rows(numbers, start, min(batch, rows - start))))
            if inserted and start // batch % 5 == 2:
                text = "".join(_rows(extra, rows + start, max(1, rows // 2000)))
                file.write(text)
                added += len(text)
    return added


def _rows(numbers: np.random.Generator, start: int, count: int) -> list[str]:
    sensors = numbers.integers(0, 400, count).tolist()
    seconds = np.cumsum(numbers.integers(1, 9, count)).tolist()
    readings = [numbers.normal(mean, spread, count).tolist() for mean, spread in ((21, 4), (1013, 8), (55, 12))]
    notes = numbers.integers(0, 2**32, count).tolist()
    return [
        f"{start + row},2026-04-01T{second // 3600 % 24:02d}:{second // 60 % 60:02d}:{second % 60:02d}Z,sensor-{sensor:03d},"
        f"{a:.5f},{b:.4f},{c:.4f},{'ok' if note % 50 else 'late'},{note:08x}\n"
        for row, (sensor, second, a, b, c, note) in enumerate(zip(sensors, seconds, *readings, notes, strict=True))
    ]


# Trees of small files

STEMS = ("alpha", "beta", "gamma", "delta", "model", "train", "epoch", "batch", "layer", "tensor")
WORDS = [f"{stem}{ending}" for stem in STEMS for ending in ("", "s", "ed", "ing", "er")]


def write_small_files(folder: Path, count: int, size: int) -> None:
    """A project of ``count`` files and about ``size`` bytes in all: tables, JSON, prose and pictures, in folders of 100."""
    numbers = generator(20)
    sizes = numbers.lognormal(0, 1, count)
    sizes *= size / sizes.sum()
    makers = (_table, _table, _records, _prose, _picture)
    for number, length in enumerate(sizes.astype(int).tolist()):
        maker = makers[number % len(makers)]
        parent = folder / f"part-{number // 100:03d}"
        parent.mkdir(parents=True, exist_ok=True)
        suffix = {_table: "csv", _records: "json", _prose: "md", _picture: "png"}[maker]
        (parent / f"file-{number:05d}.{suffix}").write_bytes(maker(numbers, max(64, length)))


def edit_small_files(folder: Path, share: float) -> int:
    """Edit ``share`` of the files under ``folder`` in place: a line in text, all of a picture. Returns how many."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    numbers = generator(21)
    chosen = sorted(numbers.choice(len(files), max(1, round(len(files) * share)), replace=False).tolist())
    for index in chosen:
        path = files[index]
        content = path.read_bytes()
        if path.suffix == ".png":
            path.write_bytes(_picture(numbers, len(content)))
        else:
            middle = content.find(b"\n", len(content) // 2) + 1
            path.write_bytes(content[:middle] + _prose(numbers, 60).replace(b"\n", b" ") + b"\n" + content[middle:])
    return len(chosen)


def write_many_files(folder: Path, count: int) -> None:
    """``count`` files of 100 to 500 bytes, 200 to a folder, each different from all others."""
    numbers = generator(22)
    lengths = numbers.integers(100, 500, count).tolist()
    for number, length in enumerate(lengths):
        parent = folder / f"{number // 20_000:02d}" / f"{number // 200 % 100:02d}"
        if number % 200 == 0:
            parent.mkdir(parents=True, exist_ok=True)
        (parent / f"sample-{number:06d}.txt").write_text(f"sample {number}: ".ljust(length, "0123456789"[number % 10]) + "\n")


def _table(numbers: np.random.Generator, size: int) -> bytes:
    rows = max(1, size // 79)
    return (CSV_HEAD + "".join(_rows(numbers, 0, rows))).encode()


def _records(numbers: np.random.Generator, size: int) -> bytes:
    count = max(1, size // 78)
    scores = numbers.random(count).tolist()
    labels = numbers.integers(0, len(WORDS), count).tolist()
    records = [{"id": row, "label": WORDS[label], "score": score} for row, (label, score) in enumerate(zip(labels, scores, strict=True))]
    return json.dumps(records, indent=1).encode()


def _prose(numbers: np.random.Generator, size: int) -> bytes:
    chosen = [WORDS[index] for index in numbers.integers(0, len(WORDS), max(1, size // 7)).tolist()]
    return "\n".join(" ".join(chosen[start : start + 12]) for start in range(0, len(chosen), 12)).encode()


def _picture(numbers: np.random.Generator, size: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + numbers.bytes(max(1, size - 8))
