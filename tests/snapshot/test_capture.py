"""Taking snapshots."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit.errors import Cancelled, Conflict, InvalidInput, Kind
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.capture import capture
from jupyter_kit.snapshot.records import read_environment, read_snapshot
from jupyter_kit.snapshot.statcache import TREE_KEY, decode_tree
from jupyter_kit.snapshot.survey import Survey, head_of
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from tests.snapshot.conftest import Box, boxed
from tests.snapshot.test_scan import settled


def reads(box: Box) -> dict[str, int]:
    """The files that a look at the workspace reads, with the bytes that are new to the store."""
    with box.store.measure() as measure:
        survey = Survey(box.store, box.folder, measure, Silent(), lasting=False, head=head_of(box.store))
        return {path: added.new_bytes for path, added in survey.added.items()}


def test_everything_is_in_it(box: Box) -> None:
    box.write({"a.txt": b"text", "sub/model.bin": bytes(3_000_000), "empty": None, "link": "sub", "zero": b""})
    (box.folder / "a.txt").chmod(0o640)
    taken = box.snap("first", metrics={"loss": 0.5}, notebook="a.ipynb", kernel="python3")
    assert (taken.files, taken.bytes, taken.unchanged) == (4, 3_000_004, False)
    assert taken.new_bytes > 0
    assert read_snapshot(box.store, taken.id).new_bytes == taken.new_bytes
    entries = box.entries(taken.id)
    assert {path: (entry.kind, entry.size) for path, entry in entries.items()} == {
        "a.txt": ("file", 4),
        "empty": ("folder", 0),
        "link": ("symlink", 0),
        "sub/model.bin": ("file", 3_000_000),
        "zero": ("file", 0),
    }
    assert entries["a.txt"].mode == 0o640
    assert entries["link"].target == "sub"
    assert entries["a.txt"].mtime_ns == (box.folder / "a.txt").stat().st_mtime_ns
    assert box.content(taken.id, "a.txt") == b"text"
    record = read_snapshot(box.store, taken.id)
    assert (record.author, record.message, record.kind, record.workspace) == ("Ada", "first", "manual", "work")
    assert (record.notebook, record.kernel, record.metrics, record.parents) == ("a.ipynb", "python3", {"loss": 0.5}, ())
    environment = read_environment(box.store, record)
    assert environment is not None
    assert "pytest" in environment["packages"]  # type: ignore[operator]
    assert box.store.snapshot_ids() == [taken.id]


def test_folders_with_a_mode_of_their_own(box: Box) -> None:
    box.write({"private/x": b"", "usual/x": b"", "private/empty": None})
    (box.folder / "private").chmod(0o700)
    (box.folder / "private/empty").chmod(0o711)
    entries = box.entries(box.snap().id)
    assert {path: entry.mode for path, entry in entries.items() if entry.kind == "folder"} == {"private": 0o700, "private/empty": 0o711}


def test_a_folder_whose_content_is_ignored_is_empty(box: Box) -> None:
    box.write({"a/__pycache__/x": b"", "b/.env": b"", ".kitignore": b"c/*\n", "c/x": b"", "d/deep/er": None})
    assert set(box.entries(box.snap().id)) == {"a", "b", "c", "d/deep/er", ".kitignore"}


def test_history_and_tags(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap(tags=("v1", "v1"))
    box.write({"a": b"2"})
    second = box.snap(tags=("v2",))
    assert second.parents == (first.id,)
    assert box.store.tags() == {"HEAD": second.id, "latest": second.id, "v1": first.id, "v2": second.id}
    assert box.store.snapshot_ids() == [first.id, second.id]


def test_an_unchanged_workspace(box: Box) -> None:
    box.write({"a": b"1", "b/c": b"2"})
    first = box.snap()
    assert box.snap(kind="auto").id == first.id
    assert box.snap(kind="safety").id == first.id
    second = box.snap("again", metrics={"n": 1})
    assert second.unchanged
    assert second.new_bytes == 0
    assert second.id != first.id
    assert second.parents == (first.id,)
    assert (second.files, second.bytes) == (first.files, first.bytes)
    assert read_snapshot(box.store, second.id).files == read_snapshot(box.store, first.id).files


def test_a_touched_file_is_no_change(box: Box) -> None:
    box.write({"a": b"1", "b": b"2"})
    first = box.snap()
    os.utime(box.folder / "a", ns=(10**18, 10**18))
    auto = box.snap(kind="auto")
    assert auto.id == first.id
    assert auto.unchanged
    assert reads(box) == {}
    assert box.snap(kind="auto").id == first.id
    manual = box.snap()
    assert manual.unchanged
    assert read_snapshot(box.store, manual.id).files == read_snapshot(box.store, first.id).files


def test_a_changed_mode_is_a_change(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    (box.folder / "a").chmod(0o600)
    auto = box.snap(kind="auto")
    assert auto.id != first.id
    assert not auto.unchanged
    assert auto.new_bytes == 0


def test_only_changed_files_are_read(box: Box) -> None:
    box.write({f"d/{number}": b"%d" % number for number in range(10)})
    settled(box.folder)
    box.snap()
    assert reads(box) == {}
    box.write({"d/3": b"other", "d/new": b"3"})
    assert reads(box) == {"d/3": 5, "d/new": 0}
    assert reads(box) == {"d/3": 5, "d/new": 0}  # Looking keeps nothing, so the cache may not say that it did.
    box.snap()
    assert reads(box) == {}
    assert box.content(box.head or "", "d/3") == b"other"


def test_a_lost_cache_costs_reading_only(box: Box) -> None:
    box.write({"a": b"1" * 5000, "d/b": b"2"})
    settled(box.folder)
    first = box.snap()
    with box.store.writer() as writer, writer.transaction() as transaction:
        transaction.clear_stats()
    assert set(reads(box)) == {"a", "d/b"}
    second = box.snap(kind="auto")
    assert second.id == first.id
    assert reads(box) == {}


def test_a_damaged_cache_costs_reading_only(box: Box) -> None:
    box.write({"a": b"1", "d/b": b"2"})
    settled(box.folder)
    box.snap()
    with box.store.writer() as writer, writer.transaction() as transaction:
        transaction.put_stat(TREE_KEY, b"\x01nonsense")
    assert reads(box) == {}
    assert box.snap().unchanged


def test_rows_of_folders_that_are_gone_do_not_pile_up(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.snapshot.survey.STALE_ROWS", 0)
    for number in range(30):
        box.write({f"d{number}/x": b"%d" % number})
        settled(box.folder)
        box.snap()
        (box.folder / f"d{number}/x").unlink()
        (box.folder / f"d{number}").rmdir()
    box.write({"x": b""})
    settled(box.folder)
    box.snap()
    tree = decode_tree(box.store.stat_rows([TREE_KEY])[0])
    assert tree is not None
    assert tree.rows <= 10
    assert box.store.environment.entries(Table.STATS) <= 11
    assert reads(box) == {}


def test_a_same_size_edit_right_after_is_seen(box: Box) -> None:
    """The race that stat caches lose: written again within the same tick, with the same size and even the same times."""
    for number in range(20):
        box.write({"a": b"%04d" % number})
        taken = box.snap()
        assert box.content(taken.id, "a") == b"%04d" % number


def test_what_is_left_out_is_named_every_time(box: Box) -> None:
    box.write({"a": b"", "sub/.env": b"", "id_rsa": b""})
    os.mkfifo(box.folder / "pipe")
    settled(box.folder)
    named = [("id_rsa", "looks like a private key"), ("pipe", "a pipe"), ("sub/.env", "may hold secrets")]
    for _ in range(3):
        assert [(left.path, left.reason) for left in box.snap().skipped] == named
    assert [left.path for left in box.snap(kind="auto").skipped] == ["id_rsa", "pipe", "sub/.env"]


def test_a_file_that_vanishes_between_walk_and_read_is_left_out(box: Box) -> None:
    box.write({"a": b"1", "b": b"2", "c": b"3"})

    class Vanishing(Silent):
        def advance(self, amount: int, *, path: str | None = None) -> None:
            (box.folder / "b").unlink(missing_ok=True)

    taken = box.snap(progress=Vanishing())
    assert set(box.entries(taken.id)) == {"a", "c"}
    assert box.snap(kind="auto").id == taken.id


@pytest.mark.parametrize("kind", ["manual", "auto"])
def test_a_file_that_keeps_changing_stops_it_by_name(box: Box, kind: str) -> None:
    box.write({"a": b"1"})
    before = box.snap()
    box.write({"log": bytes(2_000_000), "a": b"2"})

    class Writing(Silent):
        def advance(self, amount: int, *, path: str | None = None) -> None:
            with (box.folder / "log").open("ab") as log:
                log.write(b"x")

    with pytest.raises(Conflict, match="log") as caught:
        box.snap(kind=kind, progress=Writing())
    assert caught.value.kind is Kind.FILE_CHANGED
    assert box.head == before.id
    assert box.content(box.snap().id, "a") == b"2"


def test_a_file_under_constant_writing_is_never_torn(box: Box) -> None:
    """A writer fills the file with one letter after another: each snapshot is a state the file was in, or says why not."""
    size = 300_000
    place = box.folder / "log"
    place.write_bytes(b"a" * size)
    stop = threading.Event()

    def work() -> None:
        with place.open("r+b", buffering=0) as log:
            while not stop.is_set():
                for letter in b"abcdefgh":
                    log.seek(0)
                    log.write(bytes([letter]) * size)

    writer = threading.Thread(target=work)
    writer.start()
    try:
        for _ in range(3):
            try:
                taken = box.snap()
            except Conflict as error:
                assert error.kind is Kind.FILE_CHANGED
            else:
                content = box.content(taken.id, "log")
                first, last = content[0], content[-1]
                # One letter, or the state in the middle of one write: the next letter up to some byte, the one before behind it.
                assert content == bytes([first]) * content.count(first) + bytes([last]) * (size - content.count(first)) or first == last
                assert first == last or (first - last) % 8 == 1
    finally:
        stop.set()
        writer.join()


def test_unreadable_files_are_named(unprivileged: Callable[[], Path]) -> None:
    with boxed(unprivileged() / "work") as box:
        box.write({"a": b"1", "closed": b"2", "folder/x": b"3"})
        (box.folder / "closed").chmod(0)
        (box.folder / "folder").chmod(0)
        taken = box.snap()
        assert set(box.entries(taken.id)) == {"a"}
        assert [left.path for left in taken.skipped] == ["closed", "folder"]
        (box.folder / "closed").chmod(0o600)
        (box.folder / "folder").chmod(0o755)
        assert set(box.entries(box.snap().id)) == {"a", "closed", "folder/x"}


def test_wrong_requests_are_refused_before_anything_is_read(box: Box) -> None:
    box.write({"a": b""})
    taken = box.snap(tags=("v1",))
    for options, error in (
        ({"tags": ("v1",)}, Conflict),
        ({"tags": ("HEAD",)}, InvalidInput),
        ({"tags": ("latest",)}, InvalidInput),
        ({"tags": ("-x",)}, InvalidInput),
        ({"metrics": {"x": float("nan")}}, InvalidInput),
    ):
        with pytest.raises(error):
            box.snap(**options)  # type: ignore[arg-type]
    assert box.store.snapshot_ids() == [taken.id]


def test_cancelling_leaves_nothing(box: Box) -> None:
    box.write({"a": b"1", "b": b"2"})

    class Stopping(Silent):
        def advance(self, amount: int, *, path: str | None = None) -> None:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        box.snap(progress=Stopping())
    assert box.head is None
    assert box.store.snapshot_ids() == []


def test_the_event_is_part_of_the_same_step(box: Box) -> None:
    box.write({"a": b"1"})
    seen: list[tuple[str, ...]] = []

    def failing(transaction: Transaction, ids: tuple[str, ...]) -> None:
        seen.append(ids)
        assert transaction.tag("HEAD") == ids[0]
        raise RuntimeError("no event, no snapshot")

    with pytest.raises(RuntimeError):
        box.snap(record=failing)
    assert len(seen) == 1
    assert box.head is None
    assert box.store.snapshot_ids() == []
    taken = box.snap()
    assert box.content(taken.id, "a") == b"1"


def test_the_loser_of_a_race_stands_on_the_winner(box: Box) -> None:
    """Somebody takes a snapshot while ours is about to be committed."""
    box.write({"a": b"1"})
    other: list[str] = []

    def moment() -> str:
        if not other:
            other.append("")
            other[0] = box.snap("other").id
        return "2026-01-31T12:00:00.000001Z"

    taken = box.snap("ours", created=moment)
    assert taken.parents == (other[0],)
    assert box.head == taken.id
    assert len(box.store.snapshot_ids()) == 2


def test_two_processes_at_once_lose_no_snapshot(box: Box) -> None:
    box.write({"a": b"1"})
    program = (
        "import sys; from pathlib import Path; from jupyter_kit.store.store import Store;"
        "from jupyter_kit.snapshot.capture import capture;"
        "store = Store.open(Path(sys.argv[1]) / '.kit/store');"
        "[capture(store, Path(sys.argv[1]), message=f'{sys.argv[2]}-{n}', author='x') for n in range(10)]"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, str(box.folder), name]) for name in ("one", "two")]
    assert [process.wait(60) for process in started] == [0, 0]
    ids = box.store.snapshot_ids()
    assert len(ids) == 20
    chain, at = [], box.head
    while at:
        chain.append(at)
        parents = read_snapshot(box.store, at).parents
        at = parents[0] if parents else None
    assert sorted(chain) == sorted(ids)


def test_a_safety_snapshot_is_not_the_latest(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    box.write({"a": b"2"})
    safety = box.snap(kind="safety")
    assert box.store.tags() == {"HEAD": safety.id, "latest": first.id}


def test_the_author_is_gits_or_the_systems(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ada")
    box.write({"a": b"1"})
    taken = capture(box.store, box.folder)
    assert read_snapshot(box.store, taken.id).author == "ada"
    subprocess.run(["git", "init", "-q", "."], cwd=box.folder, check=True)
    subprocess.run(["git", "config", "user.name", "Ada Lovelace"], cwd=box.folder, check=True)
    taken = capture(box.store, box.folder)
    assert read_snapshot(box.store, taken.id).author == "Ada Lovelace"


def test_earlier_versions_are_bases_of_deltas(box: Box) -> None:
    text = json.dumps([f"line {number}" for number in range(5000)]).encode()
    box.write({"notes.json": text})
    settled(box.folder)
    box.snap()
    for lose_the_cache in (False, True):
        text = text.replace(b"line 77", b"other 77", 1)
        box.write({"notes.json": text})
        if lose_the_cache:
            with box.store.writer() as writer, writer.transaction() as transaction:
                transaction.clear_stats()
        assert box.snap().stored_bytes < 2000


def test_a_workspace_that_is_opened_by_a_symlink(box: Box) -> None:
    box.write({"a": b"1"})
    alias = box.folder.with_name("alias")
    alias.symlink_to(box.folder)
    store = Store.open(alias / ".kit/store")
    first = capture(store, alias, author="x")
    store.close()
    assert box.snap(kind="auto").id == first.id
