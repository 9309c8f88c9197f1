"""Deciding what a rollback does: a function of two file lists and of what else stands on the disk. Nothing is written here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from jupyter_kit.snapshot.plan import Action, RollbackStep
from jupyter_kit.snapshot.scan import USUAL_FOLDER_MODE
from jupyter_kit.snapshot.snapshot import FileEntry, Skipped

IN_THE_WAY = "something that no snapshot holds stands there"

_ORDER: dict[Action, int] = {"folder": 0, "write": 1, "symlink": 1, "mode": 2, "delete": 3}


@dataclass(frozen=True)
class Steps:
    """What to do, in order, what is left alone and why, and how many files already are as they should be."""

    steps: tuple[RollbackStep, ...]
    left: tuple[Skipped, ...]
    kept: int


class FileTree:
    """A file list as a tree: its entries by path, and every folder it has, whether an entry or only on the way to one."""

    def __init__(self, entries: Iterable[FileEntry]) -> None:
        self.entries: Mapping[str, FileEntry] = {entry.path: entry for entry in entries}
        self.folders = {path for path, entry in self.entries.items() if entry.kind == "folder"}
        for path in self.entries:
            self.folders.update(_above(path, self.folders))

    def __contains__(self, path: str) -> bool:
        return path in self.entries or path in self.folders

    def leaf(self, path: str) -> FileEntry | None:
        """The file or symlink at ``path``."""
        entry = self.entries.get(path)
        return entry if entry is not None and entry.kind != "folder" else None

    def folder_mode(self, path: str) -> int | None:
        """The permission bits of a folder, None where there is none."""
        entry = self.entries.get(path)
        if entry is not None and entry.kind == "folder":
            return entry.mode
        return USUAL_FOLDER_MODE if path in self.folders else None


class Trees(NamedTuple):
    """Where a rollback begins, and where it ends."""

    current: FileTree
    target: FileTree


def decide(trees: Trees, within: Callable[[str], bool], stands: Callable[[str], bool]) -> Steps:
    """The way from one tree to the other, for the paths that are ``within`` what was asked for.

    ``stands(path)`` says whether something at or below ``path``, or in the place of a folder above it, is in no file list: ignored, left
    out or unreadable. Nothing brings that back, so it is never written over.
    """
    current, target = trees
    steps: list[RollbackStep] = []
    left: list[Skipped] = []
    kept = 0
    for path, entry in target.entries.items():
        if not within(path):
            continue
        step = _towards(current, entry)
        if step is None:
            kept += entry.kind != "folder"
        elif step.action != "mode" and current.leaf(path) is None and stands(path):
            left.append(Skipped(path, IN_THE_WAY))
        else:
            steps.append(step)
    steps += _usual_modes(current, target, within)
    steps += _deletions(current, target, within, {step.path for step in steps if step.action != "mode"})
    # What goes goes from the inside out; everything else from the outside in.
    others = sorted((step for step in steps if step.action != "delete"), key=lambda step: (_ORDER[step.action], step.path))
    deletions = sorted((step for step in steps if step.action == "delete"), key=lambda step: step.path, reverse=True)
    return Steps((*others, *deletions), tuple(left), kept)


def _towards(current: FileTree, entry: FileEntry) -> RollbackStep | None:
    """What makes the one path as ``entry`` says."""
    now = current.entries.get(entry.path)
    exists = entry.path in current
    if entry.kind == "folder":
        mode = current.folder_mode(entry.path)
        if mode is None:
            return RollbackStep("folder", entry.path, 0, exists)
        return None if mode == entry.mode else RollbackStep("mode", entry.path, 0, exists=True)
    if entry.kind == "symlink":
        same = now is not None and now.kind == "symlink" and now.target == entry.target
        return None if same else RollbackStep("symlink", entry.path, 0, exists)
    if now is None or now.kind != "file" or now.root != entry.root:
        return RollbackStep("write", entry.path, entry.size, exists)
    return None if now.mode == entry.mode else RollbackStep("mode", entry.path, entry.size, exists=True)


def _usual_modes(current: FileTree, target: FileTree, within: Callable[[str], bool]) -> list[RollbackStep]:
    """Folders with a mode of their own that have the usual one in the snapshot."""
    return [
        RollbackStep("mode", path, 0, exists=True)
        for path, entry in current.entries.items()
        if entry.kind == "folder"
        and path in target.folders
        and path not in target.entries
        and within(path)
        and entry.mode != USUAL_FOLDER_MODE
    ]


def _deletions(current: FileTree, target: FileTree, within: Callable[[str], bool], made: set[str]) -> list[RollbackStep]:
    """What the snapshot does not have, and files that stand where it has folders on the way to something that is made."""
    blocking = {above for path in made for above in _above(path) if current.leaf(above)}
    return [
        RollbackStep("delete", path, entry.size, exists=True)
        for path, entry in current.entries.items()
        if path in blocking or (within(path) and path not in target)
    ]


def _above(path: str, known: Iterable[str] = ()) -> list[str]:
    """The folders above ``path``, the nearest first, up to one that is known."""
    above: list[str] = []
    folder = path.rpartition("/")[0]
    while folder and folder not in known:
        above.append(folder)
        folder = folder.rpartition("/")[0]
    return above
