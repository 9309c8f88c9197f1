"""The one place where operating systems differ: reading at an offset, making bytes durable, locks, and what kind of file system this is.

Linux and macOS are first-class. Windows has a fallback for every call, slower or weaker, never absent. Every durable write of the package
passes through here, so a test that fails the n-th write needs no other seam.
"""

from __future__ import annotations

import errno
import os
import re
import subprocess
import sys
import threading
import time
import unicodedata
from collections.abc import Sequence
from ctypes import CDLL, c_int64, get_errno
from pathlib import Path

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

Buffer = bytes | bytearray | memoryview

IOV_MAX = 1024
"""Buffers one writev takes (POSIX guarantees 16; Linux and macOS take 1,024)."""

LOCK_POLL_SECONDS = 0.02
"""How often a lock that is held elsewhere is asked for again: short enough not to be felt, long enough to cost nothing."""

NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "afs", "afpfs", "ceph", "glusterfs", "lustre", "beegfs", "9p", "webdav"}
    | {f"fuse.{name}" for name in ("ceph-fuse", "gcsfuse", "glusterfs", "juicefs", "rclone", "s3fs", "sshfs")}
)
"""File systems on which memory maps and locks of two machines do not agree, so LMDB must not run there (LMDB documentation, caveats)."""

OPEN_FILE = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""How files of a workspace are opened: never through a symlink, and without blocking, should a pipe have taken the file's place."""

OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)
"""How folders are opened where the system can: never through a symlink. Windows opens no folders."""

_HELD_ELSEWHERE = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.EACCES, errno.EDEADLK, errno.EINTR})
"""What a lock that others hold is told as: flock(2), and the last but one _locking of Windows."""

_MOUNT_ESCAPE = re.compile(rb"\\([0-7]{3})")
"""A space, tab, line feed or backslash in /proc/self/mountinfo, as three octal digits (proc(5))."""

LISTS_INODES = sys.platform != "win32"
"""Listing a folder tells the files' inodes. On Windows it does not (os.DirEntry.stat), so there they tell nothing."""

RELATIVE = os.open in os.supports_dir_fd and os.rename in os.supports_dir_fd
"""Files can be named relative to an open folder. Windows knows only whole paths."""

_SYNC_FILE_RANGE_WRITE = 2
"""sync_file_range(2): start to write, wait for nothing."""

_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{kind}{number}" for kind in ("COM", "LPT") for number in range(1, 10))})

_seek_lock = threading.Lock()
_libc = CDLL(None, use_errno=True) if sys.platform == "linux" else None
_sync_file_range = getattr(_libc, "sync_file_range", None)


def read_at(descriptor: int, buffer: memoryview, offset: int) -> int:
    """Fill ``buffer`` from ``offset`` of an open file; returns the bytes read, fewer only at the file's end."""
    done = 0
    while done < len(buffer):
        count = _read_some(descriptor, buffer[done:], offset + done)
        if count == 0:
            break
        done += count
    return done


def _read_some(descriptor: int, buffer: memoryview, offset: int) -> int:
    if hasattr(os, "preadv"):
        return os.preadv(descriptor, [buffer], offset)
    with _seek_lock:  # Windows has one file position for all threads.
        os.lseek(descriptor, offset, os.SEEK_SET)
        data = os.read(descriptor, len(buffer))
    buffer[: len(data)] = data
    return len(data)


def read_scattered_at(descriptor: int, buffers: Sequence[memoryview], offset: int) -> int:
    """As :func:`read_at`, into several buffers one behind the other, :data:`IOV_MAX` at most."""
    if hasattr(os, "preadv"):
        done = os.preadv(descriptor, buffers, offset)
        if done == sum(map(len, buffers)):
            return done
    done = 0  # Cut short by a signal or at the file's end, or there is no such call.
    for buffer in buffers:
        count = read_at(descriptor, buffer, offset + done)
        done += count
        if count < len(buffer):
            break
    return done


def read_bytes_at(descriptor: int, length: int, offset: int) -> bytes:
    """Up to ``length`` bytes from ``offset``; fewer only at the file's end."""
    if hasattr(os, "pread"):
        data = os.pread(descriptor, length, offset)
        if len(data) == length or not data:
            return data
    buffer = bytearray(length)
    return bytes(buffer[: read_at(descriptor, memoryview(buffer), offset)])


def write(descriptor: int, buffers: Sequence[Buffer]) -> None:
    """Write all buffers at the file's position, in order and whole."""
    if not hasattr(os, "writev"):
        for buffer in buffers:
            _write_whole(descriptor, memoryview(buffer))
        return
    for first in range(0, len(buffers), IOV_MAX):
        batch = buffers[first : first + IOV_MAX]
        written = os.writev(descriptor, batch)
        for buffer in batch:
            if written < len(buffer):
                _write_whole(descriptor, memoryview(buffer)[max(written, 0) :])
            written -= len(buffer)


def _write_whole(descriptor: int, view: memoryview) -> None:
    while view:
        view = view[os.write(descriptor, view) :]


def start_writing(descriptor: int, start: int, length: int) -> None:
    """Have the system begin to put a range of a file on the disk, so that the sync at the end has little left to do.

    Promises nothing: only :func:`sync_data` makes bytes durable, and it is the one that tells errors. Linux alone has such a call.
    """
    if _sync_file_range is not None:
        _sync_file_range(descriptor, c_int64(start), c_int64(length), _SYNC_FILE_RANGE_WRITE)


def sync_data(descriptor: int) -> None:
    """Make a file's bytes durable, with the metadata needed to read them back."""
    if sys.platform == "darwin":
        fcntl.fcntl(descriptor, fcntl.F_FULLFSYNC)  # fsync on macOS stops at the drive's cache (fsync(2)).
    elif hasattr(os, "fdatasync"):
        os.fdatasync(descriptor)
    else:
        os.fsync(descriptor)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable. Windows has no such call; NTFS journals names itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_file_system(folder: Path) -> None:
    """Make everything written to the file system that holds ``folder`` durable: one call for many files."""
    if _libc is not None:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            if _libc.syncfs(descriptor) == 0:
                return
            if (number := get_errno()) != errno.ENOSYS:
                raise OSError(number, os.strerror(number), str(folder))
        finally:
            os.close(descriptor)
    if hasattr(os, "sync"):
        os.sync()


def publish(descriptor: int, temporary: Path, final: Path) -> None:
    """Close a file that was written and synced, and give it its name, whatever had it before; the folder is synced as well.

    The name comes first, while a lock on the file still holds; Windows renames only what is closed.
    """
    if sys.platform == "win32":
        os.close(descriptor)
        os.replace(temporary, final)
    else:
        try:
            os.replace(temporary, final)
        finally:
            os.close(descriptor)
    sync_folder(final.parent)


def lock(descriptor: int, *, exclusive: bool, timeout_seconds: float = 0) -> bool:
    """Take a lock that the kernel drops when the process dies. False where others held it for ``timeout_seconds``.

    Locks belong to the open file, so two opens in one process exclude each other too. Windows has only exclusive ones here. Raises
    OSError where the file system has no locks.
    """
    deadline = time.monotonic() + timeout_seconds
    while True:
        try:
            if sys.platform == "win32":
                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                fcntl.flock(descriptor, (fcntl.LOCK_EX if exclusive else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno not in _HELD_ELSEWHERE:
                raise
            if time.monotonic() >= deadline:
                return False
            time.sleep(LOCK_POLL_SECONDS)
        else:
            return True


def file_system(path: Path) -> str:
    """The type of the file system that holds ``path`` (``ext4``, ``nfs4``), or an empty string where the system does not tell."""
    try:
        if sys.platform == "linux":
            return _linux_file_system(path)
        if sys.platform == "darwin":
            return _darwin_file_system(path)
    except OSError:
        return ""  # Not knowing is no reason to refuse: a file system is refused only when it is known to be a network's.
    return ""


def _linux_file_system(path: Path) -> str:
    """Read ``/proc/self/mountinfo`` (proc(5)): the last mount whose mount point is a parent of the path covers it."""
    resolved = path.resolve()
    found, longest = "", -1
    for line in Path("/proc/self/mountinfo").read_bytes().splitlines():
        fields = line.split()
        point = Path(os.fsdecode(_MOUNT_ESCAPE.sub(lambda escape: bytes([int(escape[1], 8)]), fields[4])))
        if len(point.parts) >= longest and resolved.is_relative_to(point):
            found, longest = os.fsdecode(fields[fields.index(b"-") + 1]), len(point.parts)
    return found


def _darwin_file_system(path: Path) -> str:
    """Read mount(8): lines of ``DEVICE on POINT (TYPE, flags)``."""
    resolved = path.resolve()
    found, longest = "", -1
    for line in subprocess.run(["/sbin/mount"], capture_output=True, text=True, check=False).stdout.splitlines():
        point_text, _, options = line.partition(" on ")[2].rpartition(" (")
        point = Path(point_text or "/nonexistent")
        if len(point.parts) >= longest and resolved.is_relative_to(point):
            found, longest = options.split(",")[0].rstrip(")"), len(point.parts)
    return found


def is_network_file_system(kind: str) -> bool:
    """Whether a type that :func:`file_system` gave is a network's."""
    return kind in NETWORK_FILE_SYSTEMS


def umask() -> int:
    """The permission bits that new files do not get. Asking sets it for a moment, to what keeps others out."""
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def refuses_name(name: str) -> bool:
    """Whether this system cannot have a file of that name, or would take it for something else (Windows: naming files, paths)."""
    if sys.platform != "win32":
        return False
    return (
        bool(set(name) & set('<>:"|?*\\'))
        or name[-1:] in ". "
        or name.partition(".")[0].upper() in _DEVICES
        or any(character < " " for character in name)
    )


def same_name(name: str) -> str:
    """A form of a name that is equal for all names that are one file here: most disks of macOS and Windows do not tell cases apart."""
    if sys.platform not in ("darwin", "win32"):
        return name
    return unicodedata.normalize("NFC", name.casefold())
