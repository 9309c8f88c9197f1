"""The sha256 of content: computed once, remembered beside the root, and never taken from a row that is damaged."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.store.disk.segments import segment_numbers, segment_path
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.reading.digests import encode_digest_row, remembered
from jupyter_kit.store.store import Store
from tests.store.format.test_references import prune
from tests.store.keeping import keep, noise, notebook


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def compose(store: Store, *parts: bytes | str) -> tuple[str, str]:
    """(digest, root) of a composed blob, committed."""
    with store.writer() as writer:
        digest, row = writer.compose(parts)
        with writer.transaction():
            pass
    return digest, row.root.hex()


def cut_off(store: Store) -> None:
    """Damage every segment, so that whoever reads content is told."""
    for number in segment_numbers(store.segments):
        os.truncate(segment_path(store.segments, number), 16)


def reopened(store: Store) -> Store:
    store.close()
    return Store.open(store.folder)


def test_composing_the_same_again_reads_nothing(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    data = noise(1, 20_000_000)
    (root,) = keep(store, data)
    first = compose(store, b"head" * 128, root, b"\0" * 1024)
    assert first[0] == hashlib.sha256(b"head" * 128 + data + b"\0" * 1024).hexdigest()
    store = reopened(store)
    cut_off(store)
    assert store.digest_of(first[1]) == first[0]
    with pytest.raises(ContentCorrupt):
        compose(store, b"other", root)
    store.close()


@given(cuts=st.lists(st.integers(0, 400_000), max_size=4))
def test_how_literal_bytes_come_makes_no_difference(tmp_path_factory: pytest.TempPathFactory, cuts: list[int]) -> None:
    store = Store.create(tmp_path_factory.mktemp("any") / "store")
    head, data = noise(2, 400_000), noise(3, 50_000)
    (root, empty) = keep(store, data, b"")
    borders = [0, *sorted(cuts), len(head)]
    parts = [head[begin:end] for begin, end in pairwise(borders)]
    assert compose(store, *parts, empty, root, b"end") == compose(store, head, root, b"e", empty, b"nd")
    store.close()


def test_the_digest_of_any_content(store: Store) -> None:
    for data, path in [(b"", "a"), (b"text", "a.txt"), (noise(4, 300_000), "a.bin"), (notebook(1), "n.ipynb")]:
        (root,) = keep(store, data, path=path)
        expected = hashlib.sha256(data).hexdigest()
        assert store.digest_of(root) == expected
        assert remembered(store.chunks, bytes.fromhex(root)) == bytes.fromhex(expected)
        assert store.digest_of(root) == expected
    with pytest.raises(NotFound):
        store.digest_of("0" * 64)


@pytest.mark.parametrize(
    "change", [lambda row: row[:-1], lambda row: b"\1" + row[1:], lambda row: row[:-1] + bytes([row[-1] ^ 1]), lambda _: b""]
)
def test_a_damaged_row_is_computed_again(store: Store, change: object) -> None:
    assert callable(change)
    (root,) = keep(store, noise(5, 100_000))
    digest = store.digest_of(root)
    row = encode_digest_row(bytes.fromhex(root), bytes.fromhex(digest))
    with store.environment.write() as transaction:
        transaction.put(bytes.fromhex(root), change(row), db=store.environment.tables[Table.DIGESTS])
    assert remembered(store.chunks, bytes.fromhex(root)) is None
    assert store.digest_of(root) == digest
    assert store.environment.get(Table.DIGESTS, bytes.fromhex(root)) == row


def test_prune_forgets_with_the_content(store: Store) -> None:
    (root,) = keep(store, noise(6, 100_000))
    compose(store, b"head", root)
    store.digest_of(root)
    assert len(store.environment.rows(Table.DIGESTS)) == 2
    prune(store)
    assert store.environment.rows(Table.DIGESTS) == []
    with pytest.raises(NotFound):
        store.digest_of(root)


def test_content_that_is_damaged_has_no_digest(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    (root,) = keep(store, noise(7, 100_000))
    store = reopened(store)
    cut_off(store)
    with pytest.raises(ContentCorrupt):
        store.digest_of(root)
    assert store.environment.rows(Table.DIGESTS) == []
    store.close()
