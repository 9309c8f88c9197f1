"""Comparisons and files as they were, where what is behind them is damaged, gone, newer, or not for whoever asks."""

from __future__ import annotations

import base64
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import READY, picture, run
from tests.browser.lab import Lab
from tests.browser.test_diff import notebook, opened, theme, typed

KEPT = """() => window.jupyterapp.serviceManager.workspaces.fetch('default').then(
    ({data}) => /kit-diff.*kit-preview/.test(JSON.stringify(data['layout-restorer:data']?.main.dock?.widgets)))"""
"""Whether the lab has written down that two documents are open."""


@pytest.fixture
def folder(folder: Path) -> Path:
    """A workspace with the snapshot v1, and changes after it."""
    (folder / "train.ipynb").write_text(notebook("# Digits", "rate = 0.1"))
    (folder / "notes.txt").write_text("first\n")
    (folder / "big.txt").write_bytes(base64.b64encode(os.urandom(200_000)))
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
    (folder / "train.ipynb").write_text(notebook("# Digits", "rate = 0.2"))
    (folder / "notes.txt").write_text("second\n")
    (folder / "big.txt").write_bytes(base64.b64encode(os.urandom(200_000)))
    return folder


def compared(page: Page, path: str) -> Locator:
    """Open what changed in a file; gives the document."""
    run(page, "open-diff", before="v1", path=path)
    return page.locator(".jk-Diff:visible", has=page.get_by_role("region", name=path))


def as_it_was(page: Page, path: str) -> Locator:
    run(page, "open-file-as-of", snapshot="v1", path=path)
    expect(page.get_by_role("tab", name=f"{path} (v1)")).to_be_visible()
    return page.locator(".jk-Preview:visible")


def again(page: Page) -> None:
    page.get_by_role("button", name="Try again").click()


def test_a_store_that_is_damaged_newer_or_gone(page: Page, folder: Path) -> None:
    store, away = folder / ".kit", folder.parent / "away"
    segments = [path for path in (store / "store" / "segments").iterdir() if path.is_file()]
    whole = [path.read_bytes() for path in segments]
    for path, data in zip(segments, whole, strict=True):
        path.write_bytes(data[:2000] + bytes(byte ^ 0xFF for byte in data[2000:]))
    expect(as_it_was(page, "big.txt").get_by_role("alert")).to_contain_text("big.txt")
    picture(page, "fault-damaged-light")
    run(page, "open-diff", before="v1", path="big.txt")
    problem = page.locator(".jk-Diff:visible").get_by_role("alert")
    expect(problem).to_contain_text("big.txt")
    for path, data in zip(segments, whole, strict=True):
        path.write_bytes(data)
    again(page)
    expect(problem).to_have_count(0)
    expect(page.locator(".jk-Diff:visible .jk-Diff-body")).not_to_be_empty()

    form = store / "store" / "format.json"
    known = form.read_text()
    form.write_text(json.dumps(json.loads(known) | {"format": 99}))
    run(page, "open-diff", before="v1", path="notes.txt")
    expect(problem).to_contain_text("Upgrade with")
    form.write_text(known)
    again(page)
    expect(page.locator(".jk-Diff:visible .cm-mergeView")).to_contain_text("second")

    shutil.move(store, away)
    run(page, "open-diff", before="v1", path="train.ipynb")
    expect(problem).to_contain_text("is not in a workspace")
    run(page, "open-file-as-of", snapshot="v1", path="notes.txt")
    expect(page.locator(".jk-Preview:visible").get_by_role("alert")).to_contain_text("is not in a workspace")
    run(page, "rollback", name="v1")
    expect(page.locator(".jp-toast-message", has_text="is not in a workspace")).to_be_visible()
    shutil.move(away, store)
    again(page)
    expect(page.locator(".jk-Preview:visible .cm-content")).to_contain_text("first")


def test_documents_come_back_with_the_page(page: Page, lab: Lab, folder: Path) -> None:
    expect(compared(page, "notes.txt")).to_contain_text("second")
    as_it_was(page, "train.ipynb")

    def reload() -> None:
        for _ in range(200):  # The page's own way to wait takes the promise for an answer.
            if page.evaluate(KEPT):
                break
            page.wait_for_timeout(100)
        page.goto(lab.url("lab"))
        page.wait_for_function(READY)

    reload()
    expect(page.get_by_role("tab", name="notes.txt: v1 → now")).to_be_visible()
    expect(page.get_by_role("tab", name="train.ipynb (v1)")).to_be_visible()
    expect(page.locator(".jk-Preview-notebook")).to_contain_text("rate = 0.1")
    with Workspace.open(folder) as workspace:
        workspace.snapshot("second", tags=["v2"])
        workspace.remove(["v1"])
    reload()
    expect(page.locator(".jk-Preview").get_by_role("alert")).to_contain_text("v1")
    page.get_by_role("tab", name="notes.txt: v1 → now").click()
    expect(page.locator(".jk-Diff:visible").get_by_role("alert")).to_contain_text("v1")
    picture(page, "fault-removed-light")
    page.get_by_label("Before", exact=True).select_option("v2")
    expect(page.get_by_text("notes.txt is the same in both.")).to_be_visible()


def test_a_server_that_does_not_know_its_people_any_more(folder: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = start(folder)
    page = open_page(lab)
    theme(page, "JupyterLab Dark")
    opened(page, "notes.txt")
    typed(page, "mine ")
    expect(compared(page, "train.ipynb").locator(".jp-Notebook-diff .cm-content").first).to_be_visible()
    lab.process.terminate()
    lab.process.wait()
    start(folder, port=urlsplit(lab.address).port, options=("--IdentityProvider.token=another",))
    page.add_locator_handler(page.get_by_role("dialog", name="Server Connection Error"), lambda: page.keyboard.press("Escape"))
    page.get_by_label("Hide unchanged cells").click()
    problem = page.locator(".jk-Diff:visible").get_by_role("alert")
    expect(problem).to_contain_text("Jupyter does not know you any more.")
    expect(problem).to_contain_text("Reload this page to sign in again.")
    run(page, "open-file-as-of", snapshot="v1", path="train.ipynb")
    expect(page.locator(".jk-Preview:visible").get_by_role("alert")).to_contain_text("Reload this page to sign in again.")
    run(page, "rollback", name="v1")
    expect(page.locator(".jp-toast-message", has_text="Reload this page to sign in again.")).to_be_visible()
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(page.locator(".jk-Panel")).to_contain_text("Jupyter does not know you any more.")
    picture(page, "fault-signed-out-dark")
    page.get_by_role("tab", name="notes.txt", exact=True).click()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).to_contain_text("mine second")
    assert (folder / "notes.txt").read_text() == "second\n"


def test_the_reason_is_told_where_cells_are_shown_without_outputs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    (tmp_path / "without").mkdir()
    (tmp_path / "without" / "sitecustomize.py").write_text("import sys\nsys.modules['nbdime'] = None\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "without"))
    page = open_page(start(folder))
    shown = compared(page, "train.ipynb")
    expect(shown).to_contain_text("Cells are shown without their outputs. nbdime is not installed: pip install 'jupyter-kit[diff]'")
    expect(shown.locator(".jk-Cell")).to_contain_text("+rate = 0.2")
    picture(page, "fault-no-nbdime-light")


CONTENTS = """
from datetime import datetime, timezone

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from jupyter_server.services.contents.manager import ContentsManager
from tornado.web import HTTPError


class ReadOnly(AsyncLargeFileManager):
    def is_writable(self, path):
        return False

    async def save(self, model, path=""):
        raise HTTPError(403, "read-only")


class Shelf(ContentsManager):
    def dir_exists(self, path):
        return path in ("", "/")

    def file_exists(self, path=""):
        return False

    def is_hidden(self, path):
        return False

    def get(self, path, content=True, type=None, format=None, **rest):
        now = datetime.now(timezone.utc)
        return {"name": "", "path": "", "type": "directory", "writable": True, "created": now, "last_modified": now, "size": None,
                "mimetype": None, "format": "json" if content else None, "content": [] if content else None}
"""
"""Contents managers: one that writes nothing, and one that keeps nothing in files."""


def test_contents_that_are_read_only_or_no_files(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "odd_contents.py").write_text(CONTENTS)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "modules"))
    page = open_page(start(folder, options=("--ServerApp.contents_manager_class=odd_contents.ReadOnly",)))
    expect(compared(page, "notes.txt")).to_contain_text("second")
    page.get_by_role("button", name="Restore from v1…").click()
    expect(page.locator(".jp-toast-message", has_text="This folder is read-only here. Ask whoever runs this server.")).to_be_visible()
    picture(page, "fault-read-only-light")
    assert (folder / "notes.txt").read_text() == "second\n"
    page = open_page(start(folder, options=("--ServerApp.contents_manager_class=odd_contents.Shelf",)))
    run(page, "open-diff", before="v1", path="notes.txt")
    problem = page.locator(".jk-Diff:visible").get_by_role("alert")
    expect(problem).to_contain_text("Shelf keeps documents elsewhere than in files, so there is no folder to keep versions of.")
    run(page, "rollback", name="v1")
    expect(page.locator(".jp-toast-message", has_text="Shelf keeps documents elsewhere")).to_be_visible()
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(page.locator(".jk-Panel")).to_contain_text("Shelf keeps documents elsewhere")
    picture(page, "fault-no-files-light")
