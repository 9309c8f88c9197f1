"""One store: opening it, reading from it, and handing out its writer.

Everything a workspace keeps goes in and out here. Roots and digests are lower-case hexadecimal. All methods raise StoreUnavailable where
the store cannot be used, and ContentCorrupt where what is read is not what was kept.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import Conflict, ContentCorrupt, NotFound
from jupyter_kit.progress import Progress
from jupyter_kit.store.disk.environment import attach, detach, foreign_errors, has_index, missing_index
from jupyter_kit.store.disk.locks import EXCLUSIVE_TIMEOUT_SECONDS, StoreLock
from jupyter_kit.store.format.audit import Head, head_in
from jupyter_kit.store.format.recipes import Recipe, Span
from jupyter_kit.store.format.references import algorithm_of
from jupyter_kit.store.format.schema import BlobRow, Table, check_format, decode_blob_row, write_format
from jupyter_kit.store.reading.ahead import contents, runs
from jupyter_kit.store.reading.chunks import Chunks, missing
from jupyter_kit.store.reading.digests import computed, encode_digest_row, remembered
from jupyter_kit.store.writing.intake import BLOCK_BYTES
from jupyter_kit.store.writing.transaction import snapshot_key, snapshot_time
from jupyter_kit.store.writing.writer import Measure, Writer
from jupyter_kit.system import Buffer

START_WRITING_BYTES = 8 * MIB
"""A file being restored goes to the disk in pieces of this size while it is written, not all at once when it is synced."""

ROWS_AT_ONCE = 128
"""Of the history, read together: a page of it."""


class Store:
    """An open store. Safe for several threads; close it when done."""

    def __init__(self, folder: Path, *, map_size: int | None = None) -> None:
        """Use :meth:`create` or :meth:`open`."""
        self.folder = folder
        self.segments = folder / "segments"
        self.locks = StoreLock(folder)
        self.environment = attach(folder / "index", map_size)
        self.chunks = Chunks(self.environment, self.segments)
        self._closed = False

    @classmethod
    def create(cls, folder: Path) -> Store:
        """Make an empty store. Raises Conflict where there is one already."""
        with foreign_errors(folder):
            if (folder / "format.json").exists():
                raise Conflict(f"There is a store in {folder} already.", hint="Nothing was changed; go on using it.", path=str(folder))
            for part in (folder, folder / "index", folder / "segments"):
                part.mkdir(parents=True, exist_ok=True)
            store = cls(folder)  # The index first: a store is one only when its format is written.
            try:
                system.sync_folder(folder / "index")
                write_format(folder)
            except BaseException:
                store.close()
                raise
        return store

    @classmethod
    def open(cls, folder: Path, *, map_size: int | None = None) -> Store:
        """Open a store. Raises NotFound, UnsupportedFormat, StoreUnavailable.

        ``map_size`` (bytes) bounds the index; the default is as much as the process may address.
        """
        check_format(folder)
        with foreign_errors(folder):
            if not has_index(folder / "index"):
                raise missing_index(folder / "index")
        return cls(folder, map_size=map_size)

    def close(self) -> None:
        """Let go of files and memory. Closing again does nothing."""
        if not self._closed:
            self._closed = True
            self.chunks.forget()
            detach(self.environment)

    @contextmanager
    def shared(self) -> Iterator[None]:
        """Hold prune off for a whole verb, reading or writing. Raises Conflict (store-busy)."""
        if self.locks.held:
            yield
            return
        with self.locks.shared():
            self.environment.refresh()
            self.chunks.forget()  # Every verb asks the disk anew, so that nothing is built on content that has been damaged meanwhile.
            try:
                yield
            finally:
                self.chunks.segments.close()  # An open file would keep the disk space of a segment that prune removes.

    @contextmanager
    def exclusive(self, timeout_seconds: float = EXCLUSIVE_TIMEOUT_SECONDS) -> Iterator[None]:
        """Be alone in the store. Raises Conflict (store-busy)."""
        with self.locks.exclusive(timeout_seconds):
            self.environment.refresh()
            self.chunks.forget()
            yield

    @contextmanager
    def writer(self, block_bytes: int = BLOCK_BYTES) -> Iterator[Writer]:
        """Write. What is not committed when the block ends is abandoned. ``block_bytes`` are read at once; a few blocks are in memory."""
        with self.shared():
            writer = Writer(self.environment, self.chunks, self.segments, block_bytes)
            try:
                yield writer
            finally:
                writer.close()

    @contextmanager
    def measure(self) -> Iterator[Measure]:
        """Learn what would be new, without writing."""
        with self.shared():
            measure = Measure(self.chunks)
            try:
                yield measure
            finally:
                measure.close()

    def recipe(self, root: str, name: str = "") -> Recipe:
        """A recipe by its root. Raises NotFound; ``name`` is the file it stands for in the message."""
        recipe = self.chunks.recipe(bytes.fromhex(root))
        if recipe is None:
            raise missing(root, name)
        return recipe

    def size(self, root: str) -> int:
        """Content size in bytes. Raises NotFound."""
        return self.recipe(root).size

    def chunk_ids(self, root: str) -> list[tuple[bytes, int]]:
        """(chunk id, bytes of the file it makes up), in order. Raises NotFound."""
        return [(span.chunk, span.appears) for span in self.recipe(root).spans]

    def read(self, root: str, start: int = 0, length: int | None = None, name: str = "") -> Iterator[Buffer]:
        """Verified content from ``start``, in order. Each buffer is used again for the next: take what you need first."""
        recipe = self.recipe(root, name)
        end = recipe.size if length is None else min(recipe.size, start + length)
        spans, skip = _covering(recipe.spans, start, end)
        left = end - start
        for run in runs(self.chunks, spans, name):
            for buffer in run:
                piece = buffer[skip : skip + left]
                skip = 0
                left -= len(piece)
                if len(piece):
                    yield piece

    def read_bytes(self, root: str, name: str = "") -> bytes:
        """Verified content as a whole; for small files."""
        return b"".join(bytes(buffer) for buffer in self.read(root, name=name))

    def restore(self, root: str, descriptor: int, progress: Progress, name: str = "") -> None:
        """Write the whole content into an open, empty file. Every byte is verified before it is written."""
        recipe = self.recipe(root, name)
        written = started = 0
        for run in runs(self.chunks, recipe.spans, name):
            with foreign_errors(Path(name or ".")):
                system.write(descriptor, run)
            written += sum(map(len, run))
            if written - started >= START_WRITING_BYTES:
                system.start_writing(descriptor, started, written - started)
                started = written
            progress.advance(sum(map(len, run)), path=name or None)

    def contents(self, wanted: Iterable[tuple[str, str]]) -> Generator[list[bytes], None, None]:
        """Verified contents of many small files, each whole in memory, in order. ``wanted`` are roots, each with the name of its file.

        Neighbours in the store are read together, ahead of the caller. Raises NotFound, ContentCorrupt.
        """
        return contents(self.chunks, wanted)

    def bring(self, roots: Iterable[str], progress: Progress) -> None:
        """Fetch what is only promised of several contents, together. Raises NotFound, and what a remote raises."""
        self.chunks.present(list(dict.fromkeys(span.chunk for root in roots for span in self.recipe(root).spans)), "", progress)

    def blob(self, digest: str) -> bytes:
        """A small blob, compared with its digest. Raises NotFound."""
        row = self.blob_row(digest)
        if row is None:
            raise NotFound(f"The store does not hold the blob {digest[:16]}.", hint="Run “jupyter kit check”.")
        data = self.read_bytes(row.root.hex())
        if hashlib.new(algorithm_of(digest), data).hexdigest() != digest:
            raise ContentCorrupt(f"The blob {digest[:16]} is not what was kept.", hint="Run “jupyter kit check”.")
        return data

    def blob_row(self, digest: str) -> BlobRow | None:
        """Size and root of a blob, None where the store does not have it."""
        value = self.environment.get(Table.BLOBS, bytes.fromhex(digest))
        return decode_blob_row(value) if value else None

    def digest_of(self, root: str) -> str:
        """The sha256 of kept content; read once, then remembered. Not for use inside a transaction. Raises NotFound."""
        identity = bytes.fromhex(root)
        digest = remembered(self.chunks, identity)
        if digest is None:
            digest = computed(self.chunks, [self.recipe(root).spans])
            with self.environment.write() as transaction:
                transaction.put(identity, encode_digest_row(identity, digest), db=self.environment.tables[Table.DIGESTS])
        return digest.hex()

    def tags(self) -> dict[str, str]:
        """Every tag with the digest it names."""
        return {name.decode(): digest.hex() for name, digest in self.environment.rows(Table.TAGS)}

    def references(self) -> dict[str, str]:
        """Every reference, as text, with the digest of the manifest it names, in order."""
        return {name.decode(): digest.hex() for name, digest in self.environment.rows(Table.REFERENCES)}

    def snapshot_ids(self) -> list[str]:
        """Records in the history, oldest first."""
        return [digest.hex() for _, digest in self.environment.rows(Table.SNAPSHOTS)]

    def newest_first(self, before: tuple[str, str] | None = None) -> Iterator[tuple[str, str]]:
        """Records in the history, each with the time it was created (RFC 3339); what the history says, not the record.

        They are read some at a time; with ``before``, one of them, it begins with the next older one.
        """
        key = None if before is None else snapshot_key(before[1], bytes.fromhex(before[0]))
        while rows := self.environment.rows_before(Table.SNAPSHOTS, key, ROWS_AT_ONCE):
            for listed, digest in rows:
                yield digest.hex(), snapshot_time(listed)
            key = rows[-1][0]

    def is_listed(self, digest: str, created: str) -> bool:
        """Whether the history has a record, of which the time is known."""
        identity = bytes.fromhex(digest)
        return self.environment.get(Table.SNAPSHOTS, snapshot_key(created, identity)) == identity

    def snapshot_count(self) -> int:
        """How many records the history has."""
        return self.environment.entries(Table.SNAPSHOTS)

    def generation(self) -> int:
        """A number that grows with every transaction of the index, by whichever process. Raises ContentCorrupt where there is no index."""
        self.environment.refresh()
        return self.environment.generation()

    def audit_head(self) -> Head:
        """The newest event of the audit log."""
        with self.environment.read() as transaction:
            return head_in(transaction, self.environment.tables[Table.AUDIT])

    def audit_log(self) -> str:
        """What names the audit log, whatever is appended to it: the hash of its first event, empty where there is none."""
        first = self.environment.get(Table.AUDIT, (1).to_bytes(8, "big"))
        return hashlib.sha256(first).hexdigest() if first else ""

    def audit_rows(self) -> list[tuple[int, bytes]]:
        """(number, bytes) of every event, in order."""
        return [(int.from_bytes(key, "big"), encoded) for key, encoded in self.environment.rows(Table.AUDIT)]

    def value(self, name: str) -> bytes | None:
        """A small named value of the workspace."""
        return self.environment.get(Table.VALUES, name.encode())

    def stat_rows(self, keys: Iterable[bytes]) -> list[bytes | None]:
        """Rows of the stat cache, None where there is none."""
        table = self.environment.tables[Table.STATS]
        with self.environment.read() as transaction:
            return [None if (value := transaction.get(key, db=table)) is None else bytes(value) for key in keys]


def _covering(spans: Sequence[Span], start: int, end: int) -> tuple[list[Span], int]:
    """The spans that make up the bytes from ``start`` to ``end``, and how many bytes of the first to skip."""
    covering: list[Span] = []
    skip = offset = 0
    for span in spans:
        length = span.appears
        if offset < end and offset + length > start:
            if not covering:
                skip = start - offset
            covering.append(span)
        offset += length
    return covering, max(skip, 0)
