"""What settings and environment say about registries, as the registries' own values: the way to them, and where credentials are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.settings import Settings, kitops_folder, user_file


def registry_connection(settings: Settings, environment: Mapping[str, str] = os.environ) -> Connection:
    """How registries are reached: what is set, else the proxies of the environment and kit's certificate."""

    def variable(name: str) -> str:
        return environment.get(name) or environment.get(name.upper()) or ""

    schemes = ("http", "https", "all")
    proxies = {"all": settings.proxy} if settings.proxy else {scheme: variable(f"{scheme}_proxy") for scheme in schemes}
    certificate, key = environment.get("KITOPS_CLIENT_CERT"), environment.get("KITOPS_CLIENT_KEY")
    return Connection(
        plain_http=frozenset(settings.plain_http),
        ca_file=settings.ca_file,
        client_certificate=settings.client_cert or (Path(certificate) if certificate else None),
        client_key=settings.client_key or (Path(key) if key else None),
        proxies=tuple((scheme, Secret(proxy)) for scheme, proxy in proxies.items() if proxy),
        no_proxy=variable("no_proxy"),
    )


def registry_keychain(settings: Settings, environment: Mapping[str, str] = os.environ) -> Keychain:
    """Where credentials are looked for. Raises InvalidInput where ``password_file`` cannot be read."""
    home = Path(environment.get("HOME") or Path.home())
    docker = Path(environment.get("DOCKER_CONFIG") or home / ".docker") / "config.json"
    runtime, config = environment.get("XDG_RUNTIME_DIR"), environment.get("XDG_CONFIG_HOME") or home / ".config"
    podman = (environment.get("REGISTRY_AUTH_FILE"), runtime and Path(runtime, "containers", "auth.json"))
    places = Places(
        own=user_file(environment).with_name("credentials.json"),
        kit=kitops_folder(settings, environment) / "credentials.json",
        others=(docker, *(Path(file) for file in podman if file), Path(config, "containers", "auth.json")),
        text=environment.get("DOCKER_AUTH_CONFIG"),
    )
    return Keychain(places, _credential(settings), settings.registry)


def _credential(settings: Settings) -> Credential | None:
    """What the environment says about us."""
    password = settings.password
    if password is None and settings.password_file:
        try:
            password = Secret(settings.password_file.read_text("utf-8").rstrip("\r\n"))
        except (OSError, UnicodeDecodeError):
            raise InvalidInput(
                f"The password file {settings.password_file} cannot be read.",
                kind=Kind.INVALID_SETTINGS,
                hint="Check the setting password_file.",
                path=str(settings.password_file),
            ) from None
    if not password and not settings.token:
        return None
    return Credential(settings.username or "", password, bearer=settings.token, origin="the environment")
