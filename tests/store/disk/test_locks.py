"""Any number of readers and writers, or prune alone; told, not waited for without an end."""

from __future__ import annotations

import errno
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import Conflict, Kind, KitError, StoreUnavailable
from jupyter_kit.store.disk import locks
from jupyter_kit.store.disk.locks import StoreLock


def in_a_thread(work: Any) -> list[Any]:
    """What ``work`` returned or raised in a thread of its own."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            outcome.append(work())
        except KitError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return outcome


def test_sharing_again_is_free_and_lasts_until_the_outermost_ends(tmp_path: Path) -> None:
    lock, other = StoreLock(tmp_path), StoreLock(tmp_path)
    assert not lock.held
    with lock.shared():
        with lock.shared():
            assert lock.held
        with pytest.raises(Conflict) as told, other.exclusive(timeout_seconds=0):
            pass
        assert told.value.kind is Kind.STORE_BUSY
        with other.shared():
            pass
    assert not lock.held
    with other.exclusive(timeout_seconds=0):
        pass


def test_who_is_alone_may_also_share(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "SHARED_TIMEOUT_SECONDS", 0)
    lock = StoreLock(tmp_path)

    def share() -> str:
        with lock.shared():
            return "shared"

    with lock.exclusive(timeout_seconds=0):
        with lock.shared():
            pass
        (refused,) = in_a_thread(share)
        assert isinstance(refused, Conflict)
        assert "Pruning" in refused.message
    assert in_a_thread(share) == ["shared"]


def test_a_lock_that_was_not_taken_is_not_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(locks, "SHARED_TIMEOUT_SECONDS", 0)
    lock = StoreLock(tmp_path)
    with StoreLock(tmp_path).exclusive(timeout_seconds=0), pytest.raises(Conflict), lock.shared():
        pass
    assert not lock.held
    with lock.shared():
        assert lock.held


def test_a_file_system_without_locks_is_told_as_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any, **__: Any) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(system, "lock", none)
    with pytest.raises(StoreUnavailable, match="locks"), StoreLock(tmp_path).shared():
        pass


def test_a_folder_that_is_gone_is_told_as_ours(tmp_path: Path) -> None:
    with pytest.raises(StoreUnavailable), StoreLock(tmp_path / "none").shared():
        pass
