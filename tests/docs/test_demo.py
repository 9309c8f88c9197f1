"""The demo notebooks run as `make demo` runs one of them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

HOME = Path(__file__).parents[2]
BINDER = HOME / "binder"
NOTEBOOKS = sorted(path.name for path in BINDER.glob("*.ipynb"))


def told(*notebooks: str) -> str:
    """What a terminal shows."""
    environment = {**os.environ, "PYTHONPATH": str(HOME), "COLUMNS": "100"}
    demo = subprocess.run(
        [sys.executable, BINDER / "demo.py", *(BINDER / name for name in notebooks)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert demo.returncode == 0, demo.stdout
    assert "Traceback" not in demo.stdout
    assert demo.stdout.splitlines()[-1].startswith("Everything above happened just now")
    return demo.stdout


def test_the_demo_tells_its_story() -> None:
    accuracies = re.findall(r"(\d\d\.\d) ?%", told())
    assert accuracies.count("91.0") >= 2, "the accuracy of v2, when it was trained and when it came back"


@pytest.mark.parametrize(
    ("notebook", "says"),
    [
        ("first-snapshot.ipynb", r"right about 91\.0% again.*Undo: %kit rollback.*first model"),
        ("which-was-better.ipynb", r"accuracy.*difference|wild.*→ \w+"),
        ("share-a-modelkit.ipynb", r"Packed as digits:v1.*Now at oci:.*served: right about 91\.0%"),
    ],
)
def test_a_short_demo_tells_its_own(notebook: str, says: str) -> None:
    assert re.search(says, told(notebook), re.DOTALL)


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_demos_are_kept_without_outputs(notebook: str) -> None:
    document = nbformat.read(BINDER / notebook, as_version=4)
    nbformat.validate(document)
    assert not [cell for cell in document.cells if cell.get("outputs") or cell.get("execution_count")]
    assert "widgets" not in document.metadata


def test_every_demo_is_tried_here() -> None:
    assert set(NOTEBOOKS) == {"demo.ipynb", "first-snapshot.ipynb", "which-was-better.ipynb", "share-a-modelkit.ipynb"}
    for notebook in NOTEBOOKS:
        named = re.findall(r"([\w-]+\.ipynb)", (BINDER / notebook).read_text("utf-8"))
        assert set(named) <= set(NOTEBOOKS), f"{notebook} points its readers to one that is not there"
