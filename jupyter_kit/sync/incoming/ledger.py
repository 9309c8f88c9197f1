"""What a store notes of one remote: which segments and catalogues it has, and which chunks are in them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.snapshot.ancestry import remember_parents
from jupyter_kit.store.disk.promises import CATALOGUES, Promise, RemoteSegment, next_numbers, promise_row, remote_segments, segment_row
from jupyter_kit.store.format.schema import ID_LENGTH, Codec, Table, announce
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer
from jupyter_kit.sync.format.catalogue import Catalogue, Place, Segment
from jupyter_kit.sync.format.published import hexadecimal

ROWS_AT_ONCE = 20_000
"""Rows in one transaction: about 10 MB of memory."""


class Ledger:
    """The rows of one remote in one store, for one verb."""

    def __init__(self, store: Store, writer: Writer, remote: str) -> None:
        self.store = store
        self.writer = writer
        self.remote = remote

    def known(self) -> dict[int, RemoteSegment]:
        """Segments and catalogues by number."""
        return {number: known for number, known in remote_segments(self.store.environment).items() if known.remote == self.remote}

    def segments(self) -> dict[int, Segment]:
        """The segments alone."""
        return {number: Segment(known.digest, known.size) for number, known in self.known().items() if number < CATALOGUES}

    def catalogues(self) -> dict[int, str]:
        """The catalogues that were read, by their sha256 in hexadecimal."""
        return {number: known.digest.hex() for number, known in self.known().items() if number >= CATALOGUES}

    def learn_places(self, catalogue: Catalogue) -> None:
        """Note what is in the segments that a catalogue describes. Raises ContentCorrupt."""
        segments = catalogue.segments()
        numbers = self.learn_segments(segments)
        rows: list[Promise] = []
        for place in catalogue.places():
            rows.append(promise_of(place, numbers[segments[place.segment]]))
            if len(rows) == ROWS_AT_ONCE:
                self.learn_promises(rows)
                rows.clear()
        self.learn_promises(rows)

    def learn_segments(self, segments: Iterable[Segment]) -> dict[Segment, int]:
        """The numbers of these segments, given where they have none yet."""
        announce(self.store.folder)
        with self.writer.transaction() as transaction:
            numbers = {segment: number for number, segment in self.segments().items()}
            free = next_numbers(self.store.environment)[0]
            for segment in segments:
                if segment not in numbers:
                    numbers[segment] = free
                    transaction.put(Table.REMOTE_SEGMENTS, *segment_row(free, RemoteSegment(self.remote, segment.digest, segment.size)))
                    free += 1
        return numbers

    def learn_promises(self, promises: Iterable[Promise]) -> None:
        """Note where chunks are."""
        with self.writer.transaction() as transaction:
            for promise in promises:
                transaction.put(Table.REMOTE_CHUNKS, *promise_row(promise))

    def learn_catalogue(self, descriptor: Descriptor, catalogue: Catalogue) -> None:
        """Note what a catalogue holds itself, and with it that everything it says is known here."""
        announce(self.store.folder)
        with self.writer.transaction() as transaction:
            number = next_numbers(self.store.environment)[1]
            for kept in catalogue.kept():
                transaction.put(Table.REMOTE_CHUNKS, *promise_row(Promise(kept.id, number, Codec.RAW, 0, 0, 0, 0, None)))
            for ancestor in catalogue.history():
                if transaction.get(Table.BLOBS, ancestor.id) is None:
                    remember_parents(transaction, ancestor.id.hex(), (parent.hex() for parent in ancestor.parents))
            known = RemoteSegment(self.remote, bytes.fromhex(hexadecimal(descriptor)), descriptor.size)
            transaction.put(Table.REMOTE_SEGMENTS, *segment_row(number, known))

    def forget(self, segments: Collection[Segment]) -> None:
        """The remote no longer has these."""
        gone = {number for number, segment in self.segments().items() if segment in segments}
        if not gone:
            return
        rows = [key for key, _ in self.store.environment.rows(Table.REMOTE_CHUNKS) if int.from_bytes(key[ID_LENGTH:], "big") in gone]
        with self.writer.transaction() as transaction:
            for key in rows:
                transaction.delete(Table.REMOTE_CHUNKS, key)
            for number in gone:
                transaction.delete(Table.REMOTE_SEGMENTS, number.to_bytes(4, "big"))


def promise_of(place: Place, number: int) -> Promise:
    """A place of a catalogue as the store notes it, with the segment's number."""
    return Promise(place.id, number, place.codec, place.depth, place.raw_length, place.stored_length, place.offset, place.base)
