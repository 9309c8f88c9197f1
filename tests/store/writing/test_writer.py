"""Keeping what is new, once; steps that fail; and damage in one version, which is no reason to lose the next."""

from __future__ import annotations

import errno
import hashlib
import os
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, NotFound, StoreFull, StoreUnavailable
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk.segments import segment_numbers
from jupyter_kit.store.format.codec import DEPTH_MAX
from jupyter_kit.store.format.schema import Codec, Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import disk_bytes
from jupyter_kit.store.writing import writer as writer_module
from jupyter_kit.store.writing.writer import INLINE_BYTES_MAX, Writer
from tests.store.keeping import BINARY, TEXT, add, chunk_rows, commit, damage, keep, noise, notebook, reader, row_of, segments, take, text


def fail(monkeypatch: pytest.MonkeyPatch, call: str, code: int = errno.ENOSPC) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(system, call, refuse)


def use(writer: Writer, seed: int = 2, length: int = 300_000) -> None:
    """Keep something with a writer, and commit."""
    writer.add_bytes(noise(seed, length), BINARY)
    commit(writer)


def test_equal_files_cost_one(store: Store) -> None:
    data = noise(1, 500_000)
    keep(store, data)
    before = disk_bytes(store)
    assert len(set(keep(store, *[data] * 20))) == 1
    assert disk_bytes(store) - before < 50_000


def test_small_chunks_lie_in_the_index(store: Store) -> None:
    small, large = keep(store, noise(1, INLINE_BYTES_MAX), noise(2, INLINE_BYTES_MAX + 1))
    assert row_of(store, small).inline == noise(1, INLINE_BYTES_MAX)
    assert row_of(store, large).inline is None


def test_what_two_writers_keep_at_once_stays_where_the_first_put_it(store: Store) -> None:
    """What was made against a chunk meanwhile counts on the depth it has."""
    (base,) = keep(store, text(1), path="a.txt")
    with store.writer() as one, store.writer() as other:
        root = add(one, "a.txt", text(2))
        assert add(other, "a.txt", text(2), base) == root
        commit(one)
        before = row_of(store, root)
        commit(other)
    assert row_of(store, root) == before
    assert store.read_bytes(root) == text(2)


def test_chains_of_deltas_are_bounded_and_read_back(store: Store) -> None:
    versions = [b"".join(b"line %d of version %d\n" % (line, number * (line == 7)) for line in range(400)) for number in range(70)]
    roots: list[str] = []
    with store.writer() as writer:
        for version in versions:
            roots.append(add(writer, "notes.md", version, roots[-1] if roots else None))
            commit(writer)
    rows = chunk_rows(store).values()
    assert max(row.depth for row in rows) == DEPTH_MAX
    assert sum(row.stored_length for row in rows) < 3 * len(versions[0])
    assert [store.read_bytes(root) for root in roots] == versions


def test_a_composed_blob_needs_no_second_copy(store: Store) -> None:
    first, second = noise(4, 3_000_000), notebook(5)
    (one,), (two,) = keep(store, first), keep(store, second, path="n.ipynb")
    before = disk_bytes(store)
    with store.writer() as writer:
        digest, row = writer.compose([b"head" * 100, one, b"middle", two, b"\0" * 1024])
        commit(writer)
    whole = b"head" * 100 + first + b"middle" + second + b"\0" * 1024
    assert digest == hashlib.sha256(whole).hexdigest()
    assert row.size == len(whole)
    assert store.blob(digest) == whole
    assert disk_bytes(store) - before < 100_000
    with store.writer() as writer, pytest.raises(NotFound):
        writer.compose(["0" * 64])


def test_a_writer_that_is_abandoned_leaves_nothing(store: Store) -> None:
    with store.writer() as writer:
        add(writer, "a.bin", noise(6, 100_000))
    assert chunk_rows(store) == {}
    keep(store, noise(7, 100_000))
    assert len(segment_numbers(store.segments)) <= 2


def test_much_is_committed_on_the_way(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer_module, "COMMIT_BYTES", 100_000)
    with store.writer() as writer:
        add(writer, "a.bin", noise(1, 150_000))
        assert chunk_rows(store)
    monkeypatch.setattr(writer_module, "COMMIT_ROWS", 3)
    with store.writer() as writer:
        before = len(chunk_rows(store))
        for seed in range(3):
            add(writer, "a.txt", noise(seed + 9, 100))
        assert len(chunk_rows(store)) > before


@pytest.mark.parametrize("call", ["write", "sync_data"])
@pytest.mark.parametrize("length", [300_000, 40_000_000])  # In one open segment; and over several, which sync in the background.
def test_a_writer_that_failed_commits_nothing_more(store: Store, monkeypatch: pytest.MonkeyPatch, call: str, length: int) -> None:
    with store.writer() as writer:
        with monkeypatch.context() as fault:
            fail(fault, call)
            with pytest.raises(StoreFull):
                use(writer, 1, length)
        with pytest.raises(StoreUnavailable):
            use(writer)
    assert chunk_rows(store) == {}
    with store.writer() as writer:
        use(writer)
    assert chunk_rows(store)


def test_only_what_was_committed_is_healed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (root,) = keep(store, noise(3, 50_000))
    lost = frozenset(chunk for chunk, _ in store.chunk_ids(root))
    with store.writer() as writer:
        writer.heal(lost)
        with monkeypatch.context() as fault:
            fail(fault, "sync_data")
            with pytest.raises(StoreFull):
                use(writer, 3, 50_000)
        assert writer.healed == set()
    for path in segments(store):
        os.truncate(path, 16)
    with store.writer() as writer:
        writer.heal(lost)
        use(writer, 3, 50_000)
        assert writer.healed == lost
    assert store.read_bytes(root) == noise(3, 50_000)


@pytest.mark.parametrize("harm", ["cut off", "flipped", "unreadable", "gone"])
@pytest.mark.parametrize("was_read", [True, False])  # What was decoded before the damage is still in memory.
def test_a_delta_is_never_made_against_a_damaged_version(store: Store, monkeypatch: pytest.MonkeyPatch, harm: str, was_read: bool) -> None:
    (root,) = keep(store, text(4), path="a.txt")
    take(store, 1, {"a.txt": root})
    if was_read:
        assert store.read_bytes(root) == text(4)
    with monkeypatch.context() as fault:
        if harm == "cut off":
            os.truncate(segments(store)[0], 100)
        elif harm == "flipped":
            damage(store, root)
        elif harm == "gone":
            segments(store)[0].unlink()
        else:
            fail(fault, "read_bytes_at", errno.EIO)
        (again,) = keep(store, text(4, changed=3), path="a.txt", base=root)
    assert row_of(store, again).codec != Codec.DELTA
    assert store.read_bytes(again) == text(4, changed=3)
    store.chunks.forget()
    if harm != "unreadable":
        with pytest.raises(ContentCorrupt):
            store.read_bytes(root)
        assert not check(store, reader(store), Silent())[0].ok


def test_a_long_list_is_not_kept_as_a_delta_of_a_damaged_one(store: Store) -> None:
    """Lists of chunks are text of a kind: they have earlier versions, too."""
    data = noise(1, 6_000_000)
    (root,) = keep(store, data)
    (listing,) = store.chunks.listing_chunks(bytes.fromhex(root))
    row = chunk_rows(store)[listing]
    path = next(path for path in segments(store) if int(path.stem, 16) == row.segment)
    with path.open("r+b") as file:
        file.seek(row.offset + 56)
        file.write(bytes(32))
    changed = data[:-10] + bytes(10)
    (other,) = keep(store, changed, base=root)
    assert store.read_bytes(other) == changed


def test_a_step_that_fails_keeps_its_tables_as_they_were(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    keep(store, noise(1, 5_000))
    before = {table: store.environment.rows(table) for table in Table}
    with store.writer() as writer:
        writer.add_bytes(noise(2, 5_000), TEXT)
        fail(monkeypatch, "sync_data", errno.EIO)
        with pytest.raises(StoreUnavailable), writer.transaction() as transaction:
            transaction.set_value("name", b"value")
    assert {table: store.environment.rows(table) for table in Table} == before
