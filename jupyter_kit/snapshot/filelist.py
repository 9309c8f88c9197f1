"""The file list of a snapshot as a document: a blob of its own beside the record, so that equal lists are kept once.

JSON Lines: a header, then an array for each entry, sorted by path. FORMAT.md tells every field. Whatever is not such a document raises
ContentCorrupt: lists also come from other people.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from json.encoder import encode_basestring_ascii
from typing import Any

from jupyter_kit.errors import ContentCorrupt, UnsupportedFormat
from jupyter_kit.snapshot.ignore import OWN_FOLDER
from jupyter_kit.snapshot.snapshot import EntryKind, FileEntry

FILES_SCHEMA = "jupyter-kit/files/1"

MODE_MAX = 0o7777
"""Permission bits, with set-user-id, set-group-id and sticky."""

_HEADER = b'{"schema":"%b"}' % FILES_SCHEMA.encode()
_FIELDS = 6
_LINES_AT_ONCE = 1_000  # The parser holds up every other thread while it works: for 2 ms with so many.
_ROOT_DIGITS = 64
_HEXADECIMAL = frozenset("0123456789abcdef")
_INT64_MAX = (1 << 63) - 1

# Empty names, “.”, “..” and NUL; and our own folder in any case, because on macOS and Windows .KIT is the same folder.
_NO_PATH = re.compile(rf"(?:^|/)(?:\.{{0,2}}|{re.escape(OWN_FOLDER)})(?:/|\Z)|\0", re.IGNORECASE)


def line_of(path: str, kind: EntryKind, *, mode: int, size: int, mtime_ns: int, content: str) -> str:
    """One entry's line. ``content`` is the root of a file, the text of a symlink, empty for a folder."""
    return f'[{encode_basestring_ascii(path)},"{kind}",{mode},{size},{mtime_ns},{encode_basestring_ascii(content)}]'


def encode_files(entries: Iterable[FileEntry]) -> bytes:
    """The document of these entries, in whatever order they come."""
    return join_lines(
        (e.path, line_of(e.path, e.kind, mode=e.mode, size=e.size, mtime_ns=e.mtime_ns, content=e.root or e.target)) for e in entries
    )


def join_lines(lines: Iterable[tuple[str, str]]) -> bytes:
    """The document of lines made by :func:`line_of`, each with its path."""
    return "\n".join([_HEADER.decode(), *(line for _, line in sorted(lines)), ""]).encode()


def decode_files(document: bytes) -> tuple[FileEntry, ...]:
    """The entries, sorted by path. Raises ContentCorrupt, and UnsupportedFormat for a schema this version does not know."""
    lines = _lines(document)
    entries = _entries(lines)
    _check_tree(entries)
    return tuple(entries)


def entry_in(document: bytes, path: str) -> FileEntry | None:
    """The entry of one path, None where there is none, without decoding the others. Raises as :func:`decode_files`."""
    if not document.startswith(_HEADER + b"\n"):
        _refuse_header(document.partition(b"\n")[0])
    start = document.find(b"\n[%b," % encode_basestring_ascii(path).encode()) + 1  # No line feed stands inside of JSON text.
    return _entries([document[start:].partition(b"\n")[0]])[0] if start else None


def differing(before: bytes, after: bytes) -> tuple[list[FileEntry], list[FileEntry]]:
    """The entries of two documents that do not stand in both alike, without decoding those that do.

    100,000 files of which few changed cost two sets of lines. Raises as :func:`decode_files`.
    """
    old, new = _lines(before), _lines(after)
    only_old, only_new = set(old).difference(new), set(new).difference(old)
    return _entries([line for line in old if line in only_old]), _entries([line for line in new if line in only_new])


def same_content(before: bytes, after: bytes) -> bool:
    """Whether two documents say the same but for times."""
    if before == after:
        return True
    old, new = differing(before, after)
    return len(old) == len(new) and all(
        (one.path, one.kind, one.mode, one.root, one.target) == (other.path, other.kind, other.mode, other.root, other.target)
        for one, other in zip(old, new, strict=True)
    )


def check_path(path: str) -> None:
    """Raises ValueError for what cannot be the path of an entry: it stays inside the workspace and outside ``.kit``."""
    if _NO_PATH.search(path):
        raise ValueError(f"{path!r} is no path inside the workspace")
    os.fsencode(path)  # Raises UnicodeEncodeError, a ValueError, for what no name on disk can be.


def _lines(document: bytes) -> list[bytes]:
    header, *lines = document.split(b"\n")
    if header != _HEADER:
        _refuse_header(header)
    if lines[-1:] != [b""]:
        raise _corrupt("its last line is not whole")
    return lines[:-1]


def _refuse_header(header: bytes) -> None:
    try:
        schema = json.loads(header)["schema"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _corrupt("it has no header") from error
    if schema == FILES_SCHEMA:
        raise _corrupt("its header is not canonical")
    raise UnsupportedFormat(f"A file list has the format {schema!r}, which this version does not know.", hint="Upgrade jupyter-kit.")


def _entries(lines: list[bytes]) -> list[FileEntry]:
    found: list[FileEntry] = []
    for start in range(0, len(lines), _LINES_AT_ONCE):
        found += _entries_of_piece(lines[start : start + _LINES_AT_ONCE])
    return found


def _entries_of_piece(lines: list[bytes]) -> list[FileEntry]:
    try:
        rows = json.loads(b"[%b]" % b",".join(lines))
        if len(rows) != len(lines):
            raise _corrupt("a line holds more than one entry")
        return [_entry(row) for row in rows]
    except (ValueError, TypeError, RecursionError) as error:
        raise _corrupt(str(error)) from error


def _entry(row: Any) -> FileEntry:
    """An entry from its array. Raises ValueError, TypeError."""
    if type(row) is not list or len(row) != _FIELDS:
        raise ValueError("an entry is not an array of six")
    path, kind, mode, size, mtime_ns, content = row
    if type(path) is not str or type(content) is not str:
        raise TypeError("a path or content is not text")
    if not (type(mode) is type(size) is type(mtime_ns) is int):
        raise TypeError(f"a number of “{path}” is not an integer")
    check_path(path)
    if not (0 <= mode <= MODE_MAX and 0 <= size <= _INT64_MAX and -_INT64_MAX <= mtime_ns <= _INT64_MAX):
        raise ValueError(f"a number of “{path}” is out of range")
    if kind == "file":
        if len(content) != _ROOT_DIGITS or not _HEXADECIMAL.issuperset(content):
            raise ValueError(f"the root of “{path}” is not one")
        return FileEntry(path, "file", mode, size, mtime_ns, content)
    if size or mtime_ns:
        raise ValueError(f"“{path}” is no file and has a size or time")
    if kind == "symlink":
        if not content or "\0" in content:
            raise ValueError(f"the symlink “{path}” has no target")
        os.fsencode(content)
        return FileEntry(path, "symlink", mode, 0, 0, "", content)
    if kind != "folder" or content:
        raise ValueError(f"“{path}” is of no known kind")
    return FileEntry(path, "folder", mode, 0, 0)


def _check_tree(entries: list[FileEntry]) -> None:
    """Sorted, no path twice, nothing below what is not a folder. A folder's own entry comes before what is in it."""
    leaves: set[str] = set()
    folders: set[str] = set()
    previous = ""
    for entry in entries:
        path = entry.path
        if path <= previous:
            raise _corrupt(f"“{path}” is not in its place")
        previous = path
        if entry.kind != "folder":
            leaves.add(path)
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            if folder in leaves:
                raise _corrupt(f"“{path}” is below “{folder}”, which is no folder")
            folders.add(folder)
            folder = folder.rpartition("/")[0]


def _corrupt(reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"A file list is damaged: {reason}.", hint="Run “jupyter kit check”.")
