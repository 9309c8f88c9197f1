"""A recipe: the ordered spans of chunks that make up a file or blob, its encoding, and its root.

A span is a run of a chunk's content, written as it is or in base64 (a notebook keeps its figures decoded). Most spans are whole chunks.
FORMAT.md, “Recipes”, gives the bytes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from blake3 import blake3

from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.chunking.encoding import encoded_length

RECIPE_VERSION = 1

INLINE_LIST_MAX = 1024
"""Bytes of an encoded list that stay in the row; longer ones are chunks, so that a small change in 10 GB stores few ids again."""

_WHOLE, _WHOLE_AGAIN, _RANGE, _RANGE_AGAIN = 0, 1, 2, 3
_whole = struct.Struct("<B32sI")
_whole_again = struct.Struct("<BII")
_range = struct.Struct("<B32sIIB")
_range_again = struct.Struct("<BIIIB")
_row = struct.Struct("<BBQB")  # version, form, size, length of the chunker's name
_LIST_INLINE, _LIST_CHUNKED = 0, 1
_LAYOUTS = (_whole, _whole_again, _range, _range_again)


class Span(NamedTuple):
    """``length`` bytes from ``start`` of a chunk's content, in ``encoding`` in the file. ``whole`` where that is all of the chunk."""

    chunk: bytes
    start: int
    length: int
    encoding: Encoding = Encoding.IDENTITY
    whole: bool = True

    @property
    def appears(self) -> int:
        """Bytes of the file that the span makes up."""
        return self.length if self.encoding is Encoding.IDENTITY else encoded_length(self.length, self.encoding)


@dataclass(frozen=True)
class Recipe:
    """``size`` is the file's, in bytes; ``chunker`` names what cut it."""

    root: bytes
    chunker: str
    size: int
    spans: tuple[Span, ...]


class Row(NamedTuple):
    """A row of RECIPES: the list itself, or the spans of the chunks that hold it."""

    chunker: str
    size: int
    listing: bytes
    chunked: bool


def encode_spans(spans: Iterable[Span]) -> bytes:
    """The list's bytes. A chunk is named in full once, then by its position among the chunks named, which keeps notebooks' lists small."""
    named: dict[bytes, int] = {}
    parts = []
    for chunk, start, length, encoding, whole in spans:
        position = named.get(chunk)
        if position is None:
            named[chunk] = len(named)
            parts.append(_whole.pack(_WHOLE, chunk, length) if whole else _range.pack(_RANGE, chunk, start, length, encoding))
        elif whole:
            parts.append(_whole_again.pack(_WHOLE_AGAIN, position, length))
        else:
            parts.append(_range_again.pack(_RANGE_AGAIN, position, start, length, encoding))
    return b"".join(parts)


def decode_spans(listing: bytes) -> tuple[Span, ...]:
    """The spans of a list. Raises ValueError where the bytes are not a list."""
    named: list[bytes] = []
    spans = []
    offset = 0
    try:
        while offset < len(listing):
            form = listing[offset]
            layout = _LAYOUTS[form]
            fields = layout.unpack_from(listing, offset)
            offset += layout.size
            if form in (_WHOLE, _RANGE):
                named.append(fields[1])
            chunk = fields[1] if form in (_WHOLE, _RANGE) else named[fields[1]]
            if form in (_WHOLE, _WHOLE_AGAIN):
                spans.append(Span(chunk, 0, fields[2]))
            else:
                spans.append(Span(chunk, fields[2], fields[3], Encoding(fields[4]), whole=False))
    except (struct.error, IndexError) as error:
        raise ValueError("not a list of spans") from error
    return tuple(spans)


def root_of(chunker: str, listing: bytes) -> bytes:
    """BLAKE3-256 of the chunker's name and the list: equal roots mean equal content, cut by the same chunker."""
    return blake3(b"jupyter-kit recipe 1\n" + chunker.encode() + b"\n" + listing).digest()


def encode_row(row: Row) -> bytes:
    """The value of one row of RECIPES."""
    name = row.chunker.encode()
    return _row.pack(RECIPE_VERSION, _LIST_CHUNKED if row.chunked else _LIST_INLINE, row.size, len(name)) + name + row.listing


def decode_row(value: bytes) -> Row:
    """Raises ValueError where the value is not a row."""
    try:
        version, form, size, name_length = _row.unpack_from(value)
        name = value[_row.size : _row.size + name_length].decode()
    except (struct.error, UnicodeDecodeError) as error:
        raise ValueError("not a recipe row") from error
    if version != RECIPE_VERSION or form not in (_LIST_INLINE, _LIST_CHUNKED):
        raise ValueError(f"recipe version {version}, form {form}")
    return Row(name, size, value[_row.size + name_length :], form == _LIST_CHUNKED)
