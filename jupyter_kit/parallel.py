"""Work on several things at once, told and stopped from the thread that asked for it.

A front end's progress draws in the caller's thread alone, and a KeyboardInterrupt arrives there: so workers only send their steps, and the
caller's thread waits for them, tells them on, and stops everybody when anything is raised.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from queue import Empty, SimpleQueue
from typing import NamedTuple, Protocol, TypeVar

from jupyter_kit.errors import Cancelled
from jupyter_kit.progress import Progress

POLL_SECONDS = 0.2
"""How often progress is asked whether the user said stop while nothing moves: at once, for a person."""

STOP_SECONDS = 5.0
"""How long workers are waited for that were stopped. One that hangs in a system call longer ends by itself, at its next step."""

Job = TypeVar("Job")


class Advance(Protocol):
    """What a worker calls after each of its steps, as :meth:`~jupyter_kit.progress.Progress.advance`."""

    def __call__(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """Raises Cancelled where all work is to stop."""


class _Step(NamedTuple):
    amount: int
    path: str | None
    of: int | None


def in_parallel(work: Callable[[Job, Advance], None], jobs: Iterable[Job], progress: Progress, *, concurrency: int) -> None:
    """Do ``work`` for each of ``jobs``, at most ``concurrency`` at once, begun in their order.

    The first error of a worker, or of ``progress``, stops the others at their next step and is raised.
    """
    waiting = list(jobs)
    if not waiting:
        return
    steps: SimpleQueue[_Step | BaseException | None] = SimpleQueue()
    stop = threading.Event()
    left = iter(waiting)
    taking = threading.Lock()

    def advance(amount: int, *, path: str | None = None, of: int | None = None) -> None:
        if stop.is_set():
            raise Cancelled("The rest was stopped.")
        steps.put(_Step(amount, path, of))

    def run() -> None:
        try:
            while not stop.is_set():
                with taking:
                    job = next(left, None)
                if job is None:
                    break
                work(job, advance)
        except BaseException as error:
            steps.put(error)
        else:
            steps.put(None)

    threads = [threading.Thread(target=run, name=f"kit-{number}", daemon=True) for number in range(min(concurrency, len(waiting)))]
    try:
        for thread in threads:
            thread.start()
        _follow(steps, len(threads), progress)
    finally:
        stop.set()
        deadline = time.monotonic() + STOP_SECONDS
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(deadline - time.monotonic(), 0))


def _follow(steps: SimpleQueue[_Step | BaseException | None], running: int, progress: Progress) -> None:
    while running:
        try:
            step = steps.get(timeout=POLL_SECONDS)
        except Empty:
            progress.advance(0)
            continue
        if step is None:
            running -= 1
        elif isinstance(step, BaseException):
            raise step
        else:
            progress.advance(step.amount, path=step.path, of=step.of)
