"""The workspace that a view is about. It is opened for each click: a view stays in its notebook for days, and holds nothing open."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.verbs.overrides import overrides
from jupyter_kit.workspace import Workspace


@dataclass(frozen=True)
class Place:
    """Where a view was asked for. The folder in ``options`` is absolute."""

    options: Options

    def open(self, **settings: object) -> Workspace:
        """The workspace, to be closed after the click. ``settings`` win over those of the options."""
        return Workspace.open(self.options.folder, overrides={**overrides(self.options), **settings})
