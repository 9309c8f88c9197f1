"""When to try again, and how long to wait: decisions without a clock of their own."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.registry.http.connection import Patience, origin_of
from jupyter_kit.registry.http.waiting import Waiting, pause_seconds, retry_after_seconds

PATIENCE = Patience(attempts=4, first=0.25, longest=20, total=60)
NOW = datetime(2026, 11, 23, 12, 0, 0, tzinfo=timezone.utc)


def test_pauses_double_until_the_tries_are_used_up() -> None:
    assert [pause_seconds(PATIENCE, failures, 0, None) for failures in (1, 2, 3, 4)] == [0.25, 0.5, 1.0, None]


def test_what_the_registry_asks_for_is_waited() -> None:
    assert pause_seconds(PATIENCE, 1, 0, 30) == 30


def test_who_asks_for_too_much_is_not_waited_for() -> None:
    assert pause_seconds(PATIENCE, 1, 0, 61) is None
    assert pause_seconds(PATIENCE, 1, 40, 30) is None


@given(st.integers(1, 100), st.floats(0, 100), st.none() | st.floats(0, 1000), st.floats(0, 1))
def test_all_pauses_together_are_bounded(failures: int, waited: float, asked: float | None, chance: float) -> None:
    pause = pause_seconds(Patience(attempts=50), failures, waited, asked, chance)
    assert pause is None or (pause >= (asked or 0) and waited + pause <= Patience().total)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:09 GMT"}, 9),
        ({"retry-after": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        ({"retry-after": "Tue, 24 Nov 2026 12:00:09 GMT", "date": "Tue, 24 Nov 2026 12:00:00 GMT"}, 9),  # its clock is a day ahead
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "Mon, 23 Nov 2026 12:00:09"}, 9),
        ({"retry-after": "9" * 4000}, 999999999),
    ],
)
def test_retry_after_is_seconds_or_a_date_by_the_hosts_clock(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after_seconds(headers, NOW) == seconds


def test_everybody_waits_for_a_host_that_asked_one() -> None:
    slept: list[float] = []
    waiting = Waiting(PATIENCE, slept.append)
    waiting.hold(origin_of("https://a"), 50)
    waiting.hold(origin_of("https://a"), 5)  # does not shorten what was asked before
    waiting.for_turn(origin_of("https://b"))
    assert not slept
    waiting.for_turn(origin_of("https://a"))
    assert len(slept) == 1
    assert 49 < slept[0] <= 50


def test_progress_gives_new_tries() -> None:
    tries = Waiting(PATIENCE, lambda _: None).tries()
    assert [tries.again() for _ in range(4)] == [True, True, True, False]
    tries.progressed()
    assert tries.again()
