"""``kit://``: every snapshot as a file system of fsspec, so that pandas, torch and whoever else opens URLs reads what was kept.

    pandas.read_csv("kit://v3/data/train.csv")

What stands before the first slash is a snapshot by any of its names; the rest is a path in it, taken as it is: nothing in it is an escape,
a query or a fragment. ``kit:///`` lists the snapshots. The workspace is the one that the current folder is in, or ``workspace=`` of the
storage options. Nothing can be written: a snapshot never changes.
"""

from __future__ import annotations

import errno
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from typing import Any, NoReturn

from fsspec.spec import AbstractFileSystem

from jupyter_kit.errors import InvalidInput, Kind, NotFound
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.snapshot.tree import Tree
from jupyter_kit.store.kept import KeptFile
from jupyter_kit.workspace import Workspace

BUFFER_BYTES = 1 << 16
"""What a reader of single lines takes at once: as much as a chunk of the store has on average."""

_NANOSECONDS = 1_000_000_000


class OpenedFile(io.BufferedReader):
    """A kept file as fsspec hands it out; ``size`` in bytes, ``path`` in the snapshot, ``root`` names its content."""

    def __init__(self, kept: KeptFile, buffer_bytes: int) -> None:
        super().__init__(kept, buffer_bytes)
        self.size, self.path, self.root = kept.size, kept.path, kept.root


class _Located(type(AbstractFileSystem)):  # type: ignore[misc]  # fsspec has no types
    """Puts the workspace among the options that an instance is cached, pickled and written as JSON by, wherever that happens to be read."""

    def __call__(cls, *arguments: Any, workspace: str | os.PathLike[str] = ".", **options: Any) -> Any:
        return super().__call__(*arguments, workspace=os.path.abspath(workspace), **options)


class KitFileSystem(AbstractFileSystem, metaclass=_Located):  # type: ignore[misc]  # fsspec has no types
    """The snapshots of one workspace, read only. What a remote has is fetched when it is read.

    What is not there is told as FileNotFoundError, and a folder as IsADirectoryError, because that is what callers of fsspec look for;
    everything else as the KitError that it is, ContentCorrupt among them.
    """

    protocol = "kit"
    root_marker = ""

    def __init__(self, *arguments: Any, workspace: str = ".", **options: Any) -> None:
        """``workspace`` is a folder of it. Raises FileNotFoundError where it is in none, and what opening one raises."""
        super().__init__(*arguments, **options)
        with _told(workspace):
            self.workspace = Workspace.open(workspace)

    @classmethod
    def _strip_protocol(cls, path: Any) -> Any:
        stripped = super()._strip_protocol(path)
        return stripped if isinstance(stripped, list) else stripped.lstrip("/")

    def ls(self, path: str, detail: bool = True, **options: Any) -> list[Any]:
        """What a folder holds, as dictionaries or names; the snapshots by all their names for the root."""
        path = self._strip_protocol(path)
        with _told(path):
            found = self._listed(path) if path else [_folder(name) for name in self.workspace.names()]
        return found if detail else [entry["name"] for entry in found]

    def info(self, path: str, **options: Any) -> dict[str, Any]:
        """An entry, symlinks followed: name, size, type, mode, mtime (seconds), islink, and the root of a file's content.

        A snapshot has its whole ``id``.
        """
        path = self._strip_protocol(path)
        with _told(path):
            if not path:
                return _folder("")
            tree, inner = self._split(path)
            if not inner:
                return {**_folder(path), "id": tree.id}
            return _described(path, tree.find(inner), link=tree.find(inner, follow=False))

    def cat_file(self, path: str, start: int | None = None, end: int | None = None, **options: Any) -> bytes:
        """The bytes of a file from ``start`` to ``end``, as a slice has them: negative ones count from the end, and it may be empty."""
        with self.open(path, "rb", **options) as file:
            first, last, _ = slice(start, end).indices(file.size)
            file.seek(first)
            return bytes(file.read(max(last - first, 0)))

    def modified(self, path: str) -> datetime:
        """When the file was changed last before it was kept."""
        return datetime.fromtimestamp(self.info(path).get("mtime", 0), timezone.utc)

    def _open(self, path: str, mode: str = "rb", block_size: int | None = None, **options: Any) -> OpenedFile:
        if mode != "rb":
            self._refuse(path)
        snapshot, _, inner = path.partition("/")
        with _told(path):
            return OpenedFile(self.workspace.open_file(inner.strip("/"), snapshot), block_size or BUFFER_BYTES)

    def _split(self, path: str) -> tuple[Tree, str]:
        snapshot, _, inner = path.partition("/")
        return self.workspace.tree(snapshot), inner.strip("/")

    def _listed(self, path: str) -> list[dict[str, Any]]:
        tree, inner = self._split(path)
        entry = tree.find(inner)
        if entry.kind != "folder":
            return [_described(path, entry, link=tree.find(inner, follow=False))]
        return [self._in_listing(tree, f"{path}/{found.path.rpartition('/')[2]}", found) for found in tree.list(inner)]

    @staticmethod
    def _in_listing(tree: Tree, name: str, entry: FileEntry) -> dict[str, Any]:
        """As fsspec's local files: a symlink to a file is a file, any other is neither, so that walking does not follow it."""
        if entry.kind != "symlink":
            return _described(name, entry, link=entry)
        try:
            found = tree.find(entry.path)
        except NotFound:
            found = entry
        return _described(name, found if found.kind == "file" else entry, link=entry)

    def _refuse(self, *paths: Any, **options: Any) -> NoReturn:
        raise OSError(
            errno.EROFS, "Snapshots do not change: write to a file of the workspace, then run “jupyter kit snapshot”", *map(str, paths[:1])
        )

    mkdir = makedirs = rmdir = rm = rm_file = _rm = cp_file = mv = put_file = pipe_file = touch = _refuse


@contextmanager
def _told(path: str) -> Iterator[None]:
    try:
        yield
    except NotFound as error:
        raise FileNotFoundError(errno.ENOENT, str(error), path) from error
    except InvalidInput as error:
        if error.kind is Kind.OUTSIDE_WORKSPACE:
            raise FileNotFoundError(errno.ENOENT, str(error), path) from error
        raise IsADirectoryError(errno.EISDIR, str(error), path) from error


def _folder(name: str) -> dict[str, Any]:
    return {"name": name, "size": 0, "type": "directory"}


def _described(name: str, entry: FileEntry, *, link: FileEntry) -> dict[str, Any]:
    """``entry`` is what ``name`` leads to, ``link`` what stands there itself."""
    kinds = {"file": "file", "folder": "directory", "symlink": "other"}
    described: dict[str, Any] = {"name": name, "size": entry.size, "type": kinds[entry.kind], "mode": entry.mode}
    described["islink"] = link.kind == "symlink"
    if entry.kind == "file":
        described |= {"mtime": entry.mtime_ns / _NANOSECONDS, "root": entry.root}
    if link.kind == "symlink":
        described["destination"] = link.target
    return described
