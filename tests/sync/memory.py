"""A place in memory that is as strict as a registry, and forgets what it is told to."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_kit.errors import BlobMissing, NotFound, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import digest_of
from jupyter_kit.oci.manifest import Manifest, decode
from jupyter_kit.oci.media_types import OCI_MANIFEST, is_manifest
from jupyter_kit.oci.target import Content, Piece


class Memory:
    """One repository. ``wire`` counts the bytes that moved, ``requests`` every call, by name."""

    name = "memory"

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, bytes] = {}
        self.named: dict[str, str] = {}
        self.sent = 0
        self.received = 0
        self.requests: list[str] = []

    def operation(self, what: str) -> None:
        """Called first in every operation: where faults come from."""
        self.requests.append(what)

    def resolve(self, name: str) -> Descriptor:
        self.operation(f"resolve {name}")
        digest = self.named.get(name, name)
        if digest not in self.manifests:
            raise NotFound(f"There is no {name}.")
        return Descriptor(OCI_MANIFEST, digest, len(self.manifests[digest]))

    def exists(self, descriptor: Descriptor) -> bool:
        self.operation("exists")
        return descriptor.digest in self._shelf(descriptor)

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        self.operation("fetch")
        data = self._shelf(descriptor).get(descriptor.digest)
        if data is None:
            raise NotFound(f"There is no {descriptor.short}.")
        data = data[start:] if length is None else data[start : start + length]
        self.received += len(data)
        for first in range(0, len(data), 50_000):
            yield memoryview(data)[first : first + 50_000]

    def tags(self) -> tuple[str, ...]:
        self.operation("tags")
        return tuple(sorted(self.named))

    def push(self, descriptor: Descriptor, content: Content) -> None:
        self.operation("push")
        data = b"".join(bytes(piece) for piece in content(0))
        assert (digest_of(data), len(data)) == (descriptor.digest, descriptor.size)
        if is_manifest(descriptor.media_type):
            manifest = decode(data, "pushed")
            assert isinstance(manifest, Manifest)
            lacking = tuple(child.digest for child in manifest.children if child.digest not in self.blobs)
            if lacking:
                raise BlobMissing("The manifest names what is not there.", digests=lacking)
        self._shelf(descriptor)[descriptor.digest] = data
        self.sent += len(data)

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        self.operation(f"tag {tag}")
        if descriptor.digest not in self.manifests:
            raise NotFound(f"There is no {descriptor.short}.")
        self.named[tag] = descriptor.digest

    def untag(self, tag: str) -> None:
        self.operation(f"untag {tag}")
        raise UnsupportedFormat("Tags cannot be deleted here.")

    def delete(self, descriptor: Descriptor) -> None:
        self.operation("delete")
        del self.manifests[descriptor.digest]
        self.named = {tag: digest for tag, digest in self.named.items() if digest != descriptor.digest}

    def manifest(self, tag: str) -> Manifest:
        """What a tag names."""
        manifest = decode(self.manifests[self.named[tag]], tag)
        assert isinstance(manifest, Manifest)
        return manifest

    def collect(self) -> None:
        """Garbage collection: what no tagged manifest names is gone."""
        self.manifests = {digest: data for digest, data in self.manifests.items() if digest in self.named.values()}
        kept = {child.digest for tag in self.named for child in self.manifest(tag).children}
        self.blobs = {digest: data for digest, data in self.blobs.items() if digest in kept}

    def _shelf(self, descriptor: Descriptor) -> dict[str, bytes]:
        return self.manifests if is_manifest(descriptor.media_type) else self.blobs
