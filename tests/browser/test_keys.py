"""All that a mouse does in the panel, keys do; one sees where one is, and is never left nowhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace

STOPS_MAX = 40
"""Stops of the Tab key from one end of the panel to the other, at most."""

LONG_BYTES = 64 << 30
"""Of a file that is one hole: a snapshot reads it for a while."""

WHERE = """() => {
  const node = document.activeElement;
  const { outlineStyle, boxShadow } = getComputedStyle(node);
  const inner = node.shadowRoot?.activeElement; // of the lab's toolbar buttons
  const seen = outlineStyle !== 'none' || boxShadow !== 'none' || (inner && getComputedStyle(inner).outlineStyle !== 'none');
  return [node.tagName, node.className, node.getAttribute('aria-label') ?? node.textContent, seen];
}"""
"""What has the focus, and whether that is seen."""


@pytest.fixture
def kept(folder: Path) -> Path:
    """The lab's folder, as a workspace with two snapshots, v1 and v2, and a change."""
    with Workspace.init(folder) as workspace:
        for number in (1, 2):
            (folder / "train.py").write_text(f"rate = {number}\n")
            workspace.snapshot(f"model {number}", tags=[f"v{number}"])
    (folder / "train.py").write_text("rate = 3\n")
    return folder


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the wanted part has the focus; it is seen at every stop."""
    stops = []
    for _ in range(STOPS_MAX):
        page.keyboard.press("Tab")
        where = page.evaluate(WHERE)
        stops.append(where)
        assert where[3], f"the focus is not seen at the end of {stops}"
        if wanted.evaluate("node => node.contains(document.activeElement)"):
            return
    raise AssertionError(f"Tab does not get there, but to {stops}")


def in_panel(page: Page) -> None:
    """The focus is somewhere in the panel: it was not lost with the part that had it."""
    expect(page.get_by_role("region", name="Jupyter Kit").locator(":focus")).to_have_count(1)


def test_compare_restore_and_undo(kept: Path, page: Page) -> None:
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(page.get_by_role("button", name="1 changed")).to_be_visible()
    page.keyboard.press("Control+Alt+k")
    expect(panel.get_by_role("textbox", name="Message of the snapshot")).to_be_focused()
    changes = panel.get_by_role("tree", name="Changed files")
    history = panel.get_by_role("listbox", name="Snapshots, newest first")
    expect(history.get_by_role("option")).to_have_count(2)

    tab_to(page, changes)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="train.py: v2 → now")).to_be_visible()

    page.keyboard.press("Control+Alt+k")
    tab_to(page, changes)
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_contain_text("Restore train.py from")
    expect(page.get_by_role("dialog").get_by_role("button", name="Restore")).to_be_focused()
    page.keyboard.press("Enter")
    undo = page.get_by_role("button", name="Undo", exact=True)
    expect(undo).to_be_visible()
    assert (kept / "train.py").read_text() == "rate = 2\n"
    undo.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible()
    assert (kept / "train.py").read_text() == "rate = 3\n"

    page.keyboard.press("Control+Alt+k")
    tab_to(page, history)
    page.keyboard.press("End")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Space")
    expect(panel.get_by_text("Two snapshots picked")).to_be_visible()
    tab_to(page, panel.get_by_role("button", name="Compare", exact=True))
    page.keyboard.press("Enter")
    expect(page.get_by_role("tab", name="All files: v1 → v2")).to_be_visible()


def test_menus_and_forms(kept: Path, page: Page) -> None:
    panel = page.get_by_role("region", name="Jupyter Kit")
    with Workspace.open(kept) as workspace:
        workspace.pack("HEAD", ["digits:v1"])
    page.keyboard.press("Control+Alt+k")
    history = panel.get_by_role("listbox", name="Snapshots, newest first")
    expect(history.get_by_role("option")).to_have_count(2)
    tab_to(page, history)
    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menuitem", name="Compare with Now")).to_be_visible()
    page.keyboard.press("Escape")
    expect(history).to_be_focused()
    page.keyboard.press("Shift+F10")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("Pick another, or compare with now")).to_be_visible()
    expect(history).to_be_focused()

    tab_to(page, panel.locator(".lm-AccordionPanel-title", has_text="ModelKits"))
    page.keyboard.press("Enter")
    entry = panel.get_by_role("button", name=re.compile("^digits:v1"))
    expect(entry).to_be_visible()
    more = panel.get_by_role("button", name="More for digits:v1")
    tab_to(page, more)
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Tag…")).to_be_visible()
    page.keyboard.press("Escape")
    expect(more).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    while not page.get_by_role("menuitem", name="Tag…").and_(page.locator(".lm-mod-active")).count():
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(panel.get_by_label("New reference")).to_be_focused()
    page.keyboard.press("Escape")
    expect(panel.get_by_label("New reference")).to_have_count(0)
    in_panel(page)
    tab_to(page, panel.locator(".lm-AccordionPanel-title", has_text="Remotes"))
    page.keyboard.press("Enter")
    tab_to(page, panel.get_by_role("button", name="Add a remote…"))
    page.keyboard.press("Enter")
    expect(panel.get_by_label("Place", exact=True)).to_be_focused()
    page.keyboard.type("oci:backup")
    page.keyboard.press("Enter")
    expect(panel.get_by_text("“origin” is added.")).to_be_visible()
    in_panel(page)


def test_cancel(kept: Path, page: Page) -> None:
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(page.get_by_role("tab", name="Launcher")).to_be_visible()
    with (kept / "long.bin").open("wb") as file:
        file.truncate(LONG_BYTES)
    page.keyboard.press("Control+Alt+k")
    expect(panel.get_by_role("option")).to_have_count(2)
    expect(panel.get_by_role("textbox", name="Message of the snapshot")).to_be_focused()
    page.keyboard.type("too long")
    page.keyboard.press("Control+Enter")
    cancel = panel.get_by_role("button", name="Cancel: Taking a snapshot")
    expect(cancel).to_be_visible()
    tab_to(page, cancel)
    page.keyboard.press("Enter")
    expect(cancel).to_have_count(0)
    in_panel(page)
