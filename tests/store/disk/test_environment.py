"""One environment a process and folder; every error of LMDB and the system told as one of ours; and an index that is cut short."""

from __future__ import annotations

import errno
import inspect
import os
import subprocess
import sys
import threading
from pathlib import Path

import lmdb
import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, Kind, KitError, StoreFull, StoreUnavailable
from jupyter_kit.store.disk import environment as environment_module
from jupyter_kit.store.disk.environment import Environment, attach, detach, foreign_errors, has_index
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from tests.store.keeping import commit, noise, put_row

FOLDER = Path("/somewhere/index")

TOLD: dict[str, tuple[type[KitError], Kind]] = {
    "BadChecksumError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "BadDbiError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "BadRslotError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "BadTxnError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "BadValsizeError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "CorruptedError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "CryptoFailError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "CursorFullError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "DbsFullError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "DiskError": (StoreFull, Kind.STORE_FULL),
    "EnvEncryptionError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "Error": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "IncompatibleError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "InvalidError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "InvalidParameterError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "KeyExistsError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "LockError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "MapFullError": (StoreFull, Kind.STORE_FULL),
    "MapResizedError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "MemoryError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "NotFoundError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "PageFullError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "PageNotFoundError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
    "PanicError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "ProblemError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "ReadersFullError": (StoreUnavailable, Kind.STORE_BUSY),
    "ReadonlyError": (StoreUnavailable, Kind.PERMISSION_DENIED),
    "TlsFullError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "TxnFullError": (StoreUnavailable, Kind.STORE_UNAVAILABLE),
    "VersionMismatchError": (ContentCorrupt, Kind.CONTENT_CORRUPT),
}
"""Each class of error that LMDB has, and what it is told as."""

FOREIGN = {name: error for name, error in inspect.getmembers(lmdb, inspect.isclass) if issubclass(error, lmdb.Error)}


def told(error: Exception) -> KitError:
    with pytest.raises(KitError) as caught, foreign_errors(FOLDER):
        raise error
    return caught.value


def test_every_error_of_lmdb_has_its_row() -> None:
    assert set(FOREIGN) - set(TOLD) == set()


@pytest.mark.parametrize("name", FOREIGN)
def test_every_error_of_lmdb_is_told_as_ours(name: str) -> None:
    error = told(FOREIGN[name]("what LMDB says"))
    assert (type(error), error.kind) == TOLD[name]
    assert error.hint
    assert str(FOLDER) in error.message or error.kind is Kind.STORE_BUSY
    assert error.path == str(FOLDER)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (errno.ENOSPC, Kind.STORE_FULL),
        (errno.EDQUOT, Kind.STORE_FULL),
        (errno.EACCES, Kind.PERMISSION_DENIED),
        (errno.EPERM, Kind.PERMISSION_DENIED),
        (errno.EROFS, Kind.PERMISSION_DENIED),
        (errno.EIO, Kind.STORE_UNAVAILABLE),
        (errno.EMFILE, Kind.STORE_UNAVAILABLE),
        (errno.ENOENT, Kind.STORE_UNAVAILABLE),
        (errno.ESTALE, Kind.STORE_UNAVAILABLE),
    ],
)
def test_errors_of_the_system_are_told_by_their_number(code: int, kind: Kind) -> None:
    error = told(OSError(code, os.strerror(code), "/somewhere/file"))
    assert error.kind is kind
    if kind is not Kind.STORE_FULL:
        assert error.path == "/somewhere/file"
    assert told(OSError(code, os.strerror(code))).path == str(FOLDER)
    by_lmdb = lmdb.Error("what LMDB says")
    by_lmdb.code = code
    if kind is not Kind.STORE_UNAVAILABLE:
        assert told(by_lmdb).kind is kind


def test_a_full_disk_is_known_by_asking_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """LMDB tells it as an input/output error."""
    error = lmdb.Error("mdb_txn_commit: Input/output error")
    error.code = errno.EIO
    with pytest.raises(StoreUnavailable) as room, foreign_errors(tmp_path):
        raise error
    assert room.value.kind is Kind.STORE_UNAVAILABLE
    full = os.statvfs(tmp_path)
    monkeypatch.setattr(os, "statvfs", lambda _: os.statvfs_result((*full[:3], 0, 0, *full[5:])))
    with pytest.raises(StoreFull), foreign_errors(tmp_path):
        raise error


def test_our_own_errors_pass() -> None:
    mine = StoreFull("mine")
    assert told(mine) is mine


def test_a_process_has_one_environment_for_a_folder(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    one, other = attach(tmp_path), attach(tmp_path / "link")
    assert one is other
    detach(one)
    put_row_in(other, b"key")
    (tmp_path / "link").unlink()
    detach(other)
    anew = attach(tmp_path)
    assert anew is not one
    assert anew.get(Table.VALUES, b"key") == b"value"
    detach(anew)


def put_row_in(environment: Environment, key: bytes) -> None:
    with environment.write() as transaction:
        transaction.put(key, b"value", db=environment.tables[Table.VALUES])


def test_an_exception_undoes_everything(store: Store) -> None:
    environment = store.environment
    with pytest.raises(ZeroDivisionError), environment.write() as transaction:
        transaction.put(b"key", str(1 // 0).encode(), db=environment.tables[Table.VALUES])
    assert environment.entries(Table.VALUES) == 0


def test_a_map_that_cannot_be_had_is_asked_for_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opening, asked = lmdb.open, []

    def limited(path: str, *, map_size: int, **options: object) -> lmdb.Environment:
        asked.append(map_size)
        if map_size > 2 << 20:
            raise lmdb.MemoryError("mdb_env_open: Cannot allocate memory")
        return opening(path, map_size=map_size, **options)

    monkeypatch.setattr(lmdb, "open", limited)
    monkeypatch.setattr(environment_module, "MAP_SIZES", (1 << 40, 1 << 30, 1 << 20))
    monkeypatch.setattr(environment_module, "GROW_BELOW", 1 << 18)
    environment = Environment(tmp_path)
    assert asked == [1 << 40, 1 << 30, 1 << 20]
    for number in range(40):  # More than the map holds at first: it grows.
        with environment.write() as transaction:
            transaction.put(b"%d" % number, noise(number, 60_000), db=environment.tables[Table.VALUES])
    assert environment.entries(Table.VALUES) == 40
    environment.close()
    monkeypatch.setattr(environment_module, "MAP_SIZES", (1 << 40,))
    with pytest.raises(StoreUnavailable):
        Environment(tmp_path)


def test_a_network_file_system_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "file_system", lambda path: "nfs4")
    with pytest.raises(StoreUnavailable) as refused:
        Environment(tmp_path)
    assert refused.value.kind is Kind.NETWORK_FILE_SYSTEM
    assert list(tmp_path.iterdir()) == []


def test_an_index_put_in_its_place_is_taken_up(store: Store, tmp_path: Path) -> None:
    put_row(store, Table.VALUES, b"old", b"value")
    other = Environment(mkdir(tmp_path / "other"))
    put_row_in(other, b"new")
    other.close()
    index = store.folder / "index"
    index.rename(tmp_path / "away")
    (tmp_path / "other").rename(index)
    with store.shared():
        assert store.environment.get(Table.VALUES, b"new") == b"value"
        assert store.environment.get(Table.VALUES, b"old") is None


def mkdir(path: Path) -> Path:
    path.mkdir()
    return path


def test_an_empty_file_is_no_index(tmp_path: Path) -> None:
    assert not has_index(tmp_path)
    (tmp_path / "data.mdb").touch()
    assert not has_index(tmp_path)
    Environment(tmp_path).close()
    assert has_index(tmp_path)


LOOK = """
import sys
from pathlib import Path
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.store import Store
from jupyter_kit.store.format.schema import Table
try:
    store = Store.open(Path(sys.argv[1]))
    for table in Table:
        for number in range(2000):
            store.environment.get(table, b"%d" % number)
    print("ok")
except ContentCorrupt as error:
    print("told" if "--rebuild" in error.hint else error)
"""


@pytest.mark.parametrize("share", [0.1, 0.6])
def test_an_index_that_was_cut_short_does_not_kill_the_process(store: Store, share: float) -> None:
    """Pages behind the end of a mapped file are not there to be read. In a process of its own, which may die."""
    for number in range(20):
        with store.writer() as writer, writer.transaction() as transaction:
            for key in range(100):
                transaction.set_value(str(number * 100 + key), noise(key, 300))
    store.close()
    data = store.folder / "index" / "data.mdb"
    os.truncate(data, int(data.stat().st_size * share))
    look = subprocess.run([sys.executable, "-c", LOOK, str(store.folder)], capture_output=True, text=True, check=False)
    assert (look.stdout, look.stderr, look.returncode) == ("told\n", "", 0)


def in_a_child(work: object) -> int:
    child = os.fork()
    if child == 0:
        code = 1
        try:
            assert callable(work)
            work()
            code = 0
        finally:
            os._exit(code)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 warns of threads; those of pytest hold nothing of ours.
def test_a_forked_child_opens_its_own(store: Store) -> None:
    with store.writer() as writer:
        writer.add_blob(b"parent")
        commit(writer)

    def child() -> None:
        assert store.environment.entries(Table.BLOBS) == 1
        with store.writer() as writer:
            writer.add_blob(b"child")
            commit(writer)
        store.close()

    assert in_a_child(child) == 0
    assert store.environment.entries(Table.BLOBS) == 2
    assert in_a_child(store.close) == 0
    with store.writer() as writer:
        writer.add_blob(b"parent again")
        commit(writer)
    assert store.environment.entries(Table.BLOBS) == 3


def test_threads_share_an_environment(store: Store) -> None:
    def work(number: int) -> None:
        for part in range(20):
            with store.writer() as writer:
                writer.add_blob(noise(number * 100 + part, 500))
                commit(writer)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.environment.entries(Table.BLOBS) == 80
