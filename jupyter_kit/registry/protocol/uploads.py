"""Pushing blobs: in one streamed request, or in chunks that can be resumed (distribution-spec, “Pushing blobs”).

A blob that a request broke off is begun anew, unless it goes in chunks: then the registry says how far it came. The address of such an
upload is kept in ``sessions``, so that it outlives the process.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from dataclasses import dataclass

from jupyter_kit.errors import ContentCorrupt, KitError, NotFound, RegistryError, RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.registry.http.connection import joined
from jupyter_kit.registry.http.exchange import BLOCK_BYTES, Answer, number_in
from jupyter_kit.registry.http.waiting import AGAIN, Tries
from jupyter_kit.registry.http.wire import Interrupted
from jupyter_kit.registry.protocol.downloads import Blob
from jupyter_kit.registry.protocol.host import PUSH, Access, Host
from jupyter_kit.registry.protocol.problems import problem

CHUNKED_BYTES_MIN = 256 << 20
"""Bytes from which a blob goes in chunks: what is smaller is quickly sent again."""

CHUNK_BYTES = 64 << 20
"""Bytes of the first chunk of an upload: proxies take as much, and what is lost when a connection breaks is soon sent again."""

CHUNK_BYTES_MAX = 512 << 20
"""Bytes that chunks grow to, each twice the one before: docker-registry flushes its disk some five times a chunk (measured, 2.8.2)."""

STORING_BYTES_PER_SECOND = 16 << 20
"""How fast a registry hashes and moves a blob after its last byte; so long its silence is no fault."""

CANCEL_SECONDS = 5.0
"""How long the cancelling of an upload may take: it is a courtesy."""

CORRUPT = frozenset({"DIGEST_INVALID", "SIZE_INVALID"})
"""Codes of an upload whose bytes are not those promised."""

OCTETS = {"Content-Type": "application/octet-stream"}

_RANGE = re.compile(r"(?:bytes=)?0-(\d{1,18})")


class Lost(RegistryUnavailable):
    """An upload's session is gone or in doubt: another one has to begin."""


class ChunksRefused(RegistryError):
    """The registry does not take chunks, or not ours."""


@dataclass
class Session:
    """An upload that a registry has begun. ``position`` is how many bytes it has, ``chunk`` how many it gets next, if that may grow."""

    location: str
    chunk: int
    position: int = 0
    grows: bool = True


class Reading:
    """Content from wherever it is wanted. Going on where it left off opens nothing anew, which would cost as much as 10 MiB."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._pieces: Iterator[Piece] = iter(())
        self._position = -1
        self._rest: Piece = b""

    def read(self, first: int, count: int) -> Iterator[Piece]:
        """The pieces of ``count`` bytes from ``first`` on; fewer where the content ends before."""
        if first != self._position:
            self._pieces, self._position, self._rest = self._content(first), first, b""
        while count and (piece := self._rest or next(self._pieces, None)):
            part, self._rest = memoryview(piece)[:count], memoryview(piece)[count:]
            count -= len(part)
            self._position += len(part)
            yield part

    def ended(self) -> bool:
        """Whether nothing is left; what checks content as it passes has then checked all of it."""
        self._rest = self._rest or next(self._pieces, b"")
        return not self._rest


@dataclass(frozen=True)
class Upload:
    """A blob on its way to a registry. ``content`` gives its bytes; ``chunked_from``, ``chunk`` and ``longest`` are in bytes."""

    host: Host
    repository: str
    descriptor: Descriptor
    content: Content
    sessions: MutableMapping[str, str]
    chunked_from: int = CHUNKED_BYTES_MIN
    chunk: int = CHUNK_BYTES
    longest: int = CHUNK_BYTES_MAX

    def run(self) -> None:
        """Push it. Raises ContentCorrupt where the content is not what the descriptor says, and what :meth:`Host.send` raises."""
        tries, corrupt = self.host.client.waiting.tries(), False
        while True:
            try:
                if self.descriptor.size >= self.chunked_from and self.host.capabilities.chunks is not False:
                    self._in_chunks(tries)
                else:
                    self._whole()
            except ChunksRefused:
                self.host.capabilities.chunks = False
            except (Interrupted, Lost):
                if not tries.again():
                    raise
                if self._stored():
                    return
            except ContentCorrupt:
                if corrupt:
                    raise
                corrupt = True  # A byte may have changed on its way; what happens twice was wrong from the start.
            else:
                return

    @property
    def _key(self) -> str:
        """The upload's name among ``sessions``."""
        return f"{self.host.name}/{self.repository}@{self.descriptor.digest}"

    def _whole(self) -> None:
        session, size = self._begin(), self.descriptor.size
        try:
            with self._send("PUT", self._closing(session), Reading(self.content), 0, size) as answer:
                self._check_stored(answer)
        except (Interrupted, Lost):
            raise  # The session died with its connection.
        except BaseException:
            self._cancel(session)
            raise

    def _in_chunks(self, tries: Tries) -> None:
        session, reading = self._resumed() or self._begin(), Reading(self.content)
        while session.position < self.descriptor.size:
            before = session.position
            try:
                self._send_chunk(session, reading)
            except Interrupted:
                if not tries.again():
                    raise
                session = self._resumed() or self._lost("it broke off")
                continue
            if session.position > before:
                tries.progressed()
                self.host.capabilities.chunks = True
                session.chunk = min(2 * session.chunk, max(self.longest, session.chunk)) if session.grows else session.chunk
            elif not tries.again():
                self._lost("it goes backwards")
        with self._send("PUT", self._closing(session), reading, self.descriptor.size, 0) as answer:
            self.sessions.pop(self._key, None)
            self._check_stored(answer)

    def _send_chunk(self, session: Session, reading: Reading) -> None:
        """Send what comes next; the session then says how much the registry has."""
        first = session.position
        count = min(session.chunk, self.descriptor.size - first)
        headers = {"Content-Range": f"{first}-{first + count - 1}"}
        with self._send("PATCH", session.location, reading, first, count, headers=headers) as answer:
            if answer.status == 202:
                self._note(session, answer, first + count)
                if session.position <= first:
                    self._lost("it took nothing")
            elif answer.status == 416 and (resumed := self._resumed()) and resumed.position != first:
                session.location, session.position = resumed.location, resumed.position
            elif answer.status == 413 and session.chunk > self.chunk:
                session.chunk, session.grows = self.chunk, False  # Longer than somebody on the way lets through.
            elif first == 0 and answer.status in (200, 201, 400, 405, 411, 413, 416, 501):
                raise ChunksRefused(f"{self.host.name} takes no chunks.", hint="The blob goes in one piece.")
            elif answer.status in (404, 400, 416) or answer.status in AGAIN:
                self._lost(f"the registry answered {answer.status}")
            else:
                raise problem(answer, f"pushing {self.descriptor.short}")

    def _resumed(self) -> Session | None:
        """The session that is remembered, as the registry knows it; None where it does not any more."""
        location = self.sessions.get(self._key)
        if location is None:
            return None
        with suppress(NotFound), self.host.send("GET", location, self._access) as answer:
            session = Session(location, self.chunk)
            if answer.status == 204:
                self._note(session, answer, None)
                return session
        self.sessions.pop(self._key, None)
        return None

    def _lost(self, why: str) -> Session:
        self.sessions.pop(self._key, None)
        raise Lost(f"{self.host.name} lost the upload of {self.descriptor.short}: {why}.", hint="Push again.")

    def _begin(self) -> Session:
        path = f"/v2/{self.repository}/blobs/uploads/"
        with self.host.send("POST", path, self._access) as answer:
            if answer.status != 202 or "location" not in answer.headers:
                raise problem(answer, f"beginning to push {self.descriptor.short}")
            session = Session(_location(answer), max(self.chunk, number_in(answer.headers.get("oci-chunk-min-length")) or 0))
        if self.descriptor.size >= self.chunked_from:
            self.sessions[self._key] = session.location
        return session

    def _note(self, session: Session, answer: Answer, expected: int | None) -> None:
        """Take over the newest address, and how much the registry says that it has."""
        if "location" in answer.headers:
            session.location = self.sessions[self._key] = _location(answer)
        told = _RANGE.fullmatch(answer.headers.get("range", ""))
        if told:
            last = int(told[1])
            session.position = last + 1 if last else 0  # Of nothing registries say 0-0, and no chunk is a single byte.
        elif expected is not None:
            session.position = expected
        if session.position > self.descriptor.size:
            self._lost("it has more than was sent")

    def _closing(self, session: Session) -> str:
        """The address that ends the upload: the registry's own, whatever it holds, and the digest."""
        return f"{session.location}{'&' if '?' in session.location else '?'}digest={self.descriptor.digest}"

    def _send(self, method: str, url: str, reading: Reading, first: int, count: int, *, headers: dict[str, str] | None = None) -> Answer:
        """Send ``count`` bytes of the content, from ``first`` on."""
        storing = self.descriptor.size if method == "PUT" else count
        patience = self.host.client.connection.read_seconds + storing / STORING_BYTES_PER_SECOND
        return self.host.send(
            method,
            url,
            self._access,
            OCTETS | (headers or {}),
            body=lambda: self._blocks(reading, first, count),
            length=count,
            repeatable=False,
            read_seconds=patience,
        )

    def _blocks(self, reading: Reading, first: int, count: int) -> Iterator[Piece]:
        """The content in blocks that are neither so small that each costs a system call for little, nor more than ``count`` bytes."""
        block, left, size = bytearray(), count, self.descriptor.size
        for part in reading.read(first, count) if first < size or size == 0 else ():
            left -= len(part)
            if not block and len(part) >= BLOCK_BYTES:
                yield part
            else:
                block += part
            if len(block) >= BLOCK_BYTES and left:
                yield memoryview(block)
                block = bytearray()
        if left or (first + count == size and not reading.ended()):
            raise ContentCorrupt(
                f"The content of {self.descriptor.short} is not {self.descriptor.size} bytes long.",
                hint="Run check on where it comes from.",
            )
        if block:
            yield memoryview(block)

    def _check_stored(self, answer: Answer) -> None:
        if answer.status == 201:
            return
        doing = f"pushing {self.descriptor.short}"
        if answer.status in (404, 416) or answer.status in AGAIN:
            self._lost(f"the registry answered {answer.status}")
        error = problem(answer, doing)
        if isinstance(error, RegistryError) and error.code in CORRUPT:
            raise ContentCorrupt(
                f"{self.host.name} received other bytes for {self.descriptor.short} than its digest says.",
                hint="Run check on where it comes from.",
            )
        raise error

    def _stored(self) -> bool:
        """Whether it is there after all: the answer may have been lost after the registry had stored it."""
        with suppress(KitError):
            return Blob(self.host, self.repository, self.descriptor).holds()
        return False

    def _cancel(self, session: Session) -> None:
        """Best effort: a registry forgets sessions by itself, in time."""
        with suppress(KitError):
            self.host.send("DELETE", session.location, self._access, repeatable=False, read_seconds=CANCEL_SECONDS).close()

    @property
    def _access(self) -> Access:
        return Access(self.repository, PUSH)


def mount(host: Host, repository: str, descriptor: Descriptor, other: str) -> bool:
    """Let a blob of another repository of the same registry be in this one too; whether the registry could."""
    path = f"/v2/{repository}/blobs/uploads/?mount={descriptor.digest}&from={other}"
    access = Access(repository, PUSH, other)
    with host.send("POST", path, access) as answer:
        if answer.status == 202 and "location" in answer.headers:  # It began an upload instead, which nobody needs.
            with suppress(KitError):
                host.send("DELETE", _location(answer), access, repeatable=False, read_seconds=CANCEL_SECONDS).close()
        return answer.status == 201


def _location(answer: Answer) -> str:
    """Where an upload goes on. It is used as it is: it may lead to another host and hold signatures."""
    return joined(answer.request.url, answer.headers["location"])
