"""What goes wrong around a server is told in a sentence, and nothing is lost."""

from __future__ import annotations

import asyncio
import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.manager import AsyncContentsManager

from jupyter_kit.frontends.arguments.values import option_names
from jupyter_kit.frontends.server import house, ways
from jupyter_kit.frontends.server.host import Browser, Stoppable
from jupyter_kit.frontends.server.service import Service
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask, ended

PATH_OF = {"file": {"path": "a.txt", "snapshot": "v1"}}

EXTENSIONS = {"jupyter_kit": True, "jupyter_server_terminals": False}


class Shelf(AsyncContentsManager):
    """A contents manager that keeps documents in no file: a bucket, say, or a database."""

    async def is_hidden(self, path: str) -> bool:
        return False

    async def dir_exists(self, path: str) -> bool:
        return True


def with_config(**of_server: object) -> pytest.MarkDecorator:
    config = {"ServerApp": {"jpserver_extensions": EXTENSIONS, **of_server}}
    return pytest.mark.parametrize("jp_server_config", [config], ids=["-".join(of_server)])


@with_config(contents_manager_class=Shelf)
async def test_documents_that_are_no_files(ask: Ask) -> None:
    for route in ("workspace", "status", "list", "file"):
        answer = await ask(route, folder="", **PATH_OF.get(route, {}))
        assert (answer.code, answer.json["kind"]) == (501, "unsupported-format"), route
        assert "Shelf keeps documents elsewhere than in files" in answer.json["message"]


async def test_a_workspace_that_has_vanished(ask: Ask, project: Path, jp_root_dir: Path) -> None:
    assert (await ask("status", folder="project")).code == 200
    project.rename(jp_root_dir / "moved")
    for route in ("status", "log", "workspace", "file"):
        answer = await ask(route, folder="project", **PATH_OF.get(route, {}))
        assert (answer.code, answer.json["kind"]) == (404, "no-workspace"), route
    (jp_root_dir / "moved").rename(project)
    assert (await ask("status", folder="project")).json["clean"] is True


async def test_a_store_that_has_vanished(ask: Ask, project: Path) -> None:
    (project / ".kit/store").rename(project / ".kit/elsewhere")
    answer = await ask("status", folder="project")
    assert answer.code in (404, 500, 503)
    assert answer.json["hint"]
    job = await ended(ask, (await ask("snapshot", {"folder": "project"})).json["job"]["id"])
    assert job["state"] == "failed"
    assert (await ask("workspace", folder="project")).json["folder"] == "project"


async def test_a_store_of_a_newer_version(ask: Ask, project: Path) -> None:
    file = project / ".kit/store/format.json"
    file.write_text(json.dumps({**json.loads(file.read_text()), "format": 99}))
    for route in ("status", "log", "inspect", "file"):
        answer = await ask(route, folder="project", **PATH_OF.get(route, {}))
        assert (answer.code, answer.json["kind"]) == (501, "unsupported-format"), (route, answer.body)
        assert "pgrade" in answer.json["hint"]


async def test_settings_that_do_not_parse(ask: Ask, project: Path) -> None:
    (project / ".kit/config.yaml").write_text("keep_last: many\n")
    answer = await ask("status", folder="project")
    assert (answer.code, answer.json["kind"]) == (400, "invalid-settings")
    assert "config.yaml" in answer.json["path"]


HOSTILE: tuple[object, ...] = (
    "\ud800", "\udc80", "a\0b", "../..", "/", "~", "", " ", "x" * 5000, "9" * 5000, "-1", -1, 1e308, True, [], [[]], {}, ["\ud800"],
    "oci:\ud800", "oci:", "kitops:", "HEAD~99999999999999999999", "HEAD~" + "9" * 5000, "<script>", "\u202e", "\n",
)  # fmt: skip

ELSEWHERE = {"login", "logout", "clone", "push", "pull", "sync", "list", "check", "version"}
"""Verbs that would ask other machines, or take no value that matters."""


@pytest.mark.parametrize("verb", sorted(set(ways.ROUTED) - ELSEWHERE))
async def test_hostile_values_are_refused_or_taken_and_never_a_mistake(ask: Ask, project: Path, verb: str) -> None:
    needed = {"rollback": {"name": "v1"}, "remove": {"names": ["v1"]}, "info": {"reference": "m:1"}, "unpack": {"reference": "m:1"}}
    for name in ["folder", *option_names(verb)]:
        for value in HOSTILE:
            body = {"folder": "project", "dry_run": True, **needed.get(verb, {}), name: value}
            if "dry_run" not in option_names(verb):
                del body["dry_run"]
            answer = await ask(verb, body)
            reply = answer.json
            if answer.code == 202:
                job = await ended(ask, reply["job"]["id"])
                reply = job["error"] or {}
            assert reply == {} or not isinstance(reply, dict) or reply.get("kind") != "unexpected", (name, str(value)[:50], reply)


@pytest.mark.parametrize("body", ["[" * 100_000, "\xff", "1", '{"folder": NaN}', '{"folder": 1e999}', '{"a": ' * 5000])
async def test_hostile_bodies_are_refused(ask: Ask, project: Path, body: str) -> None:
    answer = await ask("status", body)
    assert (answer.code, answer.json["kind"]) == (400, "invalid-input"), answer.body


async def test_two_rollbacks_at_once(ask: Ask, project: Path) -> None:
    (project / "a.txt").write_text("two\n")
    with Workspace.open(project) as workspace:
        workspace.snapshot("second", tags=["v2"])
    (project / "a.txt").write_text("three\n")
    body = {"folder": "project", "yes": True}
    begun = await asyncio.gather(*(ask("rollback", {**body, "name": name}) for name in ("v1", "v2", "v1", "v2")))
    for answer in begun:
        assert (await ended(ask, answer.json["job"]["id"]))["state"] == "done"
    order = [job["id"] for job in reversed((await ask("jobs")).json["jobs"])]
    first, last = [(await ask(f"jobs/{identity}")).json["result"] for identity in (order[0], order[-1])]
    of = {
        (await ask("show", folder="project", name=name)).json["snapshot"]["id"]: text for name, text in (("v1", "one\n"), ("v2", "two\n"))
    }
    assert (project / "a.txt").read_text() == of[last["plan"]["snapshot"]]
    # What stood there before is in the history, and a rollback brings it back.
    undone = await ended(ask, (await ask("rollback", {**body, "name": first["undo"]})).json["job"]["id"])
    assert undone["state"] == "done"
    assert (project / "a.txt").read_text() == "three\n"


async def test_a_server_that_ended_while_it_worked(ask: Ask, project: Path, service: Service) -> None:
    for number in range(200):
        (project / f"{number}.txt").write_text(str(number))
    begun = await ask("snapshot", {"folder": "project", "message": "cut off"})
    await service.jobs.close()
    job = (await ask(f"jobs/{begun.json['job']['id']}")).json
    assert job["state"] in ("cancelled", "done")
    with Workspace.open(project) as workspace:  # The next server: it finds all of it, or nothing of it.
        messages = [entry.snapshot.message for entry in workspace.log()]
        assert messages == (["cut off", "first"] if job["state"] == "done" else ["first"])
        assert workspace.check().ok
        assert workspace.snapshot("again").files == 201


async def test_nobody_waits_any_more(
    ask: Ask, project: Path, jp_http_port: int, jp_base_url: str, jp_auth_header: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arrived, stopped = threading.Event(), threading.Event()

    def slow(options: Any, host: Browser) -> object:
        progress = host.progress()
        assert isinstance(progress, Stoppable)
        arrived.set()
        while not progress.stopped:
            threading.Event().wait(0.001)
        stopped.set()
        progress.advance(1)
        raise AssertionError("it goes on")

    monkeypatch.setattr(house, "run", slow)
    reader, writer = await asyncio.open_connection("127.0.0.1", jp_http_port)
    head = f"GET {jp_base_url}jupyter_kit/api/status?folder=project HTTP/1.1\r\nHost: localhost:{jp_http_port}\r\n"
    writer.write((head + "".join(f"{name}: {value}\r\n" for name, value in jp_auth_header.items()) + "\r\n").encode())
    await writer.drain()
    while not arrived.is_set():
        await asyncio.sleep(0.001)
    writer.close()
    while not stopped.is_set():
        await asyncio.sleep(0.001)
    assert not await reader.read()


async def test_a_mistake_of_ours_is_told_without_its_traceback(ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def mistaken(options: Any, host: Browser) -> object:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(house, "run", mistaken)
    answer = await ask("status", folder="project")
    assert (answer.code, answer.json["kind"]) == (500, "unexpected")
    assert "Traceback" not in answer.body.decode()
    job = await ended(ask, (await ask("snapshot", {"folder": "project"})).json["job"]["id"])
    assert (job["state"], job["error"]["kind"]) == ("failed", "unexpected")


async def test_a_password_is_told_nowhere(ask: Ask, project: Path, jp_serverapp: Any, caplog: pytest.LogCaptureFixture) -> None:
    secret = "correct horse"
    answer = await ask("login", {"folder": "project", "registry": "localhost:1", "username": "ada", "password": secret})
    assert answer.code >= 400  # Nothing listens there.
    assert secret not in answer.body.decode()
    assert secret not in caplog.text
    again = await ask("login", {"folder": "project", "registry": "localhost:1", "passwort": secret})
    assert again.json["kind"] == "invalid-input"
    assert secret not in again.body.decode()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_folder_that_may_not_be_written(ask: Ask, project: Path) -> None:
    (project / "a.txt").write_text("changed\n")
    project.chmod(0o555)
    try:
        job = await ended(ask, (await ask("rollback", {"folder": "project", "name": "v1", "yes": True})).json["job"]["id"])
        assert (job["state"], job["error"]["kind"]) == ("failed", "permission-denied")
    finally:
        project.chmod(0o755)
