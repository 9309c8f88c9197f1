"""What the manifests in a folder refer to: what must be there, and what else may go."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_kit.errors import BlobMissing, InvalidInput, KitError
from jupyter_kit.oci.descriptor import PUSH_AGAIN, Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Index, Manifest, decode
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.registry.folder import Folder

DEPTH_MAX = 8
"""Indexes in indexes: real ones have two."""


def read_manifest(folder: Folder, descriptor: Descriptor) -> Manifest | Index:
    """Raises NotFound, ContentCorrupt, InvalidInput, UnsupportedFormat."""
    name = f"{descriptor.short} in {folder.name}"
    if descriptor.size > MANIFEST_BYTES_MAX:
        raise InvalidInput(f"The manifest {name} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
    return decode(b"".join(folder.fetch(descriptor)), name)


def check_children(folder: Folder, manifest: Manifest | Index, name: str) -> None:
    """Raises BlobMissing where something is not there that a manifest refers to."""
    missing = {child.digest: child for child in manifest.children if not folder.holds(child)}
    if missing:
        shown = next(iter(missing.values())).short + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
        raise BlobMissing(f"{folder.name} lacks {shown}, which the manifest {name} refers to.", digests=tuple(missing))


def reached(folder: Folder, roots: Iterable[Descriptor]) -> list[str]:
    """Digests of ``roots``, then of everything below them. Raises InvalidInput for deep nesting, and what reading raises."""
    found: dict[str, None] = {}
    level = list(roots)
    for _ in range(DEPTH_MAX):
        level = [descriptor for descriptor in {entry.digest: entry for entry in level}.values() if descriptor.digest not in found]
        found.update(dict.fromkeys(descriptor.digest for descriptor in level))
        manifests = [descriptor for descriptor in level if is_manifest(descriptor.media_type)]
        level = [child for manifest in manifests for child in read_manifest(folder, manifest).children]
        if not level:
            return list(found)
    raise InvalidInput(f"{folder.name} nests indexes too deeply.", hint="Name one of the ModelKits in it.")


def drop_unreached(folder: Folder, gone: Descriptor, roots: Iterable[Descriptor]) -> None:
    """Remove what only ``gone`` referred to, then it: dying in between, it still tells what else has to go.

    What cannot be told for sure stays. Only while the folder is locked.
    """
    try:
        below, still = reached(folder, [gone]), set(reached(folder, roots))
    except KitError:
        return  # Damage or a foreign form: a blob too many costs room, one too few costs a model.
    for digest in reversed(below):
        if digest not in still:
            folder.drop(digest)
