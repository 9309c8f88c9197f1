"""Views in the pages that people use: what `%kit history` shows is pressed, and files on disk follow."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from jupyter_kit import Workspace
from tests.browser.conftest import PICTURES
from tests.browser.lab import Lab

WITH_NOTEBOOK = pytest.mark.skipif(not importlib.util.find_spec("notebook"), reason="Notebook 7 is not installed")
APPS = [pytest.param("lab/tree", id="lab"), pytest.param("notebooks", id="notebook", marks=WITH_NOTEBOOK)]


@pytest.fixture
def notebook(folder: Path) -> Path:
    """A notebook in a workspace with two snapshots, that shows its history."""
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_kit", "%kit history")]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), folder / "look.ipynb")
    (folder / "fit.py").write_text("rate = 0.1\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
        (folder / "fit.py").write_text("rate = 0.05\n")
        workspace.snapshot("second")
    return folder / "look.ipynb"


@pytest.mark.parametrize("app", APPS)
def test_a_version_is_brought_back_and_that_is_undone(lab: Lab, browser: Browser, notebook: Path, folder: Path, app: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    try:
        press(page, lab.url(f"{app}/{notebook.name}"), folder / "fit.py")
    except BaseException:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"views-{app.replace('/', '-')}.png")
        raise
    finally:
        page.close()


def press(page: Page, url: str, file: Path) -> None:
    """What a person does."""
    page.goto(url)
    page.locator(".jp-Notebook .jp-Cell").nth(1).wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for()
    versions = page.locator(".widget-select select")
    ran = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(5):  # What is asked of a kernel that says it is idle, and is not connected yet, is lost.
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            ran.first.wait_for(timeout=5000)
            break
        except Error:
            continue
    expect(versions.locator("option")).to_have_count(2)
    expect(page.get_by_text("+rate = 0.05")).to_be_visible()
    versions.select_option(index=1)
    expect(page.get_by_text("It is the first snapshot")).to_be_visible()
    page.get_by_role("button", name="From it to now").click()
    expect(page.get_by_text("+rate = 0.05")).to_be_visible()
    page.locator(".widget-dropdown select").select_option("fit.py")
    page.get_by_role("button", name="Roll back…").click()
    expect(page.get_by_text("To go back to")).to_be_visible()
    assert file.read_text() == "rate = 0.05\n"
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("Back at")).to_be_visible()
    assert file.read_text() == "rate = 0.1\n"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("-rate = 0.1")).to_be_visible()
    assert file.read_text() == "rate = 0.05\n"
