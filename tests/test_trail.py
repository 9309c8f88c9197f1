"""The audit trail beside other people's snapshots, which saw other logs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.errors import NotFound
from jupyter_kit.store.format.audit import NO_EVENT, decode_event
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.sync.fetch import Record, fetch
from jupyter_kit.sync.push import push
from jupyter_kit.workspace import Workspace
from tests.sync.memory import Memory


@pytest.fixture
def remote(tmp_path: Path) -> Memory:
    """A remote with the snapshots of somebody who has a longer log."""
    remote = Memory()
    with Workspace.init(tmp_path / "ada") as ada:
        for count in range(4):
            (ada.folder / "a.txt").write_text(str(count))
            ada.snapshot(f"{count}")
        push(ada._store, "origin", remote, record=recording(ada, "push"))
        assert ada.audit_verify().problems == ()
    return remote


@pytest.fixture
def bob(tmp_path: Path) -> Iterator[Workspace]:
    with ExitStack() as stack:
        yield stack.enter_context(Workspace.init(tmp_path / "bob"))


def recording(workspace: Workspace, verb: str) -> Record:
    def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
        transaction.append_event(workspace._trail.draft(verb, ids))

    return record


def test_the_log_that_others_saw_is_not_held_against_ours(bob: Workspace, remote: Memory) -> None:
    (bob.folder / "b.txt").write_text("mine")
    bob.snapshot("mine")
    fetch(bob._store, "origin", remote, record=recording(bob, "pull"))
    report = bob.audit_verify()
    assert report.problems == ()
    assert report.anchors == 1
    assert len(bob.audit(verb="pull")[0].ids) == 4


def test_a_snapshot_that_came_in_without_an_event_is_told(bob: Workspace, remote: Memory) -> None:
    fetch(bob._store, "origin", remote)
    assert len([problem for problem in bob.audit_verify().problems if "No event tells" in problem]) == 4


def test_nothing_new_is_no_event(bob: Workspace, remote: Memory) -> None:
    for _ in range(2):
        fetch(bob._store, "origin", remote, record=recording(bob, "pull"))
    assert len(bob.audit(verb="pull")) == 1


@pytest.fixture
def ada(tmp_path: Path) -> Iterator[Workspace]:
    """Somebody who has synced twice."""
    with Workspace.init(tmp_path / "ada") as made:
        made.add_remote("origin", f"oci:{tmp_path / 'history'}")
        for count in range(2):
            (made.folder / "a.txt").write_text(str(count))
            made.snapshot(f"{count}")
            made.sync()
        yield made


def chain(rows: list[tuple[int, bytes]], change: Callable[[dict[str, Any]], None], first: int) -> list[tuple[int, bytes]]:
    """The log with what ``change`` makes of event ``first`` and every later one, chained anew, as somebody would who knows how."""
    made = rows[: first - 1]
    for number, encoded in rows[first - 1 :]:
        document = json.loads(encoded)
        change(document)
        document["previous"] = hashlib.sha256(made[-1][1]).hexdigest() if made else NO_EVENT
        made.append((number, json.dumps(document, sort_keys=True, separators=(",", ":")).encode()))
    return made


def forge(workspace: Workspace, rows: list[tuple[int, bytes]], snapshots: int) -> None:
    """Put another log in the place of the workspace's, and leave only its oldest snapshots."""
    environment = workspace._store.environment
    with environment.write() as transaction:
        for table in (Table.AUDIT, Table.SNAPSHOTS):
            keys = [key for key, _ in environment.rows(table)]
            for key in keys if table is Table.AUDIT else keys[snapshots:]:
                transaction.delete(key, db=environment.tables[table])
        for number, encoded in rows:
            transaction.put(number.to_bytes(8, "big"), encoded, db=environment.tables[Table.AUDIT])


def test_a_remote_bears_witness_to_a_whole_log(ada: Workspace) -> None:
    report = ada.audit_verify(["origin"])
    assert report.problems == ()
    assert (report.remote_anchors, report.foreign_anchors) == (2, 0)
    assert ada.audit_verify().remote_anchors == 0


def test_a_log_cut_short_with_its_snapshots_is_told_by_the_remote(ada: Workspace) -> None:
    rows = ada._store.audit_rows()
    end = next(number for number, encoded in rows if decode_event(encoded).verb == "sync")
    forge(ada, rows[:end], 1)
    assert ada.audit_verify().ok
    assert [problem for problem in ada.audit_verify(["origin"]).problems if "cut off" in problem and "on origin" in problem]


def test_a_log_that_was_rewritten_is_told_by_the_remote(ada: Workspace) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["actor"] = "mallory"

    forge(ada, chain(ada._store.audit_rows(), rename, 2), 0)
    assert ada.audit_verify().ok
    problems = ada.audit_verify(["origin"]).problems
    assert len([problem for problem in problems if "the log was rewritten" in problem]) == 2


def test_a_log_that_was_replaced_from_its_first_event_on_is_told(ada: Workspace) -> None:
    def rename(document: dict[str, Any]) -> None:
        document["actor"] = "mallory"

    forge(ada, chain(ada._store.audit_rows(), rename, 1), 0)
    assert ada.audit_verify().ok
    report = ada.audit_verify(["origin"])
    assert (report.remote_anchors, report.foreign_anchors) == (0, 2)
    assert "knows only other logs" in report.problems[0]


def test_what_others_pushed_is_counted_and_not_held_against_us(ada: Workspace, tmp_path: Path) -> None:
    with Workspace.clone(f"oci:{tmp_path / 'history'}", tmp_path / "ben") as ben:
        (ben.folder / "b.txt").write_text("ben")
        ben.snapshot("ben's")
        ben.sync()
        assert ben.audit_verify(["origin"]).problems == ()
    ada.sync()
    report = ada.audit_verify(["origin"])
    assert report.problems == ()
    assert (report.remote_anchors, report.foreign_anchors) == (2, 1)


def test_only_a_remote_that_is_known_is_asked(ada: Workspace) -> None:
    with pytest.raises(NotFound, match="no remote “elsewhere”"):
        ada.audit_verify(["elsewhere"])
