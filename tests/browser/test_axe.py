"""axe-core finds no serious fault in our parts of the page, in light and dark: panel, forms, documents, dialogs, menus, toasts."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.axe import AXE, faults
from tests.browser.conftest import PICTURES, execute, run
from tests.browser.lab import Lab

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

LONG_BYTES = 64 << 30
"""Of a file that is one hole: a snapshot reads it for a while."""

pytestmark = pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; make test says how to get it")


def fill(folder: Path, number: int) -> None:
    """Write files of each kind, as they are in a version."""
    output = {"output_type": "stream", "name": "stdout", "text": f"{number}\n"}
    code = {"cell_type": "code", "id": "b", "source": f"rate = {number}", "metadata": {}, "outputs": [output], "execution_count": 1}
    text = {"cell_type": "markdown", "id": "a", "source": "# Digits", "metadata": {}}
    cells = {"cells": [text, code], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (folder / "train.ipynb").write_text(json.dumps(cells))
    (folder / "model.py").write_text("".join(f"value_{n} = {n}\n" for n in range(30)) + f"rate = {number}\n")
    (folder / "figure.png").write_bytes(base64.b64decode(PIXEL) + bytes(number))
    (folder / "weights.bin").write_bytes(bytes(range(256)) * 200 + bytes(number))


@pytest.fixture
def digits(folder: Path) -> Path:
    """A workspace below the lab's root, with changes of each kind and a history."""
    digits = folder / "digits"
    (digits / "data").mkdir(parents=True)
    (digits / "data" / "train.csv").write_text("a,b\n1,2\n")
    with Workspace.init(digits) as workspace:
        for number in range(3):
            fill(digits, number)
            workspace.snapshot(
                f"model {number}", tags=[f"v{number}"], metrics={"accuracy": 0.9 + number / 100}, kind="auto" if number == 1 else "manual"
            )
    fill(digits, 7)
    (digits / "data" / "train.csv").unlink()
    (digits / "fresh.csv").write_text("a,b\n")
    return digits


def the_panel(page: Page) -> Iterator[str]:
    """Go through what the panel shows; gives a name for each state."""
    run(page, "show-panel")
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel.get_by_role("button", name="Keep versions of this folder")).to_be_visible()
    yield "no workspace"
    execute(page, "filebrowser:open-path", path="digits")
    expect(panel.get_by_role("option", name="model 2")).to_be_visible()
    yield "changes and history"
    panel.get_by_role("button", name="Find snapshots").click()
    panel.get_by_role("button", name="Tag", exact=True).click()
    panel.get_by_role("listbox").focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Space")
    panel.get_by_role("tree").focus()
    expect(panel.get_by_text("Pick another, or compare with now")).to_be_visible()
    yield "a snapshot picked, filter and tag open"
    panel.get_by_role("option", name="model 0").click(button="right")
    expect(page.get_by_role("menuitem", name="Compare with Now")).to_be_visible()
    yield "the menu of a snapshot"
    page.keyboard.press("Escape")
    run(page, "remote")
    run(page, "list")
    expect(panel.get_by_role("button", name="Add a remote…")).to_be_visible()
    expect(panel.get_by_role("button", name="Pack a ModelKit…")).to_be_visible()
    yield "no ModelKits, no remotes"


def the_forms(page: Page) -> Iterator[str]:
    """Go through all forms, with faults in some."""
    panel = page.get_by_role("region", name="Jupyter Kit")
    run(page, "pack")
    reference = page.get_by_label("Reference", exact=True)
    expect(reference).to_have_value("digits:latest")
    reference.fill("a b")
    expect(page.locator("[aria-invalid=true]")).to_be_visible()
    yield "pack"
    reference.fill("digits:v1")
    page.get_by_role("button", name="Pack", exact=True).click()
    expect(page.get_by_role("heading", name="Packed as digits:v1")).to_be_visible()
    yield "packed"
    run(page, "add-remote")
    panel.get_by_label("Place", exact=True).fill("history")
    expect(panel.get_by_text("Write registry/repository")).to_be_visible()
    yield "add a remote"
    panel.get_by_label("Place", exact=True).fill("oci:../backup")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_text("“origin” is added.")).to_be_visible()
    yield "a remote"
    run(page, "list")
    panel.get_by_role("button", name="digits:v1").first.click()
    expect(panel.get_by_role("list", name="Layers")).to_be_visible()
    yield "a ModelKit"
    for verb, shown in (("push", "Destination"), ("unpack", "Folder"), ("tag-modelkit", "New reference"), ("remove-modelkit", None)):
        run(page, verb, reference="digits:v1")
        expect(panel.get_by_label(shown, exact=True) if shown else panel.get_by_role("button", name="Delete", exact=True)).to_be_visible()
        yield verb
    run(page, "remove-remote", remote="origin")
    expect(panel.get_by_role("button", name="Remove", exact=True)).to_be_visible()
    yield "remove a remote"
    run(page, "pull")
    panel.get_by_label("Reference", exact=True).fill("oci:../nowhere:v1")
    panel.get_by_role("button", name="Pull", exact=True).click()
    expect(panel.get_by_role("alert")).to_be_visible()
    yield "pull, with what went wrong"
    run(page, "login")
    expect(panel.get_by_label("Password or token")).to_be_visible()
    yield "sign in"
    run(page, "clone")
    expect(page.get_by_role("dialog").get_by_role("textbox").first).to_be_visible()
    yield "clone"
    page.keyboard.press("Escape")


def the_documents(page: Page) -> Iterator[str]:
    """Go through comparisons of each kind, files as they were, and an answer."""
    run(page, "open-diff", before="v1")
    files = page.get_by_role("listbox", name="Files that differ")
    for name, shown in {
        "train.ipynb": ".jp-Notebook-diff .cm-content", "model.py": ".cm-mergeView .cm-content", "figure.png": ".jk-Figure img",
        "weights.bin": ".jk-Shared-bar", "fresh.csv": ".jk-WholeText",
    }.items():  # fmt: skip
        files.get_by_role("option", name=name).click()
        expect(page.locator(f".jk-Diff {shown}").first).to_be_visible()
        yield f"comparison of {name}"
    for name, shown in {
        "train.ipynb": ".jk-Preview-notebook h1", "model.py": ".cm-content", "figure.png": "img", "weights.bin": ".jk-Trouble",
    }.items():  # fmt: skip
        run(page, "open-file-as-of", snapshot="v1", path=name)
        expect(page.locator(f".jk-Preview:visible {shown}").first).to_be_visible()
        yield f"{name} as it was"
    for verb in ("show", "audit"):
        run(page, verb)
        expect(page.locator(".jk-Answer-html:visible")).to_contain_text("weights.bin" if verb == "show" else "init")
        yield f"the answer of {verb}"


def the_rest(page: Page, digits: Path, lab: Lab) -> Iterator[str]:
    """Go through dialogs, a toast, a job that runs, and a server that has ended."""
    panel = page.get_by_role("region", name="Jupyter Kit")
    run(page, "snapshot")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_visible()
    yield "the question for a message"
    page.keyboard.press("Escape")
    run(page, "rollback", name="v1")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Roll back to v1?")
    yield "the plan of a rollback"
    dialog.get_by_role("button", name="Roll back").click()
    expect(page.get_by_role("button", name="Undo")).to_be_visible()
    yield "the offer to undo"
    with (digits / "long.bin").open("wb") as file:
        file.truncate(LONG_BYTES)
    run(page, "snapshot", message="long")
    expect(panel.get_by_role("progressbar")).to_be_visible()
    yield "a job that runs"
    lab.process.kill()
    lab.process.wait()
    panel.get_by_role("button", name="Refresh", exact=True).first.click()
    expect(panel.get_by_text("The Jupyter server does not answer.")).to_be_visible()
    yield "a server that has ended"


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
def test_nobody_is_shut_out(digits: Path, folder: Path, start: Callable[..., Lab], open_page: Callable[..., Page], theme: str) -> None:
    lab = start(folder)
    page = open_page(lab)
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => true)", theme)
    expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_be_attached()
    PICTURES.mkdir(parents=True, exist_ok=True)
    found: list[str] = []
    for state in chain(the_panel(page), the_forms(page), the_documents(page), the_rest(page, digits, lab)):
        page.screenshot(path=PICTURES / f"{re.sub('[^a-z]+', '-', f'{theme} {state}'.lower())}.png")
        found += [f"{state}: {fault}" for fault in faults(page)]
    assert not found, "\n\n".join(found)
