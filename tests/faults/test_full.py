"""A full disk and a full index: told with what to do, nothing lost, and the same snapshot succeeds once there is room."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import Kind, StoreFull
from jupyter_kit.store.disk.environment import attach, detach
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import INLINE_BYTES_MAX
from jupyter_kit.workspace import Workspace

from .project import FIRST, SECOND, STATES, assert_whole, noise, on_disk, put


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A workspace with one snapshot and the files of the second."""
    folder = tmp_path / "work"
    folder.mkdir()
    put(folder, FIRST)
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first")
    put(folder, SECOND)
    return folder


def full_after(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """The disk takes ``room`` more bytes of what the package writes, the last write in part, as file systems do."""
    whole = system.write
    left = room

    def write(descriptor: int, buffers: Any) -> None:
        nonlocal left
        data = b"".join(bytes(buffer) for buffer in buffers)
        whole(descriptor, [data[:left]])
        if len(data) > left:
            left = 0
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        left -= len(data)

    monkeypatch.setattr(system, "write", write)


@pytest.mark.parametrize("room", [0, 1, 100, 2_000, 100_000, 200_000, 200_900])
def test_disk_full_while_keeping(one: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    with monkeypatch.context() as fault, Workspace.open(one) as workspace:
        full_after(fault, room)
        with pytest.raises(StoreFull) as told:
            workspace.snapshot("second")
        assert told.value.kind is Kind.STORE_FULL
        assert "space" in told.value.hint
    assert assert_whole(one) == ["first"]
    with Workspace.open(one) as workspace:
        workspace.snapshot("second")
    assert assert_whole(one) == ["first", "second"]


@pytest.mark.parametrize("room", [0, 5_000, 300_000])
def test_disk_full_while_rolling_back(one: Path, monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """No file is touched before every new content is durable."""
    with Workspace.open(one) as workspace:
        workspace.snapshot("second")
        with monkeypatch.context() as fault:
            full_after(fault, room)
            with pytest.raises(StoreFull):
                workspace.rollback("HEAD~1")
        assert on_disk(one) == SECOND
        workspace.rollback("HEAD~1")
    assert on_disk(one) == FIRST
    assert_whole(one)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of 6 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small file system can be mounted by the superuser of Linux only")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    files = {f"part{number}.bin": noise(number, 400_000) for number in range(3)}
    put(small_disk, files)
    with Workspace.init(small_disk) as workspace:
        workspace.snapshot("small")
        (small_disk / "large.bin").write_bytes(noise(99, 2_000_000))
        with pytest.raises(StoreFull) as told:
            workspace.snapshot("large")
        assert "space" in told.value.hint
        assert workspace.check().ok
        (small_disk / "large.bin").write_bytes(noise(99, 300_000))
        workspace.snapshot("fits")
        assert workspace.check().ok
        assert workspace.audit_verify().ok


def test_a_disk_that_fills_while_a_modelkit_is_unpacked(small_disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Workspace.init(tmp_path / "work") as workspace:
        put(workspace.folder, {"model.bin": noise(1, 4_000_000), "run.py": b"print(1)\n", "late.bin": noise(2, 4_000_000)})
        workspace.snapshot("first")
        workspace.pack(references=["digits:v1"])
        out = small_disk / "out"
        with pytest.raises(StoreFull, match=r"room for \d\.\d MB"):
            workspace.unpack("digits:v1", out)
        # What was free when it was looked at need not be free any more.
        monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1 << 40))
        with pytest.raises(StoreFull) as told:
            workspace.unpack("digits:v1", out)
        assert "space" in told.value.hint
        assert not list(small_disk.iterdir())
        assert workspace.unpack("digits:v1", out, filters=["code"]).plan.written == 1
        assert [path.name for path in out.iterdir()] == ["run.py"]


def test_map_full(one: Path) -> None:
    """An index that may not grow tells it, keeps what it has, and goes on with room."""
    store_folder = one / ".kit/store"
    many = {f"small/{number}.txt": noise(number, 900) for number in range(1500)}
    put(one, {**SECOND, **many})
    used = (store_folder / "index/data.mdb").stat().st_size
    environment = attach(store_folder / "index", map_size=used + 256 * 1024)  # The workspace below shares it: one for each process.
    try:
        with Workspace.open(one) as workspace, pytest.raises(StoreFull) as told:
            workspace.snapshot("second")
        assert "prune" in told.value.hint
    finally:
        detach(environment)
    assert assert_whole(one) == ["first"]
    with Workspace.open(one) as workspace:
        workspace.snapshot("roomy")
    assert assert_whole(one) == ["first", "roomy"]


def test_a_small_map_grows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the process may not address a terabyte, the index begins small and grows between writes."""
    monkeypatch.setattr("jupyter_kit.store.disk.environment.MAP_SIZES", (1 << 22,))
    monkeypatch.setattr("jupyter_kit.store.disk.environment.GROW_BELOW", 1 << 21)
    store = Store.create(tmp_path / "store")
    with store.writer() as writer:
        for number in range(60):
            for part in range(100):
                writer.add_blob(noise(number * 1000 + part, INLINE_BYTES_MAX))
            with writer.transaction():
                pass
    assert (tmp_path / "store/index/data.mdb").stat().st_size > 1 << 22
    store.close()


def test_states_differ() -> None:
    """The two states share files, change some, add and remove some: else the tests above would show little."""
    first, second = STATES["first"], STATES["second"]
    assert {path for path in first if first[path] != second.get(path)}
    assert set(first) - set(second)
    assert set(second) - set(first)
