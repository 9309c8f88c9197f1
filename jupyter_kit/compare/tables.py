"""The change of a table with named columns: a CSV or TSV file whose first line names them.

Rows that begin and end both versions alike are left aside. What is between is compared value by value where it is as long in both: then
rows changed in place. Otherwise rows came or went, and only how many there are is told.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import NamedTuple

from jupyter_kit.compare.changes import ColumnChange, TableDiff
from jupyter_kit.compare.text import text_diff
from jupyter_kit.readable import visible

DELIMITERS = ",;\t|"
"""What stands between values; the one that the first line has most of."""

COLUMNS_MAX = 2_000
"""More are no table that somebody reads; it is compared by lines."""

Row = Sequence[str]


class _Table(NamedTuple):
    names: list[str]
    rows: list[list[str]]


def table_diff(path: str, before: bytes, after: bytes) -> TableDiff | None:
    """The change of a table, or None where either version is none, or has no names. An absent version is ``b""``."""
    text = text_diff(path, before, after)
    if text is None or not (before or after):
        return None
    old = _read(before) if before else None
    new = _read(after) if after else None
    if (before and old is None) or (after and new is None):
        return None
    names = (new or old or _Table([], [])).names
    return TableDiff(
        path,
        tuple(_column_changes(old, new)) if old and new else (),
        len(names),
        len(old.rows) if old else None,
        len(new.rows) if new else None,
        text.lines,
        text.cut,
    )


def _column_changes(old: _Table, new: _Table) -> list[ColumnChange]:
    """Columns that came, that went, and that have other values, in the order of the new version."""
    shared = [name for name in new.names if name in set(old.names)]
    counts = _changed_rows(_values(old, shared), _values(new, shared), len(shared))
    changed = dict(zip(shared, counts, strict=True))
    found = []
    for name in new.names:
        if name not in changed:
            found.append(ColumnChange("added", visible(name)))
        elif changed[name]:
            found.append(ColumnChange("modified", visible(name), changed[name]))
    return [*found, *(ColumnChange("removed", visible(name)) for name in old.names if name not in changed)]


def _values(table: _Table, names: list[str]) -> list[Row]:
    """Each row's values in these columns; empty ones where it is too short."""
    if names == table.names and all(len(row) == len(names) for row in table.rows):
        return list(table.rows)
    places = [table.names.index(name) for name in names]
    return [[row[place] if place < len(row) else "" for place in places] for row in table.rows]


def _changed_rows(old: list[Row], new: list[Row], columns: int) -> list[int]:
    """For each column, in how many rows its value is another; none where rows came or went between those that are equal."""
    counts = [0] * columns
    first, last = 0, 0
    shorter = min(len(old), len(new))
    while first < shorter and old[first] == new[first]:
        first += 1
    while last < shorter - first and old[-1 - last] == new[-1 - last]:
        last += 1
    if len(old) == len(new):
        for before, after in zip(old[first : len(old) - last], new[first : len(new) - last], strict=True):
            if before != after:
                for place in range(columns):
                    counts[place] += before[place] != after[place]
    return counts


def _read(content: bytes) -> _Table | None:
    """Names and rows; None where the first line has no names."""
    text = content.decode("utf-8-sig")
    head = text[: text.find("\n") if "\n" in text else len(text)]
    delimiter = max(DELIMITERS, key=head.count)
    try:
        names, *rows = list(csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (csv.Error, ValueError):
        return None
    named = all(name.strip() and not _is_number(name) for name in names)
    if not named or not 1 < len(names) <= COLUMNS_MAX or len(set(names)) < len(names):
        return None
    return _Table(names, [row for row in rows if row])


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
