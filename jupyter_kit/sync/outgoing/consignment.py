"""What one push sends: the chunks that its snapshots need and the remote lacks, assembled into segments, and the catalogues of it all.

Segments are made of chunks, never of the store's own files, which may hold content that was removed. What is made goes out at once, so
that memory holds a few segments however much is sent; and what a segment holds is noted as soon as it has arrived, so that a push which
was cut off goes on where it was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import NotFound
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.snapshot.records import read_files
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.store.disk.promises import Promise, batches
from jupyter_kit.store.format.schema import ID_LENGTH, ChunkRow, Codec, Table
from jupyter_kit.store.reading.chunks import damaged
from jupyter_kit.sync.format.catalogue import PART_BYTES, Ancestor, Catalogue, CatalogueWriter, Kept, Place, Segment
from jupyter_kit.sync.format.published import CATALOGUE_TYPE, SEGMENT_TYPE, layer
from jupyter_kit.sync.incoming.ledger import Ledger, promise_of
from jupyter_kit.sync.outgoing.shelf import Shelf
from jupyter_kit.sync.outgoing.uploads import Uploads
from jupyter_kit.system import Buffer

SEGMENT_BYTES = 32 * MIB
"""A segment this long goes out (16 to 64 MiB measured alike): few enough for one manifest, short enough to be sent again."""


SEEN_MAX = 300_000
"""Chunks remembered while what there is to send is measured: some 30 MB of memory."""


class _Filling:
    """A segment being filled. Its digest is known when it is full, so it is named by this value until then."""

    def __init__(self) -> None:
        self.buffers: list[Buffer] = []
        self.places: list[Place] = []
        self.length = 0
        self.sealed: Segment | None = None


class Consignment:
    """Add snapshots, oldest first; then :meth:`close`. ``catalogues`` and :meth:`segments_of` are complete after that."""

    def __init__(self, ledger: Ledger, shelf: Shelf, uploads: Uploads, arrived: Callable[[Segment], None]) -> None:
        """``arrived`` is called for every new segment that the remote has taken."""
        self._ledger = ledger
        self._store = ledger.store
        self._shelf = shelf
        self._uploads = uploads
        self._arrived = arrived
        self._filling = _Filling()
        self._pending: dict[bytes, tuple[_Filling, bytes | None]] = {}
        self._described: set[bytes] = set()
        self._kept: set[bytes] = set()
        self._blobs: set[str] = set()
        self._roots: dict[str, frozenset[Segment | _Filling]] = {}
        self._used: dict[str, frozenset[Segment | _Filling]] = {}
        self._told: set[str] = set()
        self._catalogue = CatalogueWriter()
        self.catalogues: list[Descriptor] = []
        """The new ones, in order."""

    def know(self, snapshot: Snapshot) -> None:
        """The remote has this one with all that it names: its recipes need not be told again."""
        self._blobs.update(_blobs(snapshot))
        self._told.update(entry.root for entry in read_files(self._store, snapshot) if entry.kind == "file")

    def add_ancestor(self, snapshot: str, parents: Iterable[str]) -> None:
        """Tell where a snapshot comes from, which need not be in the history any more."""
        self._catalogue.add_ancestor(Ancestor(bytes.fromhex(snapshot), tuple(map(bytes.fromhex, parents))))

    def measure(self, snapshots: Iterable[Snapshot]) -> int:
        """How many bytes of content adding these will send; a little more where many chunks are met again after many others."""
        total = 0
        roots: set[str] = set()
        seen: set[bytes] = set()
        for snapshot in snapshots:
            new = {entry.root for entry in read_files(self._store, snapshot) if entry.kind == "file"} - roots
            roots |= new
            for root in new:
                for batch in batches(span.chunk for span in self._store.recipe(root).spans):
                    found = self._shelf.find(set(batch) - seen)
                    missing = [identity for identity, place in found.items() if place is None]
                    total += sum(row.stored_length for row in self._store.chunks.find(missing) if row is not None)
                    if len(seen) > SEEN_MAX:
                        seen.clear()
                    seen.update(found)
        return total

    def add(self, snapshot: Snapshot) -> None:
        """Send what a snapshot needs. Raises ContentCorrupt for damaged content, which is never sent, and what the target raises."""
        for digest in _blobs(snapshot):
            if digest not in self._blobs:
                self._blobs.add(digest)
                self._add_blob(digest)
        used: set[Segment | _Filling] = set()
        for entry in read_files(self._store, snapshot):
            if entry.kind != "file":
                continue
            if entry.root not in self._roots:
                recipe = self._store.recipe(entry.root, entry.path)
                if entry.root not in self._told:
                    self._add_recipe(recipe.root)
                placed = (self._place(batch, entry.path) for batch in batches(span.chunk for span in recipe.spans))
                self._roots[entry.root] = frozenset().union(*placed)
            used |= self._roots[entry.root]
        self._used[snapshot.id] = frozenset(used)

    def width(self, snapshot: Snapshot) -> int:
        """How many segments hold content of a snapshot that was added."""
        return len(self._used[snapshot.id])

    def again(self, snapshot: Snapshot) -> None:
        """Place a snapshot's content anew, after the shelf changed its mind about segments."""
        for entry in read_files(self._store, snapshot):
            self._roots.pop(entry.root, None)
        self.add(snapshot)

    def segments_of(self, snapshot: Snapshot) -> tuple[Segment, ...]:
        """Every segment that holds content of a snapshot that was added."""
        used = self._used[snapshot.id]
        return tuple(sorted(segment for place in used if (segment := place.sealed if isinstance(place, _Filling) else place) is not None))

    def live_bytes(self, snapshot: Snapshot) -> dict[Segment, int]:
        """What a snapshot needs, in bytes, of each segment that the remote has already; only those of which this store has it, too."""
        live: dict[Segment, int] = {}
        lacking: set[Segment] = set()
        seen: set[bytes] = set()
        for root in {entry.root for entry in read_files(self._store, snapshot) if entry.kind == "file"}:
            for batch in batches(span.chunk for span in self._store.recipe(root).spans):
                found = self._shelf.find(set(batch) - seen)
                seen.update(found)
                for place, here in zip(found.values(), self._store.chunks.known(list(found)), strict=True):
                    if place is not None:
                        segment, promise = place
                        live[segment] = live.get(segment, 0) + promise.stored_length
                        if not here:
                            lacking.add(segment)
        return {segment: length for segment, length in live.items() if segment not in lacking}

    def close(self) -> None:
        """Send the last segment and the last catalogue, and wait until everything has arrived."""
        self._seal()
        self._uploads.finish()
        self._close_catalogue()
        self._uploads.finish()

    def _add_blob(self, digest: str) -> None:
        row = self._store.blob_row(digest)
        if row is None:
            raise NotFound(f"The store does not hold the blob {digest[:16]}.", hint="Run “jupyter kit check”.")
        self._add_recipe(row.root)
        self._keep([span.chunk for span in self._store.recipe(row.root.hex()).spans])
        self._catalogue.add_blob(bytes.fromhex(digest), row)

    def _add_recipe(self, root: bytes) -> None:
        self._told.add(root.hex())
        self._keep(self._store.chunks.listing_chunks(root))
        encoded = self._store.environment.get(Table.RECIPES, root)
        assert encoded is not None, "the recipe was just read"
        self._catalogue.add_recipe(root, encoded)
        if self._catalogue.length >= PART_BYTES:
            self._close_catalogue()

    def _keep(self, identities: list[bytes]) -> None:
        """Put chunks into the catalogue, bases first."""
        identities = [identity for identity in dict.fromkeys(identities) if identity not in self._kept]
        there = self._shelf.kept(identities)
        for identity, row in zip(identities, self._store.chunks.present(identities), strict=True):
            self._kept.add(identity)
            if identity not in there:
                if row is None:
                    raise damaged(identity, "is missing")
                stored = bytes(self._store.chunks.stored(identity, row))
                if row.codec == Codec.DELTA:
                    self._keep([stored[:ID_LENGTH]])
                self._catalogue.add_kept(Kept(identity, row.codec, row.depth, row.raw_length, stored))

    def _place(self, identities: Iterable[bytes], path: str) -> set[Segment | _Filling]:
        """Where chunks and the bases of those that are deltas lie; what is nowhere yet goes into the segment being filled."""
        used: set[Segment | _Filling] = set()
        unknown: list[bytes] = []
        bases: dict[bytes, None] = {}
        for identity in dict.fromkeys(identities):
            filling, base = self._pending.get(identity, (None, None))
            if filling is None:
                unknown.append(identity)
            else:
                used.add(filling)
            if base is not None:
                bases[base] = None
        missing: list[bytes] = []
        for identity, found in self._shelf.find(unknown).items():
            if found is None:
                missing.append(identity)
                continue
            segment, promise = found
            used.add(segment)
            self._describe(segment, promise)
            if promise.base is not None:
                bases[promise.base] = None
        for identity, row in zip(missing, self._store.chunks.present(missing, path), strict=True):
            filling, base = self._append(identity, row, path)
            used.add(filling)
            if base is not None:
                bases[base] = None
        return used | self._place(bases, path) if bases else used

    def _describe(self, segment: Segment, promise: Promise) -> None:
        """A segment that no manifest lists, and that did not go out just now, may be in no catalogue."""
        if not self._shelf.is_told(segment) and promise.id not in self._described:
            self._described.add(promise.id)
            _, _, codec, depth, raw_length, stored_length, offset, base = promise
            self._catalogue.add_place(segment, Place(promise.id, 0, offset, stored_length, raw_length, codec, depth, base))

    def _append(self, identity: bytes, row: ChunkRow | None, path: str) -> tuple[_Filling, bytes | None]:
        if row is None:
            raise damaged(identity, "is missing", path)
        stored = self._store.chunks.stored(identity, row, path)
        base = bytes(stored[:ID_LENGTH]) if row.codec == Codec.DELTA else None
        filling = self._filling
        place = Place(identity, 0, filling.length, row.stored_length, row.raw_length, row.codec, row.depth, base)
        filling.buffers.append(stored)
        filling.places.append(place)
        filling.length += row.stored_length
        self._pending[identity] = (filling, base)
        if filling.length >= SEGMENT_BYTES:
            self._seal()
        return filling, base

    def _seal(self) -> None:
        """Send the segment being filled, and begin another."""
        filling, self._filling = self._filling, _Filling()
        if not filling.length:
            return
        digest = hashlib.sha256()
        for buffer in filling.buffers:
            digest.update(buffer)
        segment = filling.sealed = Segment(digest.digest(), filling.length)
        buffers, filling.buffers = filling.buffers, []
        for place in filling.places:
            self._catalogue.add_place(segment, place)
        self._uploads.send(layer(SEGMENT_TYPE, *segment), buffers, lambda: self._note(segment, filling))
        if self._catalogue.length >= PART_BYTES:
            self._close_catalogue()

    def _note(self, segment: Segment, filling: _Filling) -> None:
        """A segment has arrived."""
        number = self._ledger.learn_segments([segment])[segment]
        self._ledger.learn_promises(promise_of(place, number) for place in filling.places)
        for place in filling.places:
            del self._pending[place.id]
        filling.places = []
        self._shelf.add(segment)
        self._arrived(segment)

    def _close_catalogue(self) -> None:
        if self._catalogue.length:
            packed = self._catalogue.encode()
            descriptor = descriptor_of(packed, CATALOGUE_TYPE)
            self._catalogue = CatalogueWriter()
            self._uploads.send(descriptor, [packed])
            self._ledger.learn_catalogue(descriptor, Catalogue(packed))
            self.catalogues.append(descriptor)


def _blobs(snapshot: Snapshot) -> list[str]:
    return [snapshot.id, snapshot.files, *([snapshot.environment] if snapshot.environment else [])]
