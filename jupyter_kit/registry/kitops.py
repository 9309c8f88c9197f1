"""kit's own store, ``$KITOPS_HOME/storage``, as a place: what is written here an installed kit lists, unpacks and pushes (kitops.md 5.1).

One pool of blobs serves all repositories. A repository's manifests and tags are two documents named for it in base64; ``index.json`` lists
the manifests of all, and what it does not reach kit may delete. kit takes no lock and writes its documents in place, so a document that
does not read is read again; ours are renamed into place, under a lock of our own.
"""

from __future__ import annotations

import binascii
import threading
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.oci.descriptor import Descriptor, descriptor_fields, parse_descriptor
from jupyter_kit.oci.gojson import encode
from jupyter_kit.oci.manifest import pushed_manifest
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.oci.reference import check_tag
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.registry.folder import Folder
from jupyter_kit.registry.graph import check_children, drop_unreached
from jupyter_kit.registry.layout import INDEX_FILE, INDEX_HEAD, LAYOUT, LAYOUT_BYTES_MAX, LAYOUT_FILE
from jupyter_kit.registry.listing import LISTING_BYTES_MAX, Entry, Listing, entry_of, parsed

INDEX_ENDING = "-index.json"
TAGS_ENDING = "-tags.json"

READ_TRIES = 6
"""How often a document is read that does not parse."""

READ_PAUSE_SECONDS = 0.05
"""Between two tries: kit writes a document with one call, so a torn one is whole a moment later."""

PRIVATE = 0o600
"""Mode of blobs, as kit's."""

_Value = TypeVar("_Value")


@dataclass(frozen=True)
class Kept:
    """A manifest in kit's store. ``place`` is its registry and repository."""

    place: str
    descriptor: Descriptor
    tags: tuple[str, ...]


class KitOps:
    """One repository in kit's store under ``home`` ($KITOPS_HOME); ``place`` is registry and repository, ``localhost/my-model``."""

    def __init__(self, home: Path, place: str) -> None:
        self._storage = _Storage(home)
        self._folder = self._storage.folder
        self._place = place
        self._making = threading.Lock()
        self._made = False

    @property
    def name(self) -> str:
        """The repository, and where it is."""
        return f"{self._place} in {self._folder.name}"

    def resolve(self, name: str) -> Descriptor:
        """The manifest of a tag or digest. Raises NotFound."""
        found = self._storage.tags(self._place).get(name) or self._listed(name)
        if found is None:
            raise self._not_found(name)
        return found

    def exists(self, descriptor: Descriptor) -> bool:
        """Whether a blob is in the pool, or a manifest in this repository."""
        return self._folder.holds(descriptor) and (not is_manifest(descriptor.media_type) or self._listed(descriptor.digest) is not None)

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """The bytes of a blob or manifest, or ``length`` of them from ``start``. Raises NotFound, ContentCorrupt."""
        return self._folder.fetch(descriptor, start, length)

    def tags(self) -> tuple[str, ...]:
        """Every tag, sorted."""
        return tuple(sorted(self._storage.tags(self._place)))

    def push(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob, or a manifest whose children are there. Raises ContentCorrupt, BlobMissing, InvalidInput, StoreFull."""
        self._make()
        if not is_manifest(descriptor.media_type):
            self._folder.keep(descriptor, content(0))
            return
        data, manifest = pushed_manifest(descriptor, content, self.name)
        with self._folder.locked():
            check_children(self._folder, manifest, descriptor.short)
            self._folder.keep(descriptor, [data])
            for document in (INDEX_FILE, _document(self._place, INDEX_ENDING)):  # First the one that keeps kit from deleting it.
                entries = self._storage.entries(document)
                if all(entry.descriptor.digest != descriptor.digest for entry in entries):
                    self._storage.write_entries(document, [*entries, entry_of(descriptor)])

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        """Let ``tag`` name a manifest of this repository. Raises NotFound, InvalidInput for what is no tag."""
        check_tag(tag)
        self._make()
        with self._folder.locked():
            named = self._listed(descriptor.digest)
            if named is None:
                raise NotFound(f"{descriptor.short} is not in {self.name}.", hint="Push it first.")
            self._storage.write_tags(self._place, {**self._storage.tags(self._place), tag: named})

    def untag(self, tag: str) -> None:
        """Remove a tag; what it named stays, and kit lists it as ``<none>``. Raises NotFound."""
        self.resolve(tag)
        self._make()
        with self._folder.locked():
            tags = self._storage.tags(self._place)
            self._storage.write_tags(self._place, {name: kept for name, kept in tags.items() if name != tag})

    def delete(self, descriptor: Descriptor) -> None:
        """Remove a manifest and its tags, and where no other repository lists it, the blobs that only it used. Raises NotFound.

        Where that broke off, it goes on.
        """
        if not self._folder.holds(descriptor):
            raise self._not_found(descriptor.short)
        self._make()
        with self._folder.locked():
            places = {kept.place for kept in self._storage.kept() if kept.descriptor.digest == descriptor.digest}
            if places and self._place not in places:
                raise self._not_found(descriptor.short)
            tags = self._storage.tags(self._place)
            self._storage.write_tags(self._place, {tag: kept for tag, kept in tags.items() if kept.digest != descriptor.digest})
            self._storage.unlist(_document(self._place, INDEX_ENDING), descriptor)
            if places <= {self._place}:
                others = self._storage.unlist(INDEX_FILE, descriptor)
                drop_unreached(self._folder, descriptor, [entry.descriptor for entry in others])

    def _not_found(self, name: str) -> NotFound:
        return NotFound(f"“{name[:140]}” is not in {self.name}.", hint="Look at what is there with “jupyter kit list --kitops”.")

    def _listed(self, digest: str) -> Descriptor | None:
        """The manifest with this digest, if the repository has it."""
        entries = self._storage.entries(_document(self._place, INDEX_ENDING))
        return next((entry_of(entry.descriptor).descriptor for entry in entries if entry.descriptor.digest == digest), None)

    def _make(self) -> None:
        with self._making:
            if not self._made:
                self._folder.make()
                with self._folder.locked():
                    if self._folder.read(LAYOUT_FILE, LAYOUT_BYTES_MAX) is None:
                        self._folder.write(LAYOUT_FILE, encode(LAYOUT))
                self._made = True


def kept_by_kit(home: Path) -> tuple[Kept, ...]:
    """Every manifest in kit's store, by repository, in the order in which they came. Raises InvalidInput for a damaged document."""
    return tuple(_Storage(home).kept())


class _Storage:
    """The documents in kit's store."""

    def __init__(self, home: Path) -> None:
        self.folder = Folder(home / "storage", "kit's store", PRIVATE)

    def kept(self) -> Iterator[Kept]:
        """Every manifest of every repository."""
        for place in self._places():
            tags = self.tags(place)
            for entry in self.entries(_document(place, INDEX_ENDING)):
                kept = entry_of(entry.descriptor).descriptor
                yield Kept(place, kept, tuple(sorted(tag for tag, named in tags.items() if named.digest == kept.digest)))

    def entries(self, document: str) -> list[Entry]:
        """The manifests that a document lists; none where it is not there."""
        return _settled(self._listing(document).read) or []

    def write_entries(self, document: str, entries: list[Entry]) -> None:
        """Replace the manifests of a document; kit has no empty one but the one of all."""
        if entries or document == INDEX_FILE:
            _settled(lambda: self._listing(document).write(entries))
        else:
            self.folder.remove(document)

    def unlist(self, document: str, descriptor: Descriptor) -> list[Entry]:
        """Take a manifest out of a document. Returns what is left."""
        others = [entry for entry in self.entries(document) if entry.descriptor.digest != descriptor.digest]
        self.write_entries(document, others)
        return others

    def tags(self, place: str) -> dict[str, Descriptor]:
        """What each tag of a repository names."""
        document = _document(place, TAGS_ENDING)
        name = f"{document} in {self.folder.name}"
        tags = _settled(lambda: parsed(self.folder.read(document, LISTING_BYTES_MAX), name)) or {}
        return {tag: entry_of(parse_descriptor(value, f"“{tag[:140]}” in {name}")).descriptor for tag, value in tags.items()}

    def write_tags(self, place: str, tags: Mapping[str, Descriptor]) -> None:
        """Replace the tags of a repository; kit has no empty document of them."""
        document = _document(place, TAGS_ENDING)
        if tags:
            self.folder.write(document, encode({tag: descriptor_fields(named) for tag, named in sorted(tags.items())}))
        else:
            self.folder.remove(document)

    def _listing(self, document: str) -> Listing:
        return Listing(self.folder, document, INDEX_HEAD if document == INDEX_FILE else {"schemaVersion": 2})

    def _places(self) -> list[str]:
        """Repositories that have manifests, sorted."""
        with self.folder.foreign_errors():
            names = [path.name for path in self.folder.root.glob(f"?*{INDEX_ENDING}")]
        return sorted(place for name in names if (place := _place(name)) is not None)


def _document(place: str, ending: str) -> str:
    return urlsafe_b64encode(place.encode()).decode() + ending


def _place(document: str) -> str | None:
    """The repository that a document is named for; None where somebody else named it."""
    try:
        place = urlsafe_b64decode(document.removesuffix(INDEX_ENDING)).decode()
    except (binascii.Error, ValueError):
        return None
    return place if _document(place, INDEX_ENDING) == document else None


def _settled(read: Callable[[], _Value]) -> _Value:
    """What ``read`` gives once kit is not in the middle of writing it."""
    for _ in range(READ_TRIES - 1):
        try:
            return read()
        except InvalidInput:
            time.sleep(READ_PAUSE_SECONDS)
    return read()
