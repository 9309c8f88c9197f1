"""What looking after a store found and did, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Damage:
    """One thing that is not as it was kept.

    ``what`` names it (``chunk 1f2e…``, ``recipe …``, ``tag v1``), ``reason`` says what is wrong, ``files`` are the ``SNAPSHOT:PATH``
    and the parts of ModelKits (``localhost/model:v1 layer 2``) it hurts (at most 20, then a count in
    ``more_files``). ``repaired`` says that ``--repair`` put it right.
    """

    what: str
    reason: str
    files: tuple[str, ...] = ()
    more_files: int = 0
    repaired: bool = False


@dataclass(frozen=True)
class CheckReport:
    """Everything reachable, read and compared. ``bytes`` is the content verified, before compression."""

    snapshots: int
    files: int
    chunks: int
    bytes: int
    seconds: float
    damage: tuple[Damage, ...]
    rebuilt: bool = False
    """The index was made anew from the segments."""
    remote_bytes: int = 0
    """Content that is only on a remote so far, and was not verified."""

    @property
    def ok(self) -> bool:
        """Nothing is damaged, or everything that was has been repaired."""
        return all(damage.repaired for damage in self.damage)


@dataclass(frozen=True)
class Kept:
    """A snapshot that prune keeps, and the rules that keep it (``last 10``, ``tag v1``, ``hourly``)."""

    snapshot: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class PrunePlan:
    """What prune would do. Bytes are on disk, in segments."""

    keep: tuple[Kept, ...]
    remove: tuple[str, ...]
    dead_chunks: int
    dead_bytes: int
    unlink_segments: int
    rewrite_segments: int


@dataclass(frozen=True)
class PruneResult:
    """What prune did. ``freed_bytes`` is how much smaller the store is on disk."""

    plan: PrunePlan
    freed_bytes: int
    seconds: float


@dataclass(frozen=True)
class StoreFacts:
    """The store in numbers.

    ``bytes_kept`` is the size of all files of all snapshots; ``bytes_unique`` what is left of it after deduplication; ``bytes_stored``
    after compression too; ``bytes_on_disk`` what the store's folder takes, index included.
    """

    folder: str
    format: int
    features: tuple[str, ...]
    snapshots: int
    files: int
    blobs: int
    recipes: int
    chunks: int
    segments: int
    events: int
    bytes_kept: int
    bytes_unique: int
    bytes_stored: int
    bytes_on_disk: int
