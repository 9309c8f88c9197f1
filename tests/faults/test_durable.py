"""Power that fails: what a step counts on is on the disk before it, not only handed to the operating system.

A killed process leaves its writes to the system, so killing one cannot tell. These tests keep a ledger of what was made durable.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.store.disk.appender import decode_segment_row
from jupyter_kit.store.disk.environment import Environment
from jupyter_kit.store.disk.segments import segment_path
from jupyter_kit.store.format.schema import Table
from jupyter_kit.workspace import Workspace

from .project import FIRST, SECOND, Tree, noise, put


class Ledger:
    """Which inodes have bytes, and which folders have names, that a loss of power would take away."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dirty: set[int] = set()
        self.changed: set[int] = set()
        self.named: set[Path] = set()
        """Names of segments that are durable."""
        self.commits = self.moves = 0
        self._whole = {name: getattr(system, name) for name in ("write", "sync_data", "sync_folder", "sync_file_system")}
        for name in self._whole:
            monkeypatch.setattr(system, name, getattr(self, f"_{name}"))
        for name in ("replace", "unlink", "mkdir", "rmdir"):
            monkeypatch.setattr(os, name, self._changing(getattr(os, name)))
        monkeypatch.setattr(Environment, "write", self._committing(Environment.write))

    def _write(self, descriptor: int, buffers: Any) -> None:
        self._whole["write"](descriptor, buffers)
        self.dirty.add(os.fstat(descriptor).st_ino)

    def _sync_data(self, descriptor: int) -> None:
        self._whole["sync_data"](descriptor)
        self.dirty.discard(os.fstat(descriptor).st_ino)

    def _sync_folder(self, folder: Path) -> None:
        self._whole["sync_folder"](folder)
        self.changed.discard(os.stat(folder).st_ino)
        self.named |= set(folder.iterdir())

    def _sync_file_system(self, folder: Path) -> None:
        self._whole["sync_file_system"](folder)
        self.dirty.clear()
        self.changed.clear()

    def _changing(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """Changes of names in the workspace are made relative to open folders."""

        def changing(*arguments: Any, **options: Any) -> Any:
            folder = options.get("dst_dir_fd", options.get("dir_fd"))
            if call.__name__ == "replace" and folder is not None:
                found = os.lstat(arguments[0])
                assert found.st_ino not in self.dirty, f"{arguments[1]} is renamed before its content is durable"
                self.moves += 1
            done = call(*arguments, **options)
            if folder is not None:
                self.changed.add(os.fstat(folder).st_ino)
            return done

        return changing

    def _committing(self, whole: Callable[..., Any]) -> Callable[..., Any]:
        @contextmanager
        def write(environment: Environment) -> Iterator[Any]:
            with whole(environment) as transaction:
                yield transaction
                self.commits += 1
                assert not self.changed, "names in the workspace are not durable"
                for key, value in transaction.cursor(db=environment.tables[Table.SEGMENTS]):
                    _, number, length = decode_segment_row(bytes(key), bytes(value))
                    path = segment_path(environment.folder.parent / "segments", number)
                    assert path in self.named, "a segment's name is not durable"
                    assert path.stat().st_ino not in self.dirty, "a segment's bytes are not durable"
                    assert path.stat().st_size >= length

        return write


MANY: Tree = {f"many/{number}.bin": noise(number, 5_000) for number in range(30)}


@pytest.mark.parametrize("more", [{}, MANY], ids=["few", "many"])
def test_nothing_is_counted_on_before_it_is_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: Tree) -> None:
    ledger = Ledger(monkeypatch)
    with Workspace.init(tmp_path) as workspace:
        put(tmp_path, {**FIRST, **more})
        workspace.snapshot("first")
        put(tmp_path, SECOND)
        ledger.changed.clear()  # What was put there is not ours.
        workspace.rollback("HEAD")
        workspace.prune(keep_last=1)
    assert ledger.moves >= len(set(FIRST) - {"data/empty"})
    assert ledger.commits >= 4


def test_a_commit_of_the_index_waits_for_the_disk(tmp_path: Path) -> None:
    with Workspace.init(tmp_path) as workspace:
        flags = workspace._store.environment._current().flags()
        assert flags["sync"]
        assert flags["metasync"]
