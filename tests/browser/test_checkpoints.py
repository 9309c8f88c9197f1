"""Jupyter's own *Revert Notebook to Checkpoint*, where the history makes the checkpoints."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from jupyter_kit import Workspace
from tests.browser.conftest import PICTURES
from tests.browser.lab import Lab
from tests.browser.test_views import wait_until, write_notebook

CHECKPOINTS = "--ContentsManager.checkpoints_class=jupyter_kit.frontends.checkpoints.AsyncKitCheckpoints"


def test_every_version_is_offered_and_exactly_it_comes_back(
    start: Callable[..., Lab], open_page: Callable[..., Page], folder: Path
) -> None:
    notebook = folder / "train.ipynb"
    kept = []
    with Workspace.init(folder) as workspace:
        for rate in (0.1, 0.05, 0.01):
            write_notebook(notebook, f"rate = {rate}")
            (folder / "data.csv").write_text(f"{rate}\n")
            workspace.snapshot(f"rate {rate}")
            kept.append(notebook.read_bytes())
    page = open_page(start(folder, options=(CHECKPOINTS,)), "lab/tree/train.ipynb")
    cell = page.locator(".jp-Notebook .cm-content").first
    expect(cell).to_contain_text("rate = 0.01")
    page.get_by_role("menuitem", name="File", exact=True).click()
    page.get_by_role("menuitem", name=re.compile("^Revert Notebook to Checkpoint")).click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("option")).to_have_count(3)
    page.screenshot(path=PICTURES / "checkpoints.png")
    dialog.locator("select").select_option(index=2)  # The newest is the first.
    dialog.get_by_role("button", name="Ok").click()
    page.get_by_role("dialog").get_by_role("button", name="Revert").click()
    wait_until(lambda: notebook.read_bytes() == kept[0])
    expect(cell).to_contain_text("rate = 0.1")
    assert (folder / "data.csv").read_text() == "0.01\n", "the file alone"
