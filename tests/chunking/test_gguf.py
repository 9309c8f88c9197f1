"""GGUF files are cut at their tensors and at the pairs of their headers, and no header does harm."""

from __future__ import annotations

import struct
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.gguf import gguf
from jupyter_kit.chunking.tensors import BLOCK_BYTES, TensorBlocks

from .files import (
    GGUF_ARRAY,
    GGUF_STRING,
    GGUF_U32,
    chunks,
    cut,
    gguf_file,
    gguf_pair,
    gguf_string,
    gguf_strings,
    noise,
    reader,
)

MIB = 1 << 20
TENSORS = {name: noise(size, name) for name, size in {"embed": 700_000, "norm": 4000, "q": 300_001, "k": 16_384}.items()}
TEMPLATE = gguf_pair("chat_template", GGUF_STRING, gguf_string("hello"))
WORDS = gguf_pair("words", GGUF_ARRAY, gguf_strings([f"word{number}" for number in range(20_000)]))
EVERY_TYPE = [
    gguf_pair(f"type{kind}", kind, bytes(width))
    for kind, width in {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}.items()
]


def chunker_of(data: bytes) -> TensorBlocks:
    chunker = gguf(len(data), reader(data))
    assert chunker is not None
    return chunker


def pieces(data: bytes) -> list[bytes]:
    return chunks(data, cut(chunker_of(data), data, 1_000_003))


@pytest.mark.parametrize("version", [2, 3])
def test_each_large_tensor_starts_a_chunk(version: int) -> None:
    data = gguf_file(TENSORS, [*EVERY_TYPE, TEMPLATE, WORDS], version=version)
    found = pieces(data)
    assert b"".join(found) == data
    for name in ("embed", "q", "k"):
        assert sum(chunk.startswith(TENSORS[name][: min(len(chunk), BLOCK_BYTES)]) for chunk in found) == 1
    assert chunker_of(data).name == "gguf-128k/1"


def test_a_tensor_that_moves_keeps_its_chunks() -> None:
    before = pieces(gguf_file(TENSORS, [TEMPLATE]))
    after = pieces(gguf_file({"first": noise(50_000, "first"), **TENSORS}, [TEMPLATE]))
    assert set(before[1:]) <= set(after)


def test_a_vocabulary_keeps_its_chunks_when_the_template_before_it_changes() -> None:
    longer = gguf_pair("chat_template", GGUF_STRING, gguf_string("hello, world" * 100))
    before, after = pieces(gguf_file(TENSORS, [TEMPLATE, WORDS])), pieces(gguf_file(TENSORS, [longer, WORDS]))
    changed = [chunk for chunk in after if chunk not in set(before)]
    assert sum(map(len, changed)) < 5000


@pytest.mark.parametrize("alignment", [1, 8, 64, 65_536])
def test_the_alignment_of_the_file_is_heeded(alignment: int) -> None:
    pair = gguf_pair("general.alignment", GGUF_U32, struct.pack("<I", alignment))
    data = gguf_file(TENSORS, [TEMPLATE, pair], alignment=alignment)
    assert TENSORS["embed"][:BLOCK_BYTES] in pieces(data)


def test_tensors_may_be_listed_in_any_order() -> None:
    listed = b"".join(gguf_string(name) + struct.pack("<IQIQ", 1, 8, 24, offset) for name, offset in [("b", 65_536), ("a", 0)])
    header = struct.pack("<4sIQQ", b"GGUF", 3, 2, 0) + listed
    data = header + bytes(-len(header) % 32) + noise(100_000)
    assert [len(piece) for piece in pieces(data)[1:]] == [65_536, 34_464]


def start(tensors: int, pairs: int, *, magic: bytes = b"GGUF", version: int = 3) -> bytes:
    return struct.pack("<4sIQQ", magic, version, tensors, pairs)


def tensor(offset: int, *, dimensions: int = 1) -> bytes:
    return gguf_string("t") + struct.pack(f"<I{dimensions}QIQ", dimensions, *[8] * dimensions, 24, offset)


HOSTILE = {
    "empty": b"",
    "magic only": b"GGUF",
    "other magic": start(1, 0, magic=b"GGML") + tensor(0),
    "version 1": start(1, 0, version=1) + tensor(0),
    "big-endian": start(1, 0, version=3 << 24) + tensor(0),
    "no tensors": start(0, 0),
    "2^60 tensors": start(1 << 60, 0),
    "2^60 pairs": start(1, 1 << 60),
    "as many tensors as allowed, all zero": start(1 << 17, 0),
    "as many pairs as allowed, all zero": start(2, 1 << 16),
    "key of 2^63 bytes": start(1, 1) + struct.pack("<Q", 1 << 63),
    "key of 2^64 - 1 bytes": start(1, 1) + struct.pack("<Q", (1 << 64) - 1),
    "string of 2^60 bytes": start(1, 1) + gguf_pair("a", GGUF_STRING, struct.pack("<Q", 1 << 60)) + tensor(0),
    "array of 2^60 strings": start(1, 1) + gguf_pair("a", GGUF_ARRAY, struct.pack("<IQ", GGUF_STRING, 1 << 60)),
    "array of 2^64 - 1 numbers": start(1, 1) + gguf_pair("a", GGUF_ARRAY, struct.pack("<IQ", GGUF_U32, (1 << 64) - 1)),
    "array of arrays": start(1, 1) + gguf_pair("a", GGUF_ARRAY, struct.pack("<IQ", GGUF_ARRAY, 1) * 1000),
    "unknown type": start(1, 1) + gguf_pair("a", 13, bytes(8)) + tensor(0),
    "alignment 0": start(1, 1) + gguf_pair("general.alignment", GGUF_U32, bytes(4)) + tensor(0),
    "alignment 2^31": start(1, 1) + gguf_pair("general.alignment", GGUF_U32, struct.pack("<I", 1 << 31)) + tensor(0),
    "alignment as text": start(1, 1) + gguf_pair("general.alignment", GGUF_STRING, gguf_string("8")) + tensor(0),
    "9 dimensions": start(1, 0) + tensor(0, dimensions=9),
    "2^32 - 1 dimensions": start(1, 0) + gguf_string("t") + struct.pack("<I", (1 << 32) - 1),
    "does not begin at the data": start(1, 0) + tensor(32),
    "the same place twice": start(2, 0) + tensor(0) + tensor(0),
    "past the end": start(2, 0) + tensor(0) + tensor(1 << 62),
    "negative": start(2, 0) + tensor(0) + tensor((1 << 64) - 32),
}


@pytest.mark.parametrize("header", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("padding", [0, 2 * MIB])
def test_hostile_headers_are_refused_quickly_and_in_little_memory(header: bytes, padding: int) -> None:
    data = header + bytes(padding)
    tracemalloc.start()
    assert gguf(len(data), reader(data)) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * MIB


def test_more_pairs_than_any_model_has_are_refused() -> None:
    pair = gguf_pair("k", 0, b"v")
    most, more = (gguf_file({"a": noise(100)}, [pair] * count) for count in (1 << 16, (1 << 16) + 1))
    assert gguf(len(most), reader(most)) is not None
    assert gguf(len(more), reader(more)) is None


def test_no_more_than_the_limit_is_read() -> None:
    asked = []

    def read(offset: int, length: int) -> bytes:
        asked.append(length)
        return b"GGUF"

    assert gguf(1 << 40, read) is None
    assert max(asked) == 32 * MIB


@given(data=st.data())
def test_damaged_headers_never_crash(data: st.DataObject) -> None:
    words = gguf_pair("words", GGUF_ARRAY, gguf_strings(["one", "two"]))
    good = bytearray(gguf_file({"a": b"a" * 100, "b": b"b" * 50}, [*EVERY_TYPE[:4], TEMPLATE, words]))
    for _ in range(data.draw(st.integers(0, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(good[: data.draw(st.integers(0, len(good)))])
    chunker = gguf(len(damaged), reader(damaged))
    assert chunker is None or sum(cut(chunker, damaged)) == len(damaged)
