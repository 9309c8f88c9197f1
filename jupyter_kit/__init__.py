"""Versions of notebooks, data and models, kept where the work happens.

    from jupyter_kit import Workspace

    with Workspace.init("project") as workspace:
        snapshot = workspace.snapshot("first model", metrics={"accuracy": 0.97})

In a notebook: ``%load_ext jupyter_kit``, then ``%kit snapshot -m "first model"``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from jupyter_kit.errors import Kind, KitError
from jupyter_kit.version import __version__

if TYPE_CHECKING:
    from jupyter_kit.frontends.magics import load_ipython_extension, unload_ipython_extension
    from jupyter_kit.workspace import Workspace

__all__ = ["Kind", "KitError", "Workspace", "__version__", "load_ipython_extension", "unload_ipython_extension"]

_PLACES = {
    "Workspace": "jupyter_kit.workspace",
    "load_ipython_extension": "jupyter_kit.frontends.magics",
    "unload_ipython_extension": "jupyter_kit.frontends.magics",
    "_jupyter_server_extension_points": "jupyter_kit.frontends.server.extension",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for, so that importing the package costs nothing and never imports IPython."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_PLACES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
