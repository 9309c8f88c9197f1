"""What remotes have of this store's chunks: in which of their segments, and where in it. FORMAT.md, “Elsewhere”, gives the rows.

A chunk that has such a row and none in CHUNKS is *promised*: recipes may name it, and a read fetches it first. The rows of chunks that are
here, too, say what need not be pushed again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

import lmdb

from jupyter_kit.store.disk.environment import Environment
from jupyter_kit.store.format.schema import ID_LENGTH, Codec, Table

BATCH = 10_000
"""Chunks looked at together: some 5 MB of memory, for 0.6 GB of content."""

CATALOGUES = 1 << 31
"""Numbers from here on are those of catalogues, smaller ones those of segments."""

T = TypeVar("T")

_SEGMENT = struct.Struct("<Q32s")  # size, digest; then the remote's name
_CHUNK = struct.Struct("<BBxxIII")  # codec, depth, raw length, stored length, offset; then a delta's base
_NUMBER = struct.Struct(">I")


class RemoteSegment(NamedTuple):
    """A segment or catalogue that a remote has: the remote's name, the sha256, and the size in bytes."""

    remote: str
    digest: bytes
    size: int


class Promise(NamedTuple):
    """One place where a chunk can be fetched. Lengths and ``offset`` are in bytes; ``segment`` is a number of REMOTE_SEGMENTS."""

    id: bytes
    segment: int
    codec: int
    depth: int
    raw_length: int
    stored_length: int
    offset: int
    base: bytes | None
    """The chunk that a delta was made against."""

    @property
    def end(self) -> int:
        """Offset behind its last byte."""
        return self.offset + self.stored_length


def segment_row(number: int, segment: RemoteSegment) -> tuple[bytes, bytes]:
    """Key and value of a row of REMOTE_SEGMENTS."""
    return _NUMBER.pack(number), _SEGMENT.pack(segment.size, segment.digest) + segment.remote.encode()


def promise_row(promise: Promise) -> tuple[bytes, bytes]:
    """Key and value of a row of REMOTE_CHUNKS."""
    value = _CHUNK.pack(promise.codec, promise.depth, promise.raw_length, promise.stored_length, promise.offset)
    return promise.id + _NUMBER.pack(promise.segment), value + (promise.base or b"")


def decode_promise(key: bytes, value: bytes) -> Promise:
    """Raises struct.error where the row is none."""
    (segment,) = _NUMBER.unpack(key[ID_LENGTH:])
    codec, depth, raw_length, stored_length, offset = _CHUNK.unpack_from(value)
    base = bytes(value[_CHUNK.size :]) if codec == Codec.DELTA else None
    return Promise(bytes(key[:ID_LENGTH]), segment, codec, depth, raw_length, stored_length, offset, base)


def remote_segments(environment: Environment) -> dict[int, RemoteSegment]:
    """Every segment and catalogue that a remote is known to have, by number."""
    found = {}
    for key, value in environment.rows(Table.REMOTE_SEGMENTS):
        size, digest = _SEGMENT.unpack_from(value)
        found[_NUMBER.unpack(key)[0]] = RemoteSegment(value[_SEGMENT.size :].decode(), digest, size)
    return found


def next_numbers(environment: Environment) -> tuple[int, int]:
    """The first free numbers of a segment and of a catalogue."""
    numbers = remote_segments(environment)
    segments = [number for number in numbers if number < CATALOGUES]
    return max(segments, default=-1) + 1, max(numbers.keys() - segments, default=CATALOGUES - 1) + 1


def places_of(environment: Environment, identities: Iterable[bytes]) -> dict[bytes, list[Promise]]:
    """Every row of each chunk, catalogues among them."""
    table = environment.tables[Table.REMOTE_CHUNKS]
    with environment.read() as transaction:
        cursor = transaction.cursor(db=table)
        return {identity: list(_rows_of(cursor, identity)) for identity in identities}


def promises_of(environment: Environment, identities: Iterable[bytes]) -> dict[bytes, list[Promise]]:
    """Where each chunk can be fetched, for all that were asked."""
    return {
        identity: [promise for promise in places if promise.segment < CATALOGUES]
        for identity, places in places_of(environment, identities).items()
    }


def promised(environment: Environment, identities: Iterable[bytes]) -> dict[bytes, int]:
    """Those of the chunks that can be fetched, each with the number of a segment that has it. Holds nothing else in memory."""
    table = environment.tables[Table.REMOTE_CHUNKS]
    found = {}
    with environment.read() as transaction:
        cursor = transaction.cursor(db=table)
        for identity in identities:
            if cursor.set_range(identity) and cursor.key()[:ID_LENGTH] == identity:
                (number,) = _NUMBER.unpack(cursor.key()[ID_LENGTH:])
                if number < CATALOGUES:
                    found[identity] = number
    return found


def batches(identities: Iterable[T]) -> Iterator[list[T]]:
    """The same in lists of bounded length: what is known of a chunk takes half a kilobyte of memory."""
    left = iter(identities)
    while batch := list(islice(left, BATCH)):
        yield batch


def _rows_of(cursor: lmdb.Cursor, identity: bytes) -> Iterator[Promise]:
    found = cursor.set_range(identity)
    while found and cursor.key()[:ID_LENGTH] == identity:
        yield decode_promise(bytes(cursor.key()), bytes(cursor.value()))
        found = cursor.next()


def unreachable(environment: Environment, reached: set[bytes]) -> Iterator[tuple[Table, bytes]]:
    """The rows that go when only ``reached`` chunks stay: promises of the others, and all that was read from catalogues.

    Catalogues are read again at the next contact: what they hold besides chunks that are gone may be needed by then.
    """
    for key, _ in environment.rows(Table.REMOTE_SEGMENTS):
        if _NUMBER.unpack(key)[0] >= CATALOGUES:
            yield Table.REMOTE_SEGMENTS, key
    for key, _ in environment.rows(Table.REMOTE_CHUNKS):
        if key[:ID_LENGTH] not in reached or _NUMBER.unpack(key[ID_LENGTH:])[0] >= CATALOGUES:
            yield Table.REMOTE_CHUNKS, key
