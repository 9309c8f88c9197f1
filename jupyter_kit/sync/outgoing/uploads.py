"""Blobs on their way to a remote, a few at a time, from memory."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from jupyter_kit.errors import Cancelled
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Content, Piece, Target
from jupyter_kit.progress import Progress
from jupyter_kit.system import Buffer

UPLOADS = 3
"""Segments on their way at once: with the one being filled, 128 MiB of memory."""

PIECE_BYTES = 1 << 20
"""Neighbouring buffers are handed over together up to this many bytes: connections like large writes."""

TICK_SECONDS = 0.2
"""How often progress is told, and a cancel noticed."""


class Uploads:
    """A pool of uploads to one target. Call :meth:`finish` at the end, or :meth:`stop` where something went wrong."""

    def __init__(self, target: Target, progress: Progress) -> None:
        self._target = target
        self._progress = progress
        self._pool = ThreadPoolExecutor(UPLOADS, "push")
        self._under_way: dict[Future[None], Callable[[], None]] = {}
        self._counting = threading.Lock()
        self._unsaid = 0
        self._stopped = False
        self.sent = 0
        """Bytes of the blobs whose upload is done."""

    def send(
        self, descriptor: Descriptor, buffers: Sequence[Buffer], done: Callable[[], None] = lambda: None, *, tag: str | None = None
    ) -> None:
        """Upload a blob, or a manifest and let ``tag`` name it; waits while too many are under way.

        ``done`` is called in the caller's thread, at one of the next calls.

        Raises what the uploads before it raised.
        """
        while len(self._under_way) >= UPLOADS:
            self._settle()

        def upload() -> None:
            self._target.push(descriptor, self._counted(buffers))
            if tag is not None:
                self._target.tag(descriptor, tag)
            with self._counting:
                self.sent += descriptor.size

        self._under_way[self._pool.submit(upload)] = done

    def finish(self) -> None:
        """Wait for all of them."""
        while self._under_way:
            self._settle()

    def stop(self) -> None:
        """Give up what is under way."""
        self._stopped = True
        self._pool.shutdown(cancel_futures=True)

    def _settle(self) -> None:
        finished, _ = wait(self._under_way, TICK_SECONDS, FIRST_COMPLETED)
        with self._counting:
            moved, self._unsaid = self._unsaid, 0
        self._progress.advance(moved)
        for future in finished:
            done = self._under_way.pop(future)
            future.result()
            done()

    def _counted(self, buffers: Sequence[Buffer]) -> Content:
        def content(start: int) -> Iterator[Piece]:
            for piece in pieces(buffers, start):
                if self._stopped:
                    raise Cancelled("The push was given up.")
                with self._counting:
                    self._unsaid += len(piece)
                yield piece

        return content


def pieces(buffers: Sequence[Buffer], start: int = 0) -> Iterator[bytes]:
    """What buffers hold together, from ``start``, in pieces of some PIECE_BYTES."""
    gathered: list[Buffer] = []
    length = 0
    for buffer in buffers:
        if start >= len(buffer):
            start -= len(buffer)
            continue
        gathered.append(buffer[start:])
        length += len(buffer) - start
        start = 0
        if length >= PIECE_BYTES:
            yield b"".join(gathered)
            gathered, length = [], 0
    if gathered:
        yield b"".join(gathered)
