"""Snapshots that are taken by themselves after a save: when they are, when not, and which of them stay."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends.server import events
from jupyter_kit.frontends.server.saves import CONTENTS
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask
from tests.frontends.server.test_events import heard, listen

__all__ = ["listen"]

Save = Callable[[str, str], Awaitable[None]]

EXTENSIONS = {"jupyter_kit": True, "jupyter_server_terminals": False}


def with_habit(**habit: object) -> pytest.MarkDecorator:
    config = {"ServerApp": {"jpserver_extensions": EXTENSIONS}, "KitServer": habit}
    return pytest.mark.parametrize("jp_server_config", [config], ids=["-".join(habit)])


@pytest.fixture
def save(jp_fetch: Callable[..., Awaitable[Any]]) -> Save:
    """Save a text file, as the lab does."""

    async def save(path: str, text: str) -> None:
        body = json.dumps({"type": "file", "format": "text", "content": text})
        await jp_fetch("api", "contents", *path.split("/"), method="PUT", body=body)

    return save


def kinds(project: Path) -> list[str]:
    with Workspace.open(project) as workspace:
        return [entry.snapshot.kind for entry in workspace.log()]


@with_habit(auto_snapshot=True, auto_quiet_seconds=1.5)
async def test_a_save_is_kept_once_it_is_quiet(listen: Any, ask: Ask, save: Save, project: Path) -> None:
    bus = await listen()
    await save("project/a.txt", "changed\n")
    await save("project/b.txt", "new\n")
    await heard(bus, events.WORKSPACE, reason="snapshot")
    with Workspace.open(project) as workspace:
        newest = workspace.log(limit=1)[0].snapshot
        assert (newest.kind, newest.message) == ("auto", "a.txt and 1 more saved")
        assert workspace.status().clean
    bus.close()


@with_habit(auto_snapshot=True, auto_quiet_seconds=0.01)
async def test_a_save_that_changes_nothing_is_not_kept(listen: Any, ask: Ask, save: Save, project: Path) -> None:
    bus = await listen()
    await save("project/a.txt", "one\n")
    await heard(bus, CONTENTS, action="save", path="project/a.txt")
    await save("project/b.txt", "new\n")
    await heard(bus, events.WORKSPACE, reason="snapshot", snapshots=2)
    await save("project/b.txt", "new\n")
    await save("project/c.txt", "newer\n")
    await heard(bus, events.WORKSPACE, reason="snapshot", snapshots=3)
    assert kinds(project) == ["auto", "auto", "manual"]
    bus.close()


async def test_nothing_is_kept_where_nobody_asked_for_it(listen: Any, ask: Ask, save: Save, project: Path) -> None:
    bus = await listen()
    assert (await ask("auto", folder="project")).json["on"] is False
    await save("project/a.txt", "changed\n")
    # What was saved is told all the same, so that the panel looks again.
    event = await heard(bus, events.WORKSPACE, reason="files")
    assert (event["folder"], event["snapshots"]) == ("project", 1)
    assert kinds(project) == ["manual"]
    assert (await ask("jobs")).json["jobs"] == []
    bus.close()


@with_habit(auto_quiet_seconds=0.01)
async def test_a_browser_switches_it(listen: Any, ask: Ask, save: Save, project: Path) -> None:
    bus = await listen()
    answer = (await ask("auto", {"folder": "project", "on": True})).json
    assert (answer["on"], answer["fixed"], answer["quiet_seconds"], answer["keep_last"]) == (True, False, 0.01, 20)
    await save("project/a.txt", "changed\n")
    await heard(bus, events.WORKSPACE, reason="snapshot")
    assert kinds(project) == ["auto", "manual"]
    assert (await ask("auto", {"folder": "project", "on": "yes"})).json["kind"] == "invalid-input"
    bus.close()


@with_habit(auto_snapshot=True)
async def test_the_settings_of_a_workspace_win(ask: Ask, project: Path) -> None:
    (project / ".kit/config.yaml").write_text("auto_snapshot: false\nauto_quiet_seconds: 5\nauto_keep_last: 3\n")
    answer = (await ask("auto", folder="project")).json
    assert answer == {"on": False, "fixed": True, "quiet_seconds": 5.0, "keep_last": 3, "keep_hourly": None, "keep_daily": None}
    assert (await ask("auto", {"folder": "project", "on": True})).json["kind"] == "conflict"
    (project / ".kit/config.yaml").write_text("auto_quiet_seconds: soon\n")
    assert (await ask("auto", folder="project")).json["kind"] == "invalid-settings"


@with_habit(auto_snapshot=True, auto_quiet_seconds=0.01, auto_keep_last=2, auto_keep_hourly=None, auto_keep_daily=None)
async def test_old_ones_go_and_others_stay(listen: Any, ask: Ask, save: Save, project: Path) -> None:
    with Workspace.open(project) as workspace:
        for number in range(4):
            (project / "a.txt").write_text(str(number))
            workspace.snapshot(str(number), kind="auto")
    bus = await listen()
    await save("project/a.txt", "changed\n")
    await heard(bus, events.JOB, verb="prune", state="done")
    assert kinds(project) == ["auto", "auto", "manual"]
    bus.close()
