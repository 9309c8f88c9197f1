"""A notebook's change by cell: what was inserted, removed, moved and modified, with source, outputs and metadata apart."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from jupyter_kit.compare.cells import Cell, Notebook, backbone, match_cells, read_notebook
from jupyter_kit.compare.changes import CellChange, NotebookDiff
from jupyter_kit.compare.outputs import excerpt, outputs_line
from jupyter_kit.compare.text import unified

KEYS_NAMED = 6
"""Keys of metadata that are named in one line; the others are only counted."""

CELL_LINES_PLAIN = 1_000
"""Lines of one cell's diff. A cell is rarely longer than a screen."""

TIMINGS = frozenset({"execution", "ExecuteTime", "papermill"})
"""Metadata that JupyterLab, the ExecuteTime extension and papermill write at every run: times, like the execution count, are no change."""

_PLAIN = (str, int, float, type(None))


def notebook_diff(path: str, before: bytes, after: bytes) -> NotebookDiff | None:
    """The change of the notebook at ``path``, or None where either version is no notebook. An absent version is ``b""``.

    Any input is answered in bounded time; what is nested too deep to follow is no notebook.
    """
    try:
        old, new = read_notebook(before), read_notebook(after)
        if old is None or new is None:
            return None
        metadata = list(_metadata_changes(old.metadata, new.metadata))
        if old.version != new.version and old.version and new.version:
            metadata.append(f"nbformat {excerpt(old.version)} → {excerpt(new.version)}")
        return NotebookDiff(path, tuple(_cell_changes(old, new)), _line(metadata))
    except RecursionError:
        return None


def _cell_changes(before: Notebook, after: Notebook) -> Iterator[CellChange]:
    """The cells that differ, in the order of ``after``; a removed cell follows the one it followed."""
    pairs = match_cells(before.cells, after.cells)
    in_place = dict(backbone(pairs))
    partners = {new: old for old, new in pairs}
    matched = dict(pairs)
    position = -1
    removed_after: dict[int, list[int]] = {}
    for old in range(len(before.cells)):
        position = in_place.get(old, position)
        if old not in matched:
            removed_after.setdefault(position, []).append(old)
    for new in range(-1, len(after.cells)):
        if new in partners:
            old = partners[new]
            change = _modification(before.cells[old], after.cells[new], old, new, moved=old not in in_place)
            if change:
                yield change
        elif new >= 0:
            cell = after.cells[new]
            yield CellChange("added", excerpt(cell.cell_type), None, new, _source_diff("", cell.source), outputs_line((), cell.outputs))
        for old in removed_after.get(new, ()):
            cell = before.cells[old]
            yield CellChange("removed", excerpt(cell.cell_type), old, None, _source_diff(cell.source, ""), outputs_line(cell.outputs, ()))


def _modification(before: Cell, after: Cell, old: int, new: int, *, moved: bool) -> CellChange | None:
    """The change of a cell that both sides have; None where it is equal and in its place."""
    source = _source_diff(before.source, after.source)
    outputs = outputs_line(before.outputs, after.outputs)
    metadata = list(_metadata_changes(before.metadata, after.metadata))
    if before.cell_type != after.cell_type:
        metadata.insert(0, f"type {excerpt(before.cell_type)} → {excerpt(after.cell_type)}")
    metadata += [f"attachment {change}" for change in _metadata_changes(before.attachments, after.attachments, depth=0)]
    if not (moved or source or outputs or metadata):
        return None
    return CellChange("moved" if moved else "modified", excerpt(after.cell_type), old, new, source, outputs, _line(metadata))


def _source_diff(before: str, after: str) -> tuple[str, ...]:
    """Unified diff of two sources. Each line counts as ended: whether the last one is means nothing in a cell."""
    if before == after:
        return ()
    old, new = ([line + "\n" for line in source.split("\n")] if source else [] for source in (before, after))
    return unified(old, new, lines_shown=CELL_LINES_PLAIN)[0]


def _metadata_changes(before: Mapping[str, object], after: Mapping[str, object], prefix: str = "", *, depth: int = 1) -> Iterator[str]:
    """What changed by key; ``depth`` levels of keys below are told apart (``language_info.version 3.11.2 → 3.12.1``)."""
    for key in sorted(before.keys() | after.keys()):
        name = prefix + excerpt(key)
        if key in TIMINGS or (key in before and key in after and before[key] == after[key]):
            continue
        if key not in before:
            yield f"{name} added"
            continue
        if key not in after:
            yield f"{name} removed"
            continue
        old, new = before[key], after[key]
        if depth and isinstance(old, dict) and isinstance(new, dict):
            yield from _metadata_changes(old, new, f"{name}.", depth=depth - 1)
        elif isinstance(old, _PLAIN) and isinstance(new, _PLAIN) and _short(old) != _short(new):
            yield f"{name} {_short(old)} → {_short(new)}"
        else:
            yield f"{name} changed"


def _short(value: object) -> str:
    """A plain metadata value, as JSON has it but for the quotes."""
    return excerpt(value if isinstance(value, str) and value else json.dumps(value))


def _line(changes: Sequence[str]) -> str:
    """The first of the changes, and how many more there are."""
    more = [f"{len(changes) - KEYS_NAMED} more"] if len(changes) > KEYS_NAMED else []
    return ", ".join([*changes[:KEYS_NAMED], *more])
