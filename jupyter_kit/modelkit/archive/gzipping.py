"""Gzip as kit writes it (RFC 1952): no name, no time, the same bytes for the same content and version of zlib.

Go compresses with an encoder of its own, so the digest differs from kit's for the same content; the digest of what is inside, the diffId,
is equal.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from blake3 import blake3

from jupyter_kit.system import Buffer

GZIP_LEVELS = {"gzip": 6, "gzip-fastest": 1}
"""zlib's level for each of kit's words. Go's default is 6 as well."""

_HEADERS = {6: b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff", 1: b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x04\xff"}
"""Magic, deflate, no flags, no time, how hard it was tried (4: fastest), and an unknown system, as Go writes them."""


class Keys(NamedTuple):
    """What an archive's compressed form is remembered under: its digest, and that of what is inside."""

    digest: bytes
    diff_id: bytes


def keys_of(parts: Sequence[bytes | str], level: int) -> Keys:
    """Of an archive of literal bytes and of roots. Roots say what content is, and one version of zlib compresses alike each time."""
    named = key_of(parts, f"gzip 1\n{level} {zlib.ZLIB_RUNTIME_VERSION}")
    return Keys(blake3(b"digest" + named).digest(), blake3(b"diffId" + named).digest())


def key_of(parts: Sequence[bytes | str], form: str) -> bytes:
    """What an archive of literal bytes and of roots is remembered under, in a form of it such as ``tar 1``."""
    named = blake3(f"jupyter-kit {form}\n".encode())
    for part in parts:
        told = part if isinstance(part, bytes) else bytes.fromhex(part)
        named.update(f"{'literal' if isinstance(part, bytes) else 'root'} {len(told)}\n".encode() + told)
    return named.digest()


class Gzipped:
    """A stream of content, compressed while it is read; both digests (hexadecimal) are known at its end."""

    def __init__(self, content: Iterator[Buffer], level: int) -> None:
        self._pieces = self._compressed(content, level)
        self._left = b""
        self._inside = hashlib.sha256()
        self._stored = hashlib.sha256()

    @property
    def digest(self) -> str:
        """The sha256 of the compressed stream."""
        return self._stored.hexdigest()

    @property
    def diff_id(self) -> str:
        """The sha256 of the content."""
        return self._inside.hexdigest()

    def fill(self, buffer: memoryview, offset: int) -> int:
        """The next bytes of the stream, until the buffer is full or the stream ends. ``offset`` is where the last call ended."""
        done = 0
        while done < len(buffer):
            if not self._left:
                self._left = next(self._pieces, b"")
                if not self._left:
                    break
            piece = self._left[: len(buffer) - done]
            buffer[done : done + len(piece)] = piece
            self._left = self._left[len(piece) :]
            done += len(piece)
        return done

    def _compressed(self, content: Iterator[Buffer], level: int) -> Iterator[bytes]:
        encoder = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS)
        checksum = size = 0
        yield self._told(_HEADERS[level])
        for piece in content:
            self._inside.update(piece)
            checksum = zlib.crc32(piece, checksum)
            size += len(piece)
            compressed = encoder.compress(piece)
            if compressed:
                yield self._told(compressed)
        ending = checksum.to_bytes(4, "little") + (size & 0xFFFFFFFF).to_bytes(4, "little")
        yield self._told(encoder.flush() + ending)

    def _told(self, piece: bytes) -> bytes:
        self._stored.update(piece)
        return piece
