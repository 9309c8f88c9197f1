"""Bad input: one clear sentence, a next step, the right exit code, no traceback, and nothing changed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit import system
from jupyter_kit.errors import Kind, KitError
from jupyter_kit.frontends.cli import main
from jupyter_kit.frontends.exits import EXIT_CODE
from jupyter_kit.workspace import Workspace

from .project import FIRST, assert_whole, on_disk, put


@pytest.fixture
def one(tmp_path: Path) -> Path:
    """A workspace with one snapshot."""
    folder = tmp_path / "work"
    folder.mkdir()
    put(folder, FIRST)
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first")
    return folder


def newer(folder: Path) -> None:
    (folder / ".kit/store/format.json").write_text(json.dumps({"format": 2, "features": ["blake3"]}))


def other_feature(folder: Path) -> None:
    path = folder / ".kit/store/format.json"
    document = json.loads(path.read_text())
    path.write_text(json.dumps({**document, "features": [*document["features"], "encryption"]}))


def broken_format(folder: Path) -> None:
    (folder / ".kit/store/format.json").write_text("{")


def no_store(folder: Path) -> None:
    shutil.rmtree(folder / ".kit/store")


def no_index(folder: Path) -> None:
    shutil.rmtree(folder / ".kit/store/index")


def no_workspace(folder: Path) -> None:
    shutil.rmtree(folder / ".kit")


def bad_ignore_file(folder: Path) -> None:
    (folder / ".kitignore").write_text("data\n[a-\n")


def bad_settings(folder: Path) -> None:
    (folder / ".kit/config.yaml").write_text("keep_last: many\n")


def unknown_setting(folder: Path) -> None:
    (folder / ".kit/config.yaml").write_text("colour: blue\n")


def nothing(folder: Path) -> None:
    """The words alone are wrong."""


CASES = [
    (newer, ["status"], Kind.UNSUPPORTED_FORMAT, "format 2", "pip install --upgrade"),
    (other_feature, ["status"], Kind.UNSUPPORTED_FORMAT, "encryption", "pip install --upgrade"),
    (broken_format, ["log"], Kind.UNSUPPORTED_FORMAT, "format.json", "FORMAT.md"),
    (no_store, ["status"], Kind.NOT_FOUND, "no store", "init"),
    (no_index, ["status"], Kind.CONTENT_CORRUPT, "index", "--rebuild"),
    (no_workspace, ["snapshot", "-m", "x"], Kind.NO_WORKSPACE, "not in a workspace", "jupyter kit init"),
    (bad_ignore_file, ["snapshot", "-m", "x"], Kind.INVALID_IGNORE_FILE, "line 2", "."),
    (bad_settings, ["status"], Kind.INVALID_SETTINGS, "keep_last", "."),
    (unknown_setting, ["status"], Kind.INVALID_SETTINGS, "colour", "keep_last"),
    (nothing, ["rollback", "HEAD", "../elsewhere", "--yes"], Kind.OUTSIDE_WORKSPACE, "../elsewhere", "."),
    (nothing, ["rollback", "HEAD", "train.pyy", "--yes"], Kind.NOT_FOUND, "train.pyy", "train.py"),
    (nothing, ["show", "v9"], Kind.NOT_FOUND, "v9", "log"),
    (nothing, ["snapshot", "-m", "x", "--tag", "../x"], Kind.INVALID_INPUT, "../x", "letters"),
    (nothing, ["snapshot", "-m", "x", "--metric", "acc=high"], Kind.INVALID_INPUT, "high", "accuracy=0.971"),
    (nothing, ["tag", "HEAD"], Kind.INVALID_INPUT, "HEAD", "."),
    (nothing, ["remove", "HEAD", "--yes"], Kind.CONFLICT, "stands on", "roll back"),
    (nothing, ["init"], Kind.CONFLICT, "already", "."),
    (nothing, ["stauts"], Kind.INVALID_INPUT, "stauts", "status"),
]


@pytest.mark.parametrize(("harm", "words", "kind", "says", "hints"), CASES)
def test_each_is_told(one: Path, harm: Callable[[Path], None], words: list[str], kind: Kind, says: str, hints: str) -> None:
    harm(one)
    before = on_disk(one)
    ran = subprocess.run(
        [sys.executable, "-m", "jupyter_kit", "-C", str(one), *words],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert ran.returncode == EXIT_CODE[kind], ran.stderr
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    assert says in ran.stderr
    assert hints in ran.stderr
    assert on_disk(one) == before


def test_a_network_file_system(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "file_system", lambda path: "nfs4")
    with pytest.raises(KitError) as told:
        Workspace.open(one)
    assert told.value.kind is Kind.NETWORK_FILE_SYSTEM
    assert "JUPYTER_KIT_STORE" in told.value.hint


def test_a_store_elsewhere(one: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the hint for network file systems says works."""
    monkeypatch.setenv("JUPYTER_KIT_STORE", str(tmp_path / "local"))
    with Workspace.init(one) as workspace:
        workspace.snapshot("elsewhere")
    assert (tmp_path / "local/format.json").exists()
    assert assert_whole(one) == ["elsewhere"]


NOBODY = 65534
"""A user without rights of its own, for tests that the superuser would pass whatever the code does."""


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only the superuser can become another user")
@pytest.mark.parametrize("words", [["snapshot", "-m", "x"], ["rollback", "HEAD", "--yes"], ["tag", "v1"]])
def test_a_read_only_folder(one: Path, words: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    """As a user who may read everything here and write nothing."""
    for path in [one, *one.parents][:-1]:
        path.chmod(path.stat().st_mode | 0o055)
    put(one, {**FIRST, "train.py": b"changed\n"})
    before = on_disk(one)
    child = os.fork()
    if child == 0:
        code = 99
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.environ["HOME"] = "/nonexistent"
            code = main(["-C", str(one), *words])
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == EXIT_CODE[Kind.PERMISSION_DENIED]
    told = capfd.readouterr().err
    assert "Traceback" not in told
    assert str(one) in told
    assert on_disk(one) == before
    assert assert_whole(one) == ["first"]


def test_files_that_vanish_shrink_and_grow_while_they_are_read(one: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The entry is a state that existed, or the file is refused by name."""
    whole = system.read_at
    victim = one / "model/weights.bin"
    states = [bytes([number]) * (2_000_000 + number) for number in range(1, 8)]
    victim.write_bytes(states[0])
    written = 1

    def read_at(descriptor: int, buffer: memoryview, offset: int) -> int:
        nonlocal written
        count = whole(descriptor, buffer, offset)
        if os.fstat(descriptor).st_ino == victim.stat().st_ino and written < len(states):
            victim.write_bytes(states[written])
            written += 1
        return count

    monkeypatch.setattr(system, "read_at", read_at)
    with Workspace.open(one) as workspace:
        try:
            taken = workspace.snapshot("changing")
        except KitError as error:
            assert error.kind is Kind.FILE_CHANGED
            assert "model/weights.bin" in error.message
        else:
            (entry,) = [entry for entry in workspace.show(taken.id).entries if entry.path == "model/weights.bin"]
            assert workspace._store.read_bytes(entry.root) in states
