"""Every route of ours. A new one is a line here; tests read this table, and so does whoever wonders."""

from __future__ import annotations

import re
from typing import Any

from jupyter_server.auth.decorator import authorized
from tornado.web import HTTPError, authenticated

from jupyter_kit.frontends.server.routes.auto import AutoRoute
from jupyter_kit.frontends.server.routes.files import FileRoute
from jupyter_kit.frontends.server.routes.ignored import IgnoredRoute
from jupyter_kit.frontends.server.routes.notebooks import NotebookDiffRoute
from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.frontends.server.routes.verbs import VerbRoute
from jupyter_kit.frontends.server.routes.workspace import JobRoute, JobsRoute, WorkspaceRoute
from jupyter_kit.frontends.server.saves import Saves
from jupyter_kit.frontends.server.service import Service
from jupyter_kit.frontends.server.ways import ROUTED

API = "jupyter_kit/api"
"""Where all routes are, below the server's base URL."""


class UnknownRoute(Request):
    """What there is no route for: told as ours, so that nobody takes it for a missing extension."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """There is none."""
        raise HTTPError(404)

    @authenticated
    @authorized
    async def post(self) -> None:
        """There is none. Not the same function as for GET: Jupyter's decorator remembers the first action that it is asked about."""
        raise HTTPError(404)


ROUTES: dict[str, type[Request]] = {
    "workspace": WorkspaceRoute,
    "jobs": JobsRoute,
    "jobs/([0-9a-f]+)": JobRoute,
    "file": FileRoute,
    "ignored": IgnoredRoute,
    "notebook-diff": NotebookDiffRoute,
}
"""What is no verb."""


def routes(service: Service, saves: Saves) -> list[tuple[str, type[Request], dict[str, Any]]]:
    """The table, as tornado wants it."""
    return [
        *((f"{API}/{pattern}", route, {"service": service}) for pattern, route in ROUTES.items()),
        *((f"{API}/{re.escape(verb)}", VerbRoute, {"service": service, "verb": verb}) for verb in ROUTED),
        (f"{API}/auto", AutoRoute, {"service": service, "saves": saves}),
        (f"{API}/.*", UnknownRoute, {"service": service}),
    ]
