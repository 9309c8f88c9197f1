"""What a registry's refusal means: statuses and error codes become our errors (distribution-spec, “Error Codes”)."""

from __future__ import annotations

import json
import re
from typing import NamedTuple

from jupyter_kit.errors import BlobMissing, Denied, KitError, NotFound, RegistryError, RegistryUnavailable, Unauthorized
from jupyter_kit.registry.http.exchange import Answer
from jupyter_kit.registry.http.secret import redact
from jupyter_kit.registry.http.waiting import AGAIN, retry_after_seconds

REFUSALS_MAX = 100
"""Errors of one answer that are looked at."""

CODE_LENGTH_MAX = 60
"""Characters of a code: the longest of the specification has 21."""

DETAIL_LENGTH_MAX = 1000
"""Characters of an error's detail in which digests are looked for."""

BLOB_MISSING = "MANIFEST_BLOB_UNKNOWN"
"""The code of a manifest whose blobs are not all there."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")

SCOPE_MISSING = "insufficient_scope"
"""How a challenge says that the token is good and allows less (RFC 6750, 3.1)."""


class Refusal(NamedTuple):
    """One error in a registry's answer: its code, what it says, and the digests that it names."""

    code: str
    said: str
    digests: tuple[str, ...]


def problem(answer: Answer, doing: str) -> KitError:
    """The error for an answer that is none of those awaited; reads its body and closes it. ``doing`` goes on from “while”.

    The result is Unauthorized, Denied, NotFound, BlobMissing, RegistryUnavailable, or a RegistryError with the registry's own ``code``.
    """
    refusals = parse_refusals(answer.start_of_text())
    code, said, _ = refusals[0] if refusals else Refusal("", "", ())
    host = answer.request.origin
    told = f" ({': '.join(filter(None, (code, said)))})" if refusals else ""
    what = f"{host} answered {answer.status}{told} while {doing}."
    if answer.redirected:
        return RegistryError(what, hint="The registry keeps its blobs there; ask whoever runs it.", code=code)
    if answer.status == 401:
        return Unauthorized(what, hint=f"Sign in: jupyter kit login {host}", code=code)
    if answer.status == 403:
        return Denied(f"{host} does not allow {doing}{told}.", hint="Ask its owner for access, or sign in as somebody else.", code=code)
    if BLOB_MISSING in {refusal.code for refusal in refusals}:
        digests = tuple(digest for refusal in refusals for digest in refusal.digests)
        return BlobMissing(f"{host} lacks blobs of a manifest{told} while {doing}.", digests=digests)
    if answer.status == 404:
        return NotFound(f"{host} does not have it{told}: {doing}.", hint="Check the reference, and whether you are signed in.")
    if answer.status in AGAIN:
        seconds = retry_after_seconds(answer.headers)
        when = f"Try again in {seconds:.0f} s." if seconds else "Try again later."
        return RegistryUnavailable(what, hint=when, code=code)
    if answer.status == 413:
        return RegistryError(what, hint="It is larger than this registry takes.", code=code)
    return RegistryError(what, hint="Ask whoever runs it.", code=code)


def parse_refusals(data: bytes) -> tuple[Refusal, ...]:
    """The errors in a body; empty where it is HTML, plain text or anything else."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return ()
    errors = document.get("errors") if isinstance(document, dict) else None
    if not isinstance(errors, list):
        return ()
    return tuple(_refusal(error) for error in errors[:REFUSALS_MAX] if isinstance(error, dict))


def _refusal(error: dict[str, object]) -> Refusal:
    detail = json.dumps(error.get("detail"))[:DETAIL_LENGTH_MAX]
    code, said = (redact(str(error.get(field) or "")) for field in ("code", "message"))
    return Refusal(code[:CODE_LENGTH_MAX], said, tuple(_DIGEST.findall(detail)))
