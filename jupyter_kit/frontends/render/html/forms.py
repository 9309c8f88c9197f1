"""The HTML of every answer: one table from type to form. What has none of its own is shown as its text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_kit.compare.changes import Diff, Status
from jupyter_kit.errors import KitError
from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html import changes, history, store
from jupyter_kit.frontends.render.html.page import LINE_END, Markup, joined, page, tag
from jupyter_kit.frontends.render.lines import View, plain, text_of
from jupyter_kit.frontends.render.text import forms as text
from jupyter_kit.frontends.replies import Events, Log, RemovalPlan, Tagged, Tags
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.snapshot import SnapshotDetail, SnapshotResult
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, PrunePlan, PruneResult, StoreFacts

FORMS: dict[type, Callable[[Any], Markup]] = {
    Status: changes.status,
    Diff: changes.diff,
    RollbackPlan: changes.rollback_plan,
    RollbackResult: changes.rollback_result,
    SnapshotResult: history.snapshot_result,
    SnapshotDetail: history.snapshot_detail,
    Log: history.log,
    Tags: history.tags,
    Tagged: history.tagged,
    RemovalPlan: history.removal_plan,
    CheckReport: store.check_report,
    PrunePlan: store.prune_plan,
    PruneResult: store.prune_result,
    StoreFacts: store.store_facts,
    Events: store.events,
    AuditReport: store.audit_report,
}


def markup(value: object) -> str:
    """The HTML form of an answer, escaped, with its style."""
    form = _form(value)
    if form:
        return page(form(value))
    lines = plain(text.lines(value, View(program=NOTEBOOK))).splitlines()
    if any("  " in line for line in lines):  # Columns, which only hold with letters of one width.
        return page(tag("pre", *(joined([line, LINE_END]) for line in lines)))
    return page(*(tag("div", line) for line in lines))


def error(problem: KitError) -> str:
    """An error where it is no cell's: the sentence, several mistakes each on a line, and the next step."""
    (_, first), *others = [[*map(text_of, line), ""][:2] for line in text.error(problem)]
    heading = tag("div", tag("span", "error: ", kind="bad"), first)
    return page(heading, *(tag("div", words, kind="quiet") for words, _ in others))


def _form(value: object) -> Callable[[Any], Markup] | None:
    if type(value) in FORMS or type(value) in text.FORMS:
        return FORMS.get(type(value))
    # Imported for such answers only, as their texts are.
    from jupyter_kit.frontends.render.html import modelkits, remotes  # noqa: PLC0415

    return {**modelkits.FORMS, **remotes.FORMS}.get(type(value))
