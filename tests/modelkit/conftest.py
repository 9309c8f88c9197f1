"""A workspace with the project that real kit packed."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.modelkit.golden import GOLDEN
from tests.snapshot import conftest
from tests.snapshot.conftest import Box, boxed

unprivileged = conftest.unprivileged


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    """A workspace with its open store, empty."""
    with boxed(tmp_path / "work") as made:
        yield made


@pytest.fixture
def tiny(box: Box) -> Box:
    """The workspace with the files that kit packed. Its symlink, which kit dropped, is ignored."""
    with tarfile.open(GOLDEN / "tiny-project.tar") as archive:
        archive.extractall(box.folder, filter="tar")
    (box.folder / ".kitignore").write_text("src/link.py\n")
    return box
