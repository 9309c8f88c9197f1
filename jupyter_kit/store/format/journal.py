"""The journal: every change of the index's lasting tables, written into the segments too, so that a lost index can be made anew.

Each commit adds one entry to the writer's open segment, chained to the entry before by its id. A chain starts at a base: a full copy of
the lasting tables, in one or more entries, which prune writes when it drops what went before. FORMAT.md, “Journal”, gives the bytes.
"""

from __future__ import annotations

import struct
import time
from collections.abc import Iterable, Iterator
from enum import IntFlag
from typing import NamedTuple

import zstandard
from blake3 import blake3

from jupyter_kit.store.format.codec import unpacked
from jupyter_kit.store.format.schema import ID_LENGTH, JOURNALED, Table, damaged_row

NO_ENTRY = bytes(ID_LENGTH)
"""What the first entry of a chain names as the one before."""

LEVEL = 3
"""zstd level: entries are mostly ids, which do not shrink, and text, which does."""

ENTRY_BYTES_MAX = 1 << 28
"""An entry that says it is longer than this, in bytes unpacked, is damage: writers commit before they reach a tenth of it."""

_HEAD = struct.Struct("<BQ32sB")  # version, sequence, id of the entry before, marks
_ROW = struct.Struct("<BBHI")  # table, 1 for a deletion, length of the key, length of the value
_VERSION = 1


class Mark(IntFlag):
    """What an entry is part of."""

    CHANGE = 0
    BASE = 1
    BASE_END = 2


class RowChange(NamedTuple):
    """One row put, or deleted where ``value`` is None."""

    table: Table
    key: bytes
    value: bytes | None


class Entry(NamedTuple):
    """One commit."""

    id: bytes
    sequence: int
    previous: bytes
    marks: int
    changes: tuple[RowChange, ...]


class Head(NamedTuple):
    """The newest entry of the journal."""

    sequence: int = 0
    id: bytes = NO_ENTRY


_NUMBERS = {table: number for number, table in enumerate(JOURNALED)}
_HEAD_ROW = struct.Struct("<Q32s")


def encode_head(head: Head) -> bytes:
    """The value of META’s row ``journal``."""
    return _HEAD_ROW.pack(*head)


def decode_head(value: bytes | None) -> Head:
    """Raises ContentCorrupt where the value is not a head."""
    if value is None:
        return Head()
    if len(value) != _HEAD_ROW.size:
        raise damaged_row(Table.META)
    return Head(*_HEAD_ROW.unpack(value))


def following(sequence: int) -> int:
    """The sequence of the entry that follows the one with ``sequence``: this moment, in microseconds since 1970, but always more.

    So where a writer died between its entry and its commit, the entry that somebody else made after the same one is known as the newer.
    """
    return max(sequence + 1, time.time_ns() // 1000)


def encode_entry(sequence: int, previous: bytes, changes: Iterable[RowChange], marks: Mark = Mark.CHANGE) -> tuple[bytes, bytes, int]:
    """An entry's id, its stored bytes, and its length unpacked."""
    parts = [_HEAD.pack(_VERSION, sequence, previous, marks)]
    for table, key, value in changes:
        parts.append(_ROW.pack(_NUMBERS[table], value is None, len(key), len(value or b"")))
        parts.append(key)
        parts.append(value or b"")
    payload = b"".join(parts)
    return blake3(payload).digest(), zstandard.ZstdCompressor(level=LEVEL).compress(payload), len(payload)


def decode_entry(identity: bytes, stored: bytes, raw_length: int) -> Entry:
    """Raises ValueError where the bytes are not the entry of that id."""
    if raw_length > ENTRY_BYTES_MAX:
        raise ValueError("the entry is too long")
    try:
        payload = unpacked(zstandard.ZstdDecompressor(), stored, raw_length)
        version, sequence, previous, marks = _HEAD.unpack_from(payload)
    except (ValueError, struct.error) as error:
        raise ValueError(f"the entry does not unpack ({error})") from error
    if version != _VERSION or blake3(payload).digest() != identity:
        raise ValueError("the entry does not match its id")
    return Entry(identity, sequence, previous, marks, tuple(_decode_rows(payload)))


def _decode_rows(payload: bytes) -> Iterator[RowChange]:
    offset = _HEAD.size
    while offset < len(payload):
        try:
            number, deleted, key_length, value_length = _ROW.unpack_from(payload, offset)
            table = JOURNALED[number]
        except (struct.error, IndexError) as error:
            raise ValueError("the entry has a row that is none") from error
        offset += _ROW.size
        key = payload[offset : offset + key_length]
        offset += key_length
        value = payload[offset : offset + value_length]
        offset += value_length
        if offset > len(payload):
            raise ValueError("the entry has a row that is cut off")
        yield RowChange(table, key, None if deleted else value)
