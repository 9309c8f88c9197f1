"""What a walk finds, and what it takes from the stat cache."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from jupyter_kit.errors import Kind, NotFound
from jupyter_kit.snapshot.scan import Scan
from jupyter_kit.snapshot.statcache import folder_key
from tests.snapshot.conftest import Box, boxed, write


def nothing(keys: Iterable[bytes]) -> list[bytes | None]:
    return [None for _ in keys]


def kept(folder: Path) -> set[str]:
    return {f"{inner.prefix}{found.name}" for inner in Scan(folder, nothing).folders for found in inner.found}


def skipped(folder: Path) -> dict[str, str]:
    scan = Scan(folder, nothing)
    inside = {f"{inner.prefix}{name}": reason for inner in scan.folders for name, reason in inner.skipped}
    return inside | {left.path: left.reason for left in scan.skipped}


def test_order_does_not_depend_on_the_disk(tmp_path: Path) -> None:
    write(tmp_path, dict.fromkeys(("b/2", "b/1", "a/x/y", "c", "a/b", "Z"), b""))
    scan = Scan(tmp_path, nothing)
    assert [folder.path for folder in scan.folders] == [folder.path for folder in Scan(tmp_path, nothing).folders]
    assert all([found.name for found in folder.found] == sorted(found.name for found in folder.found) for folder in scan.folders)


def test_names_in_any_script_and_none(tmp_path: Path) -> None:
    names = ["é", "e\u0301", "数据", "🚀", "a\nb", '"', "\\", "\udcff\udc80", "x" * 200]
    write(tmp_path, {f"{name}/{name}": b"" for name in names})
    assert kept(tmp_path) == {f"{name}/{name}" for name in names}


def test_symlinks_are_not_followed(tmp_path: Path) -> None:
    write(tmp_path, {"real/x": b"", "to-folder": "real", "to-file": "real/x", "broken": "nowhere", "loop": "loop", "out": "/etc"})
    assert kept(tmp_path) == {"real/x", "to-folder", "to-file", "broken", "loop", "out"}
    root = Scan(tmp_path, nothing).folders[0]
    assert {found.name: found.target for found in root.found}["out"] == "/etc"


def test_what_is_no_file_is_named(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(os.path.relpath(tmp_path / "door"))
        assert skipped(tmp_path) == {"pipe": "a pipe", "door": "a socket"}
    assert kept(tmp_path) == set()


def test_defaults_and_secrets(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "venv/pyvenv.cfg": b"",
            "venv/lib/x.py": b"",
            ".git/HEAD": b"",
            "__pycache__/x.pyc": b"",
            "nested/.kit/store/x": b"",
            "nested/file": b"",
            ".env": b"TOKEN=1",
            "sub/.env.local/deep": b"",
            "keys/id_rsa": b"",
            "keys/tls.pem": b"-----BEGIN PRIVATE KEY-----",
            "keys/cert.pem": b"-----BEGIN CERTIFICATE-----",
            "talk.key": b"PK",
            "train.py": b"",
        },
    )
    assert kept(tmp_path) == {"nested/file", "keys/cert.pem", "talk.key", "train.py"}
    assert skipped(tmp_path) == {
        ".env": "may hold secrets",
        "sub/.env.local": "may hold secrets",
        "keys/id_rsa": "looks like a private key",
        "keys/tls.pem": "looks like a private key",
    }


def test_an_ignore_file_brings_back_and_takes_away(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".kitignore": b"out\n!out/deep/keep.txt\n!venv\n!keys/tls.pem\n*.log\n",
            "out/other.txt": b"",
            "out/deep/keep.txt": b"",
            "out/deep/drop.txt": b"",
            "venv/pyvenv.cfg": b"",
            "venv/x.py": b"",
            "keys/tls.pem": b"-----BEGIN PRIVATE KEY-----",
            "a.log": b"",
        },
    )
    assert kept(tmp_path) == {".kitignore", "out/deep/keep.txt", "venv/pyvenv.cfg", "venv/x.py", "keys/tls.pem"}
    assert skipped(tmp_path) == {}


def test_unreadable_things_are_named(unprivileged: Callable[[], Path]) -> None:
    home = unprivileged()
    write(home, {"closed/x": b"", "secret.pem": b"", "open": b""})
    (home / "closed").chmod(0)
    (home / "secret.pem").chmod(0)
    assert skipped(home) == {"closed": "a folder that cannot be read: Permission denied", "secret.pem": "cannot be read: Permission denied"}
    assert kept(home) == {"open"}
    assert not Scan(home, nothing).unchanged


def test_no_folder(tmp_path: Path) -> None:
    with pytest.raises(NotFound) as caught:
        Scan(tmp_path / "gone", nothing)
    assert caught.value.kind is Kind.NO_WORKSPACE


class Counted:
    """The rows of a store, counting those asked for."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.asked: list[bytes] = []

    def __call__(self, keys: Iterable[bytes]) -> list[bytes | None]:
        wanted = list(keys)
        self.asked += wanted
        return self.box.store.stat_rows(wanted)


def settled(folder: Path) -> None:
    """Give every file a time that is past, as if it had been there for long."""
    for place in folder.rglob("*"):
        if not place.is_symlink() and place.is_file() and ".kit" not in place.parts:
            os.utime(place, ns=(10**18, 10**18))


def test_an_unchanged_workspace_is_known_from_one_row(box: Box) -> None:
    box.write({f"d{number}/x": b"x" for number in range(20)})
    settled(box.folder)
    box.snap()
    rows = Counted(box)
    assert Scan(box.folder, rows).unchanged
    assert len(rows.asked) == 1


def test_only_a_changed_folder_is_looked_at(box: Box) -> None:
    box.write({f"d{number}/{name}": b"x" for number in range(5) for name in "ab"})
    settled(box.folder)
    box.snap()
    box.write({"d3/a": b"other"})
    rows = Counted(box)
    scan = Scan(box.folder, rows)
    assert not scan.unchanged
    assert [folder.path for folder in scan.changed] == ["d3"]
    assert rows.asked[1:] == [folder_key("d3")]
    (folder,) = scan.changed
    assert {found.name: found.root is None for found in folder.found} == {"a": True, "b": False}
    assert all(found.base for found in folder.found)


@pytest.mark.parametrize(
    "change",
    [
        lambda home: (home / "d/new").write_bytes(b""),
        lambda home: (home / "d/a").unlink(),
        lambda home: (home / "d/a").rename(home / "d/z"),
        lambda home: (home / "d/a").chmod(0o600),
        lambda home: (home / "d").chmod(0o700),
        lambda home: (home / "d").rename(home / "e"),
        lambda home: (home / "e").mkdir(),
        lambda home: (home / "empty").rmdir(),
        lambda home: (home / ".kitignore").write_text("d/b\n"),
        lambda home: (home / "d/pyvenv.cfg").write_text(""),
        lambda home: ((home / "link").unlink(), (home / "link").symlink_to("c")),
        lambda home: os.utime(home / "d/a", ns=(1, 1)),
    ],
)
def test_every_change_is_seen(box: Box, change: Callable[[Path], object]) -> None:
    box.write({"d/a": b"a", "d/b": b"b", "c": b"c", "empty": None, "link": "d"})
    settled(box.folder)
    box.snap()
    assert Scan(box.folder, box.store.stat_rows).unchanged
    change(box.folder)
    assert not Scan(box.folder, box.store.stat_rows).unchanged


def test_what_changes_in_ignored_folders_is_not_a_change(box: Box) -> None:
    box.write({"a": b"", ".ipynb_checkpoints/x": b"", "venv/pyvenv.cfg": b""})
    settled(box.folder)
    box.snap()
    box.write({".ipynb_checkpoints/y": b"", "venv/lib/z": b""})
    assert Scan(box.folder, box.store.stat_rows).unchanged


def test_a_row_that_was_replaced_meanwhile_is_looked_at_again(box: Box) -> None:
    box.write({"d/a": b"1", "e/b": b"2"})
    settled(box.folder)
    box.snap()
    scan = Scan(box.folder, box.store.stat_rows)
    box.write({"d/a": b"other"})
    settled(box.folder / "d")
    box.snap()
    rows = scan.cached()
    assert set(rows) == {"", "e"}
    assert [folder.path for folder in scan.changed] == ["d"]


def test_a_workspace_may_be_a_symlink(tmp_path: Path) -> None:
    write(tmp_path / "real", {"x": b""})
    (tmp_path / "alias").symlink_to("real")
    assert kept(tmp_path / "alias") == {"x"}


def test_a_folder_that_vanishes_is_a_state_the_workspace_had(tmp_path: Path) -> None:
    with boxed(tmp_path / "work") as box:
        box.write({"a/x": b"", "b/y": b""})
        scan = Scan(box.folder, nothing)
        assert scan.complete

        def removing(keys: Iterable[bytes]) -> list[bytes | None]:
            if (box.folder / "b").exists():
                (box.folder / "b/y").unlink()
                (box.folder / "b").rmdir()
            return nothing(keys)

        scan = Scan(box.folder, removing)
        assert [folder.path for folder in scan.folders] == ["", "a"]
        assert not scan.unchanged


def test_names_alone_tell_what_a_walk_finds(tmp_path: Path) -> None:
    paths = [
        "a.txt",
        "out/other.txt",
        "out/deep/keep.txt",
        "out/deep/x.txt",
        ".git/HEAD",
        "x/.ipynb_checkpoints/a.ipynb",
        ".env",
        "b/a.log",
    ]
    write(tmp_path, {**dict.fromkeys(paths, b""), ".kitignore": b"out\n!out/deep/keep.txt\n**/*.log\n"})
    rules = Scan(tmp_path, nothing).rules
    assert {path for path in [*paths, ".kitignore"] if rules.keeps(path)} == kept(tmp_path)
    assert "out/deep/keep.txt" in kept(tmp_path)
