"""Taking a snapshot: contents first, then one transaction that makes them a snapshot.

A crash before the transaction leaves content that nothing names, which the next prune frees; after it, the snapshot stands complete.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot.provenance import GitCheckout, environment_document, git_user, login_name
from jupyter_kit.snapshot.records import check_metrics, encode_snapshot
from jupyter_kit.snapshot.snapshot import Anchor, Snapshot, SnapshotKind, SnapshotResult
from jupyter_kit.snapshot.survey import Survey, head_of
from jupyter_kit.store.format.tags import HEAD, LATEST, RESERVED, check_tag_name
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.store.writing.writer import Writer

RACES = 100
"""How often HEAD may be moved by somebody else between two looks before we give up: each time somebody's snapshot was taken, so a hundred
others would have to be faster."""

Record = Callable[[Transaction, tuple[str, ...]], None]
"""Called inside the transaction with the ids concerned: where an event is appended."""


@dataclass(frozen=True)
class Request:
    """What is asked of a snapshot, besides the files. See :func:`capture`."""

    kind: SnapshotKind
    message: str
    workspace: str
    created: Callable[[], str]
    author: str | None = None
    tags: tuple[str, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    notebook: str | None = None
    kernel: str | None = None
    record: Record | None = None


def capture(
    store: Store,
    folder: Path,
    *,
    message: str = "",
    kind: SnapshotKind = "manual",
    tags: Sequence[str] = (),
    metrics: Mapping[str, float] | None = None,
    notebook: str | None = None,
    kernel: str | None = None,
    author: str | None = None,
    workspace: str | None = None,
    created: Callable[[], str] | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
) -> SnapshotResult:
    """Keep the folder as it is now.

    ``author`` is git's user, or the operating system's, where it is not given; ``workspace`` the folder's name; ``created`` a clock that
    tells UTC in RFC 3339 with microseconds. An ``auto`` or ``safety`` snapshot of a workspace in which nothing changed is not taken, unless
    it has tags or metrics of its own: the result is the one that exists. Moves HEAD, and ``latest`` but for ``safety``.

    Raises Conflict (file-changed; a tag that exists), InvalidInput (a tag, a metric, the ignore file), StoreFull, StoreUnavailable.
    """
    request = Request(
        message=message,
        kind=kind,
        tags=_checked(tags),
        metrics=check_metrics(metrics or {}),
        notebook=notebook,
        kernel=kernel,
        author=author,
        workspace=workspace if workspace is not None else folder.resolve().name,
        created=created or utc_now,
        record=record,
    )
    with store.writer() as writer:
        return keep(store, writer, folder, request, progress or Silent())[0]


def keep(store: Store, writer: Writer, folder: Path, request: Request, progress: Progress) -> tuple[SnapshotResult, Survey]:
    """As :func:`capture`, with a writer that is open already; also what was found in the folder."""
    started = time.monotonic()
    _check_free(store, request.tags)
    with closing(GitCheckout(folder)) as git:
        survey = Survey(store, folder, writer, progress, lasting=True, head=_readable_head(store))
        head = survey.head
        if head is not None and survey.same and request.kind != "manual" and not (request.tags or request.metrics):
            if not survey.untouched:
                with writer.transaction() as transaction:
                    survey.put_rows(transaction)
            return _result(head, survey, started, unchanged=True), survey
        draft = Snapshot(
            id="",
            created="",
            author=request.author or git_user(folder) or login_name(),
            message=request.message,
            kind=request.kind,
            parents=(),
            tags=request.tags,
            workspace=request.workspace,
            files=head.files if head and survey.same else writer.add_blob(survey.listing.document, head.files if head else None),
            file_count=survey.file_count,
            bytes=survey.total_bytes,
            environment=writer.add_blob(environment_document(), head.environment if head else None),
            git=git.state(),
            notebook=request.notebook,
            kernel=request.kernel,
            metrics=dict(request.metrics),
            new_bytes=survey.new_bytes,
        )
    for _ in range(RACES):
        snapshot = _commit(store, writer, survey, draft, request)
        if snapshot is not None:
            return _result(snapshot, survey, started, unchanged=survey.same), survey
    raise Conflict("Other programs keep taking snapshots of this workspace.", hint="Stop them, then try again.")


def _readable_head(store: Store) -> Snapshot | None:
    """The snapshot to compare with. A damaged one is no reason to lose the next, which is then kept as if it were the first."""
    with suppress(ContentCorrupt):
        return head_of(store)
    return None


def utc_now() -> str:
    """UTC in RFC 3339 with microseconds."""
    return datetime.now(timezone.utc).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _commit(store: Store, writer: Writer, survey: Survey, draft: Snapshot, request: Request) -> Snapshot | None:
    """Make the draft a snapshot on top of HEAD as it is now; None where somebody moved HEAD meanwhile."""
    parent = store.tags().get(HEAD)
    audit = store.audit_head()
    draft = replace(draft, created=request.created(), parents=(parent,) if parent else (), audit=Anchor(audit.sequence, audit.hash))
    identity, document = encode_snapshot(draft)
    writer.add_blob(document, parent)
    with writer.transaction() as transaction:
        if transaction.tag(HEAD) != parent:
            return None
        transaction.add_snapshot(identity, draft.created)
        transaction.set_tag(HEAD, identity)
        if draft.kind != "safety":  # Going back to the latest means the latest that somebody meant to take.
            transaction.set_tag(LATEST, identity)
        for tag in draft.tags:
            transaction.set_tag(tag, identity, expected=None)
        survey.put_rows(transaction)
        if request.record is not None:
            request.record(transaction, (identity,))
    return replace(draft, id=identity)


def _checked(tags: Sequence[str]) -> tuple[str, ...]:
    for tag in tags:
        check_tag_name(tag)
        if tag in RESERVED:
            raise InvalidInput(f"The tag “{tag}” is moved by snapshot and rollback only.", hint="Choose another name.")
    return tuple(dict.fromkeys(tags))


def _check_free(store: Store, tags: tuple[str, ...]) -> None:
    """Tell a tag that exists before gigabytes are read, not after."""
    for tag in tags:
        if tag in store.tags():
            raise Conflict(f"There is a tag “{tag}” already.", hint="Choose another name, or remove the tag first.")


def _result(snapshot: Snapshot, survey: Survey, started: float, *, unchanged: bool) -> SnapshotResult:
    return SnapshotResult(
        id=snapshot.id,
        created=snapshot.created,
        message=snapshot.message,
        kind=snapshot.kind,
        tags=snapshot.tags,
        parents=snapshot.parents,
        files=snapshot.file_count,
        bytes=snapshot.bytes,
        new_bytes=survey.new_bytes,
        stored_bytes=survey.stored_bytes,
        seconds=time.monotonic() - started,
        metrics=dict(snapshot.metrics),
        skipped=survey.skipped,
        unchanged=unchanged,
    )
