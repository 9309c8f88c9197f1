"""What the operating system is asked for: durability is never claimed where the system told an error."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit import system

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
