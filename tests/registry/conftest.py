"""The registries that tests of this room talk to. Each is started once for a worker, and tests share it in repositories of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.servers.certificates import Authority
from tests.registry.servers.docker import HTPASSWD, DockerRegistry
from tests.registry.servers.tokens import TokenServer


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
def empty_home(tmp_path: Path) -> Path:
    """A folder without any file of credentials."""
    return tmp_path / "home"
