"""Answers as JSON for a browser: the documents of ``--json``, with long lists cut, and written without holding others up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

from jupyter_kit.compare.changes import Change, Changes
from jupyter_kit.frontends.render.json import Plain, as_plain, named_parts
from jupyter_kit.frontends.server.groups import by_group, summed

T = TypeVar("T")

LENGTH = 1_000
"""Entries of one list that a reply holds where nobody says how many: a panel shows a few dozen."""

_path_of = attrgetter("path")


@dataclass(frozen=True)
class Window:
    """The part of long lists that is wanted: ``limit`` entries from ``offset`` on.

    ``match``: of lists of files, only those whose path has all of these words, in upper or lower case. ``grouped``: of changes, so many
    of each group.
    """

    limit: int = LENGTH
    offset: int = 0
    match: str = ""
    grouped: bool = False

    def of(self, entries: list[T] | tuple[T, ...]) -> list[T]:
        """The part of one list."""
        return list(entries[self.offset : self.offset + self.limit])

    def matching(self, entries: list[T] | tuple[T, ...]) -> list[T] | tuple[T, ...]:
        """The entries that have the words in their path; all of a list whose entries have none."""
        words = self.match.lower().split()
        if not words or not hasattr(next(iter(entries), None), "path"):
            return entries
        return [entry for entry in entries if all(word in _path_of(entry).lower() for word in words)]


WHOLE = Window()


def windowed(value: object, window: Window = WHOLE) -> Plain:
    """An answer as JSON has it. Of lists with more entries than the window, in it or in a part of it, the window shows a part.

    How many entries such a list has stands under ``lengths``, by the list's name, with dots between the names of parts; under ``groups``,
    where the window is grouped, what each group of changes has.
    """
    told: dict[str, dict[str, Plain]] = {"lengths": {}, "groups": {}}
    plain = _shown(value, window, "", told)
    return {**plain, **{name: part for name, part in told.items() if part}} if isinstance(plain, dict) else plain


def _shown(value: object, window: Window, name: str, told: dict[str, dict[str, Plain]]) -> Plain:
    parts = named_parts(value)
    if parts is not None:
        return {key: _shown(part, window, f"{name}.{key}".strip("."), told) for key, part in parts.items()}
    entries: Any = getattr(value, "entries", value)  # Changes are the tuple of their entries.
    if not isinstance(entries, list | tuple):
        return as_plain(value)
    entries = part = window.matching(entries)
    if isinstance(value, Changes) and window.grouped:
        part = _of_groups(entries, window, told["groups"])
    elif len(entries) > window.limit:
        part = window.of(entries)
    if len(part) < len(entries):
        told["lengths"][name] = len(entries)
    return as_plain(part)


def _of_groups(changes: list[Change] | tuple[Change, ...], window: Window, told: dict[str, Plain]) -> list[Change]:
    groups = by_group(changes)
    told |= {group: as_plain(summed(found)) for group, found in groups.items()}
    if len(changes) <= window.limit:
        return list(changes)
    return sorted((change for found in groups.values() for change in window.of(found)), key=_path_of)


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
