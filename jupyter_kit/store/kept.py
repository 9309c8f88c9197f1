"""A kept file, open for reading at any place. Only the chunks that a read touches come from the store, or first from a remote."""

from __future__ import annotations

import io
import os
import threading
from bisect import bisect_right
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import accumulate

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.system import Buffer

NEAR_BYTES_MAX = 2 * MIB
"""What is held around the position grows up to this while reads follow on each other: a lock and a look at the index a time then vanish."""


WINDOWS_AHEAD = 2
"""So many times as much is on its way while somebody reads on and on: each in a thread of its own, which a fork leaves behind unharmed."""


class _Window:
    """Whole spans of a file, from ``begin`` to ``end``, in ``room`` or on their way there."""

    def __init__(self, room: memoryview, begin: int, end: int) -> None:
        self.begin, self.end = begin, end
        self.room = room if len(room) >= end - begin else memoryview(bytearray(end - begin))
        self._error: Exception | None = None
        self._whole = False
        self._thread: threading.Thread | None = None

    def start(self, fill: Callable[[_Window], None]) -> None:
        """Fill it in a thread."""

        def work() -> None:
            try:
                fill(self)
                self._whole = True
            except Exception as error:  # Raised where the bytes are wanted.
                self._error = error

        self._thread = threading.Thread(target=work, name="read ahead", daemon=True)
        self._thread.start()

    def arrived(self) -> bool:
        """Wait until it is full; False where its thread was left behind by a fork. Raises what filling it raised."""
        assert self._thread is not None
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._whole


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
        self._room = self._near = memoryview(b"")
        self._near_start = 0
        self._ahead: deque[_Window] = deque()
        self._rooms: list[memoryview] = []

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
        self._fill(target[:wanted], self._position)
        self._position += wanted
        return wanted

    def readall(self) -> bytes:
        """All from the position to the end."""
        self._check_open()
        length = max(self.size - self._position, 0)
        whole = io.BytesIO()
        if length:
            whole.seek(length - 1)
            whole.write(b"\0")
            with whole.getbuffer() as target:
                self._fill(target, self._position)
        self._position += length
        return whole.getvalue()

    def _check_open(self) -> None:
        if self.closed:
            raise ValueError("I/O operation on closed file.")

    def _fill(self, target: memoryview, start: int) -> None:
        """Put the bytes from ``start`` into the target, which does not reach beyond the end."""
        count = self._from_near(target, start)
        left, start = target[count:], start + count
        if not left:
            return
        first, last = bisect_right(self._ends, start), bisect_right(self._ends, start + len(left) - 1)
        begin, end = self._start_of(first), self._ends[last]
        if (begin, end) == (start, start + len(left)):
            with self._guarded():
                self._store.chunks.fill(self._spans[first : last + 1], left, self.path)
        elif last > first and len(left) >= NEAR_BYTES_MAX:
            # Only the edges are put beside the target, because they are cut.
            middle = self._start_of(first + (begin < start)), self._start_of(last + (end == start + len(left)))
            self._fill(left[: middle[0] - start], start)
            self._fill(left[middle[0] - start : middle[1] - start], middle[0])
            self._fill(left[middle[1] - start :], middle[1])
        else:
            self._come_near(start, len(left))
            self._from_near(left, start)

    def _from_near(self, target: memoryview, start: int) -> int:
        """Take what is at hand; returns how many bytes that were."""
        skip = start - self._near_start
        if not 0 <= skip < len(self._near):
            return 0
        piece = self._near[skip : skip + len(target)]
        target[: len(piece)] = piece
        return len(piece)

    def _come_near(self, start: int, length: int) -> None:
        """Hold the whole spans around these bytes, and more behind them where the last reads led here."""
        follows = start == self._near_start + len(self._near)
        more = min(2 * len(self._near) + 1, NEAR_BYTES_MAX) if follows else 0
        self._near, room = memoryview(b""), self._room  # Where filling fails, nothing is at hand.
        window = self._ahead.popleft() if follows and self._ahead and self._ahead[0].begin == start else None
        if window is None or not window.arrived():
            self._ahead.clear()
            window = _Window(room, *self._around(start, max(length, more)))
            self._fill_window(window)
        elif room:
            self._rooms.append(room)
        self._room, self._near_start = window.room, window.begin
        self._near = window.room[: window.end - window.begin]
        if more == NEAR_BYTES_MAX:
            self._read_ahead(window.end)

    def _read_ahead(self, begin: int) -> None:
        """Reads follow each other: what comes next is read and verified in other threads meanwhile."""
        begin = self._ahead[-1].end if self._ahead else begin
        while len(self._ahead) < WINDOWS_AHEAD and begin < self.size:
            room = self._rooms.pop() if self._rooms else memoryview(b"")
            window = _Window(room, *self._around(begin, NEAR_BYTES_MAX))
            window.start(self._fill_window)
            self._ahead.append(window)
            begin = window.end

    def _around(self, start: int, length: int) -> tuple[int, int]:
        """Where the whole spans around these bytes begin and end."""
        first = bisect_right(self._ends, start)
        last = bisect_right(self._ends, min(start + length, self.size) - 1)
        return self._start_of(first), self._ends[last]

    def _fill_window(self, window: _Window) -> None:
        first, last = bisect_right(self._ends, window.begin), bisect_right(self._ends, window.end - 1)
        with self._guarded():
            self._store.chunks.fill(self._spans[first : last + 1], window.room[: window.end - window.begin], self.path)

    def _start_of(self, number: int) -> int:
        """Offset of a span's first byte."""
        return self._ends[number - 1] if number else 0

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
