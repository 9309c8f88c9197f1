"""The verbs that look after the store, and that tell what was done in it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO, Literal

from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot import removal
from jupyter_kit.snapshot.history import is_in
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.snapshot.repair import repair as repair_chunks
from jupyter_kit.snapshot.restore import inside
from jupyter_kit.snapshot.retention import Rules, kept
from jupyter_kit.snapshot.snapshot import SnapshotKind
from jupyter_kit.store.format.audit import AuditEvent, AuditReport
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.facts import facts
from jupyter_kit.store.upkeep.prune import Sweep, apply_sweep, plan_sweep
from jupyter_kit.store.upkeep.reports import CheckReport, Damage, Kept, PrunePlan, PruneResult, StoreFacts
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.workspace.opened import REMOTES, Opened


class Upkeep(Opened):
    """Check, prune, inspect, audit."""

    def check(self, *, repair: bool = False, progress: Progress | None = None) -> CheckReport:
        """Read everything that is kept and compare it with what it was. Damage is reported, not raised.

        ``repair`` mends what the files of the workspace, or a remote, still hold. Raises Conflict (store-busy), StoreFull.
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
        if self._store.value(REMOTES) is not None:
            # Imported only where there are remotes: it takes longer than the rest of a check of a small store.
            from jupyter_kit.sync.mend import mend  # noqa: PLC0415
            from jupyter_kit.sync.remotes import remote  # noqa: PLC0415

            _, left = check(self._store, reference_reader(self._store), progress)
            mend(self._store, left, lambda name: self._places.outside(remote(self._store, name).reference).place, progress)
        after, _ = check(self._store, reference_reader(self._store), progress)
        hurt = {damage.what for damage in after.damage}
        return replace(before, damage=tuple(replace(damage, repaired=damage.what not in hurt) for damage in before.damage))

    def plan_prune(
        self,
        *,
        keep_last: int | None = None,
        keep_hourly: int | None = None,
        keep_daily: int | None = None,
        keep_tagged: bool = True,
        kind: SnapshotKind | None = None,
    ) -> PrunePlan:
        """What :meth:`prune` would remove and free. Without a rule, here or in the settings, every snapshot stays.

        With ``kind`` the rules are about snapshots of that kind alone, and those of the settings do not stand in.

        Raises ContentCorrupt where a snapshot that stays is damaged: nothing is pruned then.
        """
        with self._store.shared():
            return self._plan_prune(self._rules(Rules(keep_last, keep_hourly, keep_daily, keep_tagged, kind)))[0]

    def prune(
        self,
        *,
        keep_last: int | None = None,
        keep_hourly: int | None = None,
        keep_daily: int | None = None,
        keep_tagged: bool = True,
        kind: SnapshotKind | None = None,
        plan: PrunePlan | None = None,
        progress: Progress | None = None,
    ) -> PruneResult:
        """Remove the snapshots that no rule keeps, and give back the space of everything that nothing names any more.

        ``kind`` is as for :meth:`plan_prune`. With ``plan``, from there, a snapshot that was not in it is kept, whatever the rules say.
        Raises Conflict (store-busy) while others use the store, StoreFull, ContentCorrupt.
        """
        started = time.monotonic()
        with self._trail.recorded("prune"), self._store.exclusive():
            planned, sweep, going = self._plan_prune(self._rules(Rules(keep_last, keep_hourly, keep_daily, keep_tagged, kind)), plan)

            def change(transaction: Transaction) -> None:
                going.carry_out(transaction)
                transaction.append_event(self._trail.draft("prune", going.ids, detail=f"{len(sweep.chunks)} chunks"))

            nothing = sweep.empty and not going.snapshots
            freed = 0 if nothing else apply_sweep(self._store, sweep, change, progress or Silent())
            return PruneResult(planned, freed, time.monotonic() - started)

    def _rules(self, given: Rules) -> Rules:
        if given.given or given.kind:
            return given
        return Rules(self.settings.keep_last, self.settings.keep_hourly, self.settings.keep_daily, given.tagged)

    def _plan_prune(self, rules: Rules, agreed: PrunePlan | None = None) -> tuple[PrunePlan, Sweep, removal.Removal]:
        history = list(self._history.newest_first())[::-1]
        keeps = kept(history, self._store.tags(), rules)
        staying = {keep.snapshot for keep in keeps}
        leaving = [snapshot.id for snapshot in history if snapshot.id not in staying]
        if agreed is not None:
            keeps += [Kept(digest, ("not in the plan",)) for digest in leaving if digest not in agreed.remove]
            leaving = [digest for digest in leaving if digest in agreed.remove]
        for snapshot in history:
            if not snapshot.readable and snapshot.id not in leaving:
                self._history.read(snapshot.id)  # What it needs is not known, so nothing can go: this raises, and says which it is.
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

    def audit_verify(self, remotes: Sequence[str] = (), *, progress: Progress | None = None) -> AuditReport:
        """Verify the audit log: edits, gaps, reordering, and truncation against the anchors in the snapshots.

        With the names of ``remotes``, also against the anchors that pushes left there, which no change of this store can reach.
        Raises NotFound for a remote that is not known, RegistryError.
        """
        if not remotes:
            return self._trail.verify()
        # Imported only where remotes are asked, as for a repair.
        from jupyter_kit.sync.remotes import remote  # noqa: PLC0415
        from jupyter_kit.sync.witness import witnesses  # noqa: PLC0415

        references = {name: remote(self._store, name).reference for name in remotes}
        return self._trail.verify(
            {name: witnesses(self._places.outside(reference).place, progress) for name, reference in references.items()}
        )

    def audit_export(self, stream: IO[str], *, format: Literal["jsonl", "csv"] = "jsonl") -> int:  # noqa: A002 — the option's name for users
        """Write the audit log with what somebody else needs to verify it; returns the number of events."""
        return self._trail.export(stream, format)

    def _event_touches(self, event: AuditEvent, path: str) -> bool:
        if any(is_in(named, path) or is_in(path, named) for named in event.paths):
            return True
        known = set(self._store.snapshot_ids())
        made = [digest for digest in event.ids if digest in known] if event.verb == "snapshot" else []
        return any(self._history.touches(self._history.read(digest), path) for digest in made)
