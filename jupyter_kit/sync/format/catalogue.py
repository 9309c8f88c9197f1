"""The catalogue of a push: where its chunks lie in which segments, and all that is not files' content: records, file lists, recipes.

FORMAT.md gives the bytes. A catalogue comes from other people: every offset, length and count is checked against what holds it before it
is used, and whatever is not right raises ContentCorrupt.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import zstandard

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.codec import DELTA_BYTES_MAX, DEPTH_MAX
from jupyter_kit.store.format.schema import ID_LENGTH, BlobRow, Codec

MAGIC = b"KITCAT\x00\x01"
"""First bytes of an unpacked catalogue; the last one is the version."""

PART_BYTES = 8 * MIB
"""Unpacked bytes after which a push begins another catalogue: some 6 GB of content, and little memory for whoever reads it."""

UNPACKED_BYTES_MAX = 32 * MIB
"""A catalogue that is longer unpacked is refused: no writer makes one, and reading it must fit into memory."""

CHUNK_BYTES_MAX = DELTA_BYTES_MAX
"""Longest content of a chunk, in bytes: no chunker makes a longer one."""

REMOTE_SEGMENT_BYTES_MAX = 64 * MIB
"""A longer segment is refused; writers stop at half of it."""

PARENTS_MAX = 255
"""Parents of one snapshot that the format has room for."""

LEVEL = 9
"""zstd level: ids shrink only where they stand a second time, far behind; level 3 does not look there and makes it half as long again."""

SECTIONS = ("segments", "chunks", "kept", "recipes", "blobs", "history")
"""In the order in which they stand; the number of each is its position, from 1."""

_SECTION = struct.Struct("<BI")
_SEGMENT = struct.Struct("<32sI")
_CHUNK = struct.Struct("<32sIIIIBB32s")
_KEPT = struct.Struct("<32sIIBB")
_RECIPE = struct.Struct("<32sI")
_BLOB = struct.Struct("<32sQ32s")
_HISTORY = struct.Struct("<32sB")
_NO_BASE = bytes(ID_LENGTH)


class Segment(NamedTuple):
    """A segment of the remote: sha256 and size in bytes."""

    digest: bytes
    size: int


class Place(NamedTuple):
    """Where a chunk is: in the segment at that position of the catalogue's list, from ``offset``. Lengths are in bytes."""

    id: bytes
    segment: int
    offset: int
    stored_length: int
    raw_length: int
    codec: int
    depth: int
    base: bytes | None


class Kept(NamedTuple):
    """A chunk that the catalogue holds itself, in stored form."""

    id: bytes
    codec: int
    depth: int
    raw_length: int
    stored: bytes


class Ancestor(NamedTuple):
    """A snapshot's id and its parents', also of snapshots that were removed from the history since."""

    id: bytes
    parents: tuple[bytes, ...]


class CatalogueWriter:
    """A catalogue being written."""

    def __init__(self) -> None:
        self._parts = {name: bytearray() for name in SECTIONS}
        self._segments: dict[Segment, int] = {}

    @property
    def length(self) -> int:
        """Bytes so far, unpacked."""
        return sum(map(len, self._parts.values()))

    def add_place(self, segment: Segment, place: Place) -> None:
        """``place.segment`` is set here."""
        position = self._segments.setdefault(segment, len(self._segments))
        if position == len(self._parts["segments"]) // _SEGMENT.size:
            self._parts["segments"] += _SEGMENT.pack(*segment)
        self._parts["chunks"] += _CHUNK.pack(place.id, position, *place[2:7], place.base or _NO_BASE)

    def add_kept(self, kept: Kept) -> None:
        """A delta's base is added before it, or is in an earlier catalogue."""
        self._parts["kept"] += _KEPT.pack(kept.id, len(kept.stored), kept.raw_length, kept.codec, kept.depth) + kept.stored

    def add_recipe(self, root: bytes, row: bytes) -> None:
        """``row`` as the store has it."""
        self._parts["recipes"] += _RECIPE.pack(root, len(row)) + row

    def add_blob(self, digest: bytes, row: BlobRow) -> None:
        """What its recipe names is kept in a catalogue, not in a segment."""
        self._parts["blobs"] += _BLOB.pack(digest, row.size, row.root)

    def add_ancestor(self, ancestor: Ancestor) -> None:
        """See :class:`Ancestor`."""
        self._parts["history"] += _HISTORY.pack(ancestor.id, len(ancestor.parents)) + b"".join(ancestor.parents)

    def add_all(self, other: Catalogue) -> None:
        """Everything that another catalogue says."""
        segments = other.segments()
        for place in other.places():
            self.add_place(segments[place.segment], place)
        for name in ("kept", "recipes", "blobs", "history"):
            self._parts[name] += other.section(name)

    def encode(self) -> bytes:
        """The catalogue as it travels."""
        sections = (_SECTION.pack(number, len(self._parts[name])) + self._parts[name] for number, name in enumerate(SECTIONS, 1))
        return zstandard.ZstdCompressor(level=LEVEL).compress(MAGIC + b"".join(sections))


class Catalogue:
    """A catalogue that was read; what is in it is checked as it is asked for. Every method raises ContentCorrupt."""

    def __init__(self, packed: bytes) -> None:
        try:
            if not 0 <= zstandard.frame_content_size(packed) <= UNPACKED_BYTES_MAX:
                raise _corrupt("it is too long")
            data = memoryview(zstandard.ZstdDecompressor().decompress(packed, max_output_size=UNPACKED_BYTES_MAX))
        except zstandard.ZstdError as error:
            raise _corrupt("it does not unpack") from error
        if data[: len(MAGIC)] != MAGIC:
            raise _corrupt("it does not begin as one")
        self._sections: dict[str, memoryview] = {}
        offset = len(MAGIC)
        for number, name in enumerate(SECTIONS, 1):
            found, length = _unpack(_SECTION, data, offset)
            offset += _SECTION.size
            if found != number:
                raise _corrupt(f"its {name} are not in their place")
            self._sections[name] = _run(data, offset, length)
            offset += length
        if offset != len(data):
            raise _corrupt("something follows its end")

    def section(self, name: str) -> memoryview:
        """The bytes of a section."""
        return self._sections[name]

    def segments(self) -> list[Segment]:
        """The segments it describes."""
        segments = [Segment(*fields) for fields in self._rows("segments", _SEGMENT)]
        if any(segment.size > REMOTE_SEGMENT_BYTES_MAX for segment in segments):
            raise _corrupt("a segment is too long")
        return segments

    def places(self) -> Iterator[Place]:
        """Where the chunks are that it describes."""
        sizes = [segment.size for segment in self.segments()]
        for fields in self._rows("chunks", _CHUNK):
            place = Place(*fields)
            if place.codec != Codec.DELTA:
                place = place._replace(base=None)
            _check_chunk(place.codec, place.depth, place.stored_length, place.raw_length)
            if place.segment >= len(sizes) or place.offset + place.stored_length > sizes[place.segment]:
                raise _corrupt(f"chunk {place.id.hex()[:16]} is outside of its segment")
            yield place

    def kept(self) -> Iterator[Kept]:
        """The chunks it holds itself."""
        data = self._sections["kept"]
        offset = 0
        while offset < len(data):
            identity, stored_length, raw_length, codec, depth = _unpack(_KEPT, data, offset)
            _check_chunk(codec, depth, stored_length, raw_length)
            offset += _KEPT.size
            yield Kept(identity, codec, depth, raw_length, bytes(_run(data, offset, stored_length)))
            offset += stored_length

    def recipes(self) -> Iterator[tuple[bytes, bytes]]:
        """(root, row of RECIPES). That the row is a recipe's, and of that root, is not checked here."""
        data = self._sections["recipes"]
        offset = 0
        while offset < len(data):
            root, length = _unpack(_RECIPE, data, offset)
            offset += _RECIPE.size
            yield root, bytes(_run(data, offset, length))
            offset += length

    def blobs(self) -> Iterator[tuple[bytes, BlobRow]]:
        """(digest, size and root). That the content has the digest is not checked here."""
        for digest, size, root in self._rows("blobs", _BLOB):
            yield digest, BlobRow(size, root)

    def history(self) -> Iterator[Ancestor]:
        """Snapshots with their parents, oldest first."""
        data = self._sections["history"]
        offset = 0
        while offset < len(data):
            identity, count = _unpack(_HISTORY, data, offset)
            offset += _HISTORY.size
            parents = bytes(_run(data, offset, count * ID_LENGTH))
            yield Ancestor(identity, tuple(parents[at : at + ID_LENGTH] for at in range(0, len(parents), ID_LENGTH)))
            offset += len(parents)

    def _rows(self, name: str, layout: struct.Struct) -> Iterator[tuple[Any, ...]]:
        data = self._sections[name]
        if len(data) % layout.size:
            raise _corrupt(f"its {name} are cut off")
        return layout.iter_unpack(data)


def _check_chunk(codec: int, depth: int, stored_length: int, raw_length: int) -> None:
    if codec not in (Codec.RAW, Codec.ZSTD, Codec.DELTA) or (depth > 0) != (codec == Codec.DELTA) or depth > DEPTH_MAX:
        raise _corrupt("a chunk has no codec that there is")
    if raw_length > CHUNK_BYTES_MAX or stored_length > raw_length + ID_LENGTH or (codec == Codec.RAW and stored_length != raw_length):
        raise _corrupt("a chunk has a length that no chunk has")


def _unpack(layout: struct.Struct, data: memoryview, offset: int) -> tuple[Any, ...]:
    try:
        return layout.unpack_from(data, offset)
    except struct.error as error:
        raise _corrupt("it is cut off") from error


def _run(data: memoryview, offset: int, length: int) -> memoryview:
    if offset + length > len(data):
        raise _corrupt("it is cut off")
    return data[offset : offset + length]


def _corrupt(reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"A catalogue of the remote is damaged: {reason}.", hint="Ask whoever pushed it to push again.")
