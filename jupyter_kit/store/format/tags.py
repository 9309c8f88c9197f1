"""Tags: names people give to snapshots and ModelKits, and the two that the tool moves itself."""

from __future__ import annotations

import re

from jupyter_kit.errors import InvalidInput

HEAD = "HEAD"
"""The snapshot that the workspace was last captured as, or rolled back to."""

LATEST = "latest"
"""The newest snapshot."""

RESERVED = frozenset({HEAD, LATEST})
"""Moved by snapshot and rollback only."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127}")
"""A tag in the OCI distribution specification, so that every tag can be pushed as it is."""

_LIKE_AN_ID = re.compile(r"[0-9a-f]{4,64}")


def check_tag_name(name: str) -> None:
    """Raises InvalidInput for a name that no tag may have."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(
            f"“{name}” cannot be a tag.",
            hint="Use letters, digits, “_”, “.” and “-”, at most 128, not beginning with “.” or “-”.",
        )
    if _LIKE_AN_ID.fullmatch(name):
        raise InvalidInput(f"“{name}” cannot be a tag: it reads like a snapshot's id.", hint="Add a letter behind f, or a “v” before it.")
