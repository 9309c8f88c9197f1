"""Takes a tar stream apart into the contents of its members and the literal bytes around them, to the last byte.

A member's content is cut as the file itself would be, so a layer shares its chunks with the files that it holds. Nothing depends on
what headers say: whatever they claim, the parts in order are the stream. POSIX ustar and pax (IEEE 1003.1, “pax”), GNU tar and v7.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from jupyter_kit.chunking.chunker import KIB, MIB

BLOCK_BYTES: Final = 512
"""Headers are one block, contents are padded to blocks."""

EXTENSION_BYTES_MAX: Final = MIB
"""A longer pax header or GNU long name is an attack: Go's archive/tar and ours take no more."""

TAIL_BYTES_MAX: Final = 64 * KIB
"""What may follow the first block of zeros and still be literal: GNU tar pads to 10 KiB, and to more when told."""

_CHECKSUM: Final = slice(148, 156)
_EXTENSIONS: Final = frozenset(b"xXgLK")  # pax (and Solaris's) for one member, pax for all, GNU's long name and long target
_WITHOUT_CONTENT: Final = frozenset(b"123456")  # hard link, symlink, devices, folder, pipe: their size says nothing
_SPARSE: Final = ord("S")
_PAX_RECORD: Final = re.compile(rb"(\d{1,7}) ([^=]{1,255})=")  # length of the whole record, in bytes, and its key
_PAX_SIZE: Final = re.compile(rb"\d{1,19}")


@dataclass(frozen=True)
class Member:
    """``size`` bytes that come next. ``path`` is the member's; None for the rest of a stream that is no tar from here on."""

    path: str | None
    size: int


class Header(NamedTuple):
    """What a header block says; ``size`` is in bytes."""

    kind: int
    path: str
    size: int


class _Said(NamedTuple):
    """What extension headers say of the next member."""

    path: str | None = None
    size: int | None = None


class _Stream:
    """The stream, and how much of it is left."""

    def __init__(self, read: Callable[[int], bytes], size: int) -> None:
        self._read = read
        self.left = size

    def take(self, length: int) -> bytes:
        """The next bytes, fewer at the end."""
        data = self._read(min(length, self.left))
        self.left -= len(data)
        return data


def parts(read: Callable[[int], bytes], size: int) -> Iterator[bytes | Member]:
    """The parts of a stream of ``size`` bytes: literal bytes, and contents, which the caller takes itself before it asks for the next part.

    ``read(length)`` takes the next bytes of the stream. Literal parts are at most EXTENSION_BYTES_MAX long.
    """
    stream = _Stream(read, size)
    said = _Said()
    while stream.left:
        block = stream.take(BLOCK_BYTES)
        yield block
        if not any(block) and stream.left <= TAIL_BYTES_MAX:
            yield stream.take(stream.left)
            return
        header = parse_header(block)
        if header is not None and header.kind in _EXTENSIONS and header.size <= EXTENSION_BYTES_MAX:
            body = stream.take(header.size + -header.size % BLOCK_BYTES)
            yield body
            said = _extended(header.kind, body[: header.size], said)
            continue
        if header is not None and header.kind == _SPARSE:
            yield from _sparse_maps(stream, block)
        length = _content_length(header, said)
        if header is None or length > stream.left:
            break
        if length:
            yield Member(said.path or header.path, length)
            stream.left -= length
            yield stream.take(-length % BLOCK_BYTES)
        said = _Said()
    if stream.left:
        yield Member(None, stream.left)


def _content_length(header: Header | None, said: _Said) -> int:
    if header is None or header.kind in _WITHOUT_CONTENT:
        return 0
    return header.size if said.size is None else said.size


def _sparse_maps(stream: _Stream, header: bytes) -> Iterator[bytes]:
    """The blocks of a map that did not fit into a header of GNU's old sparse format; each says whether one more follows."""
    more = header[482]
    while more and stream.left:
        block = stream.take(BLOCK_BYTES)
        yield block
        more = len(block) > 504 and block[504]


def parse_header(block: bytes) -> Header | None:
    """A header block; None where it is none, or says what no header may."""
    if len(block) != BLOCK_BYTES:
        return None
    checksum, size = _number(block[_CHECKSUM]), _number(block[124:136])
    if size is None or checksum != sum(block) - sum(block[_CHECKSUM]) + 8 * ord(" "):
        return None
    name, prefix = _text(block[:100]), _text(block[345:500])
    ustar = block[257:263] == b"ustar\0" and prefix
    return Header(block[156], f"{prefix}/{name}" if ustar else name, size)


def _number(field: bytes) -> int | None:
    """Octal digits, or base 256 where the first bit is set; None where it is neither, or negative."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else None
    text = field.split(b"\0")[0].strip(b" ") or b"0"
    return int(text, 8) if text.strip(b"01234567") == b"" else None


def _text(field: bytes) -> str:
    return field.split(b"\0")[0].decode("utf-8", "replace")


def _extended(kind: int, body: bytes, said: _Said) -> _Said:
    """What is known of the next member behind one more extension header."""
    if kind == ord("L"):
        return said._replace(path=_text(body))
    offset = 0
    while kind in b"xX" and (record := _PAX_RECORD.match(body, offset)):
        end = offset + int(record[1])
        value = body[record.end() : end - 1]
        if record[2] == b"path":
            said = said._replace(path=value.decode("utf-8", "replace"))
        elif record[2] == b"size" and _PAX_SIZE.fullmatch(value):
            said = said._replace(size=int(value))
        offset = max(end, record.end())
    return said
