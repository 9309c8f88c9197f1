"""Which notebook a kernel runs, told by what its host leaves to see.

No host tells it in one way: VS Code sets a variable, Jupyter servers list their sessions, and kernels started by newer servers carry a
session name, which keeps the old path after a rename. The server is asked before that name is believed.
"""

from __future__ import annotations

import ipaddress
import json
import os
import time
import urllib.request
from collections.abc import Iterator, Mapping
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

SERVER_SECONDS = 0.5
"""What all servers together may take to answer: a snapshot waits for it."""

SESSIONS_BYTES_MAX = 4_000_000
"""More than any server's list of sessions; what claims to be longer is not one."""

VSCODE_VARIABLE = "__vsc_ipynb_file__"
"""Where the Jupyter extension of VS Code keeps the path, among the user's variables."""

SESSION_VARIABLE = "JPY_SESSION_NAME"
"""Where Jupyter servers leave the path for kernels they start (jupyter_server 2.0 and newer)."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token given to this machine's server must not follow a redirect away from it."""

    def redirect_request(self, *arguments: Any, **named: Any) -> None:
        """No redirect is followed."""


def find_notebook(
    *,
    configured: str | None,
    variables: Mapping[str, object],
    connection_file: str | None,
    environment: Mapping[str, str] = os.environ,
) -> Path | None:
    """The notebook file of a kernel, or None where nothing tells it.

    In this order: what ``%config KitMagics.notebook`` says, VS Code's variable among the user's ``variables``, the sessions of the
    Jupyter servers whose runtime files lie beside ``connection_file``, the session name in the environment. All but the first only where
    the file exists.
    """
    if configured:
        return Path(configured)
    named = variables.get(VSCODE_VARIABLE)
    if isinstance(named, str) and Path(named).is_file():
        return Path(named)
    if connection_file:
        found = _from_servers(Path(connection_file))
        if found:
            return found
    session = Path(environment.get(SESSION_VARIABLE) or "")
    return session if session.suffix == ".ipynb" and session.is_file() else None


def kernel_id(connection_file: str) -> str | None:
    """The id in the name of a connection file, ``kernel-<id>.json``; None in other names, which nbclient gives."""
    name = Path(connection_file).stem
    return name.removeprefix("kernel-") if name.startswith("kernel-") else None


def _from_servers(connection_file: Path) -> Path | None:
    """The notebook whose session has this kernel, by the first running server that knows it."""
    deadline = time.monotonic() + SERVER_SECONDS
    wanted = kernel_id(str(connection_file))
    for server in _servers(connection_file.parent) if wanted else ():
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        for path in _session_paths(server, wanted or "", left):
            notebook = Path(str(server.get("root_dir") or server.get("notebook_dir") or ""), path)
            if notebook.is_file():
                return notebook
    return None


def _servers(runtime: Path) -> Iterator[dict[str, object]]:
    """Servers of this machine, newest first. Files of servers that died remain; asking them fails at once."""
    files = sorted(runtime.glob("jpserver-*.json"), key=_age)
    for file in files:
        try:
            server = json.loads(file.read_bytes())
        except (OSError, ValueError):
            continue  # Another server's file, half-written or gone: it cannot tell us anything.
        if isinstance(server, dict) and _is_loopback(str(server.get("url"))):
            yield server


def _age(file: Path) -> float:
    try:
        return -file.stat().st_mtime
    except OSError:
        return 0.0


def _is_loopback(url: str) -> bool:
    """The server is on this machine and speaks HTTP: its token goes nowhere else."""
    try:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            return False
        return parts.hostname == "localhost" or ipaddress.ip_address(parts.hostname).is_loopback
    except ValueError:
        return False


def _session_paths(server: dict[str, object], wanted: str, seconds: float) -> Iterator[str]:
    """Paths, relative to the server's folder, of sessions whose kernel is ``wanted``."""
    request = urllib.request.Request(  # noqa: S310 (_is_loopback lets only http and https pass)
        f"{server['url']}api/sessions", headers={"Authorization": f"token {server.get('token', '')}"}
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=seconds) as reply:
            sessions = json.loads(reply.read(SESSIONS_BYTES_MAX))
    except (OSError, ValueError, RecursionError, HTTPException):
        return  # It is gone, it is no Jupyter server, or it does not know us: the next one may.
    for session in sessions if isinstance(sessions, list) else []:
        kernel = session.get("kernel") if isinstance(session, dict) else None
        if isinstance(kernel, dict) and kernel.get("id") == wanted and isinstance(session.get("path"), str):
            yield session["path"]
