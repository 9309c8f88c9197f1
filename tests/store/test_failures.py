"""A writer that failed is done with; and damage in one version is no reason to lose the next."""

from __future__ import annotations

import errno
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.chunking.chunker import Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_64K
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.errors import ContentCorrupt, Kind, KitError, StoreFull, StoreUnavailable
from jupyter_kit.store.audit import decode_event, export
from jupyter_kit.store.schema import Table
from jupyter_kit.store.segments import segment_numbers, segment_path
from jupyter_kit.store.store import Store
from jupyter_kit.store.writer import Writer

from .test_store import noise

BINARY = Selection(FASTCDC_64K, "never")
TEXT = Selection(WHOLE, "delta")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def fail(monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(system, call, full)


def use(writer: Writer, seed: int = 2, length: int = 300_000) -> None:
    """Keep something with a writer, and commit."""
    writer.add_bytes(noise(seed, length), BINARY)
    with writer.transaction():
        pass


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
    assert store.environment.rows(Table.CHUNKS) == []
    with store.writer() as writer:
        use(writer)
    assert store.environment.rows(Table.CHUNKS)


def test_only_what_was_committed_is_healed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with store.writer() as writer:
        added = writer.add_bytes(noise(3, 50_000), BINARY)
        with writer.transaction():
            pass
    lost = frozenset(chunk for chunk, _ in store.chunk_ids(added.root))
    with store.writer() as writer:
        writer.heal(lost)
        with monkeypatch.context() as fault:
            fail(fault, "sync_data")
            with pytest.raises(StoreFull):
                use(writer, 3, 50_000)
        assert writer.healed == set()
    with store.writer() as writer:
        writer.heal(lost)
        writer.add_bytes(noise(3, 50_000), BINARY)
        with writer.transaction():
            pass
        assert writer.healed == lost


def test_a_damaged_version_does_not_keep_the_next_one_out(store: Store) -> None:
    first = noise(4, 20_000).hex().encode()
    with store.writer() as writer:
        root = writer.add_bytes(first, TEXT).root
        with writer.transaction():
            pass
    (number,) = segment_numbers(store.segments)
    os.truncate(segment_path(store.segments, number), 100)
    store.chunks.segments.close()
    with pytest.raises(ContentCorrupt):
        store.read_bytes(root)
    with store.writer() as writer:
        again = writer.add_bytes(first + b"more", TEXT, root).root
        with writer.transaction():
            pass
    assert store.read_bytes(again) == first + b"more"


def event(**changes: object) -> bytes:
    fields = dict.fromkeys(("time", "actor", "host", "tool", "verb", "detail", "result", "previous"), "x")
    return json.dumps({**fields, "jupyter_user": None, "sequence": 1, "ids": [], "paths": [], **changes}).encode()


@pytest.mark.parametrize("changes", [{"ids": [1]}, {"paths": [None]}, {"ids": "text"}, {"sequence": "1"}, {"verb": 3}, {"jupyter_user": 1}])
def test_an_event_of_other_types_is_told_as_damage(changes: dict[str, object]) -> None:
    decode_event(event())
    with pytest.raises(KitError) as told:
        export([(1, event(**changes))], {}, io.StringIO(), "csv")
    assert told.value.kind is Kind.AUDIT_BROKEN
