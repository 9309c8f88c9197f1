"""What a remote saw of audit logs: the anchors that pushes left in its manifests, which nobody can take back by changing a store."""

from __future__ import annotations

import threading
from typing import NamedTuple

from jupyter_kit.errors import InvalidInput, NotFound, RegistryError
from jupyter_kit.oci.target import Source
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.sync.format.published import PushAnchor, find_published

CONCURRENCY = 4
"""Manifests read at once."""

MANIFESTS_MAX = 20_000
"""Snapshots of one remote that are asked: some minutes."""


class Witness(NamedTuple):
    """An anchor, and the snapshot (the tag that names it for good) whose manifest has it."""

    tag: str
    anchor: PushAnchor


def witnesses(source: Source, progress: Progress | None = None) -> tuple[Witness, ...]:
    """Every anchor in manifests of snapshots; what is none is left out. Raises as the source does, RegistryError past the limit."""
    progress = progress or Silent()
    tags = [tag for tag in source.tags() if tag.startswith("s-")]
    if len(tags) > MANIFESTS_MAX:
        raise RegistryError(f"{source.name} has more than {MANIFESTS_MAX:,} snapshots.", hint="Verify without it.")
    found: list[Witness] = []
    adding = threading.Lock()

    def look(tag: str, advance: Advance) -> None:
        try:
            published = find_published(source, tag)
        except (InvalidInput, NotFound):
            published = None
        if published is not None and published.anchor is not None:
            with adding:
                found.append(Witness(tag, published.anchor))
        advance(1, path=tag)

    with phase(progress, f"Asking {source.name} what it saw", total=len(tags), unit="blobs"):
        in_parallel(look, tags, progress, concurrency=CONCURRENCY)
    return tuple(sorted(found))
