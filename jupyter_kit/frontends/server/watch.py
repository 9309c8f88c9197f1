"""Which workspaces somebody looks at, and what kernels, terminals and verbs of this server change in them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.errors import KitError
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import Reason, WorkspaceEvent
from jupyter_kit.frontends.server.events import Events
from jupyter_kit.frontends.server.paths import Folders

if TYPE_CHECKING:
    from jupyter_kit.workspace.opened import Standing

LOOK_SECONDS = 0.4
"""Between two looks at the stores: what a kernel keeps is seen well within a second."""


WATCHED_MAX = 16
"""Workspaces looked at, those that were asked about last: each open store takes a TiB of addresses, and there are 128."""


class Watched:
    """One workspace: open while somebody listens, so that a look costs microseconds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.standing: Standing | None = None
        self.reasons: Counter[Reason] = Counter()
        self._workspace: house.Workspace | None = None
        self._generation = -1

    def look(self) -> bool:
        """Whether it has changed since the last look. Raises KitError where it is gone or cannot be read."""
        if self._workspace is None:
            self._workspace = house.Workspace.open(self.root)
        generation = self._workspace.generation()
        if generation == self._generation:
            return False
        self._generation = generation
        former, self.standing = self.standing, self._workspace.standing()
        return former not in (None, self.standing)

    @property
    def is_open(self) -> bool:
        """The store is held open."""
        return self._workspace is not None

    def close(self) -> None:
        """Let go of the store."""
        if self._workspace is not None:
            self._workspace.close()
        self._workspace, self._generation = None, -1


class Watch:
    """The workspaces that somebody has asked about. Looks at them in a thread, and only while somebody listens to events."""

    def __init__(self, folders: Folders, events: Events) -> None:
        self._folders = folders
        self._events = events
        self._watched: dict[Path, Watched] = {}
        self._asked: dict[Path, float] = {}
        self._without: dict[str, None] = {}
        """Folders in no workspace that somebody has asked about, by API path, the last one last."""
        self._guard = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    def see(self, root: Path) -> None:
        """Look after a workspace from now on. Call it on the event loop, which never waits for a look at another store."""
        self._watched.setdefault(root, Watched(root))
        self._asked[root] = time.monotonic()
        self._begin()

    def await_workspace(self, folder: str) -> None:
        """Tell once a folder, by its API path, is in a workspace: a kernel or a terminal may make one. Call it on the event loop."""
        with self._guard:
            self._without.pop(folder, None)
            self._without[folder] = None
            for oldest in list(self._without)[:-WATCHED_MAX]:
                del self._without[oldest]
        self._begin()

    def _begin(self) -> None:
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

    def stand(self, root: Path) -> None:
        """Note where a workspace stands before somebody is told, so that whatever happens after that is seen. Call it in a thread."""
        with self._guard:
            watched = self._watched.get(root)
            if watched is not None and watched.standing is None:
                self._looked(watched)

    def holds(self, root: Path) -> bool:
        """Whether a workspace is held open, because somebody has asked about it and somebody listens."""
        return root in self._watched and self._watched[root].is_open

    @contextmanager
    def changing(self, root: Path, reason: Reason) -> Iterator[None]:
        """What changes meanwhile is this server's doing, and told with ``reason``; it is told at the end in any case."""
        with self._guard:
            watched = self._watched.setdefault(root, Watched(root))
            watched.reasons[reason] += 1
        try:
            yield
        finally:
            with self._guard:
                watched.reasons[reason] -= 1
            self.tell(root, reason)

    def tell(self, root: Path, reason: Reason) -> None:
        """Tell that a workspace has changed, and where it stands now."""
        with self._guard:
            watched = self._watched.setdefault(root, Watched(root))
            self._looked(watched)
            self._emit(watched, reason)

    async def close(self) -> None:
        """Stop looking."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        with self._guard:
            for watched in self._watched.values():
                watched.close()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            await asyncio.get_running_loop().run_in_executor(None, self._look)

    def _look(self) -> None:
        with self._guard:
            recent = sorted(self._watched, key=lambda root: self._asked.get(root, 0.0))[-WATCHED_MAX:]
            for watched in list(self._watched.values()):
                if not self._events.heard or watched.root not in recent:
                    watched.close()
                elif self._looked(watched):
                    reasons = [reason for reason, count in watched.reasons.items() if count]
                    self._emit(watched, reasons[0] if reasons else "outside")
            for folder in list(self._without) if self._events.heard else ():
                self._look_for_workspace(folder)

    def _look_for_workspace(self, folder: str) -> None:
        try:
            root = self._folders.place(folder).workspace
        except KitError:
            del self._without[folder]
            return
        if root is not None:
            with suppress(KitError), closing(Watched(root)) as watched:  # One that is being made cannot be opened yet.
                watched.look()
                del self._without[folder]
                self._emit(watched, "outside", folder)

    def _looked(self, watched: Watched) -> bool:
        """Whether it has changed. One that cannot be read is not looked at again until somebody asks about it."""
        try:
            return watched.look()
        except KitError:
            watched.close()
            watched.standing = None
            self._watched.pop(watched.root, None)
            return True

    def _emit(self, watched: Watched, reason: Reason, folder: str | None = None) -> None:
        folder = self._folders.api_path(watched.root) if folder is None else folder
        standing = watched.standing
        told = (standing.head, standing.snapshots) if standing else (None, 0)
        self._events.workspace(WorkspaceEvent(folder, *told, reason))
