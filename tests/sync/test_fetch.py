"""Fetching: the history at once, content when it is read, everything verified."""

from __future__ import annotations

from pathlib import Path

from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.history import History
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.push import push
from tests.faults.project import FIRST, SECOND
from tests.snapshot.conftest import boxed, on_disk
from tests.sync.memory import Memory


def test_a_history_travels_and_its_files_come_when_they_are_read(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path / "a") as box:
        box.write(FIRST)
        first = box.snap("first", tags=["v1"]).id
        box.write(SECOND)
        second = box.snap("second").id
        pushed = push(box.store, "origin", remote)
        assert pushed.snapshots == (first, second)
    with boxed(tmp_path / "b") as box:
        fetched = fetch(box.store, "origin", remote)
        assert fetched.snapshots == (first, second)
        assert (fetched.ahead, fetched.behind) == (0, 2)
        assert fetched.received_bytes < 10_000
        assert [snapshot.message for snapshot in History(box.store).newest_first()] == ["second", "first"]
        assert History(box.store).resolve("v1") == first
        assert History(box.store).resolve("origin.main") == second
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes > 600_000
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
        for snapshot in (first, second):
            box.roll(snapshot)
            with boxed(tmp_path / "a") as origin:
                origin.roll(snapshot)
            assert on_disk(tmp_path / "b") == on_disk(tmp_path / "a")
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes == 0
