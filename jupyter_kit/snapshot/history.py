"""The snapshots of a store: reading them, and finding the one that a person means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from difflib import get_close_matches
from itertools import dropwhile, islice
from pathlib import PurePosixPath

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, Kind, NotFound, UnsupportedFormat
from jupyter_kit.snapshot.filelist import differing, entry_in
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.snapshot.snapshot import SHORT_ID, FileEntry, FileVersion, LogEntry, Snapshot, unreadable
from jupyter_kit.store.format.tags import HEAD, LATEST, RESERVED
from jupyter_kit.store.store import Store

_ANCESTOR = re.compile(r"(?P<name>.+?)~(?P<steps>\d{0,9})")
_HEXADECIMAL = re.compile(r"[0-9a-fA-F]{4,64}")
"""An id or its beginning; four digits are the fewest that name a snapshot, as in git."""
_WHOLE = re.compile(r"[0-9a-f]{64}")

SEEN_MAX = 10_000
"""Answers kept of :meth:`History.versions`: a long history of ten notebooks, some 5 MB."""

_seen: dict[tuple[str, str], FileEntry | None] = {}
"""What a path is in a file list, by the list's digest, and what it was in the one before, by both: the same in every store for ever."""


def _remembered(key: tuple[str, str], find: Callable[[], FileEntry | None]) -> FileEntry | None:
    with suppress(KeyError):  # Asked once only: another thread may clear it.
        return _seen[key]
    found = find()
    if len(_seen) >= SEEN_MAX:
        _seen.clear()
    _seen[key] = found
    return found


class History:
    """The history of one store. Reads under the lock that its caller holds."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def read(self, digest: str) -> Snapshot:
        """A snapshot by its full id. Raises NotFound, ContentCorrupt, UnsupportedFormat."""
        try:
            return read_snapshot(self._store, digest)
        except ContentCorrupt as error:
            short = digest[:SHORT_ID]
            raise ContentCorrupt(
                f"The record of snapshot {short} cannot be read: {error.message}",
                hint=f"Run “jupyter kit check --rebuild”. Where that does not mend it, take it out: jupyter kit remove {short}",
            ) from error

    def newest_first(self, before: str | None = None) -> Iterator[Snapshot]:
        """Every snapshot, read as it is asked for; with ``before``, an id, only those that are older than it.

        One whose record is damaged is not :attr:`~jupyter_kit.snapshot.snapshot.Snapshot.readable`.
        """
        for digest, created in self._listed(before):
            try:
                yield self.read(digest)
            except (ContentCorrupt, NotFound):
                yield unreadable(digest, created)

    def _listed(self, before: str | None) -> Iterator[tuple[str, str]]:
        if before is None:
            return self._store.newest_first()
        with suppress(ContentCorrupt, NotFound, UnsupportedFormat):
            return self._store.newest_first((before, self.read(before).created))
        # Only the history can tell where one stands whose record is damaged.
        return islice(dropwhile(lambda listed: listed[0] != before, self._store.newest_first()), 1, None)

    def head(self) -> Snapshot | None:
        """The snapshot that the workspace stands on, None before the first."""
        digest = self._store.tags().get(HEAD)
        return self.read(digest) if digest else None

    def resolve(self, name: str) -> str:
        """The id that a name means: a tag, HEAD, latest, an id or its beginning, or one of these with ``~N`` (N parents back).

        Raises NotFound, Conflict (ambiguous), InvalidInput.
        """
        if match := _ANCESTOR.fullmatch(name):
            digest = self.resolve(match["name"])
            for _ in range(int(match["steps"] or 1)):
                parents = self.read(digest).parents
                if not parents:
                    raise NotFound(f"“{name}” goes back beyond the first snapshot.", hint="Run “jupyter kit log” to see how far it goes.")
                digest = parents[0]
            return digest
        tags = self._store.tags()
        if name in tags:
            return tags[name]
        if name in (HEAD, LATEST):
            raise NotFound("There is no snapshot yet.", hint="Take the first one: jupyter kit snapshot -m first.")
        return self._by_id(name, tags)

    def _by_id(self, name: str, tags: dict[str, str]) -> str:
        with suppress(ContentCorrupt, NotFound, UnsupportedFormat):
            # The browser names snapshots by whole ids: those are found without the others.
            if _WHOLE.fullmatch(name) and self._store.is_listed(name, self.read(name).created):
                return name
        found = [digest for digest in self._store.snapshot_ids() if digest.startswith(name.lower())] if _HEXADECIMAL.fullmatch(name) else []
        if len(found) == 1:
            return found[0]
        if found:
            shown = ", ".join(digest[:SHORT_ID] for digest in found[:5])
            raise Conflict(f"“{name}” is the beginning of {len(found)} snapshots: {shown}.", kind=Kind.AMBIGUOUS, hint="Give more digits.")
        if not name:
            raise InvalidInput("A snapshot's name is empty.", hint="Give a tag, an id, HEAD or latest.")
        close = get_close_matches(name, tags, n=1)
        hint = f"Did you mean “{close[0]}”?" if close else "Run “jupyter kit log” to see what there is."
        raise NotFound(f"There is no snapshot or tag “{name}”.", hint=hint)

    def tags_of(self, digest: str) -> tuple[str, ...]:
        """The tags that people gave to a snapshot, sorted."""
        return tuple(sorted(name for name, named in self._store.tags().items() if named == digest and name not in RESERVED))

    def entry(self, snapshot: Snapshot) -> LogEntry:
        """A snapshot with the names that point to it now."""
        return next(self.entries([snapshot]))

    def entries(self, snapshots: Iterable[Snapshot]) -> Iterator[LogEntry]:
        """Snapshots with the names that point to them; the tags are read once, however many there are."""
        tags = self._store.tags()
        names: dict[str, list[str]] = {}
        for name in sorted(tags.keys() - RESERVED):
            names.setdefault(tags[name], []).append(name)
        for snapshot in snapshots:
            yield LogEntry(snapshot, tuple(names.get(snapshot.id, ())), tags.get(HEAD) == snapshot.id)

    def versions(self, path: str) -> Iterator[FileVersion]:
        """Every content that a file has had, the newest first, with the snapshot that had it first.

        Before it was renamed, it had the path of the file of the same content that went when it came. Snapshots that cannot be read are
        passed over. Asking again reads only the records, and what is new.
        """
        later: FileVersion | None = None
        for digest in reversed(self._store.snapshot_ids()):
            try:
                snapshot = self.read(digest)
                entry = self._seen_in(snapshot.files, path) or (self._former(snapshot.files, later) if later else None)
            except (ContentCorrupt, NotFound):
                continue
            if later is not None and later.entry.root not in ("", entry.root if entry else ""):
                yield later
            later = FileVersion(snapshot, entry) if entry else None
            path = entry.path if entry else path
        if later is not None and later.entry.root:
            yield later

    def _seen_in(self, files: str, path: str) -> FileEntry | None:
        return _remembered((files, path), lambda: entry_in(self._store.blob(files), path))

    def _former(self, files: str, later: FileVersion) -> FileEntry | None:
        """What a file was in a file list that has not its path: the file of the same content that is gone since, if there is one."""
        path, root = later.entry.path, later.entry.root

        def find() -> FileEntry | None:
            document = self._store.blob(files)
            if not later.entry.size or root.encode() not in document:
                return None
            old, new = differing(document, self._store.blob(later.snapshot.files))
            there = {entry.path for entry in new}
            gone = [entry for entry in old if entry.root == root and entry.path not in there]
            return max(gone, key=lambda entry: PurePosixPath(entry.path).name == PurePosixPath(path).name, default=None)

        return _remembered((files + later.snapshot.files, path), find)

    def touches(self, snapshot: Snapshot, path: str) -> bool:
        """Whether a file or folder differs from the snapshot before. Where that cannot be told, because of damage, it counts as if."""
        if not snapshot.readable:
            return True
        if not snapshot.parents:
            return any(is_in(entry.path, path) for entry in read_files(self._store, snapshot))
        try:
            parent = self.read(snapshot.parents[0])
        except (ContentCorrupt, NotFound):
            return True  # The snapshot before was removed or is damaged, so what changed since cannot be told.
        if parent.files == snapshot.files:
            return False
        old, new = differing(self._store.blob(parent.files), self._store.blob(snapshot.files))
        return any(is_in(entry.path, path) for entry in (*old, *new))


def is_in(path: str, folder: str) -> bool:
    """Whether a path is a folder's or lies in it; the empty folder is the workspace."""
    return not folder or path == folder or path.startswith(f"{folder}/")


def has_words(entry: LogEntry, text: str) -> bool:
    """Whether message, author, notebook, kind, tags and names of metrics have all words of a text between them, or the id begins so.

    Upper and lower case are alike.
    """
    snapshot = entry.snapshot
    told = "\n".join((snapshot.message, snapshot.author, snapshot.notebook or "", snapshot.kind, *entry.tags, *snapshot.metrics)).lower()
    return all(word in told or (_HEXADECIMAL.fullmatch(word) and snapshot.id.startswith(word)) for word in text.lower().split())
