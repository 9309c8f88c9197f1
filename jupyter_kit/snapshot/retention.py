"""Which snapshots prune keeps: a decision about values, with no I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_kit.snapshot.snapshot import Snapshot, SnapshotKind
from jupyter_kit.store.upkeep.reports import Kept

HOUR_DIGITS = len("2026-01-31T12")
"""Characters of an RFC 3339 time that name the hour."""

DAY_DIGITS = len("2026-01-31")
"""Characters of an RFC 3339 time that name the day."""


@dataclass(frozen=True)
class Rules:
    """``last``: so many of the newest stay; ``hourly``, ``daily``: the newest of each of so many hours and days (UTC) that have any.

    ``tagged``: what a tag names stays. ``kind``: the numbers count snapshots of this kind alone, and all others stay. With no number given,
    everything stays.
    """

    last: int | None = None
    hourly: int | None = None
    daily: int | None = None
    tagged: bool = True
    kind: SnapshotKind | None = None

    @property
    def given(self) -> bool:
        """Whether any rule lets a snapshot go."""
        return any(number is not None for number in (self.last, self.hourly, self.daily))


def kept(history: Sequence[Snapshot], tags: Mapping[str, str], rules: Rules) -> list[Kept]:
    """The snapshots that stay and why, newest first. ``history`` is oldest first; ``tags`` maps names to ids.

    What HEAD and latest name always stays.
    """
    reasons: dict[str, list[str]] = {snapshot.id: [] for snapshot in reversed(history)}
    for name, digest in sorted(tags.items()):
        if digest in reasons and (rules.tagged or name in ("HEAD", "latest")):
            reasons[digest].append(name if name in ("HEAD", "latest") else f"tag {name}")
    if not rules.given:
        for found in reasons.values():
            found.append("no rule lets it go")
    newest_first = [snapshot for snapshot in reversed(history) if rules.kind is None or (snapshot.readable and snapshot.kind == rules.kind)]
    for snapshot in history:
        if rules.kind is not None and not snapshot.readable:
            reasons[snapshot.id].append("is damaged, so its kind is not known")
        elif rules.kind not in (None, snapshot.kind):
            reasons[snapshot.id].append(f"is {snapshot.kind}")
    for snapshot in newest_first[: rules.last or 0]:
        reasons[snapshot.id].append(f"last {rules.last}")
    for number, digits, word in ((rules.hourly, HOUR_DIGITS, "hourly"), (rules.daily, DAY_DIGITS, "daily")):
        newest_of: dict[str, str] = {}
        for snapshot in newest_first:
            newest_of.setdefault(snapshot.created[:digits], snapshot.id)
        for digest in list(newest_of.values())[: number or 0]:
            reasons[digest].append(word)
    return [Kept(digest, tuple(found)) for digest, found in reasons.items() if found]
