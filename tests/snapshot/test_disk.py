"""Nothing outside the workspace is reached, whatever somebody puts in a folder's place meanwhile."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import Conflict, InvalidInput, Kind, KitError, StoreFull, StoreUnavailable
from jupyter_kit.snapshot.disk import SYNCED_ALONE, Disk, told
from tests.snapshot.conftest import Box, on_disk, write


@pytest.fixture
def outside(box: Box) -> Path:
    place = box.folder.with_name("outside")
    write(place, {"x": b"theirs", "deep/y": b"theirs"})
    return place


@pytest.fixture(params=["relative", "whole paths"])
def disk(box: Box, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    """Also as on systems that cannot name files relative to a folder."""
    if request.param == "whole paths":
        monkeypatch.setattr(system, "RELATIVE", False)
    with Disk(box.folder) as opened:
        yield opened


STEPS: list[Callable[[Disk, int], object]] = [
    lambda disk, number: disk.move(number, "d/x"),
    lambda disk, number: disk.remove("d/x"),
    lambda disk, number: disk.make_folder("d/new"),
    lambda disk, number: disk.remove_folder("d/deep"),
    lambda disk, number: disk.set_mode("d/x", 0o777),
    lambda disk, number: disk.move(number, "d/deep/y"),
    lambda disk, number: disk.remove("d/deep/y"),
]


@pytest.mark.parametrize("step", STEPS)
def test_a_symlink_in_a_folders_place_is_not_followed(box: Box, outside: Path, disk: Disk, step: Callable[[Disk, int], object]) -> None:
    (box.folder / "d").symlink_to(outside)
    number = disk.stage_file("d/x", 0o644, 0, lambda descriptor: None)
    before = on_disk(outside)
    with pytest.raises(Conflict) as caught:
        step(disk, number)
    assert caught.value.kind is Kind.FILE_CHANGED
    assert on_disk(outside) == before


def test_looking_does_not_follow_either(box: Box, outside: Path, disk: Disk) -> None:
    (box.folder / "d").symlink_to(outside)
    assert disk.look("d/x") is None
    found = disk.look("d")
    assert found is not None
    assert (found.st_mode & 0o170000) == 0o120000


def test_a_symlink_itself_gets_no_mode(box: Box, outside: Path, disk: Disk) -> None:
    (box.folder / "x").symlink_to(outside / "x")
    with pytest.raises(Conflict):
        disk.set_mode("x", 0o777)
    assert on_disk(outside)["x"][0] == 0o644


def test_a_symlink_itself_is_replaced_and_removed(box: Box, outside: Path, disk: Disk) -> None:
    for name in ("x", "y"):
        (box.folder / name).symlink_to(outside / "x")
    disk.move(disk.stage_file("x", 0o644, 0, lambda descriptor: None), "x")
    disk.remove("y")
    assert (box.folder / "x").read_bytes() == b""
    assert not (box.folder / "y").is_symlink()
    assert on_disk(outside)["x"][1] == b"theirs"


def test_a_folder_swapped_during_the_rollback(box: Box, outside: Path) -> None:
    box.write({"d/x": b"1", "d/y": b"1"})
    first = box.snap()
    box.write({"d/x": b"2", "d/y": b"2"})

    class Swapped(Disk):
        def move(self, number: int, path: str) -> None:
            self._leave(0)
            if not (box.folder / "d").is_symlink():
                (box.folder / "d").rename(box.folder / "moved")
                (box.folder / "d").symlink_to(outside)
            super().move(number, path)

    before = on_disk(outside)
    with pytest.raises(Conflict, match="Run the same command again"):
        box.roll(first.id, open_disk=Swapped)
    assert on_disk(outside) == before
    box.roll(first.id)
    assert on_disk(outside) == before
    assert on_disk(box.folder)["d/y"][1] == b"1"


def test_our_own_folder_is_not_entered_by_another_name(box: Box) -> None:
    with Disk(box.folder) as disk:
        (box.folder / ".kit").rename(box.folder / "d")
        with pytest.raises(InvalidInput, match="own"):
            disk.remove("d/store/format.json")
        (box.folder / "d").rename(box.folder / ".kit")


def test_names_that_windows_reads_as_paths(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "RELATIVE", False)
    with Disk(box.folder) as disk:
        for path in ("a\\..\\..\\x", "C:x", "d/file:stream"):
            with pytest.raises(InvalidInput):
                disk.make_folder(path)


def test_a_whole_rollback_by_whole_paths(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "RELATIVE", False)
    box.write({"a": b"1", "d/e/f": b"1", "l": "a", "empty": None})
    wanted = on_disk(box.folder)
    first = box.snap()
    box.write({"a": b"2", "d/new": b"2", "l": "d"})
    (box.folder / "d/e/f").unlink()
    (box.folder / "d/e").rmdir()
    box.roll(first.id)
    assert on_disk(box.folder) == wanted


def test_contents_are_staged_on_the_file_system_they_go_to(box: Box) -> None:
    """Renaming does not cross file systems. Here ``.kit`` is on another one."""
    elsewhere = Path("/dev/shm")
    if not elsewhere.is_dir() or elsewhere.stat().st_dev == box.folder.stat().st_dev:
        pytest.skip("there is no second file system")
    away = elsewhere / f"jupyter-kit-{os.getpid()}"
    away.mkdir()
    try:
        box.write({"a": b"1", "d/b": b"1", "l": "a"})
        wanted = on_disk(box.folder)
        first = box.snap()
        box.write({"a": b"2", "d/b": b"2", "l": "d"})
        (box.folder / ".kit").rename(box.folder.with_name("kept"))
        (box.folder / ".kit").symlink_to(away)
        (away / "store").symlink_to(box.folder.with_name("kept") / "store")
        box.roll(first.id)
        assert on_disk(box.folder) == wanted
    finally:
        shutil.rmtree(away)


def test_what_a_dead_rollback_left_on_another_file_system_is_no_file_of_the_workspace(box: Box) -> None:
    box.write({"a": b"1", "mount/.kit-rollback/0": b"half"})
    assert set(box.entries(box.snap().id)) == {"a", "mount"}


def counting(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    counts: dict[str, int] = {}

    def counted(name: str) -> Callable[[Any], None]:
        def call(argument: Any) -> None:
            counts[name] = counts.get(name, 0) + 1

        return call

    for name in ("sync_data", "sync_folder", "sync_file_system"):
        monkeypatch.setattr(system, name, counted(name))
    return counts


def test_few_files_are_synced_one_by_one(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    with Disk(box.folder) as disk:
        counts = counting(monkeypatch)
        disk.expect(2)
        for number in range(2):
            disk.move(disk.stage_file(f"{number}", 0o644, 0, lambda descriptor: None), f"{number}")
        disk.sync()
        disk.sync_moved()
    assert counts == {"sync_data": 2, "sync_folder": 2}


def test_many_files_are_synced_together(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    with Disk(box.folder) as disk:
        counts = counting(monkeypatch)
        disk.expect(SYNCED_ALONE + 1)
        for number in range(SYNCED_ALONE + 1):
            disk.make_folder(f"d{number}")
            disk.move(disk.stage_file(f"d{number}/x", 0o644, 0, lambda descriptor: None), f"d{number}/x")
        disk.sync()
        disk.sync_moved()
    assert counts == {"sync_file_system": 2}


@pytest.mark.parametrize(
    ("number", "kind", "error"),
    [
        (errno.ENOSPC, Kind.STORE_FULL, StoreFull),
        (errno.EDQUOT, Kind.STORE_FULL, StoreFull),
        (errno.EACCES, Kind.PERMISSION_DENIED, StoreUnavailable),
        (errno.EPERM, Kind.PERMISSION_DENIED, StoreUnavailable),
        (errno.EROFS, Kind.PERMISSION_DENIED, StoreUnavailable),
        (errno.ENOENT, Kind.FILE_CHANGED, Conflict),
        (errno.ENOTDIR, Kind.FILE_CHANGED, Conflict),
        (errno.EISDIR, Kind.FILE_CHANGED, Conflict),
        (errno.ELOOP, Kind.FILE_CHANGED, Conflict),
        (errno.EIO, Kind.STORE_UNAVAILABLE, StoreUnavailable),
        (errno.ENAMETOOLONG, Kind.STORE_UNAVAILABLE, StoreUnavailable),
    ],
)
def test_every_error_of_the_system_is_told_as_ours(number: int, kind: Kind, error: type[KitError]) -> None:
    ours = told(OSError(number, os.strerror(number)), "sub/file")
    assert type(ours) is error
    assert ours.kind is kind
    assert "sub/file" in ours.message
    assert ours.hint
    assert ours.path == "sub/file"


def test_no_open_files_are_left(box: Box) -> None:
    def opened() -> int:
        return len(os.listdir("/proc/self/fd"))

    if not Path("/proc/self/fd").exists():
        pytest.skip("this system does not list open files")
    box.write({"a/b/c/d": b"1", "e": b"1"})
    first = box.snap()
    before = opened()
    for content in (b"2", b"3"):
        box.write({"a/b/c/d": content, "e": content})
        box.roll(first.id)
    assert opened() == before


# A folder that is no workspace: where a ModelKit is unpacked to.


def test_a_folder_that_is_no_workspace_is_left_without_a_trace(tmp_path: Path) -> None:
    with Disk(tmp_path) as disk:
        disk.move(disk.stage_file("x", 0o600, 0, lambda descriptor: None), "x")
        with pytest.raises(Conflict, match="Another rollback or unpack"):
            Disk(tmp_path)
        with pytest.raises(InvalidInput, match="own"):
            disk.make_folder(".kit-rollback/x")
    assert on_disk(tmp_path) == {"x": (0o600, b"")}


def test_a_lock_that_was_removed_with_its_folder_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = system.lock

    def late(descriptor: int, *, exclusive: bool, timeout_seconds: float = 0) -> bool:
        shutil.rmtree(tmp_path / ".kit-rollback")  # By the one that held it until now.
        return lock(descriptor, exclusive=exclusive, timeout_seconds=timeout_seconds)

    monkeypatch.setattr(system, "lock", late)
    with pytest.raises(Conflict, match="Another rollback or unpack"):
        Disk(tmp_path)


def test_a_staging_folder_that_is_a_symlink_is_not_used_and_what_else_lies_in_one_stays(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/1").write_bytes(b"theirs")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/.kit-rollback").symlink_to(tmp_path / "outside")
    with pytest.raises(Conflict):
        Disk(tmp_path / "out")
    (tmp_path / "out/.kit-rollback").unlink()
    (tmp_path / "out/.kit-rollback").mkdir()
    (tmp_path / "out/.kit-rollback/notes").write_bytes(b"mine")
    (tmp_path / "out/.kit-rollback/1").write_bytes(b"half")
    with Disk(tmp_path / "out"):
        pass
    assert on_disk(tmp_path) == {
        "outside": (0o755, None),
        "outside/1": (0o644, b"theirs"),
        "out": (0o755, None),
        "out/.kit-rollback": (0o755, None),
        "out/.kit-rollback/notes": (0o644, b"mine"),
    }
