"""What each verb does: one function a verb, for the terminal and for notebooks.

A function takes the options, an open workspace and the host, which is the place the verb was typed in; it returns the answer, and prints
nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.verbs import upkeep, versions
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.workspace import Workspace

__all__ = ["Host", "run"]

WITHOUT_WORKSPACE: dict[str, Callable[[Options, Host], object]] = {**upkeep.WITHOUT_WORKSPACE}

IN_WORKSPACE: dict[str, Callable[[Options, Workspace, Host], object]] = {**versions.IN_WORKSPACE, **upkeep.IN_WORKSPACE}


def run(options: Options, host: Host) -> object:
    """Carry out the verb of ``options`` and return its answer, a value of a type that has a text, an HTML and a JSON form."""
    if options.verb in WITHOUT_WORKSPACE:
        return WITHOUT_WORKSPACE[options.verb](options, host)
    rebuild = options.verb == "check" and options.rebuild
    with Workspace.open(options.folder or ".", rebuild=rebuild, progress=host.progress()) as workspace:
        return IN_WORKSPACE[options.verb](options, workspace, host)
