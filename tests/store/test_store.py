"""Keeping and reading back: identity, ranges, deduplication, deltas, composed blobs, and steps that are all or nothing."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit import system
from jupyter_kit.chunking.chunker import Selection
from jupyter_kit.chunking.select import select
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.store.codec import DEPTH_MAX
from jupyter_kit.store.prune import disk_bytes
from jupyter_kit.store.recipes import decode_row, decode_spans
from jupyter_kit.store.schema import Table, decode_chunk_row
from jupyter_kit.store.segments import segment_numbers
from jupyter_kit.store.store import Store
from jupyter_kit.store.tags import check_tag_name
from jupyter_kit.store.writer import Writer

TEXT = Selection(WHOLE, "delta")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def noise(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def add(writer: Writer, path: str, data: bytes, base: str | None = None) -> str:
    return writer.add_bytes(data, select(path, len(data), lambda offset, length: data[offset : offset + length]), base).root


def keep(store: Store, *contents: bytes, path: str = "data.bin") -> list[str]:
    with store.writer() as writer:
        roots = [add(writer, path, content) for content in contents]
        with writer.transaction():
            pass
    return roots


def notebook(seed: int) -> bytes:
    image = base64.b64encode(noise(seed, 4_000)).decode()
    cell = {"cell_type": "code", "execution_count": seed, "metadata": {}, "source": "x" * 300, "outputs": [{"data": {"image/png": image}}]}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


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
            with writer.transaction():
                pass
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
        with writer.transaction():
            pass
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


def test_equal_files_cost_one(store: Store) -> None:
    data = noise(1, 500_000)
    keep(store, data)
    before = disk_bytes(store)
    assert len(set(keep(store, *[data] * 20))) == 1
    assert disk_bytes(store) - before < 50_000


def test_chains_of_deltas_are_bounded_and_read_back(store: Store) -> None:
    versions = [b"".join(b"line %d of version %d\n" % (line, number * (line == 7)) for line in range(400)) for number in range(70)]
    roots: list[str] = []
    with store.writer() as writer:
        for version in versions:
            roots.append(add(writer, "notes.md", version, roots[-1] if roots else None))
            with writer.transaction():
                pass
    rows = [decode_chunk_row(value) for _, value in store.environment.rows(Table.CHUNKS)]
    assert max(row.depth for row in rows) == DEPTH_MAX
    assert sum(row.stored_length for row in rows) < 3 * len(versions[0])
    assert [store.read_bytes(root) for root in roots] == versions


def test_a_long_list_is_kept_as_chunks(store: Store) -> None:
    data = noise(2, 40_000_000)
    changed = data[:20_000_000] + b"x" + data[20_000_001:]
    (root,) = keep(store, data)
    before = disk_bytes(store)
    (other,) = keep(store, changed)
    assert disk_bytes(store) - before < 600_000
    assert store.chunks.listing_chunks(bytes.fromhex(root))
    assert store.read_bytes(other) == changed


def test_a_composed_blob_needs_no_second_copy(store: Store) -> None:
    first, second = noise(4, 3_000_000), notebook(5)
    (one,), (two,) = keep(store, first), keep(store, second, path="n.ipynb")
    before = disk_bytes(store)
    with store.writer() as writer:
        digest, row = writer.compose([b"head" * 100, one, b"middle", two, b"\0" * 1024])
        with writer.transaction():
            pass
    whole = b"head" * 100 + first + b"middle" + second + b"\0" * 1024
    assert digest == hashlib.sha256(whole).hexdigest()
    assert row.size == len(whole)
    assert store.blob(digest) == whole
    assert disk_bytes(store) - before < 100_000


def test_a_step_that_fails_undoes_itself_and_keeps_what_waits(store: Store) -> None:
    with store.writer() as writer:
        record = writer.add_blob(b"{}")
        with pytest.raises(Conflict), writer.transaction() as transaction:
            transaction.set_tag("v1", record, expected="f" * 64)
        assert store.tags() == {}
        with writer.transaction() as transaction:
            transaction.set_tag("v1", record, expected=None)
    assert store.tags() == {"v1": record}
    assert store.blob(record) == b"{}"
    with store.writer() as writer, pytest.raises(NotFound), writer.transaction() as transaction:
        transaction.set_tag("v2", "0" * 64)


def test_a_writer_that_is_abandoned_leaves_nothing(store: Store) -> None:
    with store.writer() as writer:
        add(writer, "a.bin", noise(6, 100_000))
    assert store.environment.rows(Table.CHUNKS) == []
    keep(store, noise(7, 100_000))
    assert len(segment_numbers(store.segments)) <= 2


def test_small_commits_share_a_segment_and_writers_do_not(store: Store) -> None:
    for number in range(60):
        keep(store, noise(number, 2_000))
    assert len(segment_numbers(store.segments)) == 1
    with store.writer() as one, store.writer() as other:
        add(one, "a.bin", noise(100, 20_000))
        add(other, "a.bin", noise(101, 20_000))
        for writer in (one, other):
            with writer.transaction():
                pass
    assert len(segment_numbers(store.segments)) == 2


@pytest.mark.parametrize("name", ["", ".x", "-x", "a/b", "a b", "x" * 129, "beef", "é"])
def test_names_that_are_no_tags(name: str) -> None:
    with pytest.raises(InvalidInput):
        check_tag_name(name)


@given(data=st.binary(max_size=200))
def test_decoders_refuse_what_is_not_theirs(data: bytes) -> None:
    for decode in (decode_chunk_row, decode_row, decode_spans):
        try:
            decode(data)
        except ValueError:
            continue


def test_a_recipe_that_does_not_match_its_root_is_refused(store: Store) -> None:
    (root,) = keep(store, noise(8, 5_000))
    value = store.environment.get(Table.RECIPES, bytes.fromhex(root))
    assert value is not None
    with store.environment.write() as transaction:
        transaction.put(bytes.fromhex(root), value[:-4] + b"\1" + value[-3:], db=store.environment.tables[Table.RECIPES])
    with pytest.raises(ContentCorrupt, match="ecipe"):
        store.read_bytes(root)
