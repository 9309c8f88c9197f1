"""Who may use a store at the same time: any number of readers and writers, or prune alone.

The lock is the kernel's (flock on ``store/lock``), so it dies with the process that held it and is never stale. Everything that a writer
found in the store is therefore still there when it commits.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.errors import Conflict, Kind
from jupyter_kit.store.disk.environment import foreign_errors

SHARED_TIMEOUT_SECONDS = 600.0
"""How long a verb waits while prune has the store to itself: longer than pruning a large store takes."""

EXCLUSIVE_TIMEOUT_SECONDS = 60.0
"""How long prune waits for running verbs before it says who should finish first."""


class StoreLock:
    """The lock of one open store. Taking it shared again in the same thread is free."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._held = threading.local()

    @property
    def held(self) -> bool:
        """Whether this thread holds the lock, shared or exclusively."""
        return bool(getattr(self._held, "depth", 0))

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold prune off. Raises Conflict (store-busy) where prune does not end in time."""
        depth = getattr(self._held, "depth", 0)
        self._held.depth = depth + 1
        try:
            if depth:
                yield
            else:
                with self._take(exclusive=False, timeout_seconds=SHARED_TIMEOUT_SECONDS, holder="Pruning"):
                    yield
        finally:
            self._held.depth = depth

    @contextmanager
    def exclusive(self, timeout_seconds: float = EXCLUSIVE_TIMEOUT_SECONDS) -> Iterator[None]:
        """Be alone in the store. Raises Conflict (store-busy) where others do not finish in time."""
        assert not self.held, "a thread that shares the store would wait for itself"
        with self._take(exclusive=True, timeout_seconds=timeout_seconds, holder="Another snapshot, rollback or check"):
            self._held.depth = 1
            try:
                yield
            finally:
                self._held.depth = 0

    @contextmanager
    def _take(self, *, exclusive: bool, timeout_seconds: float, holder: str) -> Iterator[None]:
        with foreign_errors(self._path.parent):
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            with foreign_errors(self._path.parent):
                taken = system.lock(descriptor, exclusive=exclusive, timeout_seconds=timeout_seconds)
            if not taken:
                raise Conflict(
                    f"{holder} is still using {self._path.parent}.", kind=Kind.STORE_BUSY, hint="Wait until it is done, then try again."
                )
            yield
        finally:
            os.close(descriptor)
