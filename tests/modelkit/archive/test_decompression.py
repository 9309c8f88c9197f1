"""Compressed content: however it comes in pieces, it is the same; damaged, it is told; and it never becomes more than it may."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from typing import Literal

import pytest
import zstandard
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.modelkit.archive.decompression import OUTPUT_BYTES, decompressed

Name = Literal["gzip", "zstd"]
COMPRESS = {"gzip": gzip.compress, "zstd": zstandard.compress}


def pieces(data: bytes, length: int) -> Iterator[memoryview]:
    return (memoryview(data)[start : start + length] for start in range(0, len(data), length))


@given(
    parts=st.lists(st.binary(max_size=3000), min_size=1, max_size=4), name=st.sampled_from(["gzip", "zstd"]), length=st.integers(1, 9000)
)
@hypothesis_settings(max_examples=80)
def test_content_in_any_pieces_and_members_is_what_it_was(parts: list[bytes], name: Name, length: int) -> None:
    stored = b"".join(COMPRESS[name](part) for part in parts)
    assert b"".join(decompressed(pieces(stored, length), name, len(stored), "it")) == b"".join(parts)


@given(data=st.data(), name=st.sampled_from(["gzip", "zstd"]))
@hypothesis_settings(max_examples=150)
def test_damage_is_told_or_changes_nothing_but_what_has_no_check(data: st.DataObject, name: Name) -> None:
    stored = bytearray(COMPRESS[name](bytes(range(256)) * 8))
    stored[data.draw(st.integers(0, len(stored) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(stored[: data.draw(st.integers(0, len(stored)))])
    try:
        assert len(b"".join(decompressed(pieces(cut, 100), name, len(cut), "it"))) <= 1 << 20
    except (ContentCorrupt, InvalidInput) as error:
        assert error.message.startswith("it ")


def test_gzip_hands_out_little_at_once() -> None:
    stored = gzip.compress(bytes(8 << 20))
    assert max(map(len, decompressed([stored], "gzip", 1 << 30, "it"))) <= OUTPUT_BYTES


def test_a_frame_that_wants_too_much_memory_is_refused() -> None:
    greedy = zstandard.ZstdCompressor(compression_params=zstandard.ZstdCompressionParameters(window_log=28)).compressobj()
    stored = greedy.compress(b"x" * 1000) + greedy.flush()
    with pytest.raises(ContentCorrupt, match="zstd"):
        list(decompressed([stored], "zstd", len(stored), "it"))
