"""The tree of a snapshot: what folders hold, and where paths and symlinks lead."""

from __future__ import annotations

import pytest

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.snapshot.tree import Tree


def file(path: str) -> FileEntry:
    return FileEntry(path, "file", 0o644, 1, 1, "ab" * 32)


def link(path: str, target: str) -> FileEntry:
    return FileEntry(path, "symlink", 0o777, 0, 0, "", target)


TREE = Tree(
    "c0ffee" * 10 + "c0ff",
    tuple(
        sorted(
            [
                file("a.txt"),
                file("data/deep/c.csv"),
                file("data/ü ~@#.csv"),
                FileEntry("empty", "folder", 0o700, 0, 0),
                link("latest", "data/deep"),
                link("data/up", "../a.txt"),
                link("data/out", "../../a.txt"),
                link("absolute", "/etc/hostname"),
                link("circle", "circle"),
                link("lost", "gone/x.txt"),
                link("twice", "latest/../up"),
            ],
            key=lambda entry: entry.path,
        )
    ),
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.txt", "a.txt"),
        ("data/ü ~@#.csv", "data/ü ~@#.csv"),
        ("./data//deep/c.csv", "data/deep/c.csv"),
        ("latest/c.csv", "data/deep/c.csv"),
        ("data/up", "a.txt"),
        ("twice", "a.txt"),
        ("data/../a.txt", "a.txt"),
    ],
)
def test_a_path_leads_to_its_file(path: str, found: str) -> None:
    assert TREE.file(path).path == found


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("b.txt", "not in the snapshot c0ffeec0ff"),
        ("a.txt/b", "not in the snapshot"),
        ("lost", "a symlink leads to “gone/x.txt”"),
        ("circle", "in a circle"),
        ("absolute", "leads out of the snapshot, to “/etc/hostname”"),
        ("data/out", "leads out of the snapshot"),
        ("../a.txt", "leads out of the snapshot"),
    ],
)
def test_what_leads_nowhere_is_not_found(path: str, said: str) -> None:
    with pytest.raises(NotFound, match=said) as caught:
        TREE.file(path)
    assert caught.value.path == path


def test_a_typing_error_is_met_with_what_was_meant() -> None:
    with pytest.raises(NotFound, match=r"Did you mean “data/deep/c\.csv”"):
        TREE.file("data/deep/c.cvs")


def test_a_folder_is_no_file_and_a_file_no_folder() -> None:
    for path in ("data", "", "empty", "latest"):
        with pytest.raises(InvalidInput, match="folder"):
            TREE.file(path)
    with pytest.raises(InvalidInput, match="is a file"):
        TREE.list("a.txt")


def test_folders_list_what_they_hold() -> None:
    assert [entry.path for entry in TREE.list()] == ["a.txt", "absolute", "circle", "data", "empty", "latest", "lost", "twice"]
    assert [entry.path for entry in TREE.list("data/")] == ["data/deep", "data/out", "data/up", "data/ü ~@#.csv"]
    assert [entry.path for entry in TREE.list("latest")] == ["data/deep/c.csv"]
    assert TREE.list("empty") == ()
    assert (TREE.find("data").kind, TREE.find("empty").mode) == ("folder", 0o700)


def test_a_symlink_itself_can_be_asked_for() -> None:
    assert TREE.find("latest", follow=False).target == "data/deep"
    assert TREE.find("latest/c.csv", follow=False).kind == "file"


def test_a_snapshot_of_nothing_is_a_tree() -> None:
    assert Tree("00" * 32, ()).list() == ()
