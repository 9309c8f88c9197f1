"""What was measured, beside what is to be reached."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

Unit = Literal["s", "bytes", "events/s", "GB/s"]

OURS = "jupyter-kit"

BYTES = ((2**30, "GiB", 2), (2**20, "MiB", 1), (2**10, "KiB", 1), (1, "B", 0))
"""How many bytes are shown: from which size on, in which unit, with how many digits behind the point."""


@dataclass(frozen=True)
class Goal:
    """``limit`` is the largest ratio of ours to the peer's median; without a peer, the largest median of ours, in its unit."""

    benchmark: str
    work: str
    peer: str | None
    limit: float


GOALS = (
    Goal("first", "first snapshot", "cp+fsync", 1.3),
    Goal("first", "first snapshot", "borg", 0.5),
    Goal("first", "first snapshot", "restic", 0.5),
    Goal("first", "first snapshot", "dvc", 1.0),
    Goal("unchanged-large", "nothing changed, beyond start-up", None, 0.1),
    Goal("changed", "10 % of tensors changed", "borg", 0.25),
    Goal("changed", "growth of the store", "changed bytes", 1.1),
    Goal("rollback", "file gone, all written", "cp+fsync", 1.3),
    Goal("rollback", "10 % differs", "cp+fsync", 1.3),
    Goal("unchanged-many", "nothing changed, beyond start-up", "git status", 1.5),
    Goal("small", "add all", "restic", 1.0),
    Goal("small", "add 5 % changed", "restic", 1.0),
    Goal("small", "roll all back", "git", 1.0),
    Goal("status", "status", None, 0.30),
    Goal("status", "status --json", None, 0.30),
    Goal("notebook", "stored", "git gc --aggressive", 1.0),
    Goal("notebook", "stored", "borg zstd,1", 0.25),
    Goal("notebook", "stored", "restic auto", 0.25),
    Goal("csv", "stored, both versions", "borg zstd,1", 1.0),
    Goal("bf16", "stored, both versions", "borg", 1.0),
    Goal("bf16", "stored, both versions", "borg zstd,1", 1.0),
    *(Goal("memory", f"{verb} of {size} GiB, peak", None, 250 * 2**20) for verb in ("snapshot", "rollback") for size in (1, 4, 16)),
    Goal("pack", "seconds a GB, beyond start-up", None, 1 / 1.2),
    Goal("pack", "pack all, extra disk", "packed bytes", 0.01),
    Goal("pack", "again, beyond start-up", "pack all", 0.05),
    Goal("pack", "one small file changed", "kit", 0.05),
    *(Goal(verb, "all layers", peer, 1.0) for verb in ("push", "pull") for peer in ("kit", "skopeo")),
    Goal("sync", "1 % changed", "pushing the layer", 0.1),
    Goal("sync", "1 % changed, bytes on the wire", "changed bytes", 1.1),
    Goal("one-file", "one file, bytes on the wire", None, 12 * 10**6),
    Goal("parallel", "push of 8 layers", "one at a time", 1.0),
    Goal("parallel", "pull of 8 layers", "one at a time", 1.0),
    *(Goal(name, "peak memory", None, 250 * 2**20) for name in ("pack", "push", "pull", "sync", "one-file", "parallel")),
    *(Goal("kit-read", work, "plain file", 2.0) for work in ("all at once", "64 MiB at a time")),
    Goal("server-loop", "snapshot of the model", None, 0.05),
    Goal("panel", "history shown after the lab", None, 1.0),
    Goal("panel", "5 MB notebook compared", None, 2.0),
    Goal("panel", "start of the lab, grown by", None, 0.1),
    Goal("panel", "code read at the start, gzipped", None, 60_000),
    Goal("growth", "snapshot with long history", "short history", 1.15),
    Goal("scale", "snapshot, seconds a GiB, largest file", "smallest file", 1.25),
    Goal("scale", "rollback, seconds a GiB, largest file", "smallest file", 1.25),
)
"""Goals of the project, all as upper limits: "twice as fast as" is a ratio of 0.5. The last two allow for noise of measuring."""


@dataclass
class Series:
    """All samples of one work by one tool."""

    benchmark: str
    work: str
    tool: str
    unit: Unit
    samples: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.samples)


@dataclass(frozen=True)
class Row:
    """One line of a table: ours beside one peer, or alone."""

    benchmark: str
    work: str
    unit: Unit
    ours: float | None
    peer: str | None
    theirs: float | None
    goal: float | None

    @property
    def ratio(self) -> float | None:
        return self.ours / self.theirs if self.ours is not None and self.theirs else None

    @property
    def reached(self) -> bool | None:
        """None where there is no goal, or nothing of ours to hold against it."""
        measured = self.ratio if self.peer else self.ours
        return None if self.goal is None or measured is None else measured <= self.goal


class Report:
    """Collects samples and makes tables of them."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str], Series] = {}
        self.notes: list[str] = []

    def record(self, benchmark: str, work: str, tool: str, value: float, unit: Unit = "s") -> None:
        """Add one sample."""
        self._series.setdefault((benchmark, work, tool), Series(benchmark, work, tool, unit)).samples.append(value)

    def samples(self, benchmark: str, work: str, tool: str) -> list[float]:
        """Samples in the order they were recorded; none where nothing was."""
        series = self._series.get((benchmark, work, tool))
        return series.samples[:] if series else []

    def rows(self, benchmark: str) -> Iterator[Row]:
        """Ours beside each peer, in the order of measuring."""
        measured = [series for series in self._series.values() if series.benchmark == benchmark]
        for work in dict.fromkeys(series.work for series in measured):
            tools = {series.tool: series for series in measured if series.work == work}
            unit = next(iter(tools.values())).unit
            ours = tools[OURS].median if OURS in tools else None
            goals = {goal.peer: goal.limit for goal in GOALS if (goal.benchmark, goal.work) == (benchmark, work)}
            if None in goals or tools.keys() == {OURS}:
                yield Row(benchmark, work, unit, ours, None, None, goals.get(None))
            for tool, series in tools.items():
                if tool != OURS:
                    yield Row(benchmark, work, unit, ours, tool, series.median, goals.get(tool))

    def table(self, benchmark: str) -> str:
        """One benchmark as text. Ratios are ours to the peer's: below 1 is less time, or fewer bytes."""
        heads = ("", "jupyter-kit", "n", "peer", "peer's", "ratio", "goal", "")
        lines = [heads]
        for row in self.rows(benchmark):
            goal = "" if row.goal is None else f"≤ {row.goal:g}" if row.peer else f"≤ {shown(row.goal, row.unit)}"
            count = self._series.get((benchmark, row.work, OURS)) or self._series[benchmark, row.work, row.peer or ""]
            lines.append(
                (
                    row.work,
                    shown(row.ours, row.unit),
                    str(len(count.samples)),
                    row.peer or "",
                    shown(row.theirs, row.unit),
                    "" if row.ratio is None else f"{row.ratio:.2f}",
                    goal,
                    "" if row.reached is None else "reached" if row.reached else "MISSED",
                )
            )
        widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
        text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines)
        return f"{benchmark}\n{text}"

    def write_json(self, path: Path, machine: dict[str, str]) -> None:
        """Machine, every sample, every row and the notes."""
        rows = [asdict(row) | {"ratio": row.ratio, "reached": row.reached} for name in self.benchmarks for row in self.rows(name)]
        document = {"machine": machine, "rows": rows, "series": [asdict(series) for series in self._series.values()], "notes": self.notes}
        path.write_text(json.dumps(document, indent=1) + "\n")

    @property
    def benchmarks(self) -> list[str]:
        """Names of all benchmarks with samples, in the order of measuring."""
        return list(dict.fromkeys(series.benchmark for series in self._series.values()))


def shown(value: float | None, unit: Unit) -> str:
    """A value as people read it: three digits and a unit."""
    if value is None:
        return "-"
    if unit == "bytes":
        size, name, digits = next(form for form in BYTES if value >= form[0] or form[0] == 1)
        return f"{value / size:.{digits}f} {name}"
    digits = 3 if value < 1 else 2 if value < 100 else 0
    return f"{value:.{digits}f} {unit}"
