"""The route that compares two versions of a notebook."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from nbdime import patch_notebook
from nbdime.diff_utils import to_diffentry_dicts

from jupyter_kit.frontends.differ import process
from jupyter_kit.frontends.server.routes import notebooks
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask


def notebook(*sources: str) -> bytes:
    cells = [
        {"cell_type": "code", "id": f"c{number}", "source": source, "metadata": {}, "outputs": [], "execution_count": None}
        for number, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


@pytest.fixture
def train(project: Path) -> Path:
    """A notebook that is in the snapshot v1, and differs on disk."""
    file = project / "train.ipynb"
    file.write_bytes(notebook("a = 1", "b = 2"))
    with Workspace.open(project) as workspace:
        workspace.snapshot(tags=["v2"])
    file.write_bytes(notebook("a = 1", "b = 3", "c"))
    return file


async def test_by_nbdime(ask: Ask, train: Path) -> None:
    answer = (await ask("notebook-diff", folder="project", before="v2", path="train.ipynb")).json
    assert (answer["cells"], answer["reason"]) == (None, "")
    patched = patch_notebook(answer["base"], to_diffentry_dicts(answer["diff"]))
    assert [cell["source"] for cell in patched["cells"]] == ["a = 1", "b = 3", "c"]


async def test_where_it_was_added_or_moved(ask: Ask, train: Path, project: Path) -> None:
    added = (await ask("notebook-diff", folder="project", before="v1", after="v2", path="train.ipynb")).json
    assert added["base"]["cells"] == []
    train.rename(project / "new.ipynb")
    moved = (await ask("notebook-diff", folder="project", before="v2", path="new.ipynb", old_path="train.ipynb")).json
    assert len(moved["base"]["cells"]) == 2


async def test_ours_where_nbdime_is_too_slow(ask: Ask, train: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process.Comparison.__init__, "__kwdefaults__", {"seconds": 0.001})
    answer = (await ask("notebook-diff", folder="project", before="v2", path="train.ipynb")).json
    assert (answer["base"], answer["diff"]) == (None, None)
    assert "took longer" in answer["reason"]
    assert [cell["kind"] for cell in answer["cells"]["cells"]] == ["modified", "added"]


async def test_ours_where_it_is_too_large(ask: Ask, train: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notebooks, "BYTES_MAX", 100)
    answer = (await ask("notebook-diff", folder="project", before="v2", path="train.ipynb")).json
    assert "larger" in answer["reason"]
    assert len(answer["cells"]["cells"]) == 2


async def test_what_is_no_notebook(ask: Ask, train: Path) -> None:
    train.write_text("not json")
    answer = (await ask("notebook-diff", folder="project", before="v2", path="train.ipynb")).json
    assert (answer["base"], answer["cells"]) == (None, None)
    assert "nbdime could not compare it" in answer["reason"]


@pytest.mark.parametrize(
    ("query", "code", "kind"),
    [
        ({"before": "v9", "path": "train.ipynb"}, 404, "not-found"),
        ({"path": "../other.ipynb"}, 400, "outside-workspace"),
        ({"path": "train.ipynb", "old_path": "/etc/passwd"}, 400, "outside-workspace"),
    ],
)
async def test_what_is_refused(ask: Ask, train: Path, query: dict[str, str], code: int, kind: str) -> None:
    answer = await ask("notebook-diff", folder="project", **query)
    assert (answer.code, answer.json["kind"]) == (code, kind)


async def test_the_loop_goes_on_meanwhile(ask: Ask, train: Path) -> None:
    comparing = asyncio.create_task(ask("notebook-diff", folder="project", before="v2", path="train.ipynb"))
    assert (await ask("workspace", folder="project")).code == 200
    assert not comparing.done()
    assert (await comparing).code == 200
