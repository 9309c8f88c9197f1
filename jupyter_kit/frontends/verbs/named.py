"""Paths and references as people type them, and what they mean."""

from __future__ import annotations

import os
from pathlib import Path

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.oci.reference import LAYOUT_PREFIX
from jupyter_kit.workspace import Workspace


def named(path: str, options: Options, workspace: Workspace) -> str:
    """A path as the workspace names it. People type paths from the folder they are in, or from the one that -C names."""
    place = Path(os.path.normpath(Path(options.folder or ".").absolute() / path))
    same_drive = place.drive == workspace.folder.drive  # On Windows nothing leads from one drive to another.
    return Path(os.path.relpath(place, workspace.folder)).as_posix() if same_drive else str(place)


def placed(reference: str, options: Options) -> str:
    """A reference whose layout is found from the folder that -C names, as every other path is."""
    if not reference.startswith(LAYOUT_PREFIX):
        return reference
    return f"{LAYOUT_PREFIX}{Path(options.folder or '.') / reference.removeprefix(LAYOUT_PREFIX)}"


def modelkit_named(text: str) -> bool:
    """Whether a name is that of a ModelKit: snapshots and their tags have neither colon, slash nor at sign."""
    return any(mark in text for mark in ":/@")
