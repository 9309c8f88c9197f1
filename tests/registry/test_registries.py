"""Signing in and out, and what repositories of one registry share."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import RegistryUnavailable, Unauthorized
from jupyter_kit.oci.reference import parse_reference
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection, Patience
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.registries import Registries
from tests.registry.servers.docker import DockerRegistry, free_port, needs_docker_registry
from tests.registry.servers.double import Double, Reply
from tests.registry.targets import blob, content_of

ADA = Credential("ada", Secret("pass:word"))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "credentials.json"


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def registries(file: Path, told: list[str]) -> Iterator[Registries]:
    opened = Registries(Connection(patience=Patience(first=0.01)), Keychain(Places(file)), tell=told.append)
    yield opened
    opened.close()


@needs_docker_registry
def test_who_signed_in_stays_so_until_signing_out(password_registry: DockerRegistry, registries: Registries, file: Path) -> None:
    host = password_registry.host
    repository = registries.repository(parse_reference(f"{host}/team/model"))
    with pytest.raises(Unauthorized):
        repository.tags()
    assert registries.login(host, ADA) == str(file)
    assert registries.repository(parse_reference(f"{host}/team/model")).tags() == ()
    assert repository.tags() == ()  # one that was open before is signed in as well
    assert registries.logout(host) == (str(file),)
    with pytest.raises(Unauthorized):
        registries.repository(parse_reference(f"{host}/team/model")).tags()


@needs_docker_registry
def test_a_login_may_be_for_this_process_only(password_registry: DockerRegistry, registries: Registries, file: Path) -> None:
    assert registries.login(password_registry.host, ADA, keep=False) is None
    assert not file.exists()
    assert registries.repository(parse_reference(f"{password_registry.host}/team/model")).tags() == ()
    assert registries.logout(password_registry.host) == ("this session",)


@needs_docker_registry
def test_what_is_refused_is_not_kept(password_registry: DockerRegistry, registries: Registries, file: Path) -> None:
    with pytest.raises(Unauthorized):
        registries.login(password_registry.host, Credential("ada", Secret("guessed")))
    with pytest.raises(RegistryUnavailable):
        registries.login(f"127.0.0.1:{free_port()}", ADA)
    assert not file.exists()


def test_a_credential_goes_to_its_registry_only(double: Double, registries: Registries, file: Path) -> None:
    file.write_text(json.dumps({"auths": {"elsewhere.example": {"username": "ada", "password": "p"}}}))
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}
    double.reply("GET", "/", Reply(401, headers=challenge), times=99)
    with pytest.raises(Unauthorized):
        registries.repository(parse_reference(f"{double.host}/team/model")).tags()
    assert not any("authorization" in asked.headers for asked in double.asked)


def test_repositories_of_a_registry_mount_and_learn_together(double: Double, registries: Registries) -> None:
    first, second = (registries.repository(parse_reference(f"{double.host}/team/{name}")) for name in ("one", "two"))
    kept = blob(b"x" * 1000)
    first.push(kept.descriptor, content_of(kept.data))
    assert second.mount(kept.descriptor, first)
    assert first.capabilities is second.capabilities


def test_opening_a_repository_asks_nothing(double: Double, registries: Registries) -> None:
    assert registries.repository(parse_reference(f"{double.host}/team/model:v1")).name == f"{double.host}/team/model"
    assert not double.asked


def test_warnings_are_told(double: Double, registries: Registries, told: list[str]) -> None:
    double.reply("GET", "tags/list", Reply(200, b'{"tags": []}', {"Warning": '299 - "moving soon"'}), times=9)
    for _ in range(2):
        assert registries.repository(parse_reference(f"{double.host}/team/model")).tags() == ()
    assert told == [f"{double.host} warns: moving soon"]
