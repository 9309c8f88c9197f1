"""Lines of styled text, plain and coloured."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.frontends.render.lines import CODES, coloured, facts, plain, table
from jupyter_kit.frontends.render.words import cells

PARTS = st.one_of(st.text("ab é数", max_size=8), st.tuples(st.text("ab é数", max_size=8), st.sampled_from(list(CODES))))


@given(st.lists(st.lists(PARTS, max_size=4).map(tuple), max_size=5))
def test_colours_change_nothing_but_colours(lines: list[tuple[str, ...]]) -> None:
    assert [line.rstrip() for line in re.sub(r"\x1b\[[\d;]*m", "", coloured(lines)).split("\n")] == [
        line.rstrip() for line in plain(lines).split("\n")
    ]


@given(st.lists(PARTS, max_size=4).map(tuple))
def test_every_colour_ends_where_it_began(line: tuple[str, ...]) -> None:
    codes = re.findall(r"\x1b\[([\d;]*)m", coloured([line]))
    assert codes[1::2] == ["0"] * (len(codes) // 2)
    assert len(codes) % 2 == 0


@given(st.lists(st.tuples(PARTS, PARTS, PARTS), min_size=1, max_size=5))
def test_columns_are_aligned(rows: list[tuple[str, str, str]]) -> None:
    lines = plain([(*line, "|") for line in table(rows, right=(1,))]).splitlines()
    before = {cells("".join(part if isinstance(part, str) else part[0] for part in line[:-3])) for line in table(rows, right=(1,))}
    assert len(before) == 1, lines


def test_plain_text_has_no_trailing_blanks() -> None:
    assert plain(table([("a", "b", ""), ("long", "c", "d")])) == "  a     b\n  long  c  d\n"
    assert table([]) == []


def test_numbers_are_flush_right() -> None:
    assert plain(table([("a", "1", "x"), ("b", "100", "y")], right=(1,))) == "  a    1  x\n  b  100  y\n"


def test_facts_without_a_value_are_left_out() -> None:
    assert plain(facts([("name", ("Ada",)), ("nothing", ()), ("place", ("London", " (UK)"))])) == "  name   Ada\n  place  London (UK)\n"
