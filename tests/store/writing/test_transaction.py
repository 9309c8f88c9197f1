"""Steps that are all or nothing, tags that move by comparison, and the keys of the history."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.store.format.audit import Draft
from jupyter_kit.store.format.journal import decode_head
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import JOURNAL_KEY, snapshot_key, snapshot_time
from tests.store.keeping import keep, noise, put_row, take

DRAFT = Draft("2026-01-01T00:00:00Z", "ada", None, "host", "tool", "snapshot")


def test_a_step_that_fails_undoes_itself_and_keeps_what_waits(store: Store) -> None:
    with store.writer() as writer:
        record = writer.add_blob(b"{}")
        with pytest.raises(Conflict), writer.transaction() as transaction:
            transaction.set_tag("v1", record, expected="f" * 64 if transaction.append_event(DRAFT) else None)
        assert store.tags() == {}
        assert store.audit_rows() == []
        with writer.transaction() as transaction:
            transaction.set_tag("v1", record, expected=None)
    assert store.tags() == {"v1": record}
    assert store.blob(record) == b"{}"


def test_a_tag_moves_only_from_where_it_is_expected(store: Store) -> None:
    one, other = take(store, 1, {}), take(store, 2, {})
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_tag("v1", one)
        with pytest.raises(Conflict):
            transaction.set_tag("v1", other, expected=None)
        with pytest.raises(Conflict):
            transaction.set_tag("v1", other, expected=other)
        transaction.set_tag("v1", other, expected=one)
        assert transaction.tag("v1") == other
        with pytest.raises(NotFound):
            transaction.set_tag("v2", "0" * 64)
        with pytest.raises(InvalidInput):
            transaction.set_tag("a b", one)
    assert store.tags() == {"v1": other}
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_tag("v1")
        transaction.delete_tag("v1")
    assert store.tags() == {}


def test_values_and_the_stat_cache(store: Store) -> None:
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_value("one", b"1")
        transaction.put_stat(b"a", b"x")
        transaction.put_stat(b"b", b"y")
    assert store.value("one") == b"1"
    assert store.stat_rows([b"a", b"none", b"b"]) == [b"x", None, b"y"]
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_value("one", None)
        transaction.put_stat(b"a", None)
    assert store.value("one") is None
    assert store.stat_rows([b"a", b"b"]) == [None, b"y"]
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.clear_stats()
    assert store.stat_rows([b"b"]) == [None]


def test_the_history_goes_by_time_and_snapshots_leave_it(store: Store) -> None:
    two, one = take(store, 2, {}), take(store, 1, {})
    assert store.snapshot_ids() == [one, two]
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.remove_snapshots([one, "0" * 64])
    assert store.snapshot_ids() == [two]
    assert store.snapshot_count() == 1


def test_only_lasting_rows_are_journaled(store: Store) -> None:
    def head() -> object:
        return decode_head(store.environment.get(Table.META, JOURNAL_KEY))

    take(store, 1, {})
    before = head()
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.put_stat(b"a", b"x")
    assert head() == before
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_value("one", b"1")
    assert head() != before


@pytest.mark.parametrize(("table", "key"), [(Table.META, JOURNAL_KEY), (Table.SEGMENTS, b"\0short")])
def test_damaged_rows_that_a_commit_needs_are_told(store: Store, table: Table, key: bytes) -> None:
    keep(store, noise(1, 5_000))
    put_row(store, table, key, b"x")
    with pytest.raises(ContentCorrupt, match=table.value):
        take(store, 1, {})


MOMENTS = st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(9999, 1, 1))  # noqa: DTZ001 — the zone is added below


@given(one=MOMENTS, other=MOMENTS, hours=st.integers(-12, 12))
def test_keys_of_the_history_sort_by_time(one: datetime, other: datetime, hours: int) -> None:
    here, there = one.replace(tzinfo=timezone.utc), other.replace(tzinfo=timezone.utc)
    elsewhere = there.astimezone(timezone(timedelta(hours=hours)))
    first, second = snapshot_key(here.isoformat(), b"x" * 32), snapshot_key(elsewhere.isoformat(), b"x" * 32)
    assert (first < second) is (here < there)
    assert (first == second) is (here == there)
    assert datetime.fromisoformat(snapshot_time(second).replace("Z", "+00:00")) == there


def test_a_key_that_is_no_time_is_told() -> None:
    assert snapshot_time(bytes(16)) == "1970-01-01T00:00:00.000000Z"
    with pytest.raises(ContentCorrupt, match="snapshots"):
        snapshot_time(b"\xff" * 16)


@pytest.mark.parametrize("moment", ["", "now", "2026-01-31", "2026-01-31T12:00:00", "1969-12-31T23:59:59Z"])
def test_what_is_no_time_is_refused(moment: str) -> None:
    with pytest.raises(InvalidInput):
        snapshot_key(moment, b"x" * 32)
