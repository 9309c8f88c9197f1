"""One atomic, durable step of the store: rows of the index and their journal entry, all or nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta, timezone

import lmdb

from jupyter_kit.errors import Conflict, InvalidInput, NotFound
from jupyter_kit.store.disk.appender import Appender
from jupyter_kit.store.disk.environment import Environment
from jupyter_kit.store.disk.segments import RecordKind
from jupyter_kit.store.format.audit import AuditEvent, Draft, Head, event_of, head_in
from jupyter_kit.store.format.journal import NO_ENTRY, Mark, RowChange, decode_head, encode_entry, encode_head, following
from jupyter_kit.store.format.journal import Head as JournalHead
from jupyter_kit.store.format.references import check_reference, hexadecimal
from jupyter_kit.store.format.schema import JOURNALED, Codec, Table, damaged_row, is_inline
from jupyter_kit.store.format.tags import check_tag_name

ANY = "*"
"""As the expected value of a tag: whatever it is now."""

JOURNAL_KEY = b"journal"
"""The key of META's row with the newest entry of the journal."""

BASE_ENTRY_BYTES = 4 << 20
"""Rows of a base in one entry, in bytes: bounds the memory of whoever reads it back."""

BEGINNING = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Where times kept as a number count from."""

_MICROSECOND = timedelta(microseconds=1)


class Transaction:
    """Handed out by ``Writer.transaction()``. Reads see what the transaction itself wrote."""

    def __init__(self, environment: Environment, transaction: lmdb.Transaction) -> None:
        self._tables = environment.tables
        self._lmdb = transaction
        self.changes: list[RowChange] = []

    def put(self, table: Table, key: bytes, value: bytes) -> None:
        """Put a row of a lasting table."""
        self._lmdb.put(key, value, db=self._tables[table])
        self.changes.append(RowChange(table, key, value))

    def delete(self, table: Table, key: bytes) -> None:
        """Delete a row of a lasting table, if it is there."""
        if self._lmdb.delete(key, db=self._tables[table]):
            self.changes.append(RowChange(table, key, None))

    def put_unjournaled(self, table: Table, key: bytes, value: bytes | None) -> None:
        """Put (or with None delete) a row that follows from the segments, or is a cache."""
        if value is None:
            self._lmdb.delete(key, db=self._tables[table])
        else:
            self._lmdb.put(key, value, db=self._tables[table])

    def get(self, table: Table, key: bytes) -> bytes | None:
        """A row's value, None where there is none."""
        value = self._lmdb.get(key, db=self._tables[table])
        return None if value is None else bytes(value)

    def tag(self, name: str) -> str | None:
        """The digest a tag names, in hexadecimal."""
        value = self.get(Table.TAGS, name.encode())
        return value.hex() if value else None

    def set_tag(self, name: str, digest: str, *, expected: str | None = ANY) -> None:
        """Move a tag, if it names ``expected`` now (None: does not exist; ANY: whatever).

        Raises Conflict where it does not, InvalidInput for a name no tag may have, NotFound where the store has no such blob.
        """
        check_tag_name(name)
        now = self.tag(name)
        if expected not in (ANY, now):
            raise Conflict(f"The tag {name} was moved by somebody else in the meantime.", hint="Look at the history, then try again.")
        if self.get(Table.BLOBS, bytes.fromhex(digest)) is None:
            raise NotFound(f"There is nothing with the digest {digest[:16]} for the tag {name} to name.", hint="Run “jupyter kit log”.")
        if now != digest:
            self.put(Table.TAGS, name.encode(), bytes.fromhex(digest))

    def delete_tag(self, name: str) -> None:
        """Delete a tag, if it exists."""
        self.delete(Table.TAGS, name.encode())

    def set_reference(self, reference: str, digest: str) -> None:
        """Let a reference (``registry/repository:tag`` or ``registry/repository@sha256:…``) name a manifest, whatever it named before.

        Raises InvalidInput for a text that is no whole reference, NotFound where the store has no such blob.
        """
        named = check_reference(reference).partition("@")[2]
        if named and hexadecimal(named) != digest:
            raise InvalidInput(f"{reference} cannot name {digest[:16]}: it says another digest itself.", hint="Use a tag.")
        if self.get(Table.BLOBS, bytes.fromhex(digest)) is None:
            raise NotFound(f"There is nothing with the digest {digest[:16]} for {reference} to name.", hint="Pull or pack it first.")
        key, value = reference.encode(), bytes.fromhex(digest)
        if self.get(Table.REFERENCES, key) != value:
            self.put(Table.REFERENCES, key, value)

    def references(self) -> dict[str, str]:
        """Every reference, as text, with the digest of the manifest it names, in order."""
        return {bytes(name).decode(): bytes(digest).hex() for name, digest in self._lmdb.cursor(db=self._tables[Table.REFERENCES])}

    def delete_reference(self, reference: str) -> None:
        """Delete a reference, if it exists. What only it needed goes with the next prune."""
        self.delete(Table.REFERENCES, reference.encode())

    def add_snapshot(self, digest: str, created: str) -> None:
        """List a record in the history at the time it was created (RFC 3339)."""
        identity = bytes.fromhex(digest)
        self.put(Table.SNAPSHOTS, snapshot_key(created, identity), identity)

    def remove_snapshots(self, digests: Iterable[str]) -> None:
        """Take records out of the history, readable or not. Their content goes with the next prune."""
        going = {bytes.fromhex(digest) for digest in digests}
        for key in [bytes(key) for key, digest in self._lmdb.cursor(db=self._tables[Table.SNAPSHOTS]) if bytes(digest) in going]:
            self.delete(Table.SNAPSHOTS, key)

    def put_stat(self, key: bytes, value: bytes | None) -> None:
        """Put (or with None delete) a row of the stat cache."""
        self.put_unjournaled(Table.STATS, key, value)

    def clear_stats(self) -> None:
        """Empty the stat cache."""
        self._lmdb.drop(self._tables[Table.STATS], delete=False)

    def value(self, name: str) -> bytes | None:
        """A small named value of the workspace."""
        return self.get(Table.VALUES, name.encode())

    def set_value(self, name: str, value: bytes | None) -> None:
        """Set (or with None delete) a small named value of the workspace."""
        if value is None:
            self.delete(Table.VALUES, name.encode())
        else:
            self.put(Table.VALUES, name.encode(), value)

    def append_event(self, draft: Draft) -> AuditEvent:
        """Append an event to the audit log, chained to the one before."""
        head = self.audit_head()
        event, encoded = event_of(draft, head)
        self.put(Table.AUDIT, event.sequence.to_bytes(8, "big"), encoded)
        return event

    def audit_head(self) -> Head:
        """The newest event's number and hash."""
        return head_in(self._lmdb, self._tables[Table.AUDIT])

    def finish(self, appender: Appender, *, base: bool = False) -> None:
        """Journal the changes, make everything appended durable, and record how far the segments count.

        With ``base`` the journal starts anew with a copy of all lasting tables, and what it held before is dead.
        """
        head = decode_head(self.get(Table.META, JOURNAL_KEY))
        if base:
            entries: Iterable[tuple[list[RowChange], Mark]] = self._base_entries()
            head = JournalHead(head.sequence, NO_ENTRY)
        else:
            entries = [(self.changes, Mark.CHANGE)] if self.changes else []
        for changes, marks in entries:
            sequence = following(head.sequence)
            identity, stored, raw_length = encode_entry(sequence, head.id, changes, marks)
            appender.append(RecordKind.JOURNAL, Codec.ZSTD, [stored], raw_length=raw_length, identity=identity)
            head = JournalHead(sequence, identity)
        self.put_unjournaled(Table.META, JOURNAL_KEY, encode_head(head))
        appender.sync()
        for key, value in appender.rows():
            self.put_unjournaled(Table.SEGMENTS, key, value)

    def _base_entries(self) -> Iterator[tuple[list[RowChange], Mark]]:
        """All rows of the lasting tables, in entries of bounded size; the last one, which may be empty, is marked."""
        changes: list[RowChange] = []
        length = 0
        for table in JOURNALED:
            for key, value in self._lmdb.cursor(db=self._tables[table]):
                if table is Table.CHUNKS and not is_inline(value):
                    continue  # Its record in a segment says as much.
                changes.append(RowChange(table, bytes(key), bytes(value)))
                length += len(key) + len(value)
                if length >= BASE_ENTRY_BYTES:
                    yield changes, Mark.BASE
                    changes, length = [], 0
        yield changes, Mark.BASE | Mark.BASE_END


def snapshot_key(created: str, identity: bytes) -> bytes:
    """The key of a row of SNAPSHOTS: microseconds since 1970 as 8 bytes, big-endian, then 8 bytes of the digest. Sorts by time."""
    try:
        moment = datetime.fromisoformat(created.replace("Z", "+00:00"))
        return ((moment - BEGINNING) // _MICROSECOND).to_bytes(8, "big") + identity[:8]
    except (ValueError, TypeError, OverflowError) as error:  # Not a time, without a zone, before 1970.
        raise InvalidInput(f"“{created}” is not a time.", hint="Use RFC 3339, for example 2026-01-31T12:00:00Z.") from error


def snapshot_time(key: bytes) -> str:
    """The time in a key of SNAPSHOTS, as records have it: RFC 3339 with microseconds. Raises ContentCorrupt for one that is none."""
    try:
        moment = BEGINNING + int.from_bytes(key[:8], "big") * _MICROSECOND
    except OverflowError as error:
        raise damaged_row(Table.SNAPSHOTS) from error
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
