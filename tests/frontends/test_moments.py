"""Points in time as people type them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.moments import UNITS, moment

NOW = datetime(2026, 3, 10, 12, 30, 15, tzinfo=timezone.utc)


@pytest.fixture(params=["UTC", "Asia/Kolkata", "America/New_York"], autouse=True)
def zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Zones ahead of and behind UTC, one of them by half an hour."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("now", timedelta()),
        ("2 days ago", timedelta(days=2)),
        ("2 days", timedelta(days=2)),
        ("3h", timedelta(hours=3)),
        ("90 minutes ago", timedelta(minutes=90)),
        ("an hour ago", timedelta(hours=1)),
        ("1.5 hours ago", timedelta(minutes=90)),
        (" A Week AGO ", timedelta(days=7)),
        ("2 months ago", timedelta(days=60)),
        ("1 year ago", timedelta(days=365)),
    ],
)
def test_spans_count_back_from_now(text: str, before: timedelta) -> None:
    assert moment(text, now=NOW) == NOW - before


def test_dates_are_local_and_zones_are_kept() -> None:
    local = datetime(2026, 3, 1).astimezone()
    assert moment("2026-03-01", now=NOW) == local
    assert moment("2026-03-01 14:05", now=NOW) == local + timedelta(hours=14, minutes=5)
    assert moment("2026-03-01T14:05:12.5", now=NOW) == local + timedelta(hours=14, minutes=5, seconds=12.5)
    assert moment("2026-03-01T14:05:12Z", now=NOW) == datetime(2026, 3, 1, 14, 5, 12, tzinfo=timezone.utc)
    assert moment("2026-03-01T14:05+02:00", now=NOW) == datetime(2026, 3, 1, 12, 5, tzinfo=timezone.utc)


def test_days_begin_at_local_midnight() -> None:
    today = moment("today", now=NOW).astimezone()
    yesterday = moment("yesterday", now=NOW).astimezone()
    assert (today.hour, today.minute) == (yesterday.hour, yesterday.minute) == (0, 0)
    assert today.date() - yesterday.date() == timedelta(days=1)
    assert today <= NOW < today + timedelta(days=1)


def test_midnight_holds_where_clocks_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    after_change = datetime(2026, 3, 9, 12, tzinfo=timezone.utc)  # New York's clocks went forward on 8 March 2026.
    assert moment("yesterday", now=after_change).astimezone().hour == 0


def test_the_answer_is_utc() -> None:
    assert all(moment(text).tzinfo is timezone.utc for text in ("now", "today", "1 day ago", "2026-03-01"))


@pytest.mark.parametrize("text", ["", "soon", "2 fortnights ago", "2026-13-01", "days ago", "-1 day", "99999999999 years ago", "1e9 years"])
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        moment(text, now=NOW)
    assert caught.value.hint


@given(st.integers(0, 10_000), st.sampled_from(sorted(UNITS)))
def test_every_unit_counts(count: int, unit: str) -> None:
    try:
        assert moment(f"{count} {unit} ago", now=NOW) == NOW - timedelta(seconds=count * UNITS[unit])
    except InvalidInput:
        assert count * UNITS[unit] > 60_000_000_000  # before the year 1


@given(st.text(max_size=20))
def test_any_text_is_a_time_or_refused(text: str) -> None:
    with suppress(InvalidInput):
        assert moment(text).tzinfo is timezone.utc
