"""Which place a person means: this workspace's store, a layout, kit's own store, or a repository of a registry.

digits:v1                    the store
ghcr.io/team/digits:v1       a registry; in the store, the ModelKit of that name
oci:exports:v1               the layout in the folder ``exports``
kitops:digits:v1             what an installed kit keeps
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.reference import LAYOUT_PREFIX, LOCAL, parse_layout_reference, parse_reference
from jupyter_kit.oci.target import Target
from jupyter_kit.registry.kitops import KitOps, kept_by_kit
from jupyter_kit.registry.layout import Layout
from jupyter_kit.settings import Settings, kitops_folder
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.store import Store

if TYPE_CHECKING:
    from jupyter_kit.registry.registries import Registries

KITOPS_PREFIX = "kitops:"

DEFAULT_TAG = "latest"
"""What is meant where neither tag nor digest is given, as with kit."""


@dataclass(frozen=True)
class Spot:
    """A place, and the tag or digest in it that a reference names. ``text`` is how the user wrote it."""

    place: Target
    name: str
    text: str

    def resolve(self) -> Descriptor:
        """The manifest. Raises NotFound and what the place raises."""
        return self.place.resolve(self.name)


def registries(settings: Settings) -> Registries:
    """Everything that speaks to registries, as the settings say."""
    # Imported on first use: HTTP takes longer to import than most verbs take.
    from jupyter_kit.registry.registries import Registries  # noqa: PLC0415
    from jupyter_kit.registry.sessions import SessionFile  # noqa: PLC0415
    from jupyter_kit.settings.network import connection, keychain, sessions_file  # noqa: PLC0415

    return Registries(connection(settings), keychain(settings), sessions=SessionFile(sessions_file()))


class Places:
    """The places that one open workspace reaches."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._settings = settings
        self._registries: Registries | None = None

    @property
    def registries(self) -> Registries:
        """Made when the first registry is spoken to."""
        if self._registries is None:
            self._registries = registries(self._settings)
        return self._registries

    def close(self) -> None:
        """Close connections."""
        if self._registries is not None:
            self._registries.close()

    def held(self, text: str) -> Spot:
        """In the store, whatever registry the reference names. Raises InvalidInput."""
        reference = parse_reference(text).tagged(DEFAULT_TAG)
        return Spot(Blobs(self._store, reference.place), str(reference.name), text)

    def nearest(self, text: str) -> Spot:
        """In the store where it has what is meant, else outside. Raises NotFound where it is in neither, InvalidInput."""
        if not self.is_outside(text):
            held = self.held(text)
            with suppress(NotFound):
                held.resolve()
                return held
            if parse_reference(text).local:
                raise NotFound(f"There is no ModelKit “{text}” here.", hint="See what there is: jupyter kit list.")
        return self.outside(text)

    def is_outside(self, text: str) -> bool:
        """Whether it can only be meant outside of the store: in a layout, or in kit's own store."""
        return text.startswith((LAYOUT_PREFIX, KITOPS_PREFIX))

    def kept_here(self) -> Iterator[Spot]:
        """Everything that the store's references name."""
        for name in self._store.references():
            reference = parse_reference(name.removeprefix(f"{LOCAL}/"))
            yield Spot(Blobs(self._store, reference.place), str(reference.name), str(reference))

    def kept_by_kit(self) -> Iterator[Spot]:
        """Everything that an installed kit keeps."""
        home = kitops_folder(self._settings)
        for kept in kept_by_kit(home):
            place = KitOps(home, kept.place)
            shown = KITOPS_PREFIX + kept.place.removeprefix(f"{LOCAL}/")
            yield from (Spot(place, tag, f"{shown}:{tag}") for tag in kept.tags)
            if not kept.tags:
                yield Spot(place, kept.descriptor.digest, f"{shown}@{kept.descriptor.digest}")

    def outside(self, text: str) -> Spot:
        """Outside of the store. Raises InvalidInput for a reference that names no registry, layout or store of kit."""
        if text.startswith(LAYOUT_PREFIX):
            layout = parse_layout_reference(text)
            return Spot(Layout(layout.path), layout.tag or DEFAULT_TAG, text)
        reference = parse_reference(text.removeprefix(KITOPS_PREFIX)).tagged(DEFAULT_TAG)
        if text.startswith(KITOPS_PREFIX):
            return Spot(KitOps(kitops_folder(self._settings), reference.place), str(reference.name), text)
        if reference.local:
            raise InvalidInput(
                f"“{text}” names no registry.",
                hint="Write registry/repository:tag, oci:FOLDER:TAG, or kitops:REFERENCE for kit's own store.",
            )
        return Spot(self.registries.repository(reference), str(reference.name), text)

    def local_name(self, text: str) -> str:
        """What something from ``text`` is called in the store where no name is given."""
        if text.startswith(LAYOUT_PREFIX):
            layout = parse_layout_reference(text)
            return f"{_as_repository(Path(layout.path).name)}:{layout.tag or DEFAULT_TAG}"
        return text.removeprefix(KITOPS_PREFIX)


def _as_repository(name: str) -> str:
    """A folder's name as a repository: lower case, and what a repository cannot hold as a dash."""
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in name.lower())
    return "-".join(filter(None, kept.split("-"))) or "modelkit"


def untagged(text: str) -> str:
    """A reference without its tag: the repository that it is in, as the user would write it."""
    if text.startswith(LAYOUT_PREFIX):
        return LAYOUT_PREFIX + parse_layout_reference(text).path
    prefix = KITOPS_PREFIX if text.startswith(KITOPS_PREFIX) else ""
    return prefix + str(replace(parse_reference(text.removeprefix(prefix)), tag=None, digest=None))
