"""What a browser hears over the event bus: jobs, changes, and changes by others, only where somebody listens."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends.server import events, host, watch
from jupyter_kit.frontends.server.service import Service
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask


@pytest.fixture
def listen(jp_ws_fetch: Callable[..., Awaitable[Any]]) -> Callable[[], Awaitable[Any]]:
    """Open the event bus, as the lab does."""
    return lambda: jp_ws_fetch("api", "events", "subscribe")


async def heard(bus: Any, schema: str, **wanted: object) -> dict[str, Any]:
    """The next event of ours with these fields."""
    while True:
        event = json.loads(await bus.read_message())
        if event["schema_id"] == schema and wanted.items() <= event.items():
            return event


async def test_a_job_is_told_and_then_what_it_changed(listen: Any, ask: Ask, project: Path) -> None:
    bus = await listen()
    started = (await ask("snapshot", {"folder": "project", "message": "two"})).json["job"]
    running = await heard(bus, events.JOB, id=started["id"])
    assert running["state"] == "running"
    change = await heard(bus, events.WORKSPACE, reason="snapshot")
    ending = await heard(bus, events.JOB, id=started["id"], state="done")
    assert "result" not in ending
    result = (await ask(f"jobs/{started['id']}")).json["result"]
    assert (change["folder"], change["head"], change["snapshots"]) == ("project", result["id"], 2)
    bus.close()


@pytest.mark.parametrize(
    ("verb", "body", "reason"),
    [
        ("tag", {"tag": "v2"}, "tag"),
        ("metric", {"metrics": ["a=1"]}, "files"),
        ("remove", {"names": ["v1"], "tag_only": True}, "remove"),
        ("remote", {"action": "add", "remote": "team", "reference": "oci:../shared"}, "sync"),
        ("rollback", {"name": "v1", "yes": True}, "rollback"),
        ("prune", {"yes": True}, "remove"),
        ("pack", {"reference": "m:1", "yes": True}, "modelkit"),
    ],
)
async def test_each_change_says_why(listen: Any, ask: Ask, project: Path, verb: str, body: dict[str, Any], reason: str) -> None:
    bus = await listen()
    answer = await ask(verb, {"folder": "project", **body})
    assert answer.code in (200, 202), answer.body
    assert (await heard(bus, events.WORKSPACE, folder="project"))["reason"] == reason
    bus.close()


async def test_how_far_a_look_is_is_heard(listen: Any, ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "TELL_SECONDS", 0.0)
    for number in range(3):
        (project / f"{number}.txt").write_text("1234\n")
    bus = await listen()
    assert (await ask("status", folder="project")).code == 200
    event = await heard(bus, events.LOOKING, folder="project", verb="status", done=10)
    assert (event["total"], event["unit"]) == (15, "bytes")
    assert event["phase"]
    bus.close()


async def test_what_a_kernel_keeps_is_heard(listen: Any, ask: Ask, project: Path) -> None:
    bus = await listen()
    assert (await ask("status", folder="project")).code == 200
    with Workspace.open(project) as workspace:  # Before the first look: what was told is what the first look compares with.
        kept = workspace.snapshot("from a kernel")
    event = await heard(bus, events.WORKSPACE, reason="outside")
    assert (event["folder"], event["head"], event["snapshots"]) == ("project", kept.id, 2)
    bus.close()


async def test_a_workspace_that_a_kernel_makes_is_heard_of(listen: Any, ask: Ask, jp_root_dir: Path) -> None:
    (jp_root_dir / "new/data").mkdir(parents=True)
    bus = await listen()
    assert json.loads((await ask("workspace", folder="new/data")).body)["folder"] is None
    Workspace.init(jp_root_dir / "new").close()
    event = await heard(bus, events.WORKSPACE, reason="outside")
    assert (event["folder"], event["head"], event["snapshots"]) == ("new/data", None, 0), "by the name that was asked for"
    bus.close()


async def test_a_workspace_that_vanishes_is_heard_of(listen: Any, ask: Ask, project: Path, jp_root_dir: Path) -> None:
    bus = await listen()
    await ask("tag", {"folder": "project", "tag": "seen"})
    await heard(bus, events.WORKSPACE, reason="tag")
    project.rename(jp_root_dir / "moved")
    event = await heard(bus, events.WORKSPACE, reason="outside")
    assert (event["folder"], event["head"], event["snapshots"]) == ("project", None, 0)
    assert (await ask("status", folder="project")).json["kind"] == "no-workspace"
    assert (await ask("status", folder="moved")).code == 200
    bus.close()


async def test_the_last_workspaces_asked_about_are_looked_at(
    listen: Any, ask: Ask, service: Service, jp_root_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "WATCHED_MAX", 2)
    bus = await listen()
    folders = [jp_root_dir / name for name in ("one", "two", "three")]
    for folder in folders:
        Workspace.init(folder).close()
        await ask("status", folder=folder.name)
    while [service.watch.holds(folder) for folder in folders] != [False, True, True]:
        await ask("version")
    await ask("status", folder="one")
    while [service.watch.holds(folder) for folder in folders] != [True, False, True]:
        await ask("version")
    bus.close()


async def test_nobody_listens_and_no_store_is_held_open(ask: Ask, project: Path, service: Service, listen: Any) -> None:
    bus = await listen()
    await ask("tag", {"folder": "project", "tag": "seen"})
    await heard(bus, events.WORKSPACE, reason="tag")
    while not service.watch.holds(project):
        await ask("version")
    bus.close()
    while service.watch.holds(project):
        await ask("version")
