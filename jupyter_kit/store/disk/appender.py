"""Where one writing process puts its records: an open segment of its own, full ones made durable in the background.

An appender that failed once is done with: it no longer knows what of its segments is on disk, so it must never say what a commit may count.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import takewhile
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import StoreUnavailable
from jupyter_kit.store.disk.environment import Environment, foreign_errors
from jupyter_kit.store.disk.segments import SEGMENT_BYTES, OpenSegment, RecordKind, pack_record
from jupyter_kit.store.format.schema import Table, damaged_row
from jupyter_kit.system import Buffer

QUEUED_BYTES_MAX = 4 * MIB
"""Small records are gathered up to this many bytes before they are handed to the operating system."""

_KEY = struct.Struct(">BQ")
_LENGTH = struct.Struct("<Q")
OPEN, SEALED = 0, 1


def segment_key(state: int, number: int) -> bytes:
    """The key of a row of SEGMENTS: open segments sort first, so that a writer finds one at once."""
    return _KEY.pack(state, number)


def decode_segment_row(key: bytes, value: bytes) -> tuple[int, int, int]:
    """(state, number, committed length in bytes) of a row of SEGMENTS. Raises ContentCorrupt where it is none."""
    try:
        state, number = _KEY.unpack(key)
        return state, number, _LENGTH.unpack(value)[0]
    except struct.error as error:
        raise damaged_row(Table.SEGMENTS) from error


class Appender:
    """Appends records for one writer. Nothing it appended counts before :meth:`rows` of it are in the index."""

    def __init__(self, environment: Environment, folder: Path, *, adopt: bool = True) -> None:
        """``adopt``: go on with a segment that an earlier writer left open, rather than begin one."""
        self._adopts = adopt
        self._environment = environment
        self._folder = folder
        self._current: OpenSegment | None = None
        self._full: list[OpenSegment] = []
        self._syncs: list[Future[None]] = []
        self._syncer: ThreadPoolExecutor | None = None
        self._queued = 0
        self._created = False
        self._failed = False
        self.appended = 0
        """Bytes appended since the last commit."""

    def append(
        self, kind: RecordKind, codec: int, stored: list[Buffer], *, raw_length: int, identity: bytes, depth: int = 0
    ) -> tuple[int, int]:
        """Queue a record: (segment, offset of its header). The buffers must stay as they are until :meth:`flush`."""
        header, stored_length = pack_record(kind, codec, stored, raw_length=raw_length, identity=identity, depth=depth)
        segment = self._segment()
        offset = segment.append(header, stored)
        added = len(header) + stored_length
        self.appended += added
        self._queued += added
        if segment.length >= SEGMENT_BYTES:
            self._retire(segment)
        elif self._queued >= QUEUED_BYTES_MAX:
            self.flush()
        return segment.number, offset

    def flush(self) -> None:
        """Hand everything queued to the operating system; the buffers may be used again."""
        self._queued = 0
        if self._current is not None:
            with self._guarded():
                self._current.flush()

    def sync(self) -> None:
        """Make everything appended durable."""
        with self._guarded():
            for sync in self._syncs:
                sync.result()
            self._syncs.clear()
            if self._current is not None:
                self._current.sync()
            if self._created:
                system.sync_folder(self._folder)
                self._created = False

    def rows(self) -> list[tuple[bytes, bytes | None]]:
        """What the commit puts into SEGMENTS (None: delete), once everything is durable."""
        rows: list[tuple[bytes, bytes | None]] = []
        for segment in self._full:
            rows.append((segment_key(OPEN, segment.number), None))
            rows.append((segment_key(SEALED, segment.number), _LENGTH.pack(segment.length)))
        if self._current is not None:
            rows.append((segment_key(OPEN, self._current.number), _LENGTH.pack(self._current.length)))
        return rows

    def committed(self) -> None:
        """The rows are in the index: full segments are done with."""
        for segment in self._full:
            segment.close()
        self._full.clear()
        if self._current is not None:
            self._current.is_known = True
        self.appended = 0

    def fail(self) -> None:
        """Something went wrong with what was appended: from now on every call that would count on it raises StoreUnavailable."""
        self._failed = True
        self.close()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        if self._failed:
            raise StoreUnavailable(
                f"Writing to {self._folder} failed before, and cannot go on.", hint="Run the same command again.", path=str(self._folder)
            )
        try:
            with foreign_errors(self._folder):
                yield
        except BaseException:
            self.fail()
            raise

    def close(self) -> None:
        """Let go of the segments. What was not committed is a tail that the next writer cuts off."""
        if self._syncer is not None:
            self._syncer.shutdown()
        for segment in [*self._full, self._current]:
            if segment is not None:
                segment.close()
        self._full.clear()
        self._current = None

    def _segment(self) -> OpenSegment:
        if self._current is None:
            with self._guarded():
                self._current = self._adopt() if self._adopts else None
                if self._current is None:
                    self._current = OpenSegment.create(self._folder)
                    self._created = True
        return self._current

    def _adopt(self) -> OpenSegment | None:
        for _, number, _ in self._open_segments():
            segment = OpenSegment.adopt(self._folder, number)
            if segment is None:
                continue
            try:  # Read again under the lock: its writer may just have gone on.
                rows = [row for row in self._open_segments() if row[1] == number]
                if rows:
                    segment.cut(rows[0][2])
                    return segment
            except BaseException:
                segment.close()
                raise
            segment.close()
        return None

    def _open_segments(self) -> list[tuple[int, int, int]]:
        with self._environment.read() as transaction:
            cursor = transaction.cursor(db=self._environment.tables[Table.SEGMENTS])
            rows = (decode_segment_row(bytes(key), bytes(value)) for key, value in cursor)
            return list(takewhile(lambda row: row[0] == OPEN, rows))

    def _retire(self, segment: OpenSegment) -> None:
        """A full segment is written out and made durable while the next one fills."""
        self._current = None
        self._queued = 0
        self._full.append(segment)
        with self._guarded():
            segment.flush()
        if self._syncer is None:
            self._syncer = ThreadPoolExecutor(1, "sync")
        self._syncs.append(self._syncer.submit(self._finish, segment))

    @staticmethod
    def _finish(segment: OpenSegment) -> None:
        segment.sync()
        if not segment.is_known:
            segment.close()  # However much prune copies in one step, it does not run out of open files.
