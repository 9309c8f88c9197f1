"""How what a remote sent comes into the store: decoded, compared with its id, and only then kept.

Nothing is believed: a chunk must be what its BLAKE3 says, a recipe what its root says, a blob what its sha256 says. What is not raises
ContentCorrupt, and nothing names it then.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Iterable
from itertools import repeat

from blake3 import blake3

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.codec import DEPTH_MAX, decode, encode
from jupyter_kit.store.format.recipes import Row, Span, decode_row, decode_spans, root_of
from jupyter_kit.store.format.schema import ID_LENGTH, BlobRow, Codec
from jupyter_kit.store.reading.chunks import RUN_BYTES
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer
from jupyter_kit.sync.format.catalogue import Catalogue
from jupyter_kit.system import Buffer

BASES_BYTES_MAX = 32 * MIB
"""Content of bases held at hand while deltas arrive, in bytes; others are read back."""

ROWS_AT_ONCE = 20_000
"""Rows in one transaction: about 10 MB of memory."""

BLOB_BYTES_MAX = 256 * MIB
"""A record, list or environment that says it is longer is refused: a million files make a list of half that."""


class Chunks:
    """Chunks that arrive in stored form, for one writer. A delta's base arrives before it, or is there."""

    def __init__(self, store: Store, writer: Writer, bases: Iterable[bytes]) -> None:
        """``bases`` are the chunks that others of the same arrival are deltas of."""
        self._store = store
        self._writer = writer
        self._awaited = frozenset(bases)
        self._at_hand: OrderedDict[bytes, tuple[bytes, int]] = OrderedDict()
        self._at_hand_bytes = 0

    def take(self, identity: bytes, codec: int, raw_length: int, stored: Buffer) -> None:
        """Verify and keep a chunk; its stored bytes must stay as they are. Raises ContentCorrupt."""
        base, depth = self._base(bytes(stored[:ID_LENGTH])) if codec == Codec.DELTA else (None, -1)
        try:
            content = decode(codec, stored, raw_length, base)
        except ValueError as error:
            raise _corrupt(f"chunk {identity.hex()[:16]}", f"does not decode ({error})") from error
        if blake3(content).digest() != identity:
            raise _corrupt(f"chunk {identity.hex()[:16]}", "is not what its id says")
        depth += 1
        if depth > DEPTH_MAX:  # Here, the base is a delta itself, as it may not have been there: this one is kept in full.
            full, buffers = encode(content, "sample")
            codec, stored, depth = full, b"".join(buffers), 0
        self._writer.keep_stored(identity, codec, depth, stored, raw_length)
        if identity in self._awaited:
            self._at_hand[identity] = (bytes(content), depth)
            self._at_hand_bytes += len(content)
            while self._at_hand_bytes > BASES_BYTES_MAX:
                self._at_hand_bytes -= len(self._at_hand.popitem(last=False)[1][0])

    def _base(self, identity: bytes) -> tuple[bytes, int]:
        if identity in self._at_hand:
            return self._at_hand[identity]
        with self._writer.transaction():  # What was kept so far can be read back then.
            pass
        row = self._store.chunks.find([identity])[0]
        if row is None:
            raise _corrupt(f"the base {identity.hex()[:16]} of a chunk", "is missing")
        return self._store.chunks.content(identity, row), row.depth


def take_catalogue(store: Store, writer: Writer, catalogue: Catalogue) -> None:
    """Keep what a catalogue holds, verified: chunks, recipes, then blobs. Raises ContentCorrupt."""
    chunks = Chunks(store, writer, {kept.stored[:ID_LENGTH] for kept in catalogue.kept() if kept.codec == Codec.DELTA})
    for kept in catalogue.kept():
        chunks.take(kept.id, kept.codec, kept.raw_length, kept.stored)
    with writer.transaction():
        pass
    for root, encoded in catalogue.recipes():
        writer.keep_recipe(root, _verified_recipe(store, root, encoded))
    with writer.transaction():
        pass
    for digest, row in catalogue.blobs():
        _verify_blob(store, digest, row)
        writer.put_blob(digest, row)
    with writer.transaction():
        pass


def _verified_recipe(store: Store, root: bytes, encoded: bytes) -> Row:
    what = f"recipe {root.hex()[:16]}"
    try:
        row = decode_row(encoded)
        listing = row.listing
        if row.chunked:
            listing = _local_content(store, decode_spans(listing), what)
        spans = decode_spans(listing)
        size = sum(span.appears for span in spans)
    except ValueError as error:
        raise _corrupt(what, f"does not decode ({error})") from error
    if root_of(row.chunker, listing) != root or size != row.size:
        raise _corrupt(what, "is not what its root says")
    return row


def _local_content(store: Store, spans: Iterable[Span], what: str) -> bytes:
    """What spans make up, of chunks that are here: reading must not ask a remote."""
    spans = list(spans)
    if sum(span.appears for span in spans) > BLOB_BYTES_MAX:
        raise _corrupt(what, "is too long")
    if not all(store.chunks.known([span.chunk for span in spans])):
        raise _corrupt(what, "lacks a chunk")
    buffers = repeat(memoryview(bytearray(2 * RUN_BYTES)))
    return b"".join(bytes(piece) for run in store.chunks.stream(spans, buffers) for piece in run)


def _verify_blob(store: Store, digest: bytes, row: BlobRow) -> None:
    what = f"blob {digest.hex()[:16]}"
    recipe = store.chunks.recipe(row.root)
    if recipe is None:
        raise _corrupt(what, "lacks its recipe")
    content = _local_content(store, recipe.spans, what)
    if len(content) != row.size or hashlib.sha256(content).digest() != digest:
        raise _corrupt(what, "is not what its digest says")


def _corrupt(what: str, how: str) -> ContentCorrupt:
    return ContentCorrupt(f"The remote's {what} {how}.", hint="Nothing was kept of it. Ask whoever pushed it to push it again.")
