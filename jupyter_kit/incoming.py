"""A ModelKit that comes into the store: as much of it as can be is made of what is here already, the rest is copied.

First layers are made of the files of snapshots, then of chunks and of ranges of what differs, where the pusher attached recipes. Whatever
neither brought about, the copy fetches whole. Digests decide at every step.
"""

from __future__ import annotations

from jupyter_kit.delta.filling import Filled, fill
from jupyter_kit.modelkit.packing.rebuilding import rebuild
from jupyter_kit.places import Spot
from jupyter_kit.progress import Progress
from jupyter_kit.store.store import Store
from jupyter_kit.transfer import CONCURRENCY, Copied, copy


def bring(
    store: Store, outside: Spot, held: Spot, progress: Progress | None = None, *, concurrency: int = CONCURRENCY
) -> tuple[Copied, Filled]:
    """Bring a ModelKit into the store, and let the name of ``held`` name it there. The caller holds ``store.shared()``.

    Raises what :func:`~jupyter_kit.transfer.copy` raises.
    """
    rebuild(store, outside.place, outside.name, progress)
    root = outside.resolve()
    filled = fill(store, outside.place, root, held.place, progress)
    tag = None if ":" in held.name else held.name
    return copy(outside.place, held.place, root, tag=tag, progress=progress, concurrency=concurrency), filled
