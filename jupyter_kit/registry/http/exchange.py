"""A request, and the answer to it: what crosses the wire, with limits on what is read whole."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from jupyter_kit.errors import RegistryError, RegistryUnavailable
from jupyter_kit.registry.http.connection import Origin, origin_of
from jupyter_kit.registry.http.secret import Secret

METADATA_BYTES_MAX = 8 << 20
"""Bytes of an answer that is read whole: twice the largest manifest, more than any list or token."""

METADATA_SECONDS_MAX = 120.0
"""How long such an answer may take to arrive, however steadily it drips."""

ERROR_BYTES_MAX = 64 << 10
"""Bytes of an error's text that are read."""

BLOCK_BYTES = 1 << 20
"""Bytes that are read from, or given to, a connection at once: larger gains nothing, 16 KiB halves the speed (oci.md 2.2)."""

Body = Callable[[], Iterator[bytes | memoryview]]
"""Opens the bytes of a request, as often as it is sent."""


@dataclass(frozen=True)
class Request:
    """What is asked of a host. The URL may hold secrets, so it shows nowhere.

    ``repeatable`` says that asking twice does no harm, so that a broken exchange is tried again; ``hops`` are the statuses of redirects
    that are followed.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    authorization: Secret | None = None
    body: Body | None = None
    length: int = 0
    """Bytes of the body."""
    read_seconds: float | None = None
    """How long the host may be silent, where that is longer than usual."""
    limit: int | None = None
    """Bytes that the answer's body may have, where it is short: it is part of the exchange then, and asked for again if it breaks off."""
    repeatable: bool = True
    hops: frozenset[int] = frozenset({301, 302, 303, 307, 308})

    @property
    def origin(self) -> Origin:
        """Where it goes."""
        return origin_of(self.url)


class Stream(Protocol):
    """The body of an answer as the wire gives it. Errors are ours already."""

    def read(self, size: int) -> bytes:
        """What has arrived, up to ``size`` bytes; empty at the end. So a connection that breaks takes nothing with it that was here."""

    def release(self) -> None:
        """It was read to its end: the connection serves the next request."""

    def close(self) -> None:
        """Nobody wants the rest: unless there is none, the connection is closed."""


class Answer:
    """A status, headers by their lower-case name, and a body that is read once. ``close`` it, or read it to its end."""

    def __init__(self, status: int, headers: Mapping[str, str], stream: Stream, request: Request, *, redirected: bool = False) -> None:
        self.status = status
        self.headers = MappingProxyType(dict(headers))
        self.request = request
        self.redirected = redirected
        """Whether another origin than the one asked gave it."""
        self._stream = stream
        self._data: bytes | None = None

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Answer({self.status}, {self.request.origin})"

    @property
    def length(self) -> int | None:
        """Bytes that the body is announced to have."""
        return number_in(self.headers.get("content-length"))

    @property
    def media_type(self) -> str:
        """The Content-Type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def data(self, limit: int = METADATA_BYTES_MAX) -> bytes:
        """The body, whole, as often as asked. Raises RegistryError where it is longer than ``limit`` bytes or drips for too long."""
        if self._data is None:
            self._data = self._whole(limit)
        return self._data

    def _whole(self, limit: int) -> bytes:
        data, deadline = bytearray(), time.monotonic() + METADATA_SECONDS_MAX
        with self:
            while block := self._stream.read(BLOCK_BYTES):
                data += block
                if len(data) > limit:
                    raise RegistryError(
                        f"{self.request.origin} sent more than {limit} bytes where a short answer belongs.",
                        hint="Check that this is the address of a registry.",
                    )
                if time.monotonic() > deadline:
                    raise RegistryError(
                        f"{self.request.origin} takes more than {METADATA_SECONDS_MAX:.0f} s for a short answer.", hint="Try again later."
                    )
            self._stream.release()
        return bytes(data)

    def start_of_text(self) -> bytes:
        """The first bytes of an error's body. A 416 is never read: some registries announce the whole blob with it and send a line."""
        with self, suppress(RegistryUnavailable):  # The status says what matters, should the text break off.
            return b"" if self.status == 416 else self._stream.read(ERROR_BYTES_MAX)
        return b""

    def pieces(self) -> Iterator[bytes]:
        """The body in blocks."""
        try:
            while block := self._stream.read(BLOCK_BYTES):
                yield block
            self._stream.release()
        finally:
            self._stream.close()

    def close(self) -> None:
        """Read no more of it."""
        self._stream.close()


def number_in(text: str | None) -> int | None:
    """The number that a header holds; None where it holds none, or more digits than any size has."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,18}", text) else None
