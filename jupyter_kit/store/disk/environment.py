"""The LMDB environment under a store: one for each process and folder, opened again after a fork, its errors told as ours.

Settings and their reasons were measured: engine 0.9 (``lib_version=0``), no writable map (a full disk would kill the process with SIGBUS),
synchronous commits, and a map of 1 TiB, which reserves addresses and no space. Where a process may not have that many addresses the map
starts smaller and grows.
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import lmdb

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, Kind, KitError, StoreFull, StoreUnavailable
from jupyter_kit.store.disk.pages import KNOWN, Pages
from jupyter_kit.store.format.schema import Table

GIB = 1 << 30
MAP_SIZES = (1024 * GIB, 64 * GIB, 4 * GIB, 1 * GIB)
"""Bytes of address space to try, largest first: some HPC shells limit it (``ulimit -v``)."""

MAX_READERS = 126
"""Read transactions at once over all processes, kernels, servers and commands of one workspace; each lasts milliseconds. LMDB's default:
two pages of the lock file, which is there in the smallest workspace too."""

GROW_BELOW = 64 << 20
"""A map with less than this many bytes left is doubled before the next write; one write transaction stays far below it."""


DAMAGE = (
    lmdb.BadChecksumError,
    lmdb.BadDbiError,
    lmdb.CorruptedError,
    lmdb.CursorFullError,
    lmdb.IncompatibleError,
    lmdb.InvalidError,
    lmdb.PageFullError,
    lmdb.PageNotFoundError,
    lmdb.VersionMismatchError,
)
"""What LMDB says where the file is not what it wrote, or not an index at all. Making it anew helps against all of them."""


class Environment:
    """Read and write transactions on one index. Use :func:`attach`, so that a process has one for each folder."""

    def __init__(self, folder: Path, map_size: int | None = None) -> None:
        self.folder = folder
        self.key = os.path.realpath(folder)
        self.users = 0
        self._map_sizes = (map_size,) if map_size else MAP_SIZES
        self._grows = map_size is None
        self._pid = os.getpid()
        self._reopening = threading.Lock()
        self._open()

    def _open(self) -> None:
        kind = system.file_system(self.folder)
        if system.is_network_file_system(kind):
            raise StoreUnavailable(
                f"The store in {self.folder} lies on a network file system ({kind}), where its index would be damaged.",
                kind=Kind.NETWORK_FILE_SYSTEM,
                hint="Set JUPYTER_KIT_STORE (or “store” in .kit/config.yaml) to a folder on a local disk.",
                path=str(self.folder),
            )
        with foreign_errors(self.folder):
            self._lmdb = self._open_largest()
            self._inode = self._inode_on_disk()
            self._lengthen()
            self._lmdb.reader_check()  # Slots of killed readers would keep freed pages from being used again.
            self.tables = {table: self._lmdb.open_db(table.value.encode()) for table in Table}

    def _open_largest(self) -> lmdb.Environment:
        for size in self._map_sizes:
            try:
                return lmdb.open(
                    str(self.folder),
                    max_dbs=len(Table),
                    map_size=size,
                    max_readers=MAX_READERS,
                    lib_version=0,
                    writemap=False,
                    sync=True,
                    metasync=True,
                )
            except (lmdb.MemoryError, MemoryError):
                if size == self._map_sizes[-1]:
                    raise
            except lmdb.Error as error:
                if getattr(error, "code", None) != errno.ENOMEM or size == self._map_sizes[-1]:
                    raise
        raise AssertionError("MAP_SIZES is empty")

    def _inode_on_disk(self) -> int | None:
        return os.stat(self.folder / "data.mdb").st_ino if has_index(self.folder) else None

    def _lengthen(self) -> None:
        """Fill the file up where it is shorter than its pages, if no page that is used is missing: reading behind its end would kill the
        process. It can be so without harm, because LMDB counts pages that it set free before it wrote them.

        Raises ContentCorrupt where the file was cut short.
        """
        data = self.folder / "data.mdb"
        if os.stat(data).st_size < self._used_bytes(self._lmdb):
            with self._lmdb.begin(write=True), data.open("r+b") as file:  # Nobody else makes it longer meanwhile.
                used = self._used_bytes(self._lmdb)
                if os.fstat(file.fileno()).st_size < used:
                    self._refuse_cut(file.fileno())
                    file.truncate(used)

    def _refuse_cut(self, descriptor: int) -> None:
        if not KNOWN:
            return  # Zeros in place of a page are told as damage, or end the process.
        try:
            pages = Pages(descriptor)
            lost = set(pages.missing) - pages.unused()
        except (ValueError, RecursionError) as error:
            raise _damaged(self.folder, f"it was cut short: {error}") from error
        if lost:
            raise _damaged(self.folder, f"it was cut short, and {len(lost)} of its pages are missing")

    @staticmethod
    def _used_bytes(environment: lmdb.Environment) -> int:
        return int((environment.info()["last_pgno"] + 1) * environment.stat()["psize"])

    def refresh(self, *, anew: bool = False) -> None:
        """Open again if the index on disk is another one by now: rebuilt by another process or, with ``anew``, about to be made.

        Raises ContentCorrupt where there is none.
        """
        with foreign_errors(self.folder), self._reopening:
            inode = self._inode_on_disk()
            if inode is None and not anew:
                raise missing_index(self.folder)
            if inode != self._inode:
                self._lmdb.close()
                self._open()

    def close(self) -> None:
        """Close for the whole process; :func:`detach` does it when nobody uses it any more."""
        self._lmdb.close()

    def _current(self) -> lmdb.Environment:
        if self._pid != os.getpid():
            with self._reopening:
                if self._pid != os.getpid():  # A forked child may not use what it inherited (LMDB documentation, caveats).
                    self._lmdb.close()
                    self._open()
                    self._pid = os.getpid()
        return self._lmdb

    @contextmanager
    def read(self) -> Iterator[lmdb.Transaction]:
        """A consistent view. Buffers got from it die with it."""
        with foreign_errors(self.folder), self._current().begin(buffers=False) as transaction:
            yield transaction

    @contextmanager
    def write(self) -> Iterator[lmdb.Transaction]:
        """The one writer over all processes. Leaving it commits durably; an exception undoes everything."""
        environment = self._current()
        with foreign_errors(self.folder):
            if self._grows:
                self._grow(environment)
            with environment.begin(write=True) as transaction:
                yield transaction

    def _grow(self, environment: lmdb.Environment) -> None:
        map_size = environment.info()["map_size"]
        if map_size - self._used_bytes(environment) < GROW_BELOW:
            environment.set_mapsize(map_size * 2)

    def get(self, table: Table, key: bytes) -> bytes | None:
        """A row's value, None where there is none."""
        with self.read() as transaction:
            value = transaction.get(key, db=self.tables[table])
        return None if value is None else bytes(value)

    def rows(self, table: Table) -> list[tuple[bytes, bytes]]:
        """Every row of a table, in order of the keys."""
        with self.read() as transaction:
            return [(bytes(key), bytes(value)) for key, value in transaction.cursor(db=self.tables[table])]

    def rows_before(self, table: Table, key: bytes | None, count: int) -> list[tuple[bytes, bytes]]:
        """The last ``count`` rows of a table whose keys are less than ``key`` (all where it is None), the last first."""
        with self.read() as transaction:
            cursor = transaction.cursor(db=self.tables[table])
            found = cursor.prev() if key is not None and cursor.set_range(key) else cursor.last()
            rows = cursor.iterprev() if found else ()
            return [(bytes(key), bytes(value)) for key, value in islice(rows, count)]

    def generation(self) -> int:
        """The number of the newest transaction that was committed."""
        with foreign_errors(self.folder):
            return int(self._current().info()["last_txnid"])

    def entries(self, table: Table) -> int:
        """Number of rows in a table."""
        with self.read() as transaction:
            return int(transaction.stat(self.tables[table])["entries"])


def has_index(folder: Path) -> bool:
    """Whether there is an index. An empty file, which a crash of the machine can leave, is none: LMDB would begin a new one in it."""
    try:
        return os.stat(folder / "data.mdb").st_size > 0
    except FileNotFoundError:
        return False


_attached: dict[str, Environment] = {}
_attaching = threading.RLock()


def attach(folder: Path, map_size: int | None = None) -> Environment:
    """The process's environment for ``folder``, opened if it is not open yet. Pair with :func:`detach`."""
    key = os.path.realpath(folder)
    with _attaching:
        environment = _attached.get(key)
        if environment is None:
            environment = _attached[key] = Environment(folder, map_size)
        else:
            environment.refresh(anew=True)
        environment.users += 1
        return environment


def detach(environment: Environment) -> None:
    """Give back what :func:`attach` gave; the last one closes it."""
    with _attaching:
        environment.users -= 1
        if environment.users == 0:
            _attached.pop(environment.key, None)
            environment.close()


@contextmanager
def foreign_errors(folder: Path) -> Iterator[None]:
    """Tell errors of LMDB and the operating system as ours. This is the store's only seam to them."""
    try:
        yield
    except lmdb.MapFullError as error:
        raise StoreFull(
            f"The index in {folder} is full.", hint="Nothing was lost. Run “jupyter kit prune”, then try again.", path=str(folder)
        ) from error
    except lmdb.Error as error:
        raise _told(error, folder) from error
    except OSError as error:
        raise _told_by_system(error, folder) from error


def _told(error: lmdb.Error, folder: Path) -> KitError:
    code = getattr(error, "code", None)
    if isinstance(error, lmdb.DiskError) or code in (errno.ENOSPC, errno.EDQUOT) or (code == errno.EIO and _is_full(folder)):
        return _full(folder)
    if code in (errno.EACCES, errno.EPERM, errno.EROFS) or isinstance(error, lmdb.ReadonlyError):
        return _not_permitted(folder)
    if isinstance(error, DAMAGE):
        return _damaged(folder, str(error))
    if isinstance(error, lmdb.PanicError):
        return StoreUnavailable(
            f"The index in {folder} could not be written before, so this program does not use it any more ({error}).",
            hint="Check the disk, then start the program or kernel again.",
            path=str(folder),
        )
    if isinstance(error, lmdb.MapResizedError):
        return StoreUnavailable(
            f"The index in {folder} has grown beyond what this program may address.",
            hint="Raise the limit of address space (ulimit -v), then start the program again.",
            path=str(folder),
        )
    if isinstance(error, lmdb.ReadersFullError):
        return StoreUnavailable(
            "Too many programs read this store at once.", kind=Kind.STORE_BUSY, hint="Close some, then try again.", path=str(folder)
        )
    return StoreUnavailable(f"The index in {folder} cannot be used ({error}).", hint="Run “jupyter kit check”.", path=str(folder))


def _damaged(folder: Path, reason: str) -> ContentCorrupt:
    return ContentCorrupt(
        f"The index in {folder} is damaged ({reason}).",
        hint="Run “jupyter kit check --rebuild” to make it anew from the segments.",
        path=str(folder),
    )


def missing_index(folder: Path) -> ContentCorrupt:
    """The error for a store whose index is not there."""
    return ContentCorrupt(
        f"The index of the store in {folder.parent} is missing.",
        hint="Run “jupyter kit check --rebuild” to make it anew from the segments.",
        path=str(folder),
    )


def _told_by_system(error: OSError, folder: Path) -> KitError:
    path = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else str(folder)
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(folder)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return _not_permitted(Path(path))
    return StoreUnavailable(f"{path} cannot be used: {error.strerror or error}.", hint="Check the disk, then try again.", path=path)


def _is_full(folder: Path) -> bool:
    """LMDB tells a full disk as an input/output error, so the disk itself is asked."""
    try:
        status = os.statvfs(folder)
    except (OSError, AttributeError):
        return False
    return status.f_bavail * status.f_frsize < 4 << 20  # 4 MiB: less than one commit of a busy snapshot needs.


def _full(folder: Path) -> StoreFull:
    return StoreFull(
        f"The disk that holds {folder} is full.",
        hint="Earlier snapshots are intact. Free some space (“jupyter kit prune” may help), then run the same command again.",
        path=str(folder),
    )


def _not_permitted(path: Path) -> StoreUnavailable:
    return StoreUnavailable(
        f"{path} may not be read or written.",
        kind=Kind.PERMISSION_DENIED,
        hint="Check who owns the .kit folder and its permissions.",
        path=str(path),
    )
