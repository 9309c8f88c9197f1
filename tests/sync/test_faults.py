"""What a remote and a store are after a push or pull was cut off at any step, lost things, or met another one."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import BlobMissing, Conflict, ContentCorrupt, Kind, KitError, NotFound, RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.exchange import sync
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.mend import mend
from jupyter_kit.sync.pull import bring
from jupyter_kit.sync.push import push
from tests.faults.project import FIRST, SECOND
from tests.snapshot.conftest import boxed
from tests.sync.memory import Memory


class Cut(Memory):
    """Loses the connection at the operation of number ``at``, from 0, before or after the remote has done what it was asked."""

    at = -1
    after = False
    count = 0

    def operation(self, what: str) -> None:
        super().operation(what)
        self.count += 1
        if self.count - 1 == self.at and not self.after:
            raise RegistryUnavailable("cut")

    def _lose_answer(self) -> None:
        if self.count - 1 >= self.at >= 0 and self.after:
            self.at = -1
            raise RegistryUnavailable("cut")

    def push(self, descriptor: Descriptor, content: Content) -> None:
        super().push(descriptor, content)
        self._lose_answer()

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        super().tag(descriptor, tag)
        self._lose_answer()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two snapshots."""
    folder = tmp_path_factory.mktemp("project")
    with boxed(folder) as box:
        for state in (FIRST, SECOND):
            box.write(state)
            box.snap()
    return folder


@pytest.fixture
def store(project: Path, tmp_path: Path) -> Iterator[Store]:
    """A copy of it."""
    shutil.copytree(project / ".kit", tmp_path / "project" / ".kit")
    with boxed(tmp_path / "project") as box:
        yield box.store


def ids_of(store: Store) -> tuple[str, str]:
    first, second = store.snapshot_ids()
    return first, second


def assert_whole(remote: Memory, folder: Path, expected: tuple[str, ...]) -> None:
    """A stranger gets the history and every byte of it."""
    remote = copy.deepcopy(remote)
    remote.collect()
    with boxed(folder) as box:
        fetched = fetch(box.store, "origin", remote)
        assert fetched.snapshots == expected
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
        bring(box.store, fetched.snapshots)
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes == 0
    shutil.rmtree(folder)


@pytest.mark.parametrize("after", [False, True])
def test_a_push_that_is_cut_off_leaves_the_branch_old_or_new_and_goes_on(project: Path, tmp_path: Path, *, after: bool) -> None:
    with boxed(project) as box:
        first, second = ids_of(box.store)
        before = Cut()
        shutil.copytree(project / ".kit", tmp_path / "start" / ".kit")
    with boxed(tmp_path / "start") as box:
        push(box.store, "origin", before, snapshot=first)
    operation = 0
    while True:
        shutil.copytree(tmp_path / "start", tmp_path / "cut")
        remote = copy.deepcopy(before)
        remote.at, remote.after, remote.count = operation, after, 0
        with boxed(tmp_path / "cut") as box:
            try:
                push(box.store, "origin", remote)
            except RegistryUnavailable:
                done = False
            else:
                done = True
            remote.at = -1
            head = remote.manifest("main").config.digest.removeprefix("sha256:")
            assert head == second if done else head in (first, second)
            assert_whole(remote, tmp_path / "stranger", (first,) if head == first else (first, second))
            push(box.store, "origin", remote)
            assert_whole(remote, tmp_path / "stranger", (first, second))
        shutil.rmtree(tmp_path / "cut")
        if done:
            break
        operation += 1
    assert operation >= 8


def test_a_pull_that_is_cut_off_leaves_a_whole_store_and_goes_on(store: Store, tmp_path: Path) -> None:
    remote = Cut()
    push(store, "origin", remote)
    operation = 0
    done = False
    while not done:
        remote.at, remote.count = operation, 0
        with boxed(tmp_path / "b") as box:
            box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
            try:
                bring(box.store, fetch(box.store, "origin", remote).snapshots)
                done = True
            except RegistryUnavailable:
                pass
            remote.at = -1
            assert check(box.store, reference_reader(box.store), Silent())[0].ok
            assert len(box.store.snapshot_ids()) in (0, 2)
            fetch(box.store, "origin", remote)
            bring(box.store, box.store.snapshot_ids())
            assert check(box.store, reference_reader(box.store), Silent())[0].remote_bytes == 0
        shutil.rmtree(tmp_path / "b")
        operation += 1
    assert operation >= 4


def test_what_was_sent_before_the_cut_is_not_sent_again_if_it_is_still_there(store: Store) -> None:
    for collected in (False, True):
        remote = Cut()
        remote.at = len(["resolve main", "resolve s-", "push segment"])
        with pytest.raises(RegistryUnavailable):
            push(store, f"origin{collected}", remote)
        remote.at = -1
        if collected:
            remote.collect()
        before = remote.sent
        push(store, f"origin{collected}", remote)
        assert (remote.sent - before > 600_000) is collected


class Forgetful(Memory):
    """A registry whose garbage collection took blobs, and which does not know it: they exist, it says, and it takes manifests with them."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: set[str] = set()

    def exists(self, descriptor: Descriptor) -> bool:
        return True

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        if descriptor.digest in self.lost:
            raise NotFound("The blob is not there.")
        return super().fetch(descriptor, start, length)

    def push(self, descriptor: Descriptor, content: Content) -> None:
        super().push(descriptor, content)
        self.lost.discard(descriptor.digest)


def layers(remote: Memory, tag: str, kind: str) -> list[str]:
    return [layer.digest for layer in remote.manifest(tag).layers if kind in layer.media_type]


@pytest.mark.parametrize("kind", ["segment", "catalogue"])
def test_what_a_registry_lost_without_knowing_is_found_and_sent_again(store: Store, tmp_path: Path, kind: str) -> None:
    first, second = ids_of(store)
    remote = Forgetful()
    push(store, "origin", remote, snapshot=first)
    remote.lost.update(layers(remote, "main", kind))
    push(store, "origin", remote, verify=True)
    remote.blobs = {digest: data for digest, data in remote.blobs.items() if digest not in remote.lost}
    assert_whole(remote, tmp_path / "stranger", (first, second))


@pytest.mark.parametrize("kind", ["segment", "catalogue"])
def test_what_a_registry_lost_and_tells_is_sent_again(store: Store, tmp_path: Path, kind: str) -> None:
    first, second = ids_of(store)
    remote = Memory()
    push(store, "origin", remote, snapshot=first)
    for digest in layers(remote, "main", kind):
        del remote.blobs[digest]
    push(store, "origin", remote)
    assert_whole(remote, tmp_path / "stranger", (first, second))


def test_a_registry_that_never_has_it_is_not_asked_for_ever(store: Store) -> None:
    class Refusing(Memory):
        def push(self, descriptor: Descriptor, content: Content) -> None:
            if "manifest" in descriptor.media_type:
                self.operation("refused")
                raise BlobMissing("blob unknown")
            super().push(descriptor, content)

    remote = Refusing()
    with pytest.raises(BlobMissing):
        push(store, "origin", remote)
    assert "main" not in remote.named


class Meeting(Memory):
    """Calls ``meet`` once, at an operation."""

    where = ""
    skip = 0
    meet: Callable[[], object] = staticmethod(lambda: None)

    def operation(self, what: str) -> None:
        super().operation(what)
        if what == self.where:
            self.skip -= 1
            if self.skip < 0:
                self.where = ""
                self.meet()


@pytest.mark.parametrize(("where", "skip"), [("resolve main", 1), ("tag main", 0), ("resolve main", 2)])
def test_two_pushers_at_once_lose_nothing(project: Path, tmp_path: Path, where: str, skip: int) -> None:
    remote = Meeting()
    for name in ("ada", "bob"):
        shutil.copytree(project / ".kit", tmp_path / name / ".kit")
    with boxed(tmp_path / "ada") as ada, boxed(tmp_path / "bob") as bob:
        push(ada.store, "origin", remote)
        sync(bob.store, "origin", remote)
        ids = set()
        for box in (ada, bob):
            box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
            box.write({"who.txt": box.folder.name.encode()})
            ids.add(box.snap(box.folder.name).id)
        remote.where, remote.skip = where, skip
        remote.meet = lambda: push(bob.store, "origin", remote)
        try:
            push(ada.store, "origin", remote)
        except Conflict:
            pass
        for box in (ada, bob, ada):
            try:
                done = sync(box.store, "origin", remote)
            except Conflict as error:
                assert error.kind is Kind.DIVERGED
                done = sync(box.store, "origin", remote, merge=True)
            if done.action == "pull":
                box.roll(done.snapshot)
        assert ids <= set(ada.store.snapshot_ids())
        assert ids <= set(bob.store.snapshot_ids())
        assert ada.head == bob.head


class Garbling(Memory):
    """Flips a bit of every ``every``-th ranged answer."""

    every = 0
    seen = 0

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        pieces = super().fetch(descriptor, start, length)
        if length is None or "segment" not in descriptor.media_type or not self.every:
            yield from pieces
            return
        data = bytearray(b"".join(bytes(piece) for piece in pieces))
        self.seen += 1
        if self.seen % self.every == 0:
            data[len(data) // 2] ^= 1
        yield bytes(data)


def test_garbled_bytes_are_fetched_once_more_and_never_kept(store: Store, tmp_path: Path) -> None:
    first, _ = ids_of(store)
    remote = Garbling()
    push(store, "origin", remote)
    for every in (2, 1):
        with boxed(tmp_path / f"b{every}") as box:
            fetch(box.store, "origin", remote)
            box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
            remote.every, remote.seen = every, 1
            if every == 2:
                assert box.content(first, "model/weights.bin") == FIRST["model/weights.bin"]
            else:
                with pytest.raises(ContentCorrupt):
                    box.content(first, "model/weights.bin")
            remote.every = 0
            assert check(box.store, reference_reader(box.store), Silent())[0].ok


def test_damaged_chunks_are_never_pushed_and_are_mended_from_a_remote(store: Store, tmp_path: Path) -> None:
    remote = Memory()
    push(store, "origin", remote)
    for path in store.segments.glob("*.segment"):
        data = bytearray(path.read_bytes())
        for _ in range(5):
            data[random.Random(1).randrange(400_000)] ^= 1
        path.write_bytes(data)
    store.chunks.forget()
    report, damaged = check(store, reference_reader(store), Silent())
    assert not report.ok
    backup = Memory()
    with pytest.raises(ContentCorrupt):
        push(store, "backup", backup)
    assert not backup.named
    mend(store, damaged, lambda name: remote, Silent())
    assert check(store, reference_reader(store), Silent())[0].ok
    push(store, "backup", backup)
    assert_whole(backup, tmp_path / "stranger", ids_of(store))


def test_records_and_lists_are_mended_too(store: Store) -> None:
    remote = Memory()
    push(store, "origin", remote)
    every = {span.chunk for digest in store.snapshot_ids() for span in spans_of(store, digest)}
    with store.environment.write() as transaction:
        table = store.environment.tables[Table.CHUNKS]
        for identity in every:
            row = bytearray(transaction.get(identity, db=table) or b"")
            row[-1] ^= 1
            transaction.put(identity, bytes(row), db=table)
    store.chunks.forget()
    report, damaged = check(store, reference_reader(store), Silent())
    assert not report.ok
    mend(store, every | damaged, lambda name: remote, Silent())
    assert check(store, reference_reader(store), Silent())[0].ok


def spans_of(store: Store, digest: str) -> tuple[Span, ...]:
    row = store.blob_row(digest)
    assert row is not None
    return store.recipe(row.root.hex()).spans


def test_errors_are_ours(store: Store) -> None:
    with pytest.raises(KitError):
        fetch(store, "origin", Memory())
