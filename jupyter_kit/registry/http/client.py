"""The client: redirects, pauses and further tries around the wire, and warnings told once."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from jupyter_kit.errors import RegistryError
from jupyter_kit.registry.http.connection import Connection, Origin, joined, origin_of
from jupyter_kit.registry.http.exchange import Answer, Request
from jupyter_kit.registry.http.secret import redact
from jupyter_kit.registry.http.waiting import AGAIN, Tries, Waiting, retry_after_seconds
from jupyter_kit.registry.http.wire import Interrupted, Wire

REDIRECTS_MAX = 5
"""Hops from a registry to where it keeps a blob; two are usual."""

READING = ("GET", "HEAD")
SAME_METHOD = frozenset({307, 308})
"""Redirects of a request that changes something: the others would make a GET of it (RFC 9110, 15.4)."""

WARNINGS_MAX = 20
"""Warnings that are told in a client's life."""

_WARNING = re.compile(r'299 - "((?:[^"\\]|\\.)*)"')


class Client:
    """What every request goes through. Shared by all threads and repositories; knows no credentials but those in a request.

    ``tell`` receives each warning of a registry once; ``sleep`` waits seconds.
    """

    def __init__(
        self, connection: Connection, *, tell: Callable[[str], None] = lambda _: None, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        self.connection = connection
        self.waiting = Waiting(connection.patience, sleep)
        self._wire = Wire(connection)
        self._tell = tell
        self._told: set[str] = set()
        self._met: set[Origin] = set()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._wire.close()

    def send(self, request: Request, tries: Tries | None = None) -> Answer:
        """The final answer, whatever its status, once neither waiting nor following a redirect would change it.

        ``tries`` are those of the work that the request belongs to. Raises Interrupted, RegistryUnavailable, RegistryError.
        """
        tries = tries or self.waiting.tries()
        while True:
            self.waiting.for_turn(request.origin)
            try:
                answer = self._follow(request)
                if request.limit is not None and answer.status < 300:
                    answer.data(request.limit)
            except Interrupted:
                if tries.failures and request.origin not in self._met:
                    raise  # A host that never answered is more likely misspelt than busy.
                if request.repeatable and tries.again():
                    continue
                raise
            self._met.add(request.origin)
            asked = retry_after_seconds(answer.headers)
            if answer.status == 429 or (answer.status == 503 and asked):
                self.waiting.hold(answer.request.origin, asked or 1.0)
            if answer.status not in AGAIN or not request.repeatable:
                return answer
            if not tries.again(asked):
                return answer
            answer.close()

    def _follow(self, request: Request) -> Answer:
        """Send it where the redirects lead. A credential goes to the origin that it was made for, and never further."""
        first, redirected = request.origin, False
        for _ in range(REDIRECTS_MAX + 1):
            answer = self._wire.send(request)
            answer.redirected = redirected
            self._warn(answer)
            location = answer.headers.get("location")
            followed = request.hops if request.method in READING else request.hops & SAME_METHOD
            if answer.status not in followed or not location:
                return answer
            answer.close()
            url = joined(request.url, location)
            origin = origin_of(url)
            if request.origin.scheme == "https" and origin.scheme == "http":
                raise RegistryError(f"{request.origin} leads from an encrypted to an open connection.", hint="Ask whoever runs it.")
            redirected = redirected or origin != first
            request = replace(request, url=url, authorization=None if redirected else request.authorization)
        raise RegistryError(f"{first} leads in circles.", hint="Ask whoever runs it.")

    def _warn(self, answer: Answer) -> None:
        """Tell what a registry warns of, once (distribution-spec, “Warnings”)."""
        for text in _WARNING.findall(answer.headers.get("warning", "")):
            told = f"{answer.request.origin} warns: {redact(text)}"
            with self._lock:
                new = told not in self._told and len(self._told) < WARNINGS_MAX
                self._told.add(told)
            if new:
                self._tell(told)
