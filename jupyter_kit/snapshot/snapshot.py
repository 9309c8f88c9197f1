"""What a snapshot is: the values, and nothing that reads or writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

EntryKind = Literal["file", "symlink", "folder"]
SnapshotKind = Literal["manual", "auto", "safety"]

SHORT_ID = 10
"""Hexadecimal digits of an id that are shown to people: 40 bits, unambiguous in any history a person will see."""


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file, symlink or folder in a snapshot. A folder is an entry where it holds nothing that is kept, or its mode is not 0o755.

    ``path`` is relative to the workspace, with ``/``; bytes of a name that are not UTF-8 are kept as surrogate escapes. ``mode`` is the
    permission bits (0 to 0o7777). ``size`` (bytes) and ``mtime_ns`` (since 1970) are 0 for folders and symlinks. ``root`` is the
    hexadecimal root of the recipe, for files; ``target`` the text of a symlink.
    """

    path: str
    kind: EntryKind
    mode: int
    size: int
    mtime_ns: int
    root: str = ""
    target: str = ""


@dataclass(frozen=True)
class Skipped:
    """A path that is not in the snapshot, and why, as a sentence fragment for people (``a socket``, ``looks like a private key``)."""

    path: str
    reason: str


@dataclass(frozen=True)
class GitState:
    """The git commit checked out when a snapshot was taken; ``dirty`` where tracked files differed from it, None where git did not say."""

    commit: str
    branch: str | None
    dirty: bool | None


@dataclass(frozen=True)
class Anchor:
    """The head of the audit log when a snapshot was taken: events so far, and the hexadecimal hash of the newest."""

    sequence: int
    hash: str


@dataclass(frozen=True)
class Snapshot:
    """The record of a workspace at one time.

    ``id`` is the sha256 of the record's canonical JSON, in hexadecimal. ``created`` is UTC in RFC 3339 with microseconds.
    ``files`` is the digest (sha256, hexadecimal) of the file list; ``file_count`` counts its files and symlinks, ``bytes`` is the sum of
    their sizes, and ``new_bytes`` are those that the store did not have then, None where nobody counted them. ``environment`` is the digest
    of a JSON document of Python, platform and installed distributions.

    In a list of them, one whose record is damaged has an empty ``files``, and a ``message`` that says what to do.
    """

    id: str
    created: str
    author: str
    message: str
    kind: SnapshotKind
    parents: tuple[str, ...]
    tags: tuple[str, ...]
    workspace: str
    files: str
    file_count: int
    bytes: int
    environment: str | None = None
    git: GitState | None = None
    notebook: str | None = None
    kernel: str | None = None
    metrics: dict[str, float] = field(default_factory=dict)
    audit: Anchor | None = None
    new_bytes: int | None = None

    @property
    def short(self) -> str:
        """The id as people read and type it."""
        return self.id[:SHORT_ID]

    @property
    def readable(self) -> bool:
        """The record is not damaged."""
        return self.files != ""


def unreadable(identity: str, created: str) -> Snapshot:
    """What a history tells of a snapshot whose record is damaged: its id and time, and in its message what to do."""
    told = f"The record is damaged. Run “jupyter kit check --rebuild”, or take it out: jupyter kit remove {identity[:SHORT_ID]}"
    return Snapshot(identity, created, "", told, "manual", (), (), "", "", 0, 0)


@dataclass(frozen=True)
class SnapshotResult:
    """What taking a snapshot did. ``new_bytes`` were not in the store before; ``stored_bytes`` is what they take there, compressed."""

    id: str
    created: str
    message: str
    kind: SnapshotKind
    tags: tuple[str, ...]
    parents: tuple[str, ...]
    files: int
    bytes: int
    new_bytes: int
    stored_bytes: int
    seconds: float
    metrics: dict[str, float]
    skipped: tuple[Skipped, ...]
    unchanged: bool
    """No file differs from the parent snapshot."""

    @property
    def short(self) -> str:
        """The id as people read and type it."""
        return self.id[:SHORT_ID]


@dataclass(frozen=True)
class LogEntry:
    """One line of history: the snapshot, and the names that point to it now."""

    snapshot: Snapshot
    tags: tuple[str, ...]
    head: bool
    """The workspace was last captured as, or rolled back to, this snapshot."""


@dataclass(frozen=True)
class FileVersion:
    """A file as it was from one snapshot on."""

    snapshot: Snapshot
    entry: FileEntry


@dataclass(frozen=True)
class SnapshotDetail:
    """A snapshot with its file list and its environment document (None where none was recorded)."""

    snapshot: Snapshot
    tags: tuple[str, ...]
    entries: tuple[FileEntry, ...]
    environment: dict[str, object] | None
