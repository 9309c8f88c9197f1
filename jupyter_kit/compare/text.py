"""A text file's change as a unified diff that is bounded in time and length, and safe to print.

Lines end at ``\\n``; where every line of both versions ends in ``\\r\\n``, at that. Control characters, terminal escapes among them, and
characters that reorder or hide what stands beside them are shown as visible ones, so that a hostile file can neither drive a terminal nor
pretend to be other than it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jupyter_kit.compare.alignment import align
from jupyter_kit.compare.changes import TextDiff
from jupyter_kit.readable import visible

CONTEXT = 3
"""Equal lines shown around a change, as diff -u and git do."""

LINES_SHOWN = 2_000
"""Lines of one diff. Nobody reads more, and a front end stays quick with as many."""

LINE_CHARACTERS = 2_000
"""Characters shown of one line: minified JSON is a single line of megabytes."""

LEAD_CHARACTERS = 200
"""Equal characters shown before the first difference, where a long line does not start with it."""

LINES_COMPARED = 100_000
"""Lines a side, between the first and the last that differ, that are looked at: half a second, 100 MB."""


class _Edit(NamedTuple):
    """Lines ``low_before`` up to ``high_before`` are replaced by ``low_after`` up to ``high_after``."""

    low_before: int
    high_before: int
    low_after: int
    high_after: int


def text_diff(path: str, before: bytes, after: bytes) -> TextDiff | None:
    """The unified diff of two versions of ``path``, or None where either is not UTF-8 text. An absent version is ``b""``."""
    texts = _decode(before), _decode(after)
    if texts[0] is None or texts[1] is None:
        return None
    old, new = _without_marks(texts[0], texts[1])
    if old == new:
        return TextDiff(path, ())
    skipped, old, new = _differing_part(old, new)
    old_lines, new_lines = _split(old), _split(new)
    truncated = len(old_lines) > LINES_COMPARED or len(new_lines) > LINES_COMPARED
    name = visible(path)
    lines, cut = unified(old_lines[:LINES_COMPARED], new_lines[:LINES_COMPARED], first=skipped, truncated=truncated)
    return TextDiff(path, (f"--- a/{name}", f"+++ b/{name}", *lines), cut)


def unified(
    before: Sequence[str], after: Sequence[str], *, first: int = 0, truncated: bool = False, lines_shown: int = LINES_SHOWN
) -> tuple[tuple[str, ...], bool]:
    """Unified diff of two lists of lines that keep their ``\\n``, without file headers, and whether anything was left out or shortened.

    ``first`` is how many equal lines came before on both sides. ``truncated`` says that more lines follow that are not compared: then a
    last insertion or deletion alone is not shown, because the other side's lines may stand among those.
    """
    edits = _edits(before, after)
    if truncated and len(edits) > 1 and (edits[-1].low_before == edits[-1].high_before or edits[-1].low_after == edits[-1].high_after):
        edits.pop()
    page = _Page(before, after, first, lines_shown)
    for hunk in _hunks(edits):
        page.show_hunk(hunk)
    if truncated:
        page.left_out = True
    if page.left_out:
        page.lines.append("\\ The rest is not shown")
    return tuple(page.lines), page.left_out or page.shortened


def shared_start(before: str, after: str) -> int:
    """How many characters both start with. Compares slices, so that megabytes take milliseconds."""
    low, high = 0, min(len(before), len(after))
    if before[:high] == after[:high]:
        return high
    while high - low > 1:
        middle = (low + high) // 2
        if before[low:middle] == after[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _decode(data: bytes) -> str | None:
    """The text, or None where ``data`` is not UTF-8 text."""
    if b"\0" in data:
        return None
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def _without_marks(before: str, after: str) -> tuple[str, str]:
    """Both texts without what they share and no reader looks for: a byte order mark, carriage returns at every line's end."""
    if before.startswith("\ufeff") and after.startswith("\ufeff"):
        before, after = before[1:], after[1:]
    if all(text.count("\r\n") == text.count("\n") for text in (before, after)):
        before, after = before.replace("\r\n", "\n"), after.replace("\r\n", "\n")
    return before, after


def _differing_part(before: str, after: str) -> tuple[int, str, str]:
    """Lines skipped at the start, and both texts from ``CONTEXT`` lines before the first difference to as many after the last."""
    start = shared_start(before, after)
    end = _shared_end(before, after, min(len(before), len(after)) - start)
    start = before.rfind("\n", 0, start) + 1
    for _ in range(CONTEXT):
        start = before.rfind("\n", 0, max(start - 1, 0)) + 1
    line_end = len(before) - end - 1
    for _ in range(CONTEXT + 1):
        line_end = before.find("\n", line_end + 1)
        if line_end < 0:
            return before.count("\n", 0, start), before[start:], after[start:]
    kept = len(before) - line_end - 1
    return before.count("\n", 0, start), before[start : line_end + 1], after[start : len(after) - kept]


def _shared_end(before: str, after: str, longest: int) -> int:
    """How many characters both end with, ``longest`` at most."""
    low, high = 0, longest
    while low < high:
        middle = (low + high + 1) // 2
        if before[len(before) - middle : len(before) - low] == after[len(after) - middle : len(after) - low]:
            low = middle
        else:
            high = middle - 1
    return low


def _split(text: str) -> list[str]:
    """The lines of ``text`` with their ends, one more than are compared at most."""
    pieces = text.split("\n", LINES_COMPARED)
    lines = [piece + "\n" for piece in pieces[:-1]]
    if pieces[-1]:
        lines.append(pieces[-1])
    return lines


def _edits(before: Sequence[str], after: Sequence[str]) -> list[_Edit]:
    """What lies between the equal blocks."""
    edits = []
    low_before = low_after = 0
    for block in [*align(before, after), None]:
        high_before, high_after = (block.before, block.after) if block else (len(before), len(after))
        if low_before < high_before or low_after < high_after:
            edits.append(_Edit(low_before, high_before, low_after, high_after))
        if block:
            low_before, low_after = block.before + block.size, block.after + block.size
    return edits


def _hunks(edits: Iterable[_Edit]) -> list[list[_Edit]]:
    """Edits whose context touches, together."""
    hunks: list[list[_Edit]] = []
    for edit in edits:
        if hunks and edit.low_before - hunks[-1][-1].high_before <= 2 * CONTEXT:
            hunks[-1].append(edit)
        else:
            hunks.append([edit])
    return hunks


def _range(low: int, high: int, first: int) -> str:
    """A hunk's lines on one side as its header has them: ``start,count``; a count of one is left out."""
    start, count = low + first + 1, high - low
    if count == 0:
        return f"{start - 1},0"
    return str(start) if count == 1 else f"{start},{count}"


def _window_start(before: str, after: str) -> int:
    """Where to start showing two versions of a line, so that their first difference is seen."""
    if max(len(before), len(after)) <= LINE_CHARACTERS:
        return 0
    return max(0, shared_start(before, after) - LEAD_CHARACTERS)


class _Page:
    """The lines of a diff as they are shown, until there is no more room."""

    def __init__(self, before: Sequence[str], after: Sequence[str], first: int, lines_shown: int) -> None:
        self.before = before
        self.after = after
        self.first = first
        self.lines_shown = lines_shown
        self.lines: list[str] = []
        self.shortened = False
        self.left_out = False

    def show_hunk(self, hunk: list[_Edit]) -> None:
        """Add a hunk with its context; where the page is full, only note that something is left out."""
        lead = min(CONTEXT, hunk[0].low_before)
        position, position_after = hunk[0].low_before - lead, hunk[0].low_after - lead
        tail = min(CONTEXT, len(self.before) - hunk[-1].high_before)
        if self._room() > 0:
            ranges = (
                _range(position, hunk[-1].high_before + tail, self.first),
                _range(position_after, hunk[-1].high_after + tail, self.first),
            )
            self.lines.append(f"@@ -{ranges[0]} +{ranges[1]} @@")
        for edit in hunk:
            if self._room() <= 0:
                self.left_out = True
                return
            self._add(" ", self.before[position : edit.low_before])
            self._show_edit(self.before[edit.low_before : edit.high_before], self.after[edit.low_after : edit.high_after])
            position = edit.high_before
        self._add(" ", self.before[position : position + tail])

    def _show_edit(self, removed: Sequence[str], added: Sequence[str]) -> None:
        """Add an edit, each side in part where it does not fit as a whole."""
        room = max(self._room(), 2)
        removed_shown = min(len(removed), max(room // 2, room - len(added)))
        added_shown = min(len(added), room - removed_shown)
        starts: list[int] = []
        if len(removed) == len(added):
            starts = [_window_start(old, new) for old, new in zip(removed[:removed_shown], added, strict=False)]
        for sign, side, shown in (("-", removed, removed_shown), ("+", added, added_shown)):
            self._add(sign, side[:shown], starts)
            if shown < len(side):
                self.lines.append(f"\\ {len(side) - shown:,} more lines not shown")
                self.shortened = True

    def _add(self, sign: str, texts: Sequence[str], starts: Sequence[int] = ()) -> None:
        """Add lines under one sign. ``starts`` are the characters from which long lines are shown, 0 where there is none."""
        for position, text in enumerate(texts):
            line = text[:-1] if text.endswith("\n") else text
            if len(line) > LINE_CHARACTERS:
                start = starts[position] if position < len(starts) else 0
                end = start + LINE_CHARACTERS
                line = ("…" if start else "") + line[start:end] + ("…" if end < len(line) else "")
                self.shortened = True
            self.lines.append(sign + visible(line))
            if not text.endswith("\n"):
                self.lines.append("\\ No newline at end of file")

    def _room(self) -> int:
        """Lines that still fit."""
        return self.lines_shown - len(self.lines)
