"""What a registry asks for with a 401, and what to do about it: functions of values (RFC 9110, 11; distribution's token specification)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from jupyter_kit.errors import Unauthorized
from jupyter_kit.registry.auth.credential import GIVEN, Credential
from jupyter_kit.registry.http.connection import Origin, origin_of
from jupyter_kit.registry.http.secret import Secret, redact

CLIENT = "jupyter-kit"
"""The name under which we ask for tokens; token servers log it."""

CHALLENGES_MAX = 16
"""More in one answer are no registry's."""

_SCOPE = re.compile(r"[a-z]+(?:\([^)]*\))?:[^\s:]+(?::\d+)?(?:/[^\s:]*)?:[a-z*,]+")

_WORD = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_CHALLENGE_START = re.compile(rf"\s*,?\s*({_WORD})(?:\s+|$)(?!=)")
_PARAMETER = re.compile(rf'\s*,?\s*({_WORD})\s*=\s*(?:"((?:[^"\\]|\\.)*)"|({_WORD}))')
_TOKEN68 = re.compile(r"[A-Za-z0-9._~+/-]+=*(?=\s*(?:,|$))")


@dataclass(frozen=True)
class Challenge:
    """One way of signing in that a registry offers. ``scheme`` and the names of parameters are in lower case."""

    scheme: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class SendBasic:
    """Send user name and password with the request."""

    authorization: Secret


@dataclass(frozen=True)
class SendBearer:
    """Send a token that was given to us ready made."""

    authorization: Secret


@dataclass(frozen=True)
class AskToken:
    """Ask a token server first. ``form`` is what is posted to it; None asks with GET and a query. ``scopes`` is what it is good for."""

    url: str
    scopes: frozenset[str]
    authorization: Secret | None = None
    form: Secret | None = None
    otherwise: AskToken | None = None
    """What to ask where the server does not know how to answer this."""


Decision = SendBasic | SendBearer | AskToken


def parse_challenges(text: str) -> tuple[Challenge, ...]:
    """A WWW-Authenticate header, which may hold several challenges, separated by the commas that also separate their parameters."""
    challenges: list[Challenge] = []
    position = 0
    while len(challenges) < CHALLENGES_MAX and (start := _CHALLENGE_START.match(text, position)):
        position, parameters = start.end(), {}
        if token68 := _TOKEN68.match(text, position):
            position = token68.end()
        while parameter := _PARAMETER.match(text, position):
            name, quoted, plain = parameter.groups()
            parameters[name.lower()] = plain if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            position = parameter.end()
        challenges.append(Challenge(start[1].lower(), parameters))
    return tuple(challenges)


def merged_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Scopes of ``type:name:actions`` with the actions of each resource together, in order; what is no scope is left out."""
    actions: dict[str, set[str]] = {}
    for scope in scopes:
        if _SCOPE.fullmatch(scope):
            resource, _, names = scope.rpartition(":")
            actions.setdefault(resource, set()).update(filter(None, names.split(",")))
    return frozenset(f"{resource}:{','.join(sorted(names))}" for resource, names in actions.items())


def decide(challenges: Iterable[Challenge], credential: Credential | None, scopes: frozenset[str], origin: Origin) -> Decision:
    """What to do about the challenges of ``origin``, with a credential or without, to be allowed ``scopes``.

    A token is preferred, since the password then goes only to the token server. Raises Unauthorized where there is no way.
    """
    offered = {challenge.scheme: challenge for challenge in reversed(tuple(challenges))}
    if credential and credential.bearer:
        return SendBearer(Secret(f"Bearer {credential.bearer.reveal()}"))
    if bearer := offered.get("bearer"):
        return _ask(bearer, credential, scopes, origin)
    if "basic" in offered:
        if not credential or not credential.password:
            raise unauthorized(origin, None)
        return SendBasic(credential.basic)
    ways = ", ".join(sorted(offered)) or "none"
    raise Unauthorized(f"{origin} offers no way to sign in that we know ({redact(ways)}).", hint="We know Basic and Bearer.")


def _ask(challenge: Challenge, credential: Credential | None, scopes: frozenset[str], origin: Origin) -> AskToken:
    realm = challenge.parameters.get("realm", "")
    server = origin_of(realm)
    if credential and server.scheme == "http" and origin.scheme == "https":
        raise Unauthorized(
            f"{origin} wants the password sent to {server} without encryption.", hint="It was not sent. Ask whoever runs the registry."
        )
    wanted = merged_scopes([*scopes, *challenge.parameters.get("scope", "").split()])
    service = challenge.parameters.get("service")
    fields = [("service", service)] if service else []
    fields += [("scope", scope) for scope in sorted(wanted)]
    query = urlencode([*fields, ("client_id", CLIENT)])
    url = f"{realm}{'&' if urlsplit(realm).query else '?'}{query}"
    if credential is None:
        return AskToken(url, wanted)
    if credential.identity_token is None:
        return AskToken(url, wanted, authorization=credential.basic)
    token = credential.identity_token.reveal()
    form = {"grant_type": "refresh_token", "client_id": CLIENT, "refresh_token": token, "scope": " ".join(sorted(wanted))}
    if service:
        form["service"] = service
    otherwise = AskToken(url, wanted, authorization=credential.basic)
    return AskToken(realm, wanted, form=Secret(urlencode(form)), otherwise=otherwise)


def unauthorized(origin: Origin, credential: Credential | None) -> Unauthorized:
    """What is told where a registry does not let us in."""
    if credential is None:
        return Unauthorized(f"{origin} wants you to sign in.", hint=f"Run: jupyter kit login {origin}")
    if credential.origin == GIVEN:
        return Unauthorized(f"{origin} does not accept this user name and password.", hint="Check both. Some registries want a token.")
    return Unauthorized(
        f"{origin} does not accept the credentials from {credential.origin}.", hint=f"Sign in again: jupyter kit login {origin}"
    )
