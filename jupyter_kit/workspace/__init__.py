"""A workspace: a folder whose notebooks, data and models are kept. One method for each verb; the floors below do the work."""

from __future__ import annotations

from jupyter_kit.workspace.modelkits import ModelKitVerbs
from jupyter_kit.workspace.opened import find_workspace
from jupyter_kit.workspace.remotes import RemoteVerbs
from jupyter_kit.workspace.upkeep import Upkeep
from jupyter_kit.workspace.versions import Versions

__all__ = ["Workspace", "find_workspace"]


class Workspace(Versions, Upkeep, ModelKitVerbs, RemoteVerbs):
    """An open workspace. Close it, or use it as a context manager.

    Every verb raises StoreUnavailable where the store cannot be used and ContentCorrupt where what is read is not what was kept; further
    errors are named at the verb. A snapshot's name is a tag, ``HEAD``, ``latest``, an id or its first digits (4 at least), and any of
    these with ``~N`` for N parents back. Verbs that change or move something append an event to the audit log, failures too.
    """
