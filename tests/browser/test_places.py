"""Each place of the lab where one looks for versions: menus, file browser, toolbar, launcher, palette, status bar, keys, layout."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import READY, execute, picture
from tests.browser.lab import Lab

ODD = "Übung mit Zahlen.py"
"""A file's name with an umlaut and spaces."""


def notebook(text: str) -> str:
    """A notebook with one cell."""
    cell = {"cell_type": "markdown", "id": "a", "source": text, "metadata": {}}
    return json.dumps(
        {"cells": [cell], "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}}, "nbformat": 4, "nbformat_minor": 5}
    )


@pytest.fixture
def digits(folder: Path) -> Path:
    """A workspace below the lab's root, which is none, with two versions of a file with an odd name."""
    digits = folder / "digits"
    (digits / "two words").mkdir(parents=True)
    (folder / "loose.txt").write_text("of no workspace\n")
    with Workspace.init(digits) as workspace:
        for number in range(2):
            (digits / "two words" / ODD).write_text(f"rate = {number}\n")
            (digits / "train.ipynb").write_text(notebook(f"version {number}"))
            workspace.snapshot(f"rate {number}")
    (digits / "two words" / ODD).write_text("rate = 7\n")
    (digits / "fresh.csv").write_text("a,b\n")
    return digits


def panel(page: Page) -> Locator:
    """The panel, shown or not."""
    return page.get_by_role("region", name="Jupyter Kit")


def browse(page: Page, path: str, shown: str) -> None:
    """Show a folder in the file browser, and wait for an entry of it."""
    execute(page, "filebrowser:go-to-path", path=path)
    expect(entry(page, shown)).to_be_visible()


def entry(page: Page, name: str) -> Locator:
    """A line of the file browser."""
    return page.locator(".jp-DirListing-item").filter(has_text=name)


def versions(page: Page, name: str) -> Locator:
    """Open the menu of a line, and in it that of its versions; gives the latter."""
    entry(page, name).click(button="right")
    page.locator(".lm-Menu-item[data-type=submenu]").filter(has_text="Versions").hover()
    menu = page.locator(".lm-Menu").last
    expect(menu.get_by_role("menuitem", name="History of This")).to_be_visible()
    return menu


def closed(page: Page) -> None:
    """Close menus."""
    for _ in range(2):
        page.keyboard.press("Escape")
    expect(page.locator(".lm-Menu")).to_have_count(0)


def choose(page: Page, menu: str, label: str) -> Locator:
    """Open a menu of the bar; gives an entry of it."""
    page.get_by_role("menuitem", name=menu, exact=True).click()
    return page.locator(".lm-Menu").get_by_role("menuitem", name=label)


def enabled(page: Page, *commands: str) -> list[bool]:
    """Whether each command of ours can be given now."""
    return page.evaluate("ids => ids.map(id => window.jupyterapp.commands.isEnabled(`jupyter-kit:${id}`))", commands)


def test_the_file_browser_knows_the_versions_of_what_is_selected(digits: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    page = open_page(lab)
    browse(page, "digits/two words", ODD)
    menu = versions(page, ODD)
    picture(page, "places-file-menu")
    menu.get_by_role("menuitem", name="History of This File").click()
    history = panel(page).get_by_role("listbox", name="Snapshots, newest first")
    expect(history.get_by_role("option")).to_have_count(2)
    expect(panel(page)).to_contain_text(ODD)
    picture(page, "places-history-of-a-file")

    versions(page, ODD).get_by_role("menuitem", name="Open as of…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"two words/{ODD}")
    picture(page, "places-which-version")
    dialog.get_by_role("combobox").select_option(index=1)
    dialog.get_by_role("button", name="Open").click()
    expect(page.get_by_role("tabpanel").filter(has_text="rate = 0")).to_be_visible()

    versions(page, ODD).get_by_role("menuitem", name="Restore…").click()
    page.get_by_role("dialog").get_by_role("combobox").select_option(index=1)
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    plan = page.get_by_role("dialog")
    expect(plan).to_contain_text(ODD)
    picture(page, "places-restore")
    plan.get_by_role("button", name="Restore").click()
    expect(plan).to_have_count(0)
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    assert (digits / "two words" / ODD).read_text() == "rate = 0\n"
    assert (digits / "fresh.csv").exists()

    (digits / "later.csv").write_text("a,b\n")  # the rollback kept all that was there before it
    browse(page, "digits", "fresh.csv")
    page.get_by_role("button", name="Refresh the file browser.").click()
    expect(entry(page, "later.csv")).to_be_visible()
    versions(page, "later.csv").get_by_role("menuitem", name="Open as of…").click()
    expect(page.get_by_text("No snapshot has later.csv yet.")).to_be_visible()
    versions(page, "later.csv").get_by_role("menuitem", name="History of This File").click()
    expect(history.get_by_role("option")).to_have_count(0)
    picture(page, "places-history-of-nothing")
    folder = versions(page, "two words")
    expect(folder.get_by_role("menuitem", name="Open as of…")).to_have_count(0)
    folder.get_by_role("menuitem", name="History of This Folder").click()
    expect(history.get_by_role("option")).not_to_have_count(0)

    entry(page, "train.ipynb").click()
    entry(page, "fresh.csv").click(modifiers=["Control"])
    several = versions(page, "fresh.csv")
    for label in ("History of This File", "Restore…", "Open as of…"):
        expect(several.get_by_role("menuitem", name=label)).to_have_attribute("aria-disabled", "true")
    picture(page, "places-several")
    closed(page)

    browse(page, "/", "loose.txt")
    versions(page, "loose.txt").get_by_role("menuitem", name="Restore…").click()
    expect(panel(page).get_by_text("No versions of this folder are kept yet")).to_be_visible()
    picture(page, "places-no-workspace")


def test_menus_toolbar_launcher_palette_status_bar_and_keys(digits: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    page = open_page(lab)
    status = page.locator("#jp-main-statusbar .jk-StatusItem")
    card = page.locator(".jp-LauncherCard").filter(has_text="Versions of This Folder")
    expect(card).to_be_visible()
    picture(page, "places-launcher")
    expect(status).to_be_hidden()
    card.click()
    expect(panel(page).get_by_role("button", name="Keep versions of this folder")).to_be_visible()

    assert enabled(page, "init", "tag", "diff", "file-history") == [True, False, False, False]

    browse(page, "digits", "train.ipynb")
    expect(status).to_contain_text("2 changed")
    assert enabled(page, "init", "tag", "diff", "file-history") == [False, True, True, False]
    expect(panel(page).get_by_text("digits", exact=True)).to_be_visible()
    entry(page, "train.ipynb").dblclick()
    snapshot = page.locator(".jp-NotebookPanel-toolbar").get_by_role("button", name="Keep all files of this workspace as they are now")
    expect(snapshot).to_be_visible()
    expect(page.locator(".jp-NotebookPanel")).to_contain_text("version 1")
    picture(page, "places-toolbar")
    assert enabled(page, "file-history") == [True]
    snapshot.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox").fill("from the toolbar")
    picture(page, "places-snapshot-dialog")
    dialog.get_by_role("button", name="Snapshot").click()
    expect(panel(page).get_by_role("option", name="from the toolbar")).to_be_visible()
    expect(status).to_contain_text("all kept")
    picture(page, "places-clean")

    page.get_by_role("tab", name="Versions of this folder").click()
    expect(panel(page)).to_be_hidden()
    status.get_by_role("button").click()
    expect(panel(page)).to_be_visible()
    expect(choose(page, "File", "Take a Snapshot…")).to_be_enabled()
    picture(page, "places-menu-file")
    closed(page)
    expect(choose(page, "View", "Versions of This Folder")).to_be_visible()
    picture(page, "places-menu-view")
    closed(page)

    page.keyboard.press("Control+Shift+c")
    page.locator(".lm-CommandPalette-input").last.fill("snapshot")
    palette = page.locator(".lm-CommandPalette-item")
    for label in ("Take a Snapshot…", "Tag This Snapshot…", "Compare with the Last Snapshot"):
        expect(palette.filter(has_text=label)).to_be_visible()
    picture(page, "places-palette")
    closed(page)

    page.keyboard.press("Control+Alt+s")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    page.keyboard.press("Escape")

    changes = panel(page).locator(".jp-AccordionPanel-title").filter(has_text="Changes")
    expect(changes).to_have_attribute("aria-expanded", "true")
    changes.click()
    with page.expect_response(lambda response: "/api/workspaces/" in response.url and response.request.method == "PUT"):
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area').then(() => true)")
    page.goto(page.url.split("?")[0])
    page.wait_for_function(READY)
    expect(panel(page)).to_be_visible()
    expect(changes).to_have_attribute("aria-expanded", "false")
    picture(page, "places-loaded-again")
