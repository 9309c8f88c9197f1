"""The panel in Notebook 7: beside a notebook, with documents below it, since a page there has room for one notebook alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.axe import AXE, faults
from tests.browser.conftest import PICTURES
from tests.browser.lab import Lab

SEEN_MIN = 200
"""Pixels of height that a document has at least."""


def write(path: Path, text: str) -> None:
    """A notebook with one cell of text."""
    cell = {"cell_type": "markdown", "id": "a", "source": text, "metadata": {}}
    kernel = {"name": "python3", "display_name": "Python 3"}
    path.write_text(json.dumps({"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}))


@pytest.fixture
def digits(folder: Path) -> Path:
    """A workspace below the server's root: a notebook and a text, both changed since the snapshot v1."""
    digits = folder / "digits"
    digits.mkdir()
    with Workspace.init(digits) as workspace:
        write(digits / "train.ipynb", "rate of v1")
        (digits / "fit.py").write_text("rate = 1\n")
        workspace.snapshot("first model", tags=["v1"])
    write(digits / "train.ipynb", "rate of now")
    (digits / "fit.py").write_text("rate = 2\n")
    return digits


def show_panel(page: Page) -> None:
    """Show the panel by the menu."""
    page.get_by_role("menuitem", name="View", exact=True).click()
    page.locator(".lm-Menu-itemLabel", has_text="Right Sidebar").click()
    page.locator(".lm-Menu-itemLabel", has_text="Show Versions of this folder").click()
    expect(page.get_by_role("region", name="Jupyter Kit")).to_be_visible()


def test_snapshot_compare_and_roll_back_beside_a_notebook(digits: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    page = open_page(lab, "notebooks/digits/train.ipynb")
    text = page.locator(".jp-MarkdownOutput")
    expect(text).to_contain_text("rate of now")
    show_panel(page)
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel.get_by_role("option", name="first model")).to_be_visible()

    for name, shown in (("train.ipynb", ".jp-Notebook-diff .cm-content"), ("fit.py", ".cm-mergeView .cm-content")):
        panel.get_by_role("treeitem", name=name).click()
        expect(page.locator(f".jk-Diff:visible {shown}").first).to_contain_text("rate")
        box = page.locator(".jk-Diff:visible").bounding_box()
        assert box
        assert box["height"] > SEEN_MIN
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / "notebook7.png")
    if AXE.exists():
        assert not faults(page)

    page.locator(".jp-NotebookPanel-toolbar").get_by_role("button", name="Keep all files of this workspace").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("from Notebook 7")
    page.keyboard.press("Enter")
    newest = panel.get_by_role("option", name="from Notebook 7")
    expect(newest).to_be_visible()

    panel.get_by_role("option", name="first model").click(button="right")
    page.get_by_role("menuitem", name="Roll Back to Here…").click()
    page.get_by_role("dialog").get_by_role("button", name="Roll back", exact=True).click()
    expect(text).to_contain_text("rate of v1")
    assert (digits / "fit.py").read_text() == "rate = 1\n"
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(text).to_contain_text("rate of now")
    assert (digits / "fit.py").read_text() == "rate = 2\n"


def test_the_panel_beside_the_files_follows_the_folder(digits: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    page = open_page(lab, "tree")
    show_panel(page)
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel.get_by_role("button", name="Keep versions of this folder")).to_be_visible()
    page.locator(".jp-DirListing-item", has_text="digits").dblclick()
    expect(panel.get_by_role("option", name="first model")).to_be_visible()
