"""Settings of the lab take effect where people see it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import execute, picture, run
from tests.browser.lab import Lab


def test_settings_take_effect(folder: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    """What is ignored is changed by command; a rollback goes ahead without the plan, and is undone; the page of settings names all."""
    (folder / "notes.md").write_text("one\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first")
    (folder / "notes.md").write_text("two\n")
    (folder / "scratch.tmp").write_text("x")
    page = open_page(start(folder, settings={"askBeforeRollback": False}))
    run(page, "status")
    expect(page.locator(".jk-Change", has_text="scratch.tmp")).to_be_visible()

    run(page, "edit-ignore")
    lines = page.get_by_label("One pattern a line")
    expect(lines).to_be_focused()
    lines.press_sequentially("scratch.tmp")
    lines.press("Enter")
    lines.press_sequentially("!kept.tmp")
    assert (lines.bounding_box() or {})["height"] > 100
    picture(page, "ignored")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".jk-Change", has_text="scratch.tmp")).to_have_count(0)
    assert (folder / ".kitignore").read_text() == "scratch.tmp\n!kept.tmp"

    run(page, "rollback", name="HEAD", paths=["notes.md"])
    expect(page.get_by_text("notes.md is as it was in")).to_be_visible()
    assert (folder / "notes.md").read_text() == "one\n"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible()
    assert (folder / "notes.md").read_text() == "two\n"

    execute(page, "settingeditor:open", query="Jupyter Kit")
    for title in ("Snapshots after saves", "Ask before a rollback", "Remote to sync with"):
        expect(page.locator(".jp-SettingsForm").get_by_text(title).first).to_be_visible()
    picture(page, "settings")
