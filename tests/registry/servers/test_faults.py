"""The proxy does what it says: a fault that does not happen would let every test about it pass."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from tests.registry.servers.double import Reply, Server
from tests.registry.servers.faults import FaultProxy, Harm

REQUEST = b"GET /x HTTP/1.0\r\n\r\n"


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    with Server() as server, FaultProxy(int(server.host.partition(":")[2])) as running:
        server.reply("GET", "/x", Reply(200, b"x" * 100, close=True), times=9)
        yield running


def ask(proxy: FaultProxy) -> bytes:
    with socket.create_connection(("127.0.0.1", int(proxy.host.partition(":")[2])), timeout=0.3) as connection:
        connection.sendall(REQUEST)
        answer = b""
        while data := connection.recv(1000):
            answer += data
        return answer


def test_without_a_fault_it_passes_everything(proxy: FaultProxy) -> None:
    answer = ask(proxy)
    assert answer.endswith(b"x" * 100)
    assert proxy.bytes == {"up": len(REQUEST), "down": len(answer)}


@pytest.mark.parametrize("harm", ["fin", "rst"])
def test_it_cuts(proxy: FaultProxy, harm: Harm) -> None:
    proxy.harm("down", 20, harm)
    if harm == "fin":
        assert len(ask(proxy)) == 20
    else:
        with pytest.raises(ConnectionResetError):
            ask(proxy)
    assert proxy.harmless
    assert ask(proxy).endswith(b"x" * 100)


def test_it_goes_silent(proxy: FaultProxy) -> None:
    proxy.harm("down", 0, "stall")
    with pytest.raises(TimeoutError):
        ask(proxy)


def test_it_changes_a_byte(proxy: FaultProxy) -> None:
    whole = ask(proxy)
    proxy.harm("down", len(whole) - 1, "flip")
    assert ask(proxy)[-5:] == b"xxxxy"


def test_it_takes_its_time(proxy: FaultProxy) -> None:
    proxy.latency = 0.05
    began = time.monotonic()
    ask(proxy)
    assert time.monotonic() - began >= 0.1
