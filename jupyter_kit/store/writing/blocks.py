"""A large file as a sequence of cut and named blocks: read in one thread, named in others, while the caller works on the block before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import NamedTuple

from blake3 import blake3

from jupyter_kit.chunking.chunker import Chunker
from jupyter_kit.system import Buffer

Fill = Callable[[memoryview, int], int]
"""``fill(buffer, offset)``: read from ``offset`` until the buffer is full or the content ends; returns the bytes read."""


def cuts(window: memoryview, lengths: Sequence[int]) -> list[memoryview]:
    """The chunks at the start of ``window``, without copying."""
    chunks = []
    offset = 0
    for length in lengths:
        chunks.append(window[offset : offset + length])
        offset += length
    return chunks


def identities(contents: Sequence[Buffer]) -> list[bytes]:
    """The id of each chunk: its BLAKE3-256."""
    return [blake3(content).digest() for content in contents]


class _Block(NamedTuple):
    buffer: memoryview
    chunks: list[memoryview]
    ids: Future[list[bytes]]


class Blocks:
    """Iterates over (ids, chunks). The memory of the chunks is used again once the next ones are asked for: take what you need before.

    An error of ``fill`` or of the chunker comes out of the iteration. Call :meth:`stop` at the end, reached or not.
    """

    def __init__(self, fill: Fill, chunker: Chunker, buffers: Sequence[memoryview], hashers: Executor) -> None:
        self._fill = fill
        self._hashers = hashers
        self._chunker = chunker
        self._free: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[_Block | BaseException | None] = queue.SimpleQueue()
        for buffer in buffers:
            self._free.put(buffer)
        self._thread = threading.Thread(target=self._run, name="read", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[tuple[list[bytes], list[memoryview]]]:
        while (block := self._ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            yield block.ids.result(), block.chunks
            self._free.put(block.buffer)

    def stop(self) -> None:
        """End the thread, also before the content has ended."""
        self._free.put(None)
        self._thread.join()

    def _run(self) -> None:
        try:
            self._read_all()
        except BaseException as error:  # Handed to the caller's thread, which raises it.
            self._ready.put(error)

    def _read_all(self) -> None:
        offset = 0
        rest = b""
        while (buffer := self._free.get()) is not None:
            buffer[: len(rest)] = rest
            asked = len(buffer) - len(rest)
            count = self._fill(buffer[len(rest) :], offset + len(rest))
            window = buffer[: len(rest) + count]
            final = count < asked
            lengths = self._chunker.cut(window, offset, final=final) if window else []
            taken = sum(lengths)
            if lengths:
                chunks = cuts(window, lengths)
                self._ready.put(_Block(buffer, chunks, self._hashers.submit(identities, chunks)))
            else:
                self._free.put(buffer)
            if final:
                self._ready.put(None)
                return
            rest = bytes(window[taken:])
            offset += taken
