"""Values and trees as people might have them, and as nobody would."""

from __future__ import annotations

import string

from hypothesis import strategies as st

from jupyter_kit.snapshot.snapshot import FileEntry

DIGESTS = st.text(alphabet="0123456789abcdef", min_size=64, max_size=64)

_ODD = ["é", "e\u0301", "数据", "🚀", " ", "-", "~", "'", '"', "\\", "\n", "\udcff", "\udc80x", "%", "*", "[", "x" * 60]

NAMES = st.one_of(
    st.sampled_from(["a", "b", "A", "data", "model.bin", "notes.ipynb", "x.txt"]),
    st.text(alphabet=string.ascii_lowercase + ".", min_size=1, max_size=4),
    st.sampled_from(_ODD),
).filter(lambda name: name not in {".", "..", ".git", ".env", ".hg", ".svn"} and not name.startswith(".k"))
"""Names that are left out of snapshots by default, or are ours, would make every law about all files false."""

PATHS = st.lists(NAMES, min_size=1, max_size=4).map("/".join)

CONTENTS = st.one_of(st.just(b""), st.binary(max_size=40), st.sampled_from([b"same", b"x" * 20_000, bytes(70_000)]))


@st.composite
def entries(draw: st.DrawFn) -> list[FileEntry]:
    """A file list that could be: no path twice, and nothing below a file."""
    chosen: dict[str, FileEntry] = {}
    for path in draw(st.lists(PATHS, max_size=12, unique=True)):
        above = ["/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)]
        if any(other in chosen and chosen[other].kind != "folder" for other in above):
            continue
        below = any(other.startswith(path + "/") for other in chosen)
        kind = "folder" if below else draw(st.sampled_from(["file", "symlink", "folder"]))
        mode = draw(st.integers(0, 0o7777))
        if kind == "file":
            time = draw(st.integers(-(2**62), 2**62))
            chosen[path] = FileEntry(path, "file", mode, draw(st.integers(0, 2**62)), time, draw(DIGESTS))
        elif kind == "symlink":
            chosen[path] = FileEntry(path, "symlink", mode, 0, 0, "", draw(st.sampled_from(["a", "../..", "/etc", "\udcff é"])))
        else:
            chosen[path] = FileEntry(path, "folder", mode, 0, 0)
    return list(chosen.values())


@st.composite
def trees(draw: st.DrawFn) -> dict[str, bytes | str | None]:
    """A tree to put on disk: content, the text of a symlink, or None for an empty folder, by path."""
    chosen: dict[str, bytes | str | None] = {}
    for path in draw(st.lists(PATHS, max_size=8, unique=True)):
        above = {"/".join(path.split("/")[:depth]) for depth in range(1, path.count("/") + 1)}
        if any(other.startswith(path + "/") for other in chosen) or above & chosen.keys():
            continue
        chosen[path] = draw(st.one_of(CONTENTS, CONTENTS, st.none(), st.sampled_from(["a", "../a", "/nowhere", "\udcff"])))
    return chosen
