"""Which folder a browser means: API paths of the contents manager, and nothing that this server does not show.

An API path is relative to the server's root, with ``/``; a browser never sends a path of the operating system.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, NoReturn

from jupyter_core.utils import ensure_async
from tornado.web import HTTPError

from jupyter_kit.errors import InvalidInput, Kind, NotFound, UnsupportedFormat
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.server import house
from jupyter_kit.oci.reference import LAYOUT_PREFIX
from jupyter_kit.readable import visible

IN_WORKSPACE = ("paths", "path", "notebook")
"""Options that name files of the workspace."""

BELOW_ROOT = ("into", "kitfile", "target", "ca_file", "client_cert", "client_key")
"""Options that name files which may lie beside the workspace, below the server's root."""

REFERENCES = ("reference", "destination", "repository", "before", "after", "names", "name", "tag")
"""Options that may name an OCI layout, which is a folder."""


NAME_BYTES_MAX, PATH_BYTES_MAX = 255, 4095
"""What file systems of Linux can have; those of others have less."""


@dataclass(frozen=True)
class Place:
    """A folder that somebody asks about: where it is, and the workspace that it is in, None where it is in none."""

    folder: Path
    workspace: Path | None


class Folders:
    """The folders of one server. ``layouts_outside``: whether references may name OCI layouts outside of the server's root."""

    def __init__(self, contents: Any, *, layouts_outside: bool = False) -> None:
        self._contents = contents
        self._layouts_outside = layouts_outside

    @property
    def root(self) -> Path:
        """The folder that API paths are relative to. Raises UnsupportedFormat where the contents manager keeps no files."""
        if not hasattr(self._contents, "_get_os_path"):
            raise UnsupportedFormat(
                f"{type(self._contents).__name__} keeps documents elsewhere than in files, so there is no folder to keep versions of.",
                hint="Start Jupyter with its own contents manager, on a folder.",
            )
        return Path(os.path.abspath(self._contents.root_dir))

    async def check_shown(self, api_path: str, kind: Kind = Kind.NO_WORKSPACE) -> None:
        """Raise NotFound for a path that is hidden from whoever uses this server."""
        self._os_path(api_path)
        if not self._contents.allow_hidden and await ensure_async(self._contents.is_hidden(api_path.strip("/"))):
            raise NotFound(
                f"This server does not show “{api_path}”.", kind=kind, hint="It hides files whose name begins with a dot.", path=api_path
            )

    def place(self, api_path: str) -> Place:
        """The folder and its workspace. Raises InvalidInput (outside-workspace) where the workspace begins above the server's root."""
        folder = self._os_path(api_path)
        try:
            workspace = house.find_workspace(folder)
        except NotFound as error:
            if not folder.is_dir():
                raise NotFound(
                    f"There is no folder “{api_path}”.", kind=Kind.NO_WORKSPACE, hint="Choose another folder.", path=api_path
                ) from error
            return Place(folder, None)
        if not workspace.is_relative_to(self.root):
            raise InvalidInput(
                f"The workspace {workspace} begins above the folder that this server shows.",
                kind=Kind.OUTSIDE_WORKSPACE,
                hint="Start Jupyter in the workspace's folder, or make a workspace here.",
                path=api_path,
            )
        return Place(folder, workspace)

    def workspace(self, api_path: str) -> Path:
        """The workspace that a folder is in. Raises NotFound (no-workspace), and as :meth:`place`."""
        return self.place(api_path).workspace or self.missing(api_path)

    def missing(self, api_path: str) -> NoReturn:
        """Raise NotFound for a folder that is in no workspace."""
        raise NotFound(
            f"“{api_path}” is not in a workspace.", kind=Kind.NO_WORKSPACE, hint="Make it one with the verb init.", path=api_path
        )

    def api_path(self, folder: Path) -> str:
        """A folder below the root, as the contents manager calls it; the root itself is the empty path."""
        path = folder.relative_to(self.root).as_posix()
        return "" if path == "." else path

    def check_inside(self, path: str) -> None:
        """Raise InvalidInput (outside-workspace) for what is no path of a file in a workspace."""
        if not path:
            raise InvalidInput("The path of a file is missing.", hint="Send it along as “path”.")
        _relative(path, "path")

    def guard(self, options: Options, folder: Path) -> None:
        """Refuse options that lead out of the workspace or of what this server shows. Relative paths begin in ``folder``."""
        given = vars(options)
        for name in IN_WORKSPACE:
            for path in _many(given.get(name)):
                _relative(path, name)
        for name in BELOW_ROOT:
            for path in _many(given.get(name)):
                self._below_root(path, folder, name)
        for name in REFERENCES:
            for reference in _many(given.get(name)):
                if reference.startswith(LAYOUT_PREFIX) and not self._layouts_outside:
                    self._below_root(reference.removeprefix(LAYOUT_PREFIX), folder, name)

    def _below_root(self, path: str, folder: Path, name: str) -> None:
        place = Path(os.path.normpath(folder / _relative(path, name, up=True)))
        if not place.is_relative_to(self.root):
            raise _outside(path, name)
        hidden = any(part.startswith(".") for part in place.relative_to(folder if place.is_relative_to(folder) else self.root).parts)
        if hidden and not self._contents.allow_hidden:
            raise InvalidInput(
                f"“{path}” ({name}) is hidden, and this server does not show hidden files.", kind=Kind.OUTSIDE_WORKSPACE, path=path
            )

    def _os_path(self, api_path: str) -> Path:
        root = self.root
        path = _relative(api_path.strip("/"), "folder")
        try:
            return Path(self._contents._get_os_path(path)) if path else root
        except HTTPError:
            raise _outside(api_path, "folder") from None


def _many(value: object) -> list[str]:
    return [] if value is None else [str(one) for one in (value if isinstance(value, list) else [value])]


def _relative(path: str, name: str, *, up: bool = False) -> str:
    """The path where it is a relative one; ``up`` where it may begin by going up."""
    if not _can_be(path):
        raise InvalidInput(f"“{visible(path[:80])}” ({name}) is no path of a file.", hint="Names have 255 bytes at most.")
    if "\0" in path or PurePosixPath(path).is_absolute() or os.path.splitdrive(path)[0]:
        raise _outside(path, name)
    if not up and ".." in PurePosixPath(path.replace(os.sep, "/")).parts:
        raise _outside(path, name)
    return path


def _can_be(path: str) -> bool:
    """A file system can have such a name at all."""
    try:
        name = os.fsencode(path)
    except UnicodeEncodeError:
        return False
    return len(name) <= PATH_BYTES_MAX and all(len(part) <= NAME_BYTES_MAX for part in name.split(b"/"))


def _outside(path: str, name: str) -> InvalidInput:
    return InvalidInput(
        f"“{path}” ({name}) lies outside of what this server shows.",
        kind=Kind.OUTSIDE_WORKSPACE,
        hint="Give a path relative to the folder; what lies elsewhere is reached with “jupyter kit” in a terminal.",
        path=path,
    )
