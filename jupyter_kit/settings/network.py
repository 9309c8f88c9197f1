"""How registries are reached, and as whom: what the settings, the environment and other tools' files say, as values."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.settings import PREFIX, Settings, kitops_folder, user_file

CREDENTIALS_FILE = "credentials.json"
"""Kit's name for it in its folder, and ours beside the user's settings; docker's format."""

_remembered: dict[str, Credential] = {}
"""What was signed in with for this process only: a notebook opens its workspace anew for each verb."""


def connection(settings: Settings, environment: Mapping[str, str] = os.environ) -> Connection:
    """How registries are reached. Kit's variables for certificates, and the usual ones for proxies, stand in where no setting does."""
    certificate, key = environment.get("KITOPS_CLIENT_CERT"), environment.get("KITOPS_CLIENT_KEY")
    return Connection(
        plain_http=frozenset(settings.plain_http),
        ca_file=settings.ca_file,
        client_certificate=settings.client_cert or (Path(certificate) if certificate else None),
        client_key=settings.client_key or (Path(key) if key else None),
        proxies=_proxies(settings, environment),
        no_proxy=_variable(environment, "NO_PROXY") or "",
    )


def keychain(settings: Settings, environment: Mapping[str, str] = os.environ) -> Keychain:
    """Where credentials are looked for: ours and kit's first, then docker's, then podman's (oci.md 3).

    Raises InvalidInput where ``JUPYTER_KIT_PASSWORD_FILE`` cannot be read, or nothing says which registry a password is for.
    """
    home = Path(environment.get("HOME") or Path.home())
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    podman = [Path(environment["REGISTRY_AUTH_FILE"])] if environment.get("REGISTRY_AUTH_FILE") else []
    if environment.get("XDG_RUNTIME_DIR"):
        podman.append(Path(environment["XDG_RUNTIME_DIR"]) / "containers" / "auth.json")
    podman.append(Path(environment.get("XDG_CONFIG_HOME") or home / ".config") / "containers" / "auth.json")
    places = Places(
        own=user_file(environment).parent / CREDENTIALS_FILE,
        kit=kitops_folder(settings, environment) / CREDENTIALS_FILE,
        others=(docker, *podman),
        text=environment.get("DOCKER_AUTH_CONFIG"),
    )
    return Keychain(places, _credential(environment), environment.get(f"{PREFIX}REGISTRY") or None, _remembered)


def sessions_file(environment: Mapping[str, str] = os.environ) -> Path:
    """Where uploads that were cut off are remembered: they belong to the user, whichever workspace began them."""
    return user_file(environment).parent / "uploads.json"


def _credential(environment: Mapping[str, str]) -> Credential | None:
    """What ``JUPYTER_KIT_USERNAME`` and its fellows say; they are no settings, so that no file of a workspace holds a password."""
    name, token = environment.get(f"{PREFIX}USERNAME", ""), environment.get(f"{PREFIX}TOKEN")
    password = environment.get(f"{PREFIX}PASSWORD")
    if file := environment.get(f"{PREFIX}PASSWORD_FILE"):
        try:
            password = Path(file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(
                f"{file}, which {PREFIX}PASSWORD_FILE names, cannot be read.",
                kind=Kind.INVALID_SETTINGS,
                hint="Name a file that holds the password alone.",
                path=file,
            ) from error
    if not password and not token:
        return None
    if not environment.get(f"{PREFIX}REGISTRY"):
        raise InvalidInput(
            "The environment sets a password for registries and does not say for which.",
            kind=Kind.INVALID_SETTINGS,
            hint=f"Set {PREFIX}REGISTRY to its host, so that no other registry ever gets it.",
        )
    return Credential(
        name, Secret(password) if password else None, bearer=Secret(token) if token and not password else None, origin="the environment"
    )


def _proxies(settings: Settings, environment: Mapping[str, str]) -> tuple[tuple[str, Secret], ...]:
    if settings.proxy:
        return (("all", Secret(settings.proxy)),)
    found = ((scheme, _variable(environment, f"{scheme.upper()}_PROXY")) for scheme in ("http", "https", "all"))
    return tuple((scheme, Secret(url)) for scheme, url in found if url)


def _variable(environment: Mapping[str, str], name: str) -> str | None:
    """A variable that programs write in either case; the lower one is older and wins, as with curl."""
    return environment.get(name.lower()) or environment.get(name) or None
