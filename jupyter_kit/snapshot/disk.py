"""The files of a folder as rollback and unpack change them: each call is one step, inside the folder, and never through a symlink.

Where the system can, every name is used relative to its open folder, and folders are opened one by one without following symlinks; so
nothing outside is reached, whatever somebody puts in a folder's place meanwhile. Windows has no such calls: there the folders above are
looked at before each step.

Contents are written to a staging folder on the same file system first, made durable together, and then moved into place by renaming.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

from jupyter_kit import system
from jupyter_kit.errors import Conflict, InvalidInput, Kind, KitError, StoreFull, StoreUnavailable
from jupyter_kit.snapshot.ignore import OWN_FOLDER, STAGING_FOLDER

SYNCED_ALONE = 8
"""Up to this many files, or folders with new names, are made durable one by one; more by one call for the whole file system."""

LOCK = "lock"
"""The file that is locked, in the staging folder."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
_PRIVATE = 0o600
_GONE = (FileNotFoundError, NotADirectoryError)


class Disk:
    """The hands of one rollback or unpack. Holds a lock, so that two in one folder do not meet; use it as a context manager.

    A workspace stages in its ``.kit``; another folder in one of its own, which goes at the end.
    """

    def __init__(self, workspace: Path) -> None:
        """Raises Conflict (store-busy) where another one is under way, StoreUnavailable where nothing may be written."""
        self._workspace = workspace
        own = workspace / OWN_FOLDER
        self._lasting = own.is_dir()
        self._staging = own / "rollback" if self._lasting else workspace / STAGING_FOLDER
        with _told(str(workspace)):
            self._staging.mkdir(exist_ok=True)
            found = os.stat(own if self._lasting else self._staging, follow_symlinks=self._lasting)
            if not stat.S_ISDIR(found.st_mode):
                raise FileExistsError(errno.EEXIST, "not a folder", str(self._staging))
            self._own = (found.st_dev, found.st_ino)
            self._lock = os.open(self._staging / LOCK, os.O_RDWR | os.O_CREAT, _PRIVATE)
        self._open: list[tuple[str, int]] = []
        self._areas: dict[int, Path] = {}
        self._staged: list[str] = []
        self._area_of: dict[str, Path] = {}
        self._touched: set[str] = set()
        self._each = False
        if not system.lock(self._lock, exclusive=True) or not self._holds_lock():
            os.close(self._lock)
            raise Conflict(
                f"Another rollback or unpack is writing to {workspace}.",
                kind=Kind.STORE_BUSY,
                hint="Wait until it is done, then look again.",
            )
        with _told(str(workspace)):
            _empty(self._staging)
            self._root = os.open(workspace, os.O_RDONLY) if system.RELATIVE else -1
            self._areas[os.stat(self._staging).st_dev] = self._staging

    def __enter__(self) -> Disk:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._leave(0)
        if self._root >= 0:
            os.close(self._root)
        for area in self._areas.values():
            with suppress(OSError):  # What is left here is ignored, and removed by the next one.
                _empty(area)
                if area != self._staging:
                    area.rmdir()
                elif not self._lasting:
                    (area / LOCK).unlink()
                    area.rmdir()
        os.close(self._lock)

    def _holds_lock(self) -> bool:
        """Whether what was locked is still there: whoever held it before may have removed it with its folder."""
        try:
            return os.path.samestat(os.fstat(self._lock), os.stat(self._staging / LOCK))
        except FileNotFoundError:
            return False

    def look(self, path: str) -> os.stat_result | None:
        """What stands at ``path`` itself; None where nothing does, or where a folder above is none."""
        try:
            name, folder = self._place(path)
            return os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if isinstance(error, _GONE) or error.errno == errno.ELOOP:
                return None
            raise told(error, path) from error

    def is_writable(self, path: str) -> bool:
        """Whether names may be changed in the folder at ``path``, or in the nearest above it that exists."""
        while path and ((found := self.look(path)) is None or not stat.S_ISDIR(found.st_mode)):
            path = path.rpartition("/")[0]
        return os.access(self._workspace / path, os.W_OK | os.X_OK, effective_ids=os.access in os.supports_effective_ids)

    def expect(self, files: int) -> None:
        """Say how many files will be staged: few are made durable one by one, so that one file need not wait for what others write."""
        self._each = files <= SYNCED_ALONE

    def stage_file(self, path: str, mode: int, mtime_ns: int, write: Callable[[int], None]) -> int:
        """Make the file that ``path`` will be: ``write`` fills the open descriptor. Returns its number for :meth:`move`."""
        place = self._new_place(path)
        with _told(path):
            descriptor = os.open(place, _CREATE, _PRIVATE)
            try:
                write(descriptor)
                _finish(descriptor, place, mode, mtime_ns)
                if self._each:
                    system.sync_data(descriptor)
            finally:
                os.close(descriptor)
        return len(self._staged) - 1

    def stage_symlink(self, path: str, target: str) -> int:
        """Make the symlink that ``path`` will be."""
        place = self._new_place(path)
        with _told(path):
            os.symlink(target, place)
        return len(self._staged) - 1

    def sync(self) -> None:
        """Make everything staged durable."""
        with _told(str(self._workspace)):
            for area in self._areas.values():
                if self._each:
                    system.sync_folder(area)
                else:
                    system.sync_file_system(area)

    def sync_moved(self) -> None:
        """Make the new names durable."""
        with _told(str(self._workspace)):
            if len(self._touched) > SYNCED_ALONE:
                for area in self._areas.values():
                    system.sync_file_system(area)
                return
            for folder in self._touched:
                with suppress(*_GONE):  # Removed meanwhile, which is a change of the folder above.
                    system.sync_folder(self._workspace / folder)

    def move(self, number: int, path: str) -> None:
        """Put what was staged in the place of what stands at ``path``, in one step."""
        with _told(path):
            name, folder = self._place(path)
            os.replace(self._staged[number], name, dst_dir_fd=folder)
        self._touched.add(path.rpartition("/")[0])

    def make_folder(self, path: str) -> None:
        """Make a folder, private until it has what belongs in it."""
        with _told(path):
            name, folder = self._place(path)
            os.mkdir(name, stat.S_IRWXU, dir_fd=folder)
        self._touched.add(path.rpartition("/")[0])

    def set_mode(self, path: str, mode: int) -> None:
        """Set the permission bits of a file or folder."""
        with _told(path):
            name, folder = self._place(path)
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            if stat.S_ISLNK(found.st_mode):
                raise changed_meanwhile(path)
            os.chmod(name, mode, dir_fd=folder)

    def remove(self, path: str) -> None:
        """Remove a file or symlink."""
        with _told(path):
            name, folder = self._place(path)
            os.unlink(name, dir_fd=folder)
        self._touched.add(path.rpartition("/")[0])

    def remove_folder(self, path: str) -> bool:
        """Remove a folder, if it is empty."""
        self._leave(0)
        with _told(path):
            name, folder = self._place(path)
            try:
                os.rmdir(name, dir_fd=folder)
            except OSError as error:
                if error.errno in (errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY):  # Not empty, or a mount point.
                    return False
                raise
        self._touched.add(path.rpartition("/")[0])
        return True

    def _place(self, path: str) -> tuple[str, int | None]:
        """The name of ``path`` and the open folder that it is relative to. Raises OSError."""
        folder, _, name = path.rpartition("/")
        if system.RELATIVE:
            return name, self._enter(folder.split("/") if folder else [])
        if set(path) & set("\\:"):
            raise InvalidInput(
                f"“{path}” cannot be the name of a file on this system.", hint="Leave it out, and name the others.", path=path
            )
        place = self._workspace
        for part in folder.split("/") if folder else ():
            place /= part
            found = os.lstat(place)
            if not stat.S_ISDIR(found.st_mode) or getattr(found, "st_reparse_tag", None):
                raise NotADirectoryError(errno.ENOTDIR, "not a folder", str(place))
        return str(self._workspace / path), None

    def _enter(self, parts: list[str]) -> int:
        """The open folder at ``parts``. The way to the last one stays open: neighbours are asked for one after another."""
        shared = 0
        while shared < min(len(parts), len(self._open)) and self._open[shared][0] == parts[shared]:
            shared += 1
        self._leave(shared)
        for part in parts[shared:]:
            descriptor = os.open(part, system.OPEN_FOLDER, dir_fd=self._open[-1][1] if self._open else self._root)
            self._open.append((part, descriptor))
            found = os.fstat(descriptor)
            if (found.st_dev, found.st_ino) == self._own:
                raise InvalidInput(f"“{'/'.join(parts)}” is the workspace's own “{OWN_FOLDER}”.", hint="Nothing was written there.")
        return self._open[-1][1] if self._open else self._root

    def _leave(self, depth: int) -> None:
        while len(self._open) > depth:
            os.close(self._open.pop()[1])

    def _new_place(self, path: str) -> str:
        """Where to stage what ``path`` will be."""
        folder = path.rpartition("/")[0]
        area = self._area_of.get(folder)
        if area is None:
            area = self._area_of[folder] = self._area(folder)
        self._staged.append(f"{area}{os.sep}{len(self._staged)}")
        return self._staged[-1]

    def _area(self, folder: str) -> Path:
        """The staging folder on the file system that ``folder`` is on, or will be: renaming does not cross file systems."""
        while folder and ((found := self.look(folder)) is None or not stat.S_ISDIR(found.st_mode)):
            folder = folder.rpartition("/")[0]
        with _told(folder):
            device = os.stat(self._workspace / folder, follow_symlinks=not folder).st_dev
            if device not in self._areas:
                area = self._workspace / folder / STAGING_FOLDER
                area.mkdir(mode=0o700, exist_ok=True)
                _empty(area)
                self._areas[device] = area
        return self._areas[device]


def _finish(descriptor: int, place: str, mode: int, mtime_ns: int) -> None:
    if os.utime in os.supports_fd:
        os.fchmod(descriptor, mode)
        os.utime(descriptor, ns=(mtime_ns, mtime_ns))
    else:
        os.utime(place, ns=(mtime_ns, mtime_ns))
        os.chmod(place, mode)


def _empty(area: Path) -> None:
    """Remove what an earlier one left: staged contents are called by their number."""
    for place in area.iterdir():
        if place.name.isdigit():
            place.unlink()


@contextmanager
def _told(path: str) -> Iterator[None]:
    """Tell the system's errors as ours, with the path in the workspace: the system knows only the last name of it."""
    try:
        yield
    except OSError as error:
        raise told(error, path) from error


def told(error: OSError, path: str) -> KitError:
    """The system's error as ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"There is no room on the disk for “{path}”.", hint="Free some space, then run the same command again.", path=path)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return not_permitted(path)
    if isinstance(error, (*_GONE, FileExistsError, IsADirectoryError)) or error.errno in (errno.ELOOP, errno.ENOTEMPTY):
        return changed_meanwhile(path)
    return StoreUnavailable(
        f"“{path}” cannot be written: {error.strerror}.", hint="Check the disk, then run the same command again.", path=path
    )


def not_permitted(path: str) -> KitError:
    """A file that may not be changed."""
    return StoreUnavailable(
        f"“{path}” may not be changed by you.",
        kind=Kind.PERMISSION_DENIED,
        hint="Change its permissions or its folder's, then try again.",
        path=path,
    )


def changed_meanwhile(path: str) -> Conflict:
    """A file that is not any more what the safety snapshot holds."""
    return Conflict(
        f"Something else changed “{path}” in the meantime.", kind=Kind.FILE_CHANGED, hint="Run the same command again.", path=path
    )
