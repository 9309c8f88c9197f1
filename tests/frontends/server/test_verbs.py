"""The routes of the verbs: what each answers, what it refuses, and that they are the verbs of every other face."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends.arguments import VERBS
from jupyter_kit.frontends.server import ways
from jupyter_kit.version import __version__
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask

Done = Callable[..., Awaitable[Any]]


async def test_every_verb_has_a_route(ask: Ask) -> None:
    for verb in VERBS:
        answer = await ask(verb)
        assert (answer.code == 404 and "There is no" in answer.json["message"]) is (verb not in ways.ROUTED), verb


async def test_what_is_looked_at(ask: Ask, project: Path) -> None:
    (project / "b.txt").write_text("two\n")
    status = (await ask("status", folder="project")).json
    assert [change["path"] for change in status["changes"]] == ["b.txt"]
    assert (await ask("status", folder="/project/")).json == status
    log = (await ask("log", folder="project", limit=5)).json
    assert [entry["snapshot"]["message"] for entry in log["entries"]] == ["first"]
    diff = (await ask("diff", folder="project", before="v1", stat="true")).json
    assert [change["kind"] for change in diff["changes"]] == ["added"]
    assert diff["files"] == []
    assert (await ask("diff", {"folder": "project", "paths": ["a.txt"]})).json["changes"] == []
    assert (await ask("version")).json["version"] == __version__


async def test_a_snapshot_is_a_job_with_the_document_as_its_result(project: Path, done: Done) -> None:
    (project / "b.txt").write_text("two\n")
    job = await done("snapshot", message="second", tags=["v2"], metrics=["accuracy=0.5"])
    assert job["state"] == "done"
    assert job["folder"] == "project"
    assert job["message"].startswith("Kept as ")
    assert (job["result"]["message"], job["result"]["tags"]) == ("second", ["v2"])
    assert job["result"]["metrics"] == {"accuracy": 0.5}


async def test_going_back_is_planned_confirmed_and_done(ask: Ask, project: Path, done: Done) -> None:
    (project / "a.txt").write_text("changed\n")
    plan = await ask("rollback", {"folder": "project", "name": "v1", "dry_run": True})
    assert [step["path"] for step in plan.json["steps"]] == ["a.txt"]
    assert (project / "a.txt").read_text() == "changed\n"
    refused = await ask("rollback", {"folder": "project", "name": "v1"})
    assert (refused.code, refused.json["kind"]) == (409, "conflict")
    job = await done("rollback", name="v1", yes=True)
    assert job["state"] == "done", job
    assert (project / "a.txt").read_text() == "one\n"
    assert job["result"]["undo"]


@pytest.mark.parametrize(
    ("verb", "body", "code", "kind"),
    [
        ("status", {"folder": "elsewhere"}, 404, "no-workspace"),
        ("status", {"folder": "../.."}, 400, "outside-workspace"),
        ("status", {"folder": "project/../../x"}, 400, "outside-workspace"),
        ("status", {"folder": "project\0"}, 400, "outside-workspace"),
        ("status", {"folder": "project/.kit"}, 404, "no-workspace"),
        ("status", {"folder": ["project"]}, 400, "invalid-input"),
        ("status", {"folder": "project", "limits": 5}, 400, "invalid-input"),
        ("status", {"folder": "project", "limit": 0}, 400, "invalid-input"),
        ("status", {"folder": "project", "match": ["a", "b"]}, 400, "invalid-input"),
        ("status", {"folder": "project", "grouped": "perhaps"}, 400, "invalid-input"),
        ("status", {"folder": "project", "answer": 5}, 400, "invalid-input"),
        ("log", {"folder": "project", "limit": "many"}, 400, "invalid-input"),
        ("log", {"folder": "project", "kind": "other"}, 400, "invalid-input"),
        ("log", {"folder": "project", "all": "perhaps"}, 400, "invalid-input"),
        ("show", {"folder": "project", "name": "v9"}, 404, "not-found"),
        ("show", {"folder": "project", "name": ["v1", "v2"]}, 400, "invalid-input"),
        ("rollback", {"folder": "project", "yes": True}, 400, "invalid-input"),
        ("remove", {"folder": "project", "names": []}, 400, "invalid-input"),
        ("rollback", {"folder": "project", "name": "v1", "paths": ["/etc/passwd"], "yes": True}, 400, "outside-workspace"),
        ("rollback", {"folder": "project", "name": "v1", "paths": ["../b"], "yes": True}, 400, "outside-workspace"),
        ("unpack", {"folder": "project", "reference": "m:1", "into": "../../out"}, 400, "outside-workspace"),
        ("unpack", {"folder": "project", "reference": "m:1", "into": ".kit/store"}, 400, "outside-workspace"),
        ("push", {"folder": "project", "reference": "m:1", "destination": "oci:/tmp/x:1"}, 400, "outside-workspace"),
        ("pack", {"folder": "project", "kitfile": "/etc/passwd", "yes": True}, 400, "outside-workspace"),
        ("audit", {"folder": "project", "action": "export", "target": "../../x.csv"}, 400, "outside-workspace"),
        ("tag", {"folder": "project", "tag": "two words"}, 400, "invalid-input"),
        ("init", {"folder": "project"}, 409, "conflict"),
        ("prune", {"folder": "project"}, 409, "conflict"),
        ("remove", {"folder": "project", "names": ["v1"]}, 409, "conflict"),
        ("pack", {"folder": "project", "reference": "m:1"}, 409, "conflict"),
        ("login", {"folder": "project", "registry": "localhost:1", "username": "ada"}, 400, "invalid-input"),
        ("status", "[]", 400, "invalid-input"),
        ("status", "{", 400, "invalid-input"),
    ],
)
async def test_what_is_refused(ask: Ask, project: Path, verb: str, body: object, code: int, kind: str) -> None:
    answer = await ask(verb, body)
    assert (answer.code, answer.json["kind"]) == (code, kind), answer.body
    assert set(answer.json) == {"kind", "message", "hint", "path"}
    assert "Traceback" not in answer.body.decode()


async def test_what_a_browser_has_already_is_not_sent_again(ask: Ask, project: Path) -> None:
    first = await ask("log", folder="project")
    again = await ask("log", folder="project", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.code, again.body) == (304, b"")
    (project / "a.txt").write_text("changed\n")
    status = await ask("status", folder="project", headers={"If-None-Match": first.headers["ETag"]})
    assert status.code == 200


async def test_pages_of_a_long_list(ask: Ask, project: Path) -> None:
    for number in range(5):
        (project / f"{number}.txt").write_text(str(number))
    pages = [(await ask("status", folder="project", limit=2, offset=offset)).json for offset in (0, 2, 4)]
    assert [[change["path"] for change in page["changes"]] for page in pages] == [["0.txt", "1.txt"], ["2.txt", "3.txt"], ["4.txt"]]
    assert {page["lengths"]["changes"] for page in pages} == {5}
    assert not any(page["clean"] for page in pages)


async def test_more_is_asked_about_an_answer_without_looking_again(ask: Ask, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("b.csv", "c.csv", "d.ipynb"):
        (project / name).write_text(f"{name}\n")
    looks = []
    status = Workspace.status
    monkeypatch.setattr(Workspace, "status", lambda workspace, **given: looks.append(1) or status(workspace, **given))
    first = (await ask("status", folder="project", limit=1, grouped=True)).json
    assert ([change["path"] for change in first["changes"]], first["lengths"]) == (["b.csv", "d.ipynb"], {"changes": 3})
    assert first["groups"]["data"] == {"count": 2, "new_bytes": 12}
    found = (await ask("status", folder="project", answer=first["answer"], match="C.csv")).json
    assert ([change["path"] for change in found["changes"]], found["answer"]) == (["c.csv"], first["answer"])
    assert len(looks) == 1
    other = (await ask("diff", folder="project", answer=first["answer"], limit=1)).json
    assert (other["after"], other["lengths"]["changes"]) == ("workspace", 3)
    again = (await ask("status", folder="project", answer="0" * 16, match="csv")).json
    assert len(again["changes"]) == 2
    assert len(looks) == 2
    assert "answer" not in (await ask("status", folder="project")).json


async def test_what_changes_something_is_never_answered_with_what_is_held(ask: Ask, project: Path) -> None:
    first = (await ask("remove", {"folder": "project", "names": ["v1"], "tag_only": True, "match": "x"})).json
    assert "answer" not in first


async def test_the_log_goes_on_where_a_page_ended(ask: Ask, project: Path) -> None:
    with Workspace.open(project) as workspace:
        for number in range(4):
            (project / "a.txt").write_text(str(number))
            workspace.snapshot(str(number))
    newest = (await ask("log", folder="project", limit=2)).json
    assert newest["cut"] is True
    older = (await ask("log", folder="project", limit=9, before=newest["entries"][-1]["snapshot"]["id"])).json
    assert [entry["snapshot"]["message"] for entry in older["entries"]] == ["1", "0", "first"]
    assert older["cut"] is False


async def test_html_for_verbs_without_a_view(ask: Ask, project: Path, done: Done) -> None:
    answer = await ask("inspect", folder="project", form="html")
    assert "<" in answer.json["html"]
    job = await done("check", form="html")
    assert "jupyter-kit" in job["result"]["html"]
    assert (await ask("inspect", folder="project", form="pdf")).json["kind"] == "invalid-input"


async def test_a_link_changes_nothing(ask: Ask, project: Path) -> None:
    assert (await ask("snapshot", folder="project")).code == 405
    assert (await ask("tag", folder="project", tag="v2")).code == 405
    assert (await ask("metric", folder="project", metrics="a=1")).code == 405
    assert (await ask("list", folder="project", plain_http="true")).json["kind"] == "invalid-input"
    assert list((await ask("tag", folder="project")).json["tags"]) == ["v1"]
