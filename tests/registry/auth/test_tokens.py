"""Signing in at docker-registry with a real token server, and with passwords."""

from __future__ import annotations

import itertools
import json
import threading
import time
from collections.abc import Callable

import pytest

from jupyter_kit.errors import Denied, RegistryError, Unauthorized
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.tokens import TOKEN_BYTES_MAX
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.protocol.host import PULL, PUSH, Access, Host
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import Double, Reply, Server
from tests.registry.servers.faults import FaultProxy, Harm
from tests.registry.servers.tokens import TokenServer

ADA = Credential("ada", Secret("pass:word"), origin="a test")
MALLORY = Credential("ada", Secret("guessed"), origin="a test")

names = (f"team/model-{number}" for number in itertools.count())


def status(host: Host, method: str, access: Access) -> int:
    path = f"/v2/{access.repository}/{'blobs/uploads/' if method == 'POST' else 'tags/list'}"
    with host.send(method, path, access) as answer:
        return answer.status


@needs_docker_registry
def test_a_password_lets_in_and_a_wrong_one_does_not(password_registry: DockerRegistry, open_host: Callable[..., Host]) -> None:
    open_host(password_registry.host, ADA).ping()
    with pytest.raises(Unauthorized, match="wants you to sign in"):
        open_host(password_registry.host, None).ping()
    with pytest.raises(Unauthorized, match="does not accept the credentials from a test"):
        open_host(password_registry.host, MALLORY).ping()


@needs_docker_registry
def test_a_token_is_fetched_once_for_many_requests(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    host, access = open_host(token_registry.host, ADA), Access(next(names), PULL)
    assert [status(host, "GET", access) for _ in range(4)] == [404] * 4
    assert len(token_server.requests) == 1


@needs_docker_registry
def test_scopes_grow_from_pull_to_push(token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]) -> None:
    host, name = open_host(token_registry.host, ADA), next(names)
    assert status(host, "GET", Access(name, PULL)) == 404
    assert status(host, "POST", Access(name, PUSH)) == 202
    assert status(host, "GET", Access(name, PULL)) == 404
    scopes = [fields["scope"] for _, fields, _ in token_server.requests]
    assert scopes == [[f"repository:{name}:pull"], [f"repository:{name}:pull,push"]]


@needs_docker_registry
def test_a_push_asks_for_both_from_the_start(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    host, name = open_host(token_registry.host, ADA), next(names)
    assert status(host, "POST", Access(name, PUSH)) == 202
    assert status(host, "GET", Access(name, PULL)) == 404
    assert [fields["scope"] for _, fields, _ in token_server.requests] == [[f"repository:{name}:pull,push"]]


@needs_docker_registry
def test_a_token_that_ended_sooner_than_promised_is_replaced(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    host, access = open_host(token_registry.host, ADA), Access(next(names), PULL)
    token_server.early = token_server.life + 59  # the registry allows its clock 60 s
    assert status(host, "GET", access) == 404
    time.sleep(1.6)
    token_server.early = 0
    assert status(host, "GET", access) == 404
    assert len(token_server.requests) == 2


@needs_docker_registry
def test_a_token_near_its_end_is_not_used(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    host, access = open_host(token_registry.host, ADA), Access(next(names), PULL)
    token_server.life = 1
    assert status(host, "GET", access) == 404
    time.sleep(0.6)
    assert status(host, "GET", access) == 404
    assert len(token_server.requests) == 2


@needs_docker_registry
def test_anybody_may_pull_and_is_asked_to_sign_in_for_more(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    host, name = open_host(token_registry.host, None), next(names)
    assert status(host, "GET", Access(name, PULL)) == 404
    with pytest.raises(Unauthorized, match="wants you to sign in"):
        status(host, "POST", Access(name, PUSH))


@needs_docker_registry
@pytest.mark.parametrize("takes_forms", [True, False])
def test_an_identity_token_is_exchanged(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host], takes_forms: bool
) -> None:
    token_server.takes_forms = takes_forms
    host = open_host(token_registry.host, Credential(identity_token=Secret(token_server.identity_token)))
    assert status(host, "POST", Access(next(names), PUSH)) == 202
    assert [method for method, _, _ in token_server.requests] == (["POST"] if takes_forms else ["POST", "GET"])


@needs_docker_registry
def test_a_wrong_password_is_told_by_the_token_server(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]
) -> None:
    with pytest.raises(Unauthorized, match="credentials from a test"):
        open_host(token_registry.host, MALLORY).ping()


@needs_docker_registry
def test_many_threads_share_one_token(token_registry: DockerRegistry, token_server: TokenServer, open_host: Callable[..., Host]) -> None:
    host, access, answers = open_host(token_registry.host, ADA), Access(next(names), PULL), []
    threads = [threading.Thread(target=lambda: answers.append(status(host, "GET", access))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [404] * 8
    assert len(token_server.requests) == 1


@pytest.mark.parametrize("harm", ["fin", "rst"])
@pytest.mark.parametrize("after", [0, 20, 200])
def test_a_token_arrives_through_cuts(double: Double, open_host: Callable[..., Host], after: int, harm: Harm) -> None:
    with FaultProxy(int(double.host.partition(":")[2])) as proxy:
        challenge = {"WWW-Authenticate": f'Bearer realm="http://{proxy.host}/token"'}
        double.reply("GET", "tags/list", lambda asked: None if "authorization" in asked.headers else Reply(401, headers=challenge), times=9)
        double.reply("GET", "/token", Reply(200, json.dumps({"token": "t" * 1000}).encode()), times=9)
        proxy.harm("down", after, harm)
        assert status(open_host(double.host, ADA), "GET", Access("team/model", PULL)) == 200
        assert proxy.harmless


def test_who_is_known_and_may_not_is_denied(open_host: Callable[..., Host]) -> None:
    with Double() as double:
        challenge = f'Bearer realm="http://{double.host}/token",error="insufficient_scope"'
        double.reply("GET", "tags/list", Reply(401, headers={"WWW-Authenticate": challenge}), times=9)
        double.reply("GET", "/token", Reply(200, b'{"access_token": "t"}'), times=9)
        with pytest.raises(Denied, match="“pull” on team/model"):
            status(open_host(double.host, ADA), "GET", Access("team/model", PULL))
        assert len(double.requests("GET", "/token")) == 1
        assert len(double.requests("GET", "tags/list")) == 2


def test_a_401_of_the_storage_host_gets_no_credential(open_host: Callable[..., Host]) -> None:
    with Double() as double, Server() as storage:
        double.reply("GET", "tags/list", Reply(307, headers={"Location": f"http://{storage.host}/x"}))
        storage.reply("GET", "/x", Reply(401, headers={"WWW-Authenticate": 'Basic realm="give it to me"'}))
        assert status(open_host(double.host, ADA), "GET", Access("team/model", PULL)) == 401
        assert len(storage.asked) == 1


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{}", b'{"token": 3}', b'{"token": "a\\r\\nX-Evil: 1"}', b"[" * 90_000, b" " * (TOKEN_BYTES_MAX + 1)]
)
def test_a_token_server_that_sends_no_token_is_named(open_host: Callable[..., Host], body: bytes) -> None:
    with Double() as double:
        double.reply("GET", "/v2/", Reply(401, headers={"WWW-Authenticate": f'Bearer realm="http://{double.host}/token"'}), times=9)
        double.reply("GET", "/token", Reply(200, body), times=9)
        with pytest.raises(RegistryError, match=double.host):
            open_host(double.host, ADA).ping()


def test_a_life_that_is_nonsense_is_taken_for_a_minute(open_host: Callable[..., Host]) -> None:
    with Double() as double:
        double.reply("GET", "tags/list", Reply(401, headers={"WWW-Authenticate": f'Bearer realm="http://{double.host}/token"'}))
        double.reply("GET", "/token", Reply(200, json.dumps({"token": "t", "expires_in": "soon", "issued_at": "1970"}).encode()), times=9)
        host = open_host(double.host, ADA)
        assert [status(host, "GET", Access("team/model", PULL)) for _ in range(2)] == [200, 200]
        assert len(double.requests("GET", "/token")) == 1
