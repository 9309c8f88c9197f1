"""Snapshots, the log and tags as HTML."""

from __future__ import annotations

from jupyter_kit.frontends.render.html.changes import cut_table, left_out, tags_of
from jupyter_kit.frontends.render.html.page import Markup, joined, table, tag
from jupyter_kit.frontends.render.text.changes import short
from jupyter_kit.frontends.render.text.history import amounts, earlier_metrics, environment_line, growth, snapshot_facts
from jupyter_kit.frontends.render.words import clock, duration, first_line, number, signed, size
from jupyter_kit.frontends.replies import Log, RemovalPlan, Tagged, Tags
from jupyter_kit.snapshot.snapshot import FileEntry, LogEntry, Snapshot, SnapshotDetail, SnapshotResult


def metrics(values: dict[str, float], before: dict[str, float]) -> Markup | None:
    """Metrics, each with its change against the snapshot before where that had it too."""
    parts: list[str] = []
    for name, value in values.items():
        change = value - before[name] if name in before else 0
        told = f" ({signed(change)})" if change else ""
        parts += [tag("span", f"{name} ", kind="quiet"), tag("b", number(value)), tag("span", told, kind="quiet"), "\u2003"]
    return tag("div", *parts) if parts else None


def snapshot_result(value: SnapshotResult) -> Markup:
    """``snapshot``."""
    heading = tag(
        "div", tag("span", "Kept as ", kind="good"), tag("code", short(value.id)), " ", tags_of(value.tags), first_line(value.message)
    )
    told = tag("div", f"{amounts(value)}; {duration(value.seconds)}", kind="quiet")
    return joined([heading, told, metrics(value.metrics, {}), left_out([(left.path, left.reason) for left in value.skipped])])


def log(value: Log) -> Markup:
    """``log``: a timeline, newest first."""
    if not value.entries:
        return tag("div", "Nothing to list. Take a snapshot: ", tag("code", '%kit snapshot -m "\u2026"'))
    known = {entry.snapshot.id: entry.snapshot for entry in (*value.entries, *([value.before] if value.before else []))}
    older = tag("div", "\u2026 older ones: ", tag("code", "%kit log --all"), kind="quiet") if value.cut else None
    earlier = earlier_metrics(value)
    return joined([tag("ol", *(_log_entry(entry, known, earlier[entry.snapshot.id]) for entry in value.entries)), older])


def _log_entry(entry: LogEntry, known: dict[str, Snapshot], earlier: dict[str, float]) -> Markup:
    snapshot = entry.snapshot
    parent = known.get(snapshot.parents[0]) if snapshot.parents else None
    kind = tag("span", snapshot.kind, kind="tag quiet") if snapshot.kind != "manual" else None
    taken = tag("span", f" {clock(snapshot.created)} ", kind="quiet")
    names = tags_of([*(["HEAD"] if entry.head else []), *entry.tags])
    return tag(
        "li",
        tag("div", tag("b", first_line(snapshot.message) or "no message"), " ", names, kind),
        tag("div", tag("code", snapshot.short), taken, tag("span", growth(snapshot, parent) if snapshot.readable else "", kind="quiet")),
        metrics(snapshot.metrics, earlier),
        kind="head" if entry.head else "",
    )


def snapshot_detail(value: SnapshotDetail) -> Markup:
    """``show``: the record, then the files."""
    snapshot = value.snapshot
    heading = tag("div", tag("b", first_line(snapshot.message) or "no message"), " ", tags_of(value.tags))
    rows = [(tag("span", name, kind="quiet"), told) for name, told in snapshot_facts(snapshot, environment_line(value.environment))]
    files = cut_table([_entry_row(entry) for entry in value.entries], numbers=(1,))
    return joined([heading, tag("code", snapshot.id), table(rows), metrics(snapshot.metrics, {}), files])


def glance(entry: LogEntry, before: dict[str, float]) -> Markup:
    """One snapshot of a list: its record, and its metrics beside those ``before`` it."""
    snapshot = entry.snapshot
    names = tags_of([*(["HEAD"] if entry.head else []), *entry.tags])
    message = [tag("div", line) for line in snapshot.message.strip().splitlines()[1:] if line.strip()]
    rows = [(tag("span", name, kind="quiet"), told) for name, told in (("snapshot", snapshot.short), *snapshot_facts(snapshot, ""))]
    heading = tag("div", tag("b", first_line(snapshot.message) or "no message"), " ", names)
    return joined([heading, *message, table(rows), metrics(snapshot.metrics, before)])


def metrics_compared(before: dict[str, float], after: dict[str, float]) -> Markup | None:
    """Metrics of two versions side by side, with the difference and its direction. Which is better, the reader knows."""
    names = [*before, *(name for name in after if name not in before)]
    if not names:
        return None
    rows = [
        (
            tag("span", name, kind="quiet"),
            number(before[name]) if name in before else "\u2014",
            number(after[name]) if name in after else "\u2014",
            _direction(after[name] - before[name]) if name in before and name in after else "",
        )
        for name in names
    ]
    return table(rows, header=("metric", "before", "after", "difference"), numbers=(1, 2, 3))


def _direction(change: float) -> str:
    mark = "\u25b2" if change > 0 else "\u25bc"
    return f"{signed(change)} {mark}" if change else "none"


def _entry_row(entry: FileEntry) -> tuple[str, str]:
    if entry.kind == "symlink":
        return tag("code", f"{entry.path} \u2192 {entry.target}"), ""
    return tag("code", entry.path), size(entry.size) if entry.kind == "file" else "folder"


def tags(value: Tags) -> Markup:
    """``tag``: every tag and its snapshot."""
    if not value.tags:
        return tag("div", "No tags yet. Give one: ", tag("code", "%kit tag NAME"))
    return table([(tag("span", name, kind="tag"), tag("code", short(snapshot))) for name, snapshot in sorted(value.tags.items())])


def removal_plan(value: RemovalPlan) -> Markup:
    """What ``remove`` shows before it asks."""
    return table([
        (tag("span", "remove", kind="removed"), tag("code", snapshot.short), clock(snapshot.created), first_line(snapshot.message))
        for snapshot in value.snapshots
    ])  # fmt: skip


def tagged(value: Tagged) -> Markup:
    """``tag NAME``: what the tag names now."""
    snapshot = value.entry.snapshot
    return tag("div", tag("span", value.tag, kind="tag"), " is ", tag("code", snapshot.short), " ", first_line(snapshot.message))
