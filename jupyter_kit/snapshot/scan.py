"""Walking the workspace: which files there are now, and which of them are as the stat cache has them.

Nothing is read here but names, stamps, the text of symlinks, and the beginning of what may be a private key. In an unchanged workspace
not even the cache's rows are: the walk makes a fingerprint of each folder, and the tree's row knows them all.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from jupyter_kit import system
from jupyter_kit.errors import Kind, NotFound
from jupyter_kit.snapshot.ignore import (
    KEY_SNIFF_BYTES,
    PRIVATE_KEY,
    Rules,
    Verdict,
    holds_private_key,
    may_be_key,
    read_rules,
    secret_reason,
)
from jupyter_kit.snapshot.listing import BATCH_FOLDERS, HELPED_FILES, Listed, SecondProcess, Summary, list_folder, summarise
from jupyter_kit.snapshot.snapshot import Skipped
from jupyter_kit.snapshot.statcache import (
    TREE_KEY,
    Stamp,
    TreeRow,
    decode_folder,
    decode_tree,
    fingerprint_in,
    folder_key,
    stamp_of,
)

Rows = Callable[[Iterable[bytes]], list[bytes | None]]
"""The stat cache: rows by their keys, None where there is none."""

USUAL_FOLDER_MODE = 0o755
"""A folder with another mode is an entry of its own, so that a private folder comes back private."""

_KINDS = {stat.S_IFSOCK: "a socket", stat.S_IFIFO: "a pipe", stat.S_IFBLK: "a device", stat.S_IFCHR: "a device"}


@dataclass(slots=True)
class Found:
    """A file or symlink that is kept. ``root`` is None until the file is read, and empty for a symlink; so is ``base``, the root it had
    when its content was kept last, where it is not known."""

    name: str
    stamp: Stamp
    root: str | None
    base: str = ""
    target: str = ""


@dataclass(slots=True)
class Folder:
    """A folder of the walk. ``ignored`` says that it is only walked because something below may be brought back.

    Where ``changed``, ``found`` and ``skipped`` say what is in it; where not, the stat cache does. ``trusted`` is False where it has to be
    looked at again next time.
    """

    path: str
    mode: int
    ignored: bool
    fingerprint: bytes
    changed: bool = False
    trusted: bool = True
    found: list[Found] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """What the paths in it begin with."""
        return f"{self.path}/" if self.path else ""


class _Ahead(NamedTuple):
    """A folder still to be walked."""

    path: str
    mode: int
    ignored: bool


class Scan:
    """The workspace as one walk found it."""

    def __init__(self, workspace: Path, rows: Rows) -> None:
        """Walks. Raises NotFound where there is no such folder, InvalidInput (invalid-ignore-file)."""
        self.workspace = workspace
        self.rules: Rules = read_rules(workspace)
        self.folders: list[Folder] = []
        self.skipped: list[Skipped] = []
        """Whole folders that are left out by name."""
        self.tree: TreeRow | None = decode_tree(rows([TREE_KEY])[0])
        self.complete = True
        """No folder was unreadable: the next walk may be compared with this one."""
        self._rows = rows
        self._known = self.tree.fingerprints if self.tree else frozenset()
        self._walk()

    @property
    def unchanged(self) -> bool:
        """Everything is as the tree's row has it."""
        # A fingerprint covers its folder's path, so as many as are known and all known means: the very same folders.
        return self.complete and len(self.folders) == len(self._known) and not any(folder.changed for folder in self.folders)

    @property
    def changed(self) -> Iterator[Folder]:
        """Folders with something that the stat cache does not know."""
        return (folder for folder in self.folders if folder.changed)

    def cached(self) -> dict[str, bytes]:
        """The rows of unchanged folders, by path. A folder whose row is gone or newer is looked at again, and is changed from then on."""
        unchanged = [folder for folder in self.folders if not folder.changed]
        rows = self._rows([folder_key(folder.path) for folder in unchanged])
        held: dict[str, bytes] = {}
        for folder, value in zip(unchanged, rows, strict=True):
            if value is not None and fingerprint_in(value) == folder.fingerprint:
                held[folder.path] = value
                continue
            listed = self._list(folder.path)
            if listed is None:
                folder.changed, folder.trusted, folder.ignored = True, False, True
            else:
                folder.fingerprint = summarise(folder.path, listed, self.rules.fingerprint).fingerprint
                self._examine(folder, listed)
        return held

    def _walk(self) -> None:
        try:
            root = os.stat(self.workspace)
        except OSError as error:
            raise NotFound(
                f"There is no folder {self.workspace}.", kind=Kind.NO_WORKSPACE, hint="Check the path.", path=str(self.workspace)
            ) from error
        ahead = [_Ahead("", stat.S_IMODE(root.st_mode), ignored=False)]
        worthwhile = self.tree is not None and self.tree.file_count >= HELPED_FILES
        with closing(SecondProcess(str(self.workspace), self.rules.fingerprint, worthwhile=worthwhile)) as second:
            while ahead:
                batch = [ahead.pop() for _ in range(min(len(ahead), BATCH_FOLDERS))]
                ours = len(batch) // 2 + 1 if second.runs else len(batch)
                second.ask([inner.path for inner in batch[ours:]])
                for inner in batch[:ours]:
                    self._visit(inner, None, ahead)
                for inner, summary in zip(batch[ours:], second.answer(len(batch) - ours), strict=True):
                    self._visit(inner, summary, ahead)

    def _visit(self, place: _Ahead, summary: Summary | None, ahead: list[_Ahead]) -> None:
        """Take in one folder, and what is in it where the cache does not know it. ``summary`` is what the second process said of it."""
        path, listed = place.path, None
        if summary is None or summary.fingerprint not in self._known:
            listed = self._list(path)
            if listed is None:
                return
            summary = summarise(path, listed, self.rules.fingerprint)
        if summary.environment and path and not self.rules.named(path):
            return
        folder = Folder(path, place.mode, place.ignored, summary.fingerprint)
        self.folders.append(folder)
        for name, mode in summary.folders:
            inner = f"{folder.prefix}{name}"
            verdict = self.rules.verdict(inner)
            if verdict is Verdict.KEPT or (verdict is Verdict.IGNORED and self.rules.may_keep_below(inner)):
                ahead.append(_Ahead(inner, stat.S_IMODE(mode), verdict is not Verdict.KEPT))
            elif verdict is Verdict.NAMED:
                self.skipped.append(Skipped(inner, secret_reason(inner)))
        if listed is not None and summary.fingerprint not in self._known:
            self._examine(folder, listed)

    def _list(self, path: str) -> Listed | None:
        """Names and stat results in a folder; None where it is gone or cannot be read, which is then said."""
        try:
            return list_folder(str(self.workspace), path)
        except (FileNotFoundError, NotADirectoryError):
            self.complete = False  # Gone since its parent was listed, or a symlink now.
        except OSError as error:
            self.complete = False
            self.skipped.append(Skipped(path or ".", f"a folder that cannot be read: {error.strerror}"))
        return None

    def _examine(self, folder: Folder, listed: Listed) -> None:
        """Decide on each entry of a folder that is not as the cache has it. What the cache knows of its files still counts."""
        folder.changed = True
        row = decode_folder(self._rows([folder_key(folder.path)])[0])
        positions = {name: position for position, name in enumerate(row.names)} if row else {}
        for name, found in zip(*listed, strict=True):
            if stat.S_ISDIR(found.st_mode):
                continue
            path = f"{folder.prefix}{name}"
            verdict = self.rules.verdict(path)
            if verdict is Verdict.IGNORED:
                continue
            if verdict is Verdict.NAMED:
                folder.skipped.append((name, secret_reason(path)))
            elif (special := _KINDS.get(stat.S_IFMT(found.st_mode))) is not None:
                folder.skipped.append((name, special))
            else:
                position = positions.get(name)
                stamp = stamp_of(found)
                if row is None or position is None:
                    self._take(folder, Found(name, stamp, None))
                elif row.stamps[position] == stamp:
                    folder.found.append(Found(name, stamp, row.roots[position], row.roots[position], row.targets.get(name, "")))
                else:
                    self._take(folder, Found(name, stamp, None, row.roots[position]))

    def _take(self, folder: Folder, found: Found) -> None:
        """An entry the cache does not know: the text of a symlink, and whether a file is a private key."""
        path = f"{folder.prefix}{found.name}"
        place = os.path.join(self.workspace, path)
        try:
            if stat.S_ISLNK(found.stamp.mode):
                found.root, found.target = "", os.readlink(place)
            elif may_be_key(found.name) and not self.rules.named(path) and holds_private_key(found.name, _head_of(place)):
                folder.skipped.append((found.name, PRIVATE_KEY))
                return
        except (FileNotFoundError, NotADirectoryError):
            folder.trusted = False  # Gone since the folder was listed, which is a state the workspace had.
            return
        except OSError as error:
            folder.trusted = False
            folder.skipped.append((found.name, f"cannot be read: {error.strerror}"))
            return
        folder.found.append(found)


def _head_of(place: str) -> bytes:
    descriptor = os.open(place, system.OPEN_FILE)
    try:
        return os.read(descriptor, KEY_SNIFF_BYTES)
    finally:
        os.close(descriptor)
