"""What each kind of error means to a shell, to a browser, and to somebody looking at the screen."""

from __future__ import annotations

from typing import Literal

from jupyter_kit.errors import Cancelled, Kind, KitError
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport

Severity = Literal["info", "warning", "error"]

UNEXPECTED = 70
"""Exit code of an error that is not a KitError: EX_SOFTWARE of sysexits.h."""

BROKEN_PIPE = 141
"""Exit code where the reader went away: 128 + SIGPIPE, as shells tell it."""

EXIT_CODE: dict[Kind, int] = {
    Kind.INVALID_INPUT: 2,
    Kind.INVALID_IGNORE_FILE: 2,
    Kind.INVALID_SETTINGS: 2,
    Kind.INVALID_KITFILE: 2,
    Kind.OUTSIDE_WORKSPACE: 2,
    Kind.NOT_FOUND: 3,
    Kind.NO_WORKSPACE: 3,
    Kind.CONFLICT: 4,
    Kind.AMBIGUOUS: 4,
    Kind.BLOB_MISSING: 4,
    Kind.DIVERGED: 4,
    Kind.FILE_CHANGED: 4,
    Kind.STORE_BUSY: 5,
    Kind.STORE_UNAVAILABLE: 5,
    Kind.NETWORK_FILE_SYSTEM: 5,
    Kind.PERMISSION_DENIED: 5,
    Kind.STORE_FULL: 6,
    Kind.CONTENT_CORRUPT: 7,
    Kind.AUDIT_BROKEN: 7,
    Kind.UNSUPPORTED_FORMAT: 8,
    Kind.REGISTRY_ERROR: 9,
    Kind.UNAUTHORIZED: 10,
    Kind.DENIED: 11,
    Kind.REGISTRY_UNAVAILABLE: 12,
    Kind.TRANSFER_FAILED: 13,
    Kind.POLICY_VIOLATION: 14,
    Kind.CANCELLED: 130,
}
"""One code for each thing a script would do about it; 1 is left to Python itself, 2 is what shells give wrong usage, 130 an interrupt."""

HTTP_STATUS: dict[Kind, int] = {
    Kind.INVALID_INPUT: 400,
    Kind.INVALID_IGNORE_FILE: 400,
    Kind.INVALID_SETTINGS: 400,
    Kind.INVALID_KITFILE: 400,
    Kind.OUTSIDE_WORKSPACE: 400,
    Kind.NOT_FOUND: 404,
    Kind.NO_WORKSPACE: 404,
    Kind.CONFLICT: 409,
    Kind.AMBIGUOUS: 409,
    Kind.BLOB_MISSING: 409,
    Kind.DIVERGED: 409,
    Kind.FILE_CHANGED: 409,
    Kind.STORE_BUSY: 503,
    Kind.STORE_UNAVAILABLE: 503,
    Kind.NETWORK_FILE_SYSTEM: 503,
    Kind.PERMISSION_DENIED: 500,
    Kind.STORE_FULL: 507,
    Kind.CONTENT_CORRUPT: 500,
    Kind.AUDIT_BROKEN: 500,
    Kind.UNSUPPORTED_FORMAT: 501,
    Kind.REGISTRY_ERROR: 502,
    Kind.UNAUTHORIZED: 424,
    Kind.DENIED: 424,
    Kind.REGISTRY_UNAVAILABLE: 504,
    Kind.TRANSFER_FAILED: 502,
    Kind.POLICY_VIOLATION: 422,
    Kind.CANCELLED: 409,
}
"""Never 401 or 403: in a browser those are Jupyter's own answers, about the server's token and not about a registry or a folder."""

SEVERITY: dict[Kind, Severity] = {
    Kind.INVALID_INPUT: "warning",
    Kind.INVALID_IGNORE_FILE: "warning",
    Kind.INVALID_SETTINGS: "warning",
    Kind.INVALID_KITFILE: "warning",
    Kind.OUTSIDE_WORKSPACE: "warning",
    Kind.NOT_FOUND: "warning",
    Kind.NO_WORKSPACE: "info",
    Kind.CONFLICT: "warning",
    Kind.AMBIGUOUS: "warning",
    Kind.BLOB_MISSING: "warning",
    Kind.DIVERGED: "warning",
    Kind.FILE_CHANGED: "warning",
    Kind.STORE_BUSY: "warning",
    Kind.STORE_UNAVAILABLE: "error",
    Kind.NETWORK_FILE_SYSTEM: "error",
    Kind.PERMISSION_DENIED: "error",
    Kind.STORE_FULL: "error",
    Kind.CONTENT_CORRUPT: "error",
    Kind.AUDIT_BROKEN: "error",
    Kind.UNSUPPORTED_FORMAT: "error",
    Kind.REGISTRY_ERROR: "error",
    Kind.UNAUTHORIZED: "warning",
    Kind.DENIED: "error",
    Kind.REGISTRY_UNAVAILABLE: "warning",
    Kind.TRANSFER_FAILED: "error",
    Kind.POLICY_VIOLATION: "warning",
    Kind.CANCELLED: "info",
}
"""``error`` where work or data is in danger, ``warning`` where asking again helps, ``info`` where nothing is wrong."""


def exit_code(answer: object) -> int:
    """The exit code of a verb that answered: 0, or that of the kind of fault which a check found."""
    if isinstance(answer, CheckReport) and not answer.ok:
        return EXIT_CODE[Kind.CONTENT_CORRUPT]
    if isinstance(answer, AuditReport) and not answer.ok:
        return EXIT_CODE[Kind.AUDIT_BROKEN]
    return 0


def told(problem: BaseException) -> KitError:
    """What the user is told of anything that was raised: an error of ours as it is, an interrupt, or that we made a mistake."""
    if isinstance(problem, KitError):
        return problem
    if isinstance(problem, KeyboardInterrupt):
        return Cancelled("Cancelled; nothing half-done is left.")
    return KitError(
        f"Something went wrong that should not have: {type(problem).__name__}: {problem}.",
        hint="Run it again with JUPYTER_KIT_DEBUG=1 to see where, and report that. What was kept before is intact.",
    )
