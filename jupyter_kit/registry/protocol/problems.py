"""What a registry's refusal means: statuses and error codes become our errors (distribution-spec, “Error Codes”)."""

from __future__ import annotations

import json

from jupyter_kit.errors import Denied, KitError, NotFound, RegistryError, RegistryUnavailable, Unauthorized
from jupyter_kit.registry.http.exchange import Answer
from jupyter_kit.registry.http.secret import redact
from jupyter_kit.registry.http.waiting import AGAIN, retry_after_seconds

CODES_MAX = 10
"""Errors of one answer that are looked at."""

BLOB_MISSING = "MANIFEST_BLOB_UNKNOWN"
"""The code of a manifest whose blobs are not all there."""

SCOPE_MISSING = "insufficient_scope"
"""How a challenge says that the token is good and allows less (RFC 6750, 3.1)."""


def problem(answer: Answer, doing: str) -> KitError:
    """The error for an answer that is none of those awaited; reads its body and closes it. ``doing`` goes on from “while”.

    The result is Unauthorized, Denied, NotFound, RegistryUnavailable, or a RegistryError with the registry's own ``code``.
    """
    codes = parse_codes(answer.start_of_text())
    code, said = codes[0] if codes else ("", "")
    host = answer.request.origin
    told = f" ({': '.join(filter(None, (code, said)))})" if codes else ""
    what = f"{host} answered {answer.status}{told} while {doing}."
    if answer.redirected:
        return RegistryError(what, hint="The registry keeps its blobs there; ask whoever runs it.", code=code)
    if answer.status == 401:
        return Unauthorized(what, hint=f"Sign in: jupyter kit login {host}", code=code)
    if answer.status == 403:
        return Denied(f"{host} does not allow {doing}{told}.", hint="Ask its owner for access, or sign in as somebody else.", code=code)
    if answer.status == 404 and code != BLOB_MISSING:
        return NotFound(f"{host} does not have it{told}: {doing}.", hint="Check the reference, and whether you are signed in.")
    if answer.status in AGAIN:
        seconds = retry_after_seconds(answer.headers)
        when = f"Try again in {seconds:.0f} s." if seconds else "Try again later."
        return RegistryUnavailable(what, hint=when, code=code)
    if answer.status == 413:
        return RegistryError(what, hint="It is larger than this registry takes.", code=code)
    return RegistryError(what, hint="Ask whoever runs it.", code=code)


def parse_codes(data: bytes) -> tuple[tuple[str, str], ...]:
    """The codes and messages in an error's body; empty where it is HTML, plain text or anything else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ()
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ()
    found = [error for error in errors[:CODES_MAX] if isinstance(error, dict)]
    return tuple((redact(str(error.get("code") or ""))[:60], redact(str(error.get("message") or ""))) for error in found)
