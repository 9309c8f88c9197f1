"""The laws of the seam, on every chunker: nothing lost, limits kept, and the same cuts however the stream is read."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Chunker
from jupyter_kit.chunking.fastcdc import FASTCDC_4K, FASTCDC_64K, FastCdc
from jupyter_kit.chunking.tensors import TensorBlocks
from jupyter_kit.chunking.whole import WHOLE

from .files import chunks, cut, noise

CHUNKERS: list[Chunker] = [
    FASTCDC_64K,
    FASTCDC_4K,
    WHOLE,
    TensorBlocks("tensors", array("Q", [0, 1000, 1001, 300_000, 431_072, 800_000])),
]
STREAM = noise(400_000, "stream") + bytes(300_000) + noise(150_000, "stream") + b"ab" * 60_000 + noise(77_777, "end")

every_chunker = pytest.mark.parametrize("chunker", CHUNKERS, ids=lambda chunker: chunker.name)


@every_chunker
@given(
    begin=st.integers(0, len(STREAM)),
    length=st.integers(0, 700_000),
    steps=st.lists(st.integers(1000, 500_000), min_size=1, max_size=5),
)
@example(begin=0, length=len(STREAM), steps=[4096])
@example(begin=0, length=0, steps=[1])
@example(begin=0, length=1, steps=[1])
def test_cuts_are_the_same_whatever_the_windows(chunker: Chunker, begin: int, length: int, steps: list[int]) -> None:
    data = STREAM[begin : begin + length]
    assert cut(chunker, data, *steps) == cut(chunker, data)


@every_chunker
@pytest.mark.parametrize("around", [-1, 0, 1])
def test_windows_about_the_longest_chunk(chunker: Chunker, around: int) -> None:
    assert cut(chunker, STREAM, chunker.longest + around, 1, 1) == cut(chunker, STREAM)


@every_chunker
def test_windows_of_single_bytes(chunker: Chunker) -> None:
    data = STREAM[:20_000]
    assert cut(chunker, data, 1) == cut(chunker, data)


@every_chunker
def test_a_window_as_long_as_the_longest_chunk_always_yields_a_cut(chunker: Chunker) -> None:
    begin = 0
    while begin + chunker.longest <= len(STREAM):
        found = chunker.cut(memoryview(STREAM)[begin : begin + chunker.longest], begin, final=False)
        assert found
        begin += sum(found)


@every_chunker
@given(begin=st.integers(0, len(STREAM)), length=st.integers(0, len(STREAM)))
def test_chunks_make_up_the_stream_within_the_limits(chunker: Chunker, begin: int, length: int) -> None:
    data = STREAM[begin : begin + length]
    lengths = cut(chunker, data)
    assert b"".join(chunks(data, lengths)) == data
    assert all(0 < length <= chunker.longest for length in lengths)
    if isinstance(chunker, FastCdc):
        assert all(length >= chunker.shortest for length in lengths[:-1])


@every_chunker
def test_an_end_without_further_bytes_adds_no_chunk(chunker: Chunker) -> None:
    assert chunker.cut(memoryview(b""), 500_000, final=True) == []
    assert chunker.cut(memoryview(b""), 0, final=False) == []


@every_chunker
def test_the_window_is_released(chunker: Chunker) -> None:
    buffer = bytearray(STREAM)
    chunker.cut(memoryview(buffer), 0, final=False)
    buffer.append(0)  # raises BufferError while a view of it is alive


def test_names_are_a_promise() -> None:
    assert [chunker.name for chunker in CHUNKERS[:3]] == ["fastcdc-64k/1", "fastcdc-4k/1", "whole/1"]
    assert [chunker.longest for chunker in CHUNKERS] == [262144, 16384, 131072, 131072]
