"""What a newcomer does on the first day, from a folder without versions to a colleague who has the history, in the dark theme."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import execute, picture, run
from tests.browser.lab import Lab
from tests.registry.servers.docker import PASSWORD, DockerRegistry, needs_docker_registry


@pytest.fixture
def digits(folder: Path) -> Path:
    """A folder of a model, below the lab's root, without versions."""
    digits = folder / "digits"
    digits.mkdir()
    (digits / "train.py").write_text("rate = 1\n")
    (digits / "notes.md").write_text("the plan\n")
    (digits / "model.onnx").write_bytes(bytes(range(256)) * 200)
    return digits


def go_to(page: Page, folder: str) -> None:
    """Look at a folder, as by a double click in the file browser."""
    execute(page, "filebrowser:open-path", path=folder)


def editor(page: Page, path: str, text: str) -> Locator:
    """Open a file in the editor; gives its lines, once they are there."""
    execute(page, "docmanager:open", path=path, factory="Editor")
    lines = page.locator(".jp-FileEditor .cm-content").filter(has_text=text)
    expect(lines).to_be_visible()
    return lines


def write(page: Page, lines: Locator, text: str) -> None:
    """Put a text before all others, without saving it."""
    lines.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def take(panel: Locator, message: str) -> None:
    """Take a snapshot in the box at the top."""
    box = panel.get_by_role("textbox", name="Message of the snapshot")
    box.fill(message)
    box.press("Control+Enter")
    expect(panel.get_by_role("option", name=message)).to_be_visible()


@needs_docker_registry
def test_the_first_day(digits: Path, folder: Path, lab: Lab, open_page: Callable[..., Page], registry: DockerRegistry) -> None:
    page = open_page(lab)
    execute(page, "apputils:change-theme", theme="JupyterLab Dark")
    go_to(page, "digits")
    page.get_by_role("tab", name="Versions of this folder").click()
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel.get_by_text("No versions of “digits” are kept yet")).to_be_visible()
    panel.get_by_role("button", name="Keep versions of this folder").click()
    expect(panel.get_by_role("treeitem", name="New: train.py")).to_be_visible()
    take(panel, "first model")

    train = editor(page, "digits/train.py", "rate = 1")
    write(page, train, "epochs = 20\n")
    page.keyboard.press("Control+s")
    expect(panel.get_by_role("treeitem", name="Changed: train.py")).to_be_visible()
    take(panel, "trained for longer")

    for message in ("first model", "trained for longer"):
        panel.get_by_role("option", name=message).click(modifiers=["Control"])
    panel.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator(".cm-mergeView")).to_contain_text("epochs = 20")
    picture(page, "story-compare-dark")

    notes = editor(page, "digits/notes.md", "the plan")
    write(page, notes, "not saved yet, ")
    with Workspace.open(digits) as workspace:
        first = workspace.log()[-1].snapshot.id
    run(page, "rollback", name=first)
    picture(page, "story-rollback-dark")
    page.get_by_role("dialog").get_by_role("button", name="Roll back", exact=True).click()
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_visible()
    assert (digits / "train.py").read_text() == "rate = 1\n"
    undo.click()
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible()
    assert (digits / "train.py").read_text() == "epochs = 20\nrate = 1\n"
    expect(notes).to_contain_text("not saved yet, the plan")
    assert (digits / "notes.md").read_text() == "the plan\n"
    page.locator(".Toastify__toast").filter(has_text="Everything is as it was").locator(".jp-Notification-Toast-Close").click()

    run(page, "pack")
    page.get_by_label("Reference", exact=True).fill("digits:v1")
    page.get_by_role("button", name="Pack", exact=True).click()
    expect(page.get_by_role("heading", name="Packed as digits:v1")).to_be_visible()
    run(page, "push", reference="digits:v1")
    panel.get_by_label("Destination", exact=True).fill(f"{registry.host}/first/digits:v1")
    panel.get_by_role("button", name="Push", exact=True).click()
    panel.get_by_role("button", name=f"Sign in to {registry.host}").click()
    panel.get_by_label("User name").fill("ada")
    panel.get_by_label("Password or token").fill(PASSWORD)
    panel.get_by_role("button", name="Sign in", exact=True).click()
    expect(panel.get_by_text(f"Pushed to {registry.host}/first/digits:v1")).to_be_visible()
    picture(page, "story-pushed-dark")

    run(page, "add-remote")
    panel.get_by_label("Place", exact=True).fill(f"{registry.host}/first/history")
    panel.get_by_role("button", name="Add", exact=True).click()
    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text("to “origin”")).to_be_visible()
    go_to(page, "/")
    run(page, "clone")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Where the history is").fill(f"{registry.host}/first/history")
    dialog.get_by_label("New folder").fill("colleague")
    dialog.get_by_label("New folder").press("Enter")
    expect(panel.get_by_text("colleague", exact=True)).to_be_visible()
    expect(panel.get_by_role("option", name="trained for longer")).to_be_visible()
    assert (folder / "colleague" / "train.py").read_text() == "epochs = 20\nrate = 1\n"
    assert (folder / "colleague" / "model.onnx").read_bytes() == bytes(range(256)) * 200
