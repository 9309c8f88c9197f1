"""Points in time as people type them: ``2026-03-01``, ``yesterday``, ``2 days ago``."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from jupyter_kit.errors import InvalidInput

SECONDS = {"second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 604_800, "month": 2_592_000, "year": 31_536_000}
"""Seconds in each unit; a month is 30 days and a year 365, as in ``git log --since``."""

UNITS = {name: length for unit, length in SECONDS.items() for name in (unit, unit + "s")} | {
    "s": 1, "sec": 1, "secs": 1, "min": 60, "mins": 60, "h": 3_600, "hr": 3_600, "hrs": 3_600, "d": 86_400, "w": 604_800, "y": 31_536_000
}  # fmt: skip

SPAN = re.compile(r"(?P<count>\d+(?:\.\d+)?|an?|one)\s*(?P<unit>[a-z]+)(?:\s+ago)?")


def moment(text: str, *, now: datetime | None = None) -> datetime:
    """The time that ``text`` names, in UTC.

    Takes ISO dates and times (local unless they carry a zone), ``now``, ``today``, ``yesterday`` (both at midnight, local) and spans
    before now (``2 days ago``, ``3h``, ``an hour ago``). Raises InvalidInput for anything else.
    """
    now = (now or datetime.now(timezone.utc)).astimezone()
    phrase = text.strip().lower()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    named = {"now": now, "today": midnight, "yesterday": midnight - timedelta(days=1)}
    if phrase in named:
        return named[phrase].astimezone(timezone.utc)
    span = SPAN.fullmatch(phrase)
    if span and span["unit"] in UNITS:
        count = 1.0 if span["count"] in {"a", "an", "one"} else float(span["count"])
        try:
            return (now - timedelta(seconds=count * UNITS[span["unit"]])).astimezone(timezone.utc)
        except (OverflowError, ValueError):
            raise InvalidInput(f"“{text}” lies before all recorded time.", hint="Give a shorter span.") from None
    try:
        # Python 3.10 does not read the Z of RFC 3339.
        return datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text.strip())).astimezone(timezone.utc)
    except (OverflowError, ValueError):
        raise InvalidInput(f"“{text}” is not a time.", hint="Give a date such as 2026-03-01, or a span such as “2 days ago”.") from None
