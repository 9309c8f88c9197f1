"""Unified diffs of text: exact where they are whole, bounded where they are not, and safe to print always."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare import text
from jupyter_kit.compare.changes import TextDiff
from jupyter_kit.compare.text import text_diff
from jupyter_kit.readable import visible

HUNK = re.compile(r"@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@")


def diff(before: str | bytes, after: str | bytes) -> TextDiff:
    """The diff of two versions of a file that are text."""
    old, new = (side.encode() if isinstance(side, str) else side for side in (before, after))
    found = text_diff("a.txt", old, new)
    assert found is not None
    return found


def body(before: str | bytes, after: str | bytes) -> list[str]:
    """The lines of the diff without its two headers."""
    return list(diff(before, after).lines[2:])


def applied(lines: Sequence[str], before: str) -> str:
    """What a unified diff makes of ``before``, as patch does it; fails where the diff does not fit."""
    old = re.findall(r"[^\n]*\n|[^\n]+", before)
    new: list[str] = []
    position = 0
    left = (0, 0)
    for line, following in zip(lines, [*lines[1:], ""], strict=False):
        hunk = HUNK.fullmatch(line)
        if hunk:
            assert left == (0, 0)
            left = (int(hunk[2] or 1), int(hunk[4] or 1))
            start = int(hunk[1]) - (1 if left[0] else 0)
            new += old[position:start]
            position = start
            assert len(new) == int(hunk[3]) - (1 if left[1] else 0)
        elif not line.startswith("\\"):
            content = line[1:] + ("" if following.startswith("\\") else "\n")
            if line[0] in " -":
                assert old[position] == content
                position += 1
            if line[0] in " +":
                new.append(content)
            left = (left[0] - (line[0] in " -"), left[1] - (line[0] in " +"))
    assert left == (0, 0)
    return "".join(new + old[position:])


class TestExamples:
    def test_a_changed_line_in_its_context(self) -> None:
        before = "".join(f"{number}\n" for number in range(1, 11))
        assert diff(before, before.replace("5\n", "five\n")) == TextDiff(
            "a.txt", ("--- a/a.txt", "+++ b/a.txt", "@@ -2,7 +2,7 @@", " 2", " 3", " 4", "-5", "+five", " 6", " 7", " 8")
        )

    def test_two_hunks_far_apart_one_hunk_close_together(self) -> None:
        lines = [f"{number}\n" for number in range(30)]
        far = ["x\n" if number in {3, 20} else line for number, line in enumerate(lines)]
        close = ["x\n" if number in {3, 10} else line for number, line in enumerate(lines)]
        assert sum(line.startswith("@@") for line in body("".join(lines), "".join(far))) == 2
        assert sum(line.startswith("@@") for line in body("".join(lines), "".join(close))) == 1

    def test_equal_texts_have_no_lines(self) -> None:
        assert diff("same\n", "same\n") == TextDiff("a.txt", ())

    def test_an_absent_version_is_empty(self) -> None:
        assert body("", "a\nb\n") == ["@@ -0,0 +1,2 @@", "+a", "+b"]
        assert body("a\n", "") == ["@@ -1 +0,0 @@", "-a"]

    def test_a_missing_line_end_is_said(self) -> None:
        assert body("a\nb\n", "a\nb") == ["@@ -1,2 +1,2 @@", " a", "-b", "+b", "\\ No newline at end of file"]
        assert body("a\nb", "x\nb") == ["@@ -1,2 +1,2 @@", "-a", "+x", " b", "\\ No newline at end of file"]

    def test_windows_line_ends_are_silent_where_nothing_else_is_and_told_where_they_change(self) -> None:
        assert body("a\r\nb\r\n", "a\r\nc\r\n") == ["@@ -1,2 +1,2 @@", " a", "-b", "+c"]
        assert body("a\n", "a\r\n") == ["@@ -1 +1 @@", "-a", "+a␍"]

    def test_a_byte_order_mark_is_silent_on_both_sides_and_told_on_one(self) -> None:
        assert body(b"\xef\xbb\xbfa\n", b"\xef\xbb\xbfb\n") == ["@@ -1 +1 @@", "-a", "+b"]
        assert body(b"a\n", b"\xef\xbb\xbfa\n") == ["@@ -1 +1 @@", "-a", "+\\ufeffa"]

    @pytest.mark.parametrize("data", [b"\0", b"a\0b", b"\xff\xfea\0", "caf\xe9".encode("latin-1"), b"\xed\xa0\x80", b"\xc0\xaf"])
    def test_what_is_not_utf8_text_is_none(self, data: bytes) -> None:
        assert text_diff("a", data, b"text") is None
        assert text_diff("a", b"text", data) is None

    def test_only_line_feeds_end_lines(self) -> None:
        assert body("a\x0cb\u2028c\n", "a\n") == ["@@ -1 +1 @@", "-a␌b\\u2028c", "+a"]


LINES = st.lists(st.sampled_from(["", "a", "b", "c", "- d", "+ e", " f", "\tg", "é 漢 🙂"]), max_size=30)
TEXTS = st.builds(lambda lines, end: "\n".join(lines) + end, LINES, st.sampled_from(["", "\n"]))


@given(TEXTS, TEXTS)
def test_a_diff_applied_to_before_gives_after(before: str, after: str) -> None:
    assert applied(body(before, after), before) == after


@given(TEXTS, st.lists(st.tuples(st.integers(0, 200), st.sampled_from(["new", "", "a"])), max_size=5))
def test_a_diff_of_edits_in_a_longer_text_applies(seed: str, edits: list[tuple[int, str]]) -> None:
    lines = [f"{number % 17} {seed[:3]!r}" for number in range(200)]
    edited = list(lines)
    for position, line in edits:
        edited.insert(position % (len(edited) + 1), line)
    before, after = "\n".join(lines), "\n".join(edited)
    assert applied(body(before, after), before) == after


@pytest.mark.parametrize("shorter", range(20))
def test_repeated_lines_are_counted_once(shorter: int) -> None:
    # The lines that both start with and those that both end with are the same ones here.
    before, after = "a\n" * 20, "a\n" * shorter
    assert applied(body(before, after), before) == after
    assert applied(body(after, before), after) == before


@given(st.text(), st.text())
def test_any_two_texts_are_answered_and_safe(before: str, after: str) -> None:
    found = text_diff("a", before.encode("utf-8", "ignore"), after.encode("utf-8", "ignore"))
    if found:
        assert all(visible(line) == line and "\n" not in line and "\x1b" not in line for line in found.lines)


@given(st.binary(max_size=50), st.binary(max_size=50))
def test_any_bytes_are_answered(before: bytes, after: bytes) -> None:
    found = text_diff("a", before, after)
    assert found is None or (found.lines == ()) == (before == after)


class TestSafety:
    def test_escapes_that_drive_a_terminal_are_shown_not_obeyed(self) -> None:
        hostile = "\x1b]0;owned\x07\x1b[2J\x9b31m\x08\x7f\r\n\n"
        shown = body("x\n", hostile)
        assert shown == ["@@ -1 +1,2 @@", "-x", "+␛]0;owned␇␛[2J\\u009b31m␈␡␍", "+"]

    def test_the_file_name_too(self) -> None:
        found = text_diff("a\x1b[2J\n\udcff.txt", b"", b"x\n")
        assert found is not None
        assert found.lines[:2] == ("--- a/a␛[2J␊\\xff.txt", "+++ b/a␛[2J␊\\xff.txt")
        assert found.path == "a\x1b[2J\n\udcff.txt"


class TestLimits:
    def test_both_sides_of_a_rewritten_file_are_shown_in_part(self) -> None:
        before, after = ("".join(f"{side} {number}\n" for number in range(10_000)) for side in "ab")
        found = diff(before, after)
        assert found.cut
        assert found.lines[2] == "@@ -1,10000 +1,10000 @@"
        removed, added = (sum(line.startswith(f"{sign}{side} ") for line in found.lines) for sign, side in ("-a", "+b"))
        assert removed + added <= text.LINES_SHOWN
        assert min(removed, added) >= text.LINES_SHOWN // 2 - 2
        assert f"\\ {10_000 - removed:,} more lines not shown" in found.lines
        assert found.lines[-1] == f"\\ {10_000 - added:,} more lines not shown"

    def test_hunks_that_do_not_fit_are_said_to_be_left_out(self) -> None:
        lines = [f"{number}\n" for number in range(20_000)]
        edited = ["x\n" if number % 10 == 0 else line for number, line in enumerate(lines)]
        found = diff("".join(lines), "".join(edited))
        assert found.cut
        assert found.lines[-1] == "\\ The rest is not shown"
        assert len(found.lines) < text.LINES_SHOWN + 20

    def test_a_diff_that_just_fits_is_whole(self) -> None:
        after = "".join(f"{number}\n" for number in range(text.LINES_SHOWN - 1))
        found = diff("", after)
        assert not found.cut
        assert applied(found.lines[2:], "") == after

    def test_a_long_line_is_shown_around_its_first_difference(self) -> None:
        before = "x" * 1_000_000 + "A" + "y" * 1_000_000
        found = diff(before, before.replace("A", "B"))
        assert found.cut
        removed, added = found.lines[3], found.lines[5]
        assert removed.startswith("-…x")
        assert removed.endswith("y…")
        assert "A" in removed
        assert "B" in added
        assert len(removed) == text.LINE_CHARACTERS + 3

    def test_a_long_line_of_context_is_shortened(self) -> None:
        found = diff("z" * 5_000 + "\na\n", "z" * 5_000 + "\nb\n")
        assert found.lines[3] == " " + "z" * text.LINE_CHARACTERS + "…"
        assert found.cut

    def test_only_so_many_lines_are_compared(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(text, "LINES_COMPARED", 50)
        lines = [f"{number}\n" for number in range(200)]
        found = diff("".join(lines), "".join(["first\n", *lines[:-1], "last\n"]))
        # The line that was pushed past the limit is not told as removed.
        assert found.lines[2:] == ("@@ -1,3 +1,4 @@", "+first", " 0", " 1", " 2", "\\ The rest is not shown")
        assert found.cut


def test_hostile_texts_take_no_longer_than_others() -> None:
    chance = random.Random(1)
    lines = [f"line {number} {chance.random()}\n" for number in range(200_000)]
    scattered = ["changed\n" if chance.random() < 0.02 else line for line in lines]
    noise = ["".join(chance.choices(["a\n", "b\n"], k=20_000)) for _ in range(2)]
    anchored = ["".join(f"{n}\n" + "".join(chance.choices(["a\n", "b\n"], k=60)) for n in range(1_000)) for _ in range(2)]
    for what, before, after in (
        ("200,000 lines, one changed", "".join(lines), "".join([*lines[:1_000], "new\n", *lines[1_001:]])),
        ("200,000 lines, 4,000 changed", "".join(lines), "".join(scattered)),
        ("200,000 lines, all changed", "".join(lines), "".join(f"{chance.random()}\n" for _ in lines)),
        ("20,000 lines of noise", *noise),
        ("noise between anchors", *anchored),
        ("16 MiB of line ends", "\n" * (16 << 20), "a\n" * (8 << 20)),
        ("one line of 8 MB", "x" * (8 << 20), "x" * (4 << 20) + "y" + "x" * (4 << 20)),
    ):
        start = time.perf_counter()
        found = text_diff("a", before.encode(), after.encode())
        print(f"{what}: {time.perf_counter() - start:.3f} s")
        assert found is not None
        assert 0 < len(found.lines) < text.LINES_SHOWN + 50
