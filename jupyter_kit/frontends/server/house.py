"""What the server needs of the rest of the house, imported on first use: a lab starts sooner, and on most days nobody opens the panel."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jupyter_kit.frontends.render.html.forms import markup
    from jupyter_kit.frontends.render.lines import View, plain
    from jupyter_kit.frontends.render.text.forms import lines
    from jupyter_kit.frontends.verbs import WITHOUT_WORKSPACE, run
    from jupyter_kit.frontends.verbs.modelkits import ANYWHERE
    from jupyter_kit.frontends.verbs.named import modelkit_named
    from jupyter_kit.modelkit.kitfile import FILE_NAMES
    from jupyter_kit.workspace import Workspace, find_workspace

__all__ = [
    "ANYWHERE",
    "FILE_NAMES",
    "WITHOUT_WORKSPACE",
    "View",
    "Workspace",
    "find_workspace",
    "lines",
    "markup",
    "modelkit_named",
    "plain",
    "run",
]

_PLACES = {
    "ANYWHERE": "frontends.verbs.modelkits",
    "FILE_NAMES": "modelkit.kitfile",
    "WITHOUT_WORKSPACE": "frontends.verbs",
    "View": "frontends.render.lines",
    "Workspace": "workspace",
    "find_workspace": "workspace",
    "lines": "frontends.render.text.forms",
    "markup": "frontends.render.html.forms",
    "modelkit_named": "frontends.verbs.named",
    "plain": "frontends.render.lines",
    "run": "frontends.verbs",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, as the package's face does."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"jupyter_kit.{_PLACES[name]}"), name)


def first_line(value: object) -> str:
    """The first line of an answer's text: what a person is told when a job has ended."""
    lines_of, of = __getattr__("lines"), __getattr__("View")()
    line: str = __getattr__("plain")(lines_of(value, of)[:1])
    return line.strip()
