"""Every error a user can meet, as one tree grouped by what the catcher would do.

    KitError
    ├── InvalidInput        the request is wrong; ask again, corrected
    ├── NotFound            the thing named does not exist
    ├── Conflict            something moved in between; look, then try again
    │   └── BlobMissing     a manifest came before what it refers to; push that, then the manifest again
    ├── StoreUnavailable    the store cannot be used now; mend what is named, then try again
    │   └── StoreFull       no room; free some, then run the same command again
    ├── ContentCorrupt      bytes on disk are not the bytes that were kept; run check
    ├── UnsupportedFormat   written by something newer or other; upgrade
    ├── RegistryError       the registry answered with an error
    │   ├── Unauthorized    sign in
    │   ├── Denied          signed in, not allowed
    │   └── RegistryUnavailable  try again later
    ├── TransferError       a copy between two places failed; says which side
    ├── PolicyViolation     a rule of the team says no
    └── Cancelled           the user said stop

Each error carries a ``kind`` from :class:`Kind`. Kinds are stable: programs match on them, front ends map them to exit codes, HTTP
statuses and notifications. Kinds are only ever added.
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar


class Kind(str, Enum):
    """What happened, for programs. The value is the word that ``--json`` and REST replies show."""

    INVALID_INPUT = "invalid-input"
    INVALID_IGNORE_FILE = "invalid-ignore-file"
    INVALID_SETTINGS = "invalid-settings"
    INVALID_KITFILE = "invalid-kitfile"
    OUTSIDE_WORKSPACE = "outside-workspace"
    NOT_FOUND = "not-found"
    NO_WORKSPACE = "no-workspace"
    CONFLICT = "conflict"
    AMBIGUOUS = "ambiguous"
    FILE_CHANGED = "file-changed"
    STORE_BUSY = "store-busy"
    STORE_UNAVAILABLE = "store-unavailable"
    STORE_FULL = "store-full"
    NETWORK_FILE_SYSTEM = "network-file-system"
    PERMISSION_DENIED = "permission-denied"
    CONTENT_CORRUPT = "content-corrupt"
    AUDIT_BROKEN = "audit-broken"
    UNSUPPORTED_FORMAT = "unsupported-format"
    REGISTRY_ERROR = "registry-error"
    UNAUTHORIZED = "unauthorized"
    DENIED = "denied"
    REGISTRY_UNAVAILABLE = "registry-unavailable"
    TRANSFER_FAILED = "transfer-failed"
    POLICY_VIOLATION = "policy-violation"
    CANCELLED = "cancelled"
    BLOB_MISSING = "blob-missing"
    DIVERGED = "diverged"


class KitError(Exception):
    """An error told to the user: what happened, to which file, and what to do next.

    ``message`` is one sentence that names the file or thing; ``hint`` is the next step, as a sentence; ``path`` is the file concerned,
    for programs, where there is one.
    """

    default: ClassVar[Kind] = Kind.INVALID_INPUT

    def __init__(self, message: str, *, kind: Kind | None = None, hint: str = "", path: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.kind = kind or self.default
        self.hint = hint
        self.path = path

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".rstrip()


class InvalidInput(KitError):
    """The request itself is wrong."""

    default = Kind.INVALID_INPUT


class NotFound(KitError):
    """The snapshot, tag, file or workspace named does not exist."""

    default = Kind.NOT_FOUND


class Conflict(KitError):
    """Something else moved in between, or the name fits more than one thing."""

    default = Kind.CONFLICT


class BlobMissing(Conflict):
    """A manifest was pushed, and a place lacks what it refers to: ``digests``, as far as the place told which.

    Registries answer MANIFEST_BLOB_UNKNOWN (distribution-spec, “Error Codes”).
    """

    default = Kind.BLOB_MISSING

    def __init__(self, message: str, *, digests: tuple[str, ...] = (), hint: str = "Push it again.") -> None:
        super().__init__(message, hint=hint)
        self.digests = digests


class StoreUnavailable(KitError):
    """The store cannot be opened, read or written now."""

    default = Kind.STORE_UNAVAILABLE


class StoreFull(StoreUnavailable):
    """The disk or the index has no room left. What was kept before is intact."""

    default = Kind.STORE_FULL


class ContentCorrupt(KitError):
    """Bytes read from the store are not the bytes that were kept."""

    default = Kind.CONTENT_CORRUPT


class UnsupportedFormat(KitError):
    """A format version or feature that this version does not know."""

    default = Kind.UNSUPPORTED_FORMAT


class RegistryError(KitError):
    """The registry answered with an error. ``code`` is its own word for it, ``BLOB_UNKNOWN``, where it gave one."""

    default = Kind.REGISTRY_ERROR

    def __init__(self, message: str, *, kind: Kind | None = None, hint: str = "", path: str | None = None, code: str = "") -> None:
        super().__init__(message, kind=kind, hint=hint, path=path)
        self.code = code


class Unauthorized(RegistryError):
    """The registry wants credentials, or refuses those it was given."""

    default = Kind.UNAUTHORIZED


class Denied(RegistryError):
    """The credentials are good and do not allow this."""

    default = Kind.DENIED


class RegistryUnavailable(RegistryError):
    """The registry cannot be reached, or asks to come back later."""

    default = Kind.REGISTRY_UNAVAILABLE


class TransferError(KitError):
    """Copying between two places failed. ``origin`` says on which side, ``operation`` at what."""

    default = Kind.TRANSFER_FAILED

    def __init__(self, message: str, *, origin: str, operation: str, kind: Kind | None = None, hint: str = "") -> None:
        super().__init__(message, kind=kind, hint=hint)
        self.origin = origin
        self.operation = operation


class PolicyViolation(KitError):
    """A policy of the workspace refuses this."""

    default = Kind.POLICY_VIOLATION


class Cancelled(KitError):
    """The user cancelled; nothing half-done is left."""

    default = Kind.CANCELLED
