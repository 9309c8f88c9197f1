"""The store's format: its version and features, the tables of the index, and the layout of their rows. FORMAT.md specifies it."""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import NamedTuple

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, NotFound, StoreUnavailable, UnsupportedFormat

FORMAT_VERSION = 1
FEATURES = ("blake3", "xxh3", "zstd", "zstd-delta", "spans", "references", "promises")
"""Everything a reader must know to read the store. A store that names another feature is refused."""

ID_LENGTH = 32
"""Bytes of a BLAKE3-256 chunk id or root, and of a sha256 digest."""


class Table(str, Enum):
    """The tables of the index, by their LMDB name. FORMAT.md gives keys and values."""

    CHUNKS = "chunks"
    RECIPES = "recipes"
    BLOBS = "blobs"
    TAGS = "tags"
    SNAPSHOTS = "snapshots"
    AUDIT = "audit"
    VALUES = "values"
    SEGMENTS = "segments"
    STATS = "stats"
    META = "meta"
    REFERENCES = "references"
    DIGESTS = "digests"
    REMOTE_SEGMENTS = "remote_segments"
    REMOTE_CHUNKS = "remote_chunks"


JOURNALED = (
    Table.CHUNKS,
    Table.RECIPES,
    Table.BLOBS,
    Table.TAGS,
    Table.SNAPSHOTS,
    Table.AUDIT,
    Table.VALUES,
    Table.REFERENCES,
    Table.REMOTE_SEGMENTS,
    Table.REMOTE_CHUNKS,
)
"""Tables whose rows are also written to the journal in the segments, so that a lost index can be made anew. The position is the table's
number there, so the order is part of the format. SEGMENTS and META follow from the segments themselves; STATS and DIGESTS are caches."""


class Codec(int, Enum):
    """How a chunk's bytes are stored."""

    RAW = 0
    ZSTD = 1
    DELTA = 2
    """The 32-byte id of the base chunk, then a zstd frame whose dictionary is the base chunk's content."""


class ChunkRow(NamedTuple):
    """Where a chunk is. Lengths and offset are in bytes; ``inline`` holds the stored bytes of a small chunk, else ``segment`` has them."""

    codec: int
    depth: int
    """Chunks to decode before this one: 0 for RAW and ZSTD."""
    raw_length: int
    stored_length: int
    segment: int
    offset: int
    check: int
    """XXH3-64 of the stored bytes, for inline chunks; a segment keeps it in the record's header."""
    inline: bytes | None


_HEAD = struct.Struct("<BBBxII")  # place, codec, depth, raw length, stored length
_WHOLE = struct.Struct("<BBBxIIQQ")  # the same, with segment and offset
_PLACE = struct.Struct("<QQ")  # segment, offset
_CHECK = struct.Struct("<Q")
_IN_SEGMENT, _INLINE = 0, 1


def damaged_row(table: Table) -> ContentCorrupt:
    """The error for a row that is not as the format says."""
    return ContentCorrupt(
        f"The index has a damaged row in its table “{table.value}”.",
        hint="Run “jupyter kit check --rebuild” to make it anew from the segments.",
    )


def encode_chunk_row(row: ChunkRow) -> bytes:
    """The value of one row of CHUNKS."""
    if row.inline is None:
        return _HEAD.pack(_IN_SEGMENT, row.codec, row.depth, row.raw_length, row.stored_length) + _PLACE.pack(row.segment, row.offset)
    return _HEAD.pack(_INLINE, row.codec, row.depth, row.raw_length, row.stored_length) + _CHECK.pack(row.check) + row.inline


def decode_chunk_row(value: bytes | memoryview) -> ChunkRow:
    """Raises ContentCorrupt where the value is not a row."""
    try:
        if len(value) == _WHOLE.size and value[0] == _IN_SEGMENT:  # Nearly all; a large file has ten thousand of them.
            _, codec, depth, raw_length, stored_length, segment, offset = _WHOLE.unpack(value)
            return ChunkRow(codec, depth, raw_length, stored_length, segment, offset, 0, None)
        place, codec, depth, raw_length, stored_length = _HEAD.unpack_from(value)
        if place == _INLINE and len(value) == _HEAD.size + _CHECK.size + stored_length:
            (check,) = _CHECK.unpack_from(value, _HEAD.size)
            return ChunkRow(codec, depth, raw_length, stored_length, 0, 0, check, bytes(value[_HEAD.size + _CHECK.size :]))
    except struct.error as error:
        raise damaged_row(Table.CHUNKS) from error
    raise damaged_row(Table.CHUNKS)


def is_inline(value: bytes | memoryview) -> bool:
    """Whether a row of CHUNKS holds the chunk itself."""
    return len(value) > 0 and value[0] == _INLINE


_BLOB = struct.Struct("<Q32s")


@dataclass(frozen=True)
class BlobRow:
    """A blob: its size in bytes, and the root of its recipe."""

    size: int
    root: bytes


def encode_blob_row(row: BlobRow) -> bytes:
    """The value of one row of BLOBS."""
    return _BLOB.pack(row.size, row.root)


def decode_blob_row(value: bytes) -> BlobRow:
    """Raises ContentCorrupt where the value is not a row."""
    if len(value) != _BLOB.size:
        raise damaged_row(Table.BLOBS)
    return BlobRow(*_BLOB.unpack(value))


def write_format(folder: Path) -> None:
    """Write ``format.json``, whole or not at all."""
    text = json.dumps({"format": FORMAT_VERSION, "features": list(FEATURES)}, indent=1) + "\n"
    temporary = folder / "format.json.new"
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    try:
        system.write(descriptor, [text.encode()])
        system.sync_data(descriptor)
    finally:
        os.close(descriptor)
    os.replace(temporary, folder / "format.json")
    system.sync_folder(folder)


def announce(folder: Path) -> None:
    """Have ``format.json`` name every feature of this version, before a row of one that the store was made without is written."""
    if set(FEATURES) - set(json.loads((folder / "format.json").read_text())["features"]):
        write_format(folder)


def check_format(folder: Path) -> None:
    """Refuse a store that this version cannot read.

    Raises NotFound where there is no store, UnsupportedFormat for a newer version or an unknown feature, StoreUnavailable where
    ``format.json`` cannot be read.
    """
    path = folder / "format.json"
    try:
        document = json.loads(path.read_bytes())
        version, features = document["format"], document["features"]
        good = type(version) is int and version > 0 and type(features) is list
    except FileNotFoundError:
        raise NotFound(
            f"There is no store in {folder}.", hint="Run “jupyter kit init” in the folder you want to keep.", path=str(folder)
        ) from None
    except OSError as error:
        raise StoreUnavailable(
            f"{path} cannot be read: {error.strerror}.", hint="Check the permissions of the .kit folder.", path=str(path)
        ) from error
    except (ValueError, KeyError, TypeError, RecursionError):
        good = False
    if not good:
        raise UnsupportedFormat(
            f"{path} is not the description of a store.",
            hint="Restore it from a copy, or write the one that FORMAT.md shows.",
            path=str(path),
        )
    unknown = sorted(str(feature) for feature in features if feature not in FEATURES)
    if version > FORMAT_VERSION or unknown:
        what = f"format {version}" if version > FORMAT_VERSION else f"features this version does not know ({', '.join(unknown)})"
        raise UnsupportedFormat(
            f"The store in {folder} has {what}; this version reads format {FORMAT_VERSION}.",
            hint="Upgrade with “pip install --upgrade jupyter-kit”; nothing was changed.",
            path=str(folder),
        )
