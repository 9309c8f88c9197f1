"""Raw, zstd and delta: what was encoded is decoded, and what is not that is refused, whatever it promises."""

from __future__ import annotations

import random
import tracemalloc

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import KIB, Compression
from jupyter_kit.store.format.codec import SAMPLE_BYTES, Codec, decode, encode, unpacked
from jupyter_kit.store.format.schema import ID_LENGTH
from tests.store.keeping import noise, text

CONTENTS = st.one_of(
    st.binary(max_size=300),
    st.builds(noise, st.integers(0, 9), st.integers(0, 40_000)),
    st.builds(lambda word, count: word * count, st.binary(min_size=1, max_size=20), st.integers(0, 2_000)),
)


@given(data=CONTENTS, base=CONTENTS, compression=st.sampled_from(["never", "sample", "delta"]))
def test_what_was_encoded_is_decoded(data: bytes, base: bytes, compression: Compression) -> None:
    codec, parts = encode(memoryview(data), compression, (bytes(ID_LENGTH), base))
    stored = b"".join(parts)
    assert bytes(decode(codec, stored, len(data), base)) == data
    assert len(stored) <= len(data)
    if codec is Codec.DELTA:
        assert stored[:ID_LENGTH] == bytes(ID_LENGTH)
    if compression == "never":
        assert codec is Codec.RAW


@given(codec=st.integers(0, 5), stored=st.binary(max_size=200), raw_length=st.integers(0, 300), base=st.none() | st.binary(max_size=20))
def test_anything_else_is_refused(codec: int, stored: bytes, raw_length: int, base: bytes | None) -> None:
    try:
        data = decode(codec, stored, raw_length, base)
    except ValueError:
        return
    assert len(data) == raw_length


@given(data=CONTENTS, cut=st.integers(0, 50), at=st.floats(0, 1, exclude_max=True))
def test_a_frame_that_was_changed_never_yields_another_length(data: bytes, cut: int, at: float) -> None:
    frame = bytearray(zstandard.compress(data))
    frame[int(at * len(frame))] ^= 1 + cut
    try:
        assert len(decode(Codec.ZSTD, bytes(frame[: len(frame) - cut]), len(data))) == len(data)
    except ValueError:
        pass


@pytest.mark.parametrize("sized", [True, False])
def test_a_frame_that_holds_more_than_was_kept_costs_no_memory(sized: bool) -> None:
    large = bytes(64 << 20)
    compressor = zstandard.ZstdCompressor(write_content_size=sized)
    frame = compressor.compress(large)
    base = noise(1, 100)
    delta = zstandard.ZstdCompressor(
        write_content_size=sized, dict_data=zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    ).compress(large)
    tracemalloc.start()
    try:
        for codec, stored in ((Codec.ZSTD, frame), (Codec.DELTA, bytes(ID_LENGTH) + delta)):
            with pytest.raises(ValueError, match=r"\w"):
                decode(codec, stored, 1_000, base)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


def test_a_frame_without_its_size_is_read_too() -> None:
    frame = zstandard.ZstdCompressor(write_content_size=False).compress(b"another writer")
    assert unpacked(zstandard.ZstdDecompressor(), frame, 14) == b"another writer"


def test_data_is_compressed_where_a_sample_says_so() -> None:
    words = b" ".join(b"%d" % random.Random(1).randrange(99) for _ in range(20_000))
    assert encode(words, "sample")[0] is Codec.ZSTD
    assert encode(noise(1, 60_000), "sample")[0] is Codec.RAW
    # Only the middle is looked at.
    assert encode(words + noise(1, len(words)) + words, "sample")[0] is Codec.RAW
    assert len(words) > 2 * SAMPLE_BYTES


def test_a_delta_is_made_where_it_is_less_than_half() -> None:
    before, after = text(1), text(1, changed=3)
    codec, parts = encode(after, "delta", (b"i" * ID_LENGTH, before))
    assert codec is Codec.DELTA
    assert sum(map(len, parts)) < KIB
    assert encode(text(2), "delta", (b"i" * ID_LENGTH, before))[0] is Codec.ZSTD
    assert encode(b"", "delta", (b"i" * ID_LENGTH, before))[0] is Codec.RAW
