"""The audit trail of a workspace: who did what, appended with the change itself, and read back, verified and exported."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from types import MappingProxyType
from typing import IO, TYPE_CHECKING, Literal

from jupyter_kit.errors import InvalidInput, KitError
from jupyter_kit.settings import identity
from jupyter_kit.snapshot.capture import utc_now
from jupyter_kit.snapshot.history import History
from jupyter_kit.store.format.audit import AuditEvent, AuditReport, Draft, decode_event, export, problems_in
from jupyter_kit.store.store import Store
from jupyter_kit.version import __version__

if TYPE_CHECKING:
    from jupyter_kit.sync.witness import Witness

TOOL = f"jupyter-kit {__version__}"

INTERRUPTED = "interrupted"
"""The result of a verb that ended by an error that is none of ours: Ctrl-C, or a defect."""

NO_WITNESSES: Mapping[str, Sequence[Witness]] = MappingProxyType({})

MAKES_SNAPSHOTS = frozenset({"snapshot"})

BRINGS_SNAPSHOTS = frozenset({"clone", "pull", "push", "sync"})
"""Verbs whose events name snapshots that came from a remote. A push does so where it meets a branch that went another way."""


class Trail:
    """The trail of one open workspace."""

    def __init__(self, store: Store, history: History) -> None:
        self._store = store
        self._history = history

    def draft(self, verb: str, ids: Sequence[str] = (), paths: Sequence[str] = (), *, detail: str = "", result: str = "ok") -> Draft:
        """An event of this moment and this user, to be appended in the transaction of the change."""
        who = identity()
        return Draft(
            time=utc_now(),
            actor=who.actor,
            jupyter_user=who.jupyter_user,
            host=who.host,
            tool=TOOL,
            verb=verb,
            ids=tuple(ids),
            paths=tuple(map(str, paths)),
            detail=detail,
            result=result,
        )

    def append(self, draft: Draft) -> None:
        """Append an event that has no change of its own."""
        with self._store.writer() as writer, writer.transaction() as transaction:
            transaction.append_event(draft)

    @contextmanager
    def recorded(self, verb: str, paths: Sequence[str] = ()) -> Iterator[None]:
        """A verb that fails is an event too. Where the store itself fails, the error that is raised is all there is."""
        try:
            yield
        except BaseException as error:
            result = error.kind.value if isinstance(error, KitError) else INTERRUPTED
            with suppress(KitError):
                self.append(self.draft(verb, paths=paths, result=result))
            raise

    def events(
        self,
        *,
        since: datetime | None = None,
        until: datetime | None = None,
        actor: str | None = None,
        verb: str | None = None,
        touches: Callable[[AuditEvent], bool] | None = None,
        limit: int | None = None,
    ) -> tuple[AuditEvent, ...]:
        """Events that fit, oldest first; with ``limit`` the newest so many. Times have a zone. Raises ContentCorrupt, InvalidInput."""
        for moment in (since, until):
            if moment is not None and moment.tzinfo is None:
                raise InvalidInput("A time has no zone.", hint="Give one, for example 2026-01-31T12:00:00+00:00.")
        found: list[AuditEvent] = []
        for _, encoded in reversed(self._store.audit_rows()):
            event = decode_event(encoded)
            moment = datetime.fromisoformat(event.time.replace("Z", "+00:00"))
            fits = (since is None or moment >= since) and (until is None or moment <= until)
            if fits and actor in (None, event.actor, event.jupyter_user) and verb in (None, event.verb) and (not touches or touches(event)):
                found.append(event)
                if len(found) == limit:
                    break
        return tuple(reversed(found))

    def verify(self, seen: Mapping[str, Sequence[Witness]] = NO_WITNESSES) -> AuditReport:
        """Walk the chain, compare it with every anchor in the snapshots, and look for the event of every snapshot.

        ``seen`` are anchors that remotes have, by the remote's name: those of this log are compared, too.
        """
        with self._store.shared():
            rows = self._store.audit_rows()
            made, arrived = _told(rows)
            anchors, problems = self._anchors(arrived - made)
            local, ours, others = sum(map(len, anchors.values())), 0, 0
            for remote, witnesses in seen.items():
                mine = [witness for witness in witnesses if witness.anchor.log == self._store.audit_log()]
                ours, others = ours + len(mine), others + len(witnesses) - len(mine)
                for tag, anchor in mine:
                    anchors.setdefault(anchor.sequence, []).append((f"the manifest {tag} on {remote}", anchor.hash))
                if not mine and _tells_of_pushing(rows, remote, made):
                    problems.append(f"The log tells of snapshots sent to {remote}, which knows only other logs: this one was rewritten.")
            head, found = problems_in(rows, anchors)
            unheard = [digest for digest in self._store.snapshot_ids() if digest not in made and digest not in arrived]
            problems += found
            problems += [f"No event tells of snapshot {digest[:10]}: the end of the log was cut off, or rewritten." for digest in unheard]
            return AuditReport(head.sequence, local, head.hash, tuple(problems), ours, others)

    def export(self, stream: IO[str], form: Literal["jsonl", "csv"]) -> int:
        """Write the whole log; returns the number of events. Raises ContentCorrupt."""
        with self._store.shared():
            rows = self._store.audit_rows()
            made, arrived = _told(rows)
            return export(rows, self._anchors(arrived - made)[0], stream, form)

    def _anchors(self, foreign: Collection[str]) -> tuple[dict[int, list[tuple[str, str]]], list[str]]:
        """Number of an event → (snapshot that saw it as the newest, the hash it saw); and the snapshots that cannot be asked.

        ``foreign`` snapshots came from a remote: what they saw is another store's log.
        """
        anchors: dict[int, list[tuple[str, str]]] = {}
        problems = []
        for digest in self._store.snapshot_ids():
            if digest in foreign:
                continue
            try:
                anchor = self._history.read(digest).audit
            except KitError as error:
                problems.append(f"Snapshot {digest[:10]} cannot be asked what it saw: {error.message}")
                continue
            if anchor is not None and anchor.sequence:
                anchors.setdefault(anchor.sequence, []).append((digest, anchor.hash))
        return anchors, problems


def _tells_of_pushing(rows: Iterable[tuple[int, bytes]], remote: str, made: set[str]) -> bool:
    """Whether an event says that a snapshot made here went to a remote."""
    for _, encoded in rows:
        with suppress(KitError):  # Told by the walk already.
            event = decode_event(encoded)
            went = event.result == "ok" and event.verb in BRINGS_SNAPSHOTS and event.detail.startswith(f"{remote} ")
            if went and not made.isdisjoint(event.ids):
                return True
    return False


def _told(rows: Iterable[tuple[int, bytes]]) -> tuple[set[str], set[str]]:
    """The snapshots of which an event says that they were made here, and those of which one says that they came or went."""
    made: set[str] = set()
    moved: set[str] = set()
    for _, encoded in rows:
        with suppress(KitError):  # Told by the walk already.
            event = decode_event(encoded)
            if event.result == "ok":
                (made if event.verb in MAKES_SNAPSHOTS else moved if event.verb in BRINGS_SNAPSHOTS else set()).update(event.ids)
    return made, moved
