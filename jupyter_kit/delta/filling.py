"""Layers that are about to be pulled, made of chunks that are here and of ranges of the rest, by the recipes that a pusher attached.

Nothing depends on a recipe: the store takes a layer only where its digest says so, and a layer that does not come about this way is
fetched whole by the copy that follows. What a recipe claims is bounded before any of it is read.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from dataclasses import dataclass

from jupyter_kit.delta.attaching import LAYER, RECIPE_TYPE, RECIPES_TYPE, layers_of
from jupyter_kit.delta.joining import Joined, Plan, plan
from jupyter_kit.delta.recipe import RECIPE_BYTES_MAX, decode
from jupyter_kit.errors import Cancelled, ContentCorrupt, KitError, NotFound
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest
from jupyter_kit.oci.manifest import decode as decode_manifest
from jupyter_kit.oci.target import Ranged, Referrers, Source, Target
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store

REFERRERS_MAX = 3
"""Manifests with recipes that are read: more than one is there only where somebody attached others."""

MISSING_SHARE_MAX = 0.6
"""A layer of which more than this is missing is fetched whole: that is quicker than joining it."""

CONCURRENCY = 4
"""Layers made at once."""


@dataclass(frozen=True)
class Filled:
    """What recipes spared: the layers made, their bytes, and the bytes fetched for them, recipes and failed attempts included."""

    layers: int = 0
    bytes: int = 0
    received_bytes: int = 0


def fill(store: Store, source: Source, root: Descriptor, target: Target, progress: Progress | None = None) -> Filled:
    """Make what can be made of the layers of ``root`` that ``target``, which is in ``store``, lacks.

    What is wrong with manifest, layers or recipes is left for the copy to tell. The caller holds ``store.shared()``. Raises Cancelled,
    StoreFull, StoreUnavailable.
    """
    if not isinstance(source, Referrers) or not store.environment.entries(Table.CHUNKS):
        return Filled()
    work = _Filling(store, source, target)
    try:
        lacking = {layer.digest: layer for layer in layers_of(source, root) if not target.exists(layer)}
        plans = work.plans(root, lacking) if lacking else []
    except Cancelled:
        raise
    except (KitError, OSError):
        return Filled(received_bytes=work.received)
    total = sum(planned.missing_bytes for planned in plans)
    with phase(progress or Silent(), f"Fetching what is new from {source.name}", total=total):
        in_parallel(work.make, plans, progress or Silent(), concurrency=CONCURRENCY)
    return Filled(len(work.made), sum(layer.size for layer in work.made), work.received)


class _Filling:
    """One call of :func:`fill`."""

    def __init__(self, store: Store, source: Source, target: Target) -> None:
        self._store = store
        self._source = source
        self._target = target
        self._counting = threading.Lock()
        self.made: list[Descriptor] = []
        self.received = 0

    def plans(self, root: Descriptor, lacking: dict[str, Descriptor]) -> list[Plan]:
        """How to make each of these layers whose recipe says that enough of it is here. Raises as the source does."""
        plans = []
        for digest, recipe in self._recipes(root).items():
            layer = lacking.get(digest)
            if layer is not None and recipe.size <= RECIPE_BYTES_MAX:
                with suppress(ContentCorrupt, NotFound):
                    planned = plan(self._store, layer, decode(self._read(recipe), layer.size))
                    if planned.missing_bytes <= MISSING_SHARE_MAX * layer.size and (not planned.missing_bytes or self._has_ranges(layer)):
                        plans.append(planned)
        return plans

    def _recipes(self, root: Descriptor) -> dict[str, Descriptor]:
        """The recipes that are attached, by the digest of their layer."""
        assert isinstance(self._source, Referrers)
        found: dict[str, Descriptor] = {}
        for referrer in self._source.referrers(root, RECIPES_TYPE)[:REFERRERS_MAX]:
            if referrer.size <= MANIFEST_BYTES_MAX:
                manifest = decode_manifest(self._read(referrer), referrer.short)
                for recipe in manifest.layers if isinstance(manifest, Manifest) else ():
                    if recipe.media_type == RECIPE_TYPE:
                        found.setdefault(recipe.annotations.get(LAYER, ""), recipe)
        return found

    def _has_ranges(self, layer: Descriptor) -> bool:
        """Whether the place gives parts of a blob. One that was never asked is: by then, a whole layer could be on its way."""
        if isinstance(self._source, Ranged) and self._source.ranges is None:
            self.received += sum(map(len, self._source.fetch(layer, 0, 1)))
        return not isinstance(self._source, Ranged) or bool(self._source.ranges)

    def _read(self, descriptor: Descriptor) -> bytes:
        data = b"".join(map(bytes, self._source.fetch(descriptor)))
        self.received += len(data)
        return data

    def make(self, planned: Plan, advance: Advance) -> None:
        """Push a layer into the store, which compares it with its digest. One that cannot be made is left out."""
        layer = planned.layer

        def told(block: bytes) -> None:
            with self._counting:
                self.received += len(block)
            advance(len(block), path=layer.short, of=planned.missing_bytes)

        try:
            self._target.push(layer, Joined(self._store, self._source, planned, told).content)
        except Cancelled:
            raise
        except (KitError, OSError):
            return
        self.made.append(layer)
