"""The audit log: a chain of events, each carrying the hash of the one before.

An event is kept as canonical JSON (sorted keys, no spaces, ASCII); its hash is the sha256 of those bytes, so ``sha256sum`` verifies it.
Snapshots carry the head they saw, which anchors the chain in things that have a hash of their own. FORMAT.md, “Audit”, says how to verify.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import IO, Any, Literal, NamedTuple

import lmdb

from jupyter_kit.errors import ContentCorrupt, Kind

NO_EVENT = "0" * 64
"""What the first event carries as the hash of the one before."""


class Head(NamedTuple):
    """The newest event: its number, and its hash in hexadecimal."""

    sequence: int = 0
    hash: str = NO_EVENT


@dataclass(frozen=True)
class Draft:
    """An event before it has its place in the chain."""

    time: str
    actor: str
    jupyter_user: str | None
    host: str
    tool: str
    verb: str
    ids: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    detail: str = ""
    result: str = "ok"


@dataclass(frozen=True)
class AuditEvent:
    """One event of the log.

    ``sequence`` counts from 1. ``time`` is UTC, RFC 3339 with microseconds. ``actor`` is the OS user, with ``jupyter_user`` where there
    is one. ``tool`` is the name and version of the program. ``ids`` are the snapshots concerned, ``paths`` the files named in the
    request, ``result`` is ``ok`` or the kind of the error. ``previous`` is the hash of the event before, ``hash`` this one's.
    """

    sequence: int
    time: str
    actor: str
    jupyter_user: str | None
    host: str
    tool: str
    verb: str
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    detail: str
    result: str
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditReport:
    """What verifying the log found. ``problems`` are sentences; none means that the chain and every anchor hold.

    ``anchors`` are in snapshots. Of those in manifests of remotes that were asked for, ``remote_anchors`` are of this log, and
    ``foreign_anchors`` of other people's.
    """

    events: int
    anchors: int
    head: str
    problems: tuple[str, ...]
    remote_anchors: int = 0
    foreign_anchors: int = 0

    @property
    def ok(self) -> bool:
        """No problem was found."""
        return not self.problems


def event_of(draft: Draft, head: Head) -> tuple[AuditEvent, bytes]:
    """The event that follows ``head``, and the bytes it is kept as."""
    fields = {**asdict(draft), "sequence": head.sequence + 1, "previous": head.hash}
    encoded = json.dumps(fields, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    return decode_event(encoded), encoded


def decode_event(encoded: bytes) -> AuditEvent:
    """An event from the bytes it is kept as. Raises ContentCorrupt where they are none."""
    try:
        fields: dict[str, Any] = json.loads(encoded.decode("ascii"))
        sequence, ids, paths = fields.pop("sequence"), _texts(fields.pop("ids")), _texts(fields.pop("paths"))
        _texts([value for name, value in fields.items() if name != "jupyter_user" or value is not None])
        _number(sequence)
        return AuditEvent(sequence=sequence, ids=ids, paths=paths, **fields, hash=hashlib.sha256(encoded).hexdigest())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ContentCorrupt(
            "An event of the audit log is not readable.", kind=Kind.AUDIT_BROKEN, hint="Run “jupyter kit audit verify”."
        ) from error


def _number(value: Any) -> None:
    """Raises TypeError for what is no whole number."""
    if type(value) is not int:
        raise TypeError("not a number")


def _texts(values: Any) -> tuple[str, ...]:
    """The same texts. Raises TypeError for anything else."""
    if type(values) is not list or not all(type(value) is str for value in values):
        raise TypeError("not a list of texts")
    return tuple(values)


def export(
    rows: Iterable[tuple[int, bytes]], anchors: Mapping[int, list[tuple[str, str]]], stream: IO[str], form: Literal["jsonl", "csv"]
) -> int:
    """Write the log for somebody who does not have the store; returns the number of events.

    A line of JSON Lines has ``event``, the exact text that was hashed, so that its sha256 is ``hash`` and stands as ``previous`` in the
    next one; and ``anchors``, the ids of the snapshots that saw this event as the newest. CSV has the fields one by one, then these three.
    """
    names = [field.name for field in fields(AuditEvent)]
    table = csv.writer(stream)
    if form == "csv":
        table.writerow([*names, "anchors", "event"])
    count = 0
    for sequence, encoded in rows:
        event = decode_event(encoded)
        seen = [snapshot for snapshot, _ in anchors.get(sequence, ())]
        if form == "csv":
            values = [_writable(getattr(event, name)) for name in names]
            table.writerow([*values, " ".join(seen), encoded.decode()])
        else:
            stream.write(json.dumps({"event": encoded.decode(), "hash": event.hash, "anchors": seen}, sort_keys=True) + "\n")
        count += 1
    return count


def _writable(value: Any) -> Any:
    """A field for a cell. Bytes of a path that are no UTF-8 are written as escapes, for no text file takes them as they are."""
    joined = " ".join(value) if isinstance(value, tuple) else value
    return joined.encode("utf-8", "backslashreplace").decode() if isinstance(joined, str) else joined


def head_in(transaction: lmdb.Transaction, table: Any) -> Head:
    """The newest event in the log."""
    cursor = transaction.cursor(db=table)
    if not cursor.last():
        return Head()
    return Head(int.from_bytes(cursor.key(), "big"), hashlib.sha256(cursor.value()).hexdigest())


def problems_in(rows: Iterable[tuple[int, bytes]], anchors: dict[int, list[tuple[str, str]]]) -> tuple[Head, list[str]]:
    """Walk the chain. ``rows`` are (number, bytes) in order; ``anchors`` maps a number to the (who, hash) that saw it as the newest: the id
    of a snapshot, or words for another witness.

    Tells edits, gaps, reordering, and truncation as far as an anchor reaches.
    """
    head, found = Head(), []
    for sequence, encoded in rows:
        if sequence != head.sequence + 1:
            found.append(f"Events {head.sequence + 1} to {sequence - 1} are missing.")
        try:
            event = decode_event(encoded)
        except ContentCorrupt:
            found.append(f"Event {sequence} is not readable.")
            event = None
        if event is not None and event.sequence != sequence:
            found.append(f"Event {sequence} says that it is number {event.sequence}: it was moved.")
        if event is not None and event.previous != head.hash and sequence == head.sequence + 1:
            found.append(f"Event {sequence} does not follow event {head.sequence}: one of the two was edited.")
        head = Head(sequence, hashlib.sha256(encoded).hexdigest())
        for witness, expected in anchors.get(sequence, ()):
            if expected != head.hash:
                found.append(f"Event {sequence} is not the one that {_named(witness)} saw: the log was rewritten.")
    for sequence, seen in sorted(anchors.items()):
        if sequence > head.sequence:
            found.append(f"The log ends at event {head.sequence}, but {_named(seen[0][0])} saw event {sequence}: its end was cut off.")
    return head, found


def _named(witness: str) -> str:
    return witness if " " in witness else f"snapshot {witness[:10]}"
