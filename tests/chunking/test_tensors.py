"""Safetensors files are cut at their tensors, and whatever a header says, nothing worse happens than an ordinary cut."""

from __future__ import annotations

import json
import struct
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save, save_file

from jupyter_kit.chunking.tensors import BLOCK_BYTES, SMALL_BYTES, TensorBlocks, regions, safetensors

from .files import chunks, cut, noise, reader, safetensors_header

MIB = 1 << 20


def model(**kilobytes: float) -> dict[str, np.ndarray]:
    """Tensors of these sizes in KiB, their bytes made from their names."""
    return {name: np.frombuffer(noise(int(size * 1024), name), dtype=np.uint8) for name, size in kilobytes.items()}


def chunker_of(data: bytes) -> TensorBlocks:
    chunker = safetensors(len(data), reader(data))
    assert chunker is not None
    return chunker


def pieces(data: bytes) -> list[bytes]:
    return chunks(data, cut(chunker_of(data), data, 1_000_003))


def test_each_large_tensor_starts_a_chunk() -> None:
    tensors = model(a=700, b=16, c=300.5, d=128)
    data = save(tensors)
    found = pieces(data)
    begins = [tensor.tobytes() for tensor in tensors.values()]
    assert [sum(chunk == tensor[:BLOCK_BYTES] for chunk in found) for tensor in begins] == [1, 1, 1, 1]
    assert b"".join(found) == data
    assert chunker_of(data).name == "safetensors-128k/1"


def test_the_header_is_a_chunk_of_its_own() -> None:
    data = save(model(a=700), metadata={"epoch": "1"})
    retitled = save(model(a=700), metadata={"epoch": "10", "note": "the header grew"})
    assert pieces(data)[1:] == pieces(retitled)[1:]


def test_a_tensor_that_moves_keeps_its_chunks() -> None:
    before = pieces(save(model(b=700, c=300.3, d=20)))
    after = pieces(save(model(a=33.1, b=700, c=300.3, d=20)))
    assert set(before[1:]) <= set(after)
    assert len(after) == len(before) + 1


def test_a_change_inside_a_tensor_stays_in_its_block() -> None:
    tensors = model(a=700, b=300)
    before = set(pieces(save(tensors)))
    tensors["a"] = tensors["a"].copy()
    tensors["a"][400_000] ^= 1
    assert len(set(pieces(save(tensors))) - before) == 1


def test_small_tensors_share_chunks_and_keep_to_themselves() -> None:
    names = [f"norm{number:04}" for number in range(1000)]
    tensors = model(**dict.fromkeys(names, 1), weight=300)
    before = pieces(save(tensors))
    assert len(before) < 1000 // 16 + 8
    tensors["norm0500"] = tensors["norm0500"] ^ 1
    assert len(set(pieces(save(tensors))) - set(before)) == 1


@given(st.lists(st.integers(1, 300_000), min_size=1, max_size=40))
def test_regions_follow_from_the_sizes(sizes: list[int]) -> None:
    begins = [sum(sizes[:number]) for number in range(len(sizes))]
    found = regions(begins, sum(sizes))
    assert found[0] == 0
    assert set(found) <= set(begins)
    assert {begin for begin, size in zip(begins, sizes, strict=True) if size >= SMALL_BYTES} <= set(found)
    for begin, end in pairwise([*found, sum(sizes)]):
        if begin + sizes[begins.index(begin)] < end:  # a run of small tensors
            assert end - begin < 2 * SMALL_BYTES


def test_a_small_tensor_that_grows_moves_no_region_behind_the_next_large_one() -> None:
    def relative(first: int) -> list[int]:
        sizes = [first, 9000, 9000, 50_000, 3000, 50_000]
        begins = [sum(sizes[:number]) for number in range(len(sizes))]
        return [begin - begins[3] for begin in regions(begins, sum(sizes)) if begin >= begins[3]]

    assert relative(100) == relative(15_000)


def test_empty_tensors_do_no_harm() -> None:
    data = save(model(a=100, b=0, c=0, d=50))
    assert b"".join(pieces(data)) == data
    assert all(pieces(data))


@pytest.mark.parametrize("kilobytes", [{"a": 0.001}, {"a": 0.1, "b": 0.1}, {"a": 128}, {"a": 128, "b": 128}])
def test_files_of_any_size(kilobytes: dict[str, float]) -> None:
    data = save(model(**kilobytes))
    assert b"".join(pieces(data)) == data


def test_a_file_that_is_longer_or_shorter_than_its_header_said() -> None:
    data = save(model(a=700, b=300))
    chunker = chunker_of(data)
    for other in (data + noise(500_000), data[:400_000], data[:5]):
        assert cut(chunker, other, 70_001) == cut(chunker, other)
        assert sum(cut(chunker, other)) == len(other)


def test_a_file_far_too_large_for_memory_is_cut_from_its_header(tmp_path: Path) -> None:
    terabyte = 1 << 40
    header = safetensors_header({"a": (0, terabyte), "b": (terabyte, terabyte + 100)})
    size = len(header) + terabyte + 100
    tracemalloc.start()
    chunker = safetensors(size, lambda offset, length: header[offset : offset + length])
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert chunker is not None
    assert peak < MIB
    window = memoryview(bytes(4 * MIB))
    assert chunker.cut(window, len(header), final=False) == [BLOCK_BYTES] * 32
    assert chunker.cut(window[:100], len(header) + terabyte, final=True) == [100]


def test_a_file_on_disk(tmp_path: Path) -> None:
    save_file(model(a=700, b=300), tmp_path / "m.safetensors")
    data = (tmp_path / "m.safetensors").read_bytes()
    assert b"".join(pieces(data)) == data


def header(text: str | bytes, *, length: int | None = None) -> bytes:
    encoded = text.encode() if isinstance(text, str) else text
    return struct.pack("<Q", len(encoded) if length is None else length) + encoded


def described(*offsets: object) -> str:
    return json.dumps({f"t{number}": {"dtype": "U8", "shape": [1], "data_offsets": pair} for number, pair in enumerate(offsets)})


HOSTILE = {
    "empty": b"",
    "truncated length": b"\x01\x02\x03",
    "no tensors": header("{}"),
    "huge length": header("{}", length=1 << 63),
    "length past the end": header(described([0, 1000]), length=100_000),
    "length of the whole file": header(described([0, 1000]), length=len(described([0, 1000])) + 1000),
    "not JSON": header("hello, this is not a header at all"),
    "not a dictionary": header("[" + described([0, 1000]) + "]"),
    "deep JSON": header('{"a":' + "[" * MIB),
    "NaN": header('{"a":{"dtype":"U8","shape":[1],"data_offsets":[NaN,1000]}}'),
    "fractions": header(described([0.0, 1000.0])),
    "exponents": header('{"a":{"data_offsets":[0,1e3]}}'),
    "negative": header(described([-1000, 1000])),
    "backwards": header(described([0, 500], [1000, 500])),
    "backwards, but otherwise whole": header(described([0, 1000], [700, 600])),
    "overlap": header(described([0, 600], [500, 1000])),
    "the same twice": header(described([0, 1000], [0, 1000])),
    "gap": header(described([0, 400], [500, 1000])),
    "gap at the start": header(described([8, 1000])),
    "too short": header(described([0, 999])),
    "too long": header(described([0, 1001])),
    "2^60": header(described([0, 1 << 60])),
    "a number of a million digits": header('{"a":{"data_offsets":[0,' + "9" * MIB + "]}}"),
    "one offset": header(described([1000])),
    "three offsets": header(described([0, 500, 1000])),
    "a million spaces": header('{"a":{"data_offsets":' + " " * MIB),
    "many spaces": header('{"a":{"data_offsets":[' * 1000 + " " * MIB),
    "many keys": header('{"data_offsets":' * (MIB // 16)),
}


@pytest.mark.parametrize("start", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_headers_are_refused_quickly_and_in_little_memory(start: bytes) -> None:
    data = start + bytes(1000)
    longest = 0

    def read(offset: int, length: int) -> bytes:
        nonlocal longest
        longest = max(longest, length)
        return data[offset : offset + length]

    tracemalloc.start()
    assert safetensors(len(data), read) is None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB
    assert longest <= 16 * MIB


def test_a_header_over_the_limit_is_not_read() -> None:
    asked = []

    def read(offset: int, length: int) -> bytes:
        asked.append(length)
        return struct.pack("<Q", 17 * MIB)

    assert safetensors(1 << 40, read) is None
    assert asked == [8]


def test_text_in_the_metadata_is_not_taken_for_a_tensor() -> None:
    data = save(model(a=100, b=100), metadata={"note": '"data_offsets":[5,10]', "data_offsets": "[0, 3]"})
    assert b"".join(pieces(data)) == data


@given(data=st.data())
def test_damaged_headers_never_crash(data: st.DataObject) -> None:
    good = bytearray(safetensors_header({"a": (0, 500), "b": (500, 700), "c": (700, 1000)}))
    for _ in range(data.draw(st.integers(1, 4))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    damaged = bytes(good) + bytes(1000)
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    chunker = safetensors(len(damaged), reader(damaged))
    assert chunker is None or sum(cut(chunker, damaged)) == len(damaged)
