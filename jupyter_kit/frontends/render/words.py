"""Numbers, times and foreign names as people read them.

Names and messages come from anywhere: escape sequences move cursors, U+202E turns names around, a line feed forges lines. Whatever is not
ours goes through :func:`visible` before it is shown.
"""

from __future__ import annotations

import unicodedata
from datetime import datetime, timezone

from jupyter_kit.readable import size, visible

SPANS = (("year", 31_557_600), ("month", 2_629_800), ("week", 604_800), ("day", 86_400), ("hour", 3_600), ("minute", 60))
"""Seconds in each unit of time people speak of; a month is a twelfth of a Julian year."""

__all__ = ["ago", "cells", "clip", "clock", "duration", "first_line", "now", "number", "pad", "plural", "signed", "size", "visible", "when"]

JUST_NOW_SECONDS = 10
"""Below this an age is noise."""

JOINERS = "\u200c\u200d"
"""Marks that take no room, though Unicode does not call them combining."""


def plural(count: int, one: str, many: str = "") -> str:
    """``1 file``, ``1,204 files``."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def duration(seconds: float) -> str:
    """Seconds as ``0.04 s``, ``3.2 s``, ``2 min 5 s``, ``1 h 4 min``."""
    if seconds < 1:
        return f"{seconds:.2f} s"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min"


def clock(created: str) -> str:
    """An RFC 3339 time as local ``2026-03-01 14:05:12``."""
    return datetime.fromisoformat(created.replace("Z", "+00:00")).astimezone().strftime("%Y-%m-%d %H:%M:%S")


def ago(created: str, now: datetime) -> str:
    """How long before ``now`` an RFC 3339 time was: ``3 minutes ago``. A time ahead of the clock is told as it stands."""
    seconds = (now - datetime.fromisoformat(created.replace("Z", "+00:00"))).total_seconds()
    if seconds < -JUST_NOW_SECONDS:
        return clock(created)
    if seconds < JUST_NOW_SECONDS:
        return "just now"
    for unit, length in SPANS:
        if seconds >= length:
            return f"{plural(int(seconds // length), unit)} ago"
    return f"{plural(int(seconds), 'second')} ago"


def when(created: str, now: datetime | None) -> str:
    """The age where there is a reader at ``now``; the local time where the text outlives the moment."""
    return ago(created, now) if now else clock(created)


def now() -> datetime:
    """The time now, in UTC."""
    return datetime.now(timezone.utc)


def number(value: float) -> str:
    """A metric in at most six significant digits."""
    return f"{value:.6g}"


def signed(value: float) -> str:
    """A metric's change, with its sign; a real minus, so that it is not taken for a dash."""
    return f"{value:+.3g}".replace("-", "\u2212", 1)


def first_line(message: str) -> str:
    """A message's first line, made visible; an ellipsis says that there is more."""
    lines = message.strip().splitlines()
    return "" if not lines else visible(lines[0]) + (" \u2026" if len(lines) > 1 else "")


def cells(text: str) -> int:
    """Columns ``text`` takes in a terminal: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(mark) for mark in text)


def _columns(mark: str) -> int:
    if unicodedata.combining(mark) or mark in JOINERS:
        return 0
    return 2 if unicodedata.east_asian_width(mark) in "WF" else 1


def clip(text: str, width: int | None) -> str:
    """``text`` in at most ``width`` columns, with an ellipsis where it was cut; as it is where ``width`` is None."""
    if width is None or cells(text) <= width:
        return text
    taken = 0
    for index, mark in enumerate(text):
        taken += cells(mark)
        if taken > width - 1:
            return text[:index] + "\u2026"
    return text


def pad(text: str, width: int) -> str:
    """``text`` filled with spaces to ``width`` columns."""
    return text + " " * (width - cells(text))
