"""What keeps a remote tidy over many pushes: merged catalogues, repacked segments, protection of long pushes; and the local side of it."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from jupyter_kit.progress import Silent
from jupyter_kit.registry.layout import Layout
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.rebuild import rebuild
from jupyter_kit.sync import push as pushing
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.format.published import CATALOGUE_TYPE, SEGMENT_TYPE
from jupyter_kit.sync.outgoing import protection
from jupyter_kit.sync.outgoing.protection import Protection
from jupyter_kit.sync.pull import bring, pull
from jupyter_kit.sync.push import push
from tests.faults.project import FIRST, SECOND, noise
from tests.registry.targets import blob as described
from tests.registry.targets import content_of
from tests.snapshot.conftest import boxed, on_disk
from tests.sync.memory import Memory


def test_an_oci_layout_is_a_remote(tmp_path: Path) -> None:
    with boxed(tmp_path / "a") as ada, boxed(tmp_path / "b") as bob:
        for state in (FIRST, SECOND):
            ada.write(state)
            ada.snap()
            push(ada.store, "origin", Layout(tmp_path / "layout"))
        bob.store.chunks.fetcher = Fetcher(bob.store, lambda name: Layout(tmp_path / "layout"))
        pull(bob.store, bob.folder, "origin", Layout(tmp_path / "layout"))
        assert on_disk(bob.folder) == on_disk(ada.folder)
        assert bob.store.snapshot_ids() == ada.store.snapshot_ids()


def test_many_pushes_have_few_catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "CATALOGUES_MAX", 3)
    remote = Memory()
    with boxed(tmp_path / "a") as ada, boxed(tmp_path / "b") as bob:
        bob.store.chunks.fetcher = Fetcher(bob.store, lambda name: remote)
        for count in range(8):
            ada.write({"notes.md": b"line\n" * (count + 100), f"{count}.bin": noise(count, 5_000)})
            ada.snap()
            push(ada.store, "origin", remote)
            catalogues = [layer for layer in remote.manifest("main").layers if layer.media_type == CATALOGUE_TYPE]
            assert len(catalogues) <= 3
            if count % 3 == 0:
                fetch(bob.store, "origin", remote)
        pull(bob.store, bob.folder, "origin", remote)
        assert on_disk(bob.folder) == on_disk(ada.folder)
        assert bob.store.snapshot_ids() == ada.store.snapshot_ids()


def test_many_small_segments_become_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pushing, "SPARSE_MARGIN", 3)
    remote = Memory()
    with boxed(tmp_path / "a") as ada, boxed(tmp_path / "b") as bob:
        widths = []
        for count in range(12):
            ada.write({f"{count}.bin": noise(count, 50_000)})
            ada.snap()
            push(ada.store, "origin", remote)
            widths.append(sum(layer.media_type == SEGMENT_TYPE for layer in remote.manifest("main").layers))
        assert max(widths) <= 6
        assert remote.sent < 4 * 12 * 50_000
        remote.collect()
        bob.store.chunks.fetcher = Fetcher(bob.store, lambda name: remote)
        bring(bob.store, fetch(bob.store, "origin", remote).snapshots)
        assert check(bob.store, reference_reader(bob.store), Silent())[0].remote_bytes == 0


def test_a_long_push_protects_what_has_arrived(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "PROTECTED_BYTES", 10)
    remote = Memory()
    now = datetime(2026, 1, 10, tzinfo=timezone.utc)
    stale = Protection(remote, lambda: now - timedelta(days=3))
    recent = Protection(remote, lambda: now - timedelta(hours=1))
    mine = Protection(remote, lambda: now)
    for number, guard in enumerate((stale, recent, mine)):
        part = described(bytes([number]) * 12)
        remote.push(part.descriptor, content_of(part.data))
        guard.cover(Segment(bytes.fromhex(part.descriptor.digest[7:]), 12))
    assert len(remote.named) == 3
    remote.collect()
    assert len([data for data in remote.blobs.values() if len(data) == 12]) == 3
    mine.end()
    (left,) = remote.named
    assert left.startswith("wip-")
    remote.collect()
    assert [data for data in remote.blobs.values() if len(data) == 12] == [bytes([1]) * 12]


def test_a_short_push_leaves_and_asks_nothing_of_the_kind(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path) as box:
        box.write(FIRST)
        box.snap()
        push(box.store, "origin", remote)
    assert not [tag for tag in remote.named if tag.startswith("wip-")]
    assert "tags" not in remote.requests


def test_promises_survive_an_index_that_is_made_anew(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path / "a") as box:
        for state in (FIRST, SECOND):
            box.write(state)
            box.snap()
        push(box.store, "origin", remote)
    with boxed(tmp_path / "b") as box:
        fetched = fetch(box.store, "origin", remote)
        (tmp_path / "b" / ".kit" / "store" / "index" / "data.mdb").unlink()
    assert rebuild(tmp_path / "b" / ".kit" / "store", Silent()) == []
    with boxed(tmp_path / "b") as box:
        before = remote.received
        assert fetch(box.store, "origin", remote).snapshots == ()
        assert remote.received - before < 2_000  # The catalogues are known still.
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
        bring(box.store, fetched.snapshots)
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes == 0


def test_a_store_made_before_promises_says_that_it_has_some(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path / "a") as box:
        box.write(FIRST)
        box.snap()
        push(box.store, "origin", remote)
    store = Store.create(tmp_path / "old")
    (tmp_path / "old" / "format.json").write_text('{"format": 1, "features": ["blake3", "xxh3", "zstd", "zstd-delta", "spans"]}')
    fetch(store, "origin", remote)
    store.close()
    assert "promises" in (tmp_path / "old" / "format.json").read_text()
