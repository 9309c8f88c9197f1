"""Checkpoints of a real Jupyter server: the history of the workspace where there is one, and Jupyter's own everywhere else."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from tornado.httpclient import HTTPClientError
from traitlets.config import Config

from jupyter_kit.frontends.checkpoints import KitCheckpoints
from jupyter_kit.snapshot.snapshot import LogEntry
from jupyter_kit.workspace import Workspace

README = (Path(__file__).parents[3] / "README.md").read_text("utf-8")

NAMES = ["train.ipynb", "a b/é #1 ü.ipynb", "notes.txt"]

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Opted in with the line that the README shows; without our extension, which they do not need."""
    (line,) = re.findall(r"`(c\.ContentsManager\..*?)`", README)
    settings = Config()
    exec(line, {"c": settings})
    return dict(settings)


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """A workspace without a snapshot, in the folder ``project`` of the server."""
    (jp_root_dir / "project/a b").mkdir(parents=True)
    Workspace.init(jp_root_dir / "project").close()
    return jp_root_dir / "project"


@pytest.fixture
def ask(jp_fetch: Callable[..., Awaitable[Any]]) -> Ask:
    """One call of the contents API: its document, or with ``fails`` the message of an error with that status."""

    async def ask(method: str, path: str, *further: str, body: object = None, fails: int = 0) -> Any:
        sent = {} if body is None else {"body": json.dumps(body)}
        try:
            reply = await jp_fetch("api/contents", *path.split("/"), *further, method=method, allow_nonstandard_methods=True, **sent)
        except HTTPClientError as error:
            assert error.response is not None
            assert error.code == fails, error.response.body
            return json.loads(error.response.body)["message"]
        assert not fails
        return json.loads(reply.body) if reply.body else None

    return ask


def notebook(source: str) -> dict[str, Any]:
    cell = {"cell_type": "code", "id": "one", "metadata": {}, "source": source, "outputs": [], "execution_count": None}
    return {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}


async def save(ask: Ask, path: str, text: str) -> Any:
    """What the save button does: save, then make a checkpoint."""
    if path.endswith(".ipynb"):
        await ask("PUT", path, body={"type": "notebook", "format": "json", "content": notebook(text)})
    else:
        await ask("PUT", path, body={"type": "file", "format": "text", "content": text})
    return await ask("POST", path, "checkpoints")


async def content(ask: Ask, path: str) -> Any:
    found = (await ask("GET", path))["content"]
    return found["cells"][0]["source"] if path.endswith(".ipynb") else found


def log(folder: Path) -> list[LogEntry]:
    with Workspace.open(folder) as workspace:
        return list(workspace.log())


@pytest.mark.parametrize("name", NAMES)
async def test_every_version_is_listed_and_comes_back(ask: Ask, project: Path, name: str) -> None:
    path = f"project/{name}"
    made = [await save(ask, path, text) for text in ("one", "two", "three")]
    assert await ask("GET", path, "checkpoints") == made
    assert len({one["id"] for one in made}) == 3
    assert [entry.snapshot.kind for entry in log(project)] == ["auto"] * 3
    assert log(project)[0].snapshot.notebook == (name if name.endswith(".ipynb") else None)
    await ask("POST", path, "checkpoints", made[0]["id"])
    assert await content(ask, path) == "one"
    await ask("POST", path, "checkpoints", made[1]["id"])
    assert await content(ask, path) == "two"


async def test_what_has_not_changed_is_not_kept_again(ask: Ask, project: Path) -> None:
    first = await save(ask, "project/train.ipynb", "one")
    assert await ask("POST", "project/train.ipynb", "checkpoints") == first
    (project / "data.bin").write_bytes(bytes(1000))  # Something else that changes is no reason.
    assert await ask("POST", "project/train.ipynb", "checkpoints") == first
    assert len(log(project)) == 1
    await save(ask, "project/notes.txt", "a note")
    assert [one["id"] for one in await ask("GET", "project/train.ipynb", "checkpoints")] == [first["id"]]


async def test_restoring_loses_nothing(ask: Ask, project: Path) -> None:
    first = await save(ask, "project/notes.txt", "one")
    (project / "notes.txt").write_text("not kept yet")
    (project / "other.txt").write_text("stays")
    await ask("POST", "project/notes.txt", "checkpoints", first["id"])
    assert (project / "notes.txt").read_text() == "one"
    assert (project / "other.txt").read_text() == "stays"
    with Workspace.open(project) as workspace:
        safety = workspace.log()[0].snapshot
        assert safety.kind == "safety"
        with workspace.open_file("notes.txt", safety.id) as kept:
            assert kept.read() == b"not kept yet"


async def test_versions_that_people_kept_are_listed_too(ask: Ask, project: Path) -> None:
    (project / "notes.txt").write_text("by hand")
    with Workspace.open(project) as workspace:
        taken = workspace.snapshot("by hand", tags=["v1"])
    (listed,) = await ask("GET", "project/notes.txt", "checkpoints")
    assert listed == {"id": taken.id, "last_modified": listed["last_modified"]}
    assert listed["last_modified"][:19] == taken.created[:19]


async def test_a_notebook_that_is_renamed_keeps_its_versions(ask: Ask, project: Path) -> None:
    first = await save(ask, "project/train.ipynb", "one")
    exactly = (project / "train.ipynb").read_bytes()
    await ask("PATCH", "project/train.ipynb", body={"path": "project/a b/renamed.ipynb"})
    assert await ask("GET", "project/a b/renamed.ipynb", "checkpoints") == [first]
    second = await save(ask, "project/a b/renamed.ipynb", "two")
    await ask("PATCH", "project/a b", body={"path": "project/c d"})
    third = await save(ask, "project/c d/renamed.ipynb", "three")
    assert await ask("GET", "project/c d/renamed.ipynb", "checkpoints") == [first, second, third]
    (project / "other.txt").write_text("stays")
    await ask("POST", "project/c d/renamed.ipynb", "checkpoints", first["id"])
    assert (project / "c d/renamed.ipynb").read_bytes() == exactly
    there = (path for path in project.rglob("*") if path.is_file() and ".kit" not in path.parts)
    assert sorted(path.name for path in there) == [
        "other.txt",
        "renamed.ipynb",
    ]
    assert await ask("GET", "project/train.ipynb", "checkpoints") == [first]


async def test_a_copy_begins_a_history_of_its_own(ask: Ask, project: Path) -> None:
    await save(ask, "project/train.ipynb", "one")
    first = await save(ask, "project/train.ipynb", "two")
    copied = (await ask("POST", "project", body={"copy_from": "project/train.ipynb"}))["path"]
    (begun,) = await ask("GET", copied, "checkpoints")
    assert begun["id"] != first["id"]
    await save(ask, copied, "three")
    await ask("POST", copied, "checkpoints", begun["id"])
    assert await content(ask, copied) == "two"


async def test_a_rename_into_a_workspace_and_out_of_it_goes_through(ask: Ask, project: Path, jp_root_dir: Path) -> None:
    made = await save(ask, "project/notes.txt", "one")
    await ask("PATCH", "project/notes.txt", body={"path": "notes.txt"})
    assert await ask("GET", "notes.txt", "checkpoints") == []
    await save(ask, "notes.txt", "two")
    await ask("PATCH", "notes.txt", body={"path": "project/notes.txt"})
    assert made in await ask("GET", "project/notes.txt", "checkpoints")
    await ask("PATCH", "project", body={"path": "moved"})
    assert made in await ask("GET", "moved/notes.txt", "checkpoints")


async def test_a_file_that_is_deleted_can_still_be_brought_back(ask: Ask, project: Path) -> None:
    made = await save(ask, "project/train.ipynb", "one")
    await ask("DELETE", "project/train.ipynb")
    assert not (project / "train.ipynb").exists()
    await save(ask, "project/notes.txt", "gone by then")
    assert await ask("GET", "project/train.ipynb", "checkpoints") == [made]
    await ask("POST", "project/train.ipynb", "checkpoints", made["id"])
    assert await content(ask, "project/train.ipynb") == "one"


async def test_a_symlink_has_the_versions_of_its_file(ask: Ask, project: Path) -> None:
    (project / "real").mkdir()
    (project / "link").symlink_to("real")
    made = [await save(ask, "project/link/notes.txt", text) for text in ("one", "two")]
    assert await ask("GET", "project/link/notes.txt", "checkpoints") == await ask("GET", "project/real/notes.txt", "checkpoints") == made
    await ask("POST", "project/link/notes.txt", "checkpoints", made[0]["id"])
    assert (project / "real/notes.txt").read_text() == "one"
    assert (project / "link").is_symlink()


async def test_what_was_before_is_a_version_again(ask: Ask, project: Path) -> None:
    made = [await save(ask, "project/notes.txt", text) for text in ("one", "two", "one")]
    assert [one["id"] for one in await ask("GET", "project/notes.txt", "checkpoints")] == [one["id"] for one in made]


async def test_a_version_is_not_deleted(ask: Ask, project: Path) -> None:
    made = await save(ask, "project/train.ipynb", "one")
    said = await ask("DELETE", "project/train.ipynb", "checkpoints", made["id"], fails=409)
    assert f"jupyter kit remove {made['id'][:10]}" in said
    assert await ask("GET", "project/train.ipynb", "checkpoints") == [made]


async def test_a_version_that_is_none_is_told(ask: Ask, project: Path) -> None:
    await save(ask, "project/notes.txt", "one")
    assert "no snapshot" in await ask("POST", "project/notes.txt", "checkpoints", "ab" * 32, fails=404)


async def test_damage_is_told_and_nothing_is_overwritten(ask: Ask, project: Path) -> None:
    text = "".join(f"{number * number}\n" for number in range(3000))
    first = await save(ask, "project/notes.txt", text)
    await save(ask, "project/notes.txt", "two")
    for place in (project / ".kit/store/segments").iterdir():
        whole = place.read_bytes()
        place.write_bytes(whole[:64] + bytes(byte ^ 1 for byte in whole[64:5000]) + whole[5000:])
    await ask("POST", "project/notes.txt", "checkpoints", first["id"], fails=500)
    assert (project / "notes.txt").read_text() == "two"


@pytest.mark.parametrize("name", ["train.ipynb", "é ü/notes.txt"])
async def test_outside_of_a_workspace_it_is_jupyters_own(ask: Ask, jp_root_dir: Path, name: str) -> None:
    (jp_root_dir / "é ü").mkdir()
    made = await save(ask, name, "one")
    assert made["id"] == "checkpoint"
    place = jp_root_dir / name
    assert (place.parent / ".ipynb_checkpoints" / f"{place.stem}-checkpoint{place.suffix}").is_file()
    (jp_root_dir / name).write_text("broken")
    await ask("POST", name, "checkpoints", "checkpoint")
    assert await content(ask, name) == "one"
    renamed = str(Path(name).with_stem("renamed"))
    await ask("PATCH", name, body={"path": renamed})
    assert await ask("GET", name, "checkpoints") == []
    assert [one["id"] for one in await ask("GET", renamed, "checkpoints")] == ["checkpoint"]
    await ask("DELETE", renamed, "checkpoints", "checkpoint")
    assert await ask("GET", renamed, "checkpoints") == []
    await ask("POST", renamed, "checkpoints")
    await ask("DELETE", renamed)
    assert list((place.parent / ".ipynb_checkpoints").iterdir()) == []
    assert "does not exist" in await ask("DELETE", renamed, "checkpoints", "checkpoint", fails=404)


@pytest.mark.parametrize(
    ("name", "text"), [("scratch/notes.txt", "ignored"), ("server.key", "-----BEGIN RSA PRIVATE KEY-----\nnot really\n")]
)
async def test_what_a_snapshot_leaves_out_is_kept_by_jupyter(ask: Ask, project: Path, name: str, text: str) -> None:
    (project / "scratch").mkdir()
    (project / ".kitignore").write_text("scratch\n")
    made = await save(ask, f"project/{name}", text)
    assert made["id"] == "checkpoint"
    (project / name).write_text("broken")
    await ask("POST", f"project/{name}", "checkpoints", "checkpoint")
    assert (project / name).read_text() == text
    assert len(await ask("GET", f"project/{name}", "checkpoints")) == 1


def mistake_in_the_settings(project: Path) -> str:
    (project / ".kitignore").write_text("[\n")
    return ".kitignore"


def store_of_a_newer_version(project: Path) -> str:
    place = project / ".kit/store/format.json"
    place.write_text(json.dumps(json.loads(place.read_text()) | {"format": 99}))
    return "format"


def store_that_is_gone(project: Path) -> str:
    shutil.rmtree(project / ".kit/store")
    return "There is no store"


@pytest.mark.parametrize("break_it", [mistake_in_the_settings, store_of_a_newer_version, store_that_is_gone])
async def test_a_history_that_cannot_be_written_keeps_nobody_from_saving(
    ask: Ask, project: Path, break_it: Callable[[Path], str], caplog: pytest.LogCaptureFixture
) -> None:
    await save(ask, "project/notes.txt", "one")
    said = break_it(project)
    made = await save(ask, "project/new.ipynb", "two")
    assert made["id"] == "checkpoint"
    assert re.search(rf"own checkpoints are used for .*new\.ipynb\. .*{re.escape(said)}", caplog.text)
    assert await ask("GET", "project/new.ipynb", "checkpoints") == [made]
    await ask("PUT", "project/new.ipynb", body={"type": "notebook", "format": "json", "content": notebook("three")})
    await ask("POST", "project/new.ipynb", "checkpoints", "checkpoint")
    assert await content(ask, "project/new.ipynb") == "two"
    assert (await save(ask, "project/notes.txt", "four"))["id"] == "checkpoint"
    await ask("PATCH", "project/notes.txt", body={"path": "project/renamed.txt"})
    assert (await ask("GET", "project/renamed.txt", "checkpoints"))[-1]["id"] == "checkpoint"
    await ask("DELETE", "project/renamed.txt")


def test_contents_managers_that_are_not_asynchronous_have_the_same(tmp_path: Path) -> None:
    contents = FileContentsManager(root_dir=str(tmp_path), checkpoints_class=KitCheckpoints)
    (tmp_path / "project").mkdir()
    with Workspace.init(tmp_path / "project"):
        pass
    for path, version in (("project/notes.txt", 64), ("notes.txt", len("checkpoint"))):
        contents.save({"type": "file", "format": "text", "content": "one"}, path)
        made = contents.create_checkpoint(path)
        assert len(made["id"]) == version
        contents.save({"type": "file", "format": "text", "content": "two"}, path)
        assert contents.list_checkpoints(path) == [made]
        contents.restore_checkpoint(made["id"], path)
        assert contents.get(path)["content"] == "one"
        contents.rename(path, f"{path}.old")
        contents.delete(f"{path}.old")
    assert len(contents.list_checkpoints("project/notes.txt")) == 2  # The second is the safety snapshot of the restore.
    assert contents.list_checkpoints("notes.txt") == contents.list_checkpoints("notes.txt.old") == []
