"""Journeys that something goes wrong on: cancelled, reloaded, killed, vanished; and two windows."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import loaded_again, picture
from tests.browser.lab import Lab

LONG_BYTES = 6 << 30
"""Size of a file that takes a snapshot many seconds; nearly all of it is holes."""

STEP_BYTES = 128 << 10
"""Between two blocks of random bytes in that file."""

LATE_MILLISECONDS_MAX = 60_000
"""How long a server that was killed, or a page that was loaded again, may take to show what is waited for."""

TOKEN = ("--IdentityProvider.token=journeys",)
"""Known before the server starts, so that a server started again takes it."""


@pytest.fixture
def kept(folder: Path) -> Path:
    """The lab's folder, as a workspace with one snapshot, v1, and a change."""
    (folder / "train.py").write_text("rate = 1\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first model", tags=["v1"])
    (folder / "train.py").write_text("rate = 2\n")
    return folder


@pytest.fixture
def long(kept: Path) -> Path:
    """The same, with a file that takes long to keep."""
    with (kept / "weights.bin").open("wb") as file:
        for place in range(0, LONG_BYTES, STEP_BYTES):
            file.seek(place)
            file.write(os.urandom(4096))
    return kept


def panel(page: Page) -> None:
    """Show the panel, where it is not shown yet."""
    region = page.get_by_role("region", name="Jupyter Kit")
    if not region.is_visible():
        page.get_by_role("tab", name="Versions of this folder").click()
    expect(region).to_be_visible()


def take(page: Page, message: str) -> None:
    """Begin a snapshot by the box of the panel."""
    page.get_by_role("textbox", name="Message of the snapshot").fill(message)
    page.get_by_role("button", name="Snapshot", exact=True).click()


def job(page: Page) -> Locator:
    """What the job bar shows."""
    return page.locator(".jk-JobBar").get_by_role("status", name="Taking a snapshot")


def messages(folder: Path) -> list[str]:
    """Of all snapshots, after the store was found whole."""
    with Workspace.open(folder) as workspace:
        assert workspace.check().ok
        return [entry.snapshot.message for entry in workspace.log()]


def test_a_long_snapshot_is_cancelled_and_nothing_of_it_is_kept(long: Path, page: Page) -> None:
    panel(page)
    take(page, "too long")
    job(page).get_by_role("button", name="Cancel: Taking a snapshot").click()
    expect(job(page)).to_have_count(0, timeout=LATE_MILLISECONDS_MAX)
    expect(page.get_by_role("button", name="Snapshot", exact=True)).to_be_enabled()
    expect(page.get_by_role("textbox", name="Message of the snapshot")).to_have_value("too long")
    assert messages(long) == ["first model"]


def test_a_page_loaded_again_shows_the_job_that_runs(long: Path, page: Page) -> None:
    panel(page)
    take(page, "in the background")
    expect(job(page)).to_be_visible()
    loaded_again(page)
    panel(page)
    expect(job(page)).to_be_visible()
    picture(page, "panel-busy")
    job(page).get_by_role("button", name="Cancel: Taking a snapshot").click()
    expect(job(page)).to_have_count(0, timeout=LATE_MILLISECONDS_MAX)
    assert messages(long) == ["first model"]


def test_a_server_killed_during_a_job_and_started_again(long: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = start(long, options=TOKEN)
    page = open_page(lab)
    panel(page)
    take(page, "killed")
    expect(job(page)).to_be_visible()
    lab.process.kill()
    lab.process.wait()
    alert = page.get_by_role("region", name="Jupyter Kit").get_by_role("alert")
    expect(alert).to_contain_text("The Jupyter server does not answer.", timeout=LATE_MILLISECONDS_MAX)
    picture(page, "panel-no-server")
    assert messages(long) == ["first model"]
    (long / "weights.bin").unlink()
    start(long, port=urlsplit(lab.address).port, options=TOKEN)
    expect(alert).to_have_count(0, timeout=LATE_MILLISECONDS_MAX)
    expect(job(page)).to_have_count(0, timeout=LATE_MILLISECONDS_MAX)
    for dialog in page.get_by_role("dialog").all():  # the lab's own, about the connection
        dialog.press("Escape")
    take(page, "after the restart")
    expect(page.get_by_role("option", name="after the restart")).to_be_visible()
    assert messages(long) == ["after the restart", "first model"]


def test_two_windows_see_what_either_keeps(kept: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    one, other = open_page(lab), open_page(lab, "lab/workspaces/other")
    for number, (taking, seeing) in enumerate(((one, other), (other, one))):
        panel(one)
        panel(other)
        (kept / "train.py").write_text(f"window = {number}\n")
        take(taking, f"by window {number}")
        for page in (taking, seeing):
            expect(page.get_by_role("option", name=f"by window {number}")).to_be_visible()


def test_a_workspace_that_vanished_is_told_and_the_panel_lives_on(kept: Path, page: Page) -> None:
    panel(page)
    expect(page.get_by_role("option", name="first model")).to_be_visible()
    shutil.rmtree(kept / ".kit")
    page.get_by_role("button", name="Refresh", exact=True).first.click()
    expect(page.get_by_text("No versions of this folder are kept yet")).to_be_visible()
    page.get_by_role("button", name="Keep versions of this folder").click()
    expect(page.get_by_text("No snapshot yet")).to_be_visible()
    take(page, "a new start")
    expect(page.get_by_role("option", name="a new start")).to_be_visible()


def test_a_comparison_comes_back_with_the_page(kept: Path, page: Page) -> None:
    panel(page)
    page.get_by_role("treeitem", name="train.py").click()
    expect(page.locator(".cm-mergeView")).to_contain_text("rate = 2")
    # The lab writes its layout down a moment after it has changed.
    with page.expect_response(lambda response: "/api/workspaces/" in response.url and response.request.method == "PUT"):
        page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area').then(() => true)")
    loaded_again(page)
    expect(page.locator(".cm-mergeView")).to_contain_text("rate = 2")
    expect(page.get_by_role("region", name="Jupyter Kit")).to_be_visible()
