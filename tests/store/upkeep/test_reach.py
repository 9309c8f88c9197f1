"""Everything that is reachable, and what stood in the way: told, never raised."""

from __future__ import annotations

import pytest

from jupyter_kit.errors import ContentCorrupt, KitError, NotFound, UnsupportedFormat
from jupyter_kit.store.format.schema import Codec, Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.reach import References, reach, records_of
from tests.store.keeping import chunk_rows, damage, keep, noise, put_row, reader, row_of, take, text


def test_what_is_kept_and_named_is_reached(store: Store) -> None:
    (long,) = keep(store, noise(1, 4_000_000))
    (before,) = keep(store, text(1), path="a.txt")
    (after,) = keep(store, text(1, changed=40), path="a.txt", base=before)
    (dead,) = keep(store, noise(2, 5_000))
    inner = take(store, 1, {})
    digest = take(store, 2, {"long": long, "after": after}, [inner])
    reached = reach(store, [digest], reader(store))
    assert reached.broken == reached.unread == []
    assert reached.blobs == {bytes.fromhex(name) for name in (digest, inner)}
    assert {bytes.fromhex(root) for root in (long, after)} <= reached.roots
    assert bytes.fromhex(before) not in reached.roots
    assert row_of(store, after).codec == Codec.DELTA
    lost = {chunk for chunk, _ in store.chunk_ids(dead)}
    assert reached.chunks == chunk_rows(store).keys() - lost  # The base that only a delta names, and the list's chunks, too.


def test_records_are_those_of_the_history_and_of_tags(store: Store) -> None:
    two, one = take(store, 2, {}), take(store, 1, {})
    with store.writer() as writer:
        other = writer.add_blob(b"{}")
        with writer.transaction() as transaction:
            transaction.set_tag("b", one)
            transaction.set_tag("a", other)
    assert records_of(store) == [one, two, other]


def test_what_is_missing_is_told_by_name(store: Store) -> None:
    (root,) = keep(store, noise(1, 5_000))
    digest = take(store, 1, {"model.bin": root}, ["0" * 64])
    with store.environment.write() as transaction:
        transaction.delete(bytes.fromhex(root), db=store.environment.tables[Table.RECIPES])
    told = reach(store, [digest, "f" * 64], reader(store)).broken
    assert [what for what, _ in told] == [
        f"snapshot {digest[:10]}",
        f"{digest[:10]}:model.bin",
        f"snapshot {'f' * 10}",
        f"snapshot {'f' * 10}",
    ]


@pytest.mark.parametrize("error", [ContentCorrupt("x"), NotFound("x"), UnsupportedFormat("of a later version")])
def test_a_record_that_cannot_be_read_does_not_hide_the_others(store: Store, error: KitError) -> None:
    one, other = take(store, 1, {}), take(store, 2, {})

    def read(digest: str) -> References:
        if digest == one:
            raise error
        return References((), ())

    reached = reach(store, [one, other], read)
    assert reached.broken == [(f"snapshot {one[:10]}", error.message)]
    assert bytes.fromhex(other) in reached.blobs


@pytest.mark.parametrize("table", [Table.BLOBS, Table.RECIPES, Table.CHUNKS])
def test_damaged_rows_are_told(store: Store, table: Table) -> None:
    (root,) = keep(store, noise(1, 5_000))
    digest = take(store, 1, {"model.bin": root})
    key = {
        Table.BLOBS: bytes.fromhex(digest),
        Table.RECIPES: bytes.fromhex(root),
        Table.CHUNKS: store.chunk_ids(root)[0][0],
    }[table]
    put_row(store, table, key, b"x")
    reached = reach(store, [digest], reader(store))
    assert reached.broken or reached.unread


def test_a_delta_that_cannot_be_read_hides_its_base(store: Store) -> None:
    (before,) = keep(store, text(1), path="a.txt")
    (after,) = keep(store, text(1, changed=40), path="a.txt", base=before)
    damage(store, after)
    digest = take(store, 1, {"a.txt": after})
    reached = reach(store, [digest], reader(store))
    ((what, _),) = reached.unread
    assert what == f"chunk {store.chunk_ids(after)[0][0].hex()[:16]}"
