"""What a registry can do, as its answers told."""

from __future__ import annotations

import re
from dataclasses import dataclass

_REFUSES_CHUNKS = re.compile(r"ghcr\.io|.+\.pkg\.dev|(?:.+\.)?gcr\.io|.+\.amazonaws\.com(?:\.cn)?")
"""Registries that break uploads in chunks in ways their answers do not show in time (oci.md 1.3): the only list by name."""


@dataclass
class Capabilities:
    """Each is None until an answer has told. Shared by all threads: every field is written at once and only ever more true to the host."""

    ranges: bool | None = None
    """Parts of a blob can be fetched."""
    chunks: bool | None = None
    """Blobs can be uploaded in chunks, so that an upload can be resumed."""
    referrers: bool | None = None
    """It lists referrers itself; without, they are kept under a tag."""
    untag: bool | None = None
    """It deletes a tag by its name."""


def initial(host: str) -> Capabilities:
    """What is known of a registry, by its name without a port, before the first answer."""
    return Capabilities(chunks=False if _REFUSES_CHUNKS.fullmatch(host) else None)
