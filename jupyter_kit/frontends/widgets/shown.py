"""A view as IPython shows it: widgets, and the answer itself for whoever has none, such as the reader of a saved notebook."""

from __future__ import annotations

from typing import Any

from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html.forms import markup
from jupyter_kit.frontends.render.lines import View, plain
from jupyter_kit.frontends.render.text import forms


class Shown:
    """``box`` holds the widgets; ``answer`` is what the view begins with."""

    def __init__(self, box: Any, answer: object) -> None:
        self.box = box
        self._page = markup(answer)
        self._text = plain(forms.lines(answer, View(program=NOTEBOOK))).rstrip("\n")

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        bundle: dict[str, object] = self.box._repr_mimebundle_(**options)
        return {**bundle, "text/html": self._page, "text/plain": self._text}
