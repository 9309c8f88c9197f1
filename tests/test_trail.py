"""The audit trail beside other people's snapshots, which saw other logs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

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
