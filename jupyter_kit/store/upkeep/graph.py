"""The graph of blobs that a reference leads to: a manifest or index, its children, and theirs."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Index, decode
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.store.format.references import hexadecimal
from jupyter_kit.store.store import Store


def graph(store: Store, digest: str, name: str) -> Iterator[tuple[str, str]]:
    """(what it is, hexadecimal digest) of the manifest ``name`` and of everything below it, each manifest before what it names.

    Raises ContentCorrupt where a manifest cannot be read or is none; what it names is not known then.
    """
    ahead = [(name, digest)]
    met: set[str] = set()
    while ahead:
        what, manifest = ahead.pop()
        if manifest in met:
            continue
        met.add(manifest)
        yield what, manifest
        for part, child, nested in _children(store, manifest, what):
            if nested:
                ahead.append((part, child))
            else:
                yield part, child


def _children(store: Store, digest: str, name: str) -> list[tuple[str, str, bool]]:
    """(what it is, digest, whether it is a manifest itself) of all that a manifest names; nothing where the manifest is missing.

    What an image manifest names are blobs, whatever they say that they are (distribution-spec, “Pushing Manifests”).
    """
    row = store.blob_row(digest)
    if row is None:
        return []
    if row.size > MANIFEST_BYTES_MAX:
        raise ContentCorrupt(f"What {name} names is too long for a manifest.", hint="Remove the reference.")
    try:
        manifest = decode(store.blob(digest), name)
        words = [f"manifest {n}" for n in range(1, 1 + len(manifest.children))]
        if not isinstance(manifest, Index):
            words = ["config", *(f"layer {n}" for n in range(1, 1 + len(manifest.layers)))]
        return [
            (f"{name} {word}", hexadecimal(child.digest), isinstance(manifest, Index) and is_manifest(child.media_type))
            for word, child in zip(words, manifest.children, strict=True)
        ]
    except (InvalidInput, UnsupportedFormat, NotFound) as error:
        raise ContentCorrupt(f"The manifest of {name} cannot be used: {error.message}", hint="Remove the reference.") from error
