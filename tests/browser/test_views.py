"""Views in the pages that people use: what `%kit history` shows is pressed, and files on disk follow."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser, Error, Page, expect

from jupyter_kit import Workspace
from tests.browser.conftest import PAGE_MILLISECONDS_MAX, PICTURES
from tests.browser.lab import Lab
from tests.registry.servers.docker import HTPASSWD, PASSWORD, DockerRegistry, needs_docker_registry

AGAIN = "Run this cell again to choose and click."

APPS = [pytest.param("lab/tree", id="lab"), pytest.param("notebooks", id="notebook")]


@pytest.fixture
def notebook(folder: Path) -> Path:
    """A notebook in a workspace with two snapshots, that shows its history."""
    write_notebook(folder / "look.ipynb", "%load_ext jupyter_kit", "%kit history")
    (folder / "fit.py").write_text("rate = 0.1\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
        (folder / "fit.py").write_text("rate = 0.05\n")
        workspace.snapshot("second")
    return folder / "look.ipynb"


def write_notebook(path: Path, *sources: str) -> None:
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)


@pytest.mark.parametrize("app", APPS)
def test_a_version_is_brought_back_and_that_is_undone(lab: Lab, browser: Browser, notebook: Path, folder: Path, app: str) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 1400})
    try:
        press(page, lab.url(f"{app}/{notebook.name}"), folder / "fit.py")
    except BaseException:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"views-{app.replace('/', '-')}.png")
        raise
    finally:
        page.close()


@pytest.mark.parametrize("app", APPS)
def test_a_view_whose_kernel_is_gone_is_still_read(lab: Lab, browser: Browser, notebook: Path, app: str) -> None:
    """After a restart of the kernel, and in the saved notebook that somebody opens later."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PAGE_MILLISECONDS_MAX)
    try:
        page.goto(lab.url(f"{app}/{notebook.name}"))
        run_all(page)
        expect(page.get_by_text("+rate = 0.05")).to_be_visible()
        expect(page.get_by_text(AGAIN)).to_be_hidden()
        page.keyboard.press("Control+s")
        wait_until(lambda: AGAIN in notebook.read_text())
        page.get_by_role("menuitem", name="Kernel", exact=True).click()
        page.get_by_role("menuitem", name=re.compile(r"^Restart Kernel…")).click()
        page.get_by_role("button", name="Confirm Kernel Restart").click()
        as_a_page(page)
        page.goto(lab.url(f"{app}/{notebook.name}"))
        as_a_page(page)
        page.screenshot(path=PICTURES / f"gone-{app.replace('/', '-')}.png")
    finally:
        page.close()


@needs_docker_registry
def test_a_notebook_saved_with_its_widgets_keeps_no_password(lab: Lab, browser: Browser, folder: Path, tmp_path: Path) -> None:
    """Somebody signs in under a cell, pushes with the form, and saves, in a lab that saves the state of widgets."""
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    (folder / "fit.py").write_text("rate = 0.1\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first")
        workspace.pack(references=["digits:v1"])
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(PAGE_MILLISECONDS_MAX)
    settings = f"{lab.address}lab/api/settings/@jupyter-widgets/jupyterlab-manager:plugin?token={lab.token}"
    with DockerRegistry(tmp_path / "registry", auth={"htpasswd": {"realm": "tests", "path": str(tmp_path / "htpasswd")}}) as registry:
        assert page.request.put(settings, data={"raw": '{"saveState": true}'}).ok
        sources = "%load_ext jupyter_kit", f"%kit login {registry.host} -u ada", f"%kit push digits:v1 {registry.host}/ada/a:v1 --form"
        write_notebook(folder / "share.ipynb", *sources)
        try:
            page.goto(lab.url("lab/tree/share.ipynb"))
            run_all(page)
            page.locator("input.jp-Stdin-input").fill(PASSWORD)
            page.keyboard.press("Enter")
            page.get_by_role("button", name="Push", exact=True).click()
            expect(page.get_by_text("Now at")).to_be_visible()
            page.keyboard.press("Control+s")
            wait_until(lambda: "Now at" in (folder / "share.ipynb").read_text())
            page.screenshot(path=PICTURES / "push-form.png")
        finally:
            page.close()
    assert "widget-state+json" in (folder / "share.ipynb").read_text()
    kept = [path for path in (*folder.rglob("*"), lab.log) if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert kept == []


def as_a_page(page: Page) -> None:
    """The view's answer stands there to be read, and no word of widgets that are gone."""
    expect(page.get_by_text(AGAIN)).to_be_visible()
    expect(page.locator(".jp-OutputArea li").get_by_text("second")).to_be_visible()
    expect(page.locator(".widget-select select")).not_to_be_visible()
    expect(page.get_by_text(re.compile("Error displaying widget|Loading widget")).locator("visible=true")).to_have_count(0)


def wait_until(holds: Callable[[], bool]) -> None:
    limit = time.monotonic() + PAGE_MILLISECONDS_MAX / 1000
    while not holds():
        assert time.monotonic() < limit
        time.sleep(0.1)


def run_all(page: Page) -> None:
    """Run all cells of the notebook that is open."""
    page.locator(".jp-Notebook .jp-Cell").nth(1).wait_for()
    page.locator(".jp-Notebook-ExecutionIndicator[data-status=idle]").wait_for(state="attached")
    ran = page.locator(".jp-InputPrompt", has_text=re.compile(r"\[(\*|\d+)\]"))
    for _ in range(5):  # What is asked of a kernel that says it is idle, and is not connected yet, is lost.
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        try:
            ran.first.wait_for(timeout=5000)
            break
        except Error:
            continue


def press(page: Page, url: str, file: Path) -> None:
    """What a person does."""
    page.goto(url)
    run_all(page)
    versions = page.locator(".widget-select select")
    expect(versions.locator("option")).to_have_count(2)
    expect(page.get_by_text("+rate = 0.05")).to_be_visible()
    versions.select_option(index=1)
    expect(page.get_by_text("It is the first snapshot")).to_be_visible()
    page.get_by_role("button", name="From it to now").click()
    expect(page.get_by_text("+rate = 0.05")).to_be_visible()
    page.locator(".widget-dropdown select").select_option("fit.py")
    page.get_by_role("button", name="Roll back…").click()
    expect(page.get_by_text("To go back to")).to_be_visible()
    assert file.read_text() == "rate = 0.05\n"
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("Back at")).to_be_visible()
    assert file.read_text() == "rate = 0.1\n"
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("-rate = 0.1")).to_be_visible()
    assert file.read_text() == "rate = 0.05\n"
