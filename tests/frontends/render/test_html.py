"""The HTML form of every answer: whole, escaped, and readable in both themes."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import Change, Changes, Diff, TextDiff
from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.render.html import forms
from jupyter_kit.frontends.render.html.changes import LINES_SHOWN, ROWS_SHOWN
from jupyter_kit.frontends.render.html.history import metrics_compared
from jupyter_kit.frontends.render.html.page import STYLE, Markup, joined, table, tag
from jupyter_kit.frontends.render.text.forms import FORMS, kinds
from jupyter_kit.frontends.replies import Field, Log, ModelKitList
from jupyter_kit.snapshot.snapshot import LogEntry, unreadable
from tests.frontends.hostile import TERMINAL_DANGERS, hostile
from tests.frontends.samples import ANSWERS, DIFF, DIGEST, HOSTILE, LOG, QUIET_ONES, SUMMARY

OURS = {"style", "div", "span", "code", "pre", "table", "tr", "td", "th", "h4", "b", "ol", "li", "ins", "del", "details", "summary"}
"""Every element that the forms use."""


class Reader(HTMLParser):
    """Reads a page, and fails where an element is not ours, has an attribute other than ours, or is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in OURS
        assert {name for name, _ in attrs} <= {"class", "title"}
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.words.append(data)


def read(markup: str) -> str:
    """The text of a page that is well formed and all ours."""
    reader = Reader()
    reader.feed(markup)
    reader.close()
    assert not reader.open
    return "".join(reader.words)


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES, ids=lambda answer: type(answer).__name__)
def test_every_answer_has_a_form_that_says_something(answer: object) -> None:
    words = read(forms.markup(answer))
    assert words.strip()
    assert "None" not in words


@pytest.mark.parametrize("answer", [hostile(answer) for answer in ANSWERS], ids=lambda answer: type(answer).__name__)
def test_foreign_names_become_no_markup(answer: object) -> None:
    words = read(forms.markup(answer))
    assert not TERMINAL_DANGERS.search(words)
    words.encode()


@given(st.text())
def test_whatever_stands_inside_is_text(text: str) -> None:
    assert "<" not in read(tag("div", text, title=text)).replace(text, "") or "<" in text
    reader = Reader()
    reader.feed(tag("div", text, title=text))
    reader.close()
    assert reader.open == []


def test_markup_is_not_escaped_twice() -> None:
    assert tag("b", tag("i", "&")) == "<b><i>&amp;</i></b>"
    assert joined(["<", None, "", Markup("<br>")]) == "&lt;<br>"
    assert table([("a", "1")], header=("name", "count"), numbers=(1,)).count('class="number"') == 2


def test_colours_come_from_the_theme() -> None:
    rules = STYLE.removeprefix("<style>").removesuffix("</style>")
    fixed = [found for found in re.findall(r"(?<![-\w])color:([^;}]+)", rules) if not found.startswith("var(--jp-")]
    assert not fixed
    assert len(STYLE) < 2_500, "every output of a notebook carries it"


def test_every_class_that_is_used_has_a_style_or_is_plain() -> None:
    used = {name for answer in ANSWERS for names in re.findall(r'class="([^"]+)"', forms.markup(answer)) for name in names.split()}
    assert used - {"plain", "strong", "id"} <= set(re.findall(r"\.([a-z-]+)", STYLE))


def test_a_notebook_does_not_swell() -> None:
    many = Changes(tuple(Change("added", f"{index}.csv", new_size=1) for index in range(10_000)))
    long = TextDiff("a.txt", ("--- a/a.txt", "+++ b/a.txt", *(f"+{index}" for index in range(10_000))), cut=True)
    words = read(forms.markup(Diff("a" * 64, "workspace", many, (long,))))
    assert words.count(".csv") == ROWS_SHOWN
    assert f"… and {10_000 - ROWS_SHOWN:,} more" in words
    assert words.count("\n+") <= LINES_SHOWN
    assert words.count("too long to show whole") == 1


def test_a_long_list_of_modelkits_is_cut_and_counted() -> None:
    many = ModelKitList(tuple(replace(SUMMARY, reference=f"digits:v{index}") for index in range(1_000)))
    words = read(forms.markup(many))
    assert words.count("digits:v") == ROWS_SHOWN
    assert f"… and {1_000 - ROWS_SHOWN:,} more" in words


@pytest.mark.parametrize("kind", [kind for kind in kinds() if kind not in FORMS and kind is not Field], ids=lambda kind: kind.__name__)
def test_what_is_told_of_modelkits_and_remotes_has_a_form_of_its_own(kind: type) -> None:
    found = [answer for answer in ANSWERS if type(answer) is kind]
    assert found
    assert not any("<pre>  " in forms.markup(answer) for answer in found)


def test_a_digest_is_short_and_whole_where_one_points() -> None:
    assert f'<code title="{DIGEST}">{DIGEST[:19]}</code>' in forms.markup(ModelKitList((SUMMARY,)))


def test_lines_of_a_diff_stay_lines_where_the_style_is_taken_away() -> None:
    assert "-rate = 0.1\n+rate = 0.05\n steps = 100\n" in read(forms.markup(DIFF))


def test_a_timeline_marks_where_the_workspace_stands() -> None:
    markup = forms.markup(LOG)
    assert markup.count('<li class="head">') == 1
    assert "(+0.0612)" in read(markup)


def test_what_has_no_form_of_its_own_shows_its_text() -> None:
    without = [answer for answer in ANSWERS if type(answer) not in forms.FORMS]
    assert without
    assert set(forms.FORMS) <= set(FORMS)
    for answer in without:
        assert read(forms.markup(answer)).strip()


def test_an_error_has_its_mistakes_and_its_next_step_each_on_a_line() -> None:
    problem = InvalidInput(f"Two things:\n  * {HOSTILE}\n  * second", hint="Write v1.")
    assert re.fullmatch(r"error: Two things:  \* .*script.*  \* secondWrite v1\.", read(forms.error(problem)).strip(), re.DOTALL)
    assert forms.error(problem).count("<div") == 5


def test_metrics_side_by_side_tell_difference_and_direction() -> None:
    told = metrics_compared({"accuracy": 0.9, "only before": 1, "same": 2}, {"accuracy": 0.8, "same": 2, "<b>": 3})
    assert told
    rows = [re.sub(r"<[^>]*>", "|", row) for row in told.split("</tr>")]
    assert [re.sub(r"\|+", "|", row).strip("|").split("|") for row in rows[1:-1]] == [
        ["accuracy", "0.9", "0.8", "\u22120.1 \u25bc"],
        ["only before", "1", "\u2014"],
        ["same", "2", "2", "none"],
        ["&lt;b&gt;", "\u2014", "3"],
    ]
    assert metrics_compared({}, {}) is None


def test_hostile_text_really_is_hostile() -> None:
    assert sum("&lt;script&gt;" in forms.markup(hostile(answer)) for answer in ANSWERS) > len(ANSWERS) / 2
    with pytest.raises(AssertionError):
        read(f"<div>{HOSTILE}</div>")


def test_the_log_tells_a_damaged_record_and_no_numbers_of_it() -> None:
    told = read(forms.markup(Log((LogEntry(unreadable("d" * 64, "2026-03-01T08:00:00.000000Z"), (), head=False),))))
    assert "jupyter kit remove dddddddddd" in told
    assert "0 files" not in told
