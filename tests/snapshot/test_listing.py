"""Listing folders, alone and with a second process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from jupyter_kit.snapshot import listing, scan
from jupyter_kit.snapshot.listing import SecondProcess, Summary, list_folder, summarise
from jupyter_kit.snapshot.scan import Scan
from tests.snapshot.conftest import Box, write

RULES = b"12345678"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    names = ["plain", "é", "\udcff\udc80", "a b\nc", "数据"]
    write(tmp_path, {f"{name}/{number}/{name}": b"" for name in names for number in range(3)})
    write(tmp_path, {"venv/pyvenv.cfg": b"", "link": "plain", "empty": None})
    return tmp_path


@pytest.fixture
def second(tree: Path) -> Iterator[SecondProcess]:
    with closing(SecondProcess(str(tree), RULES, worthwhile=True)) as process:
        if not process.runs:
            pytest.skip("there is no second processor")
        yield process


def everything(tree: Path) -> list[str]:
    return ["", *(place.relative_to(tree).as_posix() for place in sorted(tree.rglob("*")) if place.is_dir() and not place.is_symlink())]


def alone(tree: Path, path: str) -> Summary:
    return summarise(path, list_folder(str(tree), path), RULES)


def test_the_second_process_says_the_same(tree: Path, second: SecondProcess) -> None:
    paths = everything(tree)
    assert len(paths) > 15
    for _ in range(2):
        second.ask(paths)
        assert second.answer(len(paths)) == [alone(tree, path) for path in paths]
    second.ask([])
    assert second.answer(0) == []


def test_what_it_cannot_list_it_leaves_to_us(tree: Path, second: SecondProcess) -> None:
    second.ask(["gone", "plain/0/plain", "link", "plain"])
    assert second.answer(4) == [None, None, None, alone(tree, "plain")]


def test_its_death_is_not_felt(tree: Path, second: SecondProcess) -> None:
    assert second._process is not None
    os.kill(second._process.pid, signal.SIGKILL)
    second._process.wait()
    for _ in range(2):
        second.ask(["plain"])
        assert second.answer(1) == [None]
    assert not second.runs


def test_a_large_answer_does_not_block(tmp_path: Path) -> None:
    """More than a pipe holds, in both directions."""
    write(tmp_path, {f"{number:04}-{'x' * 200}": None for number in range(1000)})
    paths = ["", *sorted(place.name for place in tmp_path.iterdir())]
    with closing(SecondProcess(str(tmp_path), RULES, worthwhile=True)) as second:
        if second.runs:
            second.ask(paths)
            assert second.answer(len(paths)) == [alone(tmp_path, path) for path in paths]


def test_it_is_started_only_where_it_pays(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SecondProcess(str(tree), RULES, worthwhile=False)) as second:
        assert not second.runs
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    with closing(SecondProcess(str(tree), RULES, worthwhile=True)) as second:
        assert not second.runs
    monkeypatch.undo()
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    with closing(SecondProcess(str(tree), RULES, worthwhile=True)) as second:
        assert not second.runs


def test_it_ends_with_us(tree: Path) -> None:
    command = [sys.executable, "-I", "-S", listing.__file__, str(tree), RULES.hex()]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    process.communicate(timeout=10)
    assert process.returncode == 0


def test_a_walk_with_help_finds_the_same(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    box.write({f"d{number}/{inner}/x": b"%d" % number for number in range(20) for inner in range(10)})
    box.write({"venv/pyvenv.cfg": b"", ".env": b"", "out/x": b"", ".kitignore": b"out\n", "link": "d0"})
    box.snap()
    by_ourselves = Scan(box.folder, box.store.stat_rows)
    asked: list[int] = []
    ask = SecondProcess.ask

    def counted(self: SecondProcess, paths: list[str]) -> None:
        asked.append(len(paths))
        ask(self, paths)

    monkeypatch.setattr(SecondProcess, "ask", counted)
    monkeypatch.setattr(scan, "HELPED_FILES", 1)
    helped = Scan(box.folder, box.store.stat_rows)
    assert helped.unchanged
    assert {folder.path: folder.fingerprint for folder in helped.folders} == {
        folder.path: folder.fingerprint for folder in by_ourselves.folders
    }
    assert sum(asked) > 50 or (os.cpu_count() or 1) == 1
    box.write({"d7/3/x": b"changed", "d7/new/y": b"new"})
    helped = Scan(box.folder, box.store.stat_rows)
    assert sorted(folder.path for folder in helped.changed) == ["d7", "d7/3", "d7/new"]
    assert helped.complete
