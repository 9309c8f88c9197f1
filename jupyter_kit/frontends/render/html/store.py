"""The store, its upkeep and the audit log as HTML."""

from __future__ import annotations

from jupyter_kit.frontends.render.html.changes import cut_table
from jupyter_kit.frontends.render.html.page import Markup, joined, table, tag
from jupyter_kit.frontends.render.text.changes import short
from jupyter_kit.frontends.render.text.store import (
    audit_verdict,
    check_verdict,
    damaged_file,
    event_words,
    facts_rows,
    plan_sentence,
    prune_sentence,
)
from jupyter_kit.frontends.replies import Events
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport, PrunePlan, PruneResult, StoreFacts


def check_report(value: CheckReport) -> Markup:
    """``check``: the verdict first, then each damage with the files it hurts."""
    verdict, style, read = check_verdict(value)
    rows = []
    for damage in value.damage:
        state = tag("span", "mended" if damage.repaired else "damaged", kind="good" if damage.repaired else "bad")
        more = f" and {damage.more_files:,} more" if damage.more_files else None
        rows.append(
            (
                state,
                joined([tag("code", damage.what), " ", damage.reason]),
                joined([*(tag("div", damaged_file(name)) for name in damage.files), more]),
            )
        )
    return joined([tag("div", verdict, kind=style), tag("div", read, kind="quiet"), cut_table(rows) if rows else None])


def prune_plan(plan: PrunePlan) -> Markup:
    """``prune --dry-run``."""
    rows: list[tuple[str, ...]] = [(tag("span", "remove", kind="removed"), tag("code", short(name)), "") for name in plan.remove]
    rows += [("keep", tag("code", short(kept.snapshot)), tag("span", ", ".join(kept.reasons), kind="quiet")) for kept in plan.keep]
    return joined([tag("div", f"To prune: {plan_sentence(plan)}"), cut_table(rows)])


def prune_result(value: PruneResult) -> Markup:
    """``prune``: what went, and what the disk has back."""
    return tag("div", tag("span", "Pruned", kind="good"), f": {prune_sentence(value)}")


def store_facts(value: StoreFacts) -> Markup:
    """``inspect``: the store in numbers."""
    rows = [(tag("span", name, kind="quiet"), told, tag("span", note, kind="quiet")) for name, told, note in facts_rows(value)]
    return joined([tag("div", tag("b", "store "), tag("code", value.folder)), table(rows, numbers=(1,))])


def events(value: Events) -> Markup:
    """``audit``: one event a row."""
    if not value.entries:
        return tag("div", "No such event.")
    rows = [event_words(event, None) for event in value.entries]
    older = tag("div", "\u2026 older ones: raise -n, or audit export", kind="quiet") if value.cut else None
    return joined([older, table(rows, header=("", "time", "who", "verb", "result", "about"), numbers=(0,))])


def audit_report(value: AuditReport) -> Markup:
    """``audit verify``: the verdict, and each problem."""
    verdict, style, read = audit_verdict(value)
    problems = [tag("div", problem) for problem in value.problems]
    return joined([tag("div", verdict, kind=style), tag("div", read, kind="quiet"), *problems])
