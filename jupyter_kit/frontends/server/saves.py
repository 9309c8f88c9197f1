"""Snapshots that are taken by themselves: some time after files were saved, where something has changed, and never for ever."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from jupyter_kit import settings
from jupyter_kit.errors import KitError
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.documents import windowed
from jupyter_kit.frontends.server.jobs import Work
from jupyter_kit.frontends.server.service import Log, Service

CONTENTS = "https://events.jupyter.org/jupyter_server/contents_service/v1"
"""The schema that Jupyter Server tells saves by."""

CHANGING = frozenset({"create", "save", "upload", "rename", "copy", "delete"})
"""Its actions that change a file."""

WAIT_FACTOR = 10
"""Whoever saves all the time gets a snapshot after so many quiet times."""

TELL_SECONDS = 1.0
"""Between two events that say that files of one workspace were saved."""

PRUNE_SECONDS = 3600
"""Between two times that old snapshots are looked for: to free space, all that is kept is walked through."""


@dataclass(frozen=True)
class Habit:
    """Whether and when snapshots are taken, and which of them stay; None where a number does not limit them."""

    on: bool = False
    quiet_seconds: float = 30.0
    keep_last: int | None = 20
    keep_hourly: int | None = 24
    keep_daily: int | None = 14


@dataclass
class Saved:
    """What was saved in one workspace and is not kept yet: paths in it, and since when."""

    paths: dict[str, None] = field(default_factory=dict)
    since: float = 0.0
    timer: asyncio.TimerHandle | None = None
    told: float = 0.0
    telling: asyncio.TimerHandle | None = None
    pruned: float = 0.0


class Saves:
    """Listens to the saves of one server. ``habit`` is what it does where a workspace's settings say nothing."""

    def __init__(self, service: Service, habit: Habit, log: Log) -> None:
        self._service = service
        self._habit = habit
        self._log = log
        self._switched: dict[Path, bool] = {}
        self._saved: dict[Path, Saved] = {}

    def habit_of(self, root: Path) -> Habit:
        """What a workspace's settings say, else what the browser has switched, else what the server does. Raises InvalidInput."""
        given, habit = settings.load(root), self._habit
        numbers = (given.auto_keep_last, given.auto_keep_hourly, given.auto_keep_daily)
        last, hourly, daily = (habit.keep_last, habit.keep_hourly, habit.keep_daily) if numbers == (None, None, None) else numbers
        on = self._switched.get(root, habit.on) if given.auto_snapshot is None else given.auto_snapshot
        return Habit(on, habit.quiet_seconds if given.auto_quiet_seconds is None else given.auto_quiet_seconds, last, hourly, daily)

    def switch(self, root: Path, *, on: bool) -> None:
        """Take snapshots of a workspace from now on, or no more, until the server ends."""
        self._switched[root] = on

    async def listen(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        """A listener for Jupyter's event bus. What goes wrong here is logged by it, and never fails a save."""
        if data["action"] not in CHANGING:
            return
        for path in filter(None, (data["path"], data.get("source_path"))):
            folder = str(PurePosixPath(path.strip("/")).parent)
            try:
                place = await self._service.work(self._service.folders.place, "" if folder == "." else folder)
                habit = await self._service.work(self.habit_of, place.workspace) if place.workspace else None
            except KitError:
                continue  # Nothing that a workspace of ours can be told about.
            if place.workspace and habit:
                self._note(place.workspace, path, habit)

    def close(self) -> None:
        """Wait for nothing any more."""
        for saved in self._saved.values():
            for timer in filter(None, (saved.timer, saved.telling)):
                timer.cancel()

    def _note(self, root: Path, path: str, habit: Habit) -> None:
        """A file was saved: tell that, and put the snapshot off until it has been quiet."""
        loop = asyncio.get_running_loop()
        saved = self._saved.setdefault(root, Saved())
        if saved.telling is None:
            saved.telling = loop.call_later(max(0.0, saved.told + TELL_SECONDS - time.monotonic()), self._tell, root, saved)
        if not habit.on:
            return
        prefix = self._service.folders.api_path(root)
        saved.paths[path.strip("/").removeprefix(prefix).strip("/")] = None
        if saved.timer is None:
            saved.since = time.monotonic()
        else:
            saved.timer.cancel()
        left = saved.since + WAIT_FACTOR * habit.quiet_seconds - time.monotonic()
        saved.timer = loop.call_later(max(0.0, min(habit.quiet_seconds, left)), self._soon, self._keep, root, saved, habit)

    def _tell(self, root: Path, saved: Saved) -> None:
        saved.telling, saved.told = None, time.monotonic()
        if self._service.events.heard:
            self._soon(self._service.work, self._service.watch.tell, root, "files")

    def _soon(self, begin: Callable[..., Any], *arguments: object) -> None:
        """Begin a coroutine; what it raises is a line in the log."""
        task = asyncio.get_running_loop().create_task(begin(*arguments))
        self._service.follow(task)

    async def _keep(self, root: Path, saved: Saved, habit: Habit) -> None:
        """It has been quiet: keep what has changed."""
        paths, saved.paths, saved.timer = list(saved.paths), {}, None
        if not await self._service.work(_has_changed, root):
            return
        folder = self._service.folders.api_path(root)

        def snapshot(work: Work) -> tuple[object, str]:
            notebooks = [path for path in paths if path.endswith(".ipynb")]
            notebook = notebooks[0] if len(notebooks) == 1 else None
            if not _has_changed(root):  # By the job before this one.
                return None, "Nothing has changed"
            with self._service.watch.changing(root, "snapshot"), house.Workspace.open(root) as workspace:
                kept = workspace.snapshot(_told(paths), kind="auto", notebook=notebook, progress=work)
            return windowed(kept), house.first_line(kept)

        self._service.jobs.start("snapshot", folder, snapshot, turn=root)
        if time.monotonic() - saved.pruned >= PRUNE_SECONDS or not saved.pruned:
            saved.pruned = time.monotonic()
            self._prune(root, folder, habit)

    def _prune(self, root: Path, folder: str, habit: Habit) -> None:
        """Let the old ones of these snapshots go, and no others."""
        rules: dict[str, Any] = {name: getattr(habit, name) for name in ("keep_last", "keep_hourly", "keep_daily")}
        rules["kind"] = "auto"

        def prune(work: Work) -> tuple[object, str]:
            with house.Workspace.open(root) as workspace:
                plan = workspace.plan_prune(**rules)
                if not plan.remove:
                    return None, "No old snapshot was removed"
                with self._service.watch.changing(root, "remove"):
                    result = workspace.prune(**rules, plan=plan, progress=work)
            return windowed(result), house.first_line(result)

        self._service.jobs.start("prune", folder, prune, turn=root)


def _has_changed(root: Path) -> bool:
    with house.Workspace.open(root) as workspace:
        return not workspace.status().clean


def _told(paths: list[str]) -> str:
    """The message of a snapshot: what was saved."""
    first, *more = paths
    return f"{first} saved" if not more else f"{first} and {len(more)} more saved"
