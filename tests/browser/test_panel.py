"""The panel in JupyterLab: what it shows, what it does, and what it says where something is missing."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Page, Route, expect

from jupyter_kit.frontends.arguments import VERBS
from jupyter_kit.workspace import Workspace
from tests.browser.conftest import PAGE_MILLISECONDS_MAX, picture
from tests.browser.lab import Lab

ENTRY_BYTES_MAX = 60_000
"""What the lab loads of us at its start, compressed; diffs and forms come when they are opened."""


@pytest.fixture
def kept(folder: Path) -> Path:
    """The lab's folder, as a workspace with two snapshots and a change."""
    with Workspace.init(folder) as workspace:
        for number, message in enumerate(("first model", "tuned")):
            (folder / "train.py").write_text(f"rate = {number}\n")
            workspace.snapshot(message, metrics={"accuracy": 0.9 + number / 100})
    (folder / "data.csv").write_text("a,b\n1,2\n")
    return folder


def panel(page: Page) -> None:
    """Show the panel."""
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(page.get_by_role("region", name="Jupyter Kit")).to_be_visible()


def test_from_no_workspace_to_the_first_snapshot(page: Page, folder: Path) -> None:
    (folder / "train.py").write_text("rate = 1\n")
    panel(page)
    page.get_by_role("button", name="Keep versions of this folder").click()
    expect(page.get_by_role("treeitem", name="New: train.py")).to_be_visible()
    expect(page.get_by_text("No snapshot yet")).to_be_visible()
    box = page.get_by_role("textbox", name="Message of the snapshot")
    box.fill("as it works")
    box.press("Control+Enter")
    expect(page.get_by_role("option", name="as it works")).to_be_visible()
    expect(page.get_by_text("Nothing has changed")).to_be_visible()
    expect(box).to_have_value("")
    with Workspace.open(folder) as workspace:
        assert [entry.snapshot.message for entry in workspace.log()] == ["as it works"]


def test_changes_and_history_are_shown(kept: Path, page: Page) -> None:
    panel(page)
    expect(page.get_by_text("Changes (1)")).to_be_visible()
    expect(page.get_by_role("treeitem", name="New: data.csv")).to_be_visible()
    newest = page.get_by_role("option").first
    expect(newest).to_contain_text("tuned")
    expect(newest).to_contain_text("HEAD")
    expect(newest).to_contain_text("accuracy 0.91 +0.01")
    expect(page.get_by_role("button", name="1 changed")).to_be_visible()  # in the status bar


def test_a_snapshot_taken_elsewhere_appears_by_itself(kept: Path, page: Page) -> None:
    panel(page)
    expect(page.get_by_role("option", name="tuned")).to_be_visible()
    with Workspace.open(kept) as workspace:
        workspace.snapshot("from a terminal")
    expect(page.get_by_role("option", name="from a terminal")).to_be_visible()
    expect(page.get_by_text("Nothing has changed")).to_be_visible()


def test_the_history_is_found_by_words_and_kinds_and_read_page_by_page(
    folder: Path, start: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    with Workspace.init(folder) as workspace:
        for number in range(130):
            (folder / "a.txt").write_text(str(number))
            workspace.snapshot(f"number {number}", kind="auto" if number == 3 else "manual")
    page = open_page(start(folder))
    panel(page)
    page.get_by_role("button", name="Find snapshots").click()
    page.get_by_role("searchbox", name="Find snapshots").fill("number 12")
    shown = page.get_by_role("listbox", name="Snapshots, newest first").get_by_role("option")
    expect(shown).to_have_count(12)  # 12, which is on the second page, 112, and 120 to 129
    page.get_by_role("searchbox", name="Find snapshots").fill("")
    page.get_by_role("combobox", name="Kind of snapshot").select_option("auto")
    expect(shown).to_have_count(1)


def test_the_menu_of_a_snapshot_gives_it_a_tag_and_forgets_it(kept: Path, page: Page) -> None:
    panel(page)
    older = page.get_by_role("option", name="first model")
    older.click(button="right")
    page.get_by_role("menuitem", name="Tag This Snapshot…").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("v1")
    page.get_by_role("dialog").get_by_role("textbox").press("Enter")
    expect(older).to_contain_text("v1")
    older.click(button="right")
    page.get_by_role("menuitem", name="Forget This Snapshot…").click()
    page.get_by_role("button", name="Forget it").click()
    expect(older).to_have_count(0)


def test_a_verb_without_a_view_answers_in_a_document(kept: Path, page: Page) -> None:
    panel(page)
    page.get_by_role("option", name="first model").click(button="right")
    page.get_by_role("menuitem", name="Show This Snapshot").click()
    answer = page.get_by_role("tabpanel", name="Show This Snapshot")
    expect(answer).to_contain_text("first model")
    expect(answer).to_contain_text("train.py")


def test_all_of_it_works_by_keys(kept: Path, page: Page) -> None:
    expect(page.get_by_role("button", name="1 changed")).to_be_visible()
    page.keyboard.press("Control+Alt+k")
    box = page.get_by_role("textbox", name="Message of the snapshot")
    expect(box).to_be_focused()
    history = page.get_by_role("listbox", name="Snapshots, newest first")
    history.focus()
    history.press("ArrowDown")
    history.press(" ")
    expect(page.get_by_role("option", name="first model")).to_have_attribute("aria-selected", "true")
    history.press("Shift+F10")
    expect(page.get_by_role("menuitem", name="Compare with Now")).to_be_visible()
    page.keyboard.press("Escape")
    history.press("Escape")
    expect(page.get_by_role("option", name="first model")).to_have_attribute("aria-selected", "false")


def test_running_all_cells_keeps_a_version_where_the_settings_want_it(
    kept: Path, start: Callable[..., Lab], open_page: Callable[..., Page]
) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1 + 1")])
    notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
    (kept / "run.ipynb").write_text(nbformat.writes(notebook), "utf-8")
    page = open_page(start(kept, settings={"snapshotAfterRunAll": True}), "lab/tree/run.ipynb")
    panel(page)
    expect(page.get_by_text("Python 3 (ipykernel) | Idle").first).to_be_visible(timeout=PAGE_MILLISECONDS_MAX)
    page.evaluate("window.jupyterapp.commands.execute('notebook:run-all-cells').then(() => true)")
    expect(page.get_by_role("option", name="After running all of run.ipynb")).to_be_visible(timeout=PAGE_MILLISECONDS_MAX)


def test_without_the_server_extension_it_says_what_to_run(start: Callable[..., Lab], open_page: Callable[..., Page], folder: Path) -> None:
    page = open_page(start(folder, extension=False))
    panel(page)
    expect(page.get_by_text("The server part of Jupyter Kit is not running.")).to_be_visible()
    expect(page.get_by_text("jupyter server extension enable jupyter_kit", exact=True)).to_be_visible()
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    picture(page, "panel-no-server-part")


def test_another_version_of_the_server_is_told_with_what_to_run(kept: Path, page: Page) -> None:
    def told(route: Route) -> None:
        route.fulfill(json={**route.fetch().json(), "version": "9.9.9"})

    page.route(re.compile("/jupyter_kit/api/workspace"), told)
    panel(page)
    page.get_by_role("button", name="Refresh", exact=True).first.click()
    alert = page.get_by_role("region", name="Jupyter Kit").get_by_role("alert")
    expect(alert).to_contain_text("the server of 9.9.9")
    expect(alert.get_by_text("pip install --force-reinstall jupyter-kit==9.9.9", exact=True)).to_be_visible()
    expect(page.get_by_role("option", name="tuned")).to_be_visible()
    picture(page, "panel-other-version")
    page.evaluate("window.jupyterapp.commands.execute('apputils:change-theme', {theme: 'JupyterLab Dark'}).then(() => true)")
    expect(page.locator("body")).to_have_attribute("data-jp-theme-light", "false")
    page.locator("#jupyterlab-splash").wait_for(state="detached")
    picture(page, "panel-other-version-dark")


def test_every_verb_is_a_command_and_the_start_is_light(lab: Lab, open_page: Callable[..., Page]) -> None:
    page = open_page(lab)
    commands = set(page.evaluate("window.jupyterapp.commands.listCommands()"))
    assert {f"jupyter-kit:{verb}" for verb in VERBS if verb != "completion"} - commands == set()
    loaded = page.evaluate("performance.getEntriesByType('resource').map(entry => entry.name)")
    ours = {name for name in loaded if "/extensions/jupyter-kit/static/" in name}
    sizes = [len(gzip.compress(page.request.get(name).body())) for name in ours if ".js" in name]
    assert sizes
    assert sum(sizes) <= ENTRY_BYTES_MAX


def test_it_works_below_a_base_url(kept: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = start(kept, base_url="/user/ada/")
    page = open_page(lab)
    panel(page)
    expect(page.get_by_role("option", name="tuned")).to_be_visible()
