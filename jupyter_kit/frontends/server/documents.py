"""Answers as JSON for a browser: the documents of ``--json``, with long lists cut, and written without holding others up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from jupyter_kit.frontends.render.json import Plain, as_plain, named_parts

LENGTH = 1_000
"""Entries of one list that a reply holds where nobody says how many: a panel shows a few dozen."""


@dataclass(frozen=True)
class Window:
    """The part of long lists that is wanted: ``limit`` entries from ``offset`` on."""

    limit: int = LENGTH
    offset: int = 0


WHOLE = Window()


def windowed(value: object, window: Window = WHOLE) -> Plain:
    """An answer as JSON has it. Of lists with more entries than the window, in it or in a part of it, the window shows a part.

    How many entries such a list has stands under ``lengths``, by the list's name, with dots between the names of parts.
    """
    lengths: dict[str, Plain] = {}
    plain = _shown(value, window, "", lengths)
    return {**plain, "lengths": lengths} if isinstance(plain, dict) and lengths else plain


def _shown(value: object, window: Window, name: str, lengths: dict[str, Plain]) -> Plain:
    parts = named_parts(value)
    if parts is not None:
        return {key: _shown(part, window, f"{name}.{key}".strip("."), lengths) for key, part in parts.items()}
    entries: Any = getattr(value, "entries", value)  # Changes are the tuple of their entries.
    if isinstance(entries, list | tuple) and len(entries) > window.limit:
        lengths[name] = len(entries)
        return as_plain(entries[window.offset : window.offset + window.limit])
    return as_plain(value)


def document(plain: Plain) -> bytes:
    """JSON, in ASCII. The encoder holds every thread up while it works, so it gets one entry of a list at a time."""
    return "".join(_pieces(plain)).encode("ascii")


def _pieces(plain: Plain, depth: int = 3) -> Iterator[str]:
    if depth and isinstance(plain, dict):
        yield "{"
        for number, (key, part) in enumerate(plain.items()):
            yield f"{', ' if number else ''}{json.dumps(key)}: "
            yield from _pieces(part, depth - 1)
        yield "}"
    elif depth and isinstance(plain, list):
        yield "["
        for number, part in enumerate(plain):
            yield ", " if number else ""
            yield from _pieces(part, depth - 1)
        yield "]"
    else:
        yield json.dumps(plain, allow_nan=False)
