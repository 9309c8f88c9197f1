"""Rolling back."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, Kind, KitError, NotFound
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.snapshot.restore import inside, plan
from jupyter_kit.snapshot.scan import Scan
from tests.snapshot.conftest import Box, Tree, boxed, on_disk
from tests.snapshot.test_capture import reads
from tests.snapshot.test_scan import settled

FIRST: Tree = {"a.txt": b"one", "sub/b.bin": bytes(200_000), "sub/deep/c": b"c", "empty": None, "link": "sub", "zero": b""}
SECOND: Tree = {"a.txt": b"two", "sub/b.bin": b"small", "new/file": b"new", "link": "a.txt", "empty/filled": b"x"}


def clear(folder: Path) -> None:
    """Remove everything but ``.kit``."""
    for place in sorted(folder.rglob("*"), reverse=True):
        if ".kit" not in place.relative_to(folder).parts:
            if place.is_dir() and not place.is_symlink():
                place.chmod(0o700)
                place.rmdir()
            else:
                place.unlink()


def become(box: Box, tree: Tree) -> None:
    clear(box.folder)
    box.write(tree)


def test_everything_comes_back(box: Box) -> None:
    box.write(FIRST)
    (box.folder / "a.txt").chmod(0o750)
    os.utime(box.folder / "a.txt", ns=(10**18 + 7, 10**18 + 7))
    before = on_disk(box.folder)
    first = box.snap()
    box.write(SECOND)
    (box.folder / "a.txt").chmod(0o644)
    (box.folder / "zero").unlink()
    result = box.roll(first.id)
    assert on_disk(box.folder) == before
    assert (box.folder / "a.txt").stat().st_mtime_ns == 10**18 + 7
    assert box.head == first.id
    assert result.plan.snapshot == first.id
    assert result.written_bytes == 200_003
    assert read_snapshot(box.store, result.safety or "").kind == "safety"
    assert box.store.tags()["latest"] == first.id


def test_the_plan_says_what_will_be_done(box: Box) -> None:
    box.write(FIRST)
    (box.folder / "zero").chmod(0o644)
    first = box.snap()
    box.write(SECOND)
    (box.folder / "sub/deep/c").unlink()
    (box.folder / "zero").chmod(0o600)
    before = on_disk(box.folder)
    planned = plan(box.store, box.folder, first.id)
    assert [(step.action, step.path, step.size, step.exists) for step in planned.steps] == [
        ("write", "a.txt", 3, True),
        ("symlink", "link", 0, True),
        ("write", "sub/b.bin", 200_000, True),
        ("write", "sub/deep/c", 1, False),
        ("mode", "zero", 0, True),
        ("delete", "new/file", 3, True),
        ("delete", "empty/filled", 1, True),
    ]
    assert (planned.written, planned.deleted, planned.bytes, planned.kept) == (5, 2, 200_004, 0)
    assert on_disk(box.folder) == before
    assert len(box.store.snapshot_ids()) == 1
    assert box.roll(first.id).plan == planned


def test_a_rollback_is_undone_by_a_rollback(box: Box) -> None:
    box.write(FIRST)
    first = box.snap()
    become(box, SECOND)
    before = on_disk(box.folder)
    result = box.roll(first.id)
    assert result.undo == result.safety
    box.roll(result.undo or "")
    assert on_disk(box.folder) == before


def test_no_safety_snapshot_where_a_snapshot_exists(box: Box) -> None:
    box.write(FIRST)
    first = box.snap()
    become(box, SECOND)
    second = box.snap()
    result = box.roll(first.id)
    assert result.safety is None
    assert result.undo == second.id
    assert len(box.store.snapshot_ids()) == 2
    again = box.roll(first.id)
    assert (again.safety, again.plan.steps, again.undo) == (None, (), first.id)


def test_the_next_look_reads_nothing(box: Box) -> None:
    box.write({f"d{number % 5}/{number}": b"1%d" % number for number in range(50)})
    settled(box.folder)
    first = box.snap()
    box.write({f"d{number % 5}/{number}": b"2%d" % number for number in range(50)})
    settled(box.folder)
    box.roll(first.id)
    assert reads(box) == {}
    assert Scan(box.folder, box.store.stat_rows).unchanged
    assert box.snap(kind="auto").id == first.id


def test_a_change_right_after_a_rollback_is_seen(box: Box) -> None:
    box.write({"a": b"1"})
    settled(box.folder)
    first = box.snap()
    box.write({"a": b"2"})
    box.roll(first.id)
    box.write({"a": b"3"})
    assert box.content(box.snap().id, "a") == b"3"


def test_files_that_are_right_are_not_written(box: Box) -> None:
    box.write(FIRST)
    first = box.snap()
    inode = (box.folder / "sub/b.bin").stat().st_ino
    os.utime(box.folder / "sub/b.bin")
    box.write({"a.txt": b"two"})
    result = box.roll(first.id)
    assert [step.path for step in result.plan.steps] == ["a.txt"]
    assert result.plan.kept == 4
    assert (box.folder / "sub/b.bin").stat().st_ino == inode


# Paths.


def test_one_file_or_folder(box: Box) -> None:
    box.write(FIRST)
    first = box.snap()
    become(box, SECOND)
    result = box.roll(first.id, "a.txt", "sub/deep")
    assert result.plan.paths == ("a.txt", "sub/deep")
    now = on_disk(box.folder)
    assert now["a.txt"][1] == b"one"
    assert now["sub/deep/c"][1] == b"c"
    assert now["sub/b.bin"][1] == b"small"
    assert "new/file" in now
    assert "zero" not in now
    assert box.head == result.safety  # Only part of the snapshot is here.
    assert box.roll(first.id, str(box.folder / "sub"), ".").plan.paths == ()
    assert box.head == first.id


def test_a_path_that_the_snapshot_does_not_have_is_removed(box: Box) -> None:
    box.write({"a": b"1"})
    first = box.snap()
    box.write({"extra/deep/x": b"", "extra/y": b""})
    box.roll(first.id, "extra/deep/x")
    assert set(on_disk(box.folder)) == {"a", "extra", "extra/y"}
    box.roll(first.id, "extra")
    assert set(on_disk(box.folder)) == {"a"}


def test_a_name_is_not_its_beginning(box: Box) -> None:
    box.write({"data": b"1", "data.csv": b"1", "data-old/x": b"1"})
    first = box.snap()
    box.write({"data": b"2", "data.csv": b"2", "data-old/x": b"2"})
    assert [step.path for step in box.roll(first.id, "data").plan.steps] == ["data"]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/../../x", ".."])
def test_paths_outside_are_refused(box: Box, path: str) -> None:
    box.write({"a": b""})
    first = box.snap()
    with pytest.raises(InvalidInput) as caught:
        plan(box.store, box.folder, first.id, [path])
    assert caught.value.kind is Kind.OUTSIDE_WORKSPACE


def test_paths_inside_in_every_spelling(box: Box) -> None:
    alias = box.folder.with_name("alias")
    alias.symlink_to(box.folder)
    for path in ("a/b", "./a//b/", "a/x/../b", box.folder / "a/b", str(box.folder.resolve() / "a/b")):
        assert inside(box.folder, path) == "a/b"
    assert inside(alias, box.folder / "a/b") == "a/b"
    assert inside(alias, alias / "a") == "a"
    assert inside(box.folder, "") == ""
    assert inside(box.folder, "..a") == "..a"


def test_an_unknown_path_suggests_one(box: Box) -> None:
    box.write({"model/weights.bin": b""})
    first = box.snap()
    with pytest.raises(NotFound, match=r"weights\.bni") as caught:
        plan(box.store, box.folder, first.id, ["model/weights.bni"])
    assert "model/weights.bin" in caught.value.hint
    with pytest.raises(NotFound):
        plan(box.store, box.folder, "ab" * 32)


# What stands in the way.


def test_ignored_files_are_never_touched(box: Box) -> None:
    box.write({"a": b"1", "out/result": b"old", "notes": b"kept once", "thing": b"file"})
    first = box.snap()
    become(
        box,
        {
            ".kitignore": b"out\nnotes\nthing\n",
            "out/result": b"mine",
            "out/other": b"mine",
            "notes": b"mine",
            "thing/inner": b"mine",
            ".env": b"mine",
            "dir/.env": b"mine",
            "dir/x": b"",
        },
    )
    result = box.roll(first.id)
    now = on_disk(box.folder)
    assert {path: content for path, (_, content) in now.items() if content} == {
        "a": b"1",
        "out/result": b"mine",
        "out/other": b"mine",
        "notes": b"mine",
        "thing/inner": b"mine",
        ".env": b"mine",
        "dir/.env": b"mine",
    }
    assert [left.path for left in result.plan.left] == ["notes", "out/result", "thing"]


def test_a_file_that_is_gone_comes_back_into_an_ignored_folder(box: Box) -> None:
    box.write({"out/deep/x": b"1", "out/y": b"1"})
    first = box.snap()
    become(box, {".kitignore": b"out\n", "out/mine": b"mine"})
    box.roll(first.id)
    assert {path: content for path, (_, content) in on_disk(box.folder).items() if content} == {
        "out/deep/x": b"1",
        "out/y": b"1",
        "out/mine": b"mine",
    }


def test_what_no_list_holds_blocks_the_way(box: Box) -> None:
    box.write({"way/to/file": b"1", "plain": b"1", "folder": None})
    first = box.snap()
    clear(box.folder)
    (box.folder / "way").mkdir()
    os.mkfifo(box.folder / "way/to")
    (box.folder / "plain").mkdir()
    os.mkfifo(box.folder / "plain/pipe")
    os.mkfifo(box.folder / "folder")
    result = box.roll(first.id)
    assert [left.path for left in result.plan.left] == ["folder", "plain", "way/to/file"]
    assert all(stat.S_ISFIFO((box.folder / path).stat().st_mode) for path in ("way/to", "plain/pipe", "folder"))


KINDS: list[Tree] = [
    {"x": b"file"},
    {"x": "target"},
    {"x": None},
    {"x/inner": b"1", "x/deep/er": b"2"},
    {"x/inner/deeper": b"3"},
    {"other": b""},
]


@pytest.mark.parametrize("before", KINDS)
@pytest.mark.parametrize("after", KINDS)
def test_a_path_changes_its_kind(box: Box, before: Tree, after: Tree) -> None:
    box.write(before)
    wanted = on_disk(box.folder)
    first = box.snap()
    become(box, after)
    changed = on_disk(box.folder)
    result = box.roll(first.id)
    assert on_disk(box.folder) == wanted
    box.roll(result.undo or "")
    assert on_disk(box.folder) == changed
    if "x" in wanted:
        box.roll(first.id, "x")
        assert {path: found for path, found in on_disk(box.folder).items() if path != "other"} == {
            path: found for path, found in wanted.items() if path != "other"
        }


def test_a_file_in_a_folders_place_makes_way_even_for_one_path(box: Box) -> None:
    box.write({"x/inner": b"1", "x/other": b"2"})
    first = box.snap()
    become(box, {"x": b"file"})
    result = box.roll(first.id, "x/inner")
    assert [(step.action, step.path) for step in result.plan.steps] == [("write", "x/inner"), ("delete", "x")]
    assert set(on_disk(box.folder)) == {"x", "x/inner"}


def test_modes_of_folders(box: Box) -> None:
    box.write({"private/x": b"1", "sealed/x": b"1", "usual/x": b"1"})
    (box.folder / "private").chmod(0o700)
    (box.folder / "sealed").chmod(0o555)
    wanted = on_disk(box.folder)
    first = box.snap()
    (box.folder / "sealed").chmod(0o755)
    box.write({"sealed/x": b"2", "usual/x": b"2"})
    (box.folder / "private").chmod(0o755)
    (box.folder / "usual").chmod(0o711)
    changed = on_disk(box.folder)
    undo = box.roll(first.id).undo
    assert on_disk(box.folder) == wanted
    box.roll(undo or "")
    assert on_disk(box.folder) == changed
    clear(box.folder)
    box.roll(first.id)
    assert on_disk(box.folder) == wanted


def test_the_umask_does_not_matter(box: Box) -> None:
    box.write({"d/x": b"1"})
    (box.folder / "d/x").chmod(0o666)
    wanted = on_disk(box.folder)
    first = box.snap()
    clear(box.folder)
    mask = os.umask(0o077)
    try:
        box.roll(first.id)
    finally:
        os.umask(mask)
    assert on_disk(box.folder) == wanted


# Permissions.


def test_a_folder_that_may_not_be_changed_is_named_before_anything_is_written(unprivileged: Callable[[], Path]) -> None:
    with boxed(unprivileged() / "work") as box:
        box.write({"a": b"1", "closed/x": b"1"})
        (box.folder / "closed").chmod(0o555)
        first = box.snap()
        box.write({"a": b"2", "closed/x": b"2"})
        before = on_disk(box.folder)
        with pytest.raises(KitError, match="“closed”") as caught:
            box.roll(first.id)
        assert caught.value.kind is Kind.PERMISSION_DENIED
        assert caught.value.hint
        assert on_disk(box.folder) == before
        box.roll(first.id, "a")
        (box.folder / "closed").chmod(0o755)
        box.roll(first.id)
        assert on_disk(box.folder)["closed"][0] == 0o555


def test_a_read_only_folder_opens_where_the_snapshot_has_it_open(unprivileged: Callable[[], Path]) -> None:
    with boxed(unprivileged() / "work") as box:
        box.write({"d/x": b"1"})
        wanted = on_disk(box.folder)
        first = box.snap()
        box.write({"d/x": b"2", "d/y": b"2"})
        (box.folder / "d").chmod(0o555)
        changed = on_disk(box.folder)
        undo = box.roll(first.id).undo
        assert on_disk(box.folder) == wanted
        box.roll(undo or "")
        assert on_disk(box.folder) == changed


def test_a_read_only_file_is_replaced(unprivileged: Callable[[], Path]) -> None:
    with boxed(unprivileged() / "work") as box:
        box.write({"x": b"1"})
        (box.folder / "x").chmod(0o400)
        first = box.snap()
        (box.folder / "x").chmod(0o600)
        box.write({"x": b"2"})
        (box.folder / "x").chmod(0o400)
        box.roll(first.id)
        assert (box.folder / "x").read_bytes() == b"1"


def test_a_workspace_that_may_not_be_written(unprivileged: Callable[[], Path]) -> None:
    with boxed(unprivileged() / "work") as box:
        box.write({"x": b"1"})
        first = box.snap()
        box.write({"x": b"2"})
        box.folder.chmod(0o555)
        with pytest.raises(KitError) as caught:
            box.roll(first.id)
        assert caught.value.kind is Kind.PERMISSION_DENIED
        assert (box.folder / "x").read_bytes() == b"2"
        (box.folder / "x").chmod(0o600)
        plan(box.store, box.folder, first.id)
