"""What is wrong with a Kitfile, gathered so that one run shows all of it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from jupyter_kit.errors import InvalidInput, Kind

SHOWN_MAX = 100
"""Problems told of one Kitfile: somebody reads them, and a hostile one has 100,000."""

SHOWN_LETTERS_MAX = 80
"""Letters of a user's text that a message repeats."""


class Problem(NamedTuple):
    """One thing that is wrong. ``line`` is 1 for the first, 0 where the Kitfile is no text; sorted, they stand in the order of lines."""

    line: int
    entry: str
    reason: str

    def __str__(self) -> str:
        return (f"line {self.line}: " if self.line else "") + f"{self.entry} {self.reason}".lstrip()


def shown(text: str) -> str:
    """A user's text as a message may repeat it: short, and without what a terminal would obey."""
    cut = text if len(text) <= SHOWN_LETTERS_MAX else text[:SHOWN_LETTERS_MAX] + "…"
    return "".join(letter if letter.isprintable() else "\ufffd" for letter in cut)


def refusal(problems: Iterable[Problem], origin: str) -> InvalidInput:
    """The error that tells all problems, sorted. ``origin`` names the file."""
    told = sorted(set(problems))
    more = [f"and {len(told) - SHOWN_MAX} more"] if len(told) > SHOWN_MAX else []
    if len(told) == 1:
        message = f"{origin}{', ' if told[0].line else ': '}{told[0]}."
    else:
        message = "".join([f"{origin} has {len(told)} errors:", *(f"\n  * {line}." for line in [*told[:SHOWN_MAX], *more])])
    return InvalidInput(message, kind=Kind.INVALID_KITFILE, hint=f"Correct {origin}, then try again.", path=origin)
