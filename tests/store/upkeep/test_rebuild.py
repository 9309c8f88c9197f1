"""An index made anew is the one that was lost; and what damage or a dead writer left in the segments costs no more than it must."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import Conflict, ContentCorrupt, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk import appender as appender_module
from jupyter_kit.store.disk.appender import Appender
from jupyter_kit.store.disk.locks import StoreLock
from jupyter_kit.store.disk.segments import RECORD, RecordKind, scan, segment_numbers, segment_path
from jupyter_kit.store.format.journal import decode_entry
from jupyter_kit.store.format.schema import Codec, Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.store.upkeep.rebuild import rebuild
from jupyter_kit.store.writing import transaction as transaction_module
from jupyter_kit.store.writing.transaction import Transaction
from tests.store.keeping import BINARY, TEXT, chunk_rows, commit, damage, flip, keep, noise, reader, row_of, segments, take, text

LASTING = (Table.RECIPES, Table.BLOBS, Table.TAGS, Table.SNAPSHOTS, Table.AUDIT, Table.VALUES)


def anew(store: Store) -> tuple[Store, list[str]]:
    """The store with its index made anew, and what could not be read."""
    store.close()
    problems = rebuild(store.folder, Silent())
    return Store.open(store.folder), problems


def snapshot(store: Store, number: int, data: bytes = b"") -> str:
    """A record of some binary content, in a segment."""
    (root,) = keep(store, data or noise(number, 5_000))
    return take(store, number, {"model.bin": root})


def journal(store: Store) -> list[tuple[Path, int]]:
    """Each entry of the journal, in order: its segment, and where its stored bytes begin."""
    found = [
        (decode_entry(record.id, stored, record.raw_length).sequence, segment_path(store.segments, number), record.offset)
        for number in segment_numbers(store.segments)
        for record, stored in scan(store.segments, number)
        if record.kind == RecordKind.JOURNAL and stored is not None
    ]
    return [(path, offset) for _, path, offset in sorted(found)]


class Died(Exception):
    """What a killed writer leaves is what this one leaves: it cannot clean up after itself."""


def dies_before_its_commit(store: Store, number: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A snapshot whose writer dies when its journal entry is durable and the index does not know yet; in a segment of its own."""
    whole = Transaction.finish
    tried: list[str] = []

    def finish(self: Transaction, appender: Appender, *, base: bool = False) -> None:
        tried.extend(key.hex() for table, key, _ in self.changes if table is Table.BLOBS)
        whole(self, appender, base=base)
        if tried:
            raise Died

    with monkeypatch.context() as fault, store.writer() as holder:
        holder.add_bytes(noise(999, 5_000), BINARY)  # Holds the segment that is open.
        (root,) = keep(store, noise(number, 5_000))
        fault.setattr(Transaction, "finish", finish)
        with pytest.raises(Died):
            take(store, number, {"model.bin": root})
    return tried[0]


def test_everything_lasting_comes_back(store: Store) -> None:
    (one,) = keep(store, noise(1, 3_000_000))
    (two,) = keep(store, text(1), path="a.txt")
    (three,) = keep(store, text(1, changed=2), path="a.txt", base=two)
    digest = take(store, 1, {"one": one, "three": three})
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_tag("v1", digest)
        transaction.set_tag("gone", digest)
        transaction.set_value("name", b"value")
        transaction.put_stat(b"cache", b"x")
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_tag("gone")
    before = {table: store.environment.rows(table) for table in LASTING}
    rows = chunk_rows(store)
    store, problems = anew(store)
    assert problems == []
    assert {table: store.environment.rows(table) for table in LASTING} == before
    assert chunk_rows(store) == rows
    assert store.stat_rows([b"cache"]) == [None]
    assert [store.read_bytes(root) for root in (one, three)] == [noise(1, 3_000_000), text(1, changed=2)]
    snapshot(store, 2)
    assert check(store, reader(store), Silent())[0].ok
    store, problems = anew(store)
    assert (problems, store.snapshot_count()) == ([], 2)
    store.close()


def test_a_committed_snapshot_wins_over_one_whose_writer_died(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both entries follow the same one; the segments lie in no order."""
    first = snapshot(store, 1)
    for number in range(2, 8):
        dead = dies_before_its_commit(store, number + 100, monkeypatch)
        committed = snapshot(store, number)
        store, problems = anew(store)
        assert committed in store.snapshot_ids()
        assert dead not in store.snapshot_ids()
        assert problems == []
    assert first in store.snapshot_ids()
    store.close()


def test_a_prune_that_died_costs_nothing_that_came_after_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its base is whole and durable, of many entries, but was never the store's."""
    digests = [snapshot(store, number) for number in range(1, 6)]
    monkeypatch.setattr(transaction_module, "BASE_ENTRY_BYTES", 200)

    def change(transaction: Transaction) -> None:
        transaction.remove_snapshots(digests[:1])

    whole = Transaction.finish

    def die(self: Transaction, appender: Appender, *, base: bool = False) -> None:
        whole(self, appender, base=base)
        raise Died

    with monkeypatch.context() as fault, store.exclusive():
        fault.setattr(Transaction, "finish", die)
        with pytest.raises(Died):
            apply_sweep(store, plan_sweep(store, reader(store), digests[:1]), change, Silent())
    digests.append(snapshot(store, 6))
    store, problems = anew(store)
    assert (store.snapshot_ids(), problems) == (digests, [])
    store.close()


def test_a_base_that_its_writer_did_not_finish_is_passed_over(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [snapshot(store, number) for number in range(1, 6)]
    monkeypatch.setattr(transaction_module, "BASE_ENTRY_BYTES", 200)
    whole, left = Appender.append, 3

    def append(self: Appender, kind: RecordKind, *arguments: Any, **options: Any) -> tuple[int, int]:
        nonlocal left
        left -= kind is RecordKind.JOURNAL
        if left < 0:
            self.sync()
            raise Died
        return whole(self, kind, *arguments, **options)

    with monkeypatch.context() as fault, store.exclusive():
        fault.setattr(Appender, "append", append)
        with pytest.raises(Died):
            apply_sweep(store, plan_sweep(store, reader(store), digests[:1]), lambda _: None, Silent())
    store, problems = anew(store)
    assert (store.snapshot_ids(), problems) == (digests, [])
    store.close()


@pytest.mark.parametrize("position", [0, 1, 4, 9])
def test_a_damaged_entry_costs_its_own_rows_alone(store: Store, position: int) -> None:
    digests = [snapshot(store, number) for number in range(1, 6)]  # Two entries each: the content, then the record.
    path, offset = journal(store)[position]
    flip(path, offset + 30)
    store, problems = anew(store)
    assert problems
    lost = [digests[position // 2]] if position % 2 else []
    assert store.snapshot_ids() == [digest for digest in digests if digest not in lost]
    for digest in store.snapshot_ids():
        assert store.blob(digest)
    later = snapshot(store, 9)
    store, _ = anew(store)
    assert later in store.snapshot_ids()
    store.close()


def test_a_damaged_base_is_completed_by_what_was_before(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    digests = [snapshot(store, number) for number in range(1, 6)]
    monkeypatch.setattr(transaction_module, "BASE_ENTRY_BYTES", 200)
    (dead,) = keep(store, b"named by nothing")
    with store.exclusive():
        sweep = plan_sweep(store, reader(store))
        apply_sweep(store, sweep, lambda _: None, Silent())
    assert (sweep.unlink, bytes.fromhex(dead) in sweep.roots) == ((), True)
    digests.append(snapshot(store, 6))
    before = {table: {*store.environment.rows(table)} for table in LASTING}
    for path, offset in journal(store)[12:-3]:  # Ten entries of snapshots, one of what was pruned; the first and last of the base stay.
        flip(path, offset + 30)
    store, problems = anew(store)
    assert problems
    assert all({*store.environment.rows(table)} >= rows for table, rows in before.items())
    assert store.snapshot_ids() == digests
    store.close()


def test_a_delta_whose_base_was_pruned_does_not_come_back(store: Store) -> None:
    """Its record is still there, beside others that live; a snapshot that meets its content again would count on it."""
    (before,) = keep(store, text(1), path="a.txt")
    first = take(store, 1, {"a.txt": before})
    with store.writer() as writer:
        writer._appender._adopts = False  # A segment of its own, of which most stays.
        after = writer.add_bytes(text(1, changed=80), TEXT, before).root
        large = writer.add_bytes(noise(5, 400_000), BINARY).root
        commit(writer)
    second = take(store, 2, {"a.txt": after})
    take(store, 3, {"large.bin": large})
    assert row_of(store, after).codec == Codec.DELTA
    assert row_of(store, after).inline is None

    def change(transaction: Transaction) -> None:
        transaction.remove_snapshots([first, second])

    with store.exclusive():
        apply_sweep(store, plan_sweep(store, reader(store), [first, second]), change, Silent())
    store, problems = anew(store)
    assert problems == []
    (again,) = keep(store, text(1, changed=80), path="a.txt")
    assert store.read_bytes(again) == text(1, changed=80)
    store.close()


@pytest.mark.parametrize("order", [1, -1])
def test_of_two_records_of_a_chunk_the_one_that_can_be_read_is_taken(store: Store, monkeypatch: pytest.MonkeyPatch, order: int) -> None:
    (base,) = keep(store, text(1), path="a.txt")
    with store.writer() as one, store.writer() as other:
        root = one.add_bytes(text(1, changed=80), TEXT).root
        assert other.add_bytes(text(1, changed=80), TEXT, base).root == root
        commit(one)
        commit(other)
    damage(store, base)
    monkeypatch.setattr(
        "jupyter_kit.store.upkeep.rebuild.segment_numbers",
        lambda folder: sorted(segment_numbers(folder), reverse=order < 0),
    )
    store, _ = anew(store)
    assert store.read_bytes(root) == text(1, changed=80)
    store.close()


def test_damaged_records_and_headers_are_told_and_the_rest_is_kept(store: Store) -> None:
    roots = [keep(store, noise(number, 20_000))[0] for number in range(4)]
    damage(store, roots[1])
    flip(segments(store)[0], 3)
    store, problems = anew(store)
    assert len(problems) == 2
    assert [noise(number, 20_000) == store.read_bytes(root) for number, root in enumerate(roots) if number != 1] == [True] * 3
    with pytest.raises(ContentCorrupt):
        store.read_bytes(roots[1])
    store.close()


def test_a_sector_that_cannot_be_read_does_not_end_it(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    roots = [keep(store, noise(number, 20_000))[0] for number in range(4)]
    place = row_of(store, roots[2]).offset + RECORD.size + 100
    whole = system.read_bytes_at

    def read(descriptor: int, length: int, offset: int) -> bytes:
        if offset <= place < offset + length:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return whole(descriptor, length, offset)

    with monkeypatch.context() as fault:
        fault.setattr(system, "read_bytes_at", read)
        store, problems = anew(store)
    assert problems
    assert [noise(number, 20_000) == store.read_bytes(root) for number, root in enumerate(roots) if number != 2] == [True] * 3
    store.close()


def test_what_a_dead_writer_left_is_made_durable_before_it_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    dead = dies_before_its_commit(store, 1, monkeypatch)
    steps: list[str] = []
    whole, replace = system.sync_file_system, os.replace
    monkeypatch.setattr(system, "sync_file_system", lambda folder: (steps.append("sync"), whole(folder))[1])
    monkeypatch.setattr(os, "replace", lambda one, other: (steps.append("replace"), replace(one, other))[1])
    store, _ = anew(store)
    assert steps == ["sync", "replace", "replace"]
    assert dead in store.snapshot_ids()
    assert check(store, reader(store), Silent())[0].ok
    store.close()


def no_segments(store: Store) -> None:
    for path in segments(store):
        path.unlink()


def no_journal(store: Store) -> None:
    for path, offset in journal(store):
        flip(path, offset + 20)


@pytest.mark.parametrize("harm", [no_segments, no_journal])
def test_without_a_journal_the_old_index_stays(store: Store, harm: Callable[[Store], None]) -> None:
    snapshot(store, 1)
    harm(store)
    store.close()
    with pytest.raises(ContentCorrupt, match="journal"):
        rebuild(store.folder, Silent())
    again = Store.open(store.folder)
    assert again.snapshot_count() == 1
    again.close()


def test_sealed_segments_stay_sealed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 30_000)
    monkeypatch.setattr("jupyter_kit.store.upkeep.rebuild.SEGMENT_BYTES", 30_000)
    keep(store, *[noise(number, 20_000) for number in range(7)])
    before = store.environment.rows(Table.SEGMENTS)
    store, _ = anew(store)
    assert store.environment.rows(Table.SEGMENTS) == before
    assert {key[0] for key, _ in before} == {0, 1}
    store.close()


def test_nobody_else_may_use_the_store_meanwhile(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.close()
    with StoreLock(store.folder).shared():
        monkeypatch.setattr(system, "lock", lambda *_, **__: False)
        with pytest.raises(Conflict):
            rebuild(store.folder, Silent())
    with pytest.raises(NotFound):
        rebuild(store.folder / "none", Silent())
