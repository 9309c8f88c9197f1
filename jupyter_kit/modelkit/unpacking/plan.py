"""What unpacking would do and what it did, as values; and how what stands in the folder already decides it."""

from __future__ import annotations

import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from jupyter_kit.errors import Conflict
from jupyter_kit.modelkit.unpacking.placement import PlacedFile, Placement
from jupyter_kit.snapshot.snapshot import Skipped

Existing = Literal["error", "overwrite", "ignore"]
"""What becomes of files that exist: an error, replaced, or left as they are."""

UnpackAction = Literal["folder", "write", "keep"]

NAMES_SHOWN = 10
"""Files that one message lists; the others are counted."""


@dataclass(frozen=True, slots=True)
class UnpackStep:
    """One path. ``keep`` leaves an existing file as it is; ``write`` replaces it where it ``exists``. ``size`` is in bytes.

    ``origin`` is the layer that the path comes from, empty for folders.
    """

    action: UnpackAction
    path: str
    mode: int
    size: int
    exists: bool
    origin: str = ""


@dataclass(frozen=True)
class UnpackPlan:
    """Everything that unpacking would do, folders first. ``layers`` are those wanted, ``skipped`` what is not unpacked, and why."""

    modelkit: str
    digest: str
    folder: str
    steps: tuple[UnpackStep, ...]
    layers: tuple[str, ...]
    skipped: tuple[Skipped, ...]

    @property
    def written(self) -> int:
        """Number of files written."""
        return sum(1 for step in self.steps if step.action == "write")

    @property
    def bytes(self) -> int:
        """Bytes of content to write."""
        return sum(step.size for step in self.steps if step.action == "write")


@dataclass(frozen=True)
class UnpackResult:
    """An unpacking that was carried out: every layer verified, every file in its place."""

    plan: UnpackPlan
    seconds: float


def decide(
    placement: Placement, look: Callable[[str], int | None], stays: Callable[[PlacedFile, int], bool], *, overwrite: bool
) -> tuple[UnpackStep, ...]:
    """The steps for what is to be placed. ``look(path)`` answers the mode (st_mode) of what stands there itself, None for nothing.

    ``stays(file, mode)`` says that what exists in a file's place is left alone. Raises Conflict, naming the files, for others that exist
    unless they are to be overwritten, and for what is of another kind; a symlink is never followed.
    """
    steps: list[UnpackStep] = []
    blocked: list[str] = []
    conflicts: list[str] = []
    for path in sorted(placement.folders):
        now = None if blocked and path.startswith(tuple(f"{other}/" for other in blocked)) else look(path)
        if now is None:
            steps.append(UnpackStep("folder", path, placement.folders[path], 0, exists=False))
        elif not stat.S_ISDIR(now):
            blocked.append(path)
    if blocked:
        raise Conflict(
            f"{_named(blocked)} would have to be a folder, and is a file or symlink.", hint="Move it away, then try again.", path=blocked[0]
        )
    made = {step.path for step in steps}
    for path, file in placement.files.items():
        now = None if path.rpartition("/")[0] in made else look(path)
        if now is None:
            steps.append(UnpackStep("write", path, file.mode, file.size, exists=False, origin=file.origin))
        elif stays(file, now):
            steps.append(UnpackStep("keep", path, file.mode, file.size, exists=True, origin=file.origin))
        elif stat.S_ISREG(now) and overwrite:
            steps.append(UnpackStep("write", path, file.mode, file.size, exists=True, origin=file.origin))
        elif stat.S_ISREG(now):
            conflicts.append(path)
        else:
            raise Conflict(f"“{path}” is no file, and would have to be one.", hint="Move it away, then try again.", path=path)
    if conflicts:
        raise Conflict(
            f"{_named(conflicts)} exists already.", hint="Nothing was written. Overwrite, or ignore what exists.", path=conflicts[0]
        )
    return tuple(steps)


def _named(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - NAMES_SHOWN} more" if len(paths) > NAMES_SHOWN else ""
    return ", ".join(f"“{path}”" for path in paths[:NAMES_SHOWN]) + more
