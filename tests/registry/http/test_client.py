"""The client against a server that redirects, throttles, warns, stalls and floods."""

from __future__ import annotations

import logging
import socket
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest
from urllib3 import exceptions

from jupyter_kit.errors import KitError, RegistryError, RegistryUnavailable
from jupyter_kit.registry.http.client import REDIRECTS_MAX, Client
from jupyter_kit.registry.http.connection import Connection, Patience, origin_of
from jupyter_kit.registry.http.exchange import Request, number_in
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.http.wire import Interrupted, ours
from tests.registry.servers.docker import free_port
from tests.registry.servers.double import Double, Reply, Server

BEARER = Secret("Bearer S3CRETS3CRET")
QUICK = Connection(read_seconds=0.3, connect_seconds=1, patience=Patience(attempts=3, first=0.01))


class Slept(list[float]):
    """Remembers pauses, and does not make them."""

    def __call__(self, seconds: float) -> None:
        self.append(seconds)


@pytest.fixture
def server() -> Iterator[Server]:
    with Server() as running:
        running.reply("GET", "/start", Reply(200, b"started"), times=1000)
        yield running


@pytest.fixture
def slept() -> Slept:
    return Slept()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def client(slept: Slept, told: list[str]) -> Iterator[Client]:
    made = Client(QUICK, tell=told.append, sleep=slept)
    yield made
    made.close()


def get(server: Server, path: str, authorization: Secret | None = None) -> Request:
    return Request("GET", f"http://{server.host}{path}", authorization=authorization)


def test_a_credential_is_dropped_where_host_port_or_scheme_change(client: Client, server: Server) -> None:
    with Server() as other:
        server.reply("GET", "/here", Reply(307, headers={"Location": "/start"}))
        server.reply("GET", "/there", Reply(302, headers={"Location": f"http://{other.host}/blob"}))
        other.reply("GET", "/blob", Reply(307, headers={"Location": f"http://{server.host}/start"}))
        assert client.send(get(server, "/here", BEARER)).data() == b"started"
        assert server.asked[-1].headers["authorization"] == BEARER.reveal()
        assert client.send(get(server, "/there", BEARER)).redirected
        assert "authorization" not in other.asked[-1].headers
        assert "authorization" not in server.asked[-1].headers  # back again, but by the word of the other host


def test_a_request_that_writes_is_sent_on_as_it_is_or_not_at_all(client: Client, server: Server) -> None:
    for status in (301, 302, 303, 307, 308):
        server.reply("PUT", f"/{status}", Reply(status, headers={"Location": "/stored"}))
        request = Request("PUT", f"http://{server.host}/{status}", body=lambda: iter([b"body"]), length=4)
        client.send(request).close()
    assert [asked.body for asked in server.requests("PUT", "/stored")] == [b"body", b"body"]
    assert not server.requests("GET")


def test_redirects_in_circles_end(client: Client, server: Server) -> None:
    server.reply("GET", "/round", Reply(302, headers={"Location": "/round"}), times=100)
    with pytest.raises(RegistryError, match="circles"):
        client.send(get(server, "/round"))
    assert len(server.requests("GET", "/round")) == REDIRECTS_MAX + 1


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://x/y", "http://[bad"])
def test_redirects_to_what_is_no_web_address_are_refused(client: Client, server: Server, location: str) -> None:
    server.reply("GET", "/away", Reply(302, headers={"Location": location}))
    with pytest.raises(KitError):
        client.send(get(server, "/away"))


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_passes_is_tried_again(client: Client, server: Server, slept: Slept, status: int) -> None:
    server.reply("GET", "/start", Reply(status), times=2)
    server.faults.reverse()
    assert client.send(get(server, "/start")).status == 200
    assert len(server.asked) == 3
    assert slept


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 413, 501])
def test_what_does_not_pass_is_not(client: Client, server: Server, slept: Slept, status: int) -> None:
    server.reply("GET", "/once", Reply(status), times=5)
    assert client.send(get(server, "/once")).status == status
    assert len(server.asked) == 1
    assert not slept


def test_in_the_end_the_answer_counts_as_it_is(client: Client, server: Server) -> None:
    server.reply("GET", "/never", Reply(503, b"down"), times=100)
    assert client.send(get(server, "/never")).status == 503
    assert len(server.asked) == QUICK.patience.attempts


def test_a_throttled_host_is_left_alone_by_everybody(client: Client, server: Server, slept: Slept) -> None:
    server.reply("GET", "/busy", Reply(429, headers={"Retry-After": "3"}))
    server.reply("GET", "/busy", Reply(200))
    assert client.send(get(server, "/busy")).status == 200
    assert slept[0] == 3
    slept.clear()
    assert client.send(get(server, "/start")).status == 200
    assert len(slept) == 1
    assert 2 < slept[0] <= 3  # the clock stood still for this test, so the host is still to be left alone


def test_who_asks_for_an_hour_is_told_and_not_waited_for(client: Client, server: Server, slept: Slept) -> None:
    server.reply("GET", "/busy", Reply(429, headers={"Retry-After": "3600"}), times=9)
    assert client.send(get(server, "/busy")).status == 429
    assert not slept


def test_a_request_that_may_not_be_repeated_is_not(client: Client, server: Server) -> None:
    server.reply("GET", "/down", Reply(500), times=9)
    assert client.send(replace(get(server, "/down"), repeatable=False)).status == 500
    assert len(server.asked) == 1


def test_a_host_that_never_answered_is_not_asked_for_long(slept: Slept) -> None:
    client = Client(replace(QUICK, patience=Patience()), sleep=slept)
    with pytest.raises(RegistryUnavailable, match="cannot be reached"):
        client.send(Request("GET", f"http://127.0.0.1:{free_port()}/v2/"))
    assert len(slept) == 1


def test_a_host_that_has_no_address_is_named(client: Client) -> None:
    with pytest.raises(RegistryUnavailable, match=r"No address is known for nowhere\.invalid"):
        client.send(Request("GET", "https://nowhere.invalid/v2/"))


def test_silence_is_an_error_within_its_time(client: Client, server: Server) -> None:
    server.reply("GET", "/slow", Reply(200, delay=1), times=9)
    began = time.monotonic()
    with pytest.raises(Interrupted, match="stopped answering"):
        client.send(get(server, "/slow"))
    assert time.monotonic() - began < 3


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """The address of a server that does ``answer`` to every connection. Its thread has ended when the block has."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        ended = threading.Event()

        def serve() -> None:
            listener.settimeout(0.05)
            while not ended.is_set():
                with suppress(OSError):  # Nobody came, or whoever came has gone.
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(1)
                        answer(connection)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        finally:
            ended.set()
            thread.join()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nX: ", b"H"], ids=["endless header", "endless status"])
def test_a_head_that_drips_is_cut(client: Client, monkeypatch: pytest.MonkeyPatch, head: bytes) -> None:
    monkeypatch.setattr("jupyter_kit.registry.http.pools.HEAD_SECONDS_MAX", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            connection, _ = listener.accept()
            with connection, suppress(OSError):
                connection.sendall(head)
                while True:
                    time.sleep(0.02)
                    connection.sendall(b"x")

        threading.Thread(target=drip, daemon=True).start()
        began = time.monotonic()
        with pytest.raises(Interrupted):
            client.send(Request("GET", f"http://127.0.0.1:{listener.getsockname()[1]}/", repeatable=False))
        assert time.monotonic() - began < 2


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT"])
@pytest.mark.parametrize("head", ["", "HTTP/1.1 ", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDocker-Content-Dig"])
def test_a_head_that_breaks_off_is_no_answer(client: Client, method: str, head: str) -> None:
    def break_off(connection: socket.socket) -> None:
        connection.recv(1 << 16)
        connection.sendall(head.encode())

    with answering(break_off) as url, pytest.raises(Interrupted):
        client.send(Request(method, url))


def test_a_short_answer_that_drips_is_cut(client: Client, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.registry.http.exchange.METADATA_SECONDS_MAX", 0.0)
    server.reply("GET", "/drip", Reply(200, b"{}"))
    with pytest.raises(RegistryError, match="for a short answer"):
        client.send(get(server, "/drip")).data()


def test_warnings_are_told_once_and_cleaned(client: Client, server: Server, told: list[str]) -> None:
    warning = '299 - "Old \\x1b[2J registry, see https://x/?token=S3CRET", 299 - "Second"'
    server.reply("GET", "/warn", Reply(200, headers={"Warning": warning}), times=3)
    for _ in range(3):
        client.send(get(server, "/warn")).close()
    assert len(told) == 2
    assert told[1] == f"{server.host} warns: Second"
    assert "S3CRET" not in told[0]


def test_cookies_are_neither_kept_nor_sent(client: Client, server: Server) -> None:
    server.reply("GET", "/cookie", Reply(200, headers={"Set-Cookie": "csrf=1"}), times=2)
    for _ in range(2):
        client.send(get(server, "/cookie")).close()
    assert "cookie" not in server.asked[1].headers


def test_short_answers_are_short(client: Client, server: Server) -> None:
    server.reply("GET", "/flood", Reply(200, b"x" * 5000))
    with pytest.raises(RegistryError, match="more than 4000 bytes"):
        client.send(get(server, "/flood")).data(4000)


def test_the_body_of_a_416_is_never_read(client: Client, server: Server) -> None:
    server.reply("GET", "/range", Reply(416, b"line", length=10**9))
    began = time.monotonic()
    assert client.send(get(server, "/range")).start_of_text() == b""
    assert time.monotonic() - began < QUICK.read_seconds


def test_an_errors_text_that_breaks_off_says_nothing(client: Client, server: Server) -> None:
    server.reply("GET", "/gone", Reply(404, b"", length=20, close=True))
    assert client.send(get(server, "/gone")).start_of_text() == b""


def test_a_short_answer_that_breaks_off_is_asked_for_again(client: Client, server: Server) -> None:
    server.reply("GET", "/short", Reply(200, b"x" * 10, length=20, close=True))
    server.reply("GET", "/short", Reply(200, b"x" * 20))
    assert client.send(replace(get(server, "/short"), limit=100)).data() == b"x" * 20


@pytest.mark.parametrize(
    ("text", "length"), [("", None), ("0", 0), ("12", 12), ("-1", None), ("²", None), ("9" * 19, None), ("9" * 5000, None)]
)
def test_numbers_in_headers_are_sizes_or_nothing(text: str, length: int | None) -> None:
    assert number_in(text) == length


def test_a_slow_line_is_no_silence(client: Client) -> None:
    """A megabyte may take longer than a connection may take to be made."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 14)

        def read_slowly() -> None:
            connection, _ = listener.accept()
            with connection:
                received = 0
                while received < 8 << 20:
                    data = connection.recv(1 << 20)
                    if not data:
                        return
                    received += len(data)
                    if received < 1 << 19:
                        time.sleep(0.02)
                connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")

        threading.Thread(target=read_slowly, daemon=True).start()
        impatient = Client(replace(QUICK, connect_seconds=0.2))
        block = bytes(8 << 20)
        request = Request(
            "PUT", f"http://127.0.0.1:{listener.getsockname()[1]}/", body=lambda: iter([block]), length=len(block), read_seconds=5
        )
        assert impatient.send(replace(request, repeatable=False)).status == 201


def test_a_body_that_ends_early_is_an_interruption(client: Client, server: Server) -> None:
    server.reply("GET", "/short", Reply(200, b"x" * 10, length=20, close=True))
    with pytest.raises(Interrupted):
        list(client.send(get(server, "/short")).pieces())


def test_one_connection_serves_many_requests(client: Client, server: Server) -> None:
    for _ in range(3):
        assert client.send(get(server, "/start")).data() == b"started"
    assert server.connections == 1


@pytest.mark.parametrize(("method", "reply"), [("HEAD", Reply(200, length=1000)), ("POST", Reply(202)), ("DELETE", Reply(204))])
def test_an_answer_without_a_body_keeps_its_connection(client: Client, server: Server, method: str, reply: Reply) -> None:
    server.reply(method, "/empty", reply, times=3)
    for _ in range(3):
        client.send(Request(method, f"http://{server.host}/empty")).close()
    assert server.connections == 1


def test_what_was_not_read_to_its_end_costs_its_connection(client: Client, server: Server) -> None:
    server.reply("GET", "/long", Reply(200, b"x" * 100_000), times=2)
    client.send(get(server, "/long")).close()
    assert client.send(get(server, "/start")).data() == b"started"
    assert server.connections == 2


def test_no_secret_reaches_message_chain_or_log(client: Client, server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server.reply("PUT", "/upload", Reply(200, delay=1), times=9)
    request = Request("PUT", f"http://{server.host}/upload?_state=S3CRET-state", authorization=BEARER, body=lambda: iter([b"x"]), length=1)
    assert "S3CRET" not in repr(request)
    with pytest.raises(Interrupted) as failed:
        client.send(request)
    client.send(Request("GET", f"http://{server.host}/start?token=S3CRET")).close()
    shown = "".join(traceback.format_exception(failed.value)) + caplog.text
    assert "urllib3" in caplog.text  # it does log
    assert "S3CRET" not in shown
    error: BaseException | None = failed.value
    assert error
    assert error.__cause__ is None
    assert error.__context__ is None


def test_others_use_of_urllib3_is_logged_as_ever(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("urllib3.connectionpool").debug("GET %s", "/others?page=2")
    assert "/others?page=2" in caplog.text


def test_every_error_of_urllib3_becomes_one_of_ours() -> None:
    known = [kind for kind in vars(exceptions).values() if isinstance(kind, type) and issubclass(kind, exceptions.HTTPError)]
    assert len(known) > 20
    for kind in known:
        error = kind.__new__(kind)
        error.args = ("/v2/x?_state=S3CRET",)
        told = ours(error, origin_of("https://registry.example"))
        assert isinstance(told, RegistryError)
        assert "S3CRET" not in str(told)
        assert told.hint


def test_a_connection_that_is_reset_is_an_interruption(client: Client) -> None:
    def reset(connection: socket.socket) -> None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        connection.recv(10)

    with answering(reset) as url, pytest.raises(Interrupted):
        client.send(Request("GET", url))


def test_the_double_is_a_registry() -> None:
    with Double() as double:
        assert Client(QUICK).send(get(double, "/v2/")).data() == b"{}"
