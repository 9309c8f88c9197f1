"""What moves between places, as HTML."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html.changes import cut_table, status
from jupyter_kit.frontends.render.html.page import Markup, joined, tag
from jupyter_kit.frontends.render.lines import Line, Part, View, text_of
from jupyter_kit.frontends.render.text import remotes as text
from jupyter_kit.frontends.render.text.changes import short
from jupyter_kit.frontends.replies import Cloned, RemoteChanged, RemoteList, SignedIn, SignedOut
from jupyter_kit.shown import Moved
from jupyter_kit.sync.exchange import Synced
from jupyter_kit.sync.pull import Pulled

ELEMENTS = {"id": "code", "strong": "b"}
"""Styles of text that HTML has an element for; the others are classes."""


def sentences(value: object) -> Markup:
    """An answer that is a few sentences: those of its text, in the styles of a page."""
    return joined(_sentence(line) for line in text.FORMS[type(value)](value, View(program=NOTEBOOK)))


def _sentence(line: Line) -> Markup:
    return tag("div", *map(_words, line))


def _words(part: Part) -> str:
    if isinstance(part, str) or part[1] == "plain":
        return text_of(part)
    element = ELEMENTS.get(part[1])
    return tag(element, part[0]) if element else tag("span", part[0], kind=part[1])


def cloned(value: Cloned) -> Markup:
    """``clone``: where it is, and where it stands."""
    heading = tag("div", tag("span", "Cloned", kind="good"), " ", tag("b", value.reference), " into ", tag("code", value.workspace))
    return joined([heading, status(value.status)])


def remote_list(value: RemoteList) -> Markup:
    """``remote``: name, reference, and where its branches stood."""
    if not value.entries:
        return tag("div", "There is no remote. Add one: ", tag("code", f"{NOTEBOOK} remote add origin REFERENCE"))
    rows = [
        (
            tag("b", remote.name),
            tag("code", remote.reference),
            joined(tag("div", f"{branch} at ", tag("code", short(head))) for branch, head in remote.heads)
            or tag("span", "not met yet", kind="quiet"),
        )
        for remote in value.entries
    ]
    return cut_table(rows, header=("remote", "reference", "when last met"))


FORMS: dict[type, Callable[[Any], Markup]] = {
    Moved: sentences,
    Synced: sentences,
    Pulled: sentences,
    Cloned: cloned,
    RemoteList: remote_list,
    RemoteChanged: sentences,
    SignedIn: sentences,
    SignedOut: sentences,
}
