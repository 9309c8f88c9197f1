"""Comparing without decoding what stands in both lists says the same as comparing all of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import Change
from jupyter_kit.compare.files import changes
from jupyter_kit.comparison import deciding
from jupyter_kit.snapshot.filelist import decode_files, encode_files
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.workspace import Workspace

FILES = ("a", "d/x", "d/y", "d/e/z", "f/g")
FOLDERS = ("d", "d/e", "f", "h")
MODES = st.sampled_from([0o644, 0o755])


@st.composite
def lists(draw: st.DrawFn) -> bytes:
    """A file list of a small workspace: two of them have much in common, and differ in every way there is."""
    entries = [FileEntry(path, "folder", draw(MODES), 0, 0) for path in FOLDERS if draw(st.booleans())]
    for path in FILES:
        kind = draw(st.sampled_from(["file", "file", "symlink", None]))
        if kind == "file":
            entries.append(FileEntry(path, "file", draw(MODES), 5, draw(st.integers(0, 1)), draw(st.sampled_from("12")) * 64))
        elif kind == "symlink":
            entries.append(FileEntry(path, "symlink", 0o777, 0, 0, "", draw(st.sampled_from(["a", "b"]))))
    return encode_files(entries)


def of_all(before: bytes, after: bytes) -> Iterable[Change]:
    return changes(decode_files(before), decode_files(after))


@given(lists(), lists())
def test_what_stands_in_both_lists_alike_decides_nothing(before: bytes, after: bytes) -> None:
    assert list(changes(*deciding(before, after))) == list(of_all(before, after))


def test_a_folder_is_not_new_only_because_its_mode_is_unusual_now(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "kept").write_text("as it was")
    with Workspace.init(tmp_path) as workspace:
        first = workspace.snapshot(message="usual").id
        (tmp_path / "data").chmod(0o700)
        assert list(workspace.status().changes) == []
        second = workspace.snapshot(message="private").id
        assert list(workspace.diff(first, second).changes) == []
