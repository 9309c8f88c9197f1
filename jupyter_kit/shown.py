"""What is shown of ModelKits, as values. They are light: nothing that reads or writes a ModelKit is imported with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jupyter_kit.snapshot.snapshot import Skipped

if TYPE_CHECKING:
    from jupyter_kit.delta.filling import Filled
    from jupyter_kit.modelkit.kitfile import Kitfile
    from jupyter_kit.oci.manifest import Manifest
    from jupyter_kit.transfer import Copied


@dataclass(frozen=True)
class PackPlan:
    """What ``pack`` would pack: the snapshot, its Kitfile, and the files that no layer holds.

    ``origin`` is the path of the Kitfile; empty where it was inferred.
    """

    snapshot: str
    kitfile: Kitfile
    origin: str
    left_out: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class ModelKitDetail:
    """A ModelKit whole: its Kitfile as its config has it, and its manifest."""

    reference: str
    digest: str
    format: str
    size: int
    cli_version: str
    created: str | None
    kitfile: Kitfile
    manifest: Manifest


@dataclass(frozen=True)
class Moved:
    """A ModelKit that was pushed or pulled: where it is now, its manifest's digest, and what it took.

    ``filled`` tells of a pull what recipes spared, and ``parents`` of the ModelKits that came with it. ``recipe_bytes`` were sent beside
    the ModelKit, so that others can pull a later version as a difference.
    """

    reference: str
    digest: str
    copied: Copied
    seconds: float
    filled: Filled | None = None
    recipe_bytes: int = 0
    parents: tuple[Moved, ...] = ()
