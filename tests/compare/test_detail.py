"""Which view compares a changed file, and what is read for it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from jupyter_kit.compare import detail
from jupyter_kit.compare.changes import Change, ChangeKind, FileDiff, FileFacts, NotebookDiff, TextDiff
from jupyter_kit.compare.detail import VIEWS, View, file_diff
from jupyter_kit.errors import ContentCorrupt

NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": "x", "outputs": [], "metadata": {}}], "nbformat": 4}).encode()


def modified(path: str, before: bytes | None, after: bytes | None) -> Change:
    """The change of a file between two contents, either of which may be absent."""
    return Change(
        "added" if before is None else "removed" if after is None else "modified",
        path,
        old_size=None if before is None else len(before),
        new_size=None if after is None else len(after),
        old_entry=None if before is None else "file",
        new_entry=None if after is None else "file",
    )


def never() -> bytes:
    raise AssertionError("read without need")


def once(content: bytes | None) -> Callable[[], bytes]:
    """Reads ``content`` one time."""
    left = [content]

    def read() -> bytes:
        found = left.pop()
        assert found is not None
        return found

    return read


def compared(path: str, before: bytes | None, after: bytes | None) -> FileDiff:
    return file_diff(modified(path, before, after), once(before), once(after), lambda: 7)


def test_text() -> None:
    assert compared("a.py", b"a\n", b"b\n") == TextDiff("a.py", ("--- a/a.py", "+++ b/a.py", "@@ -1 +1 @@", "-a", "+b"))


def test_notebooks_by_cell_whatever_the_case_of_the_suffix() -> None:
    assert isinstance(compared("a.ipynb", NOTEBOOK, NOTEBOOK), NotebookDiff)
    assert isinstance(compared("A.IPYNB", NOTEBOOK, NOTEBOOK.replace(b'"x"', b'"y"')), NotebookDiff)


def test_a_notebook_that_is_none_is_text() -> None:
    assert isinstance(compared("a.ipynb", NOTEBOOK, b"<<<<<<< HEAD\n"), TextDiff)


def test_what_is_neither_is_told_in_facts() -> None:
    assert compared("a.bin", b"\x00\x01", b"\x00\x01\x02") == FileFacts("a.bin", 2, 3, 7)
    assert compared("a.ipynb", b"\x00\x01", NOTEBOOK) == FileFacts("a.ipynb", 2, len(NOTEBOOK), 7)


def test_added_and_removed_files_are_shown_whole() -> None:
    added, removed = compared("a.txt", None, b"x\n"), compared("a.txt", b"x\n", None)
    assert isinstance(added, TextDiff)
    assert isinstance(removed, TextDiff)
    assert (added.lines[-1], removed.lines[-1]) == ("+x", "-x")
    found = compared("a.ipynb", None, NOTEBOOK)
    assert isinstance(found, NotebookDiff)
    assert [cell.kind for cell in found.cells] == ["added"]


@pytest.mark.parametrize(("path", "size"), [("a.csv", (16 << 20) + 1), ("a.ipynb", (64 << 20) + 1)])
def test_what_is_too_large_is_not_read(path: str, size: int) -> None:
    change = replace(modified(path, b"", b""), new_size=size)
    assert file_diff(change, never, never, lambda: 5) == FileFacts(path, 0, size, 5)
    assert file_diff(replace(change, old_size=size, new_size=0), never, never, lambda: 5) == FileFacts(path, size, 0, 5)


def test_a_notebook_too_large_for_text_is_still_a_notebook_but_never_text() -> None:
    change = replace(modified("a.ipynb", b"", b""), new_size=(16 << 20) + 1)
    assert isinstance(file_diff(change, once(NOTEBOOK), once(NOTEBOOK), lambda: 5), NotebookDiff)
    assert isinstance(file_diff(change, once(b"no"), once(NOTEBOOK), lambda: 5), FileFacts)


@pytest.mark.parametrize("kind", ["renamed", "mode"])
def test_equal_content_is_not_read(kind: ChangeKind) -> None:
    change = replace(modified("a.txt", b"abc", b"abc"), kind=kind)
    assert file_diff(change, never, never, lambda: 0) == FileFacts("a.txt", 3, 3, 3)


def test_symlinks_are_compared_by_their_targets() -> None:
    change = Change("modified", "l", old_size=0, new_size=0, old_entry="symlink", new_entry="symlink")
    found = file_diff(change, once(b"old/target"), once(b"new/target"), lambda: 0)
    assert isinstance(found, TextDiff)
    assert "-old/target" in found.lines


def test_folders_and_another_kind_are_facts() -> None:
    added = Change("added", "d", new_size=0, new_entry="folder")
    assert file_diff(added, never, never, lambda: 0) == FileFacts("d", None, 0, 0)
    turned = Change("modified", "f", old_size=9, new_size=0, old_entry="file", new_entry="symlink")
    assert file_diff(turned, never, never, lambda: 0) == FileFacts("f", 9, 0, 0)


def test_what_reading_raises_passes_through() -> None:
    def corrupt() -> bytes:
        raise ContentCorrupt("chunk 12ab of a.txt is damaged")

    with pytest.raises(ContentCorrupt):
        file_diff(modified("a.txt", b"a", b"b"), corrupt, never, lambda: 0)


def test_a_view_is_added_by_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def by_rows(path: str, before: bytes, after: bytes) -> FileDiff | None:
        return TextDiff(path, (f"{before.count(10)} rows → {after.count(10)} rows",)) if before else None

    monkeypatch.setattr(detail, "VIEWS", (View(by_rows, 1 << 20, (".csv", ".tsv")), *VIEWS))
    assert compared("a.csv", b"a\n", b"a\nb\n") == TextDiff("a.csv", ("1 rows → 2 rows",))
    assert compared("a.txt", b"a\n", b"a\nb\n") != TextDiff("a.txt", ("1 rows → 2 rows",))
    found = compared("a.csv", b"", b"a\n")
    assert isinstance(found, TextDiff)
    assert found.lines[-1] == "+a"
