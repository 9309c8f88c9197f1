"""Fetching the history of a branch: records, file lists and recipes come at once, the content of files when it is asked for.

A snapshot enters the history only when everything it names is here or promised: its record, its list, the recipe of every file, and for
each chunk a place on the remote that is long enough.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, Kind, NotFound
from jupyter_kit.oci.target import Source
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.snapshot.ancestry import Ancestry
from jupyter_kit.snapshot.records import read_environment, read_files, read_snapshot
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.store.disk.promises import Promise, batches, promises_of
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.format.tags import HEAD, RESERVED, check_tag_name
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.sync.format.published import MAIN, RECORD_BYTES_MAX
from jupyter_kit.sync.incoming.contact import contact
from jupyter_kit.sync.incoming.ledger import Ledger
from jupyter_kit.sync.remotes import set_head

Record = Callable[[Transaction, tuple[str, ...]], None]
"""Called inside the last transaction with the ids that came or went, if any: where an event is appended."""


@dataclass(frozen=True)
class Fetched:
    """Where a branch stands, and what a fetch brought. ``snapshots`` are new in the history, oldest first; ``received_bytes`` on the wire.

    ``ahead`` and ``behind`` count snapshots that only HEAD's line has, and only the branch's.
    """

    remote: str
    branch: str
    snapshot: str
    snapshots: tuple[str, ...]
    ahead: int
    behind: int
    received_bytes: int


def fetch(
    store: Store,
    remote: str,
    source: Source,
    *,
    branch: str = MAIN,
    progress: Progress | None = None,
    record: Record | None = None,
) -> Fetched:
    """Bring the history of a branch (or of another tag of the remote) into the store, tagged ``REMOTE.BRANCH``. Moves nothing else.

    Raises NotFound where there is no such branch, InvalidInput and ContentCorrupt for what is not as it should be, and what the source
    raises.
    """
    with store.writer() as writer, phase(progress or Silent(), "Fetching history"):
        ledger = Ledger(store, writer, remote)
        published, received = contact(ledger, source, branch)
        if published is None:
            raise NotFound(
                f"{source.name} has no branch “{branch}”.", hint="Run “jupyter kit sync” where the history is, or name another place."
            )
        new = accept(ledger, branch, published.snapshot, record)
    ahead, behind = distance(store, published.snapshot)
    return Fetched(remote, branch, published.snapshot, new, ahead, behind, received)


def remote_tag(remote: str, branch: str) -> str:
    """The local tag of a remote's branch. Tags have no slash (they can be pushed as they are), so it is a dot."""
    return f"{remote}.{branch}"


def distance(store: Store, snapshot: str, head: str | None = None) -> tuple[int, int]:
    """How many snapshots of the history only the line of ``head`` (HEAD) has, and only that of ``snapshot``."""
    head = head or store.tags().get(HEAD)
    if head == snapshot:
        return 0, 0
    ancestry = Ancestry(store)
    here = set(ancestry.line(head)) if head else set()
    there = set(ancestry.line(snapshot))
    return sum(map(ancestry.is_listed, here - there)), sum(map(ancestry.is_listed, there - here))


def diverged(remote: str, branch: str, ahead: int, behind: int) -> Conflict:
    """The error for a branch that HEAD's line does not contain: it is ahead, or both went on."""
    if not ahead:
        return Conflict(
            f"{remote} is {behind} snapshots ahead of yours (branch {branch}).", hint=f"Get them first: jupyter kit pull {remote}."
        )
    return Conflict(
        f"Your snapshots ({ahead}) and those on {remote} ({behind}, branch {branch}) went separate ways.",
        kind=Kind.DIVERGED,
        hint=f"Both are kept: see “jupyter kit diff {remote_tag(remote, branch)} HEAD”. Go on with your files and both histories "
        f"(“jupyter kit sync --merge”), or take theirs (“jupyter kit rollback {remote_tag(remote, branch)}”).",
    )


def accept(ledger: Ledger, branch: str, snapshot: str, record: Record | None = None) -> tuple[str, ...]:
    """List a snapshot with all before it whose records have come in; returns the new ones, oldest first. See :func:`fetch`."""
    store, remote = ledger.store, ledger.remote
    ancestry = Ancestry(store)
    wanted = [
        digest
        for digest in ancestry.line(snapshot)
        if not ancestry.is_listed(digest) and (digest == snapshot or (store.blob_row(digest) and not ancestry.was_removed(digest)))
    ]
    checked: set[str] = set()
    new = [_checked(store, digest, checked) for digest in wanted]
    with ledger.writer.transaction() as transaction:
        for found in new:
            transaction.add_snapshot(found.id, found.created)
            for tag in found.tags:
                if tag not in RESERVED and transaction.tag(tag) is None and _is_tag(tag):
                    transaction.set_tag(tag, found.id)
        transaction.set_tag(remote_tag(remote, branch), snapshot)
        set_head(transaction, remote, branch, snapshot)
        if record is not None and new:
            record(transaction, tuple(found.id for found in new))
    return tuple(found.id for found in new)


def _is_tag(name: str) -> bool:
    try:
        check_tag_name(name)
    except InvalidInput:
        return False
    return True


def _checked(store: Store, digest: str, checked: set[str]) -> Snapshot:
    """A snapshot that came in, once everything it names is here or promised. ``checked`` are the roots that are."""
    try:
        row = store.blob_row(digest)
        if row is not None and row.size > RECORD_BYTES_MAX:
            raise _corrupt(digest, "its record is too long")
        snapshot = read_snapshot(store, digest)
        entries = read_files(store, snapshot)
        read_environment(store, snapshot)
        for entry in entries:
            if entry.kind == "file" and entry.root not in checked:
                recipe = store.recipe(entry.root, entry.path)
                if recipe.size != entry.size:
                    raise _corrupt(digest, f"“{entry.path}” is not as long as its list says")
                for spans in batches(recipe.spans):
                    _check_spans(store, spans, digest)
                checked.add(entry.root)
    except NotFound as error:
        raise _corrupt(digest, error.message) from error
    return snapshot


def _check_spans(store: Store, spans: Sequence[Span], digest: str) -> None:
    """Every chunk is here or promised, as long as its spans need, and so are the bases of those that are deltas."""
    identities = list(dict.fromkeys(span.chunk for span in spans))
    rows = dict(zip(identities, store.chunks.find(identities), strict=True))
    promises = promises_of(store.environment, [identity for identity, row in rows.items() if row is None])
    lengths = {identity: {row.raw_length} for identity, row in rows.items() if row is not None}
    for identity, places in promises.items():
        if not places:
            raise _corrupt(digest, f"nobody has its chunk {identity.hex()[:16]}")
        lengths[identity] = {place.raw_length for place in places}  # One of them may be a lie, and is found out when it is read.
    for span in spans:
        found = lengths[span.chunk]
        if span.length not in found if span.whole else span.start + span.length > max(found):
            raise _corrupt(digest, f"its chunk {span.chunk.hex()[:16]} is of another length")
    _check_bases(store, [places[0] for places in promises.values()], digest)


def _check_bases(store: Store, deltas: list[Promise], digest: str) -> None:
    """Each round is one step nearer to a chunk that is no delta, so a circle ends here."""
    while deltas:
        depths = {promise.base: promise.depth for promise in deltas if promise.base is not None}
        deltas = []
        for base, known in zip(depths, store.chunks.known(list(depths)), strict=True):
            if not known:
                nearer = [promise for promise in promises_of(store.environment, [base])[base] if promise.depth < depths[base]]
                if not nearer:
                    raise _corrupt(digest, f"nobody has the base {base.hex()[:16]} of a chunk")
                deltas.append(nearer[0])


def _corrupt(digest: str, reason: str) -> ContentCorrupt:
    return ContentCorrupt(
        f"The snapshot {digest[:10]} of the remote is not whole: {reason}.",
        hint="Nothing was changed. Ask whoever pushed it to push again.",
    )
