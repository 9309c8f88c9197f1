"""Waiting: how long before the next try, and hosts that asked everybody to wait."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

from jupyter_kit.registry.http.connection import Origin, Patience

AGAIN = frozenset({408, 429, 500, 502, 503, 504})
"""Statuses after which the same request may succeed (RFC 9110, 15; RFC 6585)."""

JITTER = 0.2
"""Share of a pause by which it varies, so that many who were cut off together do not return together."""


def pause_seconds(patience: Patience, failures: int, waited: float, asked: float | None, chance: float = 0.5) -> float | None:
    """How long to wait after ``failures`` in a row, the registry having asked for ``asked`` seconds; None to give up.

    ``waited`` is what this work has waited so far, in seconds; ``chance`` from 0 to 1 places the pause within its jitter.
    """
    if failures >= patience.attempts:
        return None
    pause = min(patience.longest, patience.first * 2 ** (failures - 1)) * (1 + JITTER * (2 * chance - 1))
    pause = max(pause, asked or 0.0)
    return pause if waited + pause <= patience.total else None


def retry_after_seconds(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The header Retry-After, which is seconds or a date (RFC 9110, 10.2.3). A date is taken by the host's own clock where it shows it."""
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        until = _utc(parsedate_to_datetime(text))
        shown = headers.get("date")
        since = _utc(parsedate_to_datetime(shown)) if shown else now or datetime.now(timezone.utc)
    except ValueError:
        return None
    return max(0.0, (until - since).total_seconds())


def _utc(moment: datetime) -> datetime:
    """A date that names no zone is in UTC (RFC 5322, 3.3)."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


@dataclass
class Waiting:
    """Who waits for which host. Whatever one thread learns, every thread that talks to that host heeds."""

    patience: Patience
    sleep: Callable[[float], None] = time.sleep
    _until: dict[Origin, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hold(self, origin: Origin, seconds: float) -> None:
        """Nobody asks this host again before that many seconds are over."""
        with self._lock:
            self._until[origin] = max(self._until.get(origin, 0.0), time.monotonic() + seconds)

    def for_turn(self, origin: Origin) -> None:
        """Wait until the host may be asked."""
        with self._lock:
            seconds = self._until.get(origin, 0.0) - time.monotonic()
        if seconds > 0:
            self.sleep(seconds)

    def tries(self) -> Tries:
        """Begin a piece of work that may need several tries."""
        return Tries(self)


@dataclass
class Tries:
    """The tries of one piece of work."""

    waiting: Waiting
    failures: int = 0
    waited: float = 0.0

    def again(self, asked: float | None = None) -> bool:
        """After a failure: wait, and say whether to try again."""
        self.failures += 1
        chance = random.random()  # noqa: S311 - spreads the load, guards nothing
        pause = pause_seconds(self.waiting.patience, self.failures, self.waited, asked, chance)
        if pause is None:
            return False
        self.waited += pause
        self.waiting.sleep(pause)
        return True

    def progressed(self) -> None:
        """The work moved on: the next failure is a first one."""
        self.failures = 0
