"""The chain of events: every edit is found, and an event that is none is told as damage."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, Kind, KitError
from jupyter_kit.store.format.audit import NO_EVENT, AuditEvent, Draft, Head, decode_event, event_of, export, problems_in

Rows = list[tuple[int, bytes]]

TEXTS = st.text(st.characters(), max_size=8)  # Lone surrogates too: paths that are no UTF-8 have them.
DRAFTS = st.builds(
    Draft,
    time=TEXTS,
    actor=TEXTS,
    jupyter_user=st.none() | TEXTS,
    host=TEXTS,
    tool=TEXTS,
    verb=TEXTS,
    ids=st.lists(TEXTS, max_size=3).map(tuple),
    paths=st.lists(TEXTS, max_size=3).map(tuple),
    detail=TEXTS,
    result=TEXTS,
)


def chain(drafts: list[Draft]) -> Rows:
    head, rows = Head(), []
    for draft in drafts:
        event, encoded = event_of(draft, head)
        rows.append((event.sequence, encoded))
        head = Head(event.sequence, event.hash)
    return rows


def hash_of(encoded: bytes) -> str:
    return hashlib.sha256(encoded).hexdigest()


@given(draft=DRAFTS, sequence=st.integers(0, 2**40))
def test_an_event_comes_back(draft: Draft, sequence: int) -> None:
    event, encoded = event_of(draft, Head(sequence, "e" * 64))
    assert decode_event(encoded) == event
    assert (event.sequence, event.previous, event.hash) == (sequence + 1, "e" * 64, hash_of(encoded))
    assert Draft(**{name: getattr(event, name) for name in Draft.__dataclass_fields__}) == draft
    assert encoded.isascii()


def event(**changes: object) -> bytes:
    fields = dict.fromkeys(("time", "actor", "host", "tool", "verb", "detail", "result", "previous"), "x")
    return json.dumps({**fields, "jupyter_user": None, "sequence": 1, "ids": [], "paths": [], **changes}).encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"ids": [1]},
        {"paths": [None]},
        {"ids": "text"},
        {"sequence": "1"},
        {"sequence": True},
        {"verb": 3},
        {"jupyter_user": 1},
        {"more": "x"},
        {"hash": "x"},
    ],
)
def test_an_event_of_other_types_is_told_as_damage(changes: dict[str, object]) -> None:
    decode_event(event())
    with pytest.raises(KitError) as told:
        export([(1, event(**changes))], {}, io.StringIO(), "csv")
    assert told.value.kind is Kind.AUDIT_BROKEN


@given(encoded=st.binary(max_size=40) | st.text('[]{}:,"1', max_size=20).map(str.encode))
def test_other_bytes_are_no_event(encoded: bytes) -> None:
    with pytest.raises(ContentCorrupt):
        decode_event(encoded)


@pytest.mark.parametrize("form", ["jsonl", "csv"])
@pytest.mark.parametrize(
    "encoded", [event().decode().encode("utf-16"), event(actor="x").replace(b'"actor": "x"', b'"actor": "\xed\xa0\x80"')]
)
def test_an_event_that_is_no_ascii_is_told_as_damage(encoded: bytes, form: Literal["jsonl", "csv"]) -> None:
    with pytest.raises(ContentCorrupt):
        export([(1, encoded)], {}, io.StringIO(), form)


def edited(rows: Rows) -> Rows:
    fields = json.loads(rows[1][1])
    return [rows[0], (2, json.dumps({**fields, "actor": "mallory"}, sort_keys=True, separators=(",", ":")).encode()), *rows[2:]]


def missing(rows: Rows) -> Rows:
    return [rows[0], *rows[2:]]


def moved(rows: Rows) -> Rows:
    return [rows[0], (2, rows[2][1]), (3, rows[1][1]), *rows[3:]]


def beheaded(rows: Rows) -> Rows:
    return rows[1:]


def garbled(rows: Rows) -> Rows:
    return [rows[0], (2, b"{"), *rows[2:]]


def cut_off(rows: Rows) -> Rows:
    return rows[:-1]


def begun_anew(rows: Rows) -> Rows:
    return chain([Draft("t", "mallory", None, "h", "t", "snapshot")] * len(rows))


@pytest.mark.parametrize("harm", [edited, missing, moved, beheaded, garbled, cut_off, begun_anew])
def test_every_kind_of_tampering_is_found(harm: Callable[[Rows], Rows]) -> None:
    rows = chain([Draft("t", f"user {number}", None, "h", "t", "snapshot") for number in range(5)])
    anchors = {5: [("5" * 64, hash_of(rows[4][1]))]}
    head, problems = problems_in(rows, anchors)
    assert (head, problems) == (Head(5, hash_of(rows[4][1])), [])
    assert problems_in(harm(rows), anchors)[1]


@given(drafts=st.lists(DRAFTS, max_size=6), anchored=st.booleans())
def test_a_chain_that_nobody_touched_holds(drafts: list[Draft], anchored: bool) -> None:
    rows = chain(drafts)
    anchors = {sequence: [("a" * 64, hash_of(encoded))] for sequence, encoded in rows} if anchored else {}
    head, problems = problems_in(rows, anchors)
    assert problems == []
    assert head == (Head(len(rows), hash_of(rows[-1][1])) if rows else Head(0, NO_EVENT))


@given(drafts=st.lists(DRAFTS, max_size=4))
def test_what_is_exported_can_be_written_and_verified(drafts: list[Draft]) -> None:
    rows = chain(drafts)
    lines, table = io.StringIO(), io.StringIO(newline="")
    assert export(rows, {1: [("a" * 64, "x")]}, lines, "jsonl") == export(rows, {}, table, "csv") == len(rows)
    lines.getvalue().encode()
    found = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert [line["hash"] for line in found] == [hash_of(line["event"].encode()) for line in found]
    assert [line["anchors"] for line in found] == [["a" * 64] if number == 0 else [] for number in range(len(rows))]
    read = list(csv.DictReader(io.StringIO(table.getvalue().encode().decode(), newline="")))
    assert [hash_of(row["event"].encode()) for row in read] == [row["hash"] for row in read]
    assert [int(row["sequence"]) for row in read] == [sequence for sequence, _ in rows]
    assert set(AuditEvent.__dataclass_fields__) < set(table.getvalue().splitlines()[0].split(","))
