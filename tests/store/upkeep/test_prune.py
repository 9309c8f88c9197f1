"""Giving space back: exactly what nothing reaches goes, whatever the graph; and where something is in doubt, nothing does."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, StoreFull
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk import appender as appender_module
from jupyter_kit.store.disk.segments import RECORD, segment_numbers
from jupyter_kit.store.format.schema import Codec, Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep import prune as prune_module
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import Sweep, apply_sweep, disk_bytes, plan_sweep
from jupyter_kit.store.upkeep.rebuild import rebuild
from jupyter_kit.store.writing.transaction import Transaction
from tests.store.keeping import add, chunk_rows, commit, damage, keep, noise, put_row, reader, row_of, segments, take, text


def prune(store: Store, **going: int) -> Sweep:
    """Take the records with these numbers, by digest, out of the history, and sweep."""

    def change(transaction: Transaction) -> None:
        transaction.remove_snapshots(going)

    with store.exclusive():
        sweep = plan_sweep(store, reader(store), going)
        apply_sweep(store, sweep, change, Silent())
    return sweep


def rows(store: Store) -> dict[Table, set[bytes]]:
    return {table: {key for key, _ in store.environment.rows(table)} for table in (Table.CHUNKS, Table.RECIPES, Table.BLOBS)}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("text"), st.integers(0, 3), st.integers(0, 60)),
        st.tuples(st.just("binary"), st.integers(0, 5), st.sampled_from([0, 500, 20_000, 300_000])),
    ),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25)
@given(history=st.lists(STEPS, min_size=1, max_size=5), seed=st.integers(0, 999), sealed=st.booleans())
def test_exactly_what_is_reachable_stays(
    tmp_path_factory: pytest.TempPathFactory, history: list[list[tuple[str, int, int]]], seed: int, sealed: bool
) -> None:
    """Random records of texts, each a delta of whatever came before, and of binaries; some tagged, some removed, some never named.

    What stays is compared with a store into which only that was ever put.
    """
    chance = random.Random(seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(appender_module, "SEGMENT_BYTES", 30_000 if sealed else 1 << 25)
        store = Store.create(tmp_path_factory.mktemp("any") / "store")
        contents: dict[str, bytes] = {}
        records: dict[str, int] = {}
        named: dict[str, list[str]] = {}
        last: str | None = None
        for number, steps in enumerate(history, 1):
            roots: list[str] = []
            with store.writer() as writer:
                for kind, one, other in steps:
                    data = text(one, changed=other) if kind == "text" else noise(one, other)
                    root = add(writer, "a.txt" if kind == "text" else "a.bin", data, last)
                    contents[root] = data
                    roots.append(root)
                    last = root if kind == "text" else last
                    commit(writer)
            kept = [root for root in roots if chance.random() < 0.7]
            digest = take(store, number, {str(n): root for n, root in enumerate(kept)})
            records[digest], named[digest] = number, kept
        going = {digest: number for digest, number in records.items() if chance.random() < 0.5}
        tagged = [digest for digest in going if chance.random() < 0.3]
        with store.writer() as writer, writer.transaction() as transaction:
            for digest in tagged:
                transaction.set_tag(f"v{records[digest]}", digest)
        going = {digest: number for digest, number in going.items() if digest not in tagged}
        prune(store, **going)
        staying = {digest: number for digest, number in records.items() if digest not in going}
        wanted = {root for digest in staying for root in named[digest]}
        assert set(store.snapshot_ids()) == set(staying)
        found = rows(store)
        listed = set(store.environment.rows(Table.BLOBS))
        assert found[Table.BLOBS] == {bytes.fromhex(digest) for digest in staying}
        assert found[Table.RECIPES] == {bytes.fromhex(root) for root in wanted} | {value[8:] for _, value in listed}
        needed = {span for root in found[Table.RECIPES] for span, _ in store.chunk_ids(root.hex())}
        needed |= {chunk for root in found[Table.RECIPES] for chunk in store.chunks.listing_chunks(root)}
        placed = chunk_rows(store)
        ahead = list(needed)
        while ahead:
            identity = ahead.pop()
            if placed[identity].codec == Codec.DELTA:
                base = bytes(store.chunks.stored(identity, placed[identity])[:32])
                if base not in needed:
                    needed.add(base)
                    ahead.append(base)
        assert found[Table.CHUNKS] == needed
        for root in wanted:
            assert store.read_bytes(root) == contents[root]
        assert check(store, reader(store), Silent())[0].ok
        known = {number for _, number, _ in prune_module._segments(store)}
        assert set(segment_numbers(store.segments)) == known
        assert {row.segment for row in placed.values() if row.inline is None} <= known
        assert prune_module.plan_sweep(store, reader(store)).empty
        before = {table: store.environment.rows(table) for table in (Table.SNAPSHOTS, Table.TAGS, Table.BLOBS, Table.RECIPES)}
        store.close()
        assert rebuild(store.folder, Silent()) == []
        again = Store.open(store.folder)
        assert {table: again.environment.rows(table) for table in before} == before
        for root in wanted:
            assert again.read_bytes(root) == contents[root]
        assert check(again, reader(again), Silent())[0].ok
        again.close()


def test_space_returns_to_the_disk(store: Store) -> None:
    (one,), (other,) = keep(store, noise(1, 5_000_000)), keep(store, noise(2, 100_000))
    first = take(store, 1, {"one": one})
    take(store, 2, {"other": other})
    before = disk_bytes(store)
    sweep = prune(store, **{first: 1})
    assert sweep.rewritten == 1
    assert before - disk_bytes(store) > 4_500_000
    assert store.read_bytes(other) == noise(2, 100_000)
    put_row(store, Table.CHUNKS, b"x" * 32, b"x")
    with pytest.raises(ContentCorrupt):
        plan_sweep(store, reader(store))


def test_segments_that_are_mostly_live_are_left_alone(store: Store) -> None:
    (one,) = keep(store, noise(1, 1_000_000))
    (other,) = keep(store, noise(2, 100_000))
    take(store, 1, {"one": one})
    second = take(store, 2, {"other": other})
    before = segments(store)
    sweep = prune(store, **{second: 2})
    assert (sweep.unlink, sweep.rewritten) == ((), 0)
    assert set(before) < set(segments(store))  # The new base of the journal has a segment of its own.


def test_what_no_row_names_is_unlinked(store: Store) -> None:
    take(store, 1, {})
    stray = store.segments / f"{7:016x}.segment"
    stray.write_bytes(b"left by a writer that died")
    other = store.segments / "notes.txt"
    other.write_bytes(b"somebody else's")
    prune(store)
    assert not stray.exists()
    assert other.exists()


@pytest.mark.parametrize("what", ["record", "recipe", "delta"])
def test_where_something_cannot_be_read_nothing_goes(store: Store, what: str) -> None:
    """What it needs is not known; and the disk may give it back tomorrow."""
    (before,) = keep(store, text(1), path="a.txt")
    (after,) = keep(store, text(1, changed=40), path="a.txt", base=before)
    first = take(store, 1, {"a.txt": before})
    second = take(store, 2, {"a.txt": after, "long name " * 200: after})
    if what == "delta":
        damage(store, after)
    elif what == "recipe":
        put_row(store, Table.RECIPES, bytes.fromhex(after), b"x")
    else:
        row = store.blob_row(second)
        assert row is not None
        put_row(store, Table.RECIPES, row.root, b"x")
    held = {table: store.environment.rows(table) for table in Table}
    files = segments(store)
    with pytest.raises(ContentCorrupt, match="Nothing was pruned") as told:
        prune(store, **{first: 1})
    assert "--repair" in told.value.hint
    assert {table: store.environment.rows(table) for table in Table} == held
    assert segments(store) == files


def test_a_live_chunk_that_is_damaged_is_not_copied(store: Store) -> None:
    (one,), (other,) = keep(store, noise(1, 500_000)), keep(store, noise(2, 20_000))
    first = take(store, 1, {"one": one})
    take(store, 2, {"other": other})
    damage(store, other)
    with pytest.raises(ContentCorrupt):
        prune(store, **{first: 1})
    assert store.read_bytes(one) == noise(1, 500_000)


def test_no_room_for_the_copies_changes_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (one,), (other,) = keep(store, noise(1, 500_000)), keep(store, noise(2, 20_000))
    first = take(store, 1, {"one": one})
    take(store, 2, {"other": other})
    whole = prune_module.system.sync_data

    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(prune_module.system, "sync_data", full)
    with pytest.raises(StoreFull):
        prune(store, **{first: 1})
    monkeypatch.setattr(prune_module.system, "sync_data", whole)
    assert store.read_bytes(one) == noise(1, 500_000)
    prune(store, **{first: 1})
    assert len(segment_numbers(store.segments)) == 1
    assert store.read_bytes(other) == noise(2, 20_000)


def test_the_stat_cache_forgets_what_went(store: Store) -> None:
    (one,) = keep(store, noise(1, 5_000))
    first = take(store, 1, {"one": one})
    take(store, 2, {})
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.put_stat(b"key", bytes.fromhex(one))
    prune(store, **{first: 1})
    assert store.stat_rows([b"key"]) == [None]


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only Linux lists open files there")
def test_however_much_is_copied_few_files_are_open(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(appender_module, "SEGMENT_BYTES", 30_000)
    roots = keep(store, *[noise(number, 14_000) for number in range(200)])
    first = take(store, 1, {str(number): root for number, root in enumerate(roots)})
    take(store, 2, {str(number): root for number, root in enumerate(roots[::3])})
    most = 0
    whole = prune_module.system.sync_folder

    def count(folder: Path) -> None:
        nonlocal most
        most = max(most, len(os.listdir("/proc/self/fd")))
        whole(folder)

    monkeypatch.setattr(prune_module.system, "sync_folder", count)
    before = len(os.listdir("/proc/self/fd"))
    sweep = prune(store, **{first: 1})
    assert len(sweep.copy) > 60
    assert most <= before + 40  # Segments open for reading are bounded too, at 32.


def test_dropping_a_record_drops_its_own_blob(store: Store) -> None:
    first = take(store, 1, {})
    prune(store, **{first: 1})
    assert store.blob_row(first) is None
    assert store.snapshot_ids() == []
    assert chunk_rows(store) == {}
    assert row_of(store, keep(store, json.dumps({}).encode())[0]).stored_length < RECORD.size
