"""Two file lists compared: every kind of change, renames above all."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import Change, Changes
from jupyter_kit.compare.files import changes
from jupyter_kit.snapshot.snapshot import FileEntry


def file(path: str, content: str = "x", *, mode: int = 0o644, mtime_ns: int = 1) -> FileEntry:
    """A file; its size is the content's, its root stands for the content."""
    root = hashlib.sha256(content.encode()).hexdigest()
    return FileEntry(path, "file", mode, len(content), mtime_ns, root=root)


def link(path: str, target: str, *, mode: int = 0o777) -> FileEntry:
    return FileEntry(path, "symlink", mode, 0, 1, target=target)


def folder(path: str, mode: int = 0o755) -> FileEntry:
    return FileEntry(path, "folder", mode, 0, 1)


def told(found: Changes) -> list[tuple[str, ...]]:
    """Kind and path, and the old path of renames."""
    return [(change.kind, change.path, *([change.old_path] if change.old_path else [])) for change in found]


def compared(before: Iterable[FileEntry], after: Iterable[FileEntry]) -> list[tuple[str, ...]]:
    return told(changes(before, after))


class TestKinds:
    def test_added_removed_and_modified_carry_sizes_and_modes_of_the_sides_that_exist(self) -> None:
        before = [file("gone", "12345"), file("kept"), file("other", "old!")]
        after = [file("kept"), file("new", "123", mode=0o600), file("other", "newer")]
        assert changes(before, after).entries == (
            Change("removed", "gone", old_size=5, old_mode=0o644, old_entry="file"),
            Change("added", "new", new_size=3, new_mode=0o600, new_entry="file"),
            Change("modified", "other", None, 4, 5, 0o644, 0o644, None, "file", "file"),
        )

    def test_sorted_by_path_whatever_the_order_of_the_entries(self) -> None:
        assert compared([file("b"), file("a", "1")], [file("c", "3"), file("a", "2")]) == [
            ("modified", "a"),
            ("removed", "b"),
            ("added", "c"),
        ]

    def test_times_are_no_change(self) -> None:
        assert not changes([file("a", mtime_ns=1)], [file("a", mtime_ns=2)])

    def test_mode_alone(self) -> None:
        (change,) = changes([file("run.sh", mode=0o644)], [file("run.sh", mode=0o755)])
        assert (change.kind, change.old_mode, change.new_mode) == ("mode", 0o644, 0o755)

    def test_mode_of_an_empty_folder(self) -> None:
        assert compared([folder("d", 0o755)], [folder("d", 0o700)]) == [("mode", "d")]

    def test_content_and_mode_together_are_modified(self) -> None:
        assert compared([file("a", "1")], [file("a", "2", mode=0o755)]) == [("modified", "a")]

    def test_another_target_is_modified_and_a_link_has_no_mode(self) -> None:
        assert compared([link("l", "a")], [link("l", "b")]) == [("modified", "l")]
        assert not changes([link("l", "a", mode=0o777)], [link("l", "a", mode=0o755)])

    def test_another_kind_is_modified(self) -> None:
        (change,) = changes([file("a")], [link("a", "b")])
        assert (change.kind, change.old_entry, change.new_entry) == ("modified", "file", "symlink")
        assert compared([folder("a")], [file("a")]) == [("modified", "a")]

    def test_new_bytes_are_those_given_for_the_new_side(self) -> None:
        before, after = [file("gone"), file("m", "1")], [file("m", "2"), file("n", "n")]
        found = changes(before, after, {"m": 7, "gone": 9})
        assert {change.path: change.new_bytes for change in found} == {"gone": None, "m": 7, "n": None}

    def test_counts(self) -> None:
        found = changes([file("a", "1"), file("b", "2")], [file("a", "3"), file("c", "4"), file("d", "5")])
        assert found.counts == {"modified": 1, "removed": 1, "added": 2}

    def test_names_that_are_not_utf8(self) -> None:
        assert compared([file("a")], [file("a"), file("caf\udce9", "1")]) == [("added", "caf\udce9")]


class TestFolders:
    def test_an_empty_folder_appears_and_disappears(self) -> None:
        assert compared([folder("old")], [folder("new")]) == [("added", "new"), ("removed", "old")]

    def test_a_folder_that_is_filled_is_not_removed(self) -> None:
        assert compared([folder("d/e")], [file("d/e/f/x")]) == [("added", "d/e/f/x")]

    def test_a_folder_that_is_emptied_is_not_added(self) -> None:
        assert compared([file("d/e/x")], [folder("d")]) == [("removed", "d/e/x")]

    def test_a_file_that_became_a_filled_folder(self) -> None:
        assert compared([file("d", "1")], [file("d/x", "2")]) == [("removed", "d"), ("added", "d/x")]


class TestRenames:
    def test_the_same_content_under_another_name(self) -> None:
        (change,) = changes([file("a.csv", "data")], [file("b/a.csv", "data", mode=0o600)])
        assert change == Change("renamed", "b/a.csv", "a.csv", 4, 4, 0o644, 0o600, None, "file", "file")

    def test_links_too_but_never_a_link_for_a_file(self) -> None:
        assert compared([link("l", "t")], [link("m", "t")]) == [("renamed", "m", "l")]
        root = hashlib.sha256(b"x").hexdigest()
        assert compared([file("f", "x")], [link("l", root)]) == [("removed", "f"), ("added", "l")]

    def test_empty_files_are_not_paired(self) -> None:
        assert compared([file("a", "")], [file("b", "")]) == [("removed", "a"), ("added", "b")]

    def test_a_copy_is_added_not_renamed(self) -> None:
        assert compared([file("a", "1")], [file("a", "1"), file("b", "1")]) == [("added", "b")]

    def test_one_of_two_copies_is_the_renamed_one_the_other_is_added(self) -> None:
        assert compared([file("data/a", "1")], [file("data/b", "1"), file("else/a", "1")]) == [
            ("added", "data/b"),
            ("renamed", "else/a", "data/a"),
        ]

    def test_two_that_become_one(self) -> None:
        assert compared([file("a", "1"), file("b", "1")], [file("d/b", "1")]) == [("removed", "a"), ("renamed", "d/b", "b")]

    def test_a_renamed_folder_of_equal_files_keeps_their_places(self) -> None:
        places = ["0/label.txt", "1/label.txt", "2/deep/label.txt"]
        before, after = [file(f"old/{place}") for place in places], [file(f"new/{place}") for place in places]
        assert compared(before, after) == [("renamed", f"new/{place}", f"old/{place}") for place in places]

    def test_the_same_last_folder_among_equal_names(self) -> None:
        before = [file("old1/x/f"), file("old2/y/f")]
        after = [file("new1/y/f"), file("new2/x/f")]
        assert compared(before, after) == [("renamed", "new1/y/f", "old2/y/f"), ("renamed", "new2/x/f", "old1/x/f")]

    def test_the_same_first_folder_among_equal_names(self) -> None:
        before = [file("a/one/f"), file("c/one/f")]
        after = [file("c/two/f"), file("z/two/f")]
        assert compared(before, after) == [("renamed", "c/two/f", "c/one/f"), ("renamed", "z/two/f", "a/one/f")]

    def test_the_same_folder_among_other_names(self) -> None:
        before = [file("a/1"), file("c/2")]
        after = [file("c/3"), file("z/4")]
        assert compared(before, after) == [("renamed", "c/3", "c/2"), ("renamed", "z/4", "a/1")]


def test_the_same_list_differs_in_nothing() -> None:
    entries = (file("a"), folder("b"))
    assert not changes(entries, entries)
    assert changes(iter(entries), iter(entries)) == Changes(())


NAMES = st.sampled_from(["a", "b", "c"])
PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)
KINDS = st.one_of(
    st.sampled_from(["", "1", "2", "three"]).map(lambda content: lambda path: file(path, content)),
    st.sampled_from(["1", "../t"]).map(lambda target: lambda path: link(path, target)),
    st.just(folder),
)


@st.composite
def trees(draw: st.DrawFn) -> list[FileEntry]:
    """A file list that a disk could hold: nothing lies below a file, and a folder is an entry only where it is empty."""
    entries: dict[str, FileEntry] = {}
    for path, make in draw(st.dictionaries(PATHS, KINDS, max_size=12)).items():
        above = {path[:position] for position, character in enumerate(path) if character == "/"}
        if not above & entries.keys() and not any(other.startswith(path + "/") for other in entries):
            entries[path] = make(path)
    return list(entries.values())


def contents(entries: Iterable[FileEntry]) -> dict[str, tuple[str, str]]:
    """What stands where, folders that hold something included."""
    found = {}
    for entry in entries:
        found[entry.path] = (entry.root, entry.target)
        for position, character in enumerate(entry.path):
            if character == "/":
                found[entry.path[:position]] = ("", "")
    return found


@given(trees(), trees())
def test_changes_applied_to_before_give_after(before: list[FileEntry], after: list[FileEntry]) -> None:
    old, new = contents(before), contents(after)
    files = {entry.path: (entry.root, entry.target) for entry in before if entry.kind != "folder"}
    wanted = {entry.path: (entry.root, entry.target) for entry in after if entry.kind != "folder"}
    found = changes(before, after)
    for change in found:
        if change.kind in {"removed", "renamed", "modified"}:
            files.pop(change.old_path or change.path, None)
    for change in found:
        if change.kind == "renamed":
            assert change.old_path is not None
            assert old[change.old_path] == new[change.path]
        if change.kind in {"added", "renamed", "modified"} and change.new_entry != "folder":
            files[change.path] = new[change.path]
    assert files == wanted
    assert all((change.path in new) == (change.kind != "removed") for change in found if change.new_entry == "folder")
    assert {change.path for change in found if change.new_entry == "folder" and change.kind == "added"} <= new.keys() - old.keys()


@given(trees())
def test_equal_lists_differ_in_nothing(entries: list[FileEntry]) -> None:
    copies = [FileEntry(e.path, e.kind, e.mode, e.size, e.mtime_ns + 1, e.root, e.target) for e in entries]
    assert not changes(entries, copies)


@given(trees(), trees())
def test_no_path_is_told_twice(before: list[FileEntry], after: list[FileEntry]) -> None:
    found = changes(before, after)
    named = [change.path for change in found] + [change.old_path for change in found if change.old_path]
    assert len(named) == len(set(named))


def test_a_hundred_thousand_entries() -> None:
    before = [file(f"data/{number % 100}/{number}.txt", str(number)) for number in range(100_000)]
    copies = [file(entry.path, str(number), mtime_ns=2) for number, entry in enumerate(before)]
    moved = [FileEntry(f"moved{entry.path}", "file", 0o644, entry.size, 1, entry.root) for entry in before]
    alike = [FileEntry(entry.path, "file", 0o644, 1, 1, "same") for entry in before]
    alike_moved = [FileEntry(entry.path + "x", "file", 0o644, 1, 1, "same") for entry in before]
    for what, old, new, kinds in (
        ("same entries", before, list(before), {}),
        ("equal entries", before, copies, {}),
        ("all renamed", before, moved, {"renamed": 100_000}),
        ("all renamed, all with the same content", alike, alike_moved, {"renamed": 100_000}),
    ):
        start = time.perf_counter()
        found = changes(old, new)
        print(f"100,000 files, {what}: {time.perf_counter() - start:.3f} s")
        assert found.counts == kinds
