"""A credential, and how docker's files write one (the ``auths`` of config.json, which podman and kit use as well)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_kit.errors import InvalidInput
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.private import parse_document

TOKEN_USER = "<token>"  # noqa: S105 - a word of docker's, no password
"""The user name under which a credential program keeps an identity token."""

DOCKER_HUB = "docker.io"
DOCKER_HUB_KEY = "https://index.docker.io/v1/"
"""What docker's files call Docker Hub."""


GIVEN = "the call"
"""Where a credential comes from that was given and not found."""


@dataclass(frozen=True)
class Credential:
    """What proves who we are to one registry: user name and password, an identity token (an OAuth2 refresh token), or a ready bearer token.

    ``origin`` says in messages where it came from.
    """

    username: str = ""
    password: Secret | None = None
    identity_token: Secret | None = None
    bearer: Secret | None = None
    origin: str = GIVEN

    @property
    def basic(self) -> Secret:
        """The header of Basic authentication (RFC 7617)."""
        password = self.password or self.identity_token
        pair = f"{self.username or TOKEN_USER}:{password.reveal() if password else ''}"
        return Secret(f"Basic {base64.b64encode(pair.encode()).decode()}")


@dataclass(frozen=True)
class ProgramNamed:
    """A file does not hold the credential, but names the program that does: ``docker-credential-NAME``."""

    name: str
    key: str
    """What the program calls the registry."""


def key_of(host: str) -> str:
    """What docker's files call a registry."""
    return DOCKER_HUB_KEY if host in (DOCKER_HUB, "index.docker.io", "registry-1.docker.io") else host


def find_entry(text: str, host: str, repository: str, origin: str) -> Credential | ProgramNamed | None:
    """What a file in docker's form says about a registry: programs first (``credHelpers``, then ``credsStore``), then ``auths``.

    A key may name the host, a URL on it, or a beginning of host and repository, of which the longest wins. Raises InvalidInput.
    """
    document = parse_document(text, origin)
    key = key_of(host)
    programs = document.get("credHelpers")
    name = (programs.get(key) or programs.get(host)) if isinstance(programs, dict) else None
    name = name or document.get("credsStore")
    if name:
        return ProgramNamed(check_program(name, origin), key)
    return find_in_auths(document, host, repository, origin)


def find_in_auths(document: Mapping[str, object], host: str, repository: str, origin: str) -> Credential | None:
    """The entry of ``auths`` that fits best."""
    auths = document.get("auths")
    if not isinstance(auths, dict):
        return None
    place = f"{key_host(key_of(host))}/{repository}".rstrip("/")
    fitting = [(len(path), key) for key in auths if (path := _path_of(str(key))) and f"{place}/".startswith(f"{path}/")]
    for _, key in sorted(fitting, reverse=True):
        if credential := _parse_entry(auths[key], origin):
            return credential
    return None


def check_program(name: object, origin: str) -> str:
    """The name of a credential program, which becomes part of a command."""
    if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise InvalidInput(
            f"{origin} names a credential program whose name is none.", hint="It has letters, digits, “-” and “_”.", path=origin
        )
    return name


def entry_of(credential: Credential) -> dict[str, str]:
    """The entry of ``auths`` for a credential."""
    if credential.bearer:
        return {"registrytoken": credential.bearer.reveal()}
    entry = {}
    if credential.password:
        entry["auth"] = base64.b64encode(f"{credential.username}:{credential.password.reveal()}".encode()).decode()
    if credential.identity_token:
        entry["identitytoken"] = credential.identity_token.reveal()
    return entry


def key_host(key: str) -> str:
    """The host in a key that may be a URL or have a path: docker's old ones do."""
    return _path_of(key).partition("/")[0]


def _path_of(key: str) -> str:
    """Host and path of a key, without scheme and the API's version."""
    return re.sub(r"/v[12]/?$", "", re.sub(r"^[a-z]+://", "", key.lower())).rstrip("/")


def _parse_entry(entry: object, origin: str) -> Credential | None:
    if not isinstance(entry, dict):
        return None
    texts = {name: value for name, value in entry.items() if isinstance(value, str) and value}
    username, password = texts.get("username", ""), texts.get("password")
    if auth := texts.get("auth"):
        try:
            pair = base64.b64decode(auth, validate=True).decode().rstrip("\0")
        except (binascii.Error, UnicodeDecodeError):
            pair = ""
        username, colon, rest = pair.partition(":")  # A password may hold colons, a user name may not (RFC 7617).
        if not colon:
            raise InvalidInput(f"{origin} holds a credential that cannot be read.", hint="Sign in again.", path=origin)
        password = rest
    identity, bearer = texts.get("identitytoken"), texts.get("registrytoken")
    if not (password or identity or bearer):
        return None
    return Credential(
        username,
        Secret(password) if password else None,
        Secret(identity) if identity else None,
        Secret(bearer) if bearer else None,
        origin,
    )
