"""Tables compared by column and by row."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import ColumnChange, TableDiff
from jupyter_kit.compare.tables import table_diff


def compared(before: str, after: str, path: str = "a.csv") -> TableDiff:
    found = table_diff(path, before.encode(), after.encode())
    assert found is not None
    return found


def test_columns_that_came_went_and_changed() -> None:
    found = compared("id,age,city\n1,30,Rome\n2,40,Oslo\n", "id,country,age\n1,IT,30\n2,NO,41\n")
    assert found.changed_columns == (ColumnChange("added", "country"), ColumnChange("modified", "age", 1), ColumnChange("removed", "city"))
    assert (found.columns, found.old_rows, found.new_rows) == (3, 2, 2)
    assert "-2,40,Oslo" in found.lines


def test_rows_that_came_change_no_column() -> None:
    found = compared("id,age\n1,30\n3,50\n", "id,age\n1,30\n2,40\n3,50\n")
    assert (found.changed_columns, found.old_rows, found.new_rows) == ((), 2, 3)


def test_a_table_that_came_or_went() -> None:
    came, went = compared("", "id,age\n1,30\n"), compared("id,age\n1,30\n", "")
    assert (came.old_rows, came.new_rows, came.columns) == (None, 1, 2)
    assert (went.old_rows, went.new_rows, went.columns) == (1, None, 2)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_what_stands_between_values_is_found(delimiter: str) -> None:
    before, after = "a,b\n1,2\n".replace(",", delimiter), "a,b\n1,3\n".replace(",", delimiter)
    assert compared(before, after).changed_columns == (ColumnChange("modified", "b", 1),)


def test_values_with_line_ends_marks_and_rows_that_are_too_short() -> None:
    found = compared('\ufeffa,b\r\n"x\ny",1\r\n2\r\n', '\ufeffa,b\r\n"x\nz",1\r\n2,\r\n')
    assert (found.changed_columns, found.new_rows) == ((ColumnChange("modified", "a", 1),), 2)


@pytest.mark.parametrize(
    "content", ["1,2\n3,4\n", "a\n1\n", "a,a\n1,2\n", "a,\n1,2\n", "", "just a sentence\n", 'a,b\n"open\n', "a\0,b\n1,2\n"]
)
def test_what_has_no_named_columns_is_no_table(content: str) -> None:
    assert table_diff("a.csv", content.encode(), b"a,b\n1,2\n") is None or not content
    assert table_diff("a.csv", b"\xff", b"a,b\n1,2\n") is None


@given(st.lists(st.lists(st.sampled_from("xy"), min_size=2, max_size=2), max_size=8), st.data())
def test_rows_that_changed_in_place_are_counted_by_column(rows: list[list[str]], data: st.DataObject) -> None:
    changed = [[data.draw(st.sampled_from("xy")) for _ in row] for row in rows]
    before, after = ("a,b\n" + "".join(",".join(row) + "\n" for row in each) for each in (rows, changed))
    found = {column.name: column.changed_rows for column in compared(before, after).changed_columns}
    counts = [sum(old[place] != new[place] for old, new in zip(rows, changed, strict=True)) for place in (0, 1)]
    assert found == {name: count for name, count in zip("ab", counts, strict=True) if count}
