"""What the routes of one server share: its folders, its jobs, its events, and threads to work in."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

from jupyter_kit.frontends.server.collector import Collector
from jupyter_kit.frontends.server.events import Events
from jupyter_kit.frontends.server.held import Answers
from jupyter_kit.frontends.server.jobs import Jobs
from jupyter_kit.frontends.server.paths import Folders
from jupyter_kit.frontends.server.watch import Watch

P = ParamSpec("P")
T = TypeVar("T")

THREADS_MAX = 8
"""Answers worked on at once. They wait for the disk mostly; more of them would only wait for each other."""

Log = logging.Logger | logging.LoggerAdapter[logging.Logger]


class Service:
    """One server's. Nothing runs before it is asked for."""

    def __init__(self, contents: Any, event_logger: Any, log: Log, *, layouts_outside: bool = False) -> None:
        self.folders = Folders(contents, layouts_outside=layouts_outside)
        self.events = Events(event_logger)
        self.answers = Answers()
        self.collector = Collector()
        self.jobs = Jobs(self.events.job, log, self.collector)
        self.watch = Watch(self.folders, self.events)
        self._log = log
        self._settled = False
        self._tasks: set[asyncio.Task[Any]] = set()
        self._threads = ThreadPoolExecutor(THREADS_MAX, "jupyter-kit")

    async def work(self, carry_out: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call something that takes longer than the event loop may be held up."""
        self.events.attach()
        if not self._settled:
            self._settled = True
            gc.freeze()  # What the server consists of stays, so the garbage collector need not walk through it each time.

        def calmly() -> T:
            with self.collector.held_back():
                return carry_out(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._threads, calmly)

    def follow(self, task: asyncio.Task[Any]) -> None:
        """Hold on to a task that nobody waits for, and log what it raises."""
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (problem := task.exception()) is not None:
            self._log.warning("%s", problem)

    async def close(self) -> None:
        """Stop jobs and looking, and end the threads."""
        if self._tasks:
            await asyncio.wait(self._tasks)
        await self.jobs.close()
        await self.watch.close()
        self._threads.shutdown(wait=False, cancel_futures=True)
