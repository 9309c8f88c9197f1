"""Finding chunks and reading them back, verified.

Everything read is compared with what was kept: a record's header must carry the wanted id and lengths, and its bytes the XXH3-64 of the
day they were written. What does not compare is ContentCorrupt, never content.
"""

from __future__ import annotations

import errno
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB, Encoding
from jupyter_kit.chunking.encoding import encode
from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.store.disk.environment import Environment, foreign_errors
from jupyter_kit.store.disk.promises import promised, remote_segments
from jupyter_kit.store.disk.segments import RECORD, RECORD_MAGIC, RecordKind, SegmentReader, unpack_record
from jupyter_kit.store.format.codec import DELTA_BYTES_MAX, check_of, decode
from jupyter_kit.store.format.recipes import Recipe, Span, decode_row, decode_spans, root_of
from jupyter_kit.store.format.schema import ID_LENGTH, ChunkRow, Codec, Table, decode_chunk_row
from jupyter_kit.system import Buffer

RUN_BYTES = 2 * MIB
"""Neighbours in a segment are read together up to this many bytes: one system call, and still small beside the processor's caches."""

DECODED_BYTES_MAX = 8 * DELTA_BYTES_MAX
"""Decoded bases kept at hand, in bytes: the chains of one notebook's history share their links."""


def damaged(identity: bytes, reason: str, name: str = "") -> ContentCorrupt:
    """The error for a chunk that is not as it was kept; ``name`` is the file that was being read."""
    return ContentCorrupt(
        f"{name or 'Kept content'} cannot be read back: chunk {identity.hex()[:16]} {reason}.",
        hint="Run “jupyter kit check --repair”; it says which files are hurt and mends what the workspace still holds.",
        path=name or None,
    )


def missing(root: str, name: str = "") -> NotFound:
    """The error for content that the store does not hold."""
    return NotFound(f"The store does not hold {name or 'content'} (root {root[:16]}).", hint="Run “jupyter kit check”.", path=name or None)


def damaged_recipe(root: bytes, reason: str) -> ContentCorrupt:
    """The error for a recipe that is not as it was kept."""
    return ContentCorrupt(f"Recipe {root.hex()[:16]} is damaged: {reason}.", hint="Run “jupyter kit check --rebuild”.")


Fetcher = Callable[[Sequence[bytes], str, Progress], None]
"""``fetcher(ids, name, progress)``: keep these promised chunks here, too. ``name`` is what is being read. Raises what a remote raises."""


class Chunks:
    """The chunks of one store."""

    def __init__(self, environment: Environment, segments: Path) -> None:
        self.environment = environment
        self.segments = SegmentReader(segments)
        self._decoded: OrderedDict[bytes, bytes] = OrderedDict()
        self._decoded_bytes = 0
        self._caching = threading.Lock()
        self.fetcher: Fetcher | None = None
        """Who is asked for chunks that a read needs and a remote has."""

    def forget(self) -> None:
        """Let go of files and of what was decoded: what is read from now on comes from the disk as it is."""
        self.segments.close()
        with self._caching:
            self._decoded.clear()
            self._decoded_bytes = 0

    def find(self, identities: Iterable[bytes]) -> list[ChunkRow | None]:
        """The row of each chunk, None where the store does not have it. Raises ContentCorrupt for a row that is none."""
        rows: list[ChunkRow | None] = []
        with self.environment.read() as transaction:
            cursor = self.environment.tables[Table.CHUNKS]
            for identity in identities:
                value = transaction.get(identity, db=cursor)
                try:
                    rows.append(None if value is None else decode_chunk_row(value))
                except ContentCorrupt as error:
                    raise damaged(identity, "has a damaged row in the index") from error
        return rows

    def present(self, identities: Sequence[bytes], name: str = "", progress: Progress | None = None) -> list[ChunkRow | None]:
        """As :meth:`find`, once promised chunks among them were fetched. Raises NotFound where there is nobody to fetch them."""
        rows = self.find(identities)
        missing = [identity for identity, row in zip(identities, rows, strict=True) if row is None]
        if not missing:
            return rows
        elsewhere = promised(self.environment, missing)
        if not elsewhere:
            return rows
        if self.fetcher is None:
            remote = remote_segments(self.environment)[next(iter(elsewhere.values()))].remote
            raise NotFound(
                f"{name or 'This content'} is not in this store yet, only on the remote “{remote}”.",
                hint=f"Bring it with “jupyter kit pull {remote}”.",
                path=name or None,
            )
        self.fetcher(list(elsewhere), name, progress or Silent())
        return self.find(identities)

    def known(self, identities: Sequence[bytes]) -> list[bool]:
        """Which chunks the store has."""
        with self.environment.read() as transaction:
            table = self.environment.tables[Table.CHUNKS]
            return [transaction.get(identity, db=table) is not None for identity in identities]

    def content(self, identity: bytes, row: ChunkRow | None = None, name: str = "") -> bytes:
        """A chunk's content. Raises ContentCorrupt where it is damaged or missing."""
        with self._caching:
            if identity in self._decoded:
                self._decoded.move_to_end(identity)
                return self._decoded[identity]
        row = row or self.present([identity], name)[0]
        if row is None:
            raise damaged(identity, "is missing", name)
        content = bytes(self._decode(identity, row, self.stored(identity, row, name), name))
        if len(content) <= DELTA_BYTES_MAX:
            self._remember(identity, content)
        return content

    def _remember(self, identity: bytes, content: bytes) -> None:
        with self._caching:
            self._decoded_bytes += len(content) - len(self._decoded.get(identity, b""))
            self._decoded[identity] = content
            while self._decoded_bytes > DECODED_BYTES_MAX:
                self._decoded_bytes -= len(self._decoded.popitem(last=False)[1])

    def stored(self, identity: bytes, row: ChunkRow, name: str = "") -> Buffer:
        """A chunk's stored bytes, compared with their check. Raises ContentCorrupt."""
        if row.inline is not None:
            if check_of(row.inline) != row.check:
                raise damaged(identity, "is damaged in the index", name)
            return row.inline
        with self._reading(identity, row, name):
            data = self.segments.read(row.segment, row.offset, RECORD.size + row.stored_length)
        return verified(memoryview(data), 0, identity, row, name)

    @contextmanager
    def _reading(self, identity: bytes, row: ChunkRow, name: str) -> Iterator[None]:
        """A segment that is gone, and what a disk does not give back, is damage of the chunk. Other errors are the store's."""
        with foreign_errors(self.segments.folder):
            try:
                yield
            except FileNotFoundError:
                raise damaged(identity, f"is missing with its segment {row.segment:016x}", name) from None
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                raise damaged(identity, f"cannot be read from segment {row.segment:016x}: {error.strerror}", name) from error

    def _decode(self, identity: bytes, row: ChunkRow, stored: Buffer, name: str) -> Buffer:
        base = None
        if row.codec == Codec.DELTA:
            if len(stored) <= ID_LENGTH:
                raise damaged(identity, "does not name its base", name)
            try:
                base = self.content(bytes(stored[:ID_LENGTH]), name=name)
            except RecursionError:  # No writer makes it; a table that somebody changed can say it.
                raise damaged(identity, "is a delta of itself", name) from None
        try:
            return decode(row.codec, stored, row.raw_length, base)
        except ValueError as error:
            raise damaged(identity, f"does not decode ({error})", name) from error

    def recipe(self, root: bytes) -> Recipe | None:
        """A recipe, verified against its root; None where the store does not have it. Raises ContentCorrupt."""
        return self.recipes([root])[0]

    def recipes(self, roots: Iterable[bytes]) -> list[Recipe | None]:
        """As :meth:`recipe`, for many at once."""
        with self.environment.read() as transaction:
            table = self.environment.tables[Table.RECIPES]
            values = [(root, transaction.get(root, db=table)) for root in roots]
        return [None if value is None else self._recipe(root, bytes(value)) for root, value in values]

    def _recipe(self, root: bytes, value: bytes) -> Recipe:
        try:
            row = decode_row(value)
            listing = row.listing
            if row.chunked:
                listing = b"".join(bytes(self._span(span, None, "")) for span in decode_spans(listing))
            spans = decode_spans(listing)
        except ValueError as error:
            raise damaged_recipe(root, str(error)) from error
        if root_of(row.chunker, listing) != root:
            raise damaged_recipe(root, "it does not match its root")
        if sum(span.appears for span in spans) != row.size:
            raise damaged_recipe(root, "its size is not that of its content")
        return Recipe(root, row.chunker, row.size, spans)

    def listing_chunks(self, root: bytes) -> list[bytes]:
        """The chunks that hold a recipe's list; none where the list is in the index, or where the store does not have the recipe."""
        value = self.environment.get(Table.RECIPES, root)
        try:
            row = None if value is None else decode_row(value)
            return [span.chunk for span in decode_spans(row.listing)] if row is not None and row.chunked else []
        except ValueError as error:
            raise damaged_recipe(root, str(error)) from error

    def stream(self, spans: Sequence[Span], buffers: Iterator[memoryview], name: str = "") -> Iterator[list[Buffer]]:
        """The bytes that the spans make up, as lists of buffers in order. Each list lies in the next of ``buffers``, 2 × RUN_BYTES long."""
        rows = self.present([span.chunk for span in spans], name)
        for first, last in _runs(spans, rows):
            if last - first == 1:
                yield [self._span(spans[first], rows[first], name)]
            else:
                yield self._run(spans[first:last], rows[first:last], next(buffers), name)

    def fill(self, spans: Sequence[Span], target: memoryview, name: str = "") -> None:
        """Put the bytes that the spans make up straight where they are wanted; ``target`` is as long as they are.

        What is kept as it is goes from the segment to its place without another copy, and is compared there: where this raises, the target
        may hold what was refused.
        """
        rows = self.present([span.chunk for span in spans], name)
        buffer = memoryview(b"")
        done = 0
        for first, last in _runs(spans, rows):
            run, placed = spans[first:last], rows[first:last]
            if _is_raw(run, placed):
                done += self._scatter(run, placed, target[done:], name)
                continue
            if last - first > 1 and not buffer:
                buffer = memoryview(bytearray(2 * RUN_BYTES))
            for piece in [self._span(run[0], placed[0], name)] if last - first == 1 else self._run(run, placed, buffer, name):
                target[done : done + len(piece)] = piece
                done += len(piece)

    def _scatter(self, spans: Sequence[Span], rows: Sequence[ChunkRow | None], target: memoryview, name: str) -> int:
        """Read the records of raw chunks side by side, each header beside the target and its content into it; returns the bytes."""
        placed = [row for row in rows if row is not None]
        headers = memoryview(bytearray(RECORD.size * len(placed)))
        buffers: list[memoryview] = []
        done = start = 0
        for row in placed:
            end = done + row.stored_length
            buffers += headers[start : start + RECORD.size], target[done:end]
            start += RECORD.size
            done = end
        with self._reading(spans[0].chunk, placed[0], name):
            read = self.segments.read_scattered(placed[0].segment, placed[0].offset, buffers)
        wanted = [_header(span.chunk, row, content) for span, row, content in zip(spans, placed, buffers[1::2], strict=True)]
        whole = read == start + done and all(row.raw_length == span.length for span, row in zip(spans, placed, strict=True))
        if not whole or headers != b"".join(wanted):
            self._name_damage(spans, placed, buffers, read, name)
        return done

    def _name_damage(self, spans: Sequence[Span], rows: Sequence[ChunkRow], buffers: Sequence[memoryview], read: int, name: str) -> None:
        """Say which of the records is damaged, and how. Raises ContentCorrupt."""
        for number, (span, row) in enumerate(zip(spans, rows, strict=True)):
            read -= RECORD.size + row.stored_length
            if read < 0 or row.raw_length != span.length:
                raise damaged(span.chunk, f"is cut off in segment {row.segment:016x}, or not as long as its recipe says", name)
            compare(buffers[2 * number], buffers[2 * number + 1], span.chunk, row, name)

    def _span(self, span: Span, row: ChunkRow | None, name: str) -> Buffer:
        content: Buffer = self.content(span.chunk, row, name)
        if not span.whole:
            content = content[span.start : span.start + span.length]
        if len(content) != span.length:
            raise damaged(span.chunk, "has another length than its recipe says", name)
        return content if span.encoding is Encoding.IDENTITY else encode(bytes(content), span.encoding)

    def _run(self, spans: Sequence[Span], rows: Sequence[ChunkRow | None], buffer: memoryview, name: str) -> list[Buffer]:
        placed = [row for row in rows if row is not None]
        begin, end = placed[0].offset, placed[-1].offset + RECORD.size + placed[-1].stored_length
        window = buffer[: end - begin]
        with self._reading(spans[0].chunk, placed[0], name):
            window = window[: self.segments.read_into(placed[0].segment, begin, window)]
        found = []
        for span, row in zip(spans, placed, strict=True):
            stored = verified(window, row.offset - begin, span.chunk, row, name)
            content = self._decode(span.chunk, row, stored, name)
            if len(content) != span.length:
                raise damaged(span.chunk, "has another length than its recipe says", name)
            found.append(content)
        return found


def verified(data: memoryview, position: int, identity: bytes, row: ChunkRow, name: str) -> memoryview:
    """The stored bytes of the record at ``position``, once its header and check say that they are the chunk's."""
    stored = data[position + RECORD.size : position + RECORD.size + row.stored_length]
    compare(data[position : position + RECORD.size], stored, identity, row, name)
    return stored


def compare(header: memoryview, stored: memoryview, identity: bytes, row: ChunkRow, name: str) -> None:
    """Raises ContentCorrupt unless a record's header and check say that these are the chunk's stored bytes."""
    whole = len(stored) == row.stored_length
    if whole and header == _header(identity, row, stored):
        return
    try:
        record = unpack_record(header, row.offset, 0)
    except ValueError as error:
        raise damaged(identity, f"is damaged in segment {row.segment:016x}: {error}", name) from error
    kept = (record.id, record.codec, record.stored_length, record.raw_length)
    if kept != (identity, row.codec, row.stored_length, row.raw_length):
        raise damaged(identity, f"is not where the index says, in segment {row.segment:016x}", name)
    if not whole or check_of(stored) != record.check:
        raise damaged(identity, f"is damaged in segment {row.segment:016x}", name)


def _header(identity: bytes, row: ChunkRow, stored: memoryview) -> bytes:
    """The header of a record that holds these bytes of a chunk."""
    return RECORD.pack(RECORD_MAGIC, RecordKind.CHUNK, row.codec, row.depth, row.stored_length, row.raw_length, check_of(stored), identity)


def _is_raw(spans: Sequence[Span], rows: Sequence[ChunkRow | None]) -> bool:
    """Whether a run lies in a segment as it is in the file, in few enough pieces for one call of the system."""
    return 2 * len(spans) <= system.IOV_MAX and all(
        row is not None and row.codec == Codec.RAW and row.inline is None and span.whole for span, row in zip(spans, rows, strict=True)
    )


def _runs(spans: Sequence[Span], rows: Sequence[ChunkRow | None]) -> Iterator[tuple[int, int]]:
    """Index ranges of whole-chunk spans that lie side by side in a segment; everything else alone. None is longer than RUN_BYTES, neither
    stored nor decoded, but for a single chunk."""
    first = 0
    while first < len(spans):
        last = first + 1
        row = rows[first]
        if spans[first].whole and row is not None and row.inline is None and row.codec != Codec.DELTA:
            begin, end = row.offset, row.offset + RECORD.size + row.stored_length
            decoded = row.raw_length
            while last < len(spans):
                following = rows[last]
                if (
                    following is None
                    or not spans[last].whole
                    or following.inline is not None
                    or following.codec == Codec.DELTA
                    or following.segment != row.segment
                    or following.offset != end
                    or end - begin + following.stored_length > RUN_BYTES
                    or decoded + following.raw_length > RUN_BYTES
                ):
                    break
                end += RECORD.size + following.stored_length
                decoded += following.raw_length
                last += 1
        yield first, last
        first = last
