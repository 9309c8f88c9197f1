"""A place in a view for answers, as the HTML that the same answers have under a cell."""

from __future__ import annotations

from ipywidgets import HTML, Layout

from jupyter_kit.frontends.arguments import NOTEBOOK, TERMINAL
from jupyter_kit.frontends.exits import told
from jupyter_kit.frontends.render.html import forms
from jupyter_kit.frontends.render.html.page import page

HEIGHT_MAX = "40em"
"""Of a pane that scrolls: what is below it stays in sight."""


class Pane:
    """Shows one thing at a time. Everything in it is escaped: an HTML widget shows what it is given."""

    def __init__(self, *, scrolls: bool = False) -> None:
        self.box = HTML(layout=Layout(max_height=HEIGHT_MAX, overflow="auto") if scrolls else Layout())

    @property
    def html(self) -> str:
        """What is shown."""
        return str(self.box.value)

    def show(self, value: object) -> None:
        """The HTML form of an answer."""
        self.box.value = forms.markup(value)

    def page(self, *parts: str | None) -> None:
        """Parts of a page; text among them is escaped."""
        self.box.value = page(*parts) if any(parts) else ""

    def tell(self, problem: BaseException) -> None:
        """What went wrong, in a sentence, with the next step as one types it here."""
        shown = told(problem)
        shown.hint = shown.hint.replace(TERMINAL, NOTEBOOK)
        self.box.value = forms.error(shown)

    def clear(self) -> None:
        """Show nothing."""
        self.box.value = ""
