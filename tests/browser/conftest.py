"""A browser and a lab for the tests of the panel; skipped, with the reason, where one of them is missing."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser.lab import BUNDLE, Lab, running
from tests.registry.servers.docker import HTPASSWD, DockerRegistry

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)

FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip

PICTURES = Path(__file__).parents[2] / ".build" / "screenshots"
"""Where pictures of pages go that a test failed on, and those that a test takes itself."""

READY = "() => window.jupyterapp && window.jupyterapp.restored.then(() => true)"

SETTLED = "() => window.jupyterapp.shell.currentWidget?.node.contains(document.activeElement)"
"""The lab gives the focus to its launcher, or to a document, about a second after it says that it is restored."""

PAGE_MILLISECONDS_MAX = 20_000
"""How long a page may take to show what is waited for, on a machine that does much else."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip all tests of this folder where there is no browser or no built extension."""
    reasons = {"Chromium is missing": CHROMIUM is None, "the lab extension is not built": not (BUNDLE / "package.json").exists()}
    for reason in (reason for reason, holds in reasons.items() if holds):
        for test in items:
            if Path(__file__).parent in test.path.parents:
                test.add_marker(pytest.mark.skip(reason=f"{reason}; make test says how to get it"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, without a window.

    It ends with its module: while it runs, so does an event loop, and no other can in this thread.
    """
    expect.set_options(timeout=PAGE_MILLISECONDS_MAX)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS, headless=not os.environ.get("HEADED"))
        yield browser
        browser.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder that the lab shows; empty at first."""
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Lab]]:
    """Starts labs, with the options of ``running``, that end with the test."""
    with ExitStack() as stack:
        homes = iter(range(100))

        def start(folder: Path, **options: object) -> Lab:
            home = tmp_path / f"home{next(homes)}"
            home.mkdir()
            return stack.enter_context(running(folder, home, **options))

        yield start


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Page]]:
    """Opens pages of a lab, each a person of its own; pictures of them stay where the test failed."""
    pages: list[Page] = []
    with ExitStack() as stack:

        def open_page(lab: Lab, app: str = "lab", **options: object) -> Page:
            context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
            stack.callback(context.close)
            page = context.new_page()
            page.set_default_timeout(PAGE_MILLISECONDS_MAX)
            pages.append(page)
            page.goto(lab.url(app, reset="1") if app.startswith("lab") else lab.url(app))
            page.wait_for_function(READY)
            page.locator("#jupyterlab-splash").wait_for(state="detached")
            if app.startswith("lab"):
                page.wait_for_function(SETTLED)
            return page

        failed = request.session.testsfailed
        yield open_page
        if request.session.testsfailed > failed:
            PICTURES.mkdir(parents=True, exist_ok=True)
            for number, page in enumerate(pages):
                page.screenshot(path=PICTURES / f"{request.node.name}-{number}.png")


@pytest.fixture
def lab(start: Callable[..., Lab], folder: Path) -> Lab:
    """A lab on ``folder``."""
    return start(folder)


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """docker-registry that knows ada by her password."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "htpasswd").write_text(HTPASSWD)
    with DockerRegistry(folder, auth={"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}) as registry:
        yield registry


@pytest.fixture
def page(lab: Lab, open_page: Callable[..., Page]) -> Page:
    """The lab's page, with the panel closed."""
    return open_page(lab)


def execute(page: Page, command: str, **arguments: object) -> None:
    """Execute a command of the lab, and do not wait for its end."""
    page.evaluate("([command, args]) => { void window.jupyterapp.commands.execute(command, args); }", [command, arguments])


def run(page: Page, command: str, **arguments: object) -> None:
    """Execute a command of ours, and do not wait for its end."""
    execute(page, f"jupyter-kit:{command}", **arguments)


def until(page: Page, promised: str, argument: object = None) -> None:
    """Ask a script until what it promises is true; ``wait_for_function`` takes the promise itself for an answer."""
    deadline = time.monotonic() + PAGE_MILLISECONDS_MAX / 1000
    while not page.evaluate(promised, argument):
        assert time.monotonic() < deadline, f"It never came true: {promised}"
        page.wait_for_timeout(100)


def picture(page: Page, name: str) -> None:
    """Keep how it looks."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=PICTURES / f"{name}.png")


def loaded_again(page: Page) -> None:
    """Load the page again, as a person does, who keeps the layout."""
    page.goto(page.url.split("?")[0])
    page.wait_for_function(READY)
    page.locator("#jupyterlab-splash").wait_for(state="detached")
