"""Reading, writing, durability, locks and mounts: what the system may do by halves, and never claimed where it told an error."""

from __future__ import annotations

import ctypes
import errno
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit import system

pytestmark = pytest.mark.skipif(os.name != "posix", reason="these are the calls of POSIX")

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="the call is Linux's")


class FailingLibrary:
    """A C library whose syncfs fails with one error."""

    def __init__(self, number: int) -> None:
        self.number = number

    def syncfs(self, descriptor: int) -> int:
        ctypes.set_errno(self.number)
        return -1


@on_linux
def test_a_file_system_that_could_not_write_everything_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_libc", FailingLibrary(errno.EIO))
    with pytest.raises(OSError, match="Input/output error"):
        system.sync_file_system(tmp_path)


@on_linux
def test_a_kernel_without_the_call_syncs_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(system, "_libc", FailingLibrary(errno.ENOSYS))
    monkeypatch.setattr(os, "sync", lambda: calls.append("sync"))
    system.sync_file_system(tmp_path)
    assert calls == ["sync"]


@on_linux
def test_the_kernel_knows_the_range_it_is_to_start_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    asked: Callable[..., int] = system._sync_file_range
    monkeypatch.setattr(system, "_sync_file_range", lambda *arguments: told.append(asked(*arguments)))
    with (tmp_path / "file").open("wb") as file:
        system.write(file.fileno(), [b"begun", b"early"])
        system.start_writing(file.fileno(), 0, 5)
        system.start_writing(file.fileno(), 5 << 33, 5 << 33)
    assert told == [0, 0]
    assert (tmp_path / "file").read_bytes() == b"begunearly"


def test_where_nothing_can_be_started_early_nothing_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "_sync_file_range", None)
    with (tmp_path / "file").open("wb") as file:
        file.write(b"later")
        system.start_writing(file.fileno(), 0, 5)
    assert (tmp_path / "file").read_bytes() == b"later"


@pytest.fixture
def descriptor(tmp_path: Path) -> Iterator[int]:
    opened = os.open(tmp_path / "file", os.O_RDWR | os.O_CREAT)
    yield opened
    os.close(opened)


@given(lengths=st.lists(st.integers(0, 400), max_size=12), seed=st.integers(0, 99))
def test_a_write_that_is_taken_in_parts_is_whole_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, lengths: list[int], seed: int
) -> None:
    noise = random.Random(seed)
    buffers = [noise.randbytes(length) for length in lengths]
    whole = b"".join(buffers)

    def some(target: int, parts: list[bytes]) -> int:
        return os.write(target, b"".join(parts)[: noise.randint(1, 300)])

    path = tmp_path_factory.mktemp("any") / "file"
    opened = os.open(path, os.O_WRONLY | os.O_CREAT)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(system, "IOV_MAX", 5)
        patch.setattr(os, "writev", some)
        system.write(opened, buffers)
    os.close(opened)
    assert path.read_bytes() == whole


def test_reading_at_an_offset_goes_on_after_a_short_read(descriptor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    data = random.Random(1).randbytes(1_000)
    os.write(descriptor, data)
    some, few = os.preadv, os.pread
    monkeypatch.setattr(os, "preadv", lambda opened, buffers, offset: some(opened, [buffers[0][:7]], offset))
    monkeypatch.setattr(os, "pread", lambda opened, length, offset: few(opened, min(length, 7), offset))
    buffer = bytearray(2_000)
    assert system.read_at(descriptor, memoryview(buffer), 100) == 900
    assert buffer[:900] == data[100:]
    assert system.read_bytes_at(descriptor, 400, 100) == data[100:500]
    assert system.read_bytes_at(descriptor, 2_000, 100) == data[100:]
    assert system.read_bytes_at(descriptor, 10, 5_000) == b""


def test_locks_exclude_each_other_and_end_with_the_file(tmp_path: Path) -> None:
    one, two, three = (os.open(tmp_path / "lock", os.O_RDWR | os.O_CREAT) for _ in range(3))
    assert system.lock(one, exclusive=False)
    assert system.lock(two, exclusive=False)
    assert not system.lock(three, exclusive=True)
    assert not system.lock(three, exclusive=True, timeout_seconds=0.05)
    os.close(one)
    os.close(two)
    assert system.lock(three, exclusive=True)
    os.close(three)


def test_a_file_system_without_locks_is_told_at_once(descriptor: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: Any) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(system.fcntl, "flock", none)
    with pytest.raises(OSError, match="locks"):
        system.lock(descriptor, exclusive=True, timeout_seconds=60)


MOUNTS = """\
21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
22 21 0:5 / /home rw shared:2 master:1 - autofs systemd-1 rw
23 22 0:30 / /home/donn\u00e9es\\040x rw - nfs4 server:/export rw
24 21 0:31 / /mnt/back\\134slash rw - fuse.sshfs host: rw
25 21 0:32 / /mnt/over rw - ext4 /dev/sdb rw
26 21 0:33 / /mnt/over rw - cifs //host/share rw
"""


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="only Linux lists its mounts there")
@pytest.mark.parametrize(
    ("path", "kind", "is_network"),
    [
        ("/var/data", "ext4", False),
        ("/home/ada", "autofs", False),
        ("/home/donn\u00e9es x/work", "nfs4", True),
        ("/home/donn\u00e9es", "autofs", False),
        ("/mnt/back\\slash/deep/er", "fuse.sshfs", True),
        ("/mnt/over", "cifs", True),
        ("/mnt/overlong", "ext4", False),
    ],
)
def test_the_mount_that_covers_a_path_tells_its_kind(monkeypatch: pytest.MonkeyPatch, path: str, kind: str, is_network: bool) -> None:
    monkeypatch.setattr(Path, "read_bytes", lambda self: MOUNTS.encode())
    assert system.file_system(Path(path)) == kind
    assert system.is_network_file_system(kind) is is_network


def test_an_unknown_file_system_is_no_reason_to_refuse(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(self: Path) -> bytes:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    assert not system.is_network_file_system(system.file_system(tmp_path))


def test_making_durable_takes_any_folder(tmp_path: Path, descriptor: int) -> None:
    system.sync_data(descriptor)
    system.sync_folder(tmp_path)
    system.sync_file_system(tmp_path)
    with pytest.raises(FileNotFoundError):
        system.sync_folder(tmp_path / "none")


def test_several_buffers_are_filled_one_behind_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")

    def fill(*lengths: int, offset: int = 0) -> tuple[int, list[bytes]]:
        buffers = [memoryview(bytearray(length)) for length in lengths]
        with (tmp_path / "file").open("rb") as file:
            return system.read_scattered_at(file.fileno(), buffers, offset), [bytes(buffer) for buffer in buffers]

    for known in (True, False):
        if not known:
            monkeypatch.delattr(os, "preadv", raising=False)
        assert fill(2, 0, 3) == (5, [b"01", b"", b"234"])
        assert fill(2, 3, offset=5) == (5, [b"56", b"789"])
        assert fill(2, 3, 4, offset=7) == (3, [b"78", b"9\0\0", bytes(4)])


def test_a_read_that_a_signal_cut_short_is_read_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"0123456789")
    whole = os.preadv
    monkeypatch.setattr(os, "preadv", lambda descriptor, buffers, offset: whole(descriptor, [buffers[0][:1]], offset))
    buffers = [memoryview(bytearray(4)), memoryview(bytearray(3))]
    with (tmp_path / "file").open("rb") as file:
        assert system.read_scattered_at(file.fileno(), buffers, 1) == 7
    assert buffers == [b"1234", b"567"]
