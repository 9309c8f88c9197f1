"""The store, its upkeep and the audit log as lines of text."""

from __future__ import annotations

from datetime import datetime

from jupyter_kit.frontends.render.lines import Line, Part, Style, View, table
from jupyter_kit.frontends.render.text.changes import cut_table, short
from jupyter_kit.frontends.render.words import duration, plural, size, when
from jupyter_kit.frontends.replies import Events, Exported
from jupyter_kit.snapshot.snapshot import SHORT_ID
from jupyter_kit.store.format.audit import AuditEvent, AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, Damage, PrunePlan, PruneResult, StoreFacts


def check_verdict(value: CheckReport) -> tuple[str, Style, str]:
    """The verdict, its style, and what was read."""
    read = f"{plural(value.snapshots, 'snapshot')}, {plural(value.files, 'file')}, {plural(value.chunks, 'chunk')}, {size(value.bytes)}"
    rebuilt = "; the index was made anew" if value.rebuilt else ""
    read = f"{read} read in {duration(value.seconds)}{rebuilt}"
    if not value.damage:
        return "All that is kept is as it was kept.", "good", read
    mended = sum(damage.repaired for damage in value.damage)
    if value.ok:
        return f"{plural(mended, 'thing was', 'things were')} damaged, and everything could be mended.", "warning", read
    verdict = f"{plural(len(value.damage), 'thing is', 'things are')} damaged" + (f"; {mended:,} could be mended" if mended else "")
    return f"{verdict}.", "bad", read


def check_report(value: CheckReport, view: View) -> list[Line]:
    """``check``: the verdict first, then each damage with the files it hurts."""
    verdict, style, read = check_verdict(value)
    lines: list[Line] = [((verdict, style),), ("  ", (read, "quiet"))]
    lines += [()] if value.damage else []
    for damage in value.damage:
        lines += _damage(damage)
    if not value.ok and not any(damage.repaired for damage in value.damage):
        lines += [(), (f"Mend what the workspace still has: {view.program} check --repair",)]
    return lines


def _damage(damage: Damage) -> list[Line]:
    state: Part = ("mended   ", "good") if damage.repaired else ("damaged  ", "bad")
    lines: list[Line] = [("  ", state, damage.what, (f"  {damage.reason}", "quiet"))]
    lines += [("           ", damaged_file(name)) for name in damage.files]
    return [*lines, ("           ", f"and {damage.more_files:,} more")] if damage.more_files else lines


def damaged_file(name: str) -> str:
    """``SNAPSHOT:PATH`` with the id as people type it."""
    snapshot, colon, path = name.partition(":")
    return f"{short(snapshot)}{colon}{path}"


def plan_sentence(plan: PrunePlan) -> str:
    """What a prune comes to, in one sentence without an end."""
    segments = plural(plan.unlink_segments + plan.rewrite_segments, "segment")
    counts = f"{plural(len(plan.remove), 'snapshot')} removed, {len(plan.keep):,} kept"
    return f"{counts}; {size(plan.dead_bytes)} no longer needed, in {segments}"


def prune_plan(plan: PrunePlan, view: View) -> list[Line]:
    """``prune --dry-run``, and what is shown before asking."""
    rows: list[tuple[Part, ...]] = [(("remove", "removed"), (short(name), "id"), "") for name in plan.remove]
    rows += [("keep", (short(kept.snapshot), "id"), (", ".join(kept.reasons), "quiet")) for kept in plan.keep]
    return [(f"To prune: {plan_sentence(plan)}",), (), *cut_table(rows, view)]


def prune_sentence(value: PruneResult) -> str:
    """What a prune did, in one sentence without an end."""
    removed = plural(len(value.plan.remove), "snapshot")
    return f"{removed} removed, {size(value.freed_bytes)} given back to the disk, {duration(value.seconds)}"


def prune_result(value: PruneResult, view: View) -> list[Line]:
    """``prune``: what went, and what the disk has back."""
    return [(("Pruned", "good"), f": {prune_sentence(value)}")]


def facts_rows(value: StoreFacts) -> list[tuple[str, str, str]]:
    """The store in numbers: name, number, note."""
    saved = f"{value.bytes_on_disk / value.bytes_kept:.1%} of all versions" if value.bytes_on_disk < value.bytes_kept else ""
    return [
        ("format", str(value.format), f"with {', '.join(value.features)}" if value.features else ""),
        ("snapshots", f"{value.snapshots:,}", ""),
        ("files", f"{value.files:,}", "in all snapshots"),
        ("recipes", f"{value.recipes:,}", ""),
        ("blobs", f"{value.blobs:,}", ""),
        ("chunks", f"{value.chunks:,}", f"in {plural(value.segments, 'segment')}"),
        ("events", f"{value.events:,}", ""),
        ("all versions", size(value.bytes_kept), "as they would lie in folders"),
        ("kept once", size(value.bytes_unique), "equal parts shared"),
        ("compressed", size(value.bytes_stored), "as it is stored"),
        ("on disk", size(value.bytes_on_disk), saved),
    ]


def store_facts(value: StoreFacts, view: View) -> list[Line]:
    """``inspect``: the store in numbers, and what sharing and compression save."""
    rows: list[tuple[Part, ...]] = [((name, "quiet"), told, (note, "quiet")) for name, told, note in facts_rows(value)]
    return [(("store ", "strong"), value.folder), (), *table(rows, right=(1,))]


def event_words(event: AuditEvent, now: datetime | None) -> tuple[str, ...]:
    """Number, time, who, verb, result, and on what; not yet made visible."""
    who = event.actor if event.jupyter_user in {None, event.actor} else f"{event.actor} ({event.jupyter_user})"
    about = " ".join(filter(None, [*map(short, event.ids), *event.paths, event.detail]))
    return (str(event.sequence), when(event.time, now), who, event.verb, event.result, about)


EVENT_STYLES: tuple[Style, ...] = ("quiet", "quiet", "plain", "strong", "quiet", "plain")


def event_row(event: AuditEvent, view: View) -> tuple[Part, ...]:
    """A row an event; a result that is not ok stands out."""
    styles = EVENT_STYLES if event.result == "ok" else (*EVENT_STYLES[:4], "bad", "plain")
    return tuple((word, style) for word, style in zip(event_words(event, view.now), styles, strict=True))


def events(value: Events, view: View) -> list[Line]:
    """``audit``: one event a line."""
    if not value.entries:
        return [("No such event.",)]
    lines = table([event_row(event, view) for event in value.entries], indent=0)
    return [(("\u2026 older ones: raise -n, or audit export", "quiet"),), *lines] if value.cut else lines


def audit_verdict(value: AuditReport) -> tuple[str, Style, str]:
    """The verdict, its style, and what was read."""
    head = f", the last one {value.head[:SHORT_ID]}" if value.head else ""
    read = f"{plural(value.events, 'event')} and {plural(value.anchors, 'anchor')} read{head}"
    if value.remote_anchors or value.foreign_anchors:
        read += f"; remotes have {plural(value.remote_anchors, 'anchor')} of this record, {value.foreign_anchors:,} of others"
    if value.ok:
        return "The record is whole: nothing was changed, removed or reordered.", "good", read
    return f"The record does not hold: {plural(len(value.problems), 'problem')}.", "bad", read


def audit_report(value: AuditReport, view: View) -> list[Line]:
    """``audit verify``: the verdict, and each problem."""
    verdict, style, read = audit_verdict(value)
    return [((verdict, style),), ("  ", (read, "quiet")), *[("  ", problem) for problem in value.problems]]


def exported(value: Exported, view: View) -> list[Line]:
    """``audit export``: how much went where."""
    if value.file == "-":
        return []
    return [(f"{plural(value.events, 'event')} written to {value.file}.",)]
