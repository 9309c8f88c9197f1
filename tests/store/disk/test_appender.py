"""Segments of one writer: shared by those that come after each other, never by two at once, and full ones let go."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, StoreUnavailable
from jupyter_kit.store.disk import appender as appender_module
from jupyter_kit.store.disk.appender import OPEN, SEALED, Appender, decode_segment_row, segment_key
from jupyter_kit.store.disk.segments import OpenSegment, RecordKind, segment_numbers, segment_path
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from tests.store.keeping import add, commit, keep, noise, put_row


def append(appender: Appender, content: bytes) -> tuple[int, int]:
    return appender.append(RecordKind.CHUNK, 0, [content], raw_length=len(content), identity=bytes(32))


def rows(store: Store) -> list[tuple[int, int, int]]:
    return [decode_segment_row(key, value) for key, value in store.environment.rows(Table.SEGMENTS)]


def test_a_segment_that_was_committed_half_full_is_not_adopted_by_its_own_writer(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 10_000)
    parts = [noise(seed, length) for seed, length in enumerate((5_000, 6_000, 2_000))]
    with store.writer() as writer:
        roots = [add(writer, "a.bin", parts[0])]
        commit(writer)
        roots.append(add(writer, "a.bin", parts[1]))
        writer._appender.sync()  # The full segment is durable before the next one is begun.
        roots.append(add(writer, "a.bin", parts[2]))
        commit(writer)
    assert [store.read_bytes(root) for root in roots] == parts


def test_small_commits_share_a_segment_and_writers_do_not(store: Store) -> None:
    for number in range(60):
        keep(store, noise(number, 2_000))
    assert len(segment_numbers(store.segments)) == 1
    with store.writer() as one, store.writer() as other:
        add(one, "a.bin", noise(100, 20_000))
        add(other, "a.bin", noise(101, 20_000))
        for writer in (one, other):
            commit(writer)
    assert len(segment_numbers(store.segments)) == 2


def test_full_segments_are_sealed_and_never_written_again(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 10_000)
    keep(store, noise(1, 300))
    keep(store, noise(2, 12_000))
    keep(store, noise(3, 100))
    states = {number: state for state, number, _ in rows(store)}
    assert sorted(states.values()) == [OPEN, SEALED]
    for state, number, length in rows(store):
        size = segment_path(store.segments, number).stat().st_size
        assert size == length
        assert (size >= 10_000) is (state == SEALED)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files there")
def test_full_segments_do_not_stay_open(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 1_000)
    before = len(os.listdir("/proc/self/fd"))
    appender = Appender(store.environment, store.segments, adopt=False)
    for number in range(200):
        append(appender, noise(number, 1_000))
    appender.sync()
    assert len(os.listdir("/proc/self/fd")) < before + 10
    assert len(appender.rows()) == 400
    appender.close()


def test_an_adopted_segment_is_kept_until_it_is_committed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The index still says that it is open: whoever adopted it now would cut off what waits for its commit."""
    keep(store, noise(1, 5_000))
    (number,) = segment_numbers(store.segments)
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 10_000)
    appender = Appender(store.environment, store.segments)
    append(appender, noise(2, 9_000))
    appender.sync()
    assert OpenSegment.adopt(store.segments, number) is None
    appender.close()


def test_what_was_not_committed_is_cut_off_by_the_next(store: Store) -> None:
    keep(store, noise(1, 5_000))
    ((_, number, length),) = rows(store)
    appender = Appender(store.environment, store.segments)
    append(appender, b"tail" * 100)
    appender.sync()
    appender.close()
    assert segment_path(store.segments, number).stat().st_size > length
    appender = Appender(store.environment, store.segments)
    assert append(appender, b"new") == (number, length)
    appender.close()


def test_a_segment_that_is_gone_or_has_another_row_by_now_is_passed_over(store: Store) -> None:
    keep(store, noise(1, 5_000))
    (number,) = segment_numbers(store.segments)
    put_row(store, Table.SEGMENTS, segment_key(OPEN, 1), bytes(8))
    appender = Appender(store.environment, store.segments)
    assert append(appender, b"new")[0] == number
    appender.close()


def test_a_row_that_is_none_is_told(store: Store) -> None:
    put_row(store, Table.SEGMENTS, segment_key(OPEN, 1), b"short")
    with pytest.raises(ContentCorrupt, match="segments"):
        append(Appender(store.environment, store.segments), b"new")


def test_an_appender_that_failed_is_done_with(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    appender = Appender(store.environment, store.segments)
    append(appender, b"new")
    with monkeypatch.context() as fault:
        fault.setattr(system, "write", lambda *_: os.close(-1))
        with pytest.raises(StoreUnavailable):
            appender.sync()
    for use in (appender.flush, appender.sync, lambda: append(appender, b"more")):
        if use == appender.flush:
            use()  # Nothing is queued any more, so nothing is promised.
            continue
        with pytest.raises(StoreUnavailable, match="failed before"):
            use()
    assert appender.rows() == []
