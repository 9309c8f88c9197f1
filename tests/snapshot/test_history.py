"""The history, read from its newest end."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_kit.errors import NotFound
from jupyter_kit.snapshot.history import History
from jupyter_kit.store import store as store_module
from jupyter_kit.store.disk.environment import Environment
from jupyter_kit.store.format.schema import Table
from jupyter_kit.workspace import Workspace


@pytest.mark.parametrize("at_once", [1, 2, 128])
def test_it_is_read_from_the_newest_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int) -> None:
    monkeypatch.setattr(store_module, "ROWS_AT_ONCE", at_once)
    with Workspace.init(tmp_path) as workspace:
        assert list(History(workspace._store).newest_first()) == []
        ids = [workspace.snapshot(f"number {number}").id for number in range(5)][::-1]
        history = History(workspace._store)
        assert [snapshot.id for snapshot in history.newest_first()] == ids
        for number, identity in enumerate(ids):
            assert [snapshot.id for snapshot in history.newest_first(identity)] == ids[number + 1 :]
            assert history.resolve(identity) == identity


def test_a_page_and_a_whole_id_take_no_look_at_all_snapshots(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of a history of ten thousand are asked for while somebody scrolls."""
    with Workspace.init(tmp_path) as workspace:
        ids = [workspace.snapshot(f"number {number}").id for number in range(5)][::-1]
        rows = Environment.rows

        def refuse_history(environment: Environment, table: Table) -> list[tuple[bytes, bytes]]:
            assert table is not Table.SNAPSHOTS
            return rows(environment, table)

        monkeypatch.setattr(Environment, "rows", refuse_history)
        assert [entry.snapshot.id for entry in workspace.log(limit=2, before=ids[1])] == ids[2:4]
        assert workspace.show(ids[3]).snapshot.id == ids[3]


def test_a_snapshot_that_was_removed_is_not_found_by_its_whole_id(tmp_path: Path) -> None:
    with Workspace.init(tmp_path) as workspace:
        first = workspace.snapshot("first")
        workspace.snapshot("second")
        workspace.remove([first.id])
        with pytest.raises(NotFound):
            workspace.show(first.id)
