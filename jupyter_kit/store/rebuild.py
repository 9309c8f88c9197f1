"""Making a lost or damaged index anew from the segments.

The journal's newest unbroken chain says what the lasting tables held; the chunk records say where chunks are. The new index is built
beside the old one and takes its place in one rename; the old one is kept as ``index.damaged``.
"""

from __future__ import annotations

import os
import shutil
import struct
from dataclasses import dataclass, field
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.progress import Progress, phase
from jupyter_kit.store.appender import OPEN, SEALED, segment_key
from jupyter_kit.store.environment import Environment, foreign_errors
from jupyter_kit.store.journal import NO_ENTRY, Entry, Head, Mark, decode_entry, encode_head
from jupyter_kit.store.locks import StoreLock
from jupyter_kit.store.schema import ChunkRow, Table, check_format, encode_chunk_row
from jupyter_kit.store.segments import HEADER, MAGIC, RECORD, SEGMENT_BYTES, Record, RecordKind, scan, segment_numbers, segment_path
from jupyter_kit.store.transaction import JOURNAL_KEY

ROWS_AT_ONCE = 50_000
"""Rows put in one LMDB transaction: bounds its memory, and a rebuild that is killed is simply run again."""


@dataclass
class Found:
    """What the segments hold."""

    entries: dict[bytes, Entry] = field(default_factory=dict)
    chunks: dict[bytes, ChunkRow] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def rebuild(folder: Path, progress: Progress) -> list[str]:
    """Make the index of the store in ``folder`` anew; this process may not have it open. Returns what could not be read, as sentences.

    Raises ContentCorrupt where the segments hold no journal, Conflict (store-busy) where others use the store.
    """
    check_format(folder)
    with StoreLock(folder).exclusive(), foreign_errors(folder):
        found = _scan(folder / "segments", progress)
        chain, head = _chain(found)
        fresh = folder / "index.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir()
        environment = Environment(fresh)
        try:
            _fill(environment, found, chain, head)
        finally:
            environment.close()
        _swap(folder, fresh)
    return found.problems


def _scan(segments: Path, progress: Progress) -> Found:
    found = Found()
    numbers = segment_numbers(segments)
    with phase(progress, "Reading segments", total=sum(segment_path(segments, number).stat().st_size for number in numbers)):
        for number in numbers:
            path = segment_path(segments, number)
            with path.open("rb") as file:
                header = file.read(HEADER.size)
            if header != HEADER.pack(MAGIC, number):
                found.problems.append(f"Segment {number:016x} has a damaged header; its records were read all the same.")
            found.lengths[number] = HEADER.size
            for record, stored in scan(segments, number):
                if stored is None:
                    found.problems.append(f"A record of segment {number:016x} at byte {record.offset - RECORD.size} is damaged.")
                    continue
                _take(found, number, record, stored)
                found.lengths[number] = record.offset + record.stored_length
            progress.advance(path.stat().st_size)
    return found


def _take(found: Found, number: int, record: Record, stored: bytes) -> None:
    offset = record.offset - RECORD.size
    if record.kind == RecordKind.CHUNK:
        found.chunks[record.id] = ChunkRow(record.codec, record.depth, record.raw_length, record.stored_length, number, offset, 0, None)
    elif record.kind == RecordKind.JOURNAL:
        try:
            found.entries[record.id] = decode_entry(record.id, stored, record.raw_length)
        except ValueError as error:
            found.problems.append(f"A journal entry of segment {number:016x} at byte {offset} is damaged: {error}.")


def _chain(found: Found) -> tuple[list[Entry], Head]:
    """The newest chain that reaches back to its beginning, oldest entry first; where none does, the longest piece there is."""
    tried: set[bytes] = set()
    longest: list[Entry] = []
    for newest in sorted(found.entries.values(), key=lambda entry: entry.sequence, reverse=True):
        if newest.id in tried:
            continue
        chain = _back_from(newest, found)
        tried.update(entry.id for entry in chain)
        if chain[0].previous == NO_ENTRY and _base_is_whole(chain):
            return chain, Head(newest.sequence, newest.id)
        longest = max(longest, chain, key=len)
    if not longest:
        raise ContentCorrupt("The segments hold no journal, so the index cannot be made anew.", hint="Restore the .kit folder from a copy.")
    found.problems.append(f"The journal before entry {longest[0].sequence} is lost; older snapshots may be missing.")
    return longest, Head(longest[-1].sequence, longest[-1].id)


def _back_from(newest: Entry, found: Found) -> list[Entry]:
    chain = [newest]
    while (entry := found.entries.get(chain[-1].previous)) is not None:
        chain.append(entry)
    return chain[::-1]


def _base_is_whole(chain: list[Entry]) -> bool:
    """A base that its writer did not finish was never the store's state."""
    return not chain[0].marks & Mark.BASE or any(entry.marks & Mark.BASE_END for entry in chain)


def _fill(environment: Environment, found: Found, chain: list[Entry], head: Head) -> None:
    rows: list[tuple[Table, bytes, bytes | None]] = [
        (Table.CHUNKS, identity, encode_chunk_row(row)) for identity, row in found.chunks.items()
    ]
    rows += [change for entry in chain for change in entry.changes if change.table is not Table.CHUNKS or change.key not in found.chunks]
    for number, length in found.lengths.items():
        state = SEALED if length >= SEGMENT_BYTES else OPEN
        rows.append((Table.SEGMENTS, segment_key(state, number), struct.pack("<Q", length)))
    rows.append((Table.META, JOURNAL_KEY, encode_head(head)))
    for first in range(0, len(rows), ROWS_AT_ONCE):
        with environment.write() as transaction:
            for table, key, value in rows[first : first + ROWS_AT_ONCE]:
                if value is None:
                    transaction.delete(key, db=environment.tables[table])
                else:
                    transaction.put(key, value, db=environment.tables[table])


def _swap(folder: Path, fresh: Path) -> None:
    """Put the new index in the old one's place. A crash between the renames leaves no index, and the next rebuild makes it again."""
    old, kept = folder / "index", folder / "index.damaged"
    shutil.rmtree(kept, ignore_errors=True)
    if old.exists():
        os.replace(old, kept)
    os.replace(fresh, old)
    system.sync_folder(folder)
