from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from jupyter_kit import parallel
from jupyter_kit.errors import Cancelled
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.progress import Silent


class Told(Silent):
    """Remembers every step, and who told it. ``stop_at`` is the step at which the user says stop."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.steps: list[tuple[int, str | None, int | None]] = []
        self.threads: set[int] = set()
        self.stop_at = stop_at

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        self.threads.add(threading.get_ident())
        self.steps.append((amount, path, of))
        if len(self.steps) == self.stop_at:
            raise Cancelled("Stop.")


def names() -> set[str]:
    return {thread.name for thread in threading.enumerate() if thread.name.startswith("kit-")}


def test_every_job_is_done_and_told_from_the_callers_thread() -> None:
    done: set[int] = set()

    def work(job: int, advance: Advance) -> None:
        done.add(job)
        advance(1, path=str(job), of=2)

    told = Told()
    in_parallel(work, range(20), told, concurrency=3)
    assert done == set(range(20))
    assert sorted(told.steps) == sorted((1, str(job), 2) for job in range(20))
    assert told.threads == {threading.get_ident()}
    assert not names()


def test_no_more_than_asked_run_at_once_and_as_many_do() -> None:
    met = threading.Barrier(3, timeout=5)
    running = 0
    most = 0
    counting = threading.Lock()

    def work(job: int, advance: Advance) -> None:
        nonlocal running, most
        with counting:
            running += 1
            most = max(most, running)
        met.wait()
        with counting:
            running -= 1

    in_parallel(work, range(3), Silent(), concurrency=3)
    assert most == 3
    met = threading.Barrier(1)
    most = 0
    in_parallel(work, range(3), Silent(), concurrency=1)
    assert most == 1


def test_nothing_to_do_is_done_at_once() -> None:
    told = Told(stop_at=1)
    in_parallel(lambda job, advance: advance(1), [], told, concurrency=5)
    assert told.steps == []


def endless(job: int, advance: Advance) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        time.sleep(0.001)
        advance(1)


def once(action: Callable[[], object]) -> Callable[[int, Advance], None]:
    """Job 0 does ``action``, the others go on without end."""

    def work(job: int, advance: Advance) -> None:
        if job == 0:
            action()
        endless(job, advance)

    return work


def test_the_first_error_stops_the_others_and_is_raised() -> None:
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        in_parallel(once(lambda: 1 // 0), range(3), Silent(), concurrency=3)
    assert time.monotonic() - started < 2
    assert not names()


def test_cancelling_stops_all() -> None:
    told = Told(stop_at=30)
    with pytest.raises(Cancelled, match="Stop"):
        in_parallel(endless, range(3), told, concurrency=3)
    assert len(told.steps) == 30
    assert not names()


def test_cancelling_is_noticed_while_nothing_moves() -> None:
    release = threading.Event()
    told = Told(stop_at=1)
    timer = threading.Timer(1, release.set)
    timer.start()
    with pytest.raises(Cancelled, match="Stop"):
        in_parallel(lambda job, advance: release.wait(10), range(2), told, concurrency=2)  # type: ignore[arg-type, return-value]
    assert told.steps == [(0, None, None)]
    timer.join()


def test_a_worker_that_hangs_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parallel, "STOP_SECONDS", 0.1)
    release = threading.Event()
    with pytest.raises(Cancelled, match="Stop"):
        in_parallel(lambda job, advance: release.wait(10), [1], Told(stop_at=1), concurrency=1)  # type: ignore[arg-type, return-value]
    assert names() == {"kit-0"}
    release.set()
    deadline = time.monotonic() + 5
    while names() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not names()
