"""A folder in the OCI image layout as a place: ``oci:path`` (image-spec, image-layout.md).

Tags are the annotation ``org.opencontainers.image.ref.name`` in ``index.json``. Every manifest that was pushed is listed there, by a tag or
without one, until it is deleted. The folder is made by the first push.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from jupyter_kit.errors import InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_fields
from jupyter_kit.oci.gojson import encode
from jupyter_kit.oci.manifest import pushed_manifest, referrer_of
from jupyter_kit.oci.media_types import INDEXES, OCI_INDEX, is_manifest
from jupyter_kit.oci.reference import LAYOUT_PREFIX, check_tag
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.registry.folder import OWN_FOLDER, Folder
from jupyter_kit.registry.graph import DEPTH_MAX, check_children, drop_unreached, read_manifest
from jupyter_kit.registry.listing import Entry, Listing, entry_of, parsed

LAYOUT_FILE = "oci-layout"
INDEX_FILE = "index.json"

LAYOUT = {"imageLayoutVersion": "1.0.0"}
"""What the file ``oci-layout`` says (image-spec, image-layout.md, “oci-layout file”)."""

INDEX_HEAD: dict[str, object] = {"schemaVersion": 2, "mediaType": OCI_INDEX}
"""The beginning of a new ``index.json``."""

LAYOUT_BYTES_MAX = 1 << 20
"""Bytes of ``oci-layout``: real ones have 30."""

INDEXES_MAX = 1000
"""Indexes that are looked into for a name: a layout whose every entry is an index of platforms stays below."""

INDEXES_BYTES_MAX = 64 << 20
"""Bytes of those indexes, which are in memory at once."""

_OWN = {OWN_FOLDER, "blobs", LAYOUT_FILE, INDEX_FILE}


class Layout:
    """One layout folder. Any number of threads and processes may use it at once."""

    def __init__(self, path: str | Path) -> None:
        self._folder = Folder(Path(path), f"{LAYOUT_PREFIX}{path}")
        self._listing = Listing(self._folder, INDEX_FILE, INDEX_HEAD)
        self._making = threading.Lock()
        self._made = False

    @property
    def name(self) -> str:
        """``oci:path``."""
        return self._folder.name

    def resolve(self, name: str) -> Descriptor:
        """The manifest of a tag or digest; of several entries with one tag the first, as skopeo does. Raises NotFound."""
        for entry in self._entries():
            if name in (entry.tag, entry.descriptor.digest):
                return entry_of(entry.descriptor).descriptor
        raise NotFound(f"“{name[:140]}” is not in {self.name}.", hint="Look at what is there with “jupyter kit list”.")

    def exists(self, descriptor: Descriptor) -> bool:
        """Whether a blob of this digest and size is there; a manifest has to be listed, too."""
        if not self._folder.holds(descriptor):
            return False
        return not is_manifest(descriptor.media_type) or any(entry.descriptor.digest == descriptor.digest for entry in self._entries())

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """The bytes of a blob or manifest, or ``length`` of them from ``start``. Raises NotFound, ContentCorrupt."""
        return self._folder.fetch(descriptor, start, length)

    def tags(self) -> tuple[str, ...]:
        """Every tag, sorted; none where the folder does not exist."""
        if not self._folder.root.exists():
            return ()
        return tuple(sorted({entry.tag for entry in self._entries() if entry.tag is not None}))

    def referrers(self, descriptor: Descriptor, artifact_type: str | None = None) -> tuple[Descriptor, ...]:
        """Listed manifests whose subject it is, with their type and annotations."""
        found = {}
        for entry in self._read():
            if is_manifest(entry.descriptor.media_type) and self._folder.holds(entry.descriptor):
                manifest = read_manifest(self._folder, entry.descriptor)
                referrer = referrer_of(entry.descriptor, manifest)
                if manifest.subject and manifest.subject.digest == descriptor.digest and artifact_type in (None, referrer.artifact_type):
                    found[referrer.digest] = referrer
        return tuple(found.values())

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
            entries = self._read()
            if all(entry.descriptor.digest != descriptor.digest for entry in entries):
                self._listing.write([*entries, entry_of(descriptor)])

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        """Let ``tag`` name a manifest that is listed. Raises NotFound, InvalidInput for what is no tag."""
        check_tag(tag)
        self._make()
        with self._folder.locked():
            named = next((entry for entry in self._entries() if entry.descriptor.digest == descriptor.digest), None)
            if named is None:
                raise NotFound(f"{descriptor.short} is not in {self.name}.", hint="Push it first.")
            others = [entry.tagged(None) if entry.tag == tag else entry for entry in self._read()]
            self._listing.write(_tidied([*others, named.tagged(tag)]))

    def untag(self, tag: str) -> None:
        """Remove a tag; what it named stays, by its digest. Raises NotFound, UnsupportedFormat for one inside of an index."""
        self.resolve(tag)
        self._make()
        with self._folder.locked():
            entries = self._read()
            if all(entry.tag != tag for entry in entries):
                raise UnsupportedFormat(f"“{tag}” stands inside of an index in {self.name}.", hint="Delete that index.")
            self._listing.write(_tidied([entry.tagged(None) if entry.tag == tag else entry for entry in entries]))

    def delete(self, descriptor: Descriptor) -> None:
        """Remove a listed manifest, its tags, and the blobs that only it referred to; or go on where that broke off. Raises NotFound."""
        self._read()
        self._make()
        with self._folder.locked():
            entries = self._read()
            others = [entry for entry in entries if entry.descriptor.digest != descriptor.digest]
            if len(others) == len(entries) and (self.exists(descriptor) or not self._folder.holds(descriptor)):
                raise NotFound(f"{descriptor.short} is not listed in {self.name}.", hint="Look at what is there with “jupyter kit list”.")
            self._listing.write(others)
            drop_unreached(self._folder, descriptor, [entry.descriptor for entry in others])

    def _read(self) -> list[Entry]:
        """The entries of ``index.json``. Raises NotFound where the folder is no layout."""
        layout = parsed(self._folder.read(LAYOUT_FILE, LAYOUT_BYTES_MAX), f"{LAYOUT_FILE} in {self.name}")
        version = LAYOUT["imageLayoutVersion"] if layout is None else layout.get("imageLayoutVersion")
        if not isinstance(version, str) or not version.startswith("1."):
            raise UnsupportedFormat(f"{self.name} has the layout version {str(version)[:40]}.", hint="Version 1.0.0 is read here.")
        entries = self._listing.read()
        if entries is None:
            raise NotFound(f"{self.name} is not an OCI layout: it has no {INDEX_FILE}.", hint="Check the path.")
        return entries

    def _entries(self) -> Iterator[Entry]:
        """Every entry, then those of indexes that are listed, and so on. Raises InvalidInput past the limits."""
        level, looked_into, held = self._read(), 0, 0
        for _ in range(DEPTH_MAX):
            yield from level
            indexes = {entry.descriptor.digest: entry.descriptor for entry in level if entry.descriptor.media_type in INDEXES}
            there = [index for index in indexes.values() if self._folder.holds(index)]
            looked_into += len(there)
            held += sum(index.size for index in there)
            if looked_into > INDEXES_MAX or held > INDEXES_BYTES_MAX:
                break
            level = [Entry(child, descriptor_fields(child)) for index in there for child in read_manifest(self._folder, index).children]
            if not level:
                return
        raise InvalidInput(f"{self.name} has too many indexes, or nests them too deeply.", hint="Name one of the ModelKits in it.")

    def _make(self) -> None:
        """Make the folder a layout. Raises InvalidInput where it holds something else."""
        with self._making:
            if self._made:
                return
            root = self._folder.root
            with self._folder.foreign_errors():
                names = {path.name for path in root.iterdir()} if root.exists() else set()
            if LAYOUT_FILE not in names and names - _OWN:
                raise InvalidInput(f"{root} is no OCI layout and not empty.", hint="Name a folder that does not exist yet.")
            for inside in (OWN_FOLDER, "blobs", "blobs/sha256", "blobs/sha512"):
                if (root / inside).is_symlink():
                    raise InvalidInput(f"{inside} in {self.name} is a symlink: what is pushed would land elsewhere.", hint="Remove it.")
            self._folder.make()
            with self._folder.locked():
                if self._folder.read(LAYOUT_FILE, LAYOUT_BYTES_MAX) is None:
                    self._folder.write(LAYOUT_FILE, encode(LAYOUT))
                if self._listing.read() is None:
                    self._listing.write([])
            self._read()
            self._made = True


def _tidied(entries: list[Entry]) -> list[Entry]:
    """Without nameless entries of what is listed by a name, and without repetitions."""
    named = {entry.descriptor.digest for entry in entries if entry.tag is not None}
    told = (entry for entry in entries if entry.tag is not None or entry.descriptor.digest not in named)
    return list({(entry.descriptor.digest, entry.tag): entry for entry in told}.values())
