"""What a remote is known to have, and what of that may be relied on.

What a branch's manifest lists, just fetched, is there: a registry's garbage collection keeps it. Anything else may be gone even where the
registry says that it exists (its answer may come from a cache), so it is touched first: one byte of it is fetched.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from jupyter_kit.errors import ContentCorrupt, NotFound, RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Source
from jupyter_kit.store.disk.promises import Promise, places_of
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.format.published import SEGMENT_TYPE, Published, hexadecimal, layer
from jupyter_kit.sync.incoming.ledger import Ledger


class Shelf:
    """What one remote has of a store's chunks. ``bases`` are manifests just fetched."""

    def __init__(self, ledger: Ledger, source: Source, bases: Collection[Published], *, verify: bool) -> None:
        """``verify``: touch what the manifests list, too."""
        self._ledger = ledger
        self._environment = ledger.store.environment
        self._source = source
        self._verify = verify
        self._listed = {hexadecimal(descriptor) for base in bases for descriptor in base.segments}
        self._catalogued = {hexadecimal(descriptor) for base in bases for descriptor in base.catalogues}
        self._touched: dict[Segment, bool] = {}
        self._sent: set[Segment] = set()
        self._left: frozenset[Segment] = frozenset()
        self._refresh()

    def _refresh(self) -> None:
        self._segments = self._ledger.segments()
        self._catalogues = {number for number, digest in self._ledger.catalogues().items() if digest in self._catalogued}

    def leave(self, segments: frozenset[Segment]) -> None:
        """From now on, do without these."""
        self._left = segments

    def add(self, segment: Segment) -> None:
        """A new segment has arrived, and the store knows what is in it."""
        self._sent.add(segment)
        self._refresh()

    def is_told(self, segment: Segment) -> bool:
        """Whether a catalogue tells what is in it: one that a manifest lists, or that is being written."""
        return segment in self._sent or self._is_listed(segment)

    def _is_listed(self, segment: Segment) -> bool:
        return segment.digest.hex() in self._listed

    @property
    def lost(self) -> frozenset[Segment]:
        """Segments that the remote no longer has."""
        return frozenset(segment for segment, there in self._touched.items() if not there)

    def kept(self, identities: Iterable[bytes]) -> set[bytes]:
        """Which chunks are in the catalogues that the manifests list."""
        places = places_of(self._environment, identities)
        return {identity for identity, rows in places.items() if any(row.segment in self._catalogues for row in rows)}

    def find(self, identities: Iterable[bytes]) -> dict[bytes, tuple[Segment, Promise] | None]:
        """In which segment each chunk is, None where it has to be sent."""
        places = places_of(self._environment, identities)
        return {identity: self._first(rows) for identity, rows in places.items()}

    def _first(self, rows: list[Promise]) -> tuple[Segment, Promise] | None:
        there = [(self._segments[row.segment], row) for row in rows if row.segment in self._segments]
        for segment, row in sorted(there, key=lambda place: not self.is_told(place[0])):
            if segment not in self._left and self._is_there(segment):
                return segment, row
        return None

    def _is_there(self, segment: Segment) -> bool:
        if segment in self._sent or (self._is_listed(segment) and not self._verify):
            return True
        if segment not in self._touched:
            self._touched[segment] = is_there(self._source, layer(SEGMENT_TYPE, *segment))
        return self._touched[segment]


def is_there(source: Source, descriptor: Descriptor) -> bool:
    """Whether the last byte of a blob can be fetched. Raises what a source raises that cannot be asked at all."""
    try:
        return descriptor.size == 0 or any(len(piece) for piece in source.fetch(descriptor, descriptor.size - 1, 1))
    except (NotFound, ContentCorrupt):
        return False
    except RegistryUnavailable:
        source.exists(descriptor)  # Raises where nothing answers. Else it is this blob: docker-registry hangs up where it finds no file.
        return False
