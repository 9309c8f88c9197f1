"""Content as runs of buffers; that of large and of many files is read and verified in another thread, a little ahead of whoever uses it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle, islice
from typing import TypeVar

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.recipes import Recipe, Span
from jupyter_kit.store.reading.chunks import RUN_BYTES, Chunks, missing
from jupyter_kit.system import Buffer

AHEAD_BYTES = 4 * RUN_BYTES
"""Longer content is read with a reader and verifier one step ahead."""

BUFFERS = 4
"""One being used, one waiting, one being read, one to spare; 4 MiB each."""

BATCH_FILES = 256
"""Small files looked up in one transaction: enough that its cost vanishes, few enough that the first is soon there."""

BATCH_BYTES = MIB
"""Of those, what is read and verified before it is written: small beside the processor caches, large beside a turn of a thread."""

_T = TypeVar("_T")


def runs(chunks: Chunks, spans: Sequence[Span], name: str = "") -> Iterable[list[Buffer]]:
    """The verified bytes that the spans make up, in order. The memory of a run is used again once the next is asked for.

    Raises ContentCorrupt; ``name`` is the file in its message.
    """
    if sum(span.appears for span in spans) <= AHEAD_BYTES:
        return chunks.stream(spans, _buffers(1), name)
    return _ahead(chunks.stream(spans, _buffers(BUFFERS), name))


def contents(chunks: Chunks, wanted: Iterable[tuple[str, str]]) -> Generator[list[bytes], None, None]:
    """Many small files, each whole in memory, in order; see :meth:`jupyter_kit.store.store.Store.contents`."""
    for batch in _ahead(_batches(chunks, iter(wanted))):
        yield from batch


def _batches(chunks: Chunks, wanted: Iterator[tuple[str, str]]) -> Iterator[list[list[bytes]]]:
    buffers = _buffers(1)
    while group := list(islice(wanted, BATCH_FILES)):
        batch: list[tuple[Recipe, str]] = []
        size = 0
        for recipe, (root, name) in zip(chunks.recipes(bytes.fromhex(root) for root, _ in group), group, strict=True):
            if recipe is None:
                raise missing(root, name)
            if batch and size + recipe.size > BATCH_BYTES:
                yield _read_batch(chunks, batch, buffers)
                batch, size = [], 0
            batch.append((recipe, name))
            size += recipe.size
        yield _read_batch(chunks, batch, buffers)


def _read_batch(chunks: Chunks, batch: list[tuple[Recipe, str]], buffers: Iterator[memoryview]) -> list[list[bytes]]:
    spans = [span for recipe, _ in batch for span in recipe.spans]
    try:
        pieces = iter([bytes(piece) for run in chunks.stream(spans, buffers) for piece in run])
    except ContentCorrupt:
        for recipe, name in batch:  # One by one, to tell which file it is.
            for _ in chunks.stream(recipe.spans, buffers, name):
                pass
        raise
    return [list(islice(pieces, len(recipe.spans))) for recipe, _ in batch]


def _buffers(count: int) -> Iterator[memoryview]:
    """An endless round of ``count`` buffers, made when first asked for: small files never need one."""
    made: list[memoryview] = []
    for position in cycle(range(count)):
        if position == len(made):
            made.append(memoryview(bytearray(2 * RUN_BYTES)))
        yield made[position]


def _ahead(verified: Iterator[list[_T]]) -> Iterator[list[_T]]:
    """The same runs, the next ones already being read and verified in another thread while the caller writes."""
    ready: queue.Queue[list[_T] | BaseException | None] = queue.Queue(maxsize=BUFFERS - 2)
    stopped = threading.Event()

    def work() -> None:
        try:
            for run in verified:
                ready.put(run)
                if stopped.is_set():
                    return
            ready.put(None)
        except BaseException as error:  # Handed to the caller's thread, which raises it.
            ready.put(error)

    thread = threading.Thread(target=work, name="read", daemon=True)
    thread.start()
    try:
        while (run := ready.get()) is not None:
            if isinstance(run, BaseException):
                raise run
            yield run
    finally:
        stopped.set()
        while thread.is_alive():
            with suppress(queue.Empty):
                ready.get(timeout=0.01)
