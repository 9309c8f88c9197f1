"""Two people and one remote: taking turns, at the same time, and each on their own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from jupyter_kit.errors import Conflict, Kind, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.history import History
from jupyter_kit.snapshot.records import read_snapshot, reference_reader
from jupyter_kit.snapshot.removal import of_snapshots
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.exchange import heads, sync
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.pull import bring, follow, pull
from jupyter_kit.sync.push import push
from jupyter_kit.sync.remotes import add_remote, remote, remotes, remove_remote
from tests.faults.project import FIRST, SECOND, noise
from tests.snapshot.conftest import Box, boxed, on_disk
from tests.sync.memory import Memory


class Person:
    """A workspace with one remote."""

    def __init__(self, box: Box, memory: Memory) -> None:
        self.box = box
        self.store = box.store
        self.memory = memory
        with box.store.writer() as writer, writer.transaction() as transaction:
            add_remote(transaction, "origin", "oci:somewhere")
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: memory)

    def sync(self, *, merge: bool = False) -> str:
        done = sync(self.store, "origin", self.memory, merge=merge)
        if done.action == "pull":
            follow(self.store, self.box.folder, done.snapshot)
        return done.action


@pytest.fixture
def memory() -> Memory:
    return Memory()


@pytest.fixture
def people(tmp_path: Path, memory: Memory) -> Iterator[tuple[Person, Person]]:
    with ExitStack() as stack:
        boxes = [stack.enter_context(boxed(tmp_path / name)) for name in ("ada", "bob")]
        yield Person(boxes[0], memory), Person(boxes[1], memory)


def test_two_people_take_turns(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    ada.box.snap("first")
    assert ada.sync() == "push"
    assert bob.sync() == "pull"
    assert on_disk(bob.box.folder) == on_disk(ada.box.folder)
    assert bob.box.head == ada.box.head
    assert len(bob.store.snapshot_ids()) == 1  # An empty folder needs no safety snapshot.
    bob.box.write(SECOND)
    bob.box.snap("second")
    assert bob.sync() == "push"
    assert ada.sync() == "pull"
    assert on_disk(bob.box.folder) == on_disk(ada.box.folder)
    assert ada.sync() == bob.sync() == "none"
    assert ada.store.tags() == bob.store.tags()


def test_separate_ways_are_told_and_both_kept(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    ada.box.snap("first")
    ada.sync()
    bob.sync()
    ada.box.write({"a.txt": b"ada"})
    of_ada = ada.box.snap("ada").id
    bob.box.write({"b.txt": b"bob"})
    of_bob = bob.box.snap("bob").id
    ada.sync()
    for attempt in (bob.sync, lambda: push(bob.store, "origin", bob.memory), lambda: pull(bob.store, bob.box.folder, "origin", bob.memory)):
        with pytest.raises(Conflict, match="separate ways") as caught:
            attempt()
        assert caught.value.kind is Kind.DIVERGED
    assert bob.memory.manifest("main").config.digest.endswith(of_ada)
    assert bob.store.tags()["origin.main"] == of_ada
    assert [(head.ahead, head.behind) for head in heads(bob.store)] == [(1, 1)]
    assert bob.box.content(of_ada, "a.txt") == b"ada"
    assert bob.sync(merge=True) == "merge"
    merged = read_snapshot(bob.store, bob.box.head or "")
    assert merged.parents == (of_bob, of_ada)
    assert set(bob.box.entries(merged.id)) == set(bob.box.entries(of_bob))
    assert ada.sync() == "pull"
    assert ada.box.head == merged.id
    assert on_disk(ada.box.folder) == on_disk(bob.box.folder)
    assert [(head.ahead, head.behind) for head in heads(ada.store)] == [(0, 0)]


def test_a_folder_with_changes_is_not_overwritten(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    ada.box.snap("first")
    ada.sync()
    bob.box.write({"mine.txt": b"mine"})
    with pytest.raises(Conflict, match="no snapshot holds"):
        bob.sync()
    assert list(on_disk(bob.box.folder)) == ["mine.txt"]
    (bob.box.folder / "mine.txt").unlink()
    bob.sync()
    ada.box.write(SECOND)
    ada.box.snap("second")
    ada.sync()
    bob.box.write({"train.py": b"changed"})
    with pytest.raises(Conflict, match="no snapshot holds"):
        bob.sync()


def test_a_line_holds_through_snapshots_that_were_pruned(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    ada.box.snap("first")
    ada.sync()
    bob.sync()
    middle = []
    for count in range(3):
        ada.box.write({"a.txt": b"%d" % count})
        middle.append(ada.box.snap(f"auto {count}", kind="auto").id)
    ada.box.write(SECOND)
    ada.box.snap("last")
    remove(ada, middle)
    assert ada.sync() == "push"
    assert bob.sync() == "pull"
    assert bob.box.head == ada.box.head
    assert len(bob.store.snapshot_ids()) == 2


def remove(person: Person, snapshots: list[str]) -> None:
    going = of_snapshots(person.store, History(person.store), snapshots)
    with person.store.exclusive():
        sweep = plan_sweep(person.store, reference_reader(person.store), snapshots)
        apply_sweep(person.store, sweep, going.carry_out, Silent())


def test_what_was_pruned_here_stays_away_and_the_rest_still_arrives(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ids = []
    for state in (FIRST, SECOND, {"train.py": b"third"}):
        ada.box.write(state)
        ids.append(ada.box.snap().id)
    ada.sync()
    bob.sync()
    remove(bob, ids[:2])
    assert bob.store.snapshot_ids() == ids[2:]
    ada.box.write(FIRST)  # Content that the pruned snapshot had comes back.
    ada.box.snap("back")
    ada.sync()
    assert bob.sync() == "pull"
    assert on_disk(bob.box.folder) == on_disk(ada.box.folder)
    assert bob.store.snapshot_ids() == [ids[2], ada.box.head]


def test_one_file_comes_alone(people: tuple[Person, Person], memory: Memory) -> None:
    ada, bob = people
    ada.box.write({f"{count}.bin": noise(count, 1_000_000) for count in range(30)})
    ada.box.snap("large")
    ada.sync()
    before = memory.received
    pulled = pull(bob.store, bob.box.folder, "origin", memory, paths=["7.bin"])
    assert pulled.rollback is not None
    assert list(on_disk(bob.box.folder)) == ["7.bin"]
    assert bob.box.head is None
    assert memory.received - before < 1_100_000
    bring(bob.store, [pulled.fetched.snapshot])
    bob.store.chunks.fetcher = None
    assert bob.box.content(pulled.fetched.snapshot, "8.bin") == noise(8, 1_000_000)


def test_reading_without_the_remote_says_where_it_is(people: tuple[Person, Person], memory: Memory) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    snapshot = ada.box.snap("first").id
    ada.sync()
    fetch(bob.store, "origin", memory)
    bob.store.chunks.fetcher = None
    with pytest.raises(NotFound, match="only on the remote “origin”") as caught:
        bob.box.content(snapshot, "model/weights.bin")
    assert "jupyter kit pull origin" in caught.value.hint


def test_remotes_are_added_listed_and_removed(people: tuple[Person, Person], memory: Memory) -> None:
    ada, bob = people
    with ada.store.writer() as writer, writer.transaction() as transaction:
        assert add_remote(transaction, "backup", "ghcr.io/team/data").reference == "ghcr.io/team/data"
        with pytest.raises(Conflict, match="already"):
            add_remote(transaction, "backup", "ghcr.io/team/other")
    assert [known.name for known in remotes(ada.store)] == ["backup", "origin"]
    ada.box.write(FIRST)
    ada.box.snap("first")
    ada.sync()
    assert remote(ada.store, "origin").heads == (("main", ada.box.head),)
    fetch(bob.store, "origin", memory)

    def drop(transaction: Transaction) -> None:
        remove_remote(bob.store, transaction, "origin")

    with bob.store.writer() as writer, writer.transaction() as transaction, pytest.raises(Conflict, match="only"):
        drop(transaction)
    bring(bob.store, bob.store.snapshot_ids())
    with bob.store.writer() as writer, writer.transaction() as transaction:
        drop(transaction)
    with pytest.raises(NotFound, match="no remote"):
        remote(bob.store, "origin")


def test_a_second_remote_gets_what_only_the_first_has(people: tuple[Person, Person]) -> None:
    ada, bob = people
    ada.box.write(FIRST)
    snapshot = ada.box.snap("first").id
    ada.sync()
    fetch(bob.store, "origin", bob.memory)
    backup = Memory()
    push(bob.store, "backup", backup, snapshot=snapshot)
    assert backup.manifest("main").config == bob.memory.manifest("main").config
    with boxed(bob.box.folder.parent / "eve") as box:
        eve = Person(box, backup)
        eve.sync()
        assert on_disk(eve.box.folder) == on_disk(ada.box.folder)
