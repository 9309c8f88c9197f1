"""Status, differences and rollbacks as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from jupyter_kit.compare.changes import (
    CellChange,
    Change,
    ChangeKind,
    Changes,
    Diff,
    FileDiff,
    FileFacts,
    NotebookDiff,
    RemoteState,
    Status,
    TableDiff,
    TensorChange,
    TensorsDiff,
    TextDiff,
)
from jupyter_kit.frontends.render.lines import Line, Part, Style, View, table
from jupyter_kit.frontends.render.sorts import grouped
from jupyter_kit.frontends.render.words import clip, duration, first_line, number, plural, size, when
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult, RollbackStep
from jupyter_kit.snapshot.snapshot import SHORT_ID

KINDS: dict[ChangeKind, Style] = {"added": "added", "modified": "changed", "renamed": "changed", "mode": "changed", "removed": "removed"}
"""The colour of each kind of change, in the order in which they are counted."""

SAME_NOTEBOOK = "nothing but execution counts, timings or layout"

HEADERS = ("--- a/", "+++ b/")
"""How the lines begin that name the file of a text diff."""

MARKS: dict[str, Style] = {"+": "added", "-": "removed", "@": "id"}
"""The colour of a line of a unified diff, by its first character."""


def is_id(name: str) -> bool:
    """A full id: a sha256 in hexadecimal. No tag is as long and made of these digits alone."""
    return len(name) == 64 and not name.strip("0123456789abcdef")


def short(name: str) -> str:
    """An id as people type it; other names as they are."""
    return name[:SHORT_ID] if is_id(name) else name


def tag_parts(tags: Iterable[str]) -> list[Part]:
    """Tags in their colour, each after two blanks."""
    return [("  " + tag, "tag") for tag in tags]


def counted(changes: Changes) -> str:
    """``2 modified, 1 added``."""
    counts = changes.counts
    return ", ".join(f"{counts[kind]:,} {kind}{' changed' if kind == 'mode' else ''}" for kind in KINDS if kind in counts)


def measure(change: Change) -> str:
    """What a change does to a file, in a few words: sizes, and how much of it the store does not have yet."""
    if change.kind == "mode":
        return f"{change.old_mode or 0:o} \u2192 {change.new_mode or 0:o}"
    if change.kind == "renamed":
        return f"from {change.old_path or ''}"
    entries = [entry for entry in (change.old_entry, change.new_entry) if entry]
    if set(entries) - {"file"}:
        return " \u2192 ".join(dict.fromkeys(entries))
    old = "" if change.old_size is None else size(change.old_size)
    new = "" if change.new_size is None else size(change.new_size)
    words = f"{old} \u2192 {new}" if old and new and old != new else new or old
    return f"{words}, {size(change.new_bytes)} new" if change.new_bytes and change.new_bytes != change.new_size else words


def change_rows(changes: Iterable[Change]) -> list[tuple[Part, ...]]:
    """A row a change: kind, path, measure."""
    return [((change.kind, KINDS[change.kind]), change.path, (measure(change), "quiet")) for change in changes]


def cut_table(rows: Sequence[Sequence[Part]], view: View) -> list[Line]:
    """A table of at most ``view.rows`` rows, and a line that counts the rest."""
    shown, rest = _cut(rows, view)
    return [*table(shown), *rest]


def _cut(rows: Sequence[Sequence[Part]], view: View) -> tuple[Sequence[Sequence[Part]], list[Line]]:
    """The rows that are shown, and the line that counts the others. One row is not worth such a line."""
    if not view.rows or len(rows) <= view.rows + 1:
        return rows, []
    return rows[: view.rows], [("  ", (f"\u2026 and {len(rows) - view.rows:,} more", "quiet"))]


def change_groups(changes: Changes, view: View) -> list[Line]:
    """Changes under the sort of their files, all in the same columns."""
    parts = {sort: _cut(change_rows(found), view) for sort, found in grouped(changes).items()}
    aligned = iter(table([row for shown, _ in parts.values() for row in shown]))
    lines: list[Line] = []
    for sort, (shown, rest) in parts.items():
        lines += [(), ((sort, "strong"),), *islice(aligned, len(shown)), *rest]
    return lines


def status(value: Status, view: View) -> list[Line]:
    """``status``: where the workspace stands, what differs, what is left out."""
    lines: list[Line] = []
    if value.head is None:
        lines.append((("No snapshot yet. ", "strong"), f"{plural(len(value.changes), 'file')} here would be in the first."))
    else:
        lines.append(
            ("On ", (short(value.head), "id"), *tag_parts(value.head_tags), "  ", (when(value.head_created or "", view.now), "quiet"))
        )
        message = first_line(value.head_message or "")
        if message:
            lines.append(("  ", clip(message, view.width and view.width - 2)))
        lines.append(())
        if value.clean:
            lines.append((("Nothing has changed since.", "good"),))
        else:
            new = sum(change.new_bytes or 0 for change in value.changes)
            lines.append((f"Changed since: {counted(value.changes)}", (f"  ({size(new)} new)" if new else "", "quiet")))
    lines += change_groups(value.changes, view)
    if value.remotes:
        lines += [(), *[(remote_words(state), (hint, "quiet")) for state in value.remotes for hint in [_sync_hint(state, view)]]]
    if value.skipped:
        lines += [(), (("left out", "strong"),)]
        lines += cut_table([(path, (reason, "quiet")) for path, reason in value.skipped], view)
    if value.pending_metrics:
        lines += [(), ("Noted for the next snapshot: ", _metrics(value.pending_metrics))]
    if value.changes:
        lines += [(), ((f'Keep this state: {view.program} snapshot -m "\u2026"', "quiet"),)]
    return lines


def remote_words(state: RemoteState) -> str:
    """How this workspace and a branch of a remote stood to each other at the last contact."""
    ahead, behind = f"{plural(state.ahead, 'snapshot')} ahead", f"{state.behind:,} behind"
    where = f"{ahead}, {behind}" if state.ahead and state.behind else ahead if state.ahead else behind if state.behind else "level"
    return f"{state.remote} ({state.branch}): {where}"


def _sync_hint(state: RemoteState, view: View) -> str:
    return f"  {view.program} sync {state.remote}" if state.ahead or state.behind else ""


def _metrics(metrics: dict[str, float]) -> str:
    return "  ".join(f"{name} {number(value)}" for name, value in metrics.items())


def diff(value: Diff, view: View) -> list[Line]:
    """``diff``: the list of changes, then each file's own."""
    lines: list[Line] = [("From ", (short(value.before), "id"), " to ", (short(value.after), "id"))]
    if not value.changes:
        return [*lines, ("Nothing differs.",)]
    lines += [(counted(value.changes),), (), *cut_table(change_rows(value.changes), view)]
    for file in filter(worth_telling, value.files):
        lines += [(), *file_difference(file)]
    return lines


def file_difference(file: FileDiff) -> list[Line]:
    """One file's own difference: its lines, its cells, or facts."""
    heading: Line = ((file.path, "strong"),)
    if isinstance(file, TextDiff):
        return unified(file.lines, indent="") or [heading]
    if isinstance(file, NotebookDiff):
        lines: list[Line] = [heading]
        if file.metadata:
            lines.append(("  ", (file.metadata, "quiet")))
        for cell in file.cells:
            lines += _cell(cell)
        return lines if file.cells or file.metadata else [heading, ("  ", (SAME_NOTEBOOK, "quiet"))]
    if isinstance(file, TensorsDiff):
        rows: list[tuple[Part, ...]] = [
            ((tensor.kind, KINDS[tensor.kind]), tensor.name, (tensor_measure(tensor), "quiet")) for tensor in file.tensors
        ]
        return [heading, *table(rows), ("  ", (tensors_left(file), "quiet"))]
    if isinstance(file, TableDiff):
        columns: list[Line] = [(("  column ", "quiet"), (words, KINDS[kind])) for kind, words in column_words(file)]
        return [heading, ("  ", (table_size(file), "quiet")), *columns, *unified(file.lines[2:], indent="  ")]
    return [heading, ("  ", (facts_of(file), "quiet"))]


def tensor_measure(tensor: TensorChange) -> str:
    """``F32 [512, 256], 12 of 524 kB changed``, and from what to what where type or shape differ."""
    sides = [(tensor.old_dtype, tensor.old_shape), (tensor.new_dtype, tensor.new_shape)]
    forms = dict.fromkeys(f"{dtype} [{', '.join(map(str, shape))}]" for dtype, shape in sides if dtype is not None and shape is not None)
    form = " \u2192 ".join(forms)
    whole = tensor.new_size if tensor.new_size is not None else tensor.old_size
    if tensor.changed_bytes is None:
        return f"{form}, {size(whole or 0)}"
    return f"{form}, {size(tensor.changed_bytes)} of {size(whole or 0)} changed"


def tensors_left(file: TensorsDiff) -> str:
    """What is left to say of a file of tensors: how many are the same."""
    return ", ".join(filter(None, (f"{plural(file.same, 'tensor')} as before", file.metadata)))


def column_words(file: TableDiff) -> list[tuple[ChangeKind, str]]:
    """What became of each column that differs: ``age changed in 12 rows``."""
    return [
        (
            column.kind,
            f"{column.name} {column.kind}"
            if column.changed_rows is None
            else f"{column.name} changed in {plural(column.changed_rows, 'row')}",
        )
        for column in file.changed_columns
    ]


def table_size(file: TableDiff) -> str:
    """``200 → 220 rows, 4 columns``."""
    rows = [f"{count:,}" for count in (file.old_rows, file.new_rows) if count is not None]
    return " \u2192 ".join(dict.fromkeys(rows)) + f" rows, {plural(file.columns, 'column')}"


def worth_telling(file: FileDiff) -> bool:
    """Whether a file's own part of a diff says more than the list of changes: facts do where something of two versions is shared."""
    return not isinstance(file, FileFacts) or (None not in (file.old_size, file.new_size) and file.shared_bytes != file.new_size)


def facts_of(file: FileFacts) -> str:
    """What is known of a file that cannot be shown: ``14.2 MB → 15 MB, 13.9 MB of it as before``."""
    return f"{size(file.old_size or 0)} \u2192 {size(file.new_size or 0)}, {size(file.shared_bytes)} of it as before"


def unified(lines: Iterable[str], *, indent: str) -> list[Line]:
    """Lines of a unified diff in their colours, the file's name among them."""
    painted: list[Line] = []
    for line in lines:
        style: Style = "strong" if line.startswith(HEADERS) else MARKS.get(line[:1], "plain")
        painted.append((indent, (line, style)))
    return painted


def cell_heading(cell: CellChange) -> tuple[str, Style]:
    """``cell 3 (code) modified``; positions count from 1, as a person does."""
    position = cell.after if cell.after is not None else cell.before
    moved = cell.kind == "moved" and cell.before is not None
    origin = f" from place {cell.before + 1}" if moved and cell.before is not None else ""
    style: Style = cell.kind if cell.kind in {"added", "removed"} else "changed"
    return f"cell {(position or 0) + 1} ({cell.cell_type}) {cell.kind}{origin}", style


def _cell(cell: CellChange) -> list[Line]:
    lines: list[Line] = [("  ", cell_heading(cell)), *unified(cell.source, indent="    ")]
    lines += [("    ", (note, "quiet")) for note in (cell.outputs, cell.metadata) if note]
    return lines


def step_word(step: RollbackStep) -> str:
    """What a step does, in a word."""
    return "replace" if step.action == "write" and step.exists else step.action


def step_size(step: RollbackStep) -> str:
    """How much is written or deleted; nothing where that is not what matters."""
    return size(step.size) if step.action == "write" or (step.action == "delete" and step.size) else ""


def step_row(step: RollbackStep) -> tuple[Part, ...]:
    """A row a step: what is done, to which path, and how large it is."""
    style: Style = "removed" if step.action == "delete" else "changed" if step.exists else "added"
    return ((step_word(step), style), step.path, (step_size(step), "quiet"))


def plan_sentence(plan: RollbackPlan) -> str:
    """What a rollback comes to, in one sentence without an end."""
    return f"{plural(plan.written, 'path')} written ({size(plan.bytes)}), {plan.deleted:,} deleted, {plan.kept:,} already right"


def rollback_plan(plan: RollbackPlan, view: View) -> list[Line]:
    """``rollback --dry-run``, and what is shown before asking."""
    heading: Line = ("To go back to ", (short(plan.snapshot), "id"), f": {plan_sentence(plan)}")
    if not plan.steps:
        return [("Everything already is as in ", (short(plan.snapshot), "id"), "."), *_left(plan, view)]
    return [heading, (), *cut_table([step_row(step) for step in plan.steps], view), *_left(plan, view)]


def _left(plan: RollbackPlan, view: View) -> list[Line]:
    if not plan.left:
        return []
    return [(), (("stays as it is", "strong"),), *cut_table([(left.path, (left.reason, "quiet")) for left in plan.left], view)]


def rollback_result(value: RollbackResult, view: View) -> list[Line]:
    """``rollback``: what was done and how to undo it."""
    told = plan_sentence(value.plan) if value.plan.steps else "every file already was as it is there"
    lines: list[Line] = [(("Back at ", "good"), (short(value.plan.snapshot), "id"), f": {told}, {duration(value.seconds)}")]
    if value.undo and value.plan.steps:
        lines.append((f"Undo: {view.program} rollback {short(value.undo)}",))
    return [*lines, *_left(value.plan, view)]
