"""Giving space back: snapshots that no rule keeps leave the history, and what nothing reaches any more leaves the disk.

Order of deletes (FORMAT.md derives it): live chunks of a segment that goes are copied and durable first; one commit then drops the rows
and points to the copies; the old segments are unlinked last. A crash at any point leaves every kept snapshot whole.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.progress import Progress, phase
from jupyter_kit.store.disk.appender import Appender, decode_segment_row, segment_key
from jupyter_kit.store.disk.environment import foreign_errors
from jupyter_kit.store.disk.promises import unreachable
from jupyter_kit.store.disk.segments import HEADER, RECORD, RecordKind, segment_numbers, segment_path
from jupyter_kit.store.format.schema import ChunkRow, Table, decode_chunk_row, encode_chunk_row
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.reach import Reached, Reader, reach, records_of
from jupyter_kit.store.writing.transaction import Transaction

LIVE_SHARE_MIN = 0.6
"""A segment with a smaller share of live bytes is rewritten: costs at most 1.5 bytes written for each byte freed."""


@dataclass(frozen=True)
class Sweep:
    """What a prune does to the store: rows to drop, segments to unlink, and the live chunks to copy out of them first."""

    blobs: frozenset[bytes]
    roots: frozenset[bytes]
    chunks: frozenset[bytes]
    dead_bytes: int
    unlink: tuple[int, ...]
    copy: tuple[tuple[bytes, ChunkRow], ...]
    rewritten: int
    elsewhere: tuple[tuple[Table, bytes], ...] = ()
    """Rows that say what remotes have of it."""

    @property
    def empty(self) -> bool:
        """There is nothing to do."""
        return not (self.blobs or self.roots or self.chunks or self.unlink)


def plan_sweep(store: Store, read: Reader, remove: Iterable[str] = ()) -> Sweep:
    """What goes if the records ``remove`` (digests) leave the history. Changes nothing.

    Raises ContentCorrupt where a record that stays cannot be read: what it needs is not known, so nothing may go.
    """
    leaving = set(remove)
    reached = reach(store, [digest for digest in records_of(store) if digest not in leaving], read)
    if reached.broken or reached.unread:
        what, reason = [*reached.broken, *reached.unread][0]
        raise ContentCorrupt(f"Nothing was pruned, because {what} is damaged: {reason}", hint="Run “jupyter kit check --repair” first.")
    return _sweep(store, reached)


def _sweep(store: Store, reached: Reached) -> Sweep:
    environment = store.environment
    dead: set[bytes] = set()
    live: dict[int, list[tuple[bytes, ChunkRow]]] = {}
    dead_bytes = 0
    for identity, value in environment.rows(Table.CHUNKS):
        row = decode_chunk_row(value)
        if identity not in reached.chunks:
            dead.add(identity)
            dead_bytes += row.stored_length
        elif row.inline is None:
            live.setdefault(row.segment, []).append((identity, row))
    blobs = frozenset(digest for digest, _ in environment.rows(Table.BLOBS) if digest not in reached.blobs)
    roots = frozenset(root for root, _ in environment.rows(Table.RECIPES) if root not in reached.roots)
    unlink: list[int] = []
    copy: list[tuple[bytes, ChunkRow]] = []
    rewritten = 0
    lengths = {number: length for _, number, length in _segments(store)}
    for number in segment_numbers(store.segments):
        chunks = live.get(number, [])
        live_bytes = sum(RECORD.size + row.stored_length for _, row in chunks)
        length = lengths.get(number)
        if length is None or ((dead or blobs or roots) and (not chunks or live_bytes < LIVE_SHARE_MIN * (length - HEADER.size))):
            unlink.append(number)
            copy.extend(sorted(chunks, key=lambda entry: entry[1].offset))
            rewritten += bool(chunks)
    elsewhere = tuple(unreachable(environment, reached.chunks))
    return Sweep(blobs, roots, frozenset(dead), dead_bytes, tuple(unlink), tuple(copy), rewritten, elsewhere)


def _segments(store: Store) -> list[tuple[int, int, int]]:
    return [decode_segment_row(key, value) for key, value in store.environment.rows(Table.SEGMENTS)]


def apply_sweep(store: Store, sweep: Sweep, change: Callable[[Transaction], None], progress: Progress) -> int:
    """Carry out a sweep in one step together with ``change``; returns the bytes freed on disk.

    The caller holds the store exclusively since before the sweep was planned. Raises StoreFull where there is no room for the copies;
    nothing has changed then.
    """
    before = disk_bytes(store)
    appender = Appender(store.environment, store.segments, adopt=False)
    try:
        moved = _copy(store, sweep, appender, progress)
        with store.environment.write() as raw:
            transaction = Transaction(store.environment, raw)
            change(transaction)
            roots, blobs, chunks = sweep.roots, sweep.blobs, sweep.chunks
            for table, keys in ((Table.BLOBS, blobs), (Table.RECIPES, roots), (Table.DIGESTS, roots), (Table.CHUNKS, chunks)):
                for key in keys:
                    transaction.put_unjournaled(table, key, None)
            for table, key in sweep.elsewhere:
                transaction.put_unjournaled(table, key, None)
            if sweep.roots:
                transaction.clear_stats()  # The stat cache may name content that goes now.
            for identity, row in moved:
                transaction.put_unjournaled(Table.CHUNKS, identity, encode_chunk_row(row))
            gone = set(sweep.unlink)
            for state, number, _ in _segments(store):
                if number in gone:
                    transaction.put_unjournaled(Table.SEGMENTS, segment_key(state, number), None)
            transaction.finish(appender, base=True)
    finally:
        appender.close()
    store.chunks.segments.close()
    with foreign_errors(store.segments):
        for number in sweep.unlink:
            with suppress(FileNotFoundError):
                os.unlink(segment_path(store.segments, number))
        system.sync_folder(store.segments)
    return max(0, before - disk_bytes(store))


def _copy(store: Store, sweep: Sweep, appender: Appender, progress: Progress) -> list[tuple[bytes, ChunkRow]]:
    """Copy live chunks as they are stored, compared with their check on the way. Raises ContentCorrupt."""
    moved = []
    with phase(progress, "Rewriting segments", total=sum(row.stored_length for _, row in sweep.copy)):
        for identity, row in sweep.copy:
            stored = store.chunks.stored(identity, row)
            segment, offset = appender.append(
                RecordKind.CHUNK, row.codec, [stored], raw_length=row.raw_length, identity=identity, depth=row.depth
            )
            moved.append((identity, row._replace(segment=segment, offset=offset)))
            progress.advance(row.stored_length)
    appender.flush()
    appender.sync()
    return moved


def disk_bytes(store: Store) -> int:
    """What the store takes on disk, in bytes: blocks that the file system gave it, index included."""
    total = 0
    for folder in (store.folder, store.folder / "index", store.segments):
        with os.scandir(folder) as entries:
            for entry in entries:
                with suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    total += getattr(status, "st_blocks", status.st_size // 512) * 512
    return total
