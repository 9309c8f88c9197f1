"""Checkpoints of a real Jupyter server: the history of the workspace where there is one, and Jupyter's own everywhere else."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.contents.filemanager import FileContentsManager
from tornado.httpclient import HTTPClientError

from jupyter_kit.frontends.checkpoints import KitCheckpoints
from jupyter_kit.snapshot.snapshot import LogEntry
from jupyter_kit.workspace import Workspace

NAMES = ["train.ipynb", "a b/é #1 ü.ipynb", "notes.txt"]

Ask = Callable[..., Awaitable[Any]]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Opted in; without our extension, which they do not need."""
    return {"ContentsManager": {"checkpoints_class": "jupyter_kit.frontends.checkpoints.AsyncKitCheckpoints"}}


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


async def test_a_file_that_moves_leaves_its_history(ask: Ask, project: Path) -> None:
    first = await save(ask, "project/train.ipynb", "one")
    await ask("PATCH", "project/train.ipynb", body={"path": "project/renamed.ipynb"})
    assert await ask("GET", "project/renamed.ipynb", "checkpoints") == []
    second = await save(ask, "project/renamed.ipynb", "two")
    assert await ask("GET", "project/renamed.ipynb", "checkpoints") == [second]
    assert await ask("GET", "project/train.ipynb", "checkpoints") == [first]
    await ask("PATCH", "project/a b", body={"path": "project/c d"})
    assert len(log(project)) == 2


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


async def test_settings_that_do_not_parse_are_told(ask: Ask, project: Path) -> None:
    await save(ask, "project/notes.txt", "one")
    (project / ".kitignore").write_text("[\n")
    said = await ask("POST", "project/notes.txt", "checkpoints", fails=400)
    assert ".kitignore" in said


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
