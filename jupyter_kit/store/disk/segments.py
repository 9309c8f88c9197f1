"""Segments: append-only files of records, each a chunk or a piece of the journal. FORMAT.md, “Segments”, gives the bytes.

A segment that is being written is locked (the kernel drops the lock when the writer dies). What lies behind the length that the index
records is the unreachable tail of a writer that died; whoever appends next cuts it off.
"""

from __future__ import annotations

import errno
import os
import re
import struct
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from enum import IntEnum
from pathlib import Path
from typing import NamedTuple

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.store.format.codec import check_of
from jupyter_kit.store.format.schema import ID_LENGTH

SEGMENT_BYTES = 32 * MIB
"""A segment this long is sealed: few enough files, and the unit that also syncs well to a registry (16 to 64 MiB measured alike)."""

SECTOR_BYTES = 4096
"""What a disk that fails loses at the least, and reads at once."""

OPEN_FILES_MAX = 32
"""Segments kept open for reading: neighbours are read in runs, and a process may have as few as 256 descriptors (macOS)."""

MAGIC = b"KITSEG\x00\x01"
"""First bytes of a segment; the last one is the version of the record layout."""

_NAME = re.compile(r"[0-9a-f]{16}\.segment")
"""The file name of a segment: its number."""

RECORD_MAGIC = b"KREC"
"""First bytes of a record, so that a scan finds the next one behind damage."""

HEADER = struct.Struct("<8sQ")  # magic, segment number
RECORD = struct.Struct("<4sBBBxIIQ32s")  # magic, kind, codec, depth, stored length, raw length, XXH3-64 of the stored bytes, id


class RecordKind(IntEnum):
    """What a record holds."""

    CHUNK = 1
    JOURNAL = 2


class Record(NamedTuple):
    """A record's header, and where its stored bytes begin in the segment. Lengths are in bytes."""

    kind: int
    codec: int
    depth: int
    stored_length: int
    raw_length: int
    check: int
    id: bytes
    offset: int


def pack_record(
    kind: RecordKind, codec: int, stored: list[system.Buffer], *, raw_length: int, identity: bytes, depth: int
) -> tuple[bytes, int]:
    """A record's header, and the length of its stored bytes."""
    stored_length = sum(len(buffer) for buffer in stored)
    check = check_of(stored[0] if len(stored) == 1 else b"".join(stored))
    return RECORD.pack(RECORD_MAGIC, kind, codec, depth, stored_length, raw_length, check, identity), stored_length


def unpack_record(data: system.Buffer, offset: int, position: int) -> Record:
    """The record whose header lies at ``position`` of ``data`` and at ``offset`` of the segment. Raises ValueError where there is none."""
    try:
        magic, kind, codec, depth, stored_length, raw_length, check, identity = RECORD.unpack_from(data, position)
    except struct.error as error:
        raise ValueError("the record is cut off") from error
    if magic != RECORD_MAGIC:
        raise ValueError("there is no record")
    return Record(kind, codec, depth, stored_length, raw_length, check, identity, offset + RECORD.size)


def segment_path(folder: Path, number: int) -> Path:
    """Where a segment lies. Numbers are random, so that two writers need not agree on the next one."""
    return folder / f"{number:016x}.segment"


def segment_numbers(folder: Path) -> list[int]:
    """The segments that exist as files, in no order. What has another name is none of ours."""
    return [int(name[:16], 16) for name in os.listdir(folder) if _NAME.fullmatch(name)]


class OpenSegment:
    """A segment being appended to, by this process alone. Offsets are in bytes."""

    def __init__(self, folder: Path, number: int, descriptor: int, length: int) -> None:
        self.number = number
        self.length = length
        self.synced = length
        self.is_known = False
        """The index has a row of it, so that another writer would adopt it as soon as it is closed."""
        self._descriptor = descriptor
        self._pending: list[system.Buffer] = []
        self._folder = folder

    @classmethod
    def create(cls, folder: Path) -> OpenSegment:
        """A new segment, locked. Its name is not durable yet: sync the folder before anything refers to it."""
        number = int.from_bytes(os.urandom(8), "big")
        descriptor = os.open(segment_path(folder, number), os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o644)
        if not _locked(descriptor):
            return cls.create(folder)  # Somebody holds it although it is new; another number is as good.
        segment = cls(folder, number, descriptor, 0)
        segment._pending.append(HEADER.pack(MAGIC, number))
        segment.length = HEADER.size
        return segment

    @classmethod
    def adopt(cls, folder: Path, number: int) -> OpenSegment | None:
        """An unsealed segment of a writer that is done, locked; None where it is in use or gone. Call :meth:`cut` before appending."""
        try:
            descriptor = os.open(segment_path(folder, number), os.O_RDWR | getattr(os, "O_BINARY", 0))
        except FileNotFoundError:
            return None
        return cls(folder, number, descriptor, 0) if _locked(descriptor) else None

    def cut(self, length: int) -> None:
        """Drop what lies behind ``length``, the tail of a writer that died, and go on from there."""
        if os.fstat(self._descriptor).st_size > length:
            os.ftruncate(self._descriptor, length)
        os.lseek(self._descriptor, length, os.SEEK_SET)
        self.length = self.synced = length
        self.is_known = True

    def append(self, header: bytes, stored: list[system.Buffer]) -> int:
        """Queue a record; returns the offset of its header. Call :meth:`flush` before the buffers are used again."""
        offset = self.length
        self._pending.append(header)
        self._pending.extend(stored)
        self.length += len(header) + sum(len(buffer) for buffer in stored)
        return offset

    def flush(self) -> None:
        """Hand queued records to the operating system."""
        if self._pending:
            pending, self._pending = self._pending, []
            system.write(self._descriptor, pending)

    def sync(self) -> None:
        """Make everything appended durable."""
        self.flush()
        if self.synced < self.length:
            length = self.length
            system.sync_data(self._descriptor)
            self.synced = length

    def close(self) -> None:
        """Give up the lock. What was not synced and recorded in the index is a tail."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1


def _locked(descriptor: int) -> bool:
    """Lock an open segment; where that does not succeed, it is closed again."""
    taken = False
    try:
        taken = system.lock(descriptor, exclusive=True)
    finally:
        if not taken:
            os.close(descriptor)
    return taken


class _File:
    """A descriptor that closes when the last reader lets go of it, so that no thread reads from a number that was given to another file."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))

    def __del__(self) -> None:
        if hasattr(self, "descriptor"):
            os.close(self.descriptor)


class SegmentReader:
    """Reads records of any segment, with a bounded number of files open. Safe for several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: OrderedDict[int, _File] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, number: int, offset: int, length: int) -> bytes:
        """``length`` bytes at ``offset``; fewer where the segment ends. Raises FileNotFoundError where there is no such segment."""
        file = self._file(number)  # Held while it is read: another thread may close this reader.
        return system.read_bytes_at(file.descriptor, length, offset)

    def read_into(self, number: int, offset: int, buffer: memoryview) -> int:
        """Fill ``buffer`` from ``offset``; returns the bytes read."""
        file = self._file(number)
        return system.read_at(file.descriptor, buffer, offset)

    def read_scattered(self, number: int, offset: int, buffers: Sequence[memoryview]) -> int:
        """Fill buffers one behind the other, as :func:`~jupyter_kit.system.read_scattered_at` does; returns the bytes read."""
        file = self._file(number)
        return system.read_scattered_at(file.descriptor, buffers, offset)

    def _file(self, number: int) -> _File:
        with self._lock:
            file = self._files.get(number)
            if file is None:
                file = self._files[number] = _File(segment_path(self.folder, number))
                if len(self._files) > OPEN_FILES_MAX:
                    self._files.popitem(last=False)
            else:
                self._files.move_to_end(number)
            return file

    def close(self) -> None:
        """Let go of every file. Reading again opens them again."""
        with self._lock:
            self._files.clear()


def scan(folder: Path, number: int) -> Iterator[tuple[Record, bytes | None]]:
    """Every record of a segment in order, with its stored bytes, or None where they do not match their XXH3-64.

    Behind damage the scan goes on where the damaged record says that it ends, if a record begins there, else at the next one it finds.
    """
    with segment_path(folder, number).open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        offset = HEADER.size
        while offset + RECORD.size <= size:
            header = read_or_zeros(file.fileno(), RECORD.size, offset)
            try:
                record = unpack_record(header, offset, 0)
            except ValueError:
                offset = _next_record(file.fileno(), offset + 1, size)
                continue
            end = record.offset + record.stored_length
            stored = read_or_zeros(file.fileno(), record.stored_length, record.offset) if end <= size else b""
            whole = len(stored) == record.stored_length and check_of(stored) == record.check
            yield record, stored if whole else None
            # What is found by searching may be content: a file that is kept can hold a copy of a segment.
            follows = end == size or read_or_zeros(file.fileno(), len(RECORD_MAGIC), end) == RECORD_MAGIC
            offset = end if whole or follows else _next_record(file.fileno(), offset + 1, size)


def read_or_zeros(descriptor: int, length: int, offset: int) -> bytes:
    """As :func:`system.read_bytes_at`, with zeros for what the disk does not give back, so that the rest is not lost with it."""
    try:
        return system.read_bytes_at(descriptor, length, offset)
    except OSError as error:
        if error.errno != errno.EIO:
            raise
    if length <= SECTOR_BYTES:
        return bytes(length)
    starts = range(0, length, SECTOR_BYTES)
    return b"".join(read_or_zeros(descriptor, min(SECTOR_BYTES, length - start), offset + start) for start in starts)


def _next_record(descriptor: int, offset: int, size: int) -> int:
    """Offset of the next record's magic at or behind ``offset``, or ``size``."""
    while offset < size:
        window = read_or_zeros(descriptor, MIB, offset)
        found = window.find(RECORD_MAGIC)
        if found >= 0:
            return offset + found
        if len(window) < MIB:
            break
        offset += len(window) - len(RECORD_MAGIC) + 1
    return size


assert RECORD.size == 24 + ID_LENGTH
