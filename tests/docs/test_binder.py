"""Binder gets what it needs: its files are read as repo2docker reads them, and its last step is run."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
BINDER = HOME / "binder"
BUNDLE = HOME / "jupyter_kit" / "labextension"


def requirements(text: str) -> set[str]:
    return set(re.findall(r"^ *\"?([A-Za-z][\w.-]*>=[\d.,<]+)", text, re.MULTILINE))


def test_it_installs_what_the_extras_name() -> None:
    project = (HOME / "pyproject.toml").read_text("utf-8")
    extras = [re.search(rf"^{name} = \[$(.*?)^\]$", project, re.MULTILINE | re.DOTALL) for name in ("demo", "diff", "lab")]
    named = {requirement for extra in extras if extra for requirement in requirements(extra[1])}
    assert len(named) > len(extras)
    assert requirements((BINDER / "requirements.txt").read_text("utf-8")) == named


def test_it_names_a_python_that_the_package_takes() -> None:
    version = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text("utf-8"))
    assert version
    assert int(version[1]) >= 10


def test_repo2docker_understands_it() -> None:
    pytest.importorskip("repo2docker")
    answer = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", HOME], capture_output=True, text=True, check=False, timeout=60
    )
    steps = answer.stdout + answer.stderr
    assert answer.returncode == 0, steps
    version = (BINDER / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert f"Building conda environment for python={version}\n" in steps
    assert re.search(r'pip install .*-r "binder/requirements.txt"', steps)
    assert re.search(r"^RUN \./binder/postBuild$", steps, re.MULTILINE)


def test_it_opens_with_the_panel() -> None:
    layout = json.loads((BINDER / "workspace.json").read_text("utf-8"))["data"]["layout-restorer:data"]
    panel = re.search(r"this\.id = '(.*)'", (HOME / "labextension" / "src" / "sidebar" / "panel.ts").read_text("utf-8"))
    assert panel
    assert layout["right"]["current"] == panel[1]
    assert panel[1] in layout["right"]["widgets"]
    assert not layout["right"]["collapsed"]


@pytest.mark.skipif(not (BUNDLE / "static" / "style.js").exists(), reason="the lab extension is not built: make lab builds it")
def test_its_last_step_runs(tmp_path: Path) -> None:
    """In an environment of its own that takes from this one what requirements.txt would install, so that it needs no network."""
    copy, prefix, home = tmp_path / "checkout", tmp_path / "environment", tmp_path / "home"
    listed = subprocess.run(["git", "ls-files", "-z", "--cached"], cwd=HOME, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HOME / name, copy / name)
    shutil.copytree(BUNDLE, copy / "jupyter_kit" / "labextension")
    home.mkdir()
    venv.create(prefix, with_pip=True)
    (packages,) = prefix.glob("lib/python*/site-packages")
    (packages / "requirements.pth").write_text(sysconfig.get_path("purelib") + "\n")
    assert (copy / "binder" / "postBuild").stat().st_mode & stat.S_IXUSR
    answer = subprocess.run(
        ["./binder/postBuild"],
        cwd=copy,
        env={
            "HOME": str(home),
            "PATH": os.pathsep.join([str(prefix / "bin"), str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PIP_NO_BUILD_ISOLATION": "0",  # pip's own way to say that there shall be none
            "PIP_NO_INDEX": "1",
            "HATCH_JUPYTER_BUILDER_SKIP_NPM": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert (packages / "jupyter_kit" / "workspace").is_dir()
    assert (prefix / "share" / "jupyter" / "labextensions" / "jupyter-kit" / "package.json").is_file()
    assert (prefix / "etc" / "jupyter" / "jupyter_server_config.d" / "jupyter_kit.json").is_file()
    overrides = json.loads((prefix / "share" / "jupyter" / "lab" / "settings" / "overrides.json").read_text("utf-8"))
    assert overrides["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
    (workspace,) = (home / ".jupyter" / "lab" / "workspaces").iterdir()
    assert "jupyter-kit:panel" in workspace.read_text("utf-8")
    for notebook in BINDER.glob("*.ipynb"):
        assert (copy / "demos" / notebook.stem / notebook.name).is_file()
