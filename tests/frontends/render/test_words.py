"""Numbers, times and foreign names as people read them."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.frontends.render import words

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.004, "0.00 s"),
        (0.25, "0.25 s"),
        (3.21, "3.2 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3_840, "1 h 4 min"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert words.duration(seconds) == text


@pytest.mark.parametrize(
    ("before", "text"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(seconds=45), "45 seconds ago"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=5, minutes=59), "5 hours ago"),
        (timedelta(days=6), "6 days ago"),
        (timedelta(days=13), "1 week ago"),
        (timedelta(days=70), "2 months ago"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_ages(before: timedelta, text: str) -> None:
    created = (NOW - before).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert words.ago(created, NOW) == words.when(created, NOW) == text


def test_a_time_ahead_of_the_clock_is_told_as_it_stands() -> None:
    assert words.ago("2026-03-02T12:00:00.000000Z", NOW) == words.clock("2026-03-02T12:00:00.000000Z")


def test_without_a_reader_times_are_absolute() -> None:
    assert words.when("2026-03-01T12:00:00.000000Z", None).startswith("2026-03-0")


def test_counts_and_metrics() -> None:
    assert words.plural(1, "file") == "1 file"
    assert words.plural(1_204, "file") == "1,204 files"
    assert words.plural(2, "thing is", "things are") == "2 things are"
    assert words.number(0.97123456) == "0.971235"
    assert words.signed(0.0034) == "+0.0034"
    assert words.signed(-0.01) == "\u22120.01"


def test_a_message_is_told_by_its_first_line() -> None:
    assert words.first_line("  one\ntwo") == "one …"
    assert words.first_line("one\n") == "one"
    assert words.first_line("") == words.first_line(" \n ") == ""
    assert "\x1b" not in words.first_line("\x1b[2J")


@given(st.text(), st.integers(1, 30))
def test_clipped_text_fits(text: str, width: int) -> None:
    clipped = words.clip(text, width)
    assert words.cells(clipped) <= width
    assert clipped == text or clipped[-1] == "…"
    assert words.clip(text, None) == text


def test_wide_and_combining_characters_take_their_columns() -> None:
    assert words.cells("数据.csv") == 8
    assert words.cells(unicodedata.normalize("NFD", "é")) == 1
    assert words.cells("👩\u200d🔬") == 4
    assert words.pad("数", 4) == "数  "
