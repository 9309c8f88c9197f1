"""The verbs that keep versions, show them, and go back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import islice

from jupyter_kit.compare.changes import Diff, RemoteState, Status
from jupyter_kit.comparison import Comparison, changes_on_disk
from jupyter_kit.errors import Conflict, InvalidInput
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot import removal
from jupyter_kit.snapshot.capture import capture
from jupyter_kit.snapshot.filelist import decode_files, entry_in
from jupyter_kit.snapshot.history import has_words
from jupyter_kit.snapshot.ignore import IGNORE_FILE, read_ignored, read_rules, write_ignored
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.records import check_metrics, read_environment, read_files
from jupyter_kit.snapshot.restore import apply, inside
from jupyter_kit.snapshot.restore import plan as plan_of_rollback
from jupyter_kit.snapshot.snapshot import FileEntry, FileVersion, LogEntry, SnapshotDetail, SnapshotKind, SnapshotResult
from jupyter_kit.snapshot.survey import Survey
from jupyter_kit.snapshot.tree import Tree
from jupyter_kit.store.format.tags import HEAD, RESERVED, check_tag_name
from jupyter_kit.store.kept import KeptFile
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.workspace.opened import PENDING_METRICS, REMOTES, Opened

TREES_AT_HAND = 2
"""Trees kept for the next call: two snapshots are what people compare, and one of 100,000 files takes some 40 MB."""


class Versions(Opened):
    """Snapshot, status, log, show, diff, rollback, tag, remove, metric."""

    def status(self, *, progress: Progress | None = None) -> Status:
        """The files on disk compared with the snapshot they stand on. Raises Conflict (file-changed), InvalidInput (the ignore file)."""
        with self._store.measure() as measure:
            head = self._history.head()
            survey = Survey(self._store, self.folder, measure, progress or Silent(), lasting=False, head=head)
            return Status(
                workspace=str(self.folder),
                head=head.id if head else None,
                head_created=head.created if head else None,
                head_message=head.message if head else None,
                head_tags=self._history.tags_of(head.id) if head else (),
                snapshots=self._store.snapshot_count(),
                changes=changes_on_disk(self._store, head, survey),
                skipped=tuple((skipped.path, skipped.reason) for skipped in survey.skipped),
                pending_metrics=self._pending_metrics(),
                remotes=self._remote_states(),
            )

    def snapshot(
        self,
        message: str = "",
        *,
        tags: Sequence[str] = (),
        kind: SnapshotKind = "manual",
        metrics: Mapping[str, float] | None = None,
        notebook: str | None = None,
        kernel: str | None = None,
        progress: Progress | None = None,
    ) -> SnapshotResult:
        """Keep the workspace as it is. Metrics noted with :meth:`metric` before are recorded too, but for the kind *auto*: they are meant
        for the next version that somebody takes.

        Raises Conflict (a tag that exists; a file that keeps changing), InvalidInput (a tag, a metric, the ignore file), StoreFull.
        """
        with self._trail.recorded("snapshot"):
            pending = self._pending_metrics() if kind == "manual" else {}

            def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("snapshot", ids, detail=message))
                if pending:
                    noted = self._pending_metrics(transaction)  # Another program may have noted more while the files were read.
                    later = {name: value for name, value in noted.items() if pending.get(name) != value}
                    transaction.set_value(PENDING_METRICS, _as_value(later))

            return capture(
                self._store,
                self.folder,
                message=message,
                kind=kind,
                tags=tags,
                metrics={**pending, **(metrics or {})},
                notebook=self._named(notebook),
                kernel=kernel,
                author=self.settings.author,
                progress=progress,
                record=record,
            )

    def log(
        self,
        *,
        limit: int | None = None,
        kind: SnapshotKind | None = None,
        path: str | None = None,
        before: str | None = None,
        find: str | None = None,
    ) -> tuple[LogEntry, ...]:
        """History, newest first. ``path``: only snapshots in which that file or folder differs from the snapshot before.

        ``before``: only what is older than that snapshot. ``find``: only those with all of these words in message, author, notebook, kind,
        tags and names of metrics, or as the id's beginning. Those whose record is damaged are shown whatever is asked for.

        Raises NotFound, Conflict (ambiguous).
        """
        with self._store.shared():
            start = None if before is None else self._history.resolve(before)
            found = (snapshot for snapshot in self._history.newest_first(start) if kind in (None, snapshot.kind) or not snapshot.readable)
            if path is not None:
                wanted = inside(self.folder, path)
                found = (snapshot for snapshot in found if self._history.touches(snapshot, wanted))
            entries = self._history.entries(found)
            if find:
                entries = (entry for entry in entries if has_words(entry, find) or not entry.snapshot.readable)
            return tuple(islice(entries, limit))

    def show(self, name: str = HEAD) -> SnapshotDetail:
        """A snapshot with its files and environment. Raises NotFound, Conflict (ambiguous)."""
        with self._store.shared():
            snapshot = self._history.read(self._history.resolve(name))
            return SnapshotDetail(
                snapshot, self._history.tags_of(snapshot.id), read_files(self._store, snapshot), read_environment(self._store, snapshot)
            )

    def diff(
        self, before: str | None = None, after: str | None = None, *, paths: Sequence[str] = (), progress: Progress | None = None
    ) -> Diff:
        """Two snapshots compared; without ``after``, a snapshot (HEAD) and the files on disk. ``paths`` limits it to files and folders.

        Raises NotFound, Conflict (ambiguous), InvalidInput (outside-workspace).
        """
        wanted = tuple(inside(self.folder, path) for path in paths)
        with self._store.measure() as measure:
            old = self._history.read(self._history.resolve(before or HEAD))
            comparison = Comparison(self._store, self.folder)
            if after is None:
                survey = Survey(self._store, self.folder, measure, progress or Silent(), lasting=False, head=self._history.head())
                return comparison.with_disk(old, survey, wanted)
            return comparison.of(old, self._history.read(self._history.resolve(after)), wanted)

    def plan_rollback(self, name: str, paths: Sequence[str] = (), *, progress: Progress | None = None) -> RollbackPlan:
        """What :meth:`rollback` would do, in order. Raises as it does."""
        with self._store.shared():
            return plan_of_rollback(self._store, self.folder, self._history.resolve(name), paths, progress=progress)

    def rollback(
        self,
        name: str,
        paths: Sequence[str] = (),
        *,
        plan: RollbackPlan | None = None,
        former: str | None = None,
        progress: Progress | None = None,
    ) -> RollbackResult:
        """Make the workspace, or ``paths`` in it, what it was in a snapshot. What stands there now is kept first, as a safety snapshot.

        With ``plan``, from :meth:`plan_rollback`, the rollback goes to the snapshot that was planned even if a tag has moved since. With
        ``former``, the one path becomes what that path was in the snapshot: the same file, as it was called then.

        Raises NotFound, Conflict, InvalidInput (outside-workspace), StoreUnavailable (permission-denied), StoreFull.
        """
        with self._trail.recorded("rollback", paths), self._store.shared():
            target = plan.snapshot if plan else self._history.resolve(name)

            def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("rollback", ids, paths))

            def record_safety(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("snapshot", ids, detail="safety"))

            return apply(
                self._store,
                self.folder,
                target,
                paths,
                author=self.settings.author,
                former=former,
                progress=progress,
                record=record,
                record_safety=record_safety,
            )

    def tag(self, tag: str, snapshot: str = HEAD, *, force: bool = False) -> LogEntry:
        """Name a snapshot. Raises Conflict where the tag names another and ``force`` is not given, InvalidInput, NotFound."""
        with self._trail.recorded("tag"):
            check_tag_name(tag)
            if tag in RESERVED:
                raise InvalidInput(f"The tag “{tag}” is moved by snapshot and rollback only.", hint="Choose another name.")
            with self._store.writer() as writer:
                digest = self._history.resolve(snapshot)
                with writer.transaction() as transaction:
                    now = transaction.tag(tag)
                    if now not in (None, digest) and not force:
                        raise Conflict(
                            f"The tag {tag} names {str(now)[:10]} already.", hint="Choose another name, or move it with --force."
                        )
                    transaction.set_tag(tag, digest)
                    transaction.append_event(self._trail.draft("tag", (digest,), detail=tag))
                return self._history.entry(self._history.read(digest))

    def tags(self) -> dict[str, str]:
        """Every tag that people gave, with the id it names."""
        return {name: digest for name, digest in self._store.tags().items() if name not in RESERVED}

    def remove(self, names: Sequence[str], *, tags_only: bool = False) -> tuple[str, ...]:
        """Take snapshots out of the history with the tags that name them, or with ``tags_only`` only the tags given; returns what went.

        Their content stays until :meth:`prune`. Raises Conflict for the snapshot that the workspace stands on, NotFound, InvalidInput.
        """
        with self._trail.recorded("remove"), self._store.writer() as writer:
            if tags_only:
                going = removal.of_tags(self._store, names)
            else:
                going = removal.of_snapshots(self._store, self._history, [self._history.resolve(name) for name in names])
            with writer.transaction() as transaction:
                going.carry_out(transaction)
                transaction.append_event(self._trail.draft("remove", going.ids, detail=" ".join(going.tags)))
            return (*going.ids, *going.tags)

    def tree(self, name: str = HEAD) -> Tree:
        """The files of a snapshot as a tree. Raises NotFound, Conflict (ambiguous)."""
        with self._store.shared():
            snapshot = self._history.read(self._history.resolve(name))
            return self._trees(snapshot.id, snapshot.files)

    @cached_property
    def _trees(self) -> Callable[[str, str], Tree]:
        # Whoever opens one file of a snapshot opens others of it, and a long file list takes a second to read.
        return lru_cache(TREES_AT_HAND)(lambda digest, files: Tree(digest, decode_files(self._store.blob(files))))

    def entries(self, name: str = HEAD) -> tuple[FileEntry, ...]:
        """The entries of a snapshot, sorted by path. Raises NotFound, Conflict (ambiguous)."""
        return self.tree(name).entries

    def open_file(self, path: str, name: str = HEAD) -> KeptFile:
        """A file of a snapshot, open for reading at any place; nothing is written to the workspace.

        A read takes from the store only what it touches, or fetches it where only a remote has it. Symlinks are followed inside the
        snapshot. ``path`` is relative to the workspace or absolute.

        Raises NotFound, Conflict (ambiguous), InvalidInput for a folder, and (outside-workspace).
        """
        wanted = inside(self.folder, path)
        with self._store.shared():
            return KeptFile(self._store, self._root_of(wanted, name), wanted)

    def _root_of(self, path: str, name: str) -> str:
        """The root of a file. The first of a snapshot is looked for in the list as it is written, which is quick; then a tree pays."""
        snapshot = self._history.read(self._history.resolve(name))
        if snapshot.files not in self._looked_into:
            self._looked_into.add(snapshot.files)
            entry = entry_in(self._store.blob(snapshot.files), path)
            if entry is not None and entry.kind == "file":
                return entry.root
        return self._trees(snapshot.id, snapshot.files).file(path).root

    @cached_property
    def _looked_into(self) -> set[str]:
        return set()

    def versions(self, path: str) -> tuple[FileVersion, ...]:
        """Every content that one file has had, the oldest first, with the snapshot that had it first; by its former names, too."""
        wanted = inside(self.folder, path)
        with self._store.shared():
            return tuple(self._history.versions(wanted))[::-1]

    def keeps(self, path: str) -> bool:
        """Whether a snapshot takes in a file, as far as its name and the ignore file tell. Raises InvalidInput as :meth:`snapshot` does."""
        return read_rules(self.folder).keeps(inside(self.folder, path))

    def ignored(self) -> str:
        """The text of the ignore file, empty where there is none. Raises InvalidInput (invalid-ignore-file)."""
        return read_ignored(self.folder)

    def ignore(self, text: str, *, before: str) -> None:
        """Put ``text`` in the place of the ignore file, which was ``before``. Raises Conflict where it is another, InvalidInput."""
        if self.ignored() != before:
            raise Conflict(f"{IGNORE_FILE} was changed meanwhile.", hint="Look at it again, then make your change.", path=IGNORE_FILE)
        write_ignored(self.folder, text)

    def _remote_states(self) -> tuple[RemoteState, ...]:
        if self._store.value(REMOTES) is None:
            return ()
        # Imported only where there are remotes: it takes longer than the rest of status.
        from jupyter_kit.sync.exchange import heads  # noqa: PLC0415

        return tuple(RemoteState(head.remote, head.branch, head.ahead, head.behind) for head in heads(self._store))

    def metric(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Note metrics for the next snapshot that somebody takes; returns all that are noted.

        Raises InvalidInput for a value that is no finite number.
        """
        if not metrics:
            return self._pending_metrics()
        with self._trail.recorded("metric"), self._store.writer() as writer:
            checked = check_metrics(metrics)
            with writer.transaction() as transaction:
                noted = {**self._pending_metrics(transaction), **checked}
                transaction.set_value(PENDING_METRICS, _as_value(noted))
                transaction.append_event(self._trail.draft("metric", detail=" ".join(sorted(metrics))))
            return noted

    def names(self) -> list[str]:
        """Every tag, and the short id of every snapshot, newest first: what a snapshot can be called."""
        return [*sorted(self._store.tags()), *(digest[:10] for digest in reversed(self._store.snapshot_ids()))]

    def paths(self, snapshot: str = HEAD) -> list[str]:
        """The paths of a snapshot's files. Raises NotFound, Conflict (ambiguous)."""
        with self._store.shared():
            return [entry.path for entry in read_files(self._store, self._history.read(self._history.resolve(snapshot)))]


def _as_value(metrics: Mapping[str, float]) -> bytes | None:
    return json.dumps(metrics, sort_keys=True).encode() if metrics else None
