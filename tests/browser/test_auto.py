"""Versions that are kept by themselves: after saves, and where Jupyter's own checkpoints come out of the history."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import execute, picture
from tests.browser.lab import Lab


def notebook(text: str) -> str:
    """A notebook with one cell."""
    cell = {"cell_type": "markdown", "id": "a", "source": text, "metadata": {}}
    return json.dumps(
        {"cells": [cell], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.fixture
def kept(folder: Path) -> Path:
    """The lab's folder, as a workspace with one snapshot of a script and a notebook."""
    (folder / "train.py").write_text("rate = 1\n")
    (folder / "train.ipynb").write_text(notebook("version 1"))
    with Workspace.init(folder) as workspace:
        workspace.snapshot("by hand")
    return folder


def kinds(folder: Path) -> list[str]:
    """Of all snapshots, the newest first."""
    with Workspace.open(folder) as workspace:
        return [entry.snapshot.kind for entry in workspace.log()]


def history(page: Page) -> Locator:
    """The snapshots that the panel shows."""
    return page.get_by_role("listbox", name="Snapshots, newest first").get_by_role("option")


def switched(page: Page, document: str, *, on: bool) -> None:
    """Change the setting in the settings editor, wait until the server knows, and go back to a document."""
    execute(page, "settingeditor:open", query="Jupyter Kit")
    setting = page.get_by_role("checkbox", name="Snapshots after saves")
    with page.expect_response(lambda response: "/jupyter_kit/api/auto" in response.url and response.ok):
        setting.set_checked(on)
    picture(page, "settings")
    page.get_by_role("tab", name=document).click()


def typed(page: Page, words: str) -> None:
    """Write at the end of the document in front, and save it."""
    editor = page.locator(".jp-FileEditor .cm-content")
    editor.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(words)
    saved(page)


def saved(page: Page) -> None:
    """Save the document in front."""
    with page.expect_response(lambda response: "/api/contents/" in response.url and response.request.method == "PUT"):
        page.keyboard.press("Control+s")


def test_saves_keep_versions_while_the_setting_is_on(kept: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    with Workspace.open(kept) as workspace:
        for number in range(4):
            (kept / "train.py").write_text(f"rate = {number}\n")
            workspace.snapshot(f"old {number}", kind="auto")
    (kept / ".kit" / "config.yaml").write_text("auto_quiet_seconds: 0.2\nauto_keep_last: 2\n")
    page = open_page(start(kept), "lab/tree/train.py")
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(history(page)).to_have_count(5)
    typed(page, "# off")
    expect(page.get_by_text("Changes (1)")).to_be_visible()

    switched(page, "train.py", on=True)
    typed(page, " # one")
    newest = history(page).filter(has_text="train.py saved")
    expect(newest).to_have_count(1)
    expect(newest).to_contain_text("auto")
    expect(page.get_by_text("Nothing has changed")).to_be_visible()
    expect(history(page).filter(has_text="old")).to_have_count(1)  # of these kinds the last two stay
    assert kinds(kept) == ["auto", "auto", "manual"]
    picture(page, "auto-history")

    saved(page)  # and nothing new in it
    typed(page, " # two")
    expect(newest).to_have_count(2)
    assert kinds(kept) == ["auto", "auto", "auto", "manual"]

    switched(page, "train.py", on=False)
    typed(page, " # three")
    expect(page.get_by_text("Changes (1)")).to_be_visible()
    page.get_by_role("button", name="Snapshot", exact=True).click()
    expect(page.get_by_text("Nothing has changed")).to_be_visible()
    assert kinds(kept) == ["manual", "auto", "auto", "auto", "manual"]


def test_a_notebook_is_reverted_to_any_version_of_it(kept: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    with Workspace.open(kept) as workspace:
        for number in (2, 3):
            (kept / "train.ipynb").write_text(notebook(f"version {number}"))
            workspace.snapshot(f"number {number}")
    option = "--ContentsManager.checkpoints_class=jupyter_kit.frontends.checkpoints.AsyncKitCheckpoints"
    page = open_page(start(kept, options=(option,)), "lab/tree/train.ipynb")
    shown = page.get_by_role("tabpanel", name="train.ipynb")
    expect(shown).to_contain_text("version 3")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name="Revert Notebook to Checkpoint").click()
    dialog = page.get_by_role("dialog")
    versions = dialog.get_by_role("combobox").get_by_role("option")
    expect(versions).to_have_count(3)
    picture(page, "auto-checkpoints")
    dialog.get_by_role("combobox").select_option(index=2)
    dialog.get_by_role("button").last.click()
    page.get_by_role("dialog").filter(has_text="Revert").get_by_role("button", name="Revert").click()
    expect(shown).to_contain_text("version 1")
    assert "version 1" in (kept / "train.ipynb").read_text()
