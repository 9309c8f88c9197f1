"""A Jupyter server with our extension, a workspace under its root, and short ways to ask."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from pytest_jupyter.jupyter_server import *  # noqa: F403 — its fixtures and hooks, for this folder alone
from tornado.httpclient import HTTPClientError

from jupyter_kit.frontends.server.routes.table import API
from jupyter_kit.frontends.server.schema import FILE
from jupyter_kit.frontends.server.service import Service
from jupyter_kit.workspace import Workspace

VALIDATOR = Draft7Validator(json.loads(FILE.read_text("utf-8")))
"""Of one reply, under its name."""


@dataclass(frozen=True)
class Answer:
    """What a route answered."""

    code: int
    body: bytes
    headers: Any

    @property
    def json(self) -> Any:
        """Its document."""
        return json.loads(self.body)


def check(route: str, query: dict[str, object], answer: Answer) -> None:
    """Every reply of every test is what the schema says."""
    if answer.code == 304 or (route == "file" and answer.code == 200):
        return
    if answer.code >= 400:
        name = "error"
    elif "html" in query.values():
        name = "html"
    else:
        name = "job-begun" if answer.code == 202 else "job" if route.startswith("jobs/") else route
    VALIDATOR.validate({name: answer.json})


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def jp_server_config() -> dict[str, Any]:
    """Our extension, and nothing that is reached without being signed in."""
    return {
        "ServerApp": {
            "jpserver_extensions": {"jupyter_kit": True, "jupyter_server_terminals": False},
            "allow_unauthenticated_access": False,
        }
    }


@pytest.fixture
def service(jp_serverapp: Any) -> Service:
    """What our routes share in the server under test."""
    (app,) = jp_serverapp.extension_manager.extension_apps["jupyter_kit"]
    service: Service = app.service
    return service


@pytest.fixture
def project(jp_root_dir: Path) -> Path:
    """A workspace with one snapshot and one file, in the folder ``project`` of the server."""
    folder = jp_root_dir / "project"
    folder.mkdir()
    (folder / "a.txt").write_text("one\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
    return folder


@pytest.fixture
def ask(jp_fetch: Callable[..., Awaitable[Any]]) -> Ask:
    """GET a route, or POST to it where there is a ``body``; errors are answers."""

    async def ask(route: str, body: object = None, *, method: str = "", headers: dict[str, str] | None = None, **query: object) -> Answer:
        sent = {} if body is None else {"body": body if isinstance(body, str) else json.dumps(body)}
        method = method or ("GET" if body is None else "POST")
        try:
            reply = await jp_fetch(API, route, method=method, params=query, headers=headers, allow_nonstandard_methods=True, **sent)
        except HTTPClientError as error:
            assert error.response is not None, error
            reply = error.response
        answer = Answer(reply.code, reply.body, reply.headers)
        check(route, query, answer)
        return answer

    return ask


@pytest.fixture
def done(ask: Ask) -> Callable[..., Awaitable[Any]]:
    """POST a long verb, wait for its job, and give the job."""

    async def done(verb: str, **body: object) -> Any:
        answer = await ask(verb, {"folder": "project", **body})
        assert answer.code == 202, answer.body
        return await ended(ask, answer.json["job"]["id"])

    return done


async def ended(ask: Ask, identity: str) -> Any:
    """A job once it is over."""
    while True:
        job = (await ask(f"jobs/{identity}")).json
        if job["state"] not in ("queued", "running"):
            return job
