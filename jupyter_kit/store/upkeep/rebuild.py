"""Making a lost or damaged index anew from the segments.

The journal's newest chain says what the lasting tables held; the chunk records say where chunks are. The new index is built beside the
old one and takes its place in one rename; the old one is kept as ``index.damaged``.
"""

from __future__ import annotations

import os
import shutil
import struct
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.progress import Progress, phase
from jupyter_kit.store.disk.appender import OPEN, SEALED, segment_key
from jupyter_kit.store.disk.environment import Environment, foreign_errors
from jupyter_kit.store.disk.locks import StoreLock
from jupyter_kit.store.disk.segments import (
    HEADER,
    MAGIC,
    RECORD,
    SEGMENT_BYTES,
    Record,
    RecordKind,
    read_or_zeros,
    scan,
    segment_numbers,
    segment_path,
)
from jupyter_kit.store.format.journal import NO_ENTRY, Entry, Head, Mark, RowChange, decode_entry, encode_head
from jupyter_kit.store.format.schema import (
    ID_LENGTH,
    ChunkRow,
    Codec,
    Table,
    check_format,
    decode_blob_row,
    decode_chunk_row,
    encode_chunk_row,
)
from jupyter_kit.store.reading.digests import encode_digest_row
from jupyter_kit.store.writing.transaction import BEGINNING, JOURNAL_KEY

ROWS_AT_ONCE = 50_000
"""Rows put in one LMDB transaction: bounds its memory, and a rebuild that is killed is simply run again."""


class Form(NamedTuple):
    """One of the places where a chunk is kept: its row of CHUNKS, and the base that it needs, if it is a delta."""

    row: bytes
    base: bytes | None


@dataclass
class Found:
    """What the segments hold."""

    entries: dict[bytes, Entry] = field(default_factory=dict)
    chunks: dict[bytes, list[Form]] = field(default_factory=dict)
    lengths: dict[int, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def rebuild(folder: Path, progress: Progress) -> list[str]:
    """Make the index of the store in ``folder`` anew; this process may not have it open. Returns what could not be read, as sentences.

    Raises ContentCorrupt where the segments hold no journal, Conflict (store-busy) where others use the store.
    """
    check_format(folder)
    with StoreLock(folder).exclusive(), foreign_errors(folder):
        found = _scan(folder / "segments", progress)
        # What a writer that was killed left behind counts from now on, so it has to be as durable as the rest.
        system.sync_file_system(folder / "segments")
        system.sync_folder(folder / "segments")
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
                header = read_or_zeros(file.fileno(), HEADER.size, 0)
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
        row = ChunkRow(record.codec, record.depth, record.raw_length, record.stored_length, number, offset, 0, None)
        found.chunks.setdefault(record.id, []).append(Form(encode_chunk_row(row), _base_of(row, stored)))
    elif record.kind == RecordKind.JOURNAL:
        try:
            found.entries[record.id] = decode_entry(record.id, stored, record.raw_length)
        except ValueError as error:
            found.problems.append(f"A journal entry of segment {number:016x} at byte {offset} is damaged: {error}.")


def _base_of(row: ChunkRow, stored: bytes) -> bytes | None:
    return stored[:ID_LENGTH] if row.codec == Codec.DELTA else None


def _chain(found: Found) -> tuple[list[Entry], Head]:
    """The newest chain, oldest entry first. Where entries of it are lost, what is older is taken from the newest chain before the gap."""
    chain: list[Entry] = []
    for newest in sorted(found.entries.values(), key=lambda entry: entry.sequence, reverse=True):
        if chain and newest.sequence >= chain[0].sequence:
            continue
        piece = _back_from(newest, found)
        whole_base = _base_is_whole(piece)
        if not chain and not whole_base and newest.marks & Mark.BASE:
            continue  # A base that its writer did not finish was never the store's state.
        if chain:
            found.problems.append(
                f"The journal between {_moment(newest)} and {_moment(chain[0])} is lost; snapshots of that time may be missing."
            )
        chain = piece + chain
        if piece[0].previous == NO_ENTRY and whole_base:
            break
    if not chain:
        raise ContentCorrupt("The segments hold no journal, so the index cannot be made anew.", hint="Restore the .kit folder from a copy.")
    if chain[0].previous != NO_ENTRY:
        found.problems.append(f"The journal before {_moment(chain[0])} is lost; older snapshots may be missing.")
    return chain, Head(chain[-1].sequence, chain[-1].id)


def _moment(entry: Entry) -> str:
    """When an entry was made."""
    try:
        return (BEGINNING + timedelta(microseconds=entry.sequence)).isoformat(timespec="seconds")
    except OverflowError:
        return f"entry {entry.sequence}"


def _back_from(newest: Entry, found: Found) -> list[Entry]:
    chain = [newest]
    while (entry := found.entries.get(chain[-1].previous)) is not None:
        chain.append(entry)
    return chain[::-1]


def _base_is_whole(chain: list[Entry]) -> bool:
    """Whether the chain begins without a base, or with one that has its end."""
    return not chain[0].marks & Mark.BASE or any(entry.marks & Mark.BASE_END for entry in chain)


def _fill(environment: Environment, found: Found, chain: list[Entry], head: Head) -> None:
    changes = [change for entry in chain for change in entry.changes]
    rows = [change for change in changes if change.table is not Table.CHUNKS]
    for table, digest, value in changes:
        if table is Table.BLOBS and value is not None and len(digest) == ID_LENGTH:
            root = decode_blob_row(value).root
            rows.append(RowChange(Table.DIGESTS, root, encode_digest_row(root, digest)))
    for table, identity, value in changes:
        if table is Table.CHUNKS and value is not None:
            row = decode_chunk_row(value)
            found.chunks.setdefault(identity, []).append(Form(value, _base_of(row, row.inline or b"")))
    rows += [RowChange(Table.CHUNKS, identity, value) for identity, value in _readable(found.chunks).items()]
    for number, length in found.lengths.items():
        state = SEALED if length >= SEGMENT_BYTES else OPEN
        rows.append(RowChange(Table.SEGMENTS, segment_key(state, number), struct.pack("<Q", length)))
    rows.append(RowChange(Table.META, JOURNAL_KEY, encode_head(head)))
    for first in range(0, len(rows), ROWS_AT_ONCE):
        with environment.write() as transaction:
            for table, key, value in rows[first : first + ROWS_AT_ONCE]:
                if value is None:
                    transaction.delete(key, db=environment.tables[table])
                else:
                    transaction.put(key, value, db=environment.tables[table])


def _readable(chunks: dict[bytes, list[Form]]) -> dict[bytes, bytes]:
    """A row for each chunk that can be read: whole ones first, then the deltas on them, and so on.

    Records stay where they are when prune drops their row, so there may be deltas whose base is gone. Those must not come back: a snapshot
    that meets their content again would count on them.
    """
    rows: dict[bytes, bytes] = {}
    left = chunks
    while ready := {identity: form.row for identity, forms in left.items() for form in forms if form.base is None or form.base in rows}:
        rows.update(ready)
        left = {identity: forms for identity, forms in left.items() if identity not in rows}
    return rows


def _swap(folder: Path, fresh: Path) -> None:
    """Put the new index in the old one's place. A crash between the renames leaves no index, and the next rebuild makes it again."""
    old, kept = folder / "index", folder / "index.damaged"
    shutil.rmtree(kept, ignore_errors=True)
    if old.exists():
        os.replace(old, kept)
    system.sync_folder(fresh)
    os.replace(fresh, old)
    system.sync_folder(folder)
