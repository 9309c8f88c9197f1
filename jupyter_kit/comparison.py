"""Two states of a workspace compared down to lines and cells: two snapshots, or a snapshot and the files on disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from jupyter_kit.compare.changes import Change, Changes, Diff, FileDiff
from jupyter_kit.compare.detail import file_diff
from jupyter_kit.compare.files import changes
from jupyter_kit.errors import Conflict, Kind
from jupyter_kit.snapshot.filelist import decode_files, differing
from jupyter_kit.snapshot.snapshot import FileEntry, Snapshot
from jupyter_kit.snapshot.survey import Survey
from jupyter_kit.store.store import Store

DETAILS_MAX = 500
"""Files that a comparison shows from inside; the others are listed. More than this nobody reads, and each is read twice."""

WORKSPACE = "workspace"
"""What a comparison calls the files on disk."""


class Comparison:
    """Compares states of one workspace."""

    def __init__(self, store: Store, folder: Path) -> None:
        self._store = store
        self._folder = folder

    def of(self, before: Snapshot, after: Snapshot, paths: Sequence[str] = ()) -> Diff:
        """Two snapshots, in the files and folders ``paths`` (all where there are none)."""
        old, new = deciding(self._store.blob(before.files), self._store.blob(after.files))
        by_path = {entry.path: entry for entry in new}
        found = _within(changes(old, new), paths)
        return Diff(before.id, after.id, found, self._details(found, old, lambda change: self._kept(by_path[change.path]), by_path))

    def with_disk(self, before: Snapshot, survey: Survey, paths: Sequence[str] = ()) -> Diff:
        """A snapshot and the files on disk, which ``survey`` has looked at."""
        old, new = deciding(self._store.blob(before.files), survey.listing.document)
        found = _within(changes(old, new, new_bytes(survey)), paths)
        return Diff(before.id, WORKSPACE, found, self._details(found, old, self._on_disk, None))

    def _details(
        self,
        found: Changes,
        before: Iterable[FileEntry],
        read_after: Callable[[Change], bytes],
        after: Mapping[str, FileEntry] | None,
    ) -> tuple[FileDiff, ...]:
        old = {entry.path: entry for entry in before}
        return tuple(
            file_diff(
                change,
                lambda change=change: self._kept(old[change.old_path or change.path]),  # type: ignore[misc]
                lambda change=change: read_after(change),  # type: ignore[misc]
                lambda change=change: self._shared(change, old, after),  # type: ignore[misc]
            )
            for change in list(found)[:DETAILS_MAX]
        )

    def _kept(self, entry: FileEntry) -> bytes:
        return os.fsencode(entry.target) if entry.kind == "symlink" else self._store.read_bytes(entry.root, entry.path)

    def _on_disk(self, change: Change) -> bytes:
        path = self._folder / change.path
        try:
            return os.fsencode(os.readlink(path)) if change.new_entry == "symlink" else path.read_bytes()
        except OSError as error:
            raise Conflict(
                f"{change.path} could not be read ({error.strerror}): it changed in the meantime.",
                kind=Kind.FILE_CHANGED,
                hint="Try again.",
                path=change.path,
            ) from error

    def _shared(self, change: Change, before: Mapping[str, FileEntry], after: Mapping[str, FileEntry] | None) -> int:
        """Bytes of the new version that the old one has too. For a file on disk: that the store has."""
        if after is None:
            return (change.new_size or 0) - (change.new_bytes or 0)
        old, new = before.get(change.old_path or change.path), after.get(change.path)
        if old is None or new is None or not old.root or not new.root:
            return 0
        held = {chunk for chunk, _ in self._store.chunk_ids(old.root)}
        return sum(length for chunk, length in self._store.chunk_ids(new.root) if chunk in held)


def changes_on_disk(store: Store, head: Snapshot | None, survey: Survey) -> Changes:
    """What differs on disk from the snapshot that the workspace stands on; everything is new before the first."""
    if survey.untouched:
        return Changes(())
    if head is None:
        return changes((), survey.entries, new_bytes(survey))
    return changes(*deciding(store.blob(head.files), survey.listing.document), new_bytes(survey))


def deciding(before: bytes, after: bytes) -> tuple[Sequence[FileEntry], Sequence[FileEntry]]:
    """The entries of two file lists on which it depends what differs: few where few do."""
    old, new = differing(before, after)
    if any(entry.kind == "folder" for entry in (*old, *new)):  # Whether it counts depends on what else is in it.
        return decode_files(before), decode_files(after)
    return old, new


def new_bytes(survey: Survey) -> dict[str, int]:
    """Path → bytes that are not in the store yet, for the files that were read."""
    return {path: added.new_bytes for path, added in survey.added.items()}


def _within(found: Changes, paths: Sequence[str]) -> Changes:
    if not paths or "" in paths:
        return found
    beginnings = tuple(f"{path}/" for path in paths)
    return replace(
        found,
        entries=tuple(
            change for change in found if f"{change.path}/".startswith(beginnings) or f"{change.old_path or ''}/".startswith(beginnings)
        ),
    )
