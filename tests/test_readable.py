"""Sizes as people read them, and foreign text with nothing in it that a terminal obeys or a reader does not see."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.readable import size, visible


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (9_994, "9.99 kB"),
        (9_995, "10.0 kB"),
        (99_949, "99.9 kB"),
        (99_950, "100 kB"),
        (999_499, "999 kB"),
        (999_500, "1.00 MB"),
        (14_200_000, "14.2 MB"),
        (10**9, "1.00 GB"),
        (2 * 10**12, "2.00 TB"),
        (10**19, "10000 PB"),
    ],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


@given(st.integers(1, 10**17))
def test_a_size_is_within_half_a_percent_of_the_truth(count: int) -> None:
    number, unit = size(count).split()
    assert abs(float(number) * 1000 ** ["B", "kB", "MB", "GB", "TB", "PB"].index(unit) - count) <= count * 0.005


@given(st.text(st.characters()))
def test_what_was_made_visible_is_one_line_and_stays_as_it_is(text: str) -> None:
    shown = visible(text)
    assert len(shown.splitlines()) <= 1
    assert visible(shown) == shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\u202eb\u2066c\u200bd\U000e0041e", "a\\u202eb\\u2066c\\u200bd\\U000e0041e"),
        ("lone \ud800", "lone \\ud800"),
        ("\udcff.txt", "\\xff.txt"),
        ("\x1b[2J\x7f", "\u241b[2J\u2421"),
    ],
)
def test_what_reorders_hides_or_drives_is_named(text: str, shown: str) -> None:
    assert visible(text) == shown


@pytest.mark.parametrize(
    "plain",
    [
        "tab\there",
        "Gr\u00fc\u00dfe, \u6f22\u5b57",
        "\u0928\u092e\u0938\u094d\u0924\u0947 \u0915\u094d\u200d\u0937",
        "\U0001f469\u200d\U0001f52c",
        "non\u00a0breaking",
        "a\u3000b",
    ],
)
def test_what_people_write_stays(plain: str) -> None:
    assert visible(plain) == plain
