"""The store's writer: keeps what is new, and commits in steps that are all or nothing.

Order of writes (FORMAT.md derives it from the invariants): chunk records, then the journal entry, made durable together; then one LMDB
commit with every row. A crash at any point leaves rows of the old state or the new, and at most a tail of records that nothing names.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_kit.chunking.chunker import MIB, Compression, Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_4K
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.progress import Progress
from jupyter_kit.store.disk.appender import Appender
from jupyter_kit.store.disk.environment import Environment
from jupyter_kit.store.disk.segments import RecordKind
from jupyter_kit.store.format.codec import check_of, encode
from jupyter_kit.store.format.recipes import Row, encode_row
from jupyter_kit.store.format.schema import ID_LENGTH, BlobRow, ChunkRow, Codec, Table, decode_blob_row, encode_blob_row, encode_chunk_row
from jupyter_kit.store.reading.chunks import Chunks
from jupyter_kit.store.reading.digests import Part, computed, encode_digest_row, remembered
from jupyter_kit.store.writing.arrival import Arrival
from jupyter_kit.store.writing.blocks import Fill
from jupyter_kit.store.writing.composition import Composition
from jupyter_kit.store.writing.intake import BLOCK_BYTES, Added, Base, Intake, Kept
from jupyter_kit.store.writing.layers import take_file, take_tar
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.system import Buffer

INLINE_BYTES_MAX = 640
"""A chunk stored in this many bytes or fewer lies in the index, and with its row in the journal a second time. From some 200 bytes on a
record in a segment takes less; but a snapshot's own record, of about 400, is to be there even where a segment is damaged."""

COMMIT_BYTES = 256 * MIB
"""Content appended before it is committed on the way: bounds what a crash loses, the segments locked at once, and memory."""

COMMIT_ROWS = 20_000
"""Rows held back before they are committed on the way: about 10 MB of memory."""

UNSYNCED_BYTES_MAX = 8 * MIB
"""More than this is made durable before the index is locked, so that other writers do not wait for the disk."""


class Writer:
    """One verb's writing. Get it from ``Store.writer()``; it is used from one thread.

    As a :class:`~jupyter_kit.store.writing.intake.Sink` it keeps chunks; the rows of what it kept are held back until a commit.
    """

    def __init__(self, environment: Environment, chunks: Chunks, segments: Path, block_bytes: int = BLOCK_BYTES) -> None:
        self._environment = environment
        self._chunks = chunks
        self._appender = Appender(environment, segments)
        self._intake = Intake(chunks, self, block_bytes)
        self._placed: dict[bytes, ChunkRow] = {}
        self._recipes: dict[bytes, bytes] = {}
        self._blobs: dict[bytes, bytes] = {}
        self._digests: dict[bytes, bytes] = {}
        self._lost: set[bytes] = set()
        self._doubting = False
        self.healed: set[bytes] = set()
        """Chunks that :meth:`heal` named and that came in again and were committed."""

    def close(self) -> None:
        """Abandon what was not committed."""
        self._intake.close()
        self._appender.close()

    def heal(self, identities: frozenset[bytes]) -> None:
        """Treat these chunks as if the store did not have them, so that content which comes in again replaces damaged bytes."""
        self._lost = set(identities)

    def doubt(self) -> None:
        """From now on, read what content that comes in shares with what is kept, and treat what is damaged as :meth:`heal` does."""
        self._doubting = True

    def add_file(
        self, descriptor: int, size: int, selection: Selection, base: str | None = None, progress: Progress | None = None
    ) -> Added:
        """Keep an open file from its start to its end; see :meth:`Intake.add_file`. Raises StoreFull, StoreUnavailable."""
        return self._intake.add_file(descriptor, size, selection, base, progress)

    def add_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> Added:
        """Keep a small file that was read whole. Raises StoreFull, StoreUnavailable."""
        return self._intake.add_bytes(data, selection, base)

    def add_stream(self, fill: Fill, selection: Selection) -> Added:
        """Keep whatever ``fill(buffer, offset)`` reads; see :meth:`Intake.add_stream`. Raises StoreFull, StoreUnavailable."""
        return self._intake.add_stream(fill, selection)

    def add_blob(self, data: bytes, base: str | None = None) -> str:
        """Keep a blob; returns its digest. ``base`` is the digest of its earlier version, which a delta is made against.

        Raises StoreFull, StoreUnavailable.
        """
        digest = hashlib.sha256(data).digest()
        if digest not in self._blobs and (self._lost or self._blob_row(digest) is None):
            selection = Selection(WHOLE, "delta") if len(data) <= WHOLE.longest else Selection(FASTCDC_4K, "sample")
            added = self.add_bytes(data, selection, self._root_of(base) if base else None)
            # Not remembered beside the root: what came in whole is small, and hashed again sooner than a row is kept.
            self._blobs[digest] = encode_blob_row(BlobRow(len(data), bytes.fromhex(added.root)))
        return digest.hex()

    def compose(self, parts: Iterable[bytes | str], progress: Progress | None = None) -> tuple[str, BlobRow]:
        """A blob from literal bytes and committed content (by root), without a second copy: its digest, and its size and root.

        Reads what it names to compute the digest, unless that is remembered from an earlier time. ``progress`` is told of the content
        either way. Raises NotFound where the store does not hold a root, ContentCorrupt.
        """
        joined: list[Part] = []
        composition = Composition(self._intake)
        for part in parts:
            if isinstance(part, bytes):
                composition.add_literal(part)
                joined.append(part)
            else:
                recipe = self._chunks.recipe(bytes.fromhex(part))
                if recipe is None:
                    raise NotFound(f"The store does not hold content with the root {part[:16]}.", hint="Run “jupyter kit check”.")
                composition.add_content(recipe.spans)
                joined.append(recipe.spans)
        added = composition.finish()
        row = BlobRow(added.size, bytes.fromhex(added.root))
        digest = self._digests.get(row.root) or remembered(self._chunks, row.root)
        if digest is None:
            digest = computed(self._chunks, joined, progress)
        elif progress is not None:
            progress.advance(sum(span.appears for part in joined if not isinstance(part, bytes) for span in part))
        self.put_blob(digest, row)
        return digest.hex(), row

    def add_arrival(self, arrival: Arrival, path: str | None) -> Added:
        """Keep content that arrives: a file of that path, or with None an uncompressed tar, cut at its members.

        Raises StoreFull, StoreUnavailable, and what the arrival raises; it counts only once ``arrival.end()`` did not raise.
        """
        return take_tar(self._intake, arrival) if path is None else take_file(self._intake, arrival, path)

    def put_blob(self, digest: bytes, row: BlobRow) -> None:
        """Name a recipe that is already kept by the sha256 of its content, which the store remembers, or by its sha512."""
        self._blobs[digest] = encode_blob_row(row)
        if len(digest) == ID_LENGTH:
            self._digests[row.root] = digest

    def remember(self, key: bytes, digest: bytes) -> None:
        """Note a sha256 under 32 bytes that say what it is of: a root, or a hash of what it was made from."""
        self._digests[key] = digest

    def _root_of(self, digest: str) -> str | None:
        with suppress(ContentCorrupt):  # Nothing to make a delta against; check tells the damage.
            row = self._blob_row(bytes.fromhex(digest))
            return row.root.hex() if row else None
        return None

    def _blob_row(self, digest: bytes) -> BlobRow | None:
        value = self._environment.get(Table.BLOBS, digest)
        return decode_blob_row(value) if value else None

    def keep(self, ids: Sequence[bytes], contents: Sequence[Buffer], compression: Compression, base: Base | None = None) -> Kept:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""
        known = self._chunks.known(ids)
        if self._doubting:
            self._lost.update(identity for identity, kept in zip(ids, known, strict=True) if kept and not self._reads_back(identity))
        new_bytes = stored_bytes = 0
        for identity, content, kept in zip(ids, contents, known, strict=True):
            if (kept and identity not in self._lost) or identity in self._placed:
                continue
            row = self._place(identity, content, compression, base)
            self._placed[identity] = row
            new_bytes += row.raw_length
            stored_bytes += row.stored_length
        self._commit_where_due()
        return Kept(new_bytes, stored_bytes)

    def _reads_back(self, identity: bytes) -> bool:
        if identity in self._placed:
            return True
        try:
            self._chunks.content(identity)
        except ContentCorrupt:
            return False
        return True

    def _commit_where_due(self) -> None:
        if self._appender.appended >= COMMIT_BYTES or len(self._placed) + len(self._recipes) >= COMMIT_ROWS:
            with self.transaction():
                pass

    def keep_recipe(self, root: bytes, row: Row) -> None:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""
        encoded = encode_row(row)
        if self._environment.get(Table.RECIPES, root) != encoded:  # New, or damaged: a root has one row.
            self._recipes[root] = encoded

    def flush(self) -> None:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""
        self._appender.flush()

    def _place(self, identity: bytes, content: Buffer, compression: Compression, base: Base | None) -> ChunkRow:
        against = None
        if base is not None and base.chunk != identity:
            with suppress(
                ContentCorrupt
            ):  # A damaged version is no reason to lose the next: that is kept in full, and check tells the damage.
                against = (base.chunk, self._chunks.content(base.chunk))
        codec, stored = encode(content, compression, against)
        depth = base.depth + 1 if base is not None and codec is Codec.DELTA else 0
        return self._put(identity, codec, depth, stored, len(content))

    def keep_stored(self, identity: bytes, codec: int, depth: int, stored: Buffer, raw_length: int) -> None:
        """Keep a chunk in the stored form that another store gave it, unless it is here already.

        The caller has decoded it and compared the content with the id. Its base, for a delta, is kept before it.
        """
        if identity not in self._placed and (identity in self._lost or not self._chunks.known([identity])[0]):
            self._placed[identity] = self._put(identity, codec, depth, [stored], raw_length)
        self._commit_where_due()

    def _put(self, identity: bytes, codec: int, depth: int, stored: list[Buffer], raw_length: int) -> ChunkRow:
        stored_length = sum(map(len, stored))
        if stored_length <= INLINE_BYTES_MAX:
            inline = b"".join(stored)
            return ChunkRow(codec, depth, raw_length, stored_length, 0, 0, check_of(inline), inline)
        segment, offset = self._appender.append(RecordKind.CHUNK, codec, stored, raw_length=raw_length, identity=identity, depth=depth)
        return ChunkRow(codec, depth, raw_length, stored_length, segment, offset, 0, None)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """One atomic, durable step, together with everything kept since the last one. An exception inside undoes the step; what was kept
        before it waits for the next one. Where the commit itself fails, that is abandoned too, and the writer is done with.

        Raises StoreFull, StoreUnavailable, and what the caller's block raises.
        """
        if self._appender.appended > UNSYNCED_BYTES_MAX:
            self._appender.sync()
        finishing = False
        try:
            with self._environment.write() as raw:
                transaction = Transaction(self._environment, raw)
                self._put_kept(transaction)
                yield transaction
                finishing = True
                transaction.finish(self._appender)
        except BaseException:
            if finishing:  # The journal names a step that did not happen: the segment is given up, and the next writer cuts it off.
                self._appender.fail()
                self._forget()
            raise
        self._appender.committed()
        self.healed |= self._lost & self._placed.keys()
        self._lost -= self.healed
        self._forget()

    def _put_kept(self, transaction: Transaction) -> None:
        for identity, row in self._placed.items():
            if identity not in self._lost and transaction.get(Table.CHUNKS, identity) is not None:
                continue  # Another writer was first. What was made against its chunk counts on the depth it has.
            if row.inline is None:
                transaction.put_unjournaled(Table.CHUNKS, identity, encode_chunk_row(row))
            else:
                transaction.put(Table.CHUNKS, identity, encode_chunk_row(row))
        for root, encoded in self._recipes.items():
            transaction.put(Table.RECIPES, root, encoded)
        for digest, encoded in self._blobs.items():
            transaction.put(Table.BLOBS, digest, encoded)
        for root, digest in self._digests.items():
            transaction.put_unjournaled(Table.DIGESTS, root, encode_digest_row(root, digest))

    def _forget(self) -> None:
        self._placed.clear()
        self._recipes.clear()
        self._blobs.clear()
        self._digests.clear()


class Measure:
    """A sink that only counts: what would be new, without keeping anything."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._seen: set[bytes] = set()
        self._intake = Intake(chunks, self)

    def close(self) -> None:
        """Let go of threads and buffers."""
        self._intake.close()

    def add_file(
        self, descriptor: int, size: int, selection: Selection, base: str | None = None, progress: Progress | None = None
    ) -> Added:
        """As :meth:`Writer.add_file`; ``stored_bytes`` is not known."""
        return self._intake.add_file(descriptor, size, selection, base, progress)

    def add_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> Added:
        """As :meth:`Writer.add_bytes`; ``stored_bytes`` is not known."""
        return self._intake.add_bytes(data, selection, base)

    def keep(self, ids: Sequence[bytes], contents: Sequence[Buffer], compression: Compression, base: Base | None = None) -> Kept:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""
        new_bytes = 0
        for identity, content, known in zip(ids, contents, self._chunks.known(ids), strict=True):
            if not known and identity not in self._seen:
                self._seen.add(identity)
                new_bytes += len(content)
        return Kept(new_bytes, 0)

    def keep_recipe(self, root: bytes, row: Row) -> None:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""

    def flush(self) -> None:
        """See :class:`~jupyter_kit.store.writing.intake.Sink`."""
