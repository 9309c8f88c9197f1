"""Fetching blobs: in parallel ranges where the registry has them, going on where a connection broke (distribution-spec, “Pull”)."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import verified
from jupyter_kit.oci.target import Piece
from jupyter_kit.registry.http.exchange import Answer
from jupyter_kit.registry.http.waiting import Tries
from jupyter_kit.registry.http.wire import Interrupted
from jupyter_kit.registry.protocol.host import PULL, Access, Host
from jupyter_kit.registry.protocol.problems import problem

PART_BYTES = 16 << 20
"""Bytes of one range: at 4 MiB requests cost a third of the speed, at 64 MiB memory does (oci.md 2.2)."""

PARALLEL_BYTES_MIN = 4 * PART_BYTES
"""Bytes from which a blob is fetched in parallel parts; for less, one connection is as fast."""

LANES = 4
"""Parts of one blob in flight at once."""

PROOFS = 2
"""How often the first byte is asked for: a connection may break once by chance."""

_CONTENT_RANGE = re.compile(r"bytes (\d{1,18})-(\d{1,18})/(\d{1,18}|\*)")


@dataclass(frozen=True)
class Blob:
    """A blob of a registry, to be read."""

    host: Host
    repository: str
    descriptor: Descriptor

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.descriptor.short} in {self.host.name}/{self.repository}"

    def fetch(self, start: int = 0, length: int | None = None, *, part: int = PART_BYTES) -> Iterator[Piece]:
        """Its bytes, or ``length`` of them from ``start``; the whole is verified. ``part`` is the size of parallel ranges, in bytes.

        Raises NotFound, ContentCorrupt, and what :meth:`Host.send` raises.
        """
        size = self.descriptor.size
        end = size if length is None else min(start + length, size)
        if start == 0 and end == size:
            return verified(self.descriptor.digest, size, self._whole(part), self.name)
        return self._stream(start, end)

    def holds(self) -> bool:
        """Whether its first byte can be read. A registry that lost it to garbage collection may announce it still, and send nothing."""
        first = {"Range": "bytes=0-0"} if self.descriptor.size else {}
        for _ in range(PROOFS):
            with self._get(first) as answer, suppress(Interrupted):
                if answer.status == 404:
                    return False
                if answer.status not in (200, 206):
                    raise problem(answer, f"looking for {self.descriptor.short}")
                if self.descriptor.size == 0 or next(answer.pieces(), b""):
                    return True
        return False

    def _whole(self, part: int) -> Iterator[Piece]:
        size = self.descriptor.size
        if size == 0:
            with self._open(0, 0, self.host.client.waiting.tries()) as answer:
                yield from answer.pieces()
        elif size < PARALLEL_BYTES_MIN // PART_BYTES * part or self.host.capabilities.ranges is False:
            yield from self._stream(0, size)
        else:
            yield from self._stream(0, part)  # Tells whether the registry has ranges.
            if self.host.capabilities.ranges:
                yield from self._parallel([(first, min(first + part, size)) for first in range(part, size, part)])
            else:
                yield from self._stream(part, size)

    def _parallel(self, ranges: list[tuple[int, int]]) -> Iterator[Piece]:
        """Ranges, in their order, some fetched ahead. Without room for that in memory the next one is streamed."""
        parts, waiting, stop = self.host.parts, deque(ranges), threading.Event()
        ahead: deque[Future[list[bytes]]] = deque()

        def load(first: int, end: int) -> list[bytes]:
            blocks = []
            for block in self._stream(first, end):
                if stop.is_set():
                    break
                blocks.append(block)
            return blocks

        with_room = ThreadPoolExecutor(LANES, thread_name_prefix="kit-download")
        try:
            while waiting or ahead:
                while waiting and len(ahead) < LANES and parts.acquire(blocking=False):
                    ahead.append(with_room.submit(load, *waiting.popleft()))
                if not ahead:
                    yield from self._stream(*waiting.popleft())
                    continue
                loading = ahead.popleft()
                try:
                    yield from loading.result()
                finally:
                    loading.add_done_callback(lambda _: parts.release())
        finally:
            stop.set()
            for loading in ahead:
                loading.add_done_callback(lambda _: parts.release())
            with_room.shutdown(wait=False, cancel_futures=True)

    def _stream(self, start: int, end: int) -> Iterator[bytes]:
        """The bytes of a range; where the connection breaks, the rest is asked for again."""
        position, tries = start, self.host.client.waiting.tries()
        while position < end:
            answer = self._open(position, end, tries)
            skip = position if answer.status == 200 else 0
            problem_met: Interrupted | None = None
            try:
                for block in answer.pieces():
                    wanted = block[skip : skip + end - position]
                    skip = max(0, skip - len(block))
                    if wanted:
                        position += len(wanted)
                        tries.progressed()
                        yield wanted
                    if position == end:
                        return
            except Interrupted as error:
                problem_met = error
            finally:
                answer.close()
            if not tries.again():
                raise problem_met or Interrupted(f"{self.host.name} ends {self.descriptor.short} too early.", hint="Try again later.")

    def _open(self, start: int, end: int, tries: Tries) -> Answer:
        """An answer of 206 that begins at ``start``, or one of 200 with the whole blob."""
        size, capabilities = self.descriptor.size, self.host.capabilities
        while True:
            ranged = (start, end) != (0, size) and capabilities.ranges is not False
            answer = self._get({"Range": f"bytes={start}-{end - 1}"} if ranged else {}, tries)
            if answer.status == 206 and ranged and _range_of(answer, size) == (start, end):
                capabilities.ranges = True
                return answer
            if answer.status == 200:
                if ranged:
                    capabilities.ranges = False
                if answer.length in (None, size):
                    return answer
                answer.close()
                raise ContentCorrupt(f"{self.name} has {answer.length} bytes instead of {size}.", hint="Push it again.")
            if ranged and answer.status in (206, 416, 501):
                answer.close()
                capabilities.ranges = False  # It gave another range than was asked for, or none: then the whole is what remains.
                continue
            expired = answer.redirected and answer.status in (400, 401, 403)
            if not expired or not tries.again():
                raise problem(answer, f"fetching {self.descriptor.short}")
            answer.close()  # The address that the registry sent us to has ended; it makes a new one.

    def _get(self, headers: dict[str, str], tries: Tries | None = None) -> Answer:
        path = f"/v2/{self.repository}/blobs/{self.descriptor.digest}"
        return self.host.send("GET", path, Access(self.repository, PULL), headers, tries=tries)


def _range_of(answer: Answer, size: int) -> tuple[int, int] | None:
    """Start and end of what an answer of 206 says it holds, of a blob of ``size`` bytes."""
    match = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
    if not match or match[3] not in ("*", str(size)):
        return None
    return int(match[1]), int(match[2]) + 1
