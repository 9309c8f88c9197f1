"""The package's face: what it shows, and what importing it does not cost."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import jupyter_kit

HOME = Path(__file__).parents[2]

HEAVY = {
    "IPython",
    "jupyter_client",
    "jupyter_core",
    "jupyter_events",
    "jupyter_server",
    "lmdb",
    "numpy",
    "rich",
    "tornado",
    "traitlets",
    "zmq",
}
"""Packages that cost start-up time, or that belong to the front ends."""


def modules_after(statement: str) -> set[str]:
    """Top-level packages that a fresh interpreter has imported after ``statement``."""
    code = f"{statement}\nimport json, sys\nprint(json.dumps([name for name in sys.modules if '.' not in name]))"
    answer = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=HOME)
    return set(json.loads(answer.stdout))


def test_importing_the_package_is_cheap() -> None:
    assert not modules_after("import jupyter_kit") & HEAVY


def test_the_python_interface_needs_no_front_end() -> None:
    assert not modules_after("from jupyter_kit import Workspace") & (HEAVY - {"lmdb"})


def test_all_is_what_is_there() -> None:
    names = jupyter_kit.__all__
    assert len(names) == len(set(names))
    assert all(getattr(jupyter_kit, name) is not None for name in names)
    assert set(names) <= set(dir(jupyter_kit))


def test_names_it_does_not_have_are_refused() -> None:
    with pytest.raises(AttributeError, match="Workspaces"):
        _ = jupyter_kit.Workspaces  # type: ignore[attr-defined]


def test_changelog_begins_with_this_version() -> None:
    versions = re.findall(r"^## \[(\d[^\]]*)\]", (HOME / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert versions[0] == jupyter_kit.__version__
