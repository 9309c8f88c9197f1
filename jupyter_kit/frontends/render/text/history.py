"""Snapshots, the log and tags as lines of text."""

from __future__ import annotations

from jupyter_kit.frontends.render.lines import Line, Part, View, facts
from jupyter_kit.frontends.render.text.changes import cut_table, short, tag_parts
from jupyter_kit.frontends.render.words import clip, clock, duration, first_line, number, plural, signed, size, when
from jupyter_kit.frontends.replies import Log, Tagged, Tags
from jupyter_kit.snapshot.snapshot import SHORT_ID, FileEntry, LogEntry, Snapshot, SnapshotDetail, SnapshotResult


def metrics_line(metrics: dict[str, float], before: dict[str, float]) -> list[Part]:
    """Metrics, each with its change against the snapshot before where that had it too."""
    parts: list[Part] = []
    for name, value in metrics.items():
        change = value - before[name] if name in before else 0
        parts += ["  " if parts else "", (name + " ", "quiet"), number(value), (f" ({signed(change)})" if change else "", "quiet")]
    return parts


def snapshot_result(value: SnapshotResult, view: View) -> list[Line]:
    """``snapshot``: what was kept, and what it costs."""
    lines: list[Line] = [(("Kept as ", "good"), (short(value.id), "id"), *tag_parts(value.tags))]
    message = first_line(value.message)
    if message:
        lines.append(("  ", clip(message, view.width and view.width - 2)))
    lines.append(("  ", (f"{amounts(value)}; {duration(value.seconds)}", "quiet")))
    if value.metrics:
        lines.append(("  ", *metrics_line(value.metrics, {})))
    if value.skipped:
        lines += [(), (("left out", "strong"),)]
        lines += cut_table([(left.path, (left.reason, "quiet")) for left in value.skipped], view)
    return lines


def amounts(value: SnapshotResult) -> str:
    """How much was kept, and how much of that the store did not have."""
    kept = f"{plural(value.files, 'file')}, {size(value.bytes)}"
    if value.unchanged:
        return f"{kept}; no file differs from the snapshot before"
    return f"{kept}; {size(value.new_bytes)} new, stored in {size(value.stored_bytes)}"


def earlier_metrics(log: Log) -> dict[str, dict[str, float]]:
    """For each snapshot shown, every metric of its nearest ancestor that has it: a safety snapshot between two trainings hides nothing."""
    before: dict[str, dict[str, float]] = {}
    since: dict[str, dict[str, float]] = {}
    for entry in (*([log.before] if log.before else []), *reversed(log.entries)):
        snapshot = entry.snapshot
        before[snapshot.id] = since.get(snapshot.parents[0], {}) if snapshot.parents else {}
        since[snapshot.id] = before[snapshot.id] | snapshot.metrics
    return before


def growth(snapshot: Snapshot, parent: Snapshot | None) -> str:
    """A snapshot's files and bytes, and by how much they grew or shrank."""
    change = snapshot.bytes - parent.bytes if parent else 0
    told = f" ({'+' if change > 0 else chr(0x2212)}{size(abs(change))})" if change else ""
    return f"{plural(snapshot.file_count, 'file')}, {size(snapshot.bytes)}{told}"


def log(value: Log, view: View) -> list[Line]:
    """``log``: a timeline, newest first."""
    if not value.entries:
        return [(f'Nothing to list. Take a snapshot: {view.program} snapshot -m "\u2026"',)]
    known = {entry.snapshot.id: entry.snapshot for entry in (*value.entries, *([value.before] if value.before else []))}
    earlier = earlier_metrics(value)
    lines: list[Line] = []
    for entry, older in zip(value.entries, [*value.entries[1:], value.before], strict=True):
        lines += _log_entry(entry, older, known, earlier[entry.snapshot.id], view)
    if value.cut:
        lines.append((f"\u2026 older ones: {view.program} log --all",))
    return lines


def _log_entry(entry: LogEntry, older: LogEntry | None, known: dict[str, Snapshot], earlier: dict[str, float], view: View) -> list[Line]:
    snapshot = entry.snapshot
    parent = known.get(snapshot.parents[0]) if snapshot.parents else None
    names: list[Part] = [("  HEAD", "strong")] if entry.head else []
    names += tag_parts(entry.tags)
    names += [(f"  {snapshot.kind}", "quiet")] if snapshot.kind != "manual" else []
    mark: Part = ("\u25cf ", "good") if entry.head else "\u25cb "
    rail: Part = ("\u2502 " if older else "  ", "quiet")
    lines: list[Line] = [(mark, (snapshot.short, "id"), "  ", (when(snapshot.created, view.now), "quiet"), *names)]
    message = first_line(snapshot.message)
    if not snapshot.readable:
        lines.append((rail, (message, "bad")))
    elif message:
        lines.append((rail, clip(message, view.width and view.width - 2)))
    if snapshot.metrics:
        lines.append((rail, *metrics_line(snapshot.metrics, earlier)))
    if snapshot.readable:
        lines.append((rail, (growth(snapshot, parent), "quiet")))
    others = [short(name) for name in snapshot.parents if older is None or name != older.snapshot.id]
    if others:
        lines.append((rail, ("after " + ", ".join(others), "quiet")))
    return lines if older is None else [*lines, (rail,)]


def snapshot_detail(value: SnapshotDetail, view: View) -> list[Line]:
    """``show``: the record, then the files."""
    snapshot = value.snapshot
    lines: list[Line] = [(("snapshot ", "strong"), (snapshot.id, "id"), *tag_parts(value.tags)), ()]
    lines += [("  ", line) for line in snapshot.message.strip().splitlines()]
    lines += [()] if snapshot.message.strip() else []
    rows = [(name, (told,)) for name, told in snapshot_facts(snapshot, environment_line(value.environment))]
    lines += facts([*rows, ("metrics", tuple(metrics_line(snapshot.metrics, {})))])
    return [*lines, (), *cut_table([_entry_row(entry) for entry in value.entries], view)]


def snapshot_facts(snapshot: Snapshot, environment: str) -> list[tuple[str, str]]:
    """What a record says, as names and words, not yet made visible; what it does not say is left out."""
    git = snapshot.git
    told = {
        "taken": f"{clock(snapshot.created)} by {snapshot.author}" + ("" if snapshot.kind == "manual" else f" ({snapshot.kind})"),
        "after": ", ".join(map(short, snapshot.parents)),
        "files": f"{plural(snapshot.file_count, 'file')}, {size(snapshot.bytes)}",
        "notebook": snapshot.notebook or "",
        "git": f"{git.commit[:SHORT_ID]} on {git.branch or 'no branch'}{', with changes' if git.dirty else ''}" if git else "",
        "environment": environment,
    }
    return [(name, words) for name, words in told.items() if words]


def environment_line(document: dict[str, object] | None) -> str:
    """Python, platform and how many distributions, of an environment document."""
    if not document:
        return ""
    installed = document.get("packages")
    packages = plural(len(installed), "package") if isinstance(installed, (dict, list)) else ""
    named = [f"Python {document['python']}" if "python" in document else "", str(document.get("platform", "")), packages]
    return ", ".join(filter(None, named))


def _entry_row(entry: FileEntry) -> tuple[Part, ...]:
    if entry.kind == "symlink":
        return (entry.path, ("", "quiet"), (f"\u2192 {entry.target}", "quiet"))
    measure = size(entry.size) if entry.kind == "file" else "folder"
    return (entry.path, (measure, "quiet"), ("executable" if entry.mode & 0o111 and entry.kind == "file" else "", "quiet"))


def tags(value: Tags, view: View) -> list[Line]:
    """``tag``: every tag and its snapshot."""
    if not value.tags:
        return [(f"No tags yet. Give one: {view.program} tag NAME",)]
    return cut_table([((tag, "tag"), (short(snapshot), "id")) for tag, snapshot in sorted(value.tags.items())], View())


def tagged(value: Tagged, view: View) -> list[Line]:
    """``tag NAME``: what the tag names now."""
    snapshot = value.entry.snapshot
    message = first_line(snapshot.message)
    return [((value.tag, "tag"), " is ", (snapshot.short, "id"), f"  {clip(message, view.width and view.width // 2)}")]
