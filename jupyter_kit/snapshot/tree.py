"""The entries of a snapshot as a tree: what a folder holds, and what a path leads to."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from functools import cached_property

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.snapshot.snapshot import FileEntry

LINKS_MAX = 40
"""Symlinks followed on one way, as on Linux (path_resolution(7)): more are a circle."""

SUGGESTIONS_MAX = 10_000
"""Paths compared for a suggestion: more would make a typing error wait."""

FOLDER_MODE = 0o755
"""The mode of a folder that has no entry of its own; see :class:`FileEntry`."""


class Tree:
    """The files, symlinks and folders of one snapshot. ``id`` is the snapshot's.

    Symlinks are followed inside the snapshot, however many lie on the way. One that leads out of it, and every one to an absolute path,
    leads nowhere: what is there now is not what was there then.
    """

    def __init__(self, snapshot_id: str, entries: tuple[FileEntry, ...]) -> None:
        self.id = snapshot_id
        self.entries = entries

    @cached_property
    def _by_path(self) -> dict[str, FileEntry]:
        """Every entry, and one for each folder that has none of its own; the workspace itself has the empty path."""
        found = {"": FileEntry("", "folder", FOLDER_MODE, 0, 0)}
        for entry in self.entries:
            for folder in _above(entry.path):
                if folder in found:
                    break
                found[folder] = FileEntry(folder, "folder", FOLDER_MODE, 0, 0)
            found[entry.path] = entry
        return found

    @cached_property
    def _in_folder(self) -> dict[str, list[FileEntry]]:
        found: dict[str, list[FileEntry]] = {path: [] for path, entry in self._by_path.items() if entry.kind == "folder"}
        for path, entry in self._by_path.items():
            if path:
                found[path.rpartition("/")[0]].append(entry)
        return {path: sorted(entries, key=lambda entry: entry.path) for path, entries in found.items()}

    def find(self, path: str, *, follow: bool = True) -> FileEntry:
        """The entry that a path leads to; without ``follow`` a symlink at its end is returned itself. Raises NotFound."""
        place = self._way(path, follow=follow)
        entry = self._by_path.get(place)
        if entry is None:
            raise self._unknown(path, place)
        return entry

    def file(self, path: str) -> FileEntry:
        """The file that a path leads to. Raises NotFound, and InvalidInput for a folder."""
        entry = self.find(path)
        if entry.kind != "file":
            raise InvalidInput(f"“{path}” is a folder in the snapshot {self.id[:10]}.", hint="Name a file in it.", path=path)
        return entry

    def list(self, folder: str = "") -> tuple[FileEntry, ...]:
        """What a folder holds, sorted, symlinks as themselves. Raises NotFound, and InvalidInput for a file."""
        entry = self.find(folder)
        if entry.kind != "folder":
            raise InvalidInput(f"“{folder}” is a file in the snapshot {self.id[:10]}.", hint="Name a folder.", path=folder)
        return tuple(self._in_folder[entry.path])

    def _way(self, path: str, *, follow: bool) -> str:
        """The path with no symlink left on it."""
        left = path.split("/")[::-1]
        place: list[str] = []
        links = 0
        while left:
            word = left.pop()
            if word in ("", "."):
                continue
            if word == "..":
                if not place:
                    raise _leads_out(path, "..")
                place.pop()
                continue
            entry = self._by_path.get("/".join([*place, word]))
            if entry is None or entry.kind != "symlink" or not (follow or left):
                place.append(word)
                continue
            links += 1
            if entry.target.startswith("/"):
                raise _leads_out(path, entry.target)
            if links > LINKS_MAX:
                raise NotFound(f"“{path}” leads through symlinks in a circle.", hint="Name the file itself.", path=path)
            left.extend(entry.target.split("/")[::-1])
        return "/".join(place)

    def _unknown(self, path: str, place: str) -> NotFound:
        led = "" if path.strip("/") == place else f", where a symlink leads to “{place}”"
        close = get_close_matches(place, list(self._by_path)[:SUGGESTIONS_MAX], n=1)
        hint = f"Did you mean “{close[0]}”?" if close else f"Run “jupyter kit show {self.id[:10]}” to see its files."
        return NotFound(f"“{path}” is not in the snapshot {self.id[:10]}{led}.", hint=hint, path=path)


def _above(path: str) -> Iterator[str]:
    """Every folder that a path lies in, the nearest first, without the workspace itself."""
    while path := path.rpartition("/")[0]:
        yield path


def _leads_out(path: str, target: str) -> NotFound:
    return NotFound(
        f"“{path}” leads out of the snapshot, to “{target}”, and what is there was not kept.", hint="Name a file that was kept.", path=path
    )
