"""Long work: one thread a job, jobs that change one workspace one after the other, progress told at most four times a second."""

from __future__ import annotations

import asyncio
import logging
import secrets
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

from jupyter_kit.errors import Cancelled, KitError, NotFound
from jupyter_kit.frontends.exits import told
from jupyter_kit.frontends.server.answers import ErrorReply, Job
from jupyter_kit.frontends.server.collector import Collector
from jupyter_kit.frontends.server.steps import in_the_lab
from jupyter_kit.progress import Unit

TELL_SECONDS = 0.25
"""Between two events of one job."""

ENDED_KEPT = 20
"""Jobs that are over and still listed."""

STOP_SECONDS = 5.0
"""How long the server waits for work to stop before it ends."""

THREADS_MAX = 32
"""Jobs at once; far more than one person starts."""

UNEXPECTED = "unexpected"
"""The kind of an error that is a mistake of ours."""

Tell = Callable[[Job], None]


class Work:
    """One job: what its thread reports to, and what says stop. Every method may be called from any thread."""

    def __init__(self, verb: str, folder: str, tell: Tell) -> None:
        started = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self.cancelled = False
        self._job = Job(secrets.token_hex(8), verb, folder, "queued", "", 0, None, "", None, started, 0.0, None, "")
        self._done = 0
        self._path: str | None = None
        self._tell = tell
        self._began = time.monotonic()
        self._told = 0.0

    @property
    def job(self) -> Job:
        """The job as it is now."""
        if self.over:
            return self._job
        return replace(self._job, done=self._done, path=self._path, seconds=round(time.monotonic() - self._began, 3))

    @property
    def over(self) -> bool:
        """It is done, failed or cancelled."""
        return self._job.state in ("done", "failed", "cancelled")

    def change(self, **fields: object) -> None:
        """Set fields of the job, and tell it."""
        self._job = replace(self.job, **fields)  # type: ignore[arg-type]  # the fields of Job
        self._told = time.monotonic()
        self._tell(self.job)

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """A phase of the work begins."""
        self._done, self._path = 0, None
        self._job = replace(self._job, phase=phase, total=total, unit=unit)
        self._report()

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """More is done. Raises Cancelled where somebody said stop."""
        if self.cancelled:
            raise Cancelled("Cancelled; nothing half-done is left.")
        self._done += amount
        self._path = path
        self._report()

    def end(self) -> None:
        """The phase is over."""

    def _report(self) -> None:
        """Tell the job where the last time is long enough ago. Work may come here a hundred thousand times."""
        if time.monotonic() - self._told >= TELL_SECONDS:
            self.change()


class Jobs:
    """The jobs of one server. Use it on the event loop; only the work itself runs elsewhere."""

    def __init__(self, tell: Tell, log: logging.Logger | logging.LoggerAdapter[logging.Logger], collector: Collector | None = None) -> None:
        self._tell = tell
        self._log = log
        self._collector = collector or Collector()
        self._works: dict[str, Work] = {}
        self._turns: dict[Path, asyncio.Lock] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._threads = ThreadPoolExecutor(THREADS_MAX, "jupyter-kit-job")

    def start(self, verb: str, folder: str, carry_out: Callable[[Work], tuple[object, str]], *, turn: Path | None) -> Job:
        """Begin ``carry_out`` in a thread; it gives the verb's document and a line for people.

        Jobs with the same ``turn`` run one after the other.
        """
        work = Work(verb, folder, self._tell)
        self._works[work.job.id] = work
        self._forget()
        lock = self._turns.setdefault(turn, asyncio.Lock()) if turn else asyncio.Lock()
        task = asyncio.get_running_loop().create_task(self._run(work, carry_out, lock))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return work.job

    def of(self, identity: str) -> Job:
        """A job by its id. Raises NotFound."""
        return self._work(identity).job

    def listed(self, folder: str | None = None) -> tuple[Job, ...]:
        """Jobs, newest first, without their results, which may be long; those of one workspace where ``folder`` says which."""
        jobs = [work.job for work in reversed(self._works.values())]
        return tuple(replace(job, result=None) for job in jobs if folder in (None, job.folder))

    def cancel(self, identity: str) -> Job:
        """Say stop. The work ends at its next step; what still waits ends at once. Raises NotFound."""
        work = self._work(identity)
        work.cancelled = True
        if work.job.state == "queued":
            work.change(state="cancelled", message="Cancelled before it began.")
        return work.job

    async def close(self) -> None:
        """Say stop to everything, and wait until it has stopped, but not for ever: a registry may not answer for a minute."""
        for identity, work in self._works.items():
            if not work.over:
                self.cancel(identity)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=STOP_SECONDS)
        self._threads.shutdown(wait=False)

    async def _run(self, work: Work, carry_out: Callable[[Work], tuple[object, str]], turn: asyncio.Lock) -> None:
        async with turn:
            if work.over:
                return
            work.change(state="running")
            try:
                result, message = await asyncio.get_running_loop().run_in_executor(self._threads, self._calmly, carry_out, work)
            except Cancelled as problem:
                work.change(state="cancelled", message=problem.message)
            except Exception as problem:
                if not isinstance(problem, KitError):
                    self._log.exception("%s failed", work.job.verb)
                work.change(state="failed", error=error_reply(problem), message=told(problem).message)
            else:
                work.change(state="done", result=result, message=message)

    def _calmly(self, carry_out: Callable[[Work], tuple[object, str]], work: Work) -> tuple[object, str]:
        with self._collector.held_back():
            return carry_out(work)

    def _work(self, identity: str) -> Work:
        if identity not in self._works:
            raise NotFound(
                "This server knows no such job.", hint="If Jupyter was started again meanwhile, look at the history and ask once more."
            )
        return self._works[identity]

    def _forget(self) -> None:
        over = [identity for identity, work in self._works.items() if work.over]
        for identity in over[: max(len(over) - ENDED_KEPT, 0)]:
            del self._works[identity]


def error_reply(problem: BaseException) -> ErrorReply:
    """What a browser is told of anything that was raised."""
    error = told(problem)
    kind = error.kind.value if isinstance(problem, KitError) else UNEXPECTED
    return ErrorReply(kind, error.message, in_the_lab(error.hint), error.path)
