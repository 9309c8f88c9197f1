"""The text of every answer: one table from type to lines, and the shortest form of each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_kit.compare.changes import Diff, Status
from jupyter_kit.errors import KitError
from jupyter_kit.frontends.render.lines import Line, Part, Style, View, table
from jupyter_kit.frontends.render.text import changes, history, store
from jupyter_kit.frontends.render.words import first_line, number, when
from jupyter_kit.frontends.replies import Events, Exported, Log, Made, Noted, RemovalPlan, Removed, Tagged, Tags, Text, Version
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.snapshot import SnapshotDetail, SnapshotResult
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, PrunePlan, PruneResult, StoreFacts


def made(value: Made, view: View) -> list[Line]:
    """``init``: where, and what to do next."""
    return [(("Versions are kept in ", "good"), value.workspace), (f'Next: {view.program} snapshot -m "first"',)]


def removal_plan(value: RemovalPlan, view: View) -> list[Line]:
    """What ``remove`` shows before it asks."""
    rows: list[tuple[Part, ...]] = [
        (("remove", "removed"), (snapshot.short, "id"), (when(snapshot.created, view.now), "quiet"), first_line(snapshot.message))
        for snapshot in value.snapshots
    ]
    return table(rows)


def removed(value: Removed, view: View) -> list[Line]:
    """``remove``: what is gone, and how to get its space back."""
    names = ", ".join(changes.short(name) for name in value.removed)
    space: list[Line] = [((f"Its space comes back with: {view.program} prune", "quiet"),)]
    return [(f"Removed: {names}",), *(space if any(map(changes.is_id, value.removed)) else [])]


def noted(value: Noted, view: View) -> list[Line]:
    """``metric``: what the next snapshot records."""
    if not value.metrics:
        return [(f"No number is noted. Note one: {view.program} metric accuracy=0.9",)]
    return [("Noted for the next snapshot: ", *history.metrics_line(value.metrics, {}))]


def version(value: Version, view: View) -> list[Line]:
    """``version``."""
    return [(f"Jupyter Kit {value.version}", (f"  on Python {value.python}", "quiet"))]


def text(value: Text, view: View) -> list[Line]:
    """``help`` and ``completion``."""
    return [(line,) for line in value.text.splitlines()]


FORMS: dict[type, Callable[[Any, View], list[Line]]] = {
    Status: changes.status,
    Diff: changes.diff,
    RollbackPlan: changes.rollback_plan,
    RollbackResult: changes.rollback_result,
    SnapshotResult: history.snapshot_result,
    SnapshotDetail: history.snapshot_detail,
    Log: history.log,
    Tags: history.tags,
    Tagged: history.tagged,
    CheckReport: store.check_report,
    PrunePlan: store.prune_plan,
    PruneResult: store.prune_result,
    StoreFacts: store.store_facts,
    Events: store.events,
    AuditReport: store.audit_report,
    Exported: store.exported,
    Made: made,
    RemovalPlan: removal_plan,
    Removed: removed,
    Noted: noted,
    Version: version,
    Text: text,
}

BRIEF: dict[type, Callable[[Any], list[str]]] = {
    Status: lambda value: [change.path for change in value.changes],
    Diff: lambda value: [change.path for change in value.changes],
    RollbackPlan: lambda value: [step.path for step in value.steps],
    RollbackResult: lambda value: [step.path for step in value.plan.steps],
    SnapshotResult: lambda value: [value.id],
    SnapshotDetail: lambda value: [entry.path for entry in value.entries],
    Log: lambda value: [entry.snapshot.id for entry in value.entries],
    Tags: lambda value: sorted(value.tags),
    Tagged: lambda value: [value.entry.snapshot.id],
    CheckReport: lambda value: [damage.what for damage in value.damage],
    PrunePlan: lambda value: list(value.remove),
    PruneResult: lambda value: list(value.plan.remove),
    StoreFacts: lambda value: [value.folder],
    Events: lambda value: [event.hash for event in value.entries],
    AuditReport: lambda value: list(value.problems),
    Exported: lambda value: [],
    Made: lambda value: [value.workspace],
    RemovalPlan: lambda value: [snapshot.id for snapshot in value.snapshots],
    Removed: lambda value: list(value.removed),
    Noted: lambda value: [f"{name}={number(metric)}" for name, metric in value.metrics.items()],
    Version: lambda value: [value.version],
    Text: lambda value: value.text.splitlines(),
}
"""What ``--quiet`` prints: ids, names or paths, one a line, for shells."""


def lines(value: object, view: View) -> list[Line]:
    """The text form of an answer."""
    return _form(value)(value, view)


def brief(value: object) -> list[Line]:
    """The shortest form of an answer."""
    return [(line,) for line in _brief(value)(value)]


def kinds() -> list[type]:
    """The type of every answer."""
    # As for the forms below.
    from jupyter_kit.frontends.render.text import modelkits, remotes  # noqa: PLC0415

    return [*FORMS, *modelkits.FORMS, *remotes.FORMS]


def _form(value: object) -> Callable[[Any, View], list[Line]]:
    if type(value) in FORMS:
        return FORMS[type(value)]
    # Imported for such answers only: with them come ModelKits and transfers, which take longer to import than most verbs take.
    from jupyter_kit.frontends.render.text import modelkits, remotes  # noqa: PLC0415

    return {**modelkits.FORMS, **remotes.FORMS}[type(value)]


def _brief(value: object) -> Callable[[Any], list[str]]:
    if type(value) in BRIEF:
        return BRIEF[type(value)]
    # As for the forms.
    from jupyter_kit.frontends.render.text import modelkits, remotes  # noqa: PLC0415

    return {**modelkits.BRIEF, **remotes.BRIEF}[type(value)]


def error(problem: KitError, style: Style = "bad") -> list[Line]:
    """An error: the sentence, with several mistakes each on a line, and the next step on a line of its own."""
    first, *mistakes = problem.message.split("\n  * ")
    told: list[Line] = [(("error: ", style), first), *[(f"  * {mistake}",) for mistake in mistakes]]
    return [*told, ((problem.hint, "quiet"),)] if problem.hint else told
