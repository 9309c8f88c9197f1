"""What real kit packed, and from what: the files in tests/golden."""

from __future__ import annotations

import tarfile
from pathlib import Path

GOLDEN = Path(__file__).parents[1] / "golden"

GENERATIONS = ("kit-2025", "kit-2026")
"""Folders of ModelKits whose config is a Kitfile."""


def config(name: str) -> bytes:
    """The config that kit wrote."""
    return (GOLDEN / name / "config.json").read_bytes()


def kitfile_of_the_project() -> bytes:
    """The Kitfile that kit read."""
    with tarfile.open(GOLDEN / "tiny-project.tar") as project:
        member = project.extractfile("./Kitfile")
        assert member
        return member.read()
