"""Lists that come page by page."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from jupyter_kit.errors import InvalidInput, RegistryError
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.protocol.pages import pages
from jupyter_kit.registry.repository import Repository
from tests.registry.servers.double import Double, Reply

OpenHost = Callable[..., Host]


def page(link: str) -> Reply:
    return Reply(200, json.dumps({"tags": ["v1"]}).encode(), {"Link": link})


@pytest.mark.parametrize("size", [1, 2, 3, 4, 100])
def test_every_page_is_read_and_the_tags_sorted(double: Double, double_repository: Repository, size: int) -> None:
    double.page = size
    double.tags = dict.fromkeys(("v10", "v2", "Z"), "sha256:x")
    assert double_repository.tags() == ("Z", "v10", "v2")
    assert len(double.asked) == -(-3 // size)


@pytest.mark.parametrize("link", ['</v2/x/tags/list?last=v1>; rel="next"', "</v2/x/tags/list?last=v1>;rel=next",
                                  '</other>; rel="prev", </v2/x/tags/list?last=v1>; rel="next"'])  # fmt: skip
def test_links_are_read_in_each_of_their_forms(double: Double, open_host: OpenHost, link: str) -> None:
    double.reply("GET", "tags/list", page(link))
    assert len(list(pages(open_host(double.host), "/v2/x/tags/list", "x"))) == 2


def test_a_list_without_end_is_cut(double: Double, double_repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.registry.protocol.pages.PAGES_MAX", 5)
    double.reply("GET", "tags/list", lambda _: page(f'</v2/x/tags/list?last={len(double.asked)}>; rel="next"'), times=10**6)
    with pytest.raises(RegistryError, match="without end"):
        double_repository.tags()
    assert len(double.asked) == 5


def test_a_list_in_a_circle_is_cut(double: Double, double_repository: Repository) -> None:
    double.reply("GET", "tags/list", page('</v2/x/tags/list?last=same>; rel="next"'), times=10**6)
    with pytest.raises(RegistryError, match="without end"):
        double_repository.tags()
    assert len(double.asked) == 2


@pytest.mark.parametrize("link", ['<http://evil.example/list>; rel="next"', '<file:///etc/passwd>; rel="next"'])
def test_a_list_goes_on_nowhere_else(double: Double, double_repository: Repository, link: str) -> None:
    double.reply("GET", "tags/list", page(link))
    with pytest.raises((RegistryError, InvalidInput)):
        double_repository.tags()


@pytest.mark.parametrize("data", [b"", b"[]", b'{"tags": 3}', b'{"tags": [3]}', b"<html>"])
def test_a_list_that_is_none_is_told(double: Double, double_repository: Repository, data: bytes) -> None:
    double.reply("GET", "tags/list", Reply(200, data))
    with pytest.raises(RegistryError, match="cannot be read"):
        double_repository.tags()
