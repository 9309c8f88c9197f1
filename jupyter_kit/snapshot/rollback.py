"""Carrying out the plan of a rollback on the disk. See ``restore`` for the order of its writes, and what it is for."""

from __future__ import annotations

import stat
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import KitError
from jupyter_kit.progress import Progress, phase
from jupyter_kit.snapshot.disk import Disk, changed_meanwhile, not_permitted
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackStep
from jupyter_kit.snapshot.scan import USUAL_FOLDER_MODE
from jupyter_kit.snapshot.statcache import NEVER, Stamp, stamp_of
from jupyter_kit.snapshot.steps import Trees
from jupyter_kit.store.store import Store

SMALL_BYTES = MIB
"""Up to this, a file is read from the store together with its neighbours, ahead of being written."""

_OWNER_WRITES = stat.S_IWUSR | stat.S_IXUSR


class Rollback:
    """One plan being carried out."""

    def __init__(self, store: Store, disk: Disk, planned: RollbackPlan, trees: Trees, stamps: Mapping[str, Stamp]) -> None:
        """``stamps`` are those of the files of ``trees.current`` when the safety snapshot was taken."""
        self._store, self._disk = store, disk
        self._plan, self._stamps = planned, stamps
        self._current, self._target = trees
        self._there: set[str] = set()
        self._gone: dict[str, bool] = {}
        self._made: list[str] = []

    def run(self, progress: Progress) -> None:
        """Do all of it. See :func:`jupyter_kit.snapshot.restore.apply` for what it raises."""
        self._check_permissions()
        staged = self._stage(progress)
        self._disk.sync()
        for step in self._plan.steps:
            self._check_untouched(step.path)
        try:
            self._carry_out(staged)
        except KitError as error:
            error.hint = f"{error.hint} Some files are as in {self._plan.snapshot[:10]} already; running it again finishes the rollback."
            raise

    def _check_permissions(self) -> None:
        """Raises StoreUnavailable (permission-denied) for the first folder in which names may not be changed."""
        opened = {step.path for step in self._steps("mode") if self._is_opened(step.path)}
        seen: set[str] = set()
        for step in self._steps("folder", "write", "symlink", "delete"):
            folder = step.path.rpartition("/")[0]
            while folder and folder not in self._current.folders:
                folder = folder.rpartition("/")[0]
            if folder not in seen:
                seen.add(folder)
                if folder not in opened and not self._disk.is_writable(folder):
                    raise not_permitted(folder or ".")

    def _is_opened(self, path: str) -> bool:
        """A folder that its owner may write in, in the snapshot."""
        mode = self._target.folder_mode(path)
        return mode is not None and mode & _OWNER_WRITES == _OWNER_WRITES

    def _steps(self, *actions: str) -> list[RollbackStep]:
        return [step for step in self._plan.steps if step.action in actions]

    def _stage(self, progress: Progress) -> dict[str, int]:
        """Make every new file and symlink beside the workspace's; returns their numbers by path."""
        staged: dict[str, int] = {}
        writes = self._steps("write")
        self._store.bring([self._target.entries[step.path].root for step in writes], progress)
        small = [step for step in writes if step.size <= SMALL_BYTES]
        self._disk.expect(len(writes))
        with phase(progress, "Writing files", total=self._plan.bytes):
            wanted = ((self._target.entries[step.path].root, step.path) for step in small)
            with closing(self._store.contents(wanted)) as contents:
                for step, content in zip(small, contents, strict=True):
                    staged[step.path] = self._stage_file(step.path, partial(system.write, buffers=content))
                    progress.advance(step.size, path=step.path)
            for step in writes:
                if step.path not in staged:
                    root = self._target.entries[step.path].root
                    staged[step.path] = self._stage_file(step.path, partial(self._store.restore, root, progress=progress, name=step.path))
            for step in self._steps("symlink"):
                staged[step.path] = self._disk.stage_symlink(step.path, self._target.entries[step.path].target)
        return staged

    def _stage_file(self, path: str, write: Callable[[int], None]) -> int:
        entry = self._target.entries[path]
        return self._disk.stage_file(path, entry.mode, entry.mtime_ns, write)

    def _check_untouched(self, path: str) -> None:
        """What is about to be replaced or removed has to be what the safety snapshot holds. Raises Conflict (file-changed)."""
        before = self._stamps.get(path)
        if before is None:
            expected = path in self._current.folders or self._is_gone(path.rpartition("/")[0])
            if not expected and self._disk.look(path) is not None:
                raise changed_meanwhile(path)
            return
        found = self._disk.look(path)
        if found is None:
            return
        now = stamp_of(found)
        if before.ctime_ns == NEVER:
            now = now._replace(ctime_ns=NEVER)
        if now != before:
            raise changed_meanwhile(path)

    def _is_gone(self, folder: str) -> bool:
        """Whether there is no such folder, and so nothing in it. Each is looked for once."""
        if not folder or folder in self._current.folders:
            return False
        gone = self._gone.get(folder)
        if gone is None:
            gone = self._is_gone(folder.rpartition("/")[0]) or self._disk.look(folder) is None
            self._gone[folder] = gone
        return gone

    def _carry_out(self, staged: dict[str, int]) -> None:
        modes = self._steps("mode")
        opened = [step for step in modes if self._is_opened(step.path)]
        for step in opened:
            self._set_mode(step.path)
        removed = self._make_way()
        for step in self._steps("folder"):
            self._make_folders(step.path)
        for path, number in staged.items():
            self._make_folders(path.rpartition("/")[0])
            if path not in self._stamps and self._disk.look(path) is not None:  # Made since all were looked at: its folder may be new.
                raise changed_meanwhile(path)
            self._disk.move(number, path)
        for step in self._steps("delete"):
            if step.path not in removed and self._current.leaf(step.path):
                self._disk.remove(step.path)
        self._remove_folders([step.path for step in self._steps("delete")])
        for path in reversed(self._made):
            self._disk.set_mode(path, self._target.folder_mode(path) or USUAL_FOLDER_MODE)
        for step in modes:
            if step not in opened:
                self._set_mode(step.path)
        self._disk.sync_moved()

    def _set_mode(self, path: str) -> None:
        entry = self._target.entries.get(path)
        self._disk.set_mode(path, entry.mode if entry else USUAL_FOLDER_MODE)

    def _make_way(self) -> set[str]:
        """Remove what stands where something of another kind goes: a file in a folder's place, a folder in a file's."""
        removed: set[str] = set()
        for step in self._steps("folder", "delete"):
            if self._current.leaf(step.path) and step.path in self._target.folders:
                self._disk.remove(step.path)
                removed.add(step.path)
        for step in self._steps("write", "symlink"):
            if step.path in self._current.folders:
                inner = [path for path in self._current.entries if path.startswith(f"{step.path}/")]
                for path in inner:
                    if self._current.leaf(path):
                        self._disk.remove(path)
                        removed.add(path)
                self._remove_folders([*inner, f"{step.path}/"])
        return removed

    def _make_folders(self, path: str) -> None:
        """Make a folder, and those above it, where they are not there yet."""
        if not path or path in self._there:
            return
        self._make_folders(path.rpartition("/")[0])
        found = self._disk.look(path)
        if found is None or not stat.S_ISDIR(found.st_mode):
            self._disk.make_folder(path)
            self._made.append(path)
        self._there.add(path)

    def _remove_folders(self, paths: list[str]) -> None:
        """Remove the folders that held ``paths`` and are not in the snapshot, from the inside out; one that is not empty stays."""
        folders: set[str] = set()
        for path in paths:
            folder = path if path in self._current.folders else path.rpartition("/")[0]
            while folder and folder not in self._target.folders:
                folders.add(folder)
                folder = folder.rpartition("/")[0]
        for folder in sorted(folders, key=lambda path: path.count("/"), reverse=True):
            found = self._disk.look(folder)
            if found is not None and stat.S_ISDIR(found.st_mode):
                self._disk.remove_folder(folder)
