"""Opening a store, keeping and reading back: identity and ranges; and what a store says when its folder is not as it should be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit import system
from jupyter_kit.chunking.select import select
from jupyter_kit.errors import Conflict, ContentCorrupt, NotFound, StoreUnavailable
from jupyter_kit.progress import Silent
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store

from .keeping import add, commit, keep, noise, notebook, put_row, take

CONTENTS = st.one_of(
    st.binary(max_size=3_000),
    st.builds(noise, st.integers(0, 9), st.integers(0, 700_000)),
    st.builds(lambda count, word: word * count, st.integers(0, 40_000), st.binary(min_size=1, max_size=9)),
    st.builds(notebook, st.integers(0, 9)),
)


@given(files=st.lists(st.tuples(st.sampled_from(["a.bin", "b.txt", "n.ipynb", "m.csv", "w.safetensors"]), CONTENTS), max_size=5))
def test_what_was_kept_comes_back(tmp_path_factory: pytest.TempPathFactory, files: list[tuple[str, bytes]]) -> None:
    store = Store.create(tmp_path_factory.mktemp("any") / "store")
    with store.writer() as writer:
        roots: list[str] = []
        for path, data in files:
            roots.append(add(writer, path, data, roots[-1] if roots else None))
            commit(writer)
    for (_, data), root in zip(files, roots, strict=True):
        assert store.read_bytes(root) == data
        assert store.size(root) == len(data)
        start, end = len(data) // 3, 2 * len(data) // 3
        assert b"".join(bytes(part) for part in store.read(root, start, end - start)) == data[start:end]
        assert sum(length for _, length in store.chunk_ids(root)) == len(data)
    store.close()


@pytest.mark.parametrize("length", [0, 1, 100, 300_000, 20_000_000])
def test_a_file_restored_is_the_file(store: Store, tmp_path: Path, length: int) -> None:
    data = noise(3, length)
    (tmp_path / "file").write_bytes(data)
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    with store.writer() as writer:
        added = writer.add_file(descriptor, length, select("file.bin", length, lambda offset, count: data[offset : offset + count]))
        commit(writer)
    os.close(descriptor)
    assert added.size == added.new_bytes == length
    with (tmp_path / "again").open("wb") as file:
        store.restore(added.root, file.fileno(), Silent())
    assert (tmp_path / "again").read_bytes() == data


def test_many_files_are_read_back_each_as_it_was(store: Store) -> None:
    files = [noise(number, length) for number, length in enumerate((0, 1, 900, 5_000, 70_000, 400_000, 1_000_000))]
    files += [b"the same line\n" * 5_000, files[3], notebook(1), notebook(2), *(noise(number, 2_000) for number in range(300))]
    roots = keep(store, *files)
    read = [b"".join(content) for content in store.contents((root, "") for root in roots)]
    assert read == files


def test_among_many_files_the_damaged_one_is_named(store: Store) -> None:
    roots = keep(store, *(noise(number, 5_000) for number in range(20)))
    flip(store, noise(13, 5_000)[:64])
    with pytest.raises(ContentCorrupt, match="file 13 cannot be read back"):
        list(store.contents((root, f"file {number}") for number, root in enumerate(roots)))


def test_among_many_files_the_missing_one_is_named(store: Store) -> None:
    roots = keep(store, b"here")
    with pytest.raises(NotFound, match=r"lost\.txt"):
        list(store.contents([(roots[0], "here.txt"), ("00" * 32, "lost.txt")]))


def flip(store: Store, content: bytes) -> None:
    """Change one byte where a segment holds this content."""
    for path in store.segments.glob("*.segment"):
        data = bytearray(path.read_bytes())
        position = data.find(content)
        if position >= 0:
            data[position] ^= 1
            path.write_bytes(data)


def test_a_large_file_goes_to_the_disk_piece_by_piece(store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pieces: list[tuple[int, int]] = []
    monkeypatch.setattr(system, "start_writing", lambda _, start, length: pieces.append((start, start + length)))
    monkeypatch.setattr("jupyter_kit.store.store.START_WRITING_BYTES", 100_000)
    (root,) = keep(store, noise(5, 1_000_000))
    with (tmp_path / "restored").open("wb") as file:
        store.restore(root, file.fileno(), Silent())
    assert pieces[0][0] == 0
    assert [end for _, end in pieces[:-1]] == [start for start, _ in pieces[1:]]
    assert all(end - start >= 100_000 for start, end in pieces)


def test_a_range_beyond_the_end_is_empty(store: Store) -> None:
    (root,) = keep(store, b"content")
    assert list(store.read(root, 7)) == list(store.read(root, 100, 5)) == list(store.read(root, 2, 0)) == []


def test_what_the_store_does_not_hold_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match=r"model\.bin"):
        store.read_bytes("0" * 64, "model.bin")
    with pytest.raises(NotFound):
        store.blob("0" * 64)
    assert store.blob_row("0" * 64) is None
    assert store.value("none") is None


def test_a_blob_that_names_other_content_is_refused(store: Store) -> None:
    one, other = take(store, 1, {}), take(store, 2, {})
    row = store.environment.get(Table.BLOBS, bytes.fromhex(other))
    assert row is not None
    put_row(store, Table.BLOBS, bytes.fromhex(one), row)
    with pytest.raises(ContentCorrupt):
        store.blob(one)
    put_row(store, Table.BLOBS, bytes.fromhex(one), row[:-1])
    with pytest.raises(ContentCorrupt):
        store.blob(one)


def test_closing_again_closes_nobody_elses(store: Store) -> None:
    other = Store.open(store.folder)
    other.close()
    other.close()
    keep(store, b"content")
    assert store.tags() == {}


def test_a_store_made_anew_in_the_same_place_is_the_new_one(store: Store) -> None:
    """A kernel has the store open; somebody deletes its folder and begins again."""
    keep(store, noise(1, 5_000))
    shutil.rmtree(store.folder)
    anew = Store.create(store.folder)
    take(anew, 1, {})
    assert len(anew.snapshot_ids()) == 1
    assert (store.folder / "index" / "data.mdb").exists()
    anew.close()


def test_there_is_one_store_in_a_folder(store: Store) -> None:
    with pytest.raises(Conflict):
        Store.create(store.folder)


def test_a_store_that_could_not_be_made_is_not_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as fault:
        fault.setattr(system, "write", refuse)
        with pytest.raises(StoreUnavailable):
            Store.create(tmp_path / "store")
    with pytest.raises(NotFound):
        Store.open(tmp_path / "store")
    store = Store.create(tmp_path / "store")
    assert store.environment.users == 1
    store.close()


def no_file(index: Path) -> None:
    (index / "data.mdb").unlink()


def an_empty_file(index: Path) -> None:
    os.truncate(index / "data.mdb", 0)


@pytest.mark.parametrize("harm", [no_file, an_empty_file])
def test_an_index_that_is_gone_is_never_begun_anew(store: Store, harm: Callable[[Path], None]) -> None:
    """An empty one would say that nothing is kept, and prune would believe it."""
    keep(store, noise(1, 5_000))
    second = Store.open(store.folder)
    second.close()
    store.close()
    harm(store.folder / "index")
    with pytest.raises(ContentCorrupt, match="missing") as told:
        Store.open(store.folder)
    assert "--rebuild" in told.value.hint


def test_an_index_that_goes_while_the_store_is_open_is_told(store: Store) -> None:
    no_file(store.folder / "index")
    with pytest.raises(ContentCorrupt, match="missing"), store.shared():
        pass
