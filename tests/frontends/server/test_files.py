"""Files as a snapshot has them, and as they are on disk, without ever becoming a page of the server."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends.server.routes import files
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask


async def test_then_and_now(ask: Ask, project: Path) -> None:
    (project / "a.txt").write_text("changed\n")
    then = await ask("file", folder="project", snapshot="v1", path="a.txt")
    assert (then.code, then.body) == (200, b"one\n")
    assert then.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert then.headers["Content-Security-Policy"] == "sandbox"
    assert then.headers["X-Content-Type-Options"] == "nosniff"
    now = await ask("file", folder="project", path="a.txt")
    assert now.body == b"changed\n"
    assert now.headers["ETag"] != then.headers["ETag"]
    again = await ask("file", folder="project", snapshot="v1", path="a.txt", headers={"If-None-Match": then.headers["ETag"]})
    assert (again.code, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("page.html", "text/html; charset=utf-8"),
        ("figure.png", "image/png"),
        ("train.ipynb", "application/x-ipynb+json"),
        ("weights.safetensors", "application/octet-stream"),
        ("ä ö.txt", "text/plain; charset=utf-8"),
    ],
)
async def test_types_and_names(ask: Ask, project: Path, name: str, kind: str) -> None:
    content = os.urandom(100)
    (project / name).write_bytes(content)
    with Workspace.open(project) as workspace:
        workspace.snapshot()
    answer = await ask("file", folder="project", snapshot="HEAD", path=name, download=1)
    assert (answer.headers["Content-Type"], answer.body) == (kind, content)
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert name.partition(" ")[0] != "ä" or "%C3%A4%20%C3%B6.txt" in answer.headers["Content-Disposition"]


async def test_empty_and_long_files(ask: Ask, project: Path) -> None:
    long = os.urandom(files.PIECE_BYTES + 1000)
    (project / "empty.bin").write_bytes(b"")
    (project / "long.bin").write_bytes(long)
    with Workspace.open(project) as workspace:
        workspace.snapshot()
    for snapshot in ("HEAD", ""):
        assert (await ask("file", folder="project", snapshot=snapshot, path="empty.bin")).body == b""
        assert (await ask("file", folder="project", snapshot=snapshot, path="long.bin")).body == long


async def test_what_is_too_large_is_only_downloaded(ask: Ask, project: Path) -> None:
    with (project / "huge.bin").open("wb") as file:
        file.truncate(files.SHOWN_BYTES_MAX + 1)
    refused = await ask("file", folder="project", path="huge.bin")
    assert (refused.code, refused.json["kind"]) == (400, "invalid-input")
    assert "Download it" in refused.json["hint"]


@pytest.mark.parametrize(
    ("query", "code", "kind"),
    [
        ({"path": "b.txt"}, 404, "not-found"),
        ({"path": "b.txt", "snapshot": "v1"}, 404, "not-found"),
        ({"path": "a.txt", "snapshot": "v9"}, 404, "not-found"),
        ({"path": "", "snapshot": "v1"}, 400, "invalid-input"),
        ({"path": ".", "snapshot": "v1"}, 400, "invalid-input"),
        ({"path": "../secret", "snapshot": "v1"}, 400, "outside-workspace"),
        ({"path": "../secret"}, 400, "outside-workspace"),
        ({"path": "/etc/passwd"}, 400, "outside-workspace"),
        ({"path": ".kit/store/format.json"}, 404, "not-found"),
        ({"path": "a.txt", "folder": "elsewhere"}, 404, "no-workspace"),
    ],
)
async def test_what_is_not_given(ask: Ask, project: Path, query: dict[str, str], code: int, kind: str) -> None:
    answer = await ask("file", **{"folder": "project", **query})
    assert (answer.code, answer.json["kind"]) == (code, kind), answer.body


async def test_a_damaged_chunk_is_told_and_never_shown(ask: Ask, project: Path) -> None:
    (project / "b.bin").write_bytes(os.urandom(200_000))
    with Workspace.open(project) as workspace:
        workspace.snapshot(tags=["v2"])
    for segment in (project / ".kit/store/segments").iterdir():
        damaged = bytearray(segment.read_bytes())
        damaged[len(damaged) // 2] ^= 0xFF
        segment.write_bytes(damaged)
    answer = await ask("file", folder="project", snapshot="v2", path="b.bin")
    assert (answer.code, answer.json["kind"]) == (500, "content-corrupt"), answer.body
    assert "b.bin" in answer.json["message"]


async def test_the_workspace_of_a_folder(ask: Ask, project: Path, jp_root_dir: Path) -> None:
    (project / "data").mkdir()
    told = (await ask("workspace", folder="project/data")).json
    assert (told["folder"], told["name"], told["kitfile"]) == ("project", "project", False)
    (project / "Kitfile").write_text("manifestVersion: 1.0.0\n")
    assert (await ask("workspace", folder="project")).json["kitfile"] is True
    assert (await ask("workspace", folder="")).json["folder"] is None
    assert (await ask("workspace", folder="elsewhere")).json["kind"] == "no-workspace"
    Workspace.init(jp_root_dir).close()
    assert (await ask("workspace", folder="")).json["folder"] == ""


async def test_a_workspace_above_the_root_is_refused(ask: Ask, jp_root_dir: Path, tmp_path: Path) -> None:
    Workspace.init(tmp_path).close()
    for route in ("workspace", "status", "list"):
        answer = await ask(route, folder="")
        assert (answer.code, answer.json["kind"]) == (400, "outside-workspace"), route
        assert "begins above" in answer.json["message"]


async def test_two_workspaces_under_one_server(ask: Ask, project: Path, jp_root_dir: Path, done: Any) -> None:
    assert (await ask("init", {"folder": "other"})).code == 404
    (jp_root_dir / "other").mkdir()
    assert (await ask("init", {"folder": "other"})).code == 200
    (jp_root_dir / "other" / "b.txt").write_text("two\n")
    job = await done("snapshot", folder="other", message="of the other")
    assert job["folder"] == "other"
    for folder, messages in {"project": ["first"], "other": ["of the other"]}.items():
        log = (await ask("log", folder=folder)).json
        assert [entry["snapshot"]["message"] for entry in log["entries"]] == messages
