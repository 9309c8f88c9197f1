"""How a chunk's bytes become stored bytes and come back: raw, zstd, or a delta against an earlier chunk."""

from __future__ import annotations

import threading

import zstandard
from xxhash import xxh3_64_intdigest

from jupyter_kit.chunking.chunker import KIB, Compression
from jupyter_kit.store.format.schema import ID_LENGTH, Codec
from jupyter_kit.system import Buffer

SAMPLE_BYTES = 4 * KIB
"""Taken from the chunk's middle: 4 to 24 µs tell what compressing the whole would (measured right on every kind of data tried)."""

SAMPLE_WORTH = 0.92
"""A sample that stays above this ratio: the chunk is kept raw."""

WORTH = 0.95
"""A compressed chunk above this ratio is kept raw: reading it raw is faster than the space is worth."""

LEVEL = 1
"""zstd level for content: 0.3 to 0.7 GB/s a core; level 3 measured no smaller on weights and notebooks."""

DELTA_LEVEL = 9
"""zstd level for deltas: they are few and tiny, so the slower search costs nothing that can be felt."""

TEXT_LEVEL = 3
"""zstd level for whole chunks of the delta class: 10 % smaller than level 1 on text at two thirds of the speed."""

DEPTH_MAX = 31
"""Deltas on one full chunk, so that reading decodes at most 32 (one in 32 is full: measured on notebook histories)."""

DELTA_BYTES_MAX = 1024 * KIB
"""Longest chunk that takes part in deltas, so that a chain of 32 decodes in tens of milliseconds and 2 MiB of memory."""

_local = threading.local()


def check_of(stored: Buffer) -> int:
    """XXH3-64 of stored bytes, the integrity value kept with every chunk."""
    return int(xxh3_64_intdigest(stored))


def encode(data: Buffer, compression: Compression, base: tuple[bytes, bytes] | None = None) -> tuple[Codec, list[Buffer]]:
    """Stored form of a chunk: the codec, and buffers that together are the stored bytes.

    ``base`` is (chunk id, content) of an earlier version, used where the delta is the smallest form.
    """
    if compression == "never" or not len(data):
        return Codec.RAW, [data]
    if compression == "delta" and base is not None:
        delta = _delta_compressor(base[1], len(data)).compress(data)
        if len(delta) + ID_LENGTH < len(data) // 2:
            return Codec.DELTA, [base[0], delta]
    if compression == "sample" and len(data) > 2 * SAMPLE_BYTES and not _sample_pays(data):
        return Codec.RAW, [data]
    compressed = _compressor(TEXT_LEVEL if compression == "delta" else LEVEL).compress(data)
    return (Codec.ZSTD, [compressed]) if len(compressed) <= WORTH * len(data) else (Codec.RAW, [data])


def decode(codec: int, stored: Buffer, raw_length: int, base: bytes | None = None) -> Buffer:
    """A chunk's content. Raises ValueError where the stored bytes do not decode to ``raw_length`` bytes."""
    if codec == Codec.RAW:
        data: Buffer = stored
    elif codec == Codec.ZSTD:
        data = unpacked(_decompressor(), stored, raw_length)
    elif codec == Codec.DELTA and base is not None:
        dictionary = zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
        data = unpacked(zstandard.ZstdDecompressor(dict_data=dictionary), stored[ID_LENGTH:], raw_length)
    else:
        raise ValueError(f"unknown codec {codec}")
    if len(data) != raw_length:
        raise ValueError(f"{len(data)} bytes where {raw_length} were kept")
    return data


def unpacked(decompressor: zstandard.ZstdDecompressor, frame: Buffer, raw_length: int) -> bytes:
    """What one zstd frame holds, at most ``raw_length`` bytes. Raises ValueError where it is no frame, or holds more."""
    try:
        if zstandard.frame_content_size(frame) > raw_length:  # The decompressor would believe the frame, however much it promises.
            raise ValueError(f"the frame holds more than {raw_length} bytes")
        return decompressor.decompress(frame, max_output_size=raw_length)
    except zstandard.ZstdError as error:
        raise ValueError(str(error)) from error


def _sample_pays(data: Buffer) -> bool:
    middle = (len(data) - SAMPLE_BYTES) // 2
    sample = data[middle : middle + SAMPLE_BYTES]
    return len(_compressor(LEVEL).compress(sample)) <= SAMPLE_WORTH * SAMPLE_BYTES


def _compressor(level: int) -> zstandard.ZstdCompressor:
    """A compressor of this thread's own: zstd contexts may not be shared, and making one costs more than a small chunk."""
    compressors: dict[int, zstandard.ZstdCompressor] = _local.__dict__.setdefault("compressors", {})
    if level not in compressors:
        compressors[level] = zstandard.ZstdCompressor(level=level)
    return compressors[level]


def _delta_compressor(base: bytes, size: int) -> zstandard.ZstdCompressor:
    dictionary = zstandard.ZstdCompressionDict(base, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    parameters = zstandard.ZstdCompressionParameters.from_level(DELTA_LEVEL, source_size=size, dict_size=len(base))
    return zstandard.ZstdCompressor(compression_params=parameters, dict_data=dictionary)


def _decompressor() -> zstandard.ZstdDecompressor:
    if not hasattr(_local, "decompressor"):
        _local.decompressor = zstandard.ZstdDecompressor()
    decompressor: zstandard.ZstdDecompressor = _local.decompressor
    return decompressor
