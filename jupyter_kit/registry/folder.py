"""The files of an image layout on disk: blobs under their digests, and JSON documents (image-spec, image-layout.md).

Whatever appears under its name is whole: bytes go to ``.jupyter-kit/`` first, are verified and made durable there, and are renamed. A
writer locks its unfinished file, so what a dead one left is known by its lock being free. Those who change documents exclude each other
by another lock; readers need none.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, Kind, KitError, NotFound, StoreFull, StoreUnavailable
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import check_digest, verified
from jupyter_kit.oci.target import Piece

OWN_FOLDER = ".jupyter-kit"
"""Where our files grow. Not ``ingest/``, where kit and oras have theirs: kit empties that after each pull."""

_LOCK = "lock"

READ_BYTES = 1 << 20
"""Bytes read at once: enough that hashing them outweighs the call."""

LOCK_TIMEOUT_SECONDS = 60.0
"""How long a change of the documents waits for others: each takes milliseconds, deleting a large graph some seconds."""

_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
"""Symlinks are followed, since some build systems make layouts of them; a pipe does not block."""

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Folder:
    """One layout folder. ``name`` stands for it in messages; ``mode`` is that of new blobs, before the umask."""

    def __init__(self, root: Path, name: str, mode: int = 0o644) -> None:
        self.root = root
        self.name = name
        self._mode = mode

    def make(self) -> None:
        """Make the folders that writing needs, where they are missing, and remove what dead writers left."""
        with self.foreign_errors():
            own = self.root / OWN_FOLDER
            _make_folder(own)
            for path in own.iterdir():
                if path.name != _LOCK:
                    _remove_if_dead(path)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Be the only one to change documents, over all threads and processes. Raises Conflict (store-busy)."""
        with self.foreign_errors():
            descriptor = os.open(self.root / OWN_FOLDER / _LOCK, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if not system.lock(descriptor, exclusive=True, timeout_seconds=LOCK_TIMEOUT_SECONDS):
                raise Conflict(
                    f"Something else keeps changing {self.name}.", kind=Kind.STORE_BUSY, hint="Wait until it is done, then try again."
                )
            yield
        finally:
            os.close(descriptor)

    def read(self, document: str, limit: int) -> bytes | None:
        """A JSON document's bytes, None where there is none. Raises InvalidInput where it is larger than ``limit`` bytes."""
        try:
            with self.foreign_errors(), self._opened(self.root / document) as (descriptor, size):
                if size > limit:
                    raise InvalidInput(f"{document} in {self.name} is larger than {limit >> 20} MiB.", hint="Look what wrote it.")
                return system.read_bytes_at(descriptor, size, 0)
        except NotFound:
            return None

    def write(self, document: str, data: bytes) -> None:
        """Put a JSON document in the place of what has its name."""
        with self.foreign_errors():
            self._write(self.root / document, [data], 0o666)

    def remove(self, document: str) -> None:
        """Remove a JSON document, if it is there."""
        with self.foreign_errors():
            (self.root / document).unlink(missing_ok=True)
            system.sync_folder(self.root)

    def holds(self, descriptor: Descriptor) -> bool:
        """Whether a blob of this digest and size is there."""
        with self.foreign_errors():
            try:
                found = os.stat(self._path(descriptor.digest))
            except (FileNotFoundError, NotADirectoryError):
                return False
        return stat.S_ISREG(found.st_mode) and found.st_size == descriptor.size

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """A blob's bytes, or ``length`` of them from ``start``. Raises NotFound, ContentCorrupt."""
        name = f"{descriptor.short} in {self.name}"
        with self.foreign_errors(), self._opened(self._path(descriptor.digest)) as (opened, size):
            if size != descriptor.size:
                raise ContentCorrupt(f"{name} has {size} bytes instead of {descriptor.size}.", hint="Push it again.")
            end = size if length is None else min(start + length, size)
            pieces = _pieces(opened, start, end)
            yield from pieces if (start, end) != (0, size) else verified(descriptor.digest, size, pieces, name)

    def keep(self, descriptor: Descriptor, content: Iterable[Piece]) -> None:
        """Write a blob, verified, under its digest. Raises ContentCorrupt."""
        pieces = verified(descriptor.digest, descriptor.size, content, f"{descriptor.short} for {self.name}")
        with self.foreign_errors():
            path = self._path(descriptor.digest)
            _make_folder(path.parent)
            self._write(path, pieces, self._mode)

    def drop(self, digest: str) -> None:
        """Remove a blob, if it is there."""
        with self.foreign_errors():
            self._path(digest).unlink(missing_ok=True)

    @contextmanager
    def foreign_errors(self) -> Iterator[None]:
        """Tell the system's errors as ours."""
        try:
            yield
        except OSError as error:
            raise self._told(error) from error

    def _told(self, error: OSError) -> KitError:
        path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(self.root)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return StoreFull(
                f"The disk that holds {self.name} is full.", hint="Free some space, then run the same command again.", path=str(self.root)
            )
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            return StoreUnavailable(
                f"{path} may not be read or written.", kind=Kind.PERMISSION_DENIED, hint="Check who owns it and its permissions.", path=path
            )
        return StoreUnavailable(f"{path} cannot be used: {error.strerror or error}.", hint="Check the disk, then try again.", path=path)

    def _path(self, digest: str) -> Path:
        algorithm, _, encoded = check_digest(digest).partition(":")
        return self.root / "blobs" / algorithm / encoded

    @contextmanager
    def _opened(self, path: Path) -> Iterator[tuple[int, int]]:
        """An open regular file and its size in bytes. Raises NotFound."""
        try:
            descriptor = os.open(path, _READ)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"{path.name[:64]} is not in {self.name}.", hint="Look at what is there with “jupyter kit list”.") from error
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise ContentCorrupt(f"{path} is not a file.", hint="Remove it, then push again.", path=str(path))
            yield descriptor, found.st_size
        finally:
            os.close(descriptor)

    def _write(self, path: Path, pieces: Iterable[Piece], mode: int) -> None:
        descriptor, temporary = self._unfinished(mode)
        try:
            try:
                for piece in pieces:
                    system.write(descriptor, [piece])
                system.sync_data(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            system.publish(descriptor, temporary, path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def _unfinished(self, mode: int) -> tuple[int, Path]:
        """A new file of this writer, open and locked."""
        while True:
            path = self.root / OWN_FOLDER / secrets.token_hex(8)
            descriptor = os.open(path, _CREATE, mode)
            if system.lock(descriptor, exclusive=True) and path.exists():
                return descriptor, path
            os.close(descriptor)  # Somebody who cleaned up took it for a dead writer's before it was locked.


def _make_folder(folder: Path) -> None:
    """Make a folder and those above it, durably."""
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for path in missing:
        system.sync_folder(path.parent)


def _remove_if_dead(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except (FileNotFoundError, PermissionError):  # It has got its name in between, or it is another user's.
        return
    try:
        if system.lock(descriptor, exclusive=True):
            path.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _pieces(descriptor: int, start: int, end: int) -> Iterator[memoryview]:
    """Bytes ``start`` to ``end`` of an open file; fewer where it shrinks meanwhile."""
    buffer = memoryview(bytearray(min(READ_BYTES, max(end - start, 0))))
    while start < end:
        count = system.read_at(descriptor, buffer[: end - start], start)
        if not count:
            return
        yield buffer[:count]
        start += count
