"""Which snapshot came from which, also through snapshots that were removed from the history since."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_kit.errors import NotFound
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.store.format.schema import ID_LENGTH
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction

_REMOVED = "removed/"
"""Begins the names of the store's values that hold the parents of a removed snapshot, 32 bytes each."""


_LEARNED = "parents/"
"""The same for snapshots that a remote's history had, and this store never."""


def remember_removed(transaction: Transaction, snapshot: str, parents: Iterable[str]) -> None:
    """Keep the parents of a snapshot that leaves the history, so that its children still know where they come from."""
    transaction.set_value(_REMOVED + snapshot, b"".join(map(bytes.fromhex, parents)))


def remember_parents(transaction: Transaction, snapshot: str, parents: Iterable[str]) -> None:
    """Keep what a remote says of a snapshot whose record it no longer has."""
    transaction.set_value(_LEARNED + snapshot, b"".join(map(bytes.fromhex, parents)))


class Ancestry:
    """The parents of every snapshot of one store, as far as it knows them. Each is looked up once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._parents: dict[str, tuple[str, ...]] = {}
        self._listed = set(store.snapshot_ids())

    def is_listed(self, snapshot: str) -> bool:
        """Whether it is in the history, so that its record can be read."""
        return snapshot in self._listed

    def was_removed(self, snapshot: str) -> bool:
        """Whether it was taken out of the history."""
        return snapshot not in self._listed and self._store.value(_REMOVED + snapshot) is not None

    def parents(self, snapshot: str) -> tuple[str, ...]:
        """Empty where the store knows nothing of it. Raises ContentCorrupt, UnsupportedFormat for a record that cannot be read."""
        if snapshot not in self._parents:
            self._parents[snapshot] = self._look_up(snapshot)
        return self._parents[snapshot]

    def _look_up(self, snapshot: str) -> tuple[str, ...]:
        try:
            return read_snapshot(self._store, snapshot).parents
        except NotFound:
            ids = self._store.value(_REMOVED + snapshot) or self._store.value(_LEARNED + snapshot) or b""
            return tuple(ids[at : at + ID_LENGTH].hex() for at in range(0, len(ids), ID_LENGTH))

    def line(self, *snapshots: str) -> tuple[str, ...]:
        """These snapshots and all that came before them, parents first."""
        line: dict[str, None] = {}
        ahead = [(snapshot, False) for snapshot in reversed(snapshots)]
        while ahead:
            snapshot, parents_done = ahead.pop()
            if parents_done:
                line[snapshot] = None
            elif snapshot not in line:
                ahead.append((snapshot, True))
                ahead.extend((parent, False) for parent in reversed(self.parents(snapshot)) if parent not in line)
        return tuple(line)
