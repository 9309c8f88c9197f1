"""Nobody gets in who may not: every route that the server really has, found in its own table and not listed here."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.auth import Authorizer
from tornado.httpclient import HTTPClientError, HTTPResponse
from tornado.web import RequestHandler

from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.frontends.server.routes.table import API, ROUTES
from jupyter_kit.frontends.server.ways import ROUTED

METHODS = ("get", "head", "post", "put", "patch", "delete")


def doors(app: Any) -> Iterator[tuple[str, str]]:
    """Each method of each of our routes, as (method, path)."""
    for rule in [*app.web_app.wildcard_router.rules, *app.web_app.default_router.rules]:
        for inner in getattr(rule.target, "rules", [rule]):
            if isinstance(inner.target, type) and issubclass(inner.target, Request):
                path = re.sub(r"\(.*?\)", "0a", inner.matcher.regex.pattern).replace(".*", "anything").replace("\\", "").rstrip("$")
                for method in METHODS:
                    if getattr(inner.target, method) is not RequestHandler._unimplemented_method:
                        yield method.upper(), path


class Fetch:
    """Requests as they are: with no token, no cookie and no secret of ours but what ``headers`` says."""

    def __init__(self, client: Any) -> None:
        self.client = client

    async def __call__(self, method: str, path: str, **headers: str) -> HTTPResponse:
        body = "{}" if method == "POST" else None
        try:
            return await self.client.fetch(path, method=method, headers=headers, body=body, allow_nonstandard_methods=True)
        except HTTPClientError as error:
            assert error.response is not None
            return error.response


@pytest.fixture
def fetch(http_server_client: Any) -> Fetch:
    return Fetch(http_server_client)


def test_all_routes_are_found(jp_serverapp: Any) -> None:
    paths = {path.partition(f"{API}/")[2] for _, path in doors(jp_serverapp)}
    assert paths == {*ROUTED, "auto", "anything", *(re.sub(r"\(.*?\)", "0a", pattern) for pattern in ROUTES)}


async def test_nobody_is_answered_without_a_token(jp_serverapp: Any, fetch: Fetch) -> None:
    found = list(doors(jp_serverapp))
    assert len(found) > 2 * len(ROUTED)
    for method, path in found:
        answer = await fetch(method, path)
        assert answer.code == 403, (method, path)
        # What JavaScript finds when a cookie has expired: JSON, and no page to sign in on.
        assert method == "HEAD" or json.loads(answer.body)["kind"] == "signed-out"


class Nobody(Authorizer):
    """May do nothing with our routes, and all with others'."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return resource != "jupyter_kit"


class Reader(Authorizer):
    """May look."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return action == "read"


class Toucher(Authorizer):
    """May do all but write files."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        return (action, resource) != ("write", "contents")


def with_authorizer(kind: type[Authorizer]) -> pytest.MarkDecorator:
    config = {"ServerApp": {"jpserver_extensions": {"jupyter_kit": True}, "authorizer_class": kind}}
    return pytest.mark.parametrize("jp_server_config", [config], ids=[kind.__name__])


@with_authorizer(Nobody)
async def test_nobody_is_answered_who_is_not_authorised(jp_serverapp: Any, fetch: Fetch, jp_auth_header: dict[str, str]) -> None:
    for method, path in doors(jp_serverapp):
        answer = await fetch(method, path, **jp_auth_header)
        assert answer.code == 403, (method, path)
        assert method == "HEAD" or json.loads(answer.body)["kind"] == "forbidden"


@with_authorizer(Reader)
async def test_who_may_look_changes_nothing(
    jp_serverapp: Any, fetch: Fetch, jp_auth_header: dict[str, str], project: Path, ask: Callable[..., Awaitable[Any]]
) -> None:
    assert (await ask("status", folder="project")).code == 200
    for method, path in doors(jp_serverapp):
        if method not in ("GET", "HEAD"):
            assert (await fetch(method, path, **jp_auth_header)).code == 403, (method, path)


@with_authorizer(Toucher)
async def test_files_are_written_only_for_who_may_write_them(ask: Callable[..., Awaitable[Any]], project: Path) -> None:
    (project / "a.txt").write_text("changed\n")
    for verb, body in {
        "rollback": {"name": "v1", "yes": True},
        "unpack": {"reference": "m:1"},
        "pull": {},
        "sync": {},
        "clone": {"reference": "oci:x"},
        "init": {},
        "ignored": {"text": "*.tmp"},
        "audit": {"action": "export", "target": "x.jsonl"},
    }.items():
        answer = await ask(verb, {"folder": "project", **body})
        assert (answer.code, answer.json["kind"]) == (403, "forbidden"), verb
    assert (await ask("snapshot", {"folder": "project"})).code == 202
    assert (await ask("rollback", {"folder": "project", "name": "v1", "dry_run": True})).code == 200


async def test_a_cookie_alone_changes_nothing(jp_serverapp: Any, fetch: Fetch, jp_base_url: str) -> None:
    token = jp_serverapp.identity_provider.token
    entry = await fetch("GET", f"{jp_base_url}api/status?token={token}")
    cookies = SimpleCookie()
    for line in entry.headers.get_list("Set-Cookie"):
        cookies.load(line)
    cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in cookies.items())
    assert (await fetch("GET", f"{jp_base_url}{API}/version", Cookie=cookie)).code == 200
    for method, path in doors(jp_serverapp):
        if method not in ("GET", "HEAD"):
            answer = await fetch(method, path, Cookie=cookie)
            assert answer.code == 403, (method, path)
            assert json.loads(answer.body)["kind"] == "forbidden"


async def test_another_site_is_refused(fetch: Fetch, jp_auth_header: dict[str, str], jp_serverapp: Any, jp_base_url: str) -> None:
    answer = await fetch("GET", f"{jp_base_url}{API}/status", Origin="https://elsewhere.example", Cookie="x=y")
    assert answer.code in (403, 404)
