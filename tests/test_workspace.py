"""A workspace against a plain dict: whatever is done, what was kept comes back, and the store and its log stay whole."""

from __future__ import annotations

import io
import json
import shutil
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from jupyter_kit.errors import Conflict, InvalidInput, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.store.store import Store
from jupyter_kit.workspace import Workspace

PATHS = st.sampled_from(["a.txt", "data/b.csv", "data/c.bin", "model.bin", "n.ipynb"])
CONTENTS = st.one_of(st.binary(max_size=50), st.integers(0, 5).map(lambda number: bytes([number]) * 70_000))


class Machine(RuleBasedStateMachine):
    """Snapshot, edit, roll back, tag, remove, prune, reopen and rebuild, in any order."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.workspace = Workspace.init(self.folder)
        self.files: dict[str, bytes] = {}
        self.kept: dict[str, dict[str, bytes]] = {}
        self.tags: dict[str, str] = {}
        self.head: str | None = None

    def teardown(self) -> None:
        if hasattr(self, "workspace"):
            report = self.workspace.check()
            assert report.ok, report.damage
            assert self.workspace.audit_verify().problems == ()
            self.workspace.close()
            shutil.rmtree(self.folder)

    @rule(path=PATHS, content=CONTENTS)
    def write(self, path: str, content: bytes) -> None:
        (self.folder / path).parent.mkdir(exist_ok=True)
        (self.folder / path).write_bytes(content)
        self.files[path] = content

    @precondition(lambda self: self.files)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        path = data.draw(st.sampled_from(list(self.files)))
        (self.folder / path).unlink()
        del self.files[path]
        if path.startswith("data/") and not any((self.folder / "data").iterdir()):
            (self.folder / "data").rmdir()  # An empty folder is kept, too, and the dict knows files only.

    @rule()
    def snapshot(self) -> None:
        taken = self.workspace.snapshot("kept")
        assert taken.parents == ((self.head,) if self.head else ())
        self.kept[taken.id] = dict(self.files)
        self.head = taken.id

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def roll_back(self, data: st.DataObject) -> None:
        digest = data.draw(st.sampled_from(list(self.kept)))
        before = dict(self.files)
        result = self.workspace.rollback(digest)
        if result.safety:
            self.kept[result.safety] = before
        self.files, self.head = dict(self.kept[digest]), digest
        assert self.on_disk() == self.files
        assert result.undo
        assert self.kept[result.undo] == before

    @precondition(lambda self: self.kept)
    @rule(data=st.data(), name=st.sampled_from(["v1", "v2"]))
    def tag(self, data: st.DataObject, name: str) -> None:
        digest = data.draw(st.sampled_from(list(self.kept)))
        if self.tags.get(name, digest) != digest:
            with pytest.raises(Conflict):
                self.workspace.tag(name, digest)
        self.workspace.tag(name, digest, force=True)
        self.tags[name] = digest

    @precondition(lambda self: len(self.kept) > 1)
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        digest = data.draw(st.sampled_from(list(self.kept)))
        if digest == self.head:
            with pytest.raises(Conflict):
                self.workspace.remove([digest])
            return
        self.workspace.remove([digest])
        self.forget([digest])

    @rule(last=st.one_of(st.none(), st.integers(0, 2)))
    def prune(self, last: int | None) -> None:
        result = self.workspace.prune(keep_last=last)
        assert self.head not in result.plan.remove
        assert not set(self.tags.values()) & set(result.plan.remove)
        self.forget(result.plan.remove)

    @rule(rebuild=st.booleans())
    def reopen(self, rebuild: bool) -> None:
        self.workspace.close()
        self.workspace = Workspace.open(self.folder, rebuild=rebuild)

    def forget(self, ids: list[str] | tuple[str, ...]) -> None:
        for digest in ids:
            del self.kept[digest]
            self.tags = {name: named for name, named in self.tags.items() if named != digest}

    def on_disk(self) -> dict[str, bytes]:
        found = (path for path in self.folder.rglob("*") if path.is_file() and ".kit" not in path.parts)
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in found}

    @invariant()
    def history_is_what_it_should_be(self) -> None:
        if not hasattr(self, "workspace"):
            return
        assert {entry.snapshot.id for entry in self.workspace.log()} == set(self.kept)
        assert self.workspace.tags() == self.tags

    @invariant()
    def status_is_what_it_should_be(self) -> None:
        if hasattr(self, "workspace") and self.head:
            before = self.kept[self.head]
            differing = {path for path in before.keys() | self.files.keys() if before.get(path) != self.files.get(path)}
            status = self.workspace.status()
            found = {
                path for change in status.changes for path in (change.path, change.old_path) if path and change.old_size != change.new_size
            }
            assert bool(differing) == (not status.clean)
            assert found <= differing | {"data"}


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=60, stateful_step_count=30)


def test_names_of_a_snapshot(workspace: Workspace, folder: Path) -> None:
    (folder / "a.txt").write_text("one")
    first = workspace.snapshot("first", tags=["v1"])
    (folder / "a.txt").write_text("two")
    second = workspace.snapshot("second")
    for name in ("v1", first.id, first.id[:6].upper(), "HEAD~1", "latest~", "HEAD~"):
        assert workspace.show(name).snapshot.id == first.id
    assert workspace.show().snapshot.id == second.id
    for name in ("v2", "HEAD~2", "fff", "0000000", ""):
        with pytest.raises((NotFound, InvalidInput)):
            workspace.show(name)


def test_metrics_wait_for_the_next_snapshot(workspace: Workspace) -> None:
    assert workspace.metric({}) == {}
    assert workspace.audit(verb="metric") == ()  # A look is no event.
    assert workspace.metric({"loss": 0.5}) == {"loss": 0.5}
    assert workspace.metric({"accuracy": 0.9}) == {"accuracy": 0.9, "loss": 0.5}
    assert workspace.status().pending_metrics == {"accuracy": 0.9, "loss": 0.5}
    assert workspace.snapshot("x", metrics={"loss": 0.4}).metrics == {"accuracy": 0.9, "loss": 0.4}
    assert workspace.status().pending_metrics == {}
    with pytest.raises(InvalidInput):
        workspace.metric({"loss": float("nan")})


def test_metrics_wait_for_a_snapshot_that_somebody_takes(workspace: Workspace) -> None:
    workspace.metric({"accuracy": 0.9})
    first = workspace.snapshot("saved", kind="auto")
    (workspace.folder / "new.txt").write_text("mishap")
    safety = workspace.rollback(first.id).safety
    assert safety
    assert [workspace.show(name).snapshot.metrics for name in (first.id, safety)] == [{}, {}]
    assert workspace.status().pending_metrics == {"accuracy": 0.9}
    assert workspace.snapshot("mine").metrics == {"accuracy": 0.9}


def test_what_an_auto_snapshot_is_given_is_kept_though_nothing_changed(workspace: Workspace) -> None:
    first = workspace.snapshot("mine")
    assert workspace.snapshot("by a script", kind="auto").id == first.id
    kept = workspace.snapshot("by a script", kind="auto", metrics={"loss": 0.5}, tags=["nightly"])
    assert workspace.show("nightly").snapshot.id == kept.id != first.id
    assert workspace.show(kept.id).snapshot.metrics == {"loss": 0.5}


def test_a_metric_noted_while_a_snapshot_is_taken_waits_for_the_next(workspace: Workspace) -> None:
    workspace.metric({"loss": 0.5, "accuracy": 0.8})

    class Noting(Silent):
        def begin(self, *arguments: object, **named: object) -> None:
            with Workspace.open(workspace.folder) as other:
                other.metric({"accuracy": 0.9})

    (workspace.folder / "new.txt").write_text("new")
    assert workspace.snapshot("x", progress=Noting()).metrics == {"loss": 0.5, "accuracy": 0.8}
    assert workspace.status().pending_metrics == {"accuracy": 0.9}


def damage_record(workspace: Workspace, digest: str) -> None:
    """Flip a byte of a snapshot's record, which lies in the index."""
    from jupyter_kit.store.format.schema import Table, encode_chunk_row

    store = workspace._store
    blob = store.blob_row(digest)
    assert blob
    (span,) = store.recipe(blob.root.hex()).spans
    (row,) = store.chunks.find([span.chunk])
    assert row
    assert row.inline
    changed = row._replace(inline=row.inline[:-1] + bytes([row.inline[-1] ^ 1]))
    with store.environment.write() as transaction:
        transaction.put(span.chunk, encode_chunk_row(changed), db=store.environment.tables[Table.CHUNKS])


def test_a_failure_is_an_event_too(workspace: Workspace, folder: Path) -> None:
    (folder / ".kitignore").write_text("[\n")
    with pytest.raises(InvalidInput):
        workspace.snapshot("x")
    assert [(event.verb, event.result) for event in workspace.audit()] == [("init", "ok"), ("snapshot", "invalid-ignore-file")]
    assert workspace.audit_verify().ok


def test_events_are_found_by_time_actor_verb_and_file(workspace: Workspace, folder: Path) -> None:
    (folder / "a.txt").write_text("one")
    first = workspace.snapshot("first")
    (folder / "b.txt").write_text("two")
    workspace.snapshot("second")
    workspace.rollback("HEAD~1", ["a.txt"])
    (about,) = workspace.audit(verb="snapshot", path="a.txt")
    assert about.ids == (first.id,)
    assert {event.verb for event in workspace.audit(path="a.txt")} == {"snapshot", "rollback"}
    now = datetime.now(timezone.utc)
    assert workspace.audit(since=now + timedelta(hours=1)) == ()
    assert len(workspace.audit(until=now + timedelta(hours=1), actor=about.actor)) == len(workspace.audit())
    assert workspace.audit(actor="nobody else") == ()
    assert [event.sequence for event in workspace.audit(limit=2)] == [event.sequence for event in workspace.audit()][-2:]


def test_an_export_verifies_without_the_store(workspace: Workspace, folder: Path) -> None:
    import hashlib

    (folder / "a.txt").write_text("one")
    taken = workspace.snapshot("first")
    lines = io.StringIO()
    count = workspace.audit_export(lines)
    previous, seen = "0" * 64, []
    for line in lines.getvalue().splitlines():
        document = json.loads(line)
        assert json.loads(document["event"])["previous"] == previous
        previous = hashlib.sha256(document["event"].encode()).hexdigest()
        assert document["hash"] == previous
        seen += document["anchors"]
    assert count == 2
    assert seen == [taken.id]
    table = io.StringIO()
    assert workspace.audit_export(table, format="csv") == 2
    assert table.getvalue().splitlines()[0].startswith("sequence,time,actor")


def test_an_edited_log_is_found(workspace: Workspace, folder: Path) -> None:
    from jupyter_kit.store.format.schema import Table

    for number in range(4):
        (folder / "a.txt").write_text(str(number))
        workspace.snapshot(str(number))
    environment = workspace._store.environment
    rows = dict(environment.rows(Table.AUDIT))
    keys = sorted(rows)

    def with_rows(changed: dict[bytes, bytes]) -> bool:
        with environment.write() as transaction:
            transaction.drop(environment.tables[Table.AUDIT], delete=False)
            for key, value in changed.items():
                transaction.put(key, value, db=environment.tables[Table.AUDIT])
        return workspace.audit_verify().ok

    assert with_rows(rows)
    assert not with_rows({**rows, keys[2]: rows[keys[2]].replace(b'"1"', b'"7"')})
    assert not with_rows({key: value for key, value in rows.items() if key != keys[2]})
    assert not with_rows({**rows, keys[1]: rows[keys[2]], keys[2]: rows[keys[1]]})
    assert not with_rows({key: rows[key] for key in keys[:-1]})
    assert not with_rows({key: rows[key] for key in keys[:2]})
    assert with_rows(rows)


def test_content_is_read_under_the_stores_lock(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever verb it is: a prune in another process would take away what was just found."""
    held: list[bool] = []
    whole = Store.blob
    monkeypatch.setattr(Store, "blob", lambda store, digest: (held.append(store.locks.held), whole(store, digest))[1])
    Path("a.txt").write_text("one\n")
    workspace.snapshot("first")
    Path("a.txt").write_text("two\n")
    second = workspace.snapshot("second").id
    workspace.tag("v1", "HEAD~1")
    workspace.rollback("HEAD~1")
    workspace.diff("v1", "latest")
    for look in (workspace.status, workspace.log, workspace.show, workspace.plan_prune, workspace.inspect, workspace.audit_verify):
        look()
    assert workspace.paths() == ["a.txt"]
    assert workspace.log(path="a.txt")
    assert workspace.remove([second])[0] == second
    workspace.prune(keep_last=1)
    assert len(held) > 20
    assert all(held)


def test_a_folder_above_the_current_one_is_that_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "inner").mkdir()
    Workspace.init(tmp_path / "inner").close()
    monkeypatch.chdir(tmp_path / "inner")
    with pytest.raises(NotFound, match="not in a workspace"):
        Workspace.open("..")
    with Workspace.init(Path("..")) as workspace:
        assert workspace.folder == tmp_path


def test_a_kept_file_is_read_without_rolling_back(workspace: Workspace, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data/train.csv").write_text("before")
    (folder / "latest.csv").symlink_to("data/train.csv")
    first = workspace.snapshot("first", tags=["v1"])
    (folder / "data/train.csv").write_text("and after")
    workspace.snapshot("second")
    for path in ("data/train.csv", "latest.csv", str(folder / "data/train.csv")):
        with workspace.open_file(path, "v1") as kept, workspace.open_file(path) as newest:
            assert (kept.read(), newest.read()) == (b"before", b"and after")
    assert (folder / "data/train.csv").read_text() == "and after"
    assert [entry.path for entry in workspace.entries(first.short)] == ["data/train.csv", "latest.csv"]
    assert [entry.path for entry in workspace.tree("HEAD~1").list("data")] == ["data/train.csv"]
    assert kept.path == "data/train.csv"


def test_what_is_no_kept_file_is_not_opened(workspace: Workspace, folder: Path) -> None:
    (folder / "data").mkdir()
    (folder / "data/train.csv").write_text("before")
    with pytest.raises(NotFound, match="no snapshot yet"):
        workspace.open_file("data/train.csv")
    workspace.snapshot("first")
    with pytest.raises(NotFound, match=r"Did you mean “data/train\.csv”"):
        workspace.open_file("data/trian.csv")
    with pytest.raises(InvalidInput, match="folder"):
        workspace.open_file("data")
    with pytest.raises(InvalidInput, match="outside of the workspace"):
        workspace.open_file("../x")


def test_versions_of_a_file_are_its_contents_in_turn(workspace: Workspace, folder: Path) -> None:
    def take(message: str, **files: str) -> str:
        for name, text in files.items():
            (folder / f"{name}.txt").write_text(text)
        return workspace.snapshot(message).id

    first = take("first", a="one")
    take("other", b="x")
    (folder / "a.txt").touch()
    take("touched")
    second = take("second", a="two")
    (folder / "a.txt").unlink()
    take("deleted")
    again = take("again", a="two")
    for _ in range(2):
        versions = workspace.versions("a.txt")
        assert [version.snapshot.id for version in versions] == [first, second, again]
        assert [version.entry.size for version in versions] == [3, 3, 3]
    assert workspace.versions("none.txt") == workspace.versions("") == ()
    with pytest.raises(InvalidInput):
        workspace.versions("../a.txt")


def test_a_file_that_is_renamed_keeps_its_versions(workspace: Workspace, folder: Path) -> None:
    def take(**files: str) -> str:
        for name, text in files.items():
            (folder / f"{name}.txt").write_text(text)
        return workspace.snapshot().id

    first, second = take(a="one", other="x"), take(a="two")
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub/b.txt")
    take(other="y")
    third = take(**{"sub/b": "three"})
    (folder / "sub/b.txt").rename(folder / "c.txt")
    take(a="another file by an old name", copy="three")
    for _ in range(2):
        versions = workspace.versions("c.txt")
        assert [(version.snapshot.id, version.entry.path) for version in versions] == [
            (first, "a.txt"), (second, "a.txt"), (third, "sub/b.txt"),
        ]  # fmt: skip
    assert [version.entry.path for version in workspace.versions("sub/b.txt")] == ["a.txt", "a.txt", "sub/b.txt"]
    assert [version.snapshot.id for version in workspace.versions("a.txt")][:2] == [first, second]
    copied = (folder / "c.txt").read_text()
    (folder / "d.txt").write_text(copied)
    last = workspace.snapshot().id
    assert [version.snapshot.id for version in workspace.versions("d.txt")] == [last], "a copy begins anew"


def test_files_without_content_are_not_taken_for_one_another(workspace: Workspace, folder: Path) -> None:
    (folder / "a.txt").touch()
    workspace.snapshot()
    (folder / "a.txt").rename(folder / "b.txt")
    last = workspace.snapshot().id
    assert [version.snapshot.id for version in workspace.versions("b.txt")] == [last]


def test_a_version_by_a_former_name_comes_back_by_the_present_one(workspace: Workspace, folder: Path) -> None:
    (folder / "a.txt").write_text("one")
    (folder / "other.txt").write_text("x")
    first = workspace.snapshot().id
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub/b.txt")
    (folder / "sub/b.txt").write_text("two, not kept")
    (folder / "other.txt").write_text("y")
    result = workspace.rollback(first, ["sub/b.txt"], former="a.txt")
    assert [(step.action, step.path) for step in result.plan.steps] == [("write", "sub/b.txt")]
    assert {path.name: path.read_text() for path in folder.rglob("*.txt")} == {"b.txt": "one", "other.txt": "y"}
    assert result.undo
    workspace.rollback(result.undo, ["sub/b.txt"])
    assert (folder / "sub/b.txt").read_text() == "two, not kept"
    with pytest.raises(NotFound, match=r"none\.txt"):
        workspace.rollback(first, ["sub/b.txt"], former="none.txt")
    with pytest.raises(InvalidInput):
        workspace.rollback(first, ["sub/b.txt", "other.txt"], former="a.txt")


def test_versions_are_told_past_a_record_that_is_damaged(workspace: Workspace, folder: Path) -> None:
    ids = []
    for text in ("one", "two", "three"):
        (folder / "a.txt").write_text(text)
        ids.append(workspace.snapshot(text).id)
    damage_record(workspace, ids[2])
    assert [version.snapshot.id for version in workspace.versions("a.txt")] == ids[:2]
