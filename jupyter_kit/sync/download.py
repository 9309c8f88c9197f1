"""Bringing promised chunks here: ranges of segments, coalesced and in parallel, each chunk verified before it is kept.

Deltas come after all others, nearer ones first, so that a base is always there before what was made against it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from queue import SimpleQueue

from jupyter_kit.chunking.chunker import KIB, MIB
from jupyter_kit.errors import ContentCorrupt, KitError, NotFound, RegistryUnavailable
from jupyter_kit.oci.target import Source
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.progress import Progress, phase
from jupyter_kit.store.disk.promises import Promise, batches, promises_of, remote_segments
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer
from jupyter_kit.sync.format.published import SEGMENT_TYPE, layer
from jupyter_kit.sync.incoming.arrivals import Chunks

GAP_BYTES = 256 * KIB
"""Bytes that nobody asked for are fetched where they are fewer than this between two wanted chunks: a request costs as much (measured)."""

WHOLE_SHARE = 0.6
"""A segment of which more than this is wanted is fetched from its first wanted chunk to its last."""

RANGE_BYTES_MAX = 16 * MIB
"""Longest range, in bytes: four in parallel measured fastest at this length, and what memory holds of each worker."""

CONCURRENCY = 4
"""Ranges fetched at once."""

DELTAS_BYTES_MAX = 32 * MIB
"""Deltas are held until their bases are there, in portions of this many bytes at most."""


@dataclass(frozen=True)
class Range:
    """A run of one segment, and the chunks in it that are wanted, in order."""

    segment: int
    wanted: tuple[Promise, ...]

    @property
    def start(self) -> int:
        """Offset of its first byte."""
        return self.wanted[0].offset

    @property
    def length(self) -> int:
        """Bytes to fetch."""
        return max(promise.end for promise in self.wanted) - self.start


OpenSource = Callable[[str], Source]
"""``open_source(name)``: the remote of that name. Raises what opening a remote raises."""


class Fetcher:
    """What a store asks for promised chunks (``Store.chunks.fetcher``). Safe for several threads."""

    def __init__(self, store: Store, open_source: OpenSource) -> None:
        self._store = store
        self._open = open_source

    def __call__(self, identities: Sequence[bytes], name: str, progress: Progress) -> None:
        """Bring chunks here. Raises NotFound where a remote does not have them any more, ContentCorrupt, and what a remote raises."""
        download(self._store, identities, self._open, progress)


def download(store: Store, identities: Iterable[bytes], open_source: OpenSource, progress: Progress, *, heal: bool = False) -> int:
    """Bring promised chunks, and the bases of those that are deltas, into the store; returns the bytes received.

    ``heal`` brings those of them that are here, damaged, and leaves out what no remote has. Raises NotFound where a remote does not have a
    segment any more, ContentCorrupt where what it sends is not what it promised twice, and what opening and reading it raises.
    """
    wanted = list(dict.fromkeys(identities))
    lost: dict[int, KitError] = {}
    with store.writer() as writer:
        if heal:
            writer.heal(frozenset(wanted))
        work = _Download(store, writer, open_source, progress)
        with phase(progress, "Fetching", total=sum(_length(store, batch) for batch in batches(wanted))):
            for batch in batches(wanted):
                while promises := _promises(store, batch, lost, heal=heal):
                    try:
                        work.bring(promises)
                        break
                    except _LostSegment as error:
                        lost[error.number] = error.reason  # Another segment, or another remote, may have the same chunks.
        return work.received


def _length(store: Store, identities: Iterable[bytes]) -> int:
    """Bytes to fetch for these chunks, but for bases and gaps."""
    return sum(promises[-1].stored_length for promises in promises_of(store.environment, identities).values() if promises)


class _LostSegment(Exception):
    """A remote does not have the segment of that number, or what is promised to be in it."""

    def __init__(self, number: int, reason: KitError) -> None:
        super().__init__(number)
        self.number = number
        self.reason = reason


def _promises(store: Store, wanted: Iterable[bytes], lost: Mapping[int, KitError], *, heal: bool) -> list[Promise]:
    """One promise for each wanted chunk that is not here, and for each base that this takes. Raises NotFound."""
    found: dict[bytes, Promise] = {}
    ahead = list(wanted)
    first = True
    while ahead:
        here = zip(ahead, store.chunks.known(ahead), strict=True)
        missing = [identity for identity, known in here if identity not in found and (not known or (heal and first))]
        for identity, promises in promises_of(store.environment, missing).items():
            left = [promise for promise in promises if promise.segment not in lost]
            if left:
                found[identity] = left[-1]  # The newest: chunks are sent again where a registry lost them, or has them scattered.
            elif promises:
                raise lost[promises[-1].segment]
            elif not first:
                raise ContentCorrupt(f"Nobody has the base {identity.hex()[:16]} of a chunk.", hint="Run “jupyter kit check”.")
        ahead = [base for identity in missing if identity in found and (base := found[identity].base) is not None]
        first = False
    return list(found.values())


class _Download:
    """One call of :func:`download`."""

    def __init__(self, store: Store, writer: Writer, open_source: OpenSource, progress: Progress) -> None:
        self._store = store
        self._writer = writer
        self._open = open_source
        self._progress = progress
        self._segments = remote_segments(store.environment)
        self._sources: dict[str, Source] = {}
        self._taking = threading.Lock()
        self.received = 0

    def bring(self, promises: list[Promise]) -> None:
        """Fetch and keep these."""
        for promise in promises:
            remote = self._segments[promise.segment].remote
            if remote not in self._sources:
                self._sources[remote] = self._open(remote)
        chunks = Chunks(self._store, self._writer, {promise.base for promise in promises if promise.base is not None})

        def take(promise: Promise, stored: bytes | memoryview) -> None:
            chunks.take(promise.id, promise.codec, promise.raw_length, stored)

        plain = ranges([promise for promise in promises if promise.base is None], self._sizes())
        portions = [(ranges(portion, self._sizes()), portion) for portion in portions_of(promises)]
        self._fetch(plain, take)
        for runs, portion in portions:
            held: dict[bytes, bytes] = {}
            self._fetch(runs, lambda promise, stored, held=held: held.update({promise.id: bytes(stored)}))  # type: ignore[misc]
            for promise in portion:
                try:
                    take(promise, held[promise.id])
                except ContentCorrupt as error:
                    raise _LostSegment(promise.segment, error) from error
        with self._writer.transaction():
            pass

    def _sizes(self) -> dict[int, int]:
        return {number: segment.size for number, segment in self._segments.items()}

    def _fetch(self, runs: list[Range], take: Callable[[Promise, memoryview], None]) -> None:
        """Fetch ranges, and hand over the stored bytes of each wanted chunk, which are good until the writer has flushed."""
        longest = max((run.length for run in runs), default=0)
        buffers: SimpleQueue[memoryview | None] = SimpleQueue()
        for _ in range(CONCURRENCY):
            buffers.put(None)

        def work(run: Range, advance: Advance) -> None:
            buffer = buffers.get() or memoryview(bytearray(longest))  # Used again: fresh memory for each range would double what is held.
            try:
                try:
                    self._take(run, self._read(run, buffer, advance), take)
                except ContentCorrupt:  # A line may garble what it carries: once more.
                    self._take(run, self._read(run, buffer, advance), take)
            except (NotFound, ContentCorrupt) as error:
                error.hint = "Ask somebody who has this content to run “jupyter kit sync --verify”."
                raise _LostSegment(run.segment, error) from error
            except RegistryUnavailable as error:  # Some registries hang up where they have lost a blob.
                raise _LostSegment(run.segment, error) from error
            buffers.put(buffer)

        in_parallel(work, runs, self._progress, concurrency=CONCURRENCY)

    def _take(self, run: Range, data: memoryview, take: Callable[[Promise, memoryview], None]) -> None:
        with self._taking:
            self.received += run.length
            for promise in run.wanted:
                take(promise, data[promise.offset - run.start : promise.end - run.start])
            self._writer.flush()

    def _read(self, run: Range, buffer: memoryview, advance: Advance) -> memoryview:
        segment = self._segments[run.segment]
        descriptor = layer(SEGMENT_TYPE, segment.digest, segment.size)
        source = self._sources[segment.remote]
        filled = 0
        for piece in source.fetch(descriptor) if run.length == segment.size else source.fetch(descriptor, run.start, run.length):
            end = filled + len(piece)
            if end > run.length:
                break
            buffer[filled:end] = piece
            filled = end
            advance(len(piece))
        else:
            if filled == run.length:
                return buffer[:filled]
        raise ContentCorrupt(f"{source.name} sent another length than was asked for.", hint="Try again.")


def ranges(promises: Iterable[Promise], sizes: Mapping[int, int]) -> list[Range]:
    """What to fetch, given the size of each segment in bytes: few requests, and little that nobody asked for."""
    segments: dict[int, list[Promise]] = {}
    for promise in promises:
        segments.setdefault(promise.segment, []).append(promise)
    found: list[Range] = []
    for number, wanted in segments.items():
        wanted.sort(key=lambda promise: promise.offset)
        whole = sum(promise.stored_length for promise in wanted) > WHOLE_SHARE * sizes[number]
        run: list[Promise] = []
        for promise in wanted:
            if run and ((promise.offset - run[-1].end > GAP_BYTES and not whole) or promise.end - run[0].offset > RANGE_BYTES_MAX):
                found.append(Range(number, tuple(run)))
                run = []
            run.append(promise)
        found.append(Range(number, tuple(run)))
    return found


def portions_of(promises: Iterable[Promise]) -> list[list[Promise]]:
    """The deltas in the order in which they decode, in portions that memory holds."""
    portions: list[list[Promise]] = []
    left = 0
    for promise in sorted((promise for promise in promises if promise.base is not None), key=lambda promise: promise.depth):
        if promise.stored_length > left or not portions:
            portions.append([])
            left = DELTAS_BYTES_MAX
        portions[-1].append(promise)
        left -= promise.stored_length
    return portions
