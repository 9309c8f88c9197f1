"""How contents become recipes: large and small, read in whatever steps, with and without an earlier version."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_4K
from jupyter_kit.chunking.select import select
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.store.format.codec import DELTA_BYTES_MAX
from jupyter_kit.store.format.schema import Codec
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.prune import disk_bytes
from jupyter_kit.store.writing import intake
from tests.store.keeping import BINARY, TEXT, chunk_rows, commit, keep, noise, notebook, row_of, text


def test_a_long_list_is_kept_as_chunks(store: Store) -> None:
    data = noise(2, 40_000_000)
    changed = data[:20_000_000] + b"x" + data[20_000_001:]
    (root,) = keep(store, data)
    before = disk_bytes(store)
    (other,) = keep(store, changed)
    assert disk_bytes(store) - before < 600_000
    assert store.chunks.listing_chunks(bytes.fromhex(root))
    assert store.read_bytes(other) == changed


@settings(max_examples=25)
@given(
    length=st.integers(0, 200_000),
    stops=st.lists(st.integers(1, 60_000), max_size=8),
    selection=st.sampled_from([Selection(FASTCDC_4K, "sample"), BINARY, Selection(WHOLE, "never")]),
)
def test_a_stream_has_the_same_root_however_it_is_read(
    tmp_path_factory: pytest.TempPathFactory, length: int, stops: list[int], selection: Selection
) -> None:
    """Blocks of 32 KiB, so that there are several; ``fill`` always fills its buffer, as its contract says."""
    data = noise(length, length)
    store = Store.create(tmp_path_factory.mktemp("any") / "store")

    def fill(buffer: memoryview, offset: int) -> int:
        part = data[offset : offset + len(buffer)]
        buffer[: len(part)] = part
        return len(part)

    with pytest.MonkeyPatch.context() as patch, store.writer() as writer:
        patch.setattr(intake, "BLOCK_BYTES", 32_768 + sum(stops))
        added = writer._intake.add_stream(fill, selection)
        assert added.size == length
        assert added.root == writer.add_bytes(data, selection).root
        commit(writer)
    assert store.read_bytes(added.root) == data
    store.close()


def test_an_error_of_the_source_comes_out_and_leaves_no_thread(store: Store) -> None:
    def fill(buffer: memoryview, offset: int) -> int:
        if offset > 10_000_000:
            raise OSError("the source is gone")
        return len(buffer)

    with store.writer() as writer:
        with pytest.raises(OSError, match="the source is gone"):
            writer._intake.add_stream(fill, BINARY)
        assert writer.add_bytes(b"still works", BINARY).size == 11


def test_a_notebook_that_grows_while_it_is_read_is_cut_as_it_is(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "n.ipynb"
    path.write_bytes(notebook(1))
    selection = select("n.ipynb", path.stat().st_size, lambda offset, length: b"")
    descriptor = os.open(path, os.O_RDONLY)
    with store.writer() as writer:
        whole = writer.add_file(descriptor, path.stat().st_size, selection)
        grown = writer.add_file(descriptor, path.stat().st_size - 50, selection)
        commit(writer)
    os.close(descriptor)
    assert store.read_bytes(whole.root) == store.read_bytes(grown.root) == path.read_bytes()
    assert store.recipe(whole.root).chunker == "notebook/1"
    assert store.recipe(grown.root).chunker != "notebook/1"


def test_a_notebook_keeps_its_figures_once_and_its_text_as_a_delta(store: Store) -> None:
    (one,) = keep(store, notebook(1), path="n.ipynb")
    again = notebook(1).replace(b'"execution_count": 1', b'"execution_count": 22')
    before = len(chunk_rows(store))
    (two,) = keep(store, again, path="n.ipynb", base=one)
    assert len(chunk_rows(store)) == before + 1
    assert store.read_bytes(two) == again


def test_a_large_skeleton_is_cut(store: Store) -> None:
    large = notebook(1).replace(b"x" * 300, noise(1, DELTA_BYTES_MAX).hex().encode())
    (root,) = keep(store, large, path="n.ipynb")
    assert store.recipe(root).chunker == "notebook/1"
    assert len(store.chunk_ids(root)) > 10
    assert store.read_bytes(root) == large


def test_text_is_kept_against_its_earlier_version_only_where_that_is_text(store: Store) -> None:
    (binary,) = keep(store, noise(1, 3_000_000))
    (after,) = keep(store, text(1), path="a.txt", base=binary)
    assert row_of(store, after).codec == Codec.ZSTD
    (next_one,) = keep(store, text(1, changed=2), path="a.txt", base=after)
    assert row_of(store, next_one).codec == Codec.DELTA
    with store.writer() as writer:
        assert writer.add_bytes(text(9), TEXT, "0" * 64).size == len(text(9))  # A version that the store does not have.


def test_a_measure_counts_and_keeps_nothing(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(noise(1, 400_000) + noise(2, 400_000))
    keep(store, noise(1, 400_000))
    before = chunk_rows(store)
    descriptor = os.open(tmp_path / "file", os.O_RDONLY)
    with store.measure() as measure:
        first = measure.add_file(descriptor, 800_000, BINARY)
        assert 400_000 <= first.new_bytes < 700_000
        assert measure.add_bytes(noise(1, 400_000) + noise(2, 400_000), BINARY).new_bytes == 0
    os.close(descriptor)
    assert chunk_rows(store) == before
