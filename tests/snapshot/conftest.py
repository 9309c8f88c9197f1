"""A workspace with a store, and ways to write a tree down and to put it on disk."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.snapshot.capture import capture
from jupyter_kit.snapshot.plan import RollbackResult
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.snapshot.restore import apply
from jupyter_kit.snapshot.snapshot import FileEntry, SnapshotResult
from jupyter_kit.store.store import Store

NOBODY = 65534
"""A user without rights of its own, for tests that the superuser would pass whatever the code does."""

Tree = Mapping[str, "bytes | str | None"]
"""Files by path: bytes are a file's content, text a symlink's target, None an empty folder."""


@dataclass
class Box:
    """A workspace folder with its open store."""

    folder: Path
    store: Store

    def snap(self, message: str = "", **options: Any) -> SnapshotResult:
        return capture(self.store, self.folder, message=message, author="Ada", **options)

    def roll(self, snapshot: str, *paths: str, **options: Any) -> RollbackResult:
        return apply(self.store, self.folder, snapshot, paths, author="Ada", **options)

    def write(self, tree: Tree) -> None:
        write(self.folder, tree)

    def entries(self, snapshot: str) -> dict[str, FileEntry]:
        return {entry.path: entry for entry in read_files(self.store, read_snapshot(self.store, snapshot))}

    def content(self, snapshot: str, path: str) -> bytes:
        return self.store.read_bytes(self.entries(snapshot)[path].root)

    @property
    def head(self) -> str | None:
        return self.store.tags().get("HEAD")


def write(folder: Path, tree: Tree) -> None:
    """Put a tree on disk, beside what is there."""
    for path, content in tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        elif isinstance(content, str):
            place.unlink(missing_ok=True)
            place.symlink_to(content)
        else:
            place.write_bytes(content)


def on_disk(folder: Path) -> dict[str, tuple[int, bytes | str | None]]:
    """Everything below a folder but ``.kit``: permission bits (0 for symlinks), and content, target or None for a folder."""
    found: dict[str, tuple[int, bytes | str | None]] = {}
    for place in sorted(folder.rglob("*")):
        path = place.relative_to(folder).as_posix()
        if path.split("/")[0] == ".kit":
            continue
        if place.is_symlink():
            found[path] = (0, os.readlink(place))
        else:
            mode = stat.S_IMODE(place.stat().st_mode)
            found[path] = (mode, None if place.is_dir() else place.read_bytes())
    return found


@contextmanager
def boxed(folder: Path) -> Iterator[Box]:
    """A workspace in ``folder``, made where there is none yet."""
    folder.mkdir(exist_ok=True)
    home = folder / ".kit" / "store"
    store = Store.open(home) if home.exists() else Store.create(home)
    try:
        yield Box(folder, store)
    finally:
        store.close()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Box]:
    with boxed(tmp_path / "work") as made:
        yield made


@pytest.fixture
def unprivileged() -> Iterator[Callable[[], Path]]:
    """Call it to become a user without rights; the folder it answers is that user's. On leaving, the test is who it was before."""
    if not hasattr(os, "geteuid"):
        pytest.skip("this system has no effective user")
    home = Path(tempfile.mkdtemp())
    superuser = os.geteuid() == 0

    def become() -> Path:
        if superuser:
            os.chown(home, NOBODY, NOBODY)
            os.setegid(NOBODY)
            os.seteuid(NOBODY)
        return home

    yield become
    if superuser:
        os.seteuid(0)
        os.setegid(0)
    for place in [home, *home.rglob("*")]:
        if place.is_dir() and not place.is_symlink():
            place.chmod(0o700)
    shutil.rmtree(home)
