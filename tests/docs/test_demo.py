"""The demo notebook runs as `make demo` runs it, and Binder gets what it needs."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import nbformat

HOME = Path(__file__).parents[2]
BINDER = HOME / "binder"


def requirements(text: str) -> set[str]:
    return set(re.findall(r"^ *\"?([A-Za-z][\w.-]*>=[\d.]+)", text, re.MULTILINE))


def test_the_demo_tells_its_story() -> None:
    environment = {**os.environ, "PYTHONPATH": str(HOME), "COLUMNS": "100"}
    demo = subprocess.run(
        [sys.executable, BINDER / "demo.py"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout
    assert "Traceback" not in demo.stdout
    accuracies = re.findall(r"(\d\d\.\d) ?%", demo.stdout)
    assert accuracies.count("91.0") >= 2, "the accuracy of v2, when it was trained and when it came back"
    assert demo.stdout.splitlines()[-1].startswith("Everything above happened just now")


def test_the_demo_is_kept_without_outputs() -> None:
    notebook = nbformat.read(BINDER / "demo.ipynb", as_version=4)
    assert not [cell for cell in notebook.cells if cell.get("outputs") or cell.get("execution_count")]


def test_binder_installs_what_the_demo_extra_names() -> None:
    extra = re.search(r"^demo = \[$(.*?)^\]$", (HOME / "pyproject.toml").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert extra
    assert requirements(extra[1]) == requirements((BINDER / "requirements.txt").read_text("utf-8"))


def test_binder_names_a_python_that_the_package_takes() -> None:
    version = re.fullmatch(r"python-3\.(\d+)\n", (BINDER / "runtime.txt").read_text("utf-8"))
    assert version
    assert int(version[1]) >= 10


def test_binder_can_run_its_last_step() -> None:
    assert (BINDER / "postBuild").stat().st_mode & stat.S_IXUSR
    subprocess.run(["bash", "-n", BINDER / "postBuild"], check=True)
