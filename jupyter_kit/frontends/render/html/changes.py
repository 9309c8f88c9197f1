"""Status, differences and rollbacks as HTML."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from jupyter_kit.compare.changes import (
    CellChange,
    Change,
    Changes,
    Diff,
    FileDiff,
    FileFacts,
    NotebookDiff,
    Status,
    TableDiff,
    TensorsDiff,
    TextDiff,
)
from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html.page import LINE_END, Markup, joined, table, tag
from jupyter_kit.frontends.render.sorts import grouped
from jupyter_kit.frontends.render.text.changes import (
    HEADERS,
    KINDS,
    SAME_NOTEBOOK,
    cell_heading,
    column_words,
    counted,
    facts_of,
    measure,
    plan_sentence,
    remote_words,
    short,
    step_size,
    step_word,
    table_size,
    tensor_measure,
    tensors_left,
    worth_telling,
)
from jupyter_kit.frontends.render.words import clock, duration, first_line, number, plural, size
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult

ROWS_SHOWN = 100
"""Rows of one table: a notebook keeps what it shows, and nobody reads more."""

LINES_SHOWN = 400
"""Lines of one file's diff, for the same reason."""


def tags_of(names: Iterable[str]) -> Markup:
    """Tags as small labels."""
    return joined(tag("span", name, kind="tag") for name in names)


def cut_table(rows: Sequence[Sequence[str | None]], *, header: Sequence[str] = (), numbers: Sequence[int] = ()) -> Markup:
    """A table of at most ROWS_SHOWN rows, and a line that counts the rest."""
    rest = len(rows) - ROWS_SHOWN
    if rest <= 1:
        return table(rows, header=header, numbers=numbers)
    return joined([table(rows[:ROWS_SHOWN], header=header, numbers=numbers), tag("div", f"\u2026 and {rest:,} more", kind="quiet")])


def change_table(changes: Iterable[Change]) -> Markup:
    """A row a change: kind, path, measure."""
    return cut_table([_change_row(change) for change in changes])


def _change_row(change: Change) -> tuple[Markup, ...]:
    return tag("span", change.kind, kind=KINDS[change.kind]), tag("code", change.path), tag("span", measure(change), kind="quiet")


def groups(changes: Changes) -> Markup:
    """Changes under the sort of their files."""
    return joined(joined([tag("h4", sort), change_table(found)]) for sort, found in grouped(changes).items())


def left_out(skipped: Sequence[tuple[str, str]]) -> Markup | None:
    """Paths that are in no snapshot, and why."""
    if not skipped:
        return None
    rows = [(tag("code", path), tag("span", reason, kind="quiet")) for path, reason in skipped]
    return tag("details", tag("summary", f"{plural(len(skipped), 'path')} left out"), cut_table(rows))


def status(value: Status) -> Markup:
    """``status``."""
    if value.head is None:
        where = tag("div", tag("b", "No snapshot yet. "), f"{plural(len(value.changes), 'file')} here would be in the first.")
        verdict = None
    else:
        taken = tag("span", f" {clock(value.head_created or '')} ", kind="quiet")
        where = tag("div", "On ", tag("code", short(value.head)), taken, tags_of(value.head_tags), first_line(value.head_message or ""))
        new = sum(change.new_bytes or 0 for change in value.changes)
        told = f"Changed since: {counted(value.changes)}" + (f" ({size(new)} new)" if new else "")
        verdict = tag("div", "Nothing has changed since.", kind="good") if value.clean else tag("div", told)
    noted = ", ".join(f"{name} {number(metric)}" for name, metric in value.pending_metrics.items())
    tail = tag("div", f"Noted for the next snapshot: {noted}") if noted else None
    remotes = [tag("div", remote_words(state), kind="quiet") for state in value.remotes]
    return joined([where, verdict, groups(value.changes), *remotes, left_out(value.skipped), tail])


def diff(value: Diff) -> Markup:
    """``diff``: the list of changes, then each file's own, folded where there are many."""
    heading = tag("div", "From ", tag("code", short(value.before)), " to ", tag("code", short(value.after)))
    if not value.changes:
        return joined([heading, tag("div", "Nothing differs.")])
    return joined(
        [
            heading,
            tag("div", counted(value.changes)),
            change_table(value.changes),
            *(file_difference(file) for file in filter(worth_telling, value.files)),
        ]
    )


def file_difference(file: FileDiff) -> Markup:
    """One file's own differences, under its name."""
    heading = tag("h4", tag("code", file.path))
    if isinstance(file, TextDiff):
        headers = 2 if file.lines[:1] and file.lines[0].startswith(HEADERS) else 0  # The heading says already which file it is.
        return joined([heading, unified(file.lines[headers:], cut=file.cut)])
    if isinstance(file, NotebookDiff):
        words = file.metadata if file.cells or file.metadata else SAME_NOTEBOOK
        note = tag("div", words, kind="quiet") if words else None
        return joined([heading, note, *(_cell(cell) for cell in file.cells)])
    if isinstance(file, TensorsDiff):
        rows = [
            (tag("span", tensor.kind, kind=KINDS[tensor.kind]), tag("code", tensor.name), tag("span", tensor_measure(tensor), kind="quiet"))
            for tensor in file.tensors
        ]
        return joined([heading, cut_table(rows), tag("div", tensors_left(file), kind="quiet")])
    if isinstance(file, TableDiff):
        columns = [tag("div", "column ", tag("span", words, kind=KINDS[kind])) for kind, words in column_words(file)]
        return joined([heading, tag("div", table_size(file), kind="quiet"), *columns, unified(file.lines[2:], cut=file.cut)])
    assert isinstance(file, FileFacts)
    return joined([heading, tag("div", facts_of(file), kind="quiet")])


def _more(cut: bool) -> Markup | None:
    return tag("div", "\u2026 too long to show whole", kind="quiet") if cut else None


def _cell(cell: CellChange) -> Markup:
    words, style = cell_heading(cell)
    notes = [tag("div", note, kind="quiet") for note in (cell.outputs, cell.metadata) if note]
    return joined([tag("div", words, kind=style), unified(cell.source) if cell.source else None, *notes])


def unified(lines: Sequence[str], *, cut: bool = False) -> Markup:
    """A unified diff: insertions and deletions tinted, so that colour alone does not carry them. ``cut`` where it was longer."""
    body = joined(_line(line) for line in lines[:LINES_SHOWN])
    return joined([tag("pre", body), _more(cut or len(lines) > LINES_SHOWN)])


def _line(line: str) -> Markup:
    if line.startswith("+"):
        return tag("ins", line, LINE_END)
    if line.startswith("-"):
        return tag("del", line, LINE_END)
    return tag("span", line, LINE_END, kind="quiet" if line.startswith("@@") else "")


def rollback_plan(plan: RollbackPlan) -> Markup:
    """``rollback --dry-run``."""
    if not plan.steps:
        return joined([tag("div", "Everything already is as in ", tag("code", short(plan.snapshot)), "."), _left(plan)])
    rows = [
        (
            tag("span", step_word(step), kind="removed" if step.action == "delete" else "changed"),
            tag("code", step.path),
            step_size(step),
        )
        for step in plan.steps
    ]
    heading = tag("div", "To go back to ", tag("code", short(plan.snapshot)), f": {plan_sentence(plan)}")
    return joined([heading, cut_table(rows, numbers=(2,)), _left(plan)])


def rollback_result(value: RollbackResult) -> Markup:
    """``rollback``: what was done and how to undo it."""
    done = plan_sentence(value.plan) if value.plan.steps else "every file already was as it is there"
    told = f": {done}, {duration(value.seconds)}"
    back = tag("div", tag("span", "Back at ", kind="good"), tag("code", short(value.plan.snapshot)), told)
    way = tag("div", "Undo: ", tag("code", f"{NOTEBOOK} rollback {short(value.undo)}")) if value.undo and value.plan.steps else None
    return joined([back, way, _left(value.plan)])


def _left(plan: RollbackPlan) -> Markup | None:
    rows = [(tag("code", left.path), tag("span", left.reason, kind="quiet")) for left in plan.left]
    return joined([tag("h4", "stays as it is"), cut_table(rows)]) if rows else None
