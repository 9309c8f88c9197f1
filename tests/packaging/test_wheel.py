"""What users install: a wheel with the lab extension where Jupyter looks for it, and nothing that it was built from."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from jupyter_kit.version import __version__

HOME = Path(__file__).parents[2]

DATA = f"jupyter_kit-{__version__}.data/data/"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="Node.js builds the lab extension, and is missing")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> ZipFile:
    """The wheel, built as a release is; the bundle is taken as it is where there is one already."""
    folder = tmp_path_factory.mktemp("wheel")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    done = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return ZipFile(next(folder.glob("*.whl")))


def test_the_lab_extension_lies_where_jupyter_looks_for_it(wheel: ZipFile) -> None:
    names = set(wheel.namelist())
    place = DATA + "share/jupyter/labextensions/jupyter-kit/"
    assert {place + name for name in ("package.json", "install.json", "static/style.js", "schemas/jupyter-kit/plugin.json")} <= names
    package = json.loads(wheel.read(place + "package.json"))
    assert place + package["jupyterlab"]["_build"]["load"] in names


def test_the_server_extension_is_switched_on(wheel: ZipFile) -> None:
    config = json.loads(wheel.read(DATA + "etc/jupyter/jupyter_server_config.d/jupyter_kit.json"))
    assert config["ServerApp"]["jpserver_extensions"] == {"jupyter_kit": True}


def test_nothing_is_in_it_that_it_was_built_from(wheel: ZipFile) -> None:
    extra = [
        name
        for name in wheel.namelist()
        if name.endswith((".ts", ".tsx", ".map", ".tsbuildinfo")) or {"node_modules", "lib", "tests", "__tests__"} & set(name.split("/"))
    ]
    assert extra == []
    bundled = [name for name in wheel.namelist() if name.startswith("jupyter_kit/labextension/")]
    assert bundled == []  # once, under share/jupyter
