"""Lines of styled text, and the two ways to write them: plain, and with a terminal's colours.

The colours are written here and not through rich: importing its console costs 45 ms, more than a verb such as ``status`` itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from jupyter_kit.frontends.render.words import cells, pad, visible

Style = Literal["plain", "strong", "quiet", "id", "tag", "added", "removed", "changed", "good", "bad", "warning"]

CODES: dict[Style, str] = {
    "plain": "",
    "strong": "1",
    "quiet": "2",
    "id": "33",
    "tag": "36",
    "added": "32",
    "removed": "31",
    "changed": "34",
    "good": "32",
    "bad": "1;31",
    "warning": "33",
}
"""SGR codes of the sixteen colours that every terminal lets its user choose, so that light and dark ones both stay readable."""

Span = tuple[str, Style]
Part = str | Span
Line = tuple[Part, ...]


@dataclass(frozen=True)
class View:
    """Who reads. Nothing is cut and all times are absolute where the text goes to a file or a program."""

    program: str = "jupyter kit"
    """How the reader calls us: what hints begin with."""
    now: datetime | None = None
    """The reader's present, where times may be told as ages."""
    width: int | None = None
    """Columns, where long messages may be cut."""
    rows: int | None = None
    """Rows of one list, where long lists may be cut."""


def text_of(part: Part) -> str:
    """The words of a part, without its style. Every way out goes through here, so no text drives a terminal or forges a line."""
    return visible(part if isinstance(part, str) else part[0])


def plain(lines: Iterable[Line]) -> str:
    """The lines as text, without trailing blanks, each with a line end."""
    return "".join("".join(map(text_of, line)).rstrip(" ") + "\n" for line in lines)


def coloured(lines: Iterable[Line]) -> str:
    """The lines as text with SGR codes, each with a line end."""
    return "".join("".join(map(_paint, line)).rstrip(" ") + "\n" for line in lines)


def _paint(part: Part) -> str:
    if isinstance(part, str) or not CODES[part[1]] or not part[0]:
        return text_of(part)
    return f"\x1b[{CODES[part[1]]}m{text_of(part)}\x1b[0m"


def table(rows: Sequence[Sequence[Part]], *, right: Sequence[int] = (), gap: int = 2, indent: int = 2) -> list[Line]:
    """Rows in aligned columns. Columns whose numbers are in ``right`` are flush right; the last column is never padded."""
    if not rows:
        return []
    widths = [max(cells(text_of(row[column])) for row in rows) for column in range(len(rows[0]))]
    lines: list[Line] = []
    for row in rows:
        line: list[Part] = [" " * indent]
        for column, part in enumerate(row):
            blank = " " * (widths[column] - cells(text_of(part)))
            last = column == len(row) - 1
            line += [blank, part] if column in right else [part, "" if last else blank]
            line.append("" if last else " " * gap)
        lines.append(tuple(line))
    return lines


def facts(pairs: Iterable[tuple[str, Line]], *, indent: int = 2) -> list[Line]:
    """Names and their values, one pair a line; pairs without a value are left out."""
    kept = [(name, value) for name, value in pairs if value]
    width = max((cells(name) for name, _ in kept), default=0)
    return [(" " * indent, (pad(name, width), "quiet"), "  ", *value) for name, value in kept]
