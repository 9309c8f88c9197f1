"""Two people who write, snapshot, roll back, prune, fetch and sync in any order, over a remote that collects its garbage."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import ExitStack
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from jupyter_kit.errors import Conflict, Kind, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.history import History
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.snapshot.removal import of_snapshots
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.exchange import sync
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.pull import bring, follow
from tests.faults.project import noise
from tests.snapshot.conftest import Box, boxed, on_disk
from tests.sync.memory import Memory

PEOPLE = st.sampled_from(["ada", "bob"])
PATHS = st.sampled_from(["a.txt", "data/b.bin", "n.md"])
CONTENTS = st.one_of(st.integers(0, 30).map(lambda count: b"a line\n" * count), st.integers(0, 3).map(lambda seed: noise(seed, 70_000)))


class Machine(RuleBasedStateMachine):
    """Whatever they do, no byte of a kept snapshot is lost, and in the end both have the same files."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.remote = Memory()
        self.stack = ExitStack()
        self.people: dict[str, Box] = {}
        for name in ("ada", "bob"):
            box = self.stack.enter_context(boxed(self.folder / name))
            box.store.chunks.fetcher = Fetcher(box.store, lambda _: self.remote)
            self.people[name] = box
        self.kept: dict[str, object] = {}

    def teardown(self) -> None:
        if not hasattr(self, "people"):
            return
        for name in ("ada", "bob", "ada", "bob"):
            self.snapshot(name)
            self.sync(name)
        ada, bob = self.people.values()
        assert ada.head == bob.head
        assert on_disk(ada.folder) == on_disk(bob.folder)
        for box in (ada, bob):
            for snapshot in box.store.snapshot_ids():
                if snapshot in self.kept:
                    box.roll(snapshot)
                    assert on_disk(box.folder) == self.kept[snapshot]
            bring(box.store, box.store.snapshot_ids())
            report, _ = check(box.store, reference_reader(box.store), Silent())
            assert report.ok
            assert report.remote_bytes == 0
        self.stack.close()
        shutil.rmtree(self.folder)

    @rule(name=PEOPLE, path=PATHS, content=CONTENTS)
    def write(self, name: str, path: str, content: bytes) -> None:
        self.people[name].write({path: content})

    @rule(name=PEOPLE)
    def snapshot(self, name: str) -> None:
        box = self.people[name]
        self.kept[box.snap(kind="auto").id] = on_disk(box.folder)

    @rule(name=PEOPLE, data=st.data())
    def roll_back(self, name: str, data: st.DataObject) -> None:
        box = self.people[name]
        if ids := box.store.snapshot_ids():
            box.roll(data.draw(st.sampled_from(ids)))

    @rule(name=PEOPLE, data=st.data())
    def prune(self, name: str, data: st.DataObject) -> None:
        box = self.people[name]
        tagged = set(box.store.tags().values())
        going = [digest for digest in box.store.snapshot_ids() if digest not in tagged and data.draw(st.booleans())]
        removal = of_snapshots(box.store, History(box.store), going)
        with box.store.exclusive():
            sweep = plan_sweep(box.store, reference_reader(box.store), going)
            apply_sweep(box.store, sweep, removal.carry_out, Silent())

    @rule(name=PEOPLE)
    def fetch(self, name: str) -> None:
        try:
            fetch(self.people[name].store, "origin", self.remote)
        except NotFound:
            assert "main" not in self.remote.named

    @rule(name=PEOPLE)
    def sync(self, name: str) -> None:
        box = self.people[name]
        try:
            done = sync(box.store, "origin", self.remote)
        except NotFound:
            assert box.head is None
            return
        except Conflict as error:
            assert error.kind is Kind.DIVERGED
            done = sync(box.store, "origin", self.remote, merge=True)
        if done.action == "pull":
            try:
                follow(box.store, box.folder, done.snapshot)
            except Conflict:
                self.snapshot(name)

    @rule()
    def collect(self) -> None:
        self.remote.collect()


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=8, stateful_step_count=40)
