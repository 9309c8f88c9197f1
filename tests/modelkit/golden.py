"""What real kit packed, and from what: the files in tests/golden."""

from __future__ import annotations

import tarfile
from dataclasses import replace
from pathlib import Path

from jupyter_kit.modelkit.kitfile import Kitfile, entries, from_json, with_entries

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


def layers(name: str) -> list[bytes]:
    """The layers that kit wrote, in the order of the manifest."""
    return [place.read_bytes() for place in sorted((GOLDEN / name / "layers").iterdir())]


def manifest(name: str) -> bytes:
    """The manifest that kit wrote."""
    return (GOLDEN / name / "manifest.json").read_bytes()


def kitfile() -> Kitfile:
    """The Kitfile before it was packed: without digests."""
    packed = from_json(config("kit-2026"))
    return with_entries(packed, [replace(entry, digest="", diff_id="") for _, entry in entries(packed)])
