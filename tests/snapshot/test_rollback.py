"""A rollback with others at work, one that dies, and what holds for every rollback."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import Cancelled, Conflict, Kind
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.disk import Disk
from jupyter_kit.snapshot.restore import plan
from jupyter_kit.store.writing.transaction import Transaction
from tests.snapshot.conftest import Box, Tree, boxed, on_disk, write
from tests.snapshot.strategies import trees
from tests.snapshot.test_restore import FIRST, SECOND, become

# Others at work.


def test_a_file_written_during_the_rollback_is_not_lost(box: Box) -> None:
    box.write({"a": b"1", "b": b"1" * 10})
    first = box.snap()
    box.write({"a": b"2", "b": b"2"})

    class Typing(Silent):
        def begin(self, phase: str, **more: Any) -> None:
            if phase == "Writing files":
                box.write({"a": b"typed"})

    with pytest.raises(Conflict) as caught:
        box.roll(first.id, progress=Typing())
    assert caught.value.kind is Kind.FILE_CHANGED
    assert on_disk(box.folder)["a"][1] == b"typed"
    assert on_disk(box.folder)["b"][1] == b"2"
    result = box.roll(first.id)
    assert box.content(result.safety or "", "a") == b"typed"


def test_a_file_that_appears_during_the_rollback_is_not_lost(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    (box.folder / "a").unlink()

    class Typing(Silent):
        def begin(self, phase: str, **more: Any) -> None:
            if phase == "Writing files":
                box.write({"a": b"typed"})

    with pytest.raises(Conflict):
        box.roll(first.id, progress=Typing())
    assert (box.folder / "a").read_bytes() == b"typed"


@pytest.mark.parametrize("before", ["folder/a", "folder/b"])
def test_a_file_that_appears_between_the_renames_is_not_lost(box: Box, before: str) -> None:
    box.write({"folder/a": b"1", "folder/b": b"1"})
    first = box.snap()
    become(box, {"c": b"2"})

    class Typing(Disk):
        def make_folder(self, path: str) -> None:
            super().make_folder(path)
            if before == "folder/a":
                box.write({before: b"typed"})

        def move(self, number: int, path: str) -> None:
            super().move(number, path)
            if path == "folder/a" and before == "folder/b":
                box.write({before: b"typed"})

    with pytest.raises(Conflict) as caught:
        box.roll(first.id, open_disk=Typing)
    assert caught.value.kind is Kind.FILE_CHANGED
    assert on_disk(box.folder)[before][1] == b"typed"
    result = box.roll(first.id)
    assert box.content(result.safety or "", before) == b"typed"
    assert on_disk(box.folder)[before][1] == b"1"


def test_cancelling_before_the_renames_changes_nothing(box: Box) -> None:
    box.write(FIRST)
    first = box.snap()
    become(box, SECOND)
    before = on_disk(box.folder)

    class Stopping(Silent):
        def begin(self, phase: str, **more: Any) -> None:
            self.writing = phase == "Writing files"

        def advance(self, amount: int, *, path: str | None = None) -> None:
            if self.writing:
                raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        box.roll(first.id, progress=Stopping())
    assert on_disk(box.folder) == before
    assert [place.name for place in (box.folder / ".kit/rollback").iterdir()] == ["lock"]


def test_two_rollbacks_do_not_meet(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    with Disk(box.folder), pytest.raises(Conflict) as caught:
        box.roll(first.id)
    assert caught.value.kind is Kind.STORE_BUSY
    box.roll(first.id)


def test_the_event_is_part_of_the_same_step(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    box.write({"a": b"2"})
    seen: list[tuple[str, tuple[str, ...]]] = []

    def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
        seen.append((transaction.tag("HEAD") or "", ids))

    result = box.roll(first.id, record=record, record_safety=record)
    assert result.safety is not None
    assert seen == [(result.safety, (result.safety,)), (first.id, (first.id, result.safety))]


# A rollback that dies.


class Dying(Disk):
    """A disk that fails before its n-th step."""

    def __init__(self, folder: Path, steps: int) -> None:
        self.left = steps
        super().__init__(folder)

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise OSError("the disk died")

    def stage_file(self, *arguments: Any) -> int:
        self.step()
        return super().stage_file(*arguments)

    def stage_symlink(self, *arguments: Any) -> int:
        self.step()
        return super().stage_symlink(*arguments)

    def sync(self) -> None:
        self.step()
        super().sync()

    def move(self, *arguments: Any) -> None:
        self.step()
        super().move(*arguments)

    def make_folder(self, *arguments: Any) -> None:
        self.step()
        super().make_folder(*arguments)

    def set_mode(self, *arguments: Any) -> None:
        self.step()
        super().set_mode(*arguments)

    def remove(self, *arguments: Any) -> None:
        self.step()
        super().remove(*arguments)

    def remove_folder(self, *arguments: Any) -> bool:
        self.step()
        return super().remove_folder(*arguments)


BEFORE: Tree = {"same": b"s", "a": b"1", "was-file": b"f", "was-folder/x": b"x", "was-link": "a", "gone/deep/er": b"g", "keep/x": b"1"}
AFTER: Tree = {"same": b"s", "a": b"22", "was-file/in": b"i", "was-folder": b"f", "was-link/y": b"y", "new": None, "keep/x": b"1", "l": "a"}


def test_dying_at_any_step_leaves_files_old_or_new_and_again_completes(tmp_path: Path) -> None:
    for steps in range(1, 100):
        with boxed(tmp_path / str(steps)) as box:
            box.write(BEFORE)
            (box.folder / "keep").chmod(0o700)
            old = on_disk(box.folder)
            first = box.snap()
            become(box, AFTER)
            new = on_disk(box.folder)
            second = box.snap()
            try:
                box.roll(first.id, open_disk=lambda folder, steps=steps: Dying(folder, steps))
            except OSError:
                for path, found in on_disk(box.folder).items():
                    assert found[1] in (old.get(path, (0, None))[1], new.get(path, (0, None))[1]), (steps, path)
                assert on_disk(box.folder)["same"] == old["same"]
                assert box.head == second.id
                box.roll(first.id)
                assert on_disk(box.folder) == old
                assert box.head == first.id
            else:
                assert on_disk(box.folder) == old
                assert steps > 15
                return
    pytest.fail("it does not end")


def test_an_error_half_way_says_how_to_go_on(box: Box) -> None:
    box.write({"a": b"1", "d/b": b"1"})
    first = box.snap()
    become(box, {"a": b"2"})

    class Full(Disk):
        def make_folder(self, path: str) -> None:
            (box.folder / "d").write_bytes(b"somebody's")
            super().make_folder(path)

    with pytest.raises(Conflict, match=r"running it again finishes") as caught:
        box.roll(first.id, open_disk=Full)
    assert caught.value.path == "d"


def test_leftovers_of_a_dead_rollback_are_cleaned_up(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    box.write({"a": b"2", ".kit/rollback/0": b"half", ".kit/rollback/17": b"half"})
    (box.folder / ".kit/rollback/18").symlink_to("/etc/passwd")
    box.roll(first.id)
    assert [place.name for place in (box.folder / ".kit/rollback").iterdir()] == ["lock"]


# Laws.


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=40)
@given(trees(), trees(), st.data())
def test_restoring_what_was_captured_changes_nothing_and_is_undone(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, Any], other: dict[str, Any], data: st.DataObject
) -> None:
    with boxed(tmp_path_factory.mktemp("law")) as box:
        states = []
        for tree in (one, other):
            become(box, tree)
            for place in sorted(box.folder.rglob("*")):
                if ".kit" not in place.parts and not place.is_symlink() and data.draw(st.integers(0, 3)) == 0:
                    place.chmod(data.draw(st.sampled_from([0o600, 0o755, 0o444, 0o4755] if place.is_file() else [0o700, 0o755, 0o1777])))
            states.append((on_disk(box.folder), box.snap().id if not states else ""))
        (before, first), (after, _) = states
        result = box.roll(first)
        assert on_disk(box.folder) == before
        assert box.snap(kind="auto").id == first
        box.roll(result.undo or "")
        assert on_disk(box.folder) == after
        assert plan(box.store, box.folder, box.head or "").steps == ()


@settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture], max_examples=30)
@given(trees(), trees(), st.data())
def test_a_part_comes_back_and_the_rest_stays(
    tmp_path_factory: pytest.TempPathFactory, one: dict[str, Any], other: dict[str, Any], data: st.DataObject
) -> None:
    with boxed(tmp_path_factory.mktemp("law")) as box:
        box.write(one)
        before = on_disk(box.folder)
        first = box.snap().id
        become(box, other)
        after = on_disk(box.folder)
        known = sorted({*before, *after})
        if not known:
            return
        path = data.draw(st.sampled_from(known))
        result = box.roll(first, path)
        now = on_disk(box.folder)

        def part(state: dict[str, Any]) -> dict[str, Any]:
            return {name: found for name, found in state.items() if name == path or name.startswith(path + "/")}

        if path in before:
            assert part(now) == part(before)
        else:
            assert part(now) == {}
        gone = {name for name in after if name not in now and not part({name: 0})}
        assert all(path.startswith(name + "/") or after[name][1] is None for name in gone)
        box.roll(result.undo or "")
        assert on_disk(box.folder) == after


def test_names_beside_the_workspace_are_not_reached(box: Box) -> None:
    """A folder of the snapshot is a symlink to the outside now: the symlink goes, what it names stays."""
    outside = box.folder.with_name("outside")
    write(outside, {"x": b"theirs", "z": b"theirs"})
    box.write({"d/x": b"1", "d/y": b"1"})
    first = box.snap()
    become(box, {"d": "../outside"})
    box.roll(first.id)
    assert on_disk(box.folder)["d/x"][1] == b"1"
    assert on_disk(outside) == {"x": (0o644, b"theirs"), "z": (0o644, b"theirs")}
