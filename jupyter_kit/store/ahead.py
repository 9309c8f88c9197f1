"""Content as runs of buffers; that of a large file is read and verified in another thread, a few runs ahead of whoever uses it."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import cycle

from jupyter_kit.store.chunks import RUN_BYTES, Chunks
from jupyter_kit.store.recipes import Span
from jupyter_kit.system import Buffer

AHEAD_BYTES = 4 * RUN_BYTES
"""Longer content is read with a reader and verifier one step ahead."""

BUFFERS = 4
"""One being used, one waiting, one being read, one to spare; 8 MiB each."""


def runs(chunks: Chunks, spans: Sequence[Span], name: str = "") -> Iterable[list[Buffer]]:
    """The verified bytes that the spans make up, in order. The memory of a run is used again once the next is asked for.

    Raises ContentCorrupt; ``name`` is the file in its message.
    """
    if sum(span.appears for span in spans) <= AHEAD_BYTES:
        return chunks.stream(spans, _buffers(1), name)
    return _ahead(chunks.stream(spans, _buffers(BUFFERS), name))


def _buffers(count: int) -> Iterator[memoryview]:
    """An endless round of ``count`` buffers, made when first asked for: small files never need one."""
    made: list[memoryview] = []
    for position in cycle(range(count)):
        if position == len(made):
            made.append(memoryview(bytearray(2 * RUN_BYTES)))
        yield made[position]


def _ahead(verified: Iterator[list[Buffer]]) -> Iterator[list[Buffer]]:
    """The same runs, the next ones already being read and verified in another thread while the caller writes."""
    ready: queue.Queue[list[Buffer] | BaseException | None] = queue.Queue(maxsize=BUFFERS - 2)
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
