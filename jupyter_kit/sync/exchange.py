"""Keeping a store and a remote alike: whichever is behind takes what the other has; where both went on, both histories are kept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from jupyter_kit.errors import Conflict, NotFound
from jupyter_kit.oci.target import Target
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.ancestry import Ancestry
from jupyter_kit.snapshot.capture import utc_now
from jupyter_kit.snapshot.provenance import login_name
from jupyter_kit.snapshot.records import encode_snapshot, read_snapshot
from jupyter_kit.snapshot.snapshot import Anchor
from jupyter_kit.store.format.tags import HEAD, LATEST
from jupyter_kit.store.store import Store
from jupyter_kit.sync.fetch import Fetched, Record, distance, diverged, fetch
from jupyter_kit.sync.format.published import MAIN
from jupyter_kit.sync.push import PushResult, push
from jupyter_kit.sync.remotes import remotes


@dataclass(frozen=True)
class RemoteHead:
    """Where a branch stood at the last contact, and how many snapshots only HEAD's line has (ahead), or only the branch's (behind)."""

    remote: str
    branch: str
    snapshot: str
    ahead: int
    behind: int


@dataclass(frozen=True)
class Synced:
    """What a sync did. After ``pull`` the folder is still to be brought to ``snapshot``; after the others HEAD and branch are that one."""

    action: Literal["none", "push", "pull", "merge"]
    snapshot: str
    fetched: Fetched | None
    pushed: PushResult | None


def heads(store: Store) -> tuple[RemoteHead, ...]:
    """Every branch that was met, without asking any remote."""
    return tuple(
        RemoteHead(known.name, branch, snapshot, *distance(store, snapshot)) for known in remotes(store) for branch, snapshot in known.heads
    )


def sync(
    store: Store,
    remote: str,
    target: Target,
    *,
    branch: str = MAIN,
    merge: bool = False,
    verify: bool = False,
    author: str | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
    record_merge: Record | None = None,
) -> Synced:
    """Push what only HEAD's line has, or fetch what only the branch's has. Where both have something, ``merge`` makes them one.

    ``verify`` touches what the remote should have already, and sends again what it has lost, also where there is nothing new.
    ``record`` is called for what came and went, ``record_merge`` for the snapshot that a merge is.
    Raises Conflict (diverged) without ``merge``, and as :func:`push` and :func:`fetch` do.
    """
    head = store.tags().get(HEAD)
    try:
        fetched = fetch(store, remote, target, branch=branch, progress=progress, record=record)
    except NotFound:
        if head is None:
            raise
        pushed = push(store, remote, target, branch=branch, progress=progress, record=record)
        return Synced("push", pushed.snapshot, None, pushed)
    if head == fetched.snapshot and not verify:
        return Synced("none", head, fetched, None)
    ancestry = Ancestry(store)
    if head is None or (head != fetched.snapshot and head in ancestry.line(fetched.snapshot)):
        return Synced("pull", fetched.snapshot, fetched, None)
    merged = fetched.snapshot not in ancestry.line(head)
    if merged:
        if not merge:
            raise diverged(remote, branch, fetched.ahead, fetched.behind)
        join(store, fetched.snapshot, message=f"Merge {branch} of {remote}", author=author, record=record_merge)
    pushed = push(store, remote, target, branch=branch, verify=verify, progress=progress, record=record)
    return Synced("merge" if merged else "push", pushed.snapshot, fetched, pushed)


def join(
    store: Store,
    other: str,
    *,
    message: str,
    author: str | None = None,
    created: Callable[[], str] = utc_now,
    record: Record | None = None,
) -> str:
    """A snapshot with two parents, HEAD and ``other`` (its whole id), and HEAD's files; moves HEAD, returns its id.

    The other's files stay in its own snapshot, to be compared and taken one by one. Raises Conflict where HEAD moves meanwhile, NotFound.
    """
    with store.writer() as writer:
        head = store.tags().get(HEAD)
        if head is None:
            raise NotFound("There is no snapshot to merge with.", hint="Pull instead.")
        mine = read_snapshot(store, head)
        audit = store.audit_head()
        draft = replace(
            mine,
            created=created(),
            author=author or login_name(),
            message=message,
            kind="manual",
            parents=(head, other),
            tags=(),
            metrics={},
            audit=Anchor(audit.sequence, audit.hash),
        )
        identity, document = encode_snapshot(draft)
        writer.add_blob(document, head)
        with writer.transaction() as transaction:
            if transaction.tag(HEAD) != head:
                raise Conflict("HEAD was moved by somebody else in the meantime.", hint="Run the same command again.")
            transaction.add_snapshot(identity, draft.created)
            transaction.set_tag(HEAD, identity)
            transaction.set_tag(LATEST, identity)
            if record is not None:
                record(transaction, (identity,))
        return identity
