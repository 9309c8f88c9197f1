"""Answers with long lists, held for the next questions about them: finding a file among 100,000 changes need not read 100,000 files."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path

HELD_MAX = 2
"""Answers held, those that were asked about last: the changes of 100,000 files take 40 MB."""


@dataclass(frozen=True)
class Held:
    """What a verb answered about a workspace."""

    verb: str
    root: Path
    value: object


class Answers:
    """The long answers of one server. Any thread may ask."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Held] = OrderedDict()
        self._guard = threading.Lock()

    def hold(self, verb: str, root: Path, value: object) -> str:
        """Hold an answer for a while; gives its name."""
        name = secrets.token_hex(8)
        with self._guard:
            self._held[name] = Held(verb, root, value)
            while len(self._held) > HELD_MAX:
                self._held.popitem(last=False)
        return name

    def find(self, name: str, verb: str, root: Path) -> object | None:
        """The answer of that name, where it is still held and is this verb's about this workspace."""
        with self._guard:
            held = self._held.get(name)
            if held is None or (held.verb, held.root) != (verb, root):
                return None
            self._held.move_to_end(name)
            return held.value
