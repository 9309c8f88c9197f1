"""How bytes come into the store: read, cut, named by their hash, kept where they are new, and listed as a recipe.

Large files go through a pipeline: one thread reads and cuts, others hash, the caller's keeps, each a block ahead of the next. Every block
is a private buffer, hashed and kept from the same memory, so a file that changes meanwhile never puts wrong bytes under an id.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB, Chunker, Compression, Encoding, Selection, Split
from jupyter_kit.chunking.fastcdc import FASTCDC_4K, FASTCDC_64K
from jupyter_kit.chunking.notebook import split
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.store.format.codec import DELTA_BYTES_MAX, DEPTH_MAX
from jupyter_kit.store.format.recipes import INLINE_LIST_MAX, Row, Span, encode_spans, root_of
from jupyter_kit.store.reading.chunks import Chunks
from jupyter_kit.store.writing.blocks import Blocks, Fill, cuts, identities
from jupyter_kit.system import Buffer

BLOCK_BYTES = 8 * MIB
"""Read at once from a large file: long enough that per-block costs vanish, and four of them are a seventh of the memory allowed."""

BLOCKS = 4
"""One being read, two being hashed, one being kept."""

HASHERS = 2
"""Hashing takes a little longer than reading: two keep pace with the disk cache where there are processors for them."""

NOTEBOOK_BYTES_MAX = 64 * MIB
"""A larger notebook is cut like any text: splitting needs it whole in memory, twice."""


class Base(NamedTuple):
    """The chunk that an earlier version's text is: what a delta is made against."""

    chunk: bytes
    depth: int


class Kept(NamedTuple):
    """What keeping some chunks added: content that was new, and the bytes it takes in the store."""

    new_bytes: int
    stored_bytes: int


NOTHING = Kept(0, 0)


class Sink(Protocol):
    """Where chunks go: the store's writer, or a measure that only counts."""

    def keep(self, ids: Sequence[bytes], contents: Sequence[Buffer], compression: Compression, base: Base | None = None) -> Kept:
        """Keep the chunks that are new. The buffers must stay as they are until :meth:`flush`."""

    def flush(self) -> None:
        """The buffers of earlier calls are about to be used again."""

    def keep_recipe(self, root: bytes, row: Row) -> None:
        """Keep a recipe, if it is new."""


@dataclass(frozen=True)
class Added:
    """Content that came in: its root in hexadecimal, its size, what of it was new, and what that takes in the store; in bytes."""

    root: str
    size: int
    new_bytes: int
    stored_bytes: int


class Intake:
    """Takes content into one sink."""

    def __init__(self, chunks: Chunks, sink: Sink, block_bytes: int = BLOCK_BYTES) -> None:
        self._chunks = chunks
        self._sink = sink
        self._block_bytes = block_bytes
        self._hashers: ThreadPoolExecutor | None = None
        self._buffers: list[memoryview] = []

    def close(self) -> None:
        """Let go of threads and buffers."""
        if self._hashers is not None:
            self._hashers.shutdown()
        self._buffers.clear()

    def add_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> Added:
        """Take in a whole small file or blob. ``base`` is the root of its earlier version. Raises what the sink raises."""
        chunker, spans, kept = self.take_bytes(data, selection, base)
        return self.add_spans(chunker, spans, len(data), kept, base)

    def take_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> tuple[str, list[Span], Kept]:
        """As :meth:`add_bytes` without a recipe: the chunker's name, and the spans that make up the content."""
        taken = split(data) if selection.notebook and len(data) <= NOTEBOOK_BYTES_MAX else None
        if taken is not None:
            return taken.chunker, *self._take_split(taken, base)
        return selection.chunker.name, *self.take_chunks(data, selection, base)

    def take_chunks(self, data: bytes, selection: Selection, base: str | None = None) -> tuple[list[Span], Kept]:
        """Take in bytes as the selection's chunker cuts them, without a recipe: the spans that make them up."""
        view = memoryview(data)
        lengths = selection.chunker.cut(view, 0, final=True) if data else []
        contents = cuts(view, lengths)
        ids = identities(contents)
        text = self._base(base) if selection.compression == "delta" and len(ids) == 1 else None
        kept = self._sink.keep(ids, contents, _class_of(selection.compression, lengths), text)
        return [Span(identity, 0, length) for identity, length in zip(ids, lengths, strict=True)], kept

    def add_file(
        self, descriptor: int, size: int, selection: Selection, base: str | None = None, progress: Progress | None = None
    ) -> Added:
        """Take in an open file from its start to its end. ``size`` is what the file system says, a hint only."""
        progress = progress or Silent()
        if selection.notebook and size <= NOTEBOOK_BYTES_MAX:
            data = system.read_bytes_at(descriptor, size + 1, 0)
            if len(data) <= size:
                progress.advance(len(data))
                return self.add_bytes(data, selection, base)
        return self.add_stream(lambda buffer, offset: system.read_at(descriptor, buffer, offset), selection, base, progress)

    def add_stream(self, fill: Fill, selection: Selection, base: str | None = None, progress: Progress | None = None) -> Added:
        """Take in whatever ``fill(buffer, offset)`` reads, until it reads less than it was asked for."""
        spans, kept = self.take_stream(fill, selection, progress)
        return self.add_spans(selection.chunker.name, spans, sum(span.length for span in spans), kept, base)

    def take_stream(self, fill: Fill, selection: Selection, progress: Progress | None = None) -> tuple[list[Span], Kept]:
        """As :meth:`add_stream` without a recipe: the spans that make up the content."""
        progress = progress or Silent()
        spans: list[Span] = []
        new_bytes = stored_bytes = 0
        blocks = self._cut(fill, selection.chunker)
        try:
            for ids, contents in blocks:
                kept = self._sink.keep(ids, contents, _class_of(selection.compression))
                self._sink.flush()
                new_bytes += kept.new_bytes
                stored_bytes += kept.stored_bytes
                spans.extend(Span(identity, 0, len(content)) for identity, content in zip(ids, contents, strict=True))
                progress.advance(sum(map(len, contents)))
        finally:
            blocks.stop()
        return spans, Kept(new_bytes, stored_bytes)

    def _take_split(self, taken: Split, base: str | None) -> tuple[list[Span], Kept]:
        """Keep a notebook's skeleton against the skeleton before, and its payloads as they are."""
        ids: list[bytes] = []
        whole: list[list[Span]] = []
        new_bytes = stored_bytes = 0
        for number, part in enumerate(taken.parts):
            contents: Sequence[Buffer] = [part]
            if number == 0 and len(part) > DELTA_BYTES_MAX:
                contents = cuts(memoryview(part), FASTCDC_64K.cut(memoryview(part), 0, final=True))
            ids = identities(contents)
            text = self._base(base) if number == 0 and len(contents) == 1 else None
            kept = self._sink.keep(ids, contents, "delta" if number == 0 and len(contents) == 1 else "sample", text)
            new_bytes += kept.new_bytes
            stored_bytes += kept.stored_bytes
            whole.append([Span(identity, 0, len(content)) for identity, content in zip(ids, contents, strict=True)])
        spans = [span for piece in taken.pieces for span in _within(whole[piece.part], piece.start, piece.length, piece.encoding)]
        return spans, Kept(new_bytes, stored_bytes)

    def add_spans(self, chunker: str, spans: list[Span], size: int, kept: Kept = NOTHING, base: str | None = None) -> Added:
        """Take in a recipe of chunks that are kept already. ``size`` is the content's, in bytes; ``kept`` goes into the answer."""
        listing = encode_spans(spans)
        root = root_of(chunker, listing)
        stored_bytes = kept.stored_bytes
        if len(listing) <= INLINE_LIST_MAX:
            row = Row(chunker, size, listing, chunked=False)
        else:
            lengths = [len(listing)] if len(listing) <= FASTCDC_64K.longest else FASTCDC_4K.cut(memoryview(listing), 0, final=True)
            contents = cuts(memoryview(listing), lengths)
            ids = identities(contents)
            before = self._base_listing(base) if len(ids) == 1 else None
            stored_bytes += self._sink.keep(ids, contents, "delta" if before else "never", before).stored_bytes
            row = Row(
                chunker, size, encode_spans(Span(identity, 0, length) for identity, length in zip(ids, lengths, strict=True)), chunked=True
            )
        self._sink.keep_recipe(root, row)
        return Added(root.hex(), size, kept.new_bytes, stored_bytes)

    def _base(self, root: str | None) -> Base | None:
        """The chunk with the text of an earlier version, if a delta may be made against it."""
        with suppress(ContentCorrupt):  # Nothing to make a delta against; check tells the damage.
            recipe = self._chunks.recipe(bytes.fromhex(root)) if root else None
            return self._usable(recipe.spans[0].chunk) if recipe and recipe.spans else None
        return None

    def _base_listing(self, root: str | None) -> Base | None:
        with suppress(ContentCorrupt):
            chunks = self._chunks.listing_chunks(bytes.fromhex(root)) if root else []
            return self._usable(chunks[0]) if len(chunks) == 1 else None
        return None

    def _usable(self, chunk: bytes) -> Base | None:
        row = self._chunks.find([chunk])[0]
        if row is None or row.raw_length > DELTA_BYTES_MAX or row.depth >= DEPTH_MAX:
            return None
        return Base(chunk, row.depth)

    def _cut(self, fill: Fill, chunker: Chunker) -> Blocks:
        """``fill`` as a pipeline, whose threads and buffers serve every file."""
        length = self._block_bytes + 2 * chunker.longest
        if not self._buffers or len(self._buffers[0]) < length:
            self._buffers = [memoryview(bytearray(length)) for _ in range(BLOCKS)]
        if self._hashers is None:
            self._hashers = ThreadPoolExecutor(HASHERS, "hash")
        return Blocks(fill, chunker, self._buffers, self._hashers)


def _class_of(compression: Compression, lengths: Sequence[int] = ()) -> Compression:
    """Deltas are for text that is one chunk; text cut into several is compressed where a sample says so."""
    return "sample" if compression == "delta" and len(lengths) != 1 else compression


def _within(whole: Sequence[Span], start: int, length: int, encoding: Encoding) -> Iterator[Span]:
    """The spans that cover ``length`` bytes from ``start`` of what the whole chunks make up together."""
    offset = 0
    for span in whole:
        first, last = max(start, offset), min(start + length, offset + span.length)
        if first < last:
            covers = first == offset and last == offset + span.length and encoding is Encoding.IDENTITY
            yield span if covers else Span(span.chunk, first - offset, last - first, encoding, whole=False)
        offset += span.length
