"""A layer joined from chunks that are here and ranges that are fetched: what to take from where, and the bytes in their order."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import groupby

from jupyter_kit.chunking.chunker import KIB, MIB
from jupyter_kit.delta.recipe import LITERAL, LayerRecipe
from jupyter_kit.errors import ContentCorrupt, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Piece, Ranged, Source
from jupyter_kit.store.disk.promises import batches
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.reading.ahead import runs
from jupyter_kit.store.store import Store

GAP_BYTES = 256 * KIB
"""What is here is fetched all the same where it is shorter than this between two ranges: a request costs as much (oci.md 4.2)."""

RANGE_BYTES = 2 * MIB
"""Bytes of one request: with those fetched ahead, 10 MiB of memory for a layer."""

LANES = 4
"""Ranges of one layer that are fetched at once."""

WORK_FACTOR = 16
"""Chunks are decoded whole for a range of them. More than so many times the bytes of the layer, and 64 MiB, only an attack asks for."""


@dataclass(frozen=True)
class Run:
    """The bytes ``start`` to ``end`` of a layer; what makes them up here, or nothing where they are fetched."""

    start: int
    end: int
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True)
class Plan:
    """How a layer is made."""

    layer: Descriptor
    recipe: LayerRecipe
    runs: tuple[Run, ...]

    @property
    def missing_bytes(self) -> int:
        """Bytes to fetch."""
        return sum(run.end - run.start for run in self.runs if not run.spans)


def plan(store: Store, layer: Descriptor, recipe: LayerRecipe) -> Plan:
    """What of a layer is here, and what is fetched. Raises ContentCorrupt for a recipe that nobody would write."""
    lengths = _lengths(store, {span.chunk for span in recipe.spans})
    work = sum(lengths.get(span.chunk, 0) for span in recipe.spans if not span.whole)
    if work > WORK_FACTOR * recipe.size + 64 * MIB:
        raise ContentCorrupt("A chunk recipe asks for too much work.", hint="The layer is fetched whole without it.")
    found: list[Run] = []
    position = 0
    for here, group in groupby(recipe.spans, lambda span: span.chunk == LITERAL or span.chunk in lengths):
        spans = tuple(group)
        end = position + sum(span.appears for span in spans)
        found.append(Run(position, end, spans if here else ()))
        position = end
    return Plan(layer, recipe, tuple(_coalesced(found)))


def _lengths(store: Store, chunks: set[bytes]) -> dict[bytes, int]:
    """The chunks that are here, with the bytes of their content."""
    lengths: dict[bytes, int] = {}
    for batch in batches(chunks):
        rows = zip(batch, store.chunks.find(batch), strict=True)
        lengths.update((identity, row.raw_length) for identity, row in rows if row is not None)
    return lengths


def _coalesced(found: Sequence[Run]) -> Iterator[Run]:
    """The same bytes with few requests: short runs between two that are fetched are fetched with them, long ones in several."""
    ahead: Run | None = None
    for number, run in enumerate(found):
        between = 0 < number < len(found) - 1 and run.end - run.start < GAP_BYTES
        fetched = Run(run.start, run.end) if between or not run.spans else None
        if fetched is not None:
            ahead = Run(ahead.start, fetched.end) if ahead else fetched
            continue
        yield from _requests(ahead)
        ahead = None
        yield run
    yield from _requests(ahead)


def _requests(run: Run | None) -> Iterator[Run]:
    if run is not None:
        yield from (Run(start, min(start + RANGE_BYTES, run.end)) for start in range(run.start, run.end, RANGE_BYTES))


Told = Callable[[bytes], None]
"""Called with each block that came, in the thread that reads :meth:`Joined.content`."""


class Joined:
    """The content of one layer by its plan."""

    def __init__(self, store: Store, source: Source, planned: Plan, told: Told) -> None:
        self._store = store
        self._source = source
        self._plan = planned
        self._told = told
        self._stop = threading.Event()

    def content(self, start: int) -> Iterator[Piece]:
        """The bytes, which only go from the beginning. Raises what the source raises, ContentCorrupt for damage here, UnsupportedFormat."""
        assert start == 0
        waiting = deque(run for run in self._plan.runs if not run.spans)
        ahead: deque[Future[list[bytes]]] = deque()
        pool = ThreadPoolExecutor(LANES, thread_name_prefix="kit-delta")
        try:
            for run in self._plan.runs:
                while waiting and len(ahead) < LANES:
                    ahead.append(pool.submit(self._fetch, waiting.popleft()))
                if run.spans:
                    yield from self._kept(run.spans)
                    continue
                for block in ahead.popleft().result():
                    self._told(block)
                    yield block
        finally:
            self._stop.set()
            pool.shutdown(wait=False, cancel_futures=True)

    def _kept(self, spans: Sequence[Span]) -> Iterator[Piece]:
        """What is here already."""
        for literal, group in groupby(spans, lambda span: span.chunk == LITERAL):
            if literal:
                yield b"".join(self._plan.recipe.literals[span.start : span.start + span.length] for span in group)
            else:
                for buffers in runs(self._store.chunks, list(group), f"layer {self._plan.layer.short}"):
                    yield from (memoryview(buffer) for buffer in buffers)

    def _fetch(self, run: Run) -> list[bytes]:
        blocks = []
        for piece in self._source.fetch(self._plan.layer, run.start, run.end - run.start):
            if self._stop.is_set():
                break
            if isinstance(self._source, Ranged) and self._source.ranges is False:
                raise UnsupportedFormat(
                    f"{self._source.name} has no ranges any more.", hint="Try again."
                )  # The whole layer would come each time.
            blocks.append(bytes(piece))
        return blocks
