"""Which notebook a kernel runs: each way in which hosts tell it, and their order."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from jupyter_kit.frontends import notebook
from jupyter_kit.frontends.notebook import SERVER_SECONDS, SESSION_VARIABLE, VSCODE_VARIABLE, find_notebook, kernel_id

KERNEL = "4e0f9c1a-1111-2222-3333-444444444444"


class Sessions(ThreadingHTTPServer):
    """A Jupyter server, as far as a kernel asks it: it lists its sessions to who has the token."""

    daemon_threads = True

    def __init__(self, sessions: object) -> None:
        self.sessions = sessions
        self.tokens: list[str | None] = []
        self.redirect: str | None = None
        self.delay = 0.0
        super().__init__(("127.0.0.1", 0), Answer)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/lab/"


class Answer(BaseHTTPRequestHandler):
    """One request."""

    server: Sessions

    def do_GET(self) -> None:
        self.server.tokens.append(self.headers["Authorization"])
        time.sleep(self.server.delay)
        if self.server.redirect:
            self.send_response(302)
            self.send_header("Location", self.server.redirect)
            self.end_headers()
            return
        granted = self.headers["Authorization"] == "token secret" and self.path == "/lab/api/sessions"
        body = (self.server.sessions if isinstance(self.server.sessions, str) else json.dumps(self.server.sessions)).encode()
        self.send_response(200 if granted else 403)
        self.end_headers()
        self.wfile.write(body if granted else b"{}")

    def log_message(self, *arguments: object) -> None: ...


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder with a runtime folder, and notebooks that might be meant."""
    (tmp_path / "runtime").mkdir()
    (tmp_path / "sub").mkdir()
    for name in ("vscode.ipynb", "sub/lab.ipynb", "session.ipynb"):
        (tmp_path / name).write_text("{}")
    return tmp_path


@pytest.fixture
def server() -> Iterator[Sessions]:
    running = Sessions([{"kernel": {"id": "another"}, "path": "vscode.ipynb"}, {"kernel": {"id": KERNEL}, "path": "sub/lab.ipynb"}])
    thread = threading.Thread(target=running.serve_forever, args=(0.01,))
    thread.start()
    yield running
    running.shutdown()
    thread.join()
    running.server_close()


def announce(place: Path, url: str, name: str = "jpserver-1.json", **changed: object) -> None:
    """What a running server leaves in the runtime folder."""
    (place / "runtime" / name).write_text(json.dumps({"url": url, "token": "secret", "root_dir": str(place), **changed}))


def found(place: Path, *, configured: str | None = None, vscode: object = None, session: str = "") -> Path | None:
    return find_notebook(
        configured=configured,
        variables={VSCODE_VARIABLE: vscode} if vscode else {},
        connection_file=str(place / "runtime" / f"kernel-{KERNEL}.json"),
        environment={SESSION_VARIABLE: session},
    )


def test_each_way_comes_before_the_next(place: Path, server: Sessions) -> None:
    announce(place, server.url)
    vscode, session = str(place / "vscode.ipynb"), str(place / "session.ipynb")
    assert found(place, configured="mine.ipynb", vscode=vscode, session=session) == Path("mine.ipynb")
    assert found(place, vscode=vscode, session=session) == place / "vscode.ipynb"
    assert found(place, session=session) == place / "sub" / "lab.ipynb"
    (place / "runtime" / "jpserver-1.json").unlink()
    assert found(place, session=session) == place / "session.ipynb"
    assert found(place) is None


def test_nothing_is_believed_that_is_not_there(place: Path, server: Sessions) -> None:
    announce(place, server.url, root_dir=str(place / "elsewhere"))
    assert found(place, vscode=str(place / "gone.ipynb"), session=str(place / "gone.ipynb")) is None
    assert found(place, vscode=3, session="console-4e0f") is None
    assert find_notebook(configured=None, variables={}, connection_file=None, environment={}) is None


def test_servers_that_died_are_passed_over(place: Path, server: Sessions) -> None:
    announce(place, server.url, "jpserver-1.json")
    announce(place, "http://127.0.0.1:1/", "jpserver-2.json")
    (place / "runtime" / "jpserver-3.json").write_text("{")
    (place / "runtime" / "jpserver-4.json").write_text("[]")
    assert found(place) == place / "sub" / "lab.ipynb"


@pytest.mark.parametrize(
    "url", ["http://192.0.2.7:8888/", "http+unix://%2Ftmp%2Fa/", "file:///etc/", "http:///", "", "http://[::1", "ftp://127.0.0.1/"]
)
def test_a_token_never_leaves_this_machine(place: Path, server: Sessions, url: str) -> None:
    announce(place, url)
    started = time.monotonic()
    assert found(place) is None
    assert time.monotonic() - started < 0.2
    assert server.tokens == []


def test_a_redirect_is_not_followed(place: Path, server: Sessions) -> None:
    server.redirect = server.url.replace("127.0.0.1", "localhost") + "api/sessions"
    announce(place, server.url)
    assert found(place) is None
    assert len(server.tokens) == 1


def test_proxies_are_not_asked(place: Path, server: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    announce(place, server.url)
    assert found(place) == place / "sub" / "lab.ipynb"


def test_a_slow_server_costs_half_a_second(place: Path, server: Sessions) -> None:
    server.delay = 1.0
    announce(place, server.url, "jpserver-1.json")
    announce(place, server.url, "jpserver-2.json")
    started = time.monotonic()
    assert found(place, session=str(place / "session.ipynb")) == place / "session.ipynb"
    assert time.monotonic() - started < SERVER_SECONDS + 0.4


@pytest.mark.parametrize(
    "answer", ["", "[", "{}", "[null, 1, {}]", '[{"kernel": null}]', '[{"kernel": {"id": "' + KERNEL + '"}, "path": 3}]', "[" * 10_000]
)
def test_odd_answers_are_no_answer(place: Path, server: Sessions, answer: str) -> None:
    server.sessions = answer
    announce(place, server.url)
    assert found(place) is None


def test_a_server_that_refuses_is_no_answer(place: Path, server: Sessions) -> None:
    announce(place, server.url, token="stale")
    assert found(place) is None
    assert server.tokens == ["token stale"]


def test_newer_servers_are_asked_first(place: Path, server: Sessions) -> None:
    (place / "other").mkdir()
    (place / "other" / "sub").mkdir()
    (place / "other" / "sub" / "lab.ipynb").write_text("{}")
    announce(place, server.url, "jpserver-1.json", root_dir=str(place / "other"))
    announce(place, server.url, "jpserver-2.json")
    os.utime(place / "runtime" / "jpserver-1.json", (1, 1))
    assert found(place) == place / "sub" / "lab.ipynb"
    os.utime(place / "runtime" / "jpserver-2.json", (0, 0))
    assert found(place) == place / "other" / "sub" / "lab.ipynb"


def test_the_kernel_is_known_by_its_connection_file() -> None:
    assert kernel_id(f"/run/user/1/jupyter/kernel-{KERNEL}.json") == KERNEL
    assert notebook.SESSIONS_BYTES_MAX > 1_000_000
