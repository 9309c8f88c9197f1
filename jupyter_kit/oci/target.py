"""The seam at which store, registry and layout meet: places that keep blobs and manifests by their descriptor.

A place is one repository: tags are plain names in it. Everything that moves between two places goes through these methods, so whatever
cuts across (progress, retry, faults in tests) wraps a place and is never a flag of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol, runtime_checkable

from jupyter_kit.oci.descriptor import Descriptor

Piece = bytes | memoryview
"""A run of content. A memoryview is valid until the next is asked for."""

Content = Callable[[int], Iterator[Piece]]
"""``content(start)`` opens the bytes from ``start`` to the end, as often as asked: an upload can begin again, or go on in the middle."""


class Source(Protocol):
    """A place to read from."""

    @property
    def name(self) -> str:
        """What messages call it: ``ghcr.io/team/model``, ``oci:exports``."""

    def resolve(self, name: str) -> Descriptor:
        """The manifest that a tag or digest names. Raises NotFound."""

    def exists(self, descriptor: Descriptor) -> bool:
        """Whether it is there, as far as the place says."""

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """Its bytes, or ``length`` of them from ``start``. The whole is verified against the descriptor, a part cannot be.

        Raises NotFound, ContentCorrupt.
        """

    def tags(self) -> tuple[str, ...]:
        """Every tag, sorted."""


class Target(Source, Protocol):
    """A place to write to as well."""

    def push(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob or manifest, verified, whole or not at all; what is there already is written again, in case it is damaged.

        Raises ContentCorrupt where the content is not what the descriptor says, BlobMissing where a manifest comes before its children.
        """

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        """Let ``tag`` name a manifest that is there, whatever it named before. Raises NotFound."""


@runtime_checkable
class Mounter(Protocol):
    """A target that can take a blob from another repository of the same registry without its bytes."""

    def mount(self, descriptor: Descriptor, origin: Source) -> bool:
        """Whether it could."""


@runtime_checkable
class Deleter(Protocol):
    """A target that can let go of what it keeps."""

    def untag(self, tag: str) -> None:
        """Remove a tag only. Raises NotFound, UnsupportedFormat where the place cannot without deleting what it names."""

    def delete(self, descriptor: Descriptor) -> None:
        """Remove a manifest, and with it every tag that names it."""


@runtime_checkable
class Referrers(Protocol):
    """A source that can tell what refers to a manifest (distribution-spec, “Listing Referrers”)."""

    def referrers(self, descriptor: Descriptor, artifact_type: str | None = None) -> tuple[Descriptor, ...]:
        """Manifests whose subject it is."""


@runtime_checkable
class Ranged(Protocol):
    """A source that may be unable to give a part of a blob without all before it."""

    @property
    def ranges(self) -> bool | None:
        """Whether it can, None while nothing has told yet."""
