"""What a rollback would do and what it did, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from jupyter_kit.snapshot.snapshot import Skipped

Action = Literal["write", "symlink", "folder", "mode", "delete"]


@dataclass(frozen=True)
class RollbackStep:
    """One path that changes. ``size`` is the file's size afterwards, in bytes; for a deletion, its size now."""

    action: Action
    path: str
    size: int
    exists: bool
    """Something stands at this path now and is replaced, changed or deleted."""


@dataclass(frozen=True)
class RollbackPlan:
    """Everything a rollback would do, in the order it would do it: deletions last.

    ``snapshot`` is the id rolled back to; ``paths`` the files and folders asked for, empty for the whole workspace. ``left`` are paths of
    the snapshot that stay as they are, because something stands there now that no snapshot holds: an ignored file, for example.
    """

    snapshot: str
    paths: tuple[str, ...]
    steps: tuple[RollbackStep, ...]
    kept: int
    """Files that already are as the snapshot has them."""
    left: tuple[Skipped, ...] = ()

    @property
    def written(self) -> int:
        """Number of paths created, replaced or changed."""
        return sum(1 for step in self.steps if step.action != "delete")

    @property
    def deleted(self) -> int:
        """Number of paths removed."""
        return sum(1 for step in self.steps if step.action == "delete")

    @property
    def bytes(self) -> int:
        """Bytes of content to write."""
        return sum(step.size for step in self.steps if step.action == "write")


@dataclass(frozen=True)
class RollbackResult:
    """A rollback that was carried out.

    ``safety`` is the snapshot of the state before that was taken for it; None where a snapshot of that state existed. Rolling back to
    ``undo`` brings that state back: it is one or the other, None only where there was nothing before.
    """

    plan: RollbackPlan
    safety: str | None
    written_bytes: int
    seconds: float
    undo: str | None = None
