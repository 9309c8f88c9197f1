"""Long work: how it goes on, how it ends, and that it ends when somebody says stop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.errors import Conflict, NotFound
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import Job
from jupyter_kit.frontends.server.host import Browser
from jupyter_kit.frontends.server.jobs import ENDED_KEPT, Jobs, Work
from tests.frontends.server.conftest import Ask, ended

LOG = logging.getLogger("test")


class Told(list[Job]):
    """Every job that was told of."""

    def states(self, identity: str) -> list[str]:
        return [job.state for job in self if job.id == identity]


def jobs_of(told: Told) -> Jobs:
    return Jobs(told.append, LOG)


async def over(jobs: Jobs, *started: Job) -> list[Job]:
    while any(jobs.of(job.id).state in ("queued", "running") for job in started):
        await asyncio.sleep(0.001)
    return [jobs.of(job.id) for job in started]


async def test_a_job_from_its_beginning_to_its_end() -> None:
    told = Told()
    jobs = jobs_of(told)
    paths = [f"{number}.txt" for number in range(1000)]

    def work(work: Work) -> tuple[object, str]:
        work.begin("Reading files", total=len(paths), unit="files")
        for path in paths:
            work.advance(1, path=path)
        work.end()
        return {"files": len(paths)}, "Kept 1,000 files"

    started = jobs.start("snapshot", "project", work, turn=None)
    assert (started.state, started.verb, started.folder, started.started[-1]) == ("queued", "snapshot", "project", "Z")
    (job,) = await over(jobs, started)
    assert (job.state, job.phase, job.done, job.total, job.unit) == ("done", "Reading files", 1000, 1000, "files")
    assert (job.result, job.message, job.error) == ({"files": 1000}, "Kept 1,000 files", None)
    states = told.states(job.id)
    assert (states[0], states[-1]) == ("running", "done")
    # Told four times a second at most, however often the work reports, and once when it begins and when it ends.
    assert len(states) <= 3 + 4 * job.seconds
    await jobs.close()


@pytest.mark.parametrize(
    ("problem", "kind"), [(Conflict("A file keeps changing."), "conflict"), (ZeroDivisionError("division by zero"), "unexpected")]
)
async def test_a_job_that_fails(problem: Exception, kind: str) -> None:
    jobs = jobs_of(Told())

    def fail(work: Work) -> tuple[object, str]:
        raise problem

    (job,) = await over(jobs, jobs.start("snapshot", "", fail, turn=None))
    assert job.state == "failed"
    assert job.error is not None
    assert job.error.kind == kind
    assert job.message == job.error.message
    assert job.result is None
    await jobs.close()


async def test_cancelling_ends_work_at_its_next_step() -> None:
    told = Told()
    jobs = jobs_of(told)
    begun = threading.Event()

    def endless(work: Work) -> tuple[object, str]:
        work.begin("Reading files")
        while True:
            begun.set()
            work.advance(1)

    started = jobs.start("snapshot", "", endless, turn=None)
    while not begun.is_set():
        await asyncio.sleep(0.001)
    jobs.cancel(started.id)
    (job,) = await over(jobs, started)
    assert (job.state, job.error) == ("cancelled", None)
    assert told.states(job.id)[-1] == "cancelled"
    assert jobs.cancel(job.id) == job
    await jobs.close()


async def test_jobs_of_one_workspace_wait_for_each_other_and_others_do_not() -> None:
    jobs = jobs_of(Told())
    here, there = Path("here"), Path("there")
    gate = threading.Event()
    order: list[str] = []

    def named(name: str, *, waits: bool = False) -> Callable[[Work], tuple[object, str]]:
        def carry_out(work: Work) -> tuple[object, str]:
            if waits:
                gate.wait()
            order.append(name)
            return None, ""

        return carry_out

    first = jobs.start("rollback", "", named("first", waits=True), turn=here)
    second = jobs.start("rollback", "", named("second"), turn=here)
    third = jobs.start("rollback", "", named("third"), turn=here)
    other = jobs.start("rollback", "", named("other"), turn=there)
    reading = jobs.start("push", "", named("reading"), turn=None)
    await over(jobs, other, reading)
    assert jobs.of(second.id).state == "queued"
    assert jobs.cancel(third.id).state == "cancelled"
    gate.set()
    await over(jobs, first, second, third)
    assert order[-2:] == ["first", "second"]
    assert "third" not in order
    await jobs.close()


async def test_the_last_jobs_are_remembered() -> None:
    jobs = jobs_of(Told())
    started = []
    for number in range(ENDED_KEPT + 5):
        job = jobs.start("snapshot", "a" if number % 2 else "b", lambda work: (None, ""), turn=None)
        started += await over(jobs, job)
    assert [job.id for job in jobs.listed()] == [job.id for job in reversed(started)][: ENDED_KEPT + 1]
    assert {job.folder for job in jobs.listed("a")} == {"a"}
    with pytest.raises(NotFound, match="no such job"):
        jobs.of(started[0].id)
    await jobs.close()


async def test_closing_stops_what_runs() -> None:
    jobs = jobs_of(Told())

    def endless(work: Work) -> tuple[object, str]:
        while True:
            work.advance(1)

    running = jobs.start("snapshot", "", endless, turn=Path("here"))
    waiting = jobs.start("snapshot", "", endless, turn=Path("here"))
    await asyncio.sleep(0)
    await jobs.close()
    assert [jobs.of(job.id).state for job in (running, waiting)] == ["cancelled", "cancelled"]


async def test_jobs_over_the_wire(ask: Ask, project: Path) -> None:
    first = (await ask("snapshot", {"folder": "project", "message": "one"})).json["job"]
    second = (await ask("snapshot", {"folder": "project", "message": "two"})).json["job"]
    done = [await ended(ask, job["id"]) for job in (first, second)]
    assert [job["result"]["message"] for job in done] == ["one", "two"]
    assert done[1]["result"]["parents"] == [done[0]["result"]["id"]]
    listed = (await ask("jobs", folder="project")).json["jobs"]
    assert [job["id"] for job in listed] == [second["id"], first["id"]]
    assert [job["result"] for job in listed] == [None, None]
    assert (await ask("jobs", folder="")).json["jobs"] == []
    assert (await ask(f"jobs/{first['id']}", method="DELETE")).json["state"] == "done"
    # What is asked after a server was started again: it knows nothing of its jobs.
    unknown = await ask("jobs/0123456789abcdef")
    assert (unknown.code, unknown.json["kind"]) == (404, "not-found")
    assert "started again" in unknown.json["hint"]


async def test_cancelling_over_the_wire(ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = house.run

    def held(options: Any, host: Browser) -> object:
        progress = host.progress()
        progress.begin("Reading files", total=10, unit="files")
        while options.message == "held":
            progress.advance(0, path="a.txt")
        return run(options, host)

    monkeypatch.setattr(house, "run", held)
    first = (await ask("snapshot", {"folder": "project", "message": "held"})).json["job"]
    second = (await ask("snapshot", {"folder": "project", "message": "after"})).json["job"]
    while (job := (await ask(f"jobs/{first['id']}")).json)["path"] is None:
        pass
    assert (job["state"], job["phase"], job["total"], job["path"]) == ("running", "Reading files", 10, "a.txt")
    assert (await ask(f"jobs/{second['id']}")).json["state"] == "queued"
    await ask(f"jobs/{first['id']}", method="DELETE")
    job = await ended(ask, first["id"])
    assert (job["state"], job["error"], job["result"]) == ("cancelled", None, None)
    assert (await ended(ask, second["id"]))["result"]["message"] == "after"


async def test_a_failure_over_the_wire(ask: Ask, project: Path, done: Any) -> None:
    job = await done("rollback", name="v9", yes=True)
    assert (job["state"], job["error"]["kind"]) == ("failed", "not-found")
    assert "v9" in job["message"]
