"""Going back in JupyterLab: files follow on disk and in their tabs, other tabs stay, and it can be undone."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit import Workspace
from tests.browser.conftest import execute, picture, run
from tests.browser.lab import Lab

WAIT = 20_000
"""How long anything may take to be seen, in milliseconds."""


def write_notebook(path: Path, text: str) -> None:
    """One cell of text, so that no kernel is needed."""
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text, id="one")]), path)


@pytest.fixture
def workspace(folder: Path) -> Path:
    """Two notebooks and a text, as a second snapshot has them; ``v1`` has another text in each but one, and one file more."""
    for name in ("train", "notes"):
        write_notebook(folder / f"{name}.ipynb", f"{name} of v1")
    (folder / "fit.py").write_text("rate = 0.1\n")
    (folder / "same.md").write_text("the same\n")
    (folder / "old.csv").write_text("1,2\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
        write_notebook(folder / "train.ipynb", "train of now")
        write_notebook(folder / "notes.ipynb", "notes of now")
        (folder / "fit.py").write_text("rate = 0.05\n")
        (folder / "old.csv").unlink()
        (folder / "new.csv").write_text("3,4\n")
        workspace.snapshot("second", tags=["v2"])
    return folder


@pytest.fixture
def page(workspace: Path, lab: Lab, open_page: Callable[..., Page]) -> Page:
    """The lab's page, that has found the workspace."""
    page = open_page(lab)
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(page.get_by_role("option", name=re.compile("^second,"))).to_be_visible(timeout=WAIT)
    return page


def open_file(page: Page, name: str) -> Locator:
    """Open a file in the editor; gives the node of its lines, once they are there."""
    execute(page, "docmanager:open", path=name, factory="Editor")
    editor = page.locator(f".jp-Document:has-text('{text_of(name)}') .cm-content")
    expect(editor.first).to_be_visible(timeout=WAIT)
    return editor.first


def text_of(name: str) -> str:
    """A text by which a file is known in its tab."""
    return {"fit.py": "rate", "same.md": "same", "train.ipynb": "train of", "notes.ipynb": "notes of"}[name]


def edit(page: Page, editor: Locator, text: str) -> None:
    """Put a line before all others, without saving it."""
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(f"{text} ")
    expect(editor).to_contain_text(text, timeout=WAIT)


def tab(page: Page, name: str) -> Locator:
    """The tab of a document."""
    return page.locator("#jp-main-dock-panel .lm-TabBar-tab").filter(has_text=name)


def roll_back(page: Page, name: str, *paths: str) -> Locator:
    """Ask to go back; gives the dialog with the plan."""
    run(page, "rollback", name=name, paths=list(paths))
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("The present state is kept first")).to_be_visible(timeout=WAIT)
    return dialog


def test_going_back_leaves_other_unsaved_tabs_alone_and_is_undone(page: Page, workspace: Path) -> None:
    same = open_file(page, "same.md")
    edit(page, same, "mine")
    fit = open_file(page, "fit.py")
    dialog = roll_back(page, "v1")
    expect(dialog.get_by_text("Roll back to v1?")).to_be_visible()
    expect(dialog.get_by_role("listitem").filter(has_text="new.csv")).to_contain_text("deleted")
    expect(dialog.locator(".jk-Plan-unsaved")).to_have_count(0)
    picture(page, "rollback-light")
    dialog.get_by_role("button", name="Roll back", exact=True).click()

    expect(page.get_by_text("Back at v1.")).to_be_visible(timeout=WAIT)
    expect(fit).to_contain_text("rate = 0.1", timeout=WAIT)
    assert not (workspace / "new.csv").exists()
    assert (workspace / "same.md").read_text() == "the same\n"
    expect(same).to_contain_text("mine the same")
    expect(tab(page, "same.md").and_(page.locator(".jp-mod-dirty"))).to_have_count(1)
    expect(tab(page, "fit.py").and_(page.locator(".jp-mod-dirty"))).to_have_count(0)

    page.get_by_role("button", name="Undo", exact=True).click()
    expect(fit).to_contain_text("rate = 0.05", timeout=WAIT)
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible(timeout=WAIT)
    assert (workspace / "new.csv").read_text() == "3,4\n"
    expect(same).to_contain_text("mine the same")


def test_one_notebook_is_restored_while_another_has_edits(page: Page, workspace: Path) -> None:
    notes = open_file(page, "notes.ipynb")
    edit(page, notes, "mine")
    before = (workspace / "notes.ipynb").read_bytes()
    train = open_file(page, "train.ipynb")
    edit(page, train, "lost")
    dialog = roll_back(page, "v1", "train.ipynb")
    expect(dialog.get_by_text("Restore train.ipynb from v1?")).to_be_visible()
    expect(dialog.locator(".jk-Plan-unsaved")).to_contain_text("train.ipynb")
    expect(dialog.locator(".jk-Plan-unsaved")).not_to_contain_text("notes.ipynb")
    picture(page, "rollback-unsaved-light")
    dialog.get_by_role("button", name="Discard what is not saved").click()

    expect(page.get_by_text("train.ipynb is as it was in v1.")).to_be_visible(timeout=WAIT)
    expect(train).to_contain_text("train of v1", timeout=WAIT)
    expect(train).not_to_contain_text("lost")
    expect(notes).to_contain_text("mine")
    assert (workspace / "notes.ipynb").read_bytes() == before
    assert (workspace / "fit.py").read_text() == "rate = 0.05\n"


def test_edits_are_saved_first_and_come_back_by_undo_with_the_keyboard_alone(page: Page, workspace: Path) -> None:
    fit = open_file(page, "fit.py")
    edit(page, fit, "late =")
    execute(page, "apputils:change-theme", theme="JupyterLab Dark")
    expect(page.locator("body[data-jp-theme-light=false]")).to_be_attached(timeout=WAIT)
    run(page, "rollback")
    dialog = page.get_by_role("dialog")
    choices = dialog.locator("select, input").first
    expect(choices).to_be_focused(timeout=WAIT)
    page.keyboard.press("ArrowDown")  # From the newest to the one before it.
    page.keyboard.press("Enter")
    expect(dialog.get_by_text("Roll back to v1?")).to_be_visible(timeout=WAIT)
    picture(page, "rollback-unsaved-dark")
    expect(dialog.get_by_role("button", name="Save a version first")).to_be_focused()
    page.keyboard.press("Enter")

    expect(page.get_by_text("Back at v1.")).to_be_visible(timeout=WAIT)
    expect(fit).to_contain_text("rate = 0.1", timeout=WAIT)
    expect(fit).not_to_contain_text("late")
    undo = page.get_by_role("button", name="Undo", exact=True)
    undo.focus()
    page.keyboard.press("Enter")
    expect(fit).to_contain_text("late = rate = 0.05", timeout=WAIT)
    assert (workspace / "fit.py").read_text() == "late = rate = 0.05\n"


def test_it_says_so_where_there_is_nothing_to_do(page: Page) -> None:
    run(page, "rollback", name="v2")
    expect(page.get_by_text("Nothing to do: the files already are as in v2.")).to_be_visible(timeout=WAIT)
