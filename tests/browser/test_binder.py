"""What Binder would build and open: the steps of its Dockerfile, run without Docker, and the lab that somebody gets to see then."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import PAGE_MILLISECONDS_MAX, PICTURES
from tests.browser.lab import BUNDLE, START_SECONDS_MAX
from tests.browser.test_views import run_all
from tests.docs.test_binder import BINDER, HOME, own_steps

DEMO = "demos/first-snapshot/first-snapshot.ipynb"
"""What the link in the README opens."""

BASE_URL = "/user/ada-1/"
"""Binder gives each visitor a server below a path of its own."""


@dataclass(frozen=True)
class Image:
    """What an image would hold: a checkout, a Python environment, somebody's home."""

    checkout: Path
    prefix: Path
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """Nothing of whoever runs the tests, but for where programs are."""
        path = [self.prefix / "bin", Path(sys.executable).parent, os.environ["PATH"]]
        return {
            "HOME": str(self.home),
            "PATH": os.pathsep.join(map(str, path)),
            "KERNEL_PYTHON_PREFIX": str(self.prefix),
            "JUPYTER_RUNTIME_DIR": str(self.home / "runtime"),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            # Packages come from the environment of the tests, so that this needs no network.
            "PIP_NO_INDEX": "1",
            "PIP_NO_BUILD_ISOLATION": "0",  # pip's own way to say that there shall be none
            "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1",
        }


@pytest.fixture
def image(tmp_path: Path) -> Image:
    """A clean checkout, and an environment that has of the tests' packages what an installation would bring."""
    image = Image(tmp_path / "checkout", tmp_path / "environment", tmp_path / "home")
    listed = subprocess.run(["git", "ls-files", "-z", "--cached"], cwd=HOME, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (image.checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOME / name, image.checkout / name)
    shutil.copytree(BUNDLE, image.checkout / "jupyter_kit" / "labextension")
    image.home.mkdir()
    venv.create(image.prefix, with_pip=True)
    (packages,) = image.prefix.glob("lib/python*/site-packages")
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    for name in ("lab/static", "lab/schemas", "lab/themes", "labextensions/@jupyter-widgets"):
        place = image.prefix / "share" / "jupyter" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(Path(sysconfig.get_path("data")) / "share" / "jupyter" / name)
    return image


@contextmanager
def opened(image: Image) -> Iterator[str]:
    """Start the lab as Binder does, with its settings as the steps left them; yields the address of its demo."""
    python = image.prefix / "bin" / "python"
    options = ["--no-browser", "--allow-root", "--ServerApp.port=0", f"--ServerApp.base_url={BASE_URL}"]
    log = image.home / "lab.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [python, "-m", "jupyterlab", *options], cwd=image.checkout, env=image.environment, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        limit = time.monotonic() + START_SECONDS_MAX
        while True:
            assert time.monotonic() < limit, log.read_text()
            assert process.poll() is None, log.read_text()
            for facts in (json.loads(file.read_text() or "{}") for file in (image.home / "runtime").glob("jpserver-*.json")):
                if facts.get("port"):
                    yield f"http://127.0.0.1:{facts['port']}{BASE_URL}lab/tree/{DEMO}?token={facts['token']}"
                    return
            time.sleep(0.1)
    finally:
        process.terminate()
        process.wait(10)


def test_what_binder_builds_opens_with_the_panel_shown(image: Image, browser: Browser) -> None:
    for step in own_steps():
        done = subprocess.run(["bash", "-c", step], cwd=image.checkout, env=image.environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    for notebook in BINDER.glob("*.ipynb"):
        assert (image.checkout / "demos" / notebook.stem / notebook.name).is_file()
    with opened(image) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.set_default_timeout(PAGE_MILLISECONDS_MAX)
        try:
            page.goto(address)
            panel = page.get_by_role("region", name="Jupyter Kit")
            expect(panel).to_be_visible()
            expect(page.get_by_text("get notified about official Jupyter news")).to_have_count(0)
            expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
            run_all(page)
            expect(panel.get_by_role("option", name="first model")).to_be_visible()
        finally:
            page.screenshot(path=PICTURES / "binder.png")
            page.close()
