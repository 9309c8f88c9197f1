"""Reaching a registry: with TLS and whom it trusts, without TLS where that is allowed, through proxies."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, RegistryError, RegistryUnavailable, Unauthorized
from jupyter_kit.oci.descriptor import descriptor_of
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.connection import Patience
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.protocol.downloads import Blob
from jupyter_kit.registry.protocol.host import PULL, Access, Host
from jupyter_kit.registry.protocol.uploads import Upload
from tests.registry.servers.certificates import Authority
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import Double, Reply, Server

OpenHost = Callable[..., Host]

ADA = Credential("ada", Secret("secret"))


@needs_docker_registry
def test_an_authority_of_ones_own_is_trusted_when_it_is_named(
    tls_registry: DockerRegistry, authority: Authority, open_host: OpenHost
) -> None:
    data = b"over TLS" * 1000
    host = open_host(tls_registry.host, plain=False, ca_file=authority.file)
    descriptor = descriptor_of(data, "text/plain")
    Upload(host, "team/model", descriptor, lambda start: iter([data[start:]]), {}).run()
    assert b"".join(bytes(piece) for piece in Blob(host, "team/model", descriptor).fetch()) == data
    assert host.origin.scheme == "https"


@needs_docker_registry
def test_an_unknown_authority_is_refused_at_once(tls_registry: DockerRegistry, open_host: OpenHost) -> None:
    host = open_host(tls_registry.host, plain=False, patience=Patience(attempts=6, first=2))
    began = time.monotonic()
    with pytest.raises(RegistryUnavailable, match="certificate that is not trusted") as refused:
        host.ping()
    assert "ca_file" in refused.value.hint
    assert time.monotonic() - began < 1.5


@pytest.fixture(scope="module")
def elsewhere_registry(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Iterator[DockerRegistry]:
    """Shows a certificate for another host, and asks for one."""
    folder = tmp_path_factory.mktemp("elsewhere")
    pair = authority.issue("elsewhere", hosts=("elsewhere.example", "localhost"))
    with DockerRegistry(folder, tls=pair, client_authority=authority.file) as registry:
        yield registry


@needs_docker_registry
def test_a_certificate_for_another_host_is_refused(elsewhere_registry: DockerRegistry, authority: Authority, open_host: OpenHost) -> None:
    with pytest.raises(RegistryUnavailable, match="not trusted"):
        open_host(elsewhere_registry.host, plain=False, ca_file=authority.file).ping()


@needs_docker_registry
def test_a_registry_may_ask_for_our_certificate(elsewhere_registry: DockerRegistry, authority: Authority, open_host: OpenHost) -> None:
    name = elsewhere_registry.host.replace("127.0.0.1", "localhost")
    with pytest.raises(RegistryError):
        open_host(name, plain=False, ca_file=authority.file).ping()
    mine = authority.issue("ada")
    open_host(name, plain=False, ca_file=authority.file, client_certificate=mine.certificate, client_key=mine.key).ping()


def test_files_that_hold_no_certificate_are_named(tmp_path: Path, open_host: OpenHost) -> None:
    (tmp_path / "empty.pem").write_text("")
    for option in ("ca_file", "client_certificate"):
        for file in ("absent.pem", "empty.pem"):
            with pytest.raises(InvalidInput, match=file):
                open_host("registry.example", plain=False, **{option: tmp_path / file}).ping()


def test_a_tool_for_another_librarys_certificates_changes_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, double: Double, open_host: OpenHost
) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.setenv(name, str(tmp_path / "absent.pem"))
    open_host(double.host).ping()


@needs_docker_registry
def test_this_machines_own_registry_may_do_without_tls(plain_registry: DockerRegistry, open_host: OpenHost) -> None:
    host = open_host(plain_registry.host, plain=False)
    host.ping()
    assert host.origin.scheme == "http"


def test_other_hosts_may_do_without_only_when_it_is_asked_for(open_host: OpenHost) -> None:
    assert open_host("registry.example:5000", plain=False).origin.scheme == "https"
    assert open_host("registry.example:5000").origin.scheme == "http"


def test_docker_hub_has_a_name_and_an_address(open_host: OpenHost) -> None:
    assert open_host("docker.io", plain=False).url("/v2/") == "https://registry-1.docker.io/v2/"


def test_a_proxy_is_used_and_gets_its_password(open_host: OpenHost) -> None:
    with Server() as proxy:
        proxy.reply("GET", "/v2/", Reply(200, b"{}"), times=9)
        url = Secret(f"http://ada:S3CRET%21@{proxy.host}")
        host = open_host("registry.example", proxies=(("http", url),))
        host.ping()
        (asked,) = proxy.asked
        assert asked.headers["host"] == "registry.example"
        assert asked.headers["proxy-authorization"] == "Basic YWRhOlMzQ1JFVCE="


def test_a_proxy_that_refuses_is_told_without_its_password(open_host: OpenHost) -> None:
    url = Secret("http://ada:S3CRET@127.0.0.1:9")
    with pytest.raises(RegistryUnavailable) as refused:
        open_host("registry.example", plain=False, proxies=(("https", url),)).ping()
    assert "S3CRET" not in str(refused.value)
    assert "registry.example" in str(refused.value)


def test_a_proxy_must_be_an_address(open_host: OpenHost) -> None:
    with pytest.raises(InvalidInput, match="proxy"):
        open_host("registry.example", proxies=(("http", Secret("socks5://x:1")),)).ping()


def test_a_host_that_is_no_registry_is_told(open_host: OpenHost) -> None:
    with Server() as website, pytest.raises(RegistryError, match="is not a registry"):
        open_host(website.host).ping()


def test_a_registry_needs_no_header_of_its_own(double: Double, open_host: OpenHost) -> None:
    open_host(double.host).ping()
    assert "docker-distribution-api-version" not in double.asked[0].headers


def test_an_encrypted_registry_leads_to_no_open_host(open_host: OpenHost, tmp_path: Path, authority: Authority) -> None:
    host = open_host("registry.example", plain=False)
    with pytest.raises(RegistryError, match="open connection"):
        host.send("PUT", "http://storage.example/x", Access("x", PULL))


def test_a_password_is_asked_for_once_and_sent_from_then_on(double: Double, open_host: OpenHost) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}
    double.reply("GET", "/v2/", lambda asked: None if "authorization" in asked.headers else Reply(401, headers=challenge), times=100)
    host = open_host(double.host, ADA)
    for _ in range(3):
        host.ping()
    assert ["authorization" in asked.headers for asked in double.asked] == [False, True, True, True]


def test_a_login_may_come_after_a_refusal(double: Double, open_host: OpenHost) -> None:
    challenge = {"WWW-Authenticate": 'Basic realm="x"'}
    double.reply("GET", "/v2/", lambda asked: None if "authorization" in asked.headers else Reply(401, headers=challenge), times=100)
    host = open_host(double.host)
    credential: list[Credential] = []
    host = Host(double.host, host.client, lambda _: credential[0] if credential else None)
    with pytest.raises(Unauthorized, match="jupyter kit login"):
        host.ping()
    credential.append(replace(ADA, username="later"))
    host.ping()
