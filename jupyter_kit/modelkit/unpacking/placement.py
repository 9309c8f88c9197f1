"""Where the entries of layers go: one file for each path, inside the folder, and nothing that a stranger could do harm with.

Pure: it looks at names only. What stands on the disk already is the plan's business.
"""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.archive.reading import ENTRIES_MAX, Member
from jupyter_kit.snapshot.ignore import OWN_FOLDER, STAGING_FOLDER
from jupyter_kit.snapshot.scan import USUAL_FOLDER_MODE
from jupyter_kit.system import refuses_name, same_name

NAME_BYTES_MAX = 255
"""Bytes of one name, as most file systems have it."""

PATH_BYTES_MAX = 4000
"""Bytes of a path: Linux takes 4,095, and the folder that is unpacked to needs some of them."""

DEPTH_MAX = 128
"""Folders inside one another: each is held open while its files are put in their places."""

SET_ID_BITS = 0o6000
"""Permission bits that let a program run as its owner or group."""


@dataclass(frozen=True, slots=True)
class PlacedFile:
    """A file, and the title of the layer that it comes from. ``size`` is in bytes."""

    path: str
    mode: int
    size: int
    origin: str


class Placement:
    """Gathers entries; every one that must not be is refused by its name and its layer's. ``folders`` are their modes by path."""

    def __init__(self) -> None:
        self.files: dict[str, PlacedFile] = {}
        self.folders: dict[str, int] = {}
        self._owners: dict[str, str] = {}
        self._known: dict[str, str] = {}

    def add(self, member: Member, origin: str) -> None:
        """Place one entry. Raises InvalidInput."""
        path = checked_path(member, origin)
        if member.kind == "folder":
            self._add_folder(path, member.mode, origin)
            return
        if not path:
            raise _refused(member.name, origin, "has no name")
        self._add_folder(path.rpartition("/")[0], USUAL_FOLDER_MODE, origin)
        key = same_name(path)
        if key in self._owners or key in self._known:
            raise _refused(path, origin, f"is also in the {self._owners[key]}" if key in self._owners else "is a folder, too")
        self._owners[key] = origin
        self.files[path] = PlacedFile(path, member.mode & 0o777, member.size, origin)
        self._check_count(origin)

    def _add_folder(self, path: str, mode: int, origin: str) -> None:
        """A folder and those above it. The first that names a folder tells its mode, if it is an entry of its own."""
        if not path:
            return
        key = same_name(path)
        if key in self._owners:
            raise _refused(path, origin, f"is a file in the {self._owners[key]}, and here a folder")
        if key not in self._known:
            self._add_folder(path.rpartition("/")[0], USUAL_FOLDER_MODE, origin)
            self._known[key] = path
            self.folders[path] = mode & 0o777
            self._check_count(origin)

    def _check_count(self, origin: str) -> None:
        if len(self.files) + len(self.folders) > ENTRIES_MAX:
            raise InvalidInput(f"There are more than {ENTRIES_MAX:,} entries up to the {origin}.", hint="Unpack fewer layers at a time.")


def checked_path(member: Member, origin: str) -> str:
    """The path of an entry relative to the folder, empty for the folder itself. Raises InvalidInput for what is unsafe."""
    name = member.name
    if member.kind not in ("file", "folder"):
        raise _refused(name, origin, f"is a {member.kind}, which a ModelKit cannot hold")
    if name.startswith("/"):
        raise _refused(name, origin, "is an absolute path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    reasons = (
        (".." in parts, "leads outside"),
        ("\0" in name, "is no name"),
        (len(parts) > DEPTH_MAX, f"is more than {DEPTH_MAX} folders deep"),
        (len(name.encode("utf-8", "surrogateescape")) > PATH_BYTES_MAX, "is too long"),
        (any(len(part.encode("utf-8", "surrogateescape")) > NAME_BYTES_MAX for part in parts), "is too long"),
        (any(part.casefold() in (OWN_FOLDER, STAGING_FOLDER) for part in parts), "belongs to workspaces"),
        (any(map(refuses_name, parts)), "cannot be the name of a file on this system"),
        (member.kind == "file" and bool(member.mode & SET_ID_BITS), "would run with the rights of its owner (setuid)"),
    )
    for wrong, reason in reasons:
        if wrong:
            raise _refused(name, origin, reason)
    return "/".join(parts)


def _refused(name: str, origin: str, reason: str) -> InvalidInput:
    shown = "".join(letter if letter.isprintable() else "\ufffd" for letter in name[:200])
    return InvalidInput(f"“{shown}” in the {origin} {reason}.", hint="Nothing was written. Do not trust where it comes from.", path=shown)
