"""Signing requests in at one registry: a challenge is answered once a request, tokens are kept until shortly before they end."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from jupyter_kit.errors import RegistryError
from jupyter_kit.registry.auth.challenge import (
    AskToken,
    Challenge,
    SendBasic,
    SendBearer,
    decide,
    merged_scopes,
    parse_challenges,
    unauthorized,
)
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.client import Client
from jupyter_kit.registry.http.connection import Origin
from jupyter_kit.registry.http.exchange import Request
from jupyter_kit.registry.http.secret import Secret

MARGIN_SECONDS = 30.0
"""A token is not used so shortly before its end: it must still be good when the request arrives."""

LIFE_SECONDS = 60.0
"""The life of a token whose server does not tell (distribution, token specification)."""

LIFE_SECONDS_MAX = 24 * 3600.0
"""No token is kept longer, whatever its server says."""

TOKEN_BYTES_MAX = 1 << 20
"""Bytes of a token server's answer."""

UNKNOWN_REQUEST = frozenset({400, 404, 405, 501})
"""Statuses of a token server that does not take the OAuth2 form."""


@dataclass(frozen=True)
class _Token:
    authorization: Secret
    until: float
    """By the monotonic clock: a wrong wall clock, here or there, ends no token."""


class SignIn:
    """The authorization of requests to one registry. ``find`` gives the credential, anew each time, so that a new login is heeded."""

    def __init__(self, client: Client, origin: Origin, find: Callable[[], Credential | None]) -> None:
        self._client = client
        self._origin = origin
        self._find = find
        self._challenges: tuple[Challenge, ...] = ()
        self._tokens: dict[frozenset[str], _Token] = {}
        self._ready: Secret | None = None
        """What serves for every scope, kept because a credential program may take a second to tell it."""
        self._lock = threading.Lock()

    def authorization(self, scopes: frozenset[str]) -> Secret | None:
        """What to send with a request that needs ``scopes``, as far as earlier challenges tell; None before the first.

        Raises Unauthorized where they ask for what we do not have, RegistryError where the token server fails.
        """
        with self._lock:
            return self._current(scopes) if self._challenges else None

    def answer(self, header: str, scopes: frozenset[str], refused: Secret | None) -> Secret:
        """What to send instead, after a 401 with this WWW-Authenticate header and, maybe, an authorization that was ``refused``.

        Raises Unauthorized where there is nothing better to send, RegistryError where the token server fails.
        """
        challenges = parse_challenges(header)
        with self._lock:
            if challenges:
                self._challenges = challenges
            if self._ready == refused:
                self._ready = None
            for kept in [kept for kept, token in self._tokens.items() if token.authorization == refused]:
                del self._tokens[kept]
            better = self._current(scopes)
        if better == refused:
            raise unauthorized(self._origin, self._find())
        return better

    def _current(self, scopes: frozenset[str]) -> Secret:
        if self._ready:
            return self._ready
        now = time.monotonic()
        for kept, token in list(self._tokens.items()):
            if token.until <= now:
                del self._tokens[kept]
            elif _covers(kept, scopes):
                return token.authorization
        decision = decide(self._challenges, self._find(), scopes, self._origin)
        if isinstance(decision, SendBasic | SendBearer):
            self._ready = decision.authorization
            return decision.authorization
        token = self._ask(decision)
        self._tokens[decision.scopes] = token
        return token.authorization

    def _ask(self, asked: AskToken) -> _Token:
        form = asked.form.reveal().encode() if asked.form else None
        request = Request(
            "POST" if form is not None else "GET",
            asked.url,
            {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {},
            asked.authorization,
            (lambda: iter([form])) if form is not None else None,
            len(form or b""),
            limit=TOKEN_BYTES_MAX,
            hops=frozenset({307, 308}) if form is None else frozenset(),
        )
        began = time.monotonic()
        with self._client.send(request) as answer:
            if asked.otherwise and answer.status in UNKNOWN_REQUEST:
                return self._ask(asked.otherwise)
            if answer.status in (400, 401, 403):
                raise unauthorized(self._origin, self._find())
            if answer.status != 200:
                raise RegistryError(
                    f"The token server of {self._origin}, {request.origin}, answered {answer.status}.", hint="Try again later."
                )
            data = answer.data()
        token, seconds = _parse_token(data)
        if not token:
            raise RegistryError(f"The token server of {self._origin}, {request.origin}, sent no token.", hint="Ask whoever runs it.")
        return _Token(Secret(f"Bearer {token}"), began + max(seconds - MARGIN_SECONDS, seconds / 2))


def _covers(kept: frozenset[str], wanted: frozenset[str]) -> bool:
    """Whether a token for ``kept`` allows all of ``wanted``."""
    return merged_scopes([*kept, *wanted]) == kept


def _parse_token(data: bytes) -> tuple[str, float]:
    """The token in a server's answer and its life in seconds; an empty text where there is none."""
    try:
        answer = json.loads(data)
    except (ValueError, RecursionError):
        return "", 0.0
    if not isinstance(answer, dict):
        return "", 0.0
    token = answer.get("token") or answer.get("access_token")
    seconds = answer.get("expires_in")
    known = isinstance(seconds, int | float) and not isinstance(seconds, bool) and seconds > 0
    life = min(float(seconds), LIFE_SECONDS_MAX) if known else LIFE_SECONDS  # type: ignore[arg-type]  # known says that it is a number
    return (token, life) if isinstance(token, str) and token.isascii() and token.isprintable() else ("", 0.0)
