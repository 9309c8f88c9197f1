"""Origins, proxies and loopback, by values alone."""

from __future__ import annotations

import pytest

from jupyter_kit.errors import InvalidInput
from jupyter_kit.registry.http.connection import Connection, Origin, is_loopback, origin_of
from jupyter_kit.registry.http.secret import Secret

PROXY = Secret("http://ada:secret@proxy:3128")


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://ghcr.io/v2/", Origin("https", "ghcr.io", 443)),
        ("HTTPS://GHCR.io:443/v2/", Origin("https", "ghcr.io", 443)),
        ("http://localhost:5000", Origin("http", "localhost", 5000)),
        ("http://[::1]:5000/", Origin("http", "::1", 5000)),
    ],
)
def test_an_origin_is_scheme_host_and_port(url: str, origin: Origin) -> None:
    assert origin_of(url) == origin


@pytest.mark.parametrize(
    "url", ["", "ftp://x/", "file:///etc/passwd", "https://", "/v2/", "http://x:99999/", "https://a@evil/", "http://[::1"]
)
def test_other_addresses_are_refused_without_repeating_them(url: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        origin_of(url)
    assert not url or url not in str(refused.value)


def test_an_origin_shows_its_port_only_where_it_must() -> None:
    assert [str(origin_of(url)) for url in ("https://a/", "http://a:80", "https://a:80", "http://[::1]:5000")] == [
        "a", "a", "a:80", "[::1]:5000",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("host", "answer"), [("localhost", True), ("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("a.localhost", True),
                         ("localhost.evil.com", False), ("128.0.0.1", False), ("0.0.0.0", False), ("ghcr.io", False)],
)  # fmt: skip
def test_loopback_is_this_machine_only(host: str, answer: bool) -> None:
    assert is_loopback(host) == answer


@pytest.mark.parametrize(
    ("no_proxy", "through"),
    [
        ("", True),
        ("*", False),
        ("ghcr.io", False),
        (".ghcr.io", False),
        ("GHCR.IO", False),
        ("io", False),
        ("hcr.io", True),
        ("ghcr.io:443", False),
        ("ghcr.io:5000", True),
        ("example.org, ghcr.io", False),
        ("10.0.0.0/8", True),
    ],
)
def test_no_proxy_lists_hosts_and_domains(no_proxy: str, through: bool) -> None:
    connection = Connection(proxies=(("https", PROXY),), no_proxy=no_proxy)
    assert (connection.proxy_for(origin_of("https://ghcr.io")) is not None) == through


def test_no_proxy_lists_networks() -> None:
    connection = Connection(proxies=(("all", PROXY),), no_proxy="10.0.0.0/8 fd00::/8")
    assert connection.proxy_for(origin_of("http://10.1.2.3:5000")) is None
    assert connection.proxy_for(origin_of("http://[fd00::1]:5000")) is None
    assert connection.proxy_for(origin_of("http://11.1.2.3:5000")) == PROXY


def test_this_machine_is_never_asked_through_a_proxy() -> None:
    assert Connection(proxies=(("http", PROXY),)).proxy_for(origin_of("http://localhost:5000")) is None


def test_a_connection_shows_no_proxys_password() -> None:
    assert "secret" not in repr(Connection(proxies=(("http", PROXY),)))
