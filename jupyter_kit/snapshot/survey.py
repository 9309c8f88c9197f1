"""The workspace as it is now: scanned, what changed read into a sink, and written down as a file list."""

from __future__ import annotations

import hashlib
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from jupyter_kit.progress import Progress, phase
from jupyter_kit.snapshot.filelist import decode_files, join_lines, line_of, same_content
from jupyter_kit.snapshot.reading import NO_HURRY, Clock, FileReader, Read, Sink
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.snapshot.scan import USUAL_FOLDER_MODE, Folder, Found, Scan
from jupyter_kit.snapshot.snapshot import FileEntry, Skipped, Snapshot
from jupyter_kit.snapshot.statcache import (
    TREE_KEY,
    UNTRUSTED,
    FolderRow,
    Stamp,
    TreeRow,
    decode_folder,
    encode_folder,
    encode_tree,
    folder_key,
)
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.intake import Added
from jupyter_kit.store.writing.transaction import Transaction

SYMLINK_MODE = 0o777
"""What Linux says of every symlink. It means nothing, so macOS, which has others, says the same here."""

STALE_ROWS = 1000
"""Rows of folders that are gone are not worth looking for until there are more than these, and four times the folders there are."""


@dataclass(frozen=True)
class Listing:
    """A file list with what the record says of it: files and symlinks, and the sum of their sizes in bytes.

    ``skipped`` is left out by name in the folders that were listed; ``fingerprints`` are those of the folders that can be trusted.
    """

    document: bytes
    file_count: int
    total_bytes: int
    skipped: list[Skipped]
    fingerprints: frozenset[bytes]


class Survey:
    """The workspace now, compared with the snapshot it stands on.

    ``head`` is that snapshot, None before the first; ``skipped`` what is left out by name. ``new_bytes`` and ``stored_bytes`` sum up what
    the sink said of the files that were read, and where nothing is kept ``added`` has it for each of them. What it costs to know more than
    whether anything changed is spent when it is asked for.
    """

    def __init__(
        self,
        store: Store,
        workspace: Path,
        sink: Sink,
        progress: Progress,
        *,
        lasting: bool,
        head: Snapshot | None,
        written: Mapping[str, FileEntry] | None = None,
    ) -> None:
        """Scans and reads. ``lasting`` where the contents are kept, so that what is read has to be right and known the next time.

        ``written`` are files that we have just written ourselves: where size and time are still what we set, they are not read.

        Raises Conflict (file-changed), InvalidInput (invalid-ignore-file), NotFound, and what the sink raises.
        """
        self.head = head
        self.new_bytes = self.stored_bytes = 0
        self.added: dict[str, Added] = {}
        self._store, self._workspace, self._sink, self._progress = store, workspace, sink, progress
        self._lasting = lasting
        self._written = written or {}
        self._scan = Scan(workspace, store.stat_rows)
        self._rows: dict[str, bytes] = {}
        tree = self._scan.tree
        self._known = tree if tree and self.head and self._scan.unchanged and self.head.files in (tree.files, tree.like) else None
        if self._known is None:
            self._complete()
        self.skipped = self._known.skipped if self._known else self._skipped()

    @cached_property
    def listing(self) -> Listing:
        """The file list of the workspace now."""
        if not self._rows:
            self._complete()
        return _listing(self._scan.folders, self._rows)

    @property
    def untouched(self) -> bool:
        """The stat cache knows every file, and that nothing changed since ``head``."""
        return self._known is not None

    @property
    def file_count(self) -> int:
        """Number of files and symlinks."""
        return self._known.file_count if self._known else self.listing.file_count

    @property
    def total_bytes(self) -> int:
        """Sum of the files' sizes."""
        return self._known.total_bytes if self._known else self.listing.total_bytes

    @cached_property
    def same(self) -> bool:
        """Nothing differs from ``head`` but times."""
        if self.head is None or self.untouched:
            return self.untouched
        return same_content(self._store.blob(self.head.files), self.listing.document)

    @cached_property
    def entries(self) -> tuple[FileEntry, ...]:
        """The entries of the workspace now, sorted by path."""
        return decode_files(self.listing.document)

    @cached_property
    def stamps(self) -> dict[str, Stamp]:
        """The stamp of each kept file and symlink, by path."""
        if not self._rows:
            self._complete()
        stamps: dict[str, Stamp] = {}
        for folder in self._scan.folders:
            row = _decoded(self._rows[folder.path])
            stamps.update((f"{folder.prefix}{name}", stamp) for name, stamp in zip(row.names, row.stamps, strict=True))
        return stamps

    def put_rows(self, transaction: Transaction) -> None:
        """Bring the stat cache up to date. Only where the contents were kept, not only measured."""
        if self.untouched:
            return
        folders, tree = self._scan.folders, self._scan.tree
        changed = [folder for folder in folders if folder.changed]
        rows = (tree.rows if tree else 0) + len(changed)
        if rows > STALE_ROWS + 4 * len(folders):
            transaction.clear_stats()
            changed, rows = folders, len(folders)
        for folder in changed:
            transaction.put_stat(folder_key(folder.path), self._rows[folder.path])
        digest = hashlib.sha256(self.listing.document).hexdigest()
        row = TreeRow(
            files=digest,
            like=self.head.files if self.head and self.same else digest,
            file_count=self.listing.file_count,
            total_bytes=self.listing.total_bytes,
            rows=rows,
            fingerprints=self.listing.fingerprints,
            skipped=self.skipped,
        )
        transaction.put_stat(TREE_KEY, encode_tree(row))

    def _complete(self) -> None:
        """Take the rows of unchanged folders from the cache, and make those of changed ones by reading what the cache does not know."""
        self._rows.update(self._scan.cached())
        changed = list(self._scan.changed)
        clock = Clock.of(self._workspace) if self._lasting and changed else NO_HURRY
        reader = FileReader(self._workspace, self._sink, clock, self._progress)
        total = sum(found.stamp.size for folder in changed for found in folder.found if found.root is None)
        with phase(self._progress, "Reading files", total=total):
            for folder in changed:
                self._rows[folder.path] = encode_folder(self._read_folder(folder, reader, clock))
                folder.found = []  # The row has it all in a fourth of the memory.

    @cached_property
    def _bases(self) -> dict[str, str]:
        """Roots of the snapshot before, by path: what deltas are made against where the stat cache was lost."""
        if self.head is None or self._scan.tree is not None:
            return {}
        return {entry.path: entry.root for entry in decode_files(self._store.blob(self.head.files))}

    def _read_folder(self, folder: Folder, reader: FileReader, clock: Clock) -> FolderRow:
        kept: list[Found] = []
        for found in folder.found:
            path = f"{folder.prefix}{found.name}"
            if found.root is None and (ours := self._written.get(path)) and _is_as_written(found.stamp, ours):
                found.root = ours.root  # Its ctime is our own doing, so only a time of change that is just past leaves a write unseen.
                folder.trusted = folder.trusted and clock.is_settled(found.stamp._replace(ctime_ns=0))
            elif found.root is None:
                outcome = reader.read(path, found.base or self._bases.get(path) or None)
                if not isinstance(outcome, Read):
                    folder.trusted = False  # Gone, which is a state the workspace had; or not readable, which others may see otherwise.
                    if outcome.reason:
                        folder.skipped.append((found.name, outcome.reason))
                    continue
                folder.trusted = folder.trusted and outcome.trusted and outcome.stamp == found.stamp
                found.root = outcome.added.root
                if outcome.stamp != found.stamp:
                    found.stamp = outcome.stamp
                self._count(path, outcome.added)
            elif not found.root:
                folder.trusted = folder.trusted and clock.is_settled(found.stamp)
            kept.append(found)
        return FolderRow(
            fingerprint=folder.fingerprint if folder.trusted else UNTRUSTED,
            names=[found.name for found in kept],
            stamps=[found.stamp for found in kept],
            roots=[found.root or "" for found in kept],
            targets={found.name: found.target for found in kept if not found.root},
            skipped=folder.skipped,
        )

    def _count(self, path: str, added: Added) -> None:
        self.new_bytes += added.new_bytes
        self.stored_bytes += added.stored_bytes
        if not self._lasting:
            self.added[path] = added

    def _skipped(self) -> tuple[Skipped, ...]:
        return tuple(sorted([*self._scan.skipped, *self.listing.skipped], key=lambda skipped: skipped.path))


def _is_as_written(stamp: Stamp, entry: FileEntry) -> bool:
    return (stamp.mode, stamp.size, stamp.mtime_ns) == (stat.S_IFREG | entry.mode, entry.size, entry.mtime_ns)


def head_of(store: Store) -> Snapshot | None:
    """The snapshot that the workspace stands on, None before the first. Raises ContentCorrupt, UnsupportedFormat."""
    digest = store.tags().get(HEAD)
    return read_snapshot(store, digest) if digest else None


def _decoded(value: bytes) -> FolderRow:
    row = decode_folder(value)
    assert row is not None
    return row


def _listing(folders: list[Folder], rows: dict[str, bytes]) -> Listing:
    lines: list[tuple[str, str]] = []
    skipped: list[Skipped] = []
    fingerprints: set[bytes] = set()
    file_count = total_bytes = 0
    holding: set[str] = set()
    for folder in reversed(folders):  # What is inside comes after its folder in a walk.
        row, prefix = _decoded(rows[folder.path]), folder.prefix
        file_count += len(row.names)
        fingerprints.add(row.fingerprint)
        skipped += [Skipped(prefix + name, reason) for name, reason in row.skipped]
        for name, stamp, root in zip(row.names, row.stamps, row.roots, strict=True):
            path = prefix + name
            if root:
                total_bytes += stamp.size
                line = line_of(path, "file", mode=stat.S_IMODE(stamp.mode), size=stamp.size, mtime_ns=stamp.mtime_ns, content=root)
            else:
                line = line_of(path, "symlink", mode=SYMLINK_MODE, size=0, mtime_ns=0, content=row.targets[name])
            lines.append((path, line))
        holds = bool(row.names) or folder.path in holding
        stands = bool(folder.path) and not folder.ignored and (not holds or folder.mode != USUAL_FOLDER_MODE)
        if stands:
            lines.append((folder.path, line_of(folder.path, "folder", mode=folder.mode, size=0, mtime_ns=0, content="")))
        if holds or stands:
            holding.add(folder.path.rpartition("/")[0])
    return Listing(join_lines(lines), file_count, total_bytes, skipped, frozenset(fingerprints - {UNTRUSTED}))
