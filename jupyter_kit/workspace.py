"""A workspace: a folder whose notebooks, data and models are kept. One method for each verb; the floors below do the work."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import IO, Literal

from jupyter_kit.compare.changes import Diff, Status
from jupyter_kit.comparison import Comparison, changes_on_disk
from jupyter_kit.errors import Conflict, InvalidInput, Kind, NotFound
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.settings import Settings, load
from jupyter_kit.snapshot import removal
from jupyter_kit.snapshot.capture import capture
from jupyter_kit.snapshot.history import History, is_in
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.records import check_metrics, read_environment, read_files, reference_reader
from jupyter_kit.snapshot.repair import repair as repair_chunks
from jupyter_kit.snapshot.restore import apply, inside
from jupyter_kit.snapshot.restore import plan as plan_of_rollback
from jupyter_kit.snapshot.retention import Rules, kept
from jupyter_kit.snapshot.snapshot import LogEntry, SnapshotDetail, SnapshotKind, SnapshotResult
from jupyter_kit.snapshot.survey import Survey
from jupyter_kit.store.audit import AuditEvent, AuditReport
from jupyter_kit.store.check import check
from jupyter_kit.store.environment import foreign_errors
from jupyter_kit.store.facts import facts
from jupyter_kit.store.prune import Sweep, apply_sweep, plan_sweep
from jupyter_kit.store.rebuild import rebuild as rebuild_index
from jupyter_kit.store.reports import CheckReport, Damage, Kept, PrunePlan, PruneResult, StoreFacts
from jupyter_kit.store.store import Store
from jupyter_kit.store.tags import HEAD, RESERVED, check_tag_name
from jupyter_kit.store.transaction import Transaction
from jupyter_kit.trail import Trail

KIT_FOLDER = ".kit"

PENDING_METRICS = "pending-metrics"
"""The store's value with metrics that the next snapshot will record, as JSON."""


class Workspace:
    """An open workspace. Close it, or use it as a context manager.

    Every verb raises StoreUnavailable where the store cannot be used and ContentCorrupt where what is read is not what was kept; further
    errors are named at the verb. A snapshot's name is a tag, ``HEAD``, ``latest``, an id or its first digits (4 at least), and any of
    these with ``~N`` for N parents back. Verbs that change or move something append an event to the audit log, failures too.
    """

    def __init__(self, folder: Path, store: Store, settings: Settings) -> None:
        """Use :meth:`init` or :meth:`open`."""
        self.folder = folder
        self.settings = settings
        self._store = store
        self._history = History(store)
        self._trail = Trail(store, self._history)
        self._rebuilt = False
        self._unread: tuple[str, ...] = ()

    @classmethod
    def init(cls, folder: Path | str = ".") -> Workspace:
        """Make a folder a workspace. Raises Conflict where it is one already, InvalidInput for settings that do not parse."""
        folder = Path(folder).absolute()
        settings = load(folder)
        if (_store_folder(folder, settings) / "format.json").exists():
            raise Conflict(
                f"{folder} is a workspace already.", hint="Nothing was changed; go on with “jupyter kit status”.", path=str(folder)
            )
        with foreign_errors(folder):
            (folder / KIT_FOLDER).mkdir(parents=True, exist_ok=True)
        workspace = cls(folder, Store.create(_store_folder(folder, settings)), settings)
        workspace._trail.append(workspace._trail.draft("init"))
        return workspace

    @classmethod
    def open(cls, folder: Path | str = ".", *, rebuild: bool = False, progress: Progress | None = None) -> Workspace:
        """Open the workspace that ``folder`` is in. With ``rebuild`` the store's index is made anew from the segments first.

        Raises NotFound (no-workspace), UnsupportedFormat, InvalidInput (invalid-settings), Conflict (store-busy).
        """
        root = find_workspace(Path(folder).absolute())
        settings = load(root)
        place = _store_folder(root, settings)
        unread = rebuild_index(place, progress or Silent()) if rebuild else []
        workspace = cls(root, Store.open(place), settings)
        if rebuild:
            workspace._rebuilt, workspace._unread = True, tuple(unread)
            workspace._trail.append(workspace._trail.draft("check", detail="index rebuilt"))
        return workspace

    def close(self) -> None:
        """Let go of the store."""
        self._store.close()

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder)!r})"

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
        """Keep the workspace as it is. Metrics noted with :meth:`metric` before are recorded too.

        Raises Conflict (a tag that exists; a file that keeps changing), InvalidInput (a tag, a metric, the ignore file), StoreFull.
        """
        with self._trail.recorded("snapshot"):
            pending = self._pending_metrics()

            def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("snapshot", ids, detail=message))
                if pending:
                    transaction.set_value(PENDING_METRICS, None)

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

    def log(self, *, limit: int | None = None, kind: SnapshotKind | None = None, path: str | None = None) -> tuple[LogEntry, ...]:
        """History, newest first. ``path``: only snapshots in which that file or folder differs from the snapshot before."""
        with self._store.shared():
            found = (snapshot for snapshot in self._history.newest_first() if kind in (None, snapshot.kind))
            if path is not None:
                wanted = inside(self.folder, path)
                found = (snapshot for snapshot in found if self._history.touches(snapshot, wanted))
            return tuple(self._history.entry(snapshot) for snapshot in islice(found, limit))

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
        self, name: str, paths: Sequence[str] = (), *, plan: RollbackPlan | None = None, progress: Progress | None = None
    ) -> RollbackResult:
        """Make the workspace, or ``paths`` in it, what it was in a snapshot. What stands there now is kept first, as a safety snapshot.

        With ``plan``, from :meth:`plan_rollback`, the rollback goes to the snapshot that was planned even if a tag has moved since.
        Raises NotFound, Conflict, InvalidInput (outside-workspace), StoreUnavailable (permission-denied), StoreFull.
        """
        with self._trail.recorded("rollback", paths):
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

    def check(self, *, repair: bool = False, progress: Progress | None = None) -> CheckReport:
        """Read everything that is kept and compare it with what it was. Damage is reported, not raised.

        ``repair`` mends what the files of the workspace still hold. Raises Conflict (store-busy), StoreFull.
        """
        progress = progress or Silent()
        lost = tuple(Damage("segments", problem) for problem in self._unread)
        found, damaged = check(self._store, reference_reader(self._store), progress)
        if repair and found.damage:
            with self._trail.recorded("check"):
                found = self._repair(found, damaged, progress)
                mended = sum(damage.repaired for damage in found.damage)
                self._trail.append(self._trail.draft("check", detail=f"repaired {mended} of {len(found.damage)}"))
        return replace(found, rebuilt=self._rebuilt, damage=(*found.damage, *(replace(damage, repaired=found.ok) for damage in lost)))

    def _repair(self, before: CheckReport, damaged: frozenset[bytes], progress: Progress) -> CheckReport:
        repair_chunks(self._store, self.folder, damaged, progress)
        after, _ = check(self._store, reference_reader(self._store), progress)
        left = {damage.what for damage in after.damage}
        return replace(before, damage=tuple(replace(damage, repaired=damage.what not in left) for damage in before.damage))

    def plan_prune(
        self, *, keep_last: int | None = None, keep_hourly: int | None = None, keep_daily: int | None = None, keep_tagged: bool = True
    ) -> PrunePlan:
        """What :meth:`prune` would remove and free. Without a rule, here or in the settings, every snapshot stays.

        Raises ContentCorrupt where a snapshot that stays is damaged: nothing is pruned then.
        """
        with self._store.shared():
            return self._plan_prune(self._rules(keep_last, keep_hourly, keep_daily, keep_tagged))[0]

    def prune(
        self,
        *,
        keep_last: int | None = None,
        keep_hourly: int | None = None,
        keep_daily: int | None = None,
        keep_tagged: bool = True,
        plan: PrunePlan | None = None,
        progress: Progress | None = None,
    ) -> PruneResult:
        """Remove the snapshots that no rule keeps, and give back the space of everything that nothing names any more.

        With ``plan``, from :meth:`plan_prune`, a snapshot that was not in it is kept, whatever the rules say by now.
        Raises Conflict (store-busy) while others use the store, StoreFull, ContentCorrupt.
        """
        started = time.monotonic()
        with self._trail.recorded("prune"), self._store.exclusive():
            planned, sweep, going = self._plan_prune(self._rules(keep_last, keep_hourly, keep_daily, keep_tagged), plan)

            def change(transaction: Transaction) -> None:
                going.carry_out(transaction)
                transaction.append_event(self._trail.draft("prune", going.ids, detail=f"{len(sweep.chunks)} chunks"))

            nothing = sweep.empty and not going.snapshots
            freed = 0 if nothing else apply_sweep(self._store, sweep, change, progress or Silent())
            return PruneResult(planned, freed, time.monotonic() - started)

    def _rules(self, last: int | None, hourly: int | None, daily: int | None, tagged: bool) -> Rules:
        given = Rules(last, hourly, daily, tagged)
        return given if given.given else Rules(self.settings.keep_last, self.settings.keep_hourly, self.settings.keep_daily, tagged)

    def _plan_prune(self, rules: Rules, agreed: PrunePlan | None = None) -> tuple[PrunePlan, Sweep, removal.Removal]:
        history = list(self._history.newest_first())[::-1]
        keeps = kept(history, self._store.tags(), rules)
        staying = {keep.snapshot for keep in keeps}
        leaving = [snapshot.id for snapshot in history if snapshot.id not in staying]
        if agreed is not None:
            keeps += [Kept(digest, ("not in the plan",)) for digest in leaving if digest not in agreed.remove]
            leaving = [digest for digest in leaving if digest in agreed.remove]
        going = removal.of_snapshots(self._store, self._history, leaving)
        sweep = plan_sweep(self._store, reference_reader(self._store), leaving)
        return (
            PrunePlan(tuple(keeps), tuple(leaving), len(sweep.chunks), sweep.dead_bytes, len(sweep.unlink), sweep.rewritten),
            sweep,
            going,
        )

    def inspect(self) -> StoreFacts:
        """The store in numbers."""
        with self._store.shared():
            history = list(self._history.newest_first())
            return facts(self._store, sum(snapshot.file_count for snapshot in history), sum(snapshot.bytes for snapshot in history))

    def audit(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        actor: str | None = None,
        verb: str | None = None,
        path: str | None = None,
        limit: int | None = None,
    ) -> tuple[AuditEvent, ...]:
        """Events of the audit log that fit, oldest first; with ``limit`` the newest so many.

        ``path``: events that name the file or folder, and those of snapshots in which it differs from the snapshot before.
        Raises InvalidInput for a time without a zone.
        """
        wanted = inside(self.folder, path) if path is not None else None
        with self._store.shared():
            touches = None if wanted is None else lambda event: self._event_touches(event, wanted)
            return self._trail.events(since=since, until=until, actor=actor, verb=verb, touches=touches, limit=limit)

    def audit_verify(self) -> AuditReport:
        """Verify the audit log: edits, gaps, reordering, and truncation against the anchors in the snapshots."""
        return self._trail.verify()

    def audit_export(self, stream: IO[str], *, format: Literal["jsonl", "csv"] = "jsonl") -> int:  # noqa: A002 — the option's name for users
        """Write the audit log with what somebody else needs to verify it; returns the number of events."""
        return self._trail.export(stream, format)

    def metric(self, metrics: Mapping[str, float]) -> dict[str, float]:
        """Note metrics for the next snapshot; returns all that are noted. Raises InvalidInput for a value that is no finite number."""
        with self._trail.recorded("metric"), self._store.writer() as writer:
            noted = {**self._pending_metrics(), **check_metrics(metrics)}
            with writer.transaction() as transaction:
                transaction.set_value(PENDING_METRICS, json.dumps(noted, sort_keys=True).encode())
                transaction.append_event(self._trail.draft("metric", detail=" ".join(sorted(metrics))))
            return noted

    def names(self) -> list[str]:
        """Every tag, and the short id of every snapshot, newest first: what a snapshot can be called."""
        return [*sorted(self._store.tags()), *(digest[:10] for digest in reversed(self._store.snapshot_ids()))]

    def paths(self, snapshot: str = HEAD) -> list[str]:
        """The paths of a snapshot's files. Raises NotFound, Conflict (ambiguous)."""
        with self._store.shared():
            return [entry.path for entry in read_files(self._store, self._history.read(self._history.resolve(snapshot)))]

    def _named(self, notebook: str | None) -> str | None:
        """A notebook by its path in the workspace, if it is in it."""
        if notebook is None or not Path(notebook).is_relative_to(self.folder):
            return notebook
        return Path(notebook).relative_to(self.folder).as_posix()

    def _pending_metrics(self) -> dict[str, float]:
        value = self._store.value(PENDING_METRICS)
        return dict(json.loads(value)) if value else {}

    def _event_touches(self, event: AuditEvent, path: str) -> bool:
        if any(is_in(named, path) or is_in(path, named) for named in event.paths):
            return True
        known = set(self._store.snapshot_ids())
        made = [digest for digest in event.ids if digest in known] if event.verb == "snapshot" else []
        return any(self._history.touches(self._history.read(digest), path) for digest in made)


def find_workspace(folder: Path) -> Path:
    """The workspace that a folder is in: itself, or the nearest above. Raises NotFound (no-workspace)."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", kind=Kind.NO_WORKSPACE, hint="Check the path.", path=str(folder))
    for place in (folder, *folder.parents):
        if (place / KIT_FOLDER).is_dir():
            return place
    raise NotFound(
        f"{folder} is not in a workspace.",
        kind=Kind.NO_WORKSPACE,
        hint="Make one with “jupyter kit init”.",
        path=str(folder),
    )


def _store_folder(folder: Path, settings: Settings) -> Path:
    return folder / settings.store if settings.store else folder / KIT_FOLDER / "store"
