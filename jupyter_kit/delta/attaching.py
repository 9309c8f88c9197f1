"""Attaching chunk recipes to a ModelKit that was pushed: one manifest that refers to it, with a recipe for each layer worth one."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.delta.recipe import describe
from jupyter_kit.errors import Cancelled, KitError
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, decode, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_MANIFEST
from jupyter_kit.oci.target import Piece, Referrers, Source, Target
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.store.store import Store

RECIPES_TYPE = "application/vnd.jupyter-kit.recipes.v1+json"
"""Artifact type of the manifest that refers to a ModelKit's."""

RECIPE_TYPE = "application/vnd.jupyter-kit.recipe.v1+zstd"

LAYER = "vnd.jupyter-kit.layer"
"""Annotation of a recipe: the digest of its layer."""

LAYER_BYTES_MIN = MIB
"""A layer of fewer bytes is fetched sooner than what differs in it is found out."""

PLAIN = (".tar", ".raw")
"""How the media types of layers end that are not compressed: in others, a changed byte changes all that follow."""


def attach(store: Store, source: Source, root: Descriptor, target: Target, progress: Progress | None = None) -> int:
    """Attach recipes to the ModelKit ``root``, which ``source`` has out of ``store``, where it is in ``target``; returns the bytes sent.

    Recipes only make later pulls shorter, so whatever is in their way (a place that keeps no referrers) is no error. Raises Cancelled.
    """
    if not isinstance(target, Referrers):
        return 0
    sent = 0
    try:
        with phase(progress or Silent(), "Describing layers"):
            recipes: list[Descriptor] = []
            for layer in layers_of(source, root):
                packed = _described(store, layer)
                if packed is not None:
                    recipe = descriptor_of(packed, RECIPE_TYPE, {LAYER: layer.digest})
                    sent += _keep(target, recipe, packed)
                    recipes.append(recipe)
                (progress or Silent()).advance(0, path=layer.short)
            if recipes:
                config = descriptor_of(b"{}", EMPTY)
                subject = Descriptor(root.media_type, root.digest, root.size)
                manifest = encode_manifest(Manifest(config, tuple(recipes), RECIPES_TYPE, OCI_MANIFEST, subject))
                sent += _keep(target, config, b"{}") + _keep(target, descriptor_of(manifest, OCI_MANIFEST), manifest)
    except Cancelled:
        raise
    except (KitError, OSError):
        pass
    return sent


def layers_of(source: Source, root: Descriptor) -> list[Descriptor]:
    """The layers of a manifest that may have a recipe, each once; none where it is no image manifest. Raises as reading it does."""
    if root.media_type != OCI_MANIFEST or root.size > MANIFEST_BYTES_MAX:
        return []
    manifest = decode(b"".join(map(bytes, source.fetch(root))), root.short)
    layers = manifest.layers if isinstance(manifest, Manifest) else ()
    worth = {
        layer.digest: layer
        for layer in layers
        if layer.media_type.endswith(PLAIN) and layer.size >= LAYER_BYTES_MIN and layer.digest.startswith("sha256:")
    }
    return list(worth.values())


def _described(store: Store, layer: Descriptor) -> bytes | None:
    row = store.blob_row(layer.digest.removeprefix("sha256:"))
    return None if row is None else describe(store, row.root.hex())


def _keep(target: Target, descriptor: Descriptor, data: bytes) -> int:
    """Push a blob or manifest that is not there yet; returns the bytes that took."""
    if target.exists(descriptor):
        return 0

    def content(start: int) -> Iterator[Piece]:
        yield data[start:]

    target.push(descriptor, content)
    return descriptor.size
