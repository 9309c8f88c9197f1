"""Python's garbage collector, held back while a verb works: a full collection stops every thread, the event loop's too."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import contextmanager

NEVER = 1 << 30
"""Collections of the middle generation before a full one: more than any verb lives to see."""


class Collector:
    """Full collections begin while 100,000 entries of files are made, and each looks at all of them: that takes 150 ms.

    They are entries in lists and no garbage; those that are free again went without it. New objects are looked at all the while.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._working = 0
        self._usual = gc.get_threshold()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """No full collection until the last of these blocks has ended. Call it in any thread."""
        with self._guard:
            self._working += 1
            if self._working == 1:
                self._usual = gc.get_threshold()
                gc.set_threshold(*self._usual[:2], NEVER)
        try:
            yield
        finally:
            with self._guard:
                self._working -= 1
                if not self._working:
                    gc.set_threshold(*self._usual)
