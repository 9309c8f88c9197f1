"""What differs between two snapshots, or a snapshot and the disk, as values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jupyter_kit.snapshot.snapshot import EntryKind

ChangeKind = Literal["added", "removed", "modified", "renamed", "mode"]
CellChangeKind = Literal["added", "removed", "modified", "moved"]
PartKind = Literal["added", "removed", "modified"]


@dataclass(frozen=True)
class Change:
    """One path that differs. Sizes are in bytes; what concerns a side is None where the path does not exist on that side.

    ``renamed`` means the same content under another name (``old_path``); ``mode`` that only permission bits differ. ``new_bytes`` is how
    many bytes of the content after are not in the store yet; None where that was not asked (both sides are snapshots).
    """

    kind: ChangeKind
    path: str
    old_path: str | None = None
    old_size: int | None = None
    new_size: int | None = None
    old_mode: int | None = None
    new_mode: int | None = None
    new_bytes: int | None = None
    old_entry: EntryKind | None = None
    new_entry: EntryKind | None = None


@dataclass(frozen=True)
class Changes:
    """All differences, sorted by path."""

    entries: tuple[Change, ...]

    def __bool__(self) -> bool:
        return bool(self.entries)

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Change]:
        return iter(self.entries)

    @property
    def counts(self) -> dict[ChangeKind, int]:
        """How many changes there are of each kind that occurs."""
        return dict(Counter(change.kind for change in self.entries))


@dataclass(frozen=True)
class TextDiff:
    """A text file's change as unified diff lines (without line ends; headers included). ``cut`` where it was too long to show whole."""

    path: str
    lines: tuple[str, ...]
    cut: bool = False


@dataclass(frozen=True)
class CellChange:
    """One cell of a notebook that differs. A moved cell may also be modified: then ``source``, ``outputs`` or ``metadata`` say so.

    ``before`` and ``after`` are its positions (from 0), None where it does not exist. ``source`` is a unified diff of the source, empty
    where the source is equal (without file headers; remarks as in :class:`TextDiff`). ``outputs`` and ``metadata`` say in one short line
    each what changed there (``2 outputs changed: image/png 14.2 kB → 15.0 kB``), empty where nothing did. ``execution_count`` alone is
    never a change. All text is safe to print.
    """

    kind: CellChangeKind
    cell_type: str
    before: int | None
    after: int | None
    source: tuple[str, ...] = ()
    outputs: str = ""
    metadata: str = ""


@dataclass(frozen=True)
class NotebookDiff:
    """A notebook's change by cell, in reading order: a removed cell stands where it stood.

    ``metadata`` is one line on the notebook's own metadata, empty where it is equal. No cells and no metadata where the notebooks differ
    in nothing but execution counts, timings or layout of the JSON.
    """

    path: str
    cells: tuple[CellChange, ...]
    metadata: str = ""


@dataclass(frozen=True)
class FileFacts:
    """What can be said of a changed file that no other view fits: how many of the new version's bytes the old one shares."""

    path: str
    old_size: int | None
    new_size: int | None
    shared_bytes: int


@dataclass(frozen=True)
class TensorChange:
    """One tensor that differs. What concerns a side is None where the tensor does not exist on that side.

    ``changed_bytes`` is how many of its bytes differ, None where its type or shape does. The name is safe to print.
    """

    kind: PartKind
    name: str
    old_dtype: str | None = None
    new_dtype: str | None = None
    old_shape: tuple[int, ...] | None = None
    new_shape: tuple[int, ...] | None = None
    old_size: int | None = None
    new_size: int | None = None
    changed_bytes: int | None = None


@dataclass(frozen=True)
class TensorsDiff:
    """A file of tensors: those that differ, by name, in the order of the file after; how many are the same; what differs beside them."""

    path: str
    tensors: tuple[TensorChange, ...]
    same: int
    metadata: str = ""


@dataclass(frozen=True)
class ColumnChange:
    """One column of a table that differs. ``changed_rows`` is how many rows have another value in it; None where it came or went."""

    kind: PartKind
    name: str
    changed_rows: int | None = None


@dataclass(frozen=True)
class TableDiff:
    """A table with named columns: its columns that came or went, in which of the others values changed, and how many rows there are.

    Values are compared only where rows changed in place. ``columns`` counts those of the version after; ``lines`` and ``cut`` are as of
    :class:`TextDiff`. Rows are None where that version does not exist. All text is safe to print.
    """

    path: str
    changed_columns: tuple[ColumnChange, ...]
    columns: int
    old_rows: int | None
    new_rows: int | None
    lines: tuple[str, ...]
    cut: bool = False


FileDiff = TextDiff | NotebookDiff | TensorsDiff | TableDiff | FileFacts


@dataclass(frozen=True)
class Diff:
    """Two states compared. ``before`` and ``after`` name them: a snapshot id, or ``workspace`` for the files on disk."""

    before: str
    after: str
    changes: Changes
    files: tuple[FileDiff, ...]


@dataclass(frozen=True)
class RemoteState:
    """A branch of a remote as of the last contact: how many snapshots only this workspace's line has (``ahead``), or only the branch's."""

    remote: str
    branch: str
    ahead: int
    behind: int


@dataclass(frozen=True)
class Status:
    """The workspace now, compared with the snapshot it stands on.

    ``head`` is None before the first snapshot. ``pending_metrics`` wait for the next snapshot that somebody takes. ``skipped`` are
    (path, reason).
    """

    workspace: str
    head: str | None
    head_created: str | None
    head_message: str | None
    head_tags: tuple[str, ...]
    snapshots: int
    changes: Changes
    skipped: tuple[tuple[str, str], ...]
    pending_metrics: dict[str, float]
    remotes: tuple[RemoteState, ...] = ()

    @property
    def clean(self) -> bool:
        """Nothing differs from the snapshot the workspace stands on."""
        return not self.changes
