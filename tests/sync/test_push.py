"""Pushing: what goes over the wire, in which order, and what a remote has afterwards."""

from __future__ import annotations

from pathlib import Path

from jupyter_kit.sync.push import push
from tests.faults.project import noise
from tests.snapshot.conftest import boxed
from tests.sync.memory import Memory


def test_a_first_push_sends_everything_once(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path / "a") as box:
        box.write({"weights.bin": noise(1, 3_000_000), "again.bin": noise(1, 3_000_000), "notes.txt": b"hello\n" * 1000})
        first = box.snap("first").id
        result = push(box.store, "origin", remote)
        assert result.snapshots == (first,)
        assert remote.manifest("main") == remote.manifest(f"s-{first[:12]}")
        assert 3_000_000 < remote.sent < 3_050_000
        again = push(box.store, "origin", remote)
        assert again.snapshots == ()
        assert again.sent_bytes == 0
