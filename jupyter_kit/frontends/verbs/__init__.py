"""What each verb does: one function a verb, for the terminal and for notebooks.

A function takes the options, an open workspace and the host, which is the place the verb was typed in; it returns the answer, and prints
nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from jupyter_kit.errors import Kind, NotFound
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.verbs import modelkits, remotes, upkeep, versions
from jupyter_kit.frontends.verbs.host import Host
from jupyter_kit.frontends.verbs.overrides import overrides
from jupyter_kit.workspace import Workspace

__all__ = ["Host", "run"]

WITHOUT_WORKSPACE: dict[str, Callable[[Options, Host], object]] = {
    **upkeep.WITHOUT_WORKSPACE,
    **remotes.WITHOUT_WORKSPACE,
}

IN_WORKSPACE: dict[str, Callable[[Options, Workspace, Host], object]] = {
    **versions.IN_WORKSPACE,
    **upkeep.IN_WORKSPACE,
    **modelkits.IN_WORKSPACE,
    **remotes.IN_WORKSPACE,
}


def run(options: Options, host: Host) -> object:
    """Carry out the verb of ``options`` and return its answer, a value of a type that has a text, an HTML and a JSON form."""
    if options.verb in WITHOUT_WORKSPACE:
        return WITHOUT_WORKSPACE[options.verb](options, host)
    with _opened(options, host) as workspace:
        return IN_WORKSPACE[options.verb](options, workspace, host)


@contextmanager
def _opened(options: Options, host: Host) -> Iterator[Workspace]:
    """The workspace that the verb is about; for some verbs, where there is none, one that is gone afterwards."""
    rebuild = options.verb == "check" and options.rebuild
    try:
        workspace = Workspace.open(options.folder or ".", rebuild=rebuild, overrides=overrides(options), progress=host.progress())
    except NotFound as error:
        if error.kind is not Kind.NO_WORKSPACE or options.verb not in modelkits.ANYWHERE:
            raise
        with tempfile.TemporaryDirectory(prefix="jupyter-kit-") as folder, Workspace.init(folder) as workspace:
            yield workspace
        return
    with workspace:
        yield workspace
