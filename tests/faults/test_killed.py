"""Killed at the n-th durable step, for every n until the work completes: design section 11, first and sixth row."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit.workspace import Workspace

from .killed import dies_at
from .project import FIRST, SECOND, assert_whole, copied, data_segments, kept, on_disk, overwrite, put

STEPS_MAX = 400
"""More than any verb on this project takes; reaching it would mean that the countdown does not count."""


def snapshot(folder: Path, message: str) -> Callable[[], None]:
    def work() -> None:
        with Workspace.open(folder) as workspace:
            workspace.snapshot(message)

    return work


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    """A workspace with files and no snapshot."""
    folder = tmp_path / "empty"
    Workspace.init(folder).close()
    put(folder, FIRST)
    return folder


@pytest.fixture
def one(empty: Path) -> Path:
    """A workspace with one snapshot and the files of the second."""
    snapshot(empty, "first")()
    put(empty, SECOND)
    return empty


@pytest.fixture
def two(one: Path) -> Path:
    """A workspace with two snapshots, standing on the second."""
    snapshot(one, "second")()
    return one


def deaths(template: Path, place: Path, work: Callable[[Path], object], after: Callable[[Path], object]) -> int:
    """Let ``work`` die at every step, on a fresh copy each time, and look ``after`` it; returns the number of steps."""
    for steps in range(1, STEPS_MAX):
        folder = copied(template, place)
        died = dies_at(steps, lambda folder=folder: work(folder))  # type: ignore[misc]
        try:
            after(folder)
        except BaseException:
            print(f"after dying at step {steps}, in {folder}")
            raise
        if not died:
            return steps
    raise AssertionError("the work did not end")


def test_init(tmp_path: Path) -> None:
    def after(folder: Path) -> None:
        if not (folder / ".kit/store/format.json").exists():
            Workspace.init(folder).close()
        put(folder, FIRST)
        snapshot(folder, "first")()
        assert assert_whole(folder) == ["first"]

    template = tmp_path / "nothing"
    template.mkdir()
    assert deaths(template, tmp_path / "work", lambda folder: Workspace.init(folder).close(), after) > 3


def test_first_snapshot(empty: Path, tmp_path: Path) -> None:
    def after(folder: Path) -> None:
        assert assert_whole(folder) in ([], ["first"])
        snapshot(folder, "first")()
        assert assert_whole(folder)[-1] == "first"

    assert deaths(empty, tmp_path / "work", lambda folder: snapshot(folder, "first")(), after) > 3


def test_second_snapshot(one: Path, tmp_path: Path) -> None:
    def after(folder: Path) -> None:
        assert assert_whole(folder) in (["first"], ["first", "second"])
        snapshot(folder, "second")()
        assert assert_whole(folder)[-1] == "second"
        with Workspace.open(folder) as workspace:
            workspace.prune()
        assert assert_whole(folder)[-1] == "second"

    assert deaths(one, tmp_path / "work", lambda folder: snapshot(folder, "second")(), after) > 3


def test_rollback(one: Path, tmp_path: Path) -> None:
    """Whatever is on disk afterwards is old or new, file by file; the state before is kept; running it again completes."""

    def work(folder: Path) -> None:
        with Workspace.open(folder) as workspace:
            workspace.rollback("latest")

    def after(folder: Path) -> None:
        found = on_disk(folder)
        for path, content in found.items():
            assert content in (FIRST.get(path), SECOND.get(path)), path
        assert set(found) >= set(FIRST) & set(SECOND)
        assert_whole(folder)
        if found != SECOND:
            with Workspace.open(folder) as workspace:
                safety = [entry.snapshot.id for entry in workspace.log(kind="safety")]
                assert any(kept(workspace, digest) == SECOND for digest in safety)
        work(folder)
        assert on_disk(folder) == FIRST
        assert_whole(folder)
        assert {path.name for path in (folder / ".kit").glob("rollback/*")} <= {"lock"}

    assert deaths(one, tmp_path / "work", work, after) > 15


def test_prune(two: Path, tmp_path: Path) -> None:
    def work(folder: Path) -> None:
        with Workspace.open(folder) as workspace:
            workspace.prune(keep_last=1)

    def after(folder: Path) -> None:
        assert assert_whole(folder) in (["first", "second"], ["second"])
        work(folder)
        assert assert_whole(folder) == ["second"]
        with Workspace.open(folder, rebuild=True):
            pass
        assert assert_whole(folder) == ["second"]

    assert deaths(two, tmp_path / "work", work, after) > 3


def test_repair(two: Path, tmp_path: Path) -> None:
    """Damage in the weights that the workspace still holds: dying while it is mended leaves it mendable."""
    segment = data_segments(two)[0]
    offset = segment.read_bytes().index(SECOND["model/weights.bin"][250_000:250_040])
    overwrite(segment, offset, b"damage")

    def work(folder: Path) -> None:
        with Workspace.open(folder) as workspace:
            workspace.check(repair=True)

    def after(folder: Path) -> None:
        work(folder)
        assert assert_whole(folder) == ["first", "second"]

    assert deaths(two, tmp_path / "work", work, after) > 3


def test_rebuild(two: Path, tmp_path: Path) -> None:
    def work(folder: Path) -> None:
        Workspace.open(folder, rebuild=True).close()

    def after(folder: Path) -> None:
        work(folder)
        assert assert_whole(folder) == ["first", "second"]

    assert deaths(two, tmp_path / "work", work, after) > 3


def test_remove_and_tag(two: Path, tmp_path: Path) -> None:
    def work(folder: Path) -> None:
        with Workspace.open(folder) as workspace:
            workspace.tag("old", "HEAD~1", force=True)
            workspace.remove(["old"])

    def after(folder: Path) -> None:
        assert assert_whole(folder) in (["first", "second"], ["second"])

    assert deaths(two, tmp_path / "work", work, after) > 3
