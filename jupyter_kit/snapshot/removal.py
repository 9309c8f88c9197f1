"""Taking snapshots and tags out of a history. Content goes with the next prune."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.snapshot.ancestry import remember_removed
from jupyter_kit.snapshot.history import History
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.store.format.tags import HEAD, LATEST, RESERVED
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction


@dataclass(frozen=True)
class Removal:
    """Snapshots (id and parents), the tags that go, and where ``latest`` points afterwards (None: where it does)."""

    snapshots: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tags: tuple[str, ...] = ()
    latest: str | None = None

    @property
    def ids(self) -> tuple[str, ...]:
        """The snapshots' ids."""
        return tuple(digest for digest, _ in self.snapshots)

    def carry_out(self, transaction: Transaction) -> None:
        """Tags first: at no time does one name what is gone."""
        for tag in self.tags:
            transaction.delete_tag(tag)
        if self.latest is not None:
            transaction.set_tag(LATEST, self.latest)
        transaction.remove_snapshots(self.ids)
        for digest, parents in self.snapshots:
            remember_removed(transaction, digest, parents)


def of_tags(store: Store, names: Sequence[str]) -> Removal:
    """Only the tags. Raises NotFound for one that does not exist, InvalidInput for HEAD and latest."""
    tags = store.tags()
    for name in names:
        if name in RESERVED:
            raise InvalidInput(f"The tag “{name}” is moved by snapshot and rollback only.", hint="Name another.")
        if name not in tags:
            raise NotFound(f"There is no tag “{name}”.", hint="Run “jupyter kit tag” to see the tags.")
    return Removal(tags=tuple(dict.fromkeys(names)))


def of_snapshots(store: Store, history: History, ids: Sequence[str]) -> Removal:
    """Snapshots by id, with the tags that name them. Raises Conflict for the one that the workspace stands on.

    One whose record is damaged can go, too: as long as it stays, nothing can be pruned.
    """
    tags = store.tags()
    going = dict.fromkeys(ids)
    if tags.get(HEAD) in going:
        raise Conflict(
            f"The workspace stands on snapshot {tags[HEAD][:10]}, so it stays.",
            hint="Take a new snapshot, or roll back to another one; then remove it.",
        )
    latest = None
    if tags.get(LATEST) in going:
        staying = [digest for digest in store.snapshot_ids() if digest not in going]
        meant = [digest for digest in staying if (read := _read(history, digest)) and read.kind != "safety"]
        latest = (meant or staying)[-1]
    named = tuple(name for name, digest in tags.items() if digest in going and name not in RESERVED)
    parents = ((digest, read.parents if (read := _read(history, digest)) else ()) for digest in going)
    return Removal(tuple(parents), named, latest)


def _read(history: History, digest: str) -> Snapshot | None:
    try:
        return history.read(digest)
    except (ContentCorrupt, NotFound, UnsupportedFormat):
        return None
