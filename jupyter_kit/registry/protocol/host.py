"""One registry: its address, who we are to it, what it can do. Shared by every repository on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from jupyter_kit.errors import Denied, RegistryError
from jupyter_kit.registry.auth.challenge import parse_challenges, unauthorized
from jupyter_kit.registry.auth.credential import DOCKER_HUB, Credential
from jupyter_kit.registry.auth.tokens import SignIn
from jupyter_kit.registry.http.client import Client
from jupyter_kit.registry.http.connection import ANY_HOST, Origin, is_loopback, joined, origin_of
from jupyter_kit.registry.http.exchange import Answer, Body, Request
from jupyter_kit.registry.http.waiting import Tries
from jupyter_kit.registry.http.wire import NotEncrypted
from jupyter_kit.registry.protocol.capabilities import initial
from jupyter_kit.registry.protocol.problems import SCOPE_MISSING, problem

DOCKER_HUB_API = "registry-1.docker.io"
"""The host that serves what references call docker.io."""

PULL, PUSH, DELETE = "pull", "pull,push", "delete,pull,push"
"""Actions of a token, each with those that the same work goes on to need, so that one token serves it all."""

PARTS_IN_FLIGHT_MAX = 4
"""Parts of blobs that are fetched ahead from one registry, in all downloads together: 64 MiB of memory."""


@dataclass(frozen=True)
class Access:
    """What a request needs to be allowed: actions on a repository, and maybe to pull from another one."""

    repository: str
    actions: str
    other: str | None = None

    @property
    def scopes(self) -> frozenset[str]:
        """As a token names it (distribution, token scope specification)."""
        others = {f"repository:{self.other}:{PULL}"} if self.other else set()
        return frozenset({f"repository:{self.repository}:{self.actions}"} | others)


ANY = Access("", "")
"""The API's root, which belongs to no repository."""


class Host:
    """A registry by its name, ``ghcr.io`` or ``localhost:5000``. ``find`` gives the credential for a repository on it."""

    def __init__(self, name: str, client: Client, find: Callable[[str], Credential | None]) -> None:
        self.name = name
        self.client = client
        self.parts = threading.BoundedSemaphore(PARTS_IN_FLIGHT_MAX)
        self.listing = threading.Lock()
        """Held while the index of a manifest's referrers is rewritten, which several threads would otherwise do to each other."""
        self._address = DOCKER_HUB_API if name == DOCKER_HUB else name
        self._find = find
        self._lock = threading.Lock()
        self._origin: Origin | None = None
        self._sign_ins: dict[str, SignIn] = {}
        self.capabilities = initial(origin_of(f"https://{self._address}").host)

    def url(self, path: str) -> str:
        """A path of the API as a URL."""
        return f"{self.origin.scheme}://{self._address}{path}"

    @property
    def origin(self) -> Origin:
        """Where the API is: over TLS, but for hosts named in ``plain_http``, and this machine's own ports that do not speak TLS."""
        with self._lock:
            if self._origin is None:
                self._origin = self._find_origin()
            return self._origin

    def _find_origin(self) -> Origin:
        closed, plain = origin_of(f"https://{self._address}"), origin_of(f"http://{self._address}")
        if self.client.connection.plain_http & {self.name, ANY_HOST}:
            return plain
        if is_loopback(closed.host):
            try:
                self.client.send(Request("GET", f"https://{self._address}/v2/")).close()
            except NotEncrypted:
                return plain
        return closed

    def send(
        self,
        method: str,
        path: str,
        access: Access = ANY,
        headers: Mapping[str, str] | None = None,
        *,
        body: Body | None = None,
        length: int = 0,
        limit: int | None = None,
        repeatable: bool = True,
        read_seconds: float | None = None,
        see_other: bool = True,
        tries: Tries | None = None,
    ) -> Answer:
        """The answer to a request that needs ``access``, signed in where the registry asks for it. ``path`` may be a whole URL.

        ``limit`` is as in :class:`Request`; ``see_other`` follows a 303 too. Raises Unauthorized, Denied, RegistryUnavailable
        (Interrupted where a body was cut off), RegistryError.
        """
        request = Request(
            method,
            joined(self.url("/"), path),
            headers or {},
            body=body,
            length=length,
            limit=limit,
            repeatable=repeatable,
            read_seconds=read_seconds,
            hops=frozenset({301, 302, 307, 308} | ({303} if see_other else set())),
        )
        if request.origin != self.origin:  # An upload may go to a storage host, with what it needs in the URL.
            if request.origin.scheme == "http" and self.origin.scheme == "https":
                raise RegistryError(f"{self.name} leads from an encrypted to an open connection.", hint="Ask whoever runs it.")
            return self.client.send(request, tries)
        return self._signed(request, access, tries)

    def _signed(self, request: Request, access: Access, tries: Tries | None) -> Answer:
        sign_in = self._sign_in(access.repository)
        scopes = access.scopes if access.repository else frozenset[str]()
        authorization = sign_in.authorization(scopes)
        answer = self.client.send(replace(request, authorization=authorization), tries)
        if answer.status != 401 or answer.redirected:
            return answer
        answer.close()
        authorization = sign_in.answer(answer.headers.get("www-authenticate", ""), scopes, authorization)
        answer = self.client.send(replace(request, authorization=authorization), tries)
        if answer.status != 401 or answer.redirected:
            return answer
        answer.close()
        credential = self._find(access.repository)
        refusals = {challenge.parameters.get("error") for challenge in parse_challenges(answer.headers.get("www-authenticate", ""))}
        if SCOPE_MISSING in refusals and credential:
            what = f"“{access.actions}” on {access.repository}"
            raise Denied(f"{self.name} does not allow {what}.", hint="Ask its owner for access, or sign in as somebody else.")
        raise unauthorized(self.origin, credential)

    def _sign_in(self, repository: str) -> SignIn:
        origin = self.origin
        with self._lock:
            if repository not in self._sign_ins:
                self._sign_ins[repository] = SignIn(self.client, origin, lambda: self._find(repository))
            return self._sign_ins[repository]

    def ping(self) -> None:
        """Ask whether it is a registry that lets us in. Raises Unauthorized, Denied, RegistryUnavailable, RegistryError."""
        with self.send("GET", "/v2/") as answer:
            if answer.status == 404:
                raise RegistryError(f"{self.name} is not a registry.", hint="Check its name and port.")
            if answer.status != 200:
                raise problem(answer, "greeting it")
