"""A view as IPython shows it: widgets, and the answer itself for whoever has none, such as the reader of a saved notebook.

Widgets die with their kernel, and a host then shows an error in their place, or buttons that do nothing. So the answer is an output of its
own, before the widgets'. Where both are there, a style shows one of them: the widgets while they live, the answer before and after.
"""

from __future__ import annotations

from typing import Any

from IPython.display import display
from ipywidgets import HTML, Layout

from jupyter_kit.frontends.arguments import NOTEBOOK
from jupyter_kit.frontends.render.html.forms import markup
from jupyter_kit.frontends.render.html.page import page, tag
from jupyter_kit.frontends.render.lines import View, plain
from jupyter_kit.frontends.render.text import forms

AGAIN = "Run this cell again to choose and click."

_ANSWER = ".jp-OutputArea-child:has(>.jp-OutputArea-output>.{mark})"
_ALIVE = ".jupyter-widgets:not(.jupyter-widgets-disconnected)"

ONE_OF_BOTH = (
    f"<style>{_ANSWER}:has(+.jp-OutputArea-child {_ALIVE}),{_ANSWER}+.jp-OutputArea-child:not(:has({_ALIVE})){{{{display:none}}}}</style>"
)
"""For JupyterLab and Notebook 7, which tell dead widgets from living ones."""

WIDGETS = "<style>:not(.jp-OutputArea-output)>.{mark}{{display:none}}</style>"
"""For other hosts: among the widgets, so that it is there as long as they are."""


class Shown:
    """``box`` holds the widgets; ``answer`` is what the view begins with."""

    def __init__(self, box: Any, answer: object) -> None:
        self.box = box
        mark = f"jupyter-kit-{box.model_id}"
        box.children = (*box.children, HTML(WIDGETS.format(mark=mark), layout=Layout(display="none")))
        again = page(tag("div", AGAIN, kind="quiet"))
        self.page = ONE_OF_BOTH.format(mark=mark) + f'<div class="{mark}">{markup(answer)}{again}</div>'
        self.text = plain(forms.lines(answer, View(program=NOTEBOOK))).rstrip("\n")

    def _ipython_display_(self) -> None:
        display({"text/html": self.page, "text/plain": self.text}, raw=True)  # type: ignore[no-untyped-call]
        display({**self.box._repr_mimebundle_(), "text/plain": ""}, raw=True)  # type: ignore[no-untyped-call]
