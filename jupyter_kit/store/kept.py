"""A kept file, open for reading at any place. Only the chunks that a read touches come from the store, or first from a remote."""

from __future__ import annotations

import io
import os
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import accumulate

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.reading.ahead import runs
from jupyter_kit.store.store import Store
from jupyter_kit.system import Buffer

NEAR_BYTES_MAX = 2 * MIB
"""What is held around the position grows up to this while reads follow on each other: a lock and a look at the index a time then vanish."""


class KeptFile(io.RawIOBase):
    """Verified content as an unbuffered binary file; ``size`` in bytes, ``root`` in hexadecimal, ``path`` in the snapshot.

    One thread at a time may use it; several of them on one file do not disturb each other. It stays usable while its workspace is open.
    Reading raises ContentCorrupt, NotFound where the content was pruned in between, and what a remote raises.
    """

    def __init__(self, store: Store, root: str, path: str) -> None:
        """Raises NotFound, ContentCorrupt."""
        super().__init__()
        recipe = store.recipe(root, path)
        self.size = recipe.size
        self.root = root
        self.path = path
        self._store = store
        self._spans = recipe.spans
        self._ends = list(accumulate(span.appears for span in recipe.spans))
        self._position = 0
        self._near: Buffer = b""
        self._near_start = 0
        self._near_bytes = 0

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.path!r}, size={self.size})"

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The offset of the next byte."""
        self._check_open()
        return self._position

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to an offset, from the start, the present position or the end; behind the end is allowed, and nothing is read there."""
        self._check_open()
        starts = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self.size}
        if whence not in starts:
            raise ValueError(f"whence {whence} is none of 0, 1 and 2")
        position = starts[whence] + offset
        if position < 0:
            raise ValueError(f"{position} lies before the file's start")
        self._position = position
        return position

    def readinto(self, buffer: Buffer, /) -> int:  # type: ignore[override]  # typeshed's own name for it cannot be imported
        """Fill the buffer; fewer bytes come only at the end. Where it raises, the position stays and the buffer holds anything."""
        self._check_open()
        target = memoryview(buffer).cast("B")
        wanted = max(min(len(target), self.size - self._position), 0)
        start = self._position
        done = 0
        while done < wanted:
            done += self._fill(target[done:wanted], start + done)
        self._position = start + done
        return done

    def readall(self) -> bytes:
        """All from the position to the end."""
        self._check_open()
        whole = io.BytesIO()
        for piece in self._pieces(self._position, self.size):
            whole.write(piece)
        self._position = max(self._position, self.size)
        return whole.getvalue()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def _fill(self, target: memoryview, start: int) -> int:
        """The bytes from ``start``, as many as are at hand or all of them; returns how many."""
        skip = start - self._near_start
        if not 0 <= skip < len(self._near):
            if len(target) >= NEAR_BYTES_MAX:
                return self._copy(target, start)
            self._come_near(start, len(target))
            skip = start - self._near_start
        piece = memoryview(self._near)[skip : skip + len(target)]
        target[: len(piece)] = piece
        return len(piece)

    def _copy(self, target: memoryview, start: int) -> int:
        done = 0
        for piece in self._pieces(start, start + len(target)):
            target[done : done + len(piece)] = piece
            done += len(piece)
        return done

    def _come_near(self, start: int, length: int) -> None:
        """Hold the whole spans around these bytes, and more behind them where the last reads led here."""
        follows = start == self._near_start + len(self._near)
        self._near_bytes = min(2 * self._near_bytes + 1, NEAR_BYTES_MAX) if follows else 0
        first = bisect_right(self._ends, start)
        begin = self._ends[first - 1] if first else 0
        last = bisect_right(self._ends, min(start + max(length, self._near_bytes), self.size) - 1)
        pieces = [bytes(piece) for piece in self._pieces(begin, self._ends[last])]
        self._near = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        self._near_start = begin
        self._near_bytes = len(self._near)

    def _pieces(self, start: int, end: int) -> Iterator[Buffer]:
        """The bytes from ``start`` to ``end``; the memory of each piece is used again for the next."""
        if start >= end:
            return
        first = bisect_right(self._ends, start)
        last = bisect_right(self._ends, end - 1)
        skip = start - (self._ends[first - 1] if first else 0)
        left = end - start
        with self._guarded():
            for run in runs(self._store.chunks, self._spans[first : last + 1], self.path):
                for buffer in run:
                    piece = buffer[skip : skip + left]
                    skip = 0
                    left -= len(piece)
                    yield piece

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Prune waits meanwhile. What it took before is told as that, and not as damage."""
        with self._store.shared():
            try:
                yield
            except ContentCorrupt as error:
                if self._store.environment.get(Table.RECIPES, bytes.fromhex(self.root)) is not None:
                    raise
                raise NotFound(
                    f"The content of {self.path} was pruned while the file was open.", hint="Open it in another snapshot.", path=self.path
                ) from error
