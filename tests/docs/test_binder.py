"""Binder gets what it needs: its files are read as repo2docker reads them. tests/browser/test_binder.py runs what comes out."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

HOME = Path(__file__).parents[2]
BINDER = HOME / "binder"


def requirements(text: str) -> set[str]:
    return set(re.findall(r"^ *\"?([A-Za-z][\w.-]*>=[\d.,<]+)", text, re.MULTILINE))


@cache
def rendered() -> str:
    """The Dockerfile that repo2docker makes of this checkout, among what it says; it needs no Docker for that."""
    pytest.importorskip("repo2docker")
    answer = subprocess.run(
        [sys.executable, "-m", "repo2docker", "--no-build", "--debug", HOME], capture_output=True, text=True, check=False, timeout=60
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout + answer.stderr


def own_steps() -> list[str]:
    """The steps of the Dockerfile that are about this repository."""
    return re.findall(r"^RUN (.*\bbinder/.*)$", rendered(), re.MULTILINE)


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
    steps = rendered()
    version = (BINDER / "runtime.txt").read_text("utf-8").strip().removeprefix("python-")
    assert f"Building conda environment for python={version}\n" in steps
    assert [re.sub(r".*pip install .* -r", "pip install -r", step) for step in own_steps()] == [
        'pip install -r "binder/requirements.txt"',
        "chmod +x binder/postBuild",
        "./binder/postBuild",
    ]


def test_it_opens_with_the_panel() -> None:
    layout = json.loads((BINDER / "workspace.json").read_text("utf-8"))["data"]["layout-restorer:data"]
    panel = re.search(r"this\.id = '(.*)'", (HOME / "labextension" / "src" / "sidebar" / "panel.ts").read_text("utf-8"))
    assert panel
    assert layout["right"]["current"] == panel[1]
    assert panel[1] in layout["right"]["widgets"]
    assert not layout["right"]["collapsed"]
