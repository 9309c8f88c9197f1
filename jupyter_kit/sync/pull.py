"""Pulling: the history of a branch, then the files of its newest snapshot, if nobody's work stands in the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from jupyter_kit.errors import Conflict
from jupyter_kit.oci.target import Source
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot.ancestry import Ancestry
from jupyter_kit.snapshot.plan import RollbackResult
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.snapshot.restore import apply
from jupyter_kit.snapshot.survey import Survey, head_of
from jupyter_kit.store.format.tags import HEAD, LATEST
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.sync.fetch import Fetched, Record, diverged, fetch
from jupyter_kit.sync.format.published import MAIN


@dataclass(frozen=True)
class Pulled:
    """What a pull did. ``rollback`` is what was done to the files; None where they are as they were."""

    fetched: Fetched
    rollback: RollbackResult | None = None


def pull(
    store: Store,
    folder: Path,
    remote: str,
    source: Source,
    *,
    branch: str = MAIN,
    paths: Sequence[str] = (),
    author: str | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
    record_safety: Record | None = None,
) -> Pulled:
    """Fetch a branch and bring the folder to its newest snapshot; with ``paths`` only those files and folders, and HEAD stays.

    What stands at ``paths`` is kept first, as a rollback does; ``record_safety`` is called for that snapshot.
    The store's fetcher (``store.chunks.fetcher``) is asked for the content. Raises Conflict where the folder has changes that no snapshot
    holds (file-changed), or snapshots that the branch does not come after (diverged); and as :func:`fetch` and rollback do.
    """
    progress = progress or Silent()
    fetched = fetch(store, remote, source, branch=branch, progress=progress, record=record)
    if paths:
        rollback = apply(
            store, folder, fetched.snapshot, paths, author=author, progress=progress, record=record, record_safety=record_safety
        )
        return Pulled(fetched, rollback)
    head = store.tags().get(HEAD)
    ancestry = Ancestry(store)
    if head is not None and fetched.snapshot in ancestry.line(head):
        return Pulled(fetched)
    if head is not None and head not in ancestry.line(fetched.snapshot):
        raise diverged(remote, branch, fetched.ahead, fetched.behind)
    return Pulled(fetched, follow(store, folder, fetched.snapshot, author=author, progress=progress, record=record))


def follow(
    store: Store,
    folder: Path,
    snapshot: str,
    *,
    author: str | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
) -> RollbackResult:
    """Bring a folder without changes to a snapshot (its whole id) that comes after HEAD, or an empty one to any; moves HEAD and ``latest``.

    Raises Conflict (file-changed) where the folder has changes, and as rollback does.
    """
    progress = progress or Silent()
    with store.measure() as measure:
        survey = Survey(store, folder, measure, progress, lasting=False, head=head_of(store))
        if not survey.same if survey.head is not None else survey.entries:
            raise Conflict(f"{folder} has changes that no snapshot holds.", hint="Take a snapshot first; then run the same command again.")

    def move(transaction: Transaction, ids: tuple[str, ...]) -> None:
        transaction.set_tag(LATEST, ids[0])
        if record is not None:
            record(transaction, ids)

    return apply(store, folder, snapshot, author=author, progress=progress, record=move)


def bring(store: Store, snapshots: Sequence[str], progress: Progress | None = None) -> None:
    """Have all content of these snapshots (whole ids) here, the first named first. Raises as reading it would."""
    seen: set[str] = set()
    for digest in snapshots:
        roots = {entry.root for entry in read_files(store, read_snapshot(store, digest)) if entry.kind == "file"} - seen
        store.bring(sorted(roots), progress or Silent())
        seen |= roots
