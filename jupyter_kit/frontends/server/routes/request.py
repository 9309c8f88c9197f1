"""One request: what it asks for, and errors in the form that every route tells them in."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from jupyter_core.utils import ensure_async
from jupyter_server.base.handlers import APIHandler
from tornado.web import HTTPError

from jupyter_kit.errors import InvalidInput, Kind, KitError
from jupyter_kit.frontends.exits import HTTP_STATUS
from jupyter_kit.frontends.render.json import as_plain
from jupyter_kit.frontends.server.answers import ErrorReply
from jupyter_kit.frontends.server.jobs import UNEXPECTED, error_reply
from jupyter_kit.frontends.server.service import Service

JUPYTERS_OWN = frozenset({"token", "_xsrf", "no_track_activity"})
"""Names in queries that are for Jupyter Server itself."""


class Request(APIHandler):
    """A route of ours. Each of its methods is authenticated and authorised; a test looks at all of them."""

    auth_resource = "jupyter_kit"

    def initialize(self, service: Service) -> None:
        """Called by tornado with what the table of routes says."""
        self.service = service

    async def check_may(self, action: str) -> None:
        """Whoever may not read, or write, the server's files at all, may not by way of us. Raises HTTPError."""
        if not await ensure_async(self.authorizer.is_authorized(self, self.current_user, action, "contents")):
            raise HTTPError(403, f"User is not authorized to {action} on resource: contents.")

    def query(self) -> dict[str, object]:
        """Names and values of the query; a name that stands there several times has a list. JupyterLab adds the time, as a bare number."""
        found: dict[str, object] = {}
        for name in self.request.query_arguments:
            if name not in JUPYTERS_OWN and not name.isdecimal():
                values = self.get_query_arguments(name, strip=False)
                found[name] = values if len(values) > 1 else values[0]
        return found

    def body(self) -> dict[str, object]:
        """The JSON object of the body, with what the query says beside it. Raises InvalidInput."""
        try:
            given = json.loads(self.request.body or b"{}")
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict):
            raise InvalidInput("The body of the request is not a JSON object.", hint='Send one, such as {"folder": ""}.')
        return {**self.query(), **given}

    def reply(self, value: object, status: int = 200) -> None:
        """Answer with one JSON document."""
        self.set_status(status)
        self.finish(json.dumps(as_plain(value)))

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Tell what was raised in the four keys of every error."""
        problem = kwargs["exc_info"][1] if "exc_info" in kwargs else None
        if isinstance(problem, KitError):
            self.set_status(HTTP_STATUS[problem.kind])
        elif isinstance(problem, HTTPError):
            problem = self._told_by_jupyter(problem)
        self.finish(json.dumps(asdict(problem if isinstance(problem, ErrorReply) else error_reply(problem or Exception(str(status_code))))))

    def log_exception(self, *exc_info: Any) -> None:
        """Errors of ours are answers, and no line in the log."""
        if not isinstance(exc_info[1], KitError):
            super().log_exception(*exc_info)

    def _told_by_jupyter(self, problem: HTTPError) -> ErrorReply:
        """Jupyter's own refusals, before or beside ours."""
        match problem.status_code:
            case 403 if not self.current_user:
                return ErrorReply("signed-out", "Jupyter does not know you any more.", "Reload this page to sign in again.", None)
            case 401 | 403:
                return ErrorReply(
                    "forbidden", problem.log_message or "Jupyter does not allow you this.", "Ask whoever runs this server.", None
                )
            case 404:
                return ErrorReply(Kind.NOT_FOUND.value, f"There is no {self.request.path}.", "See JSON.md for the routes.", None)
            case 405:
                return ErrorReply(
                    Kind.INVALID_INPUT.value, f"{self.request.method} is not for {self.request.path}.", "POST what changes things.", None
                )
            case status if status < 500:
                return ErrorReply(
                    Kind.INVALID_INPUT.value, problem.log_message or problem.reason or "The request cannot be read.", "", None
                )
            case _:
                return ErrorReply(
                    UNEXPECTED, problem.log_message or "Something went wrong that should not have.", "Its log says more.", None
                )
