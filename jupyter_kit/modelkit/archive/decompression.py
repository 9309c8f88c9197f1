"""Compressed layers, read as a stream within limits: what a few bytes may become is bounded, in memory and in all."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

import zstandard

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.system import Buffer

Compression = Literal["none", "gzip", "zstd"]

OUTPUT_BYTES = 1 << 20
"""Bytes that gzip hands out at once."""

INPUT_BYTES = 4096
"""Bytes that zstd takes at once. It hands out all that they become: at most 128 KiB for each four bytes (RFC 8878, RLE blocks), 128 MiB."""

WINDOW_BYTES_MAX = 1 << 27
"""Memory that a zstd frame may ask for, in bytes: what zstd(1) allows without being asked."""

EXPANSION_FREE = 1 << 30
"""Bytes that any layer may become: less hurts nobody."""

EXPANSION_MAX = 200
"""Beyond that, a layer may become this many times as long: text hardly reaches 20, a bomb of zeros 1,000 and more."""


class _Decoder(Protocol):
    """One gzip member or zstd frame."""

    @property
    def eof(self) -> bool:
        """Whether it ended."""

    @property
    def unused_data(self) -> bytes:
        """What came behind its end."""

    def feed(self, data: Buffer) -> Iterator[bytes]:
        """What the data becomes."""


class _Gzip:
    def __init__(self) -> None:
        self._decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data

    def feed(self, data: Buffer) -> Iterator[bytes]:
        while len(data) and not self._decoder.eof:
            yield self._decoder.decompress(data, OUTPUT_BYTES)
            data = self._decoder.unconsumed_tail


class _Zstd:
    def __init__(self) -> None:
        self._decoder = zstandard.ZstdDecompressor(max_window_size=WINDOW_BYTES_MAX).decompressobj()
        self._behind = b""

    @property
    def eof(self) -> bool:
        return self._decoder.eof

    @property
    def unused_data(self) -> bytes:
        return self._decoder.unused_data + self._behind

    def feed(self, data: Buffer) -> Iterator[bytes]:
        for start in range(0, len(data), INPUT_BYTES):
            if self._decoder.eof:
                self._behind = bytes(data[start:])
                return
            yield self._decoder.decompress(bytes(data[start : start + INPUT_BYTES]))


def decompressed(content: Iterable[Buffer], compression: Compression, size: int, name: str) -> Iterator[Buffer]:
    """The content without its compression, piece by piece. ``size`` is that of the compressed content in bytes, ``name`` for messages.

    Several members or frames, one after another, are one content. Raises ContentCorrupt where it is damaged or cut off, InvalidInput where
    it becomes longer than anything honest.
    """
    if compression == "none":
        yield from content
        return
    limit = max(EXPANSION_FREE, EXPANSION_MAX * size)
    decoder: _Decoder | None = None
    for piece in content:
        data: Buffer = piece
        while len(data):
            if decoder is None:
                decoder = _Gzip() if compression == "gzip" else _Zstd()
            try:
                for out in decoder.feed(data):
                    limit -= len(out)
                    if limit < 0:
                        raise _bomb(name)
                    yield out
            except (zlib.error, zstandard.ZstdError) as error:
                raise _damaged(name, compression, str(error)) from error
            data = b""
            if decoder.eof:
                data, decoder = decoder.unused_data, None
    if decoder is not None or size == 0:
        raise _damaged(name, compression, "it ends too early")


def _bomb(name: str) -> InvalidInput:
    return InvalidInput(f"{name} becomes over {EXPANSION_MAX} times as long as it is stored.", hint="Do not trust where it comes from.")


def _damaged(name: str, compression: Compression, reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"{name} is not what {compression} makes: {reason}.", hint="Ask whoever packed it to pack it again.")
