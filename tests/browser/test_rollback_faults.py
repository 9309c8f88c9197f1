"""Going back where things go wrong: two windows at once, a server that dies half way, and one that does not know its people any more."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import lmdb
import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit import Workspace
from tests.browser.conftest import run
from tests.browser.lab import Lab
from tests.browser.test_rollback import edit, open_file, roll_back

FILES = 800
"""So many that a rollback takes a while."""


@pytest.fixture
def workspace(folder: Path) -> Path:
    """Many files, all of them others in v2 than in v1."""

    def write(words: str) -> None:
        (folder / "fit.py").write_text(f"rate = {words}\n")
        (folder / "same.md").write_text("the same\n")
        for number in range(FILES):
            (folder / f"part{number}.txt").write_text(f"{words} {number}\n")

    write("of v1")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
        write("of v2")
        workspace.snapshot("second", tags=["v2"])
    return folder


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """While nobody else can commit to the store."""
    environment = lmdb.open(str(folder / ".kit" / "store" / "index"), max_dbs=64, map_size=1 << 30, lib_version=0)
    try:
        with environment.begin(write=True):
            yield
    finally:
        environment.close()


def words_of(folder: Path) -> set[str]:
    """What the files say, each version once."""
    return {path.read_text().rsplit(" ", 1)[0] for path in folder.glob("part*.txt")}


def confirm(page: Page) -> None:
    """Say yes to the plan."""
    page.get_by_role("dialog").get_by_role("button", name="Roll back", exact=True).click()


def toast(page: Page, words: str) -> Locator:
    return page.locator(".jp-toast-message", has_text=words)


def test_two_windows_go_back_at_once(workspace: Path, lab: Lab, open_page: Callable[..., Page]) -> None:
    first, second = open_page(lab), open_page(lab)
    roll_back(second, "v1")
    with held(workspace):
        roll_back(first, "v1")
        confirm(first)
        expect(toast(first, "Rolling back…")).to_be_visible()
        run(first, "rollback", name="v1")
        expect(toast(first, "A rollback of this folder is still running.")).to_be_visible()
        confirm(second)
        expect(toast(second, "Rolling back…")).to_be_visible()
    expect(toast(first, "Back at v1.")).to_be_visible()
    expect(toast(second, "Back at v1.")).to_be_visible()
    assert words_of(workspace) == {"of v1"}
    first.get_by_role("button", name="Undo", exact=True).click()
    expect(toast(first, "Everything is as it was before.")).to_be_visible()
    assert words_of(workspace) == {"of v2"}


def killed_half_way(page: Page, lab: Lab) -> None:
    """Begin to go back to v1, and kill the server once some files are as they were there."""
    with Workspace.open(lab.folder) as versions:
        before = len(versions.log(kind="safety"))
        roll_back(page, "v1")
        confirm(page)
        while len(versions.log(kind="safety")) == before:
            time.sleep(0.001)
    with held(lab.folder):  # So that it cannot come to its end.
        while "of v1" not in words_of(lab.folder):
            time.sleep(0.001)
        lab.process.send_signal(signal.SIGKILL)
        lab.process.wait()
    expect(toast(page, "The rollback may have ended half way.")).to_be_visible()


def test_a_server_that_dies_half_way(workspace: Path, start: Callable[..., Lab], open_page: Callable[..., Page]) -> None:
    lab = start(workspace)
    page = open_page(lab)
    same = open_file(page, "same.md")
    edit(page, same, "mine")
    fit = open_file(page, "fit.py")
    gone = page.get_by_role("dialog", name="Server Connection Error")  # The lab's own.
    page.add_locator_handler(gone, lambda: page.keyboard.press("Escape"))
    again = {"port": urlsplit(lab.address).port, "options": (f"--IdentityProvider.token={lab.token}",)}
    for way in ("Try again", "Undo"):
        (workspace / f"{way}.txt").write_text("in no snapshot yet\n")
        killed_half_way(page, lab)
        expect(fit).to_contain_text("rate = of v2")
        lab = start(workspace, **again)
        page.get_by_role("button", name=way, exact=True).click()
        if way == "Try again":
            confirm(page)
            expect(toast(page, "Back at v1.")).to_be_visible()
            assert words_of(workspace) == {"of v1"}
            expect(fit).to_contain_text("rate = of v1")
            page.get_by_role("button", name="Undo", exact=True).click()
        expect(toast(page, "Everything is as it was before.")).to_be_visible()
        expect(fit).to_contain_text("rate = of v2")
        assert words_of(workspace) == {"of v2"}
        assert (workspace / f"{way}.txt").exists()
        page.get_by_role("button", name="Hide notification").first.click()
        expect(toast(page, "Everything is as it was before.")).to_have_count(0)
    expect(same).to_contain_text("mine the same")
    with Workspace.open(workspace) as versions:
        assert versions.check().ok
