"""Which workspaces somebody looks at, and what kernels, terminals and verbs of this server change in them."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_kit.errors import KitError
from jupyter_kit.frontends.server.answers import Reason, WorkspaceEvent
from jupyter_kit.frontends.server.events import Events
from jupyter_kit.frontends.server.paths import Folders
from jupyter_kit.workspace import Workspace
from jupyter_kit.workspace.opened import Standing

LOOK_SECONDS = 0.4
"""Between two looks at the stores: what a kernel keeps is seen well within a second."""

GONE = Standing(None, 0, 0)
"""Of a workspace that has vanished."""


class Watched:
    """One workspace: open while somebody listens, so that a look costs microseconds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.standing: Standing | None = None
        self.reasons: Counter[Reason] = Counter()
        self._workspace: Workspace | None = None
        self._generation = -1

    def look(self) -> Standing | None:
        """Where it stands, if that has changed since the last look. Raises KitError where it is gone or cannot be read."""
        if self._workspace is None:
            self._workspace = Workspace.open(self.root)
        generation = self._workspace.generation()
        if generation == self._generation:
            return None
        standing = self._workspace.standing()
        self._generation = generation
        former, self.standing = self.standing, standing
        return standing if former not in (None, standing) else None

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
        self._guard = threading.Lock()
        self._task: asyncio.Task[None] | None = None

    def see(self, root: Path) -> None:
        """Look after a workspace from now on. Call it on the event loop, which never waits for a look at another store."""
        self._watched.setdefault(root, Watched(root))
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run())

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
            standing = self._looked(watched) or watched.standing or GONE
            self._emit(watched, standing, reason)

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
            for watched in list(self._watched.values()):
                if not self._events.heard:
                    watched.close()
                elif (standing := self._looked(watched)) is not None:
                    reasons = [reason for reason, count in watched.reasons.items() if count]
                    self._emit(watched, standing, reasons[0] if reasons else "outside")

    def _looked(self, watched: Watched) -> Standing | None:
        """Its standing where that has changed. One that cannot be read is not looked at again until somebody asks about it."""
        try:
            return watched.look()
        except KitError:
            watched.close()
            self._watched.pop(watched.root, None)
            watched.standing = GONE
            return GONE

    def _emit(self, watched: Watched, standing: Standing, reason: Reason) -> None:
        folder = self._folders.api_path(watched.root)
        self._events.workspace(WorkspaceEvent(folder, standing.head, standing.snapshots, reason))
