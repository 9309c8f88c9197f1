"""A large file as a sequence of cut blocks, read and cut in a thread of its own while the caller works on the block before."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence

from jupyter_kit.chunking.chunker import Chunker

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


class Blocks:
    """Iterates over lists of chunks. The memory of a list is used again once the next one is asked for: take what you need before.

    An error of ``fill`` or of the chunker comes out of the iteration. Call :meth:`stop` at the end, reached or not.
    """

    def __init__(self, fill: Fill, chunker: Chunker, buffers: Sequence[memoryview]) -> None:
        self._fill = fill
        self._chunker = chunker
        self._free: queue.SimpleQueue[memoryview | None] = queue.SimpleQueue()
        self._ready: queue.SimpleQueue[tuple[memoryview, list[memoryview]] | BaseException | None] = queue.SimpleQueue()
        for buffer in buffers:
            self._free.put(buffer)
        self._thread = threading.Thread(target=self._run, name="read", daemon=True)
        self._thread.start()

    def __iter__(self) -> Iterator[list[memoryview]]:
        while (block := self._ready.get()) is not None:
            if isinstance(block, BaseException):
                raise block
            buffer, chunks = block
            yield chunks
            self._free.put(buffer)

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
                self._ready.put((buffer, cuts(window, lengths)))
            else:
                self._free.put(buffer)
            if final:
                self._ready.put(None)
                return
            rest = bytes(window[taken:])
            offset += taken
