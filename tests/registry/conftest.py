"""The registries that tests of this room talk to. Each is started once for a worker, and tests share it in repositories of their own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.oci.reference import Reference
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.client import Client
from jupyter_kit.registry.http.connection import Connection, Patience
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.registries import Registries
from jupyter_kit.registry.repository import Repository
from tests.registry.servers.certificates import Authority
from tests.registry.servers.docker import HTPASSWD, DockerRegistry
from tests.registry.servers.double import Double
from tests.registry.servers.tokens import TokenServer

QUICK = Patience(attempts=4, first=0.01, longest=0.05)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """An authority that no system trusts."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def plain_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """docker-registry as it comes."""
    with DockerRegistry(tmp_path_factory.mktemp("plain")) as registry:
        yield registry


@pytest.fixture(scope="session")
def password_registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """docker-registry that knows ada by her password."""
    folder = tmp_path_factory.mktemp("password")
    (folder / "htpasswd").write_text(HTPASSWD)
    with DockerRegistry(folder, auth={"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}) as registry:
        yield registry


@pytest.fixture(scope="session")
def tls_registry(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[DockerRegistry]:
    """docker-registry over TLS, with a certificate of our own authority."""
    with DockerRegistry(tmp_path_factory.mktemp("tls"), tls=authority.issue("registry")) as registry:
        yield registry


@pytest.fixture(scope="session")
def shared_token_server(authority: Authority) -> Iterator[TokenServer]:
    with TokenServer(authority.issue("tokens")) as server:
        yield server


@pytest.fixture
def token_server(shared_token_server: TokenServer) -> TokenServer:
    """The token server, as it is at first."""
    shared_token_server.life, shared_token_server.early, shared_token_server.takes_forms = 300, 0, True
    shared_token_server.requests.clear()
    return shared_token_server


@pytest.fixture(scope="session")
def token_registry(tmp_path_factory: pytest.TempPathFactory, shared_token_server: TokenServer) -> Iterator[DockerRegistry]:
    """docker-registry that trusts the token server."""
    with DockerRegistry(tmp_path_factory.mktemp("token"), auth=shared_token_server.auth) as registry:
        yield registry


@pytest.fixture
def double() -> Iterator[Double]:
    """The double of a registry."""
    with Double() as running:
        yield running


Opener = Callable[..., Repository]
"""Opens a repository of the registry at a host, with options of :class:`Connection` and ``credential``."""


@pytest.fixture
def open_repository(tmp_path: Path) -> Iterator[Opener]:
    """Each with connections of its own, and hardly any pause between tries."""
    opened: list[Registries] = []

    def open_one(host: str, name: str | None = None, *, credential: Credential | None = None, **options: Any) -> Repository:
        quick = {"patience": QUICK, "read_seconds": 5.0}
        opened.append(Registries(Connection(**quick | options), Keychain(Places(tmp_path / "credentials.json"), credential)))
        return opened[-1].repository(Reference(host, name or next(names)))

    yield open_one
    for registries in opened:
        registries.close()


@pytest.fixture
def open_host() -> Iterator[Callable[..., Host]]:
    """Opens a registry at a host, with options of :class:`Connection` and ``credential``; without TLS unless it says ``plain=False``."""
    clients: list[Client] = []

    def open_one(name: str, credential: Credential | None = None, *, plain: bool = True, **options: Any) -> Host:
        quick = {"plain_http": frozenset({name} if plain else ()), "patience": QUICK, "read_seconds": 5.0}
        clients.append(Client(Connection(**quick | options)))
        return Host(name, clients[-1], lambda _: credential)

    yield open_one
    for client in clients:
        client.close()


names = (f"team/model-{number}" for number in itertools.count())


@pytest.fixture
def docker_repository(plain_registry: DockerRegistry, open_repository: Opener) -> Repository:
    """An empty repository of docker-registry."""
    return open_repository(plain_registry.host)


@pytest.fixture
def double_repository(double: Double, open_repository: Opener) -> Repository:
    """An empty repository of the double."""
    return open_repository(double.host, plain_http=frozenset({double.host}))
