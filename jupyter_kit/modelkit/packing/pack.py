"""Packing: a snapshot and a Kitfile become a ModelKit in the store. The workspace is not read, and no content is kept twice.

Uncompressed layers, config and manifest are byte for byte what kit of generation G2 writes for the same files and version string
(kitops.md 1). Layers are composed from the chunks that the snapshot has; one that was packed before is not read again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jupyter_kit.chunking.chunker import Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_64K
from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.archive.gzipping import GZIP_LEVELS, Gzipped, key_of, keys_of
from jupyter_kit.modelkit.kitfile import Kitfile, entries, to_json, with_entries
from jupyter_kit.modelkit.layer_types import (
    CLI_VERSION,
    CNCF_CONFIG,
    CNCF_MANIFEST,
    FILEPATH,
    KIT_CONFIG,
    KIT_MANIFEST,
    KITFILE,
    SUBTYPE,
    SUBTYPE_PROMPT,
    LayerKind,
    LayerType,
    media_type,
)
from jupyter_kit.modelkit.layers import Layer, clean, is_reference, plan_layers, tar_parts
from jupyter_kit.modelkit.packing.modelpack import model_config
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest, encode_manifest
from jupyter_kit.oci.reference import LOCAL, NO_REPOSITORY, Reference
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.snapshot.capture import Record
from jupyter_kit.snapshot.records import read_files
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.store.format.schema import BlobRow
from jupyter_kit.store.reading.digests import remembered
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer
from jupyter_kit.system import Buffer

Compression = Literal["none", "gzip", "gzip-fastest"]

PARENTS_MAX = 10
"""Length of a chain of parents, as kit has it."""

PACKED = Selection(FASTCDC_64K, "never")
"""How compressed layers are cut."""


@dataclass(frozen=True)
class PackedLayer:
    """A layer of a packed ModelKit: the Kitfile's entry, the path, and what is stored. ``size`` is in bytes, as stored.

    ``new_bytes`` of it are in no snapshot: headers, or everything where it is compressed. 0 where the store had the layer already.
    """

    name: str
    kind: LayerKind
    path: str
    media_type: str
    digest: str
    diff_id: str
    size: int
    new_bytes: int


@dataclass(frozen=True)
class PackResult:
    """A ModelKit that was packed. ``references`` name it now; ``digest`` is its manifest's; ``snapshot`` the id it was packed from."""

    references: tuple[str, ...]
    digest: str
    size: int
    config: Descriptor
    layers: tuple[PackedLayer, ...]
    kitfile: Kitfile
    snapshot: str
    bytes: int
    new_bytes: int
    seconds: float

    @property
    def reference(self) -> str:
        """The first of its references."""
        return self.references[0]


def pack(
    store: Store,
    snapshot: Snapshot,
    kitfile: Kitfile,
    references: Sequence[Reference] = (),
    *,
    cli_version: str,
    compression: Compression = "none",
    modelpack: bool = False,
    created: str | None = None,
    parent: Callable[[str], Kitfile] | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
) -> PackResult:
    """Pack what the snapshot holds as the Kitfile says, and let the references name it (without a tag: ``latest``).

    ``cli_version`` goes into the manifest as the version of kit. ``created`` (RFC 3339; the snapshot's time where it is not given) is told
    by ModelPacks only. ``parent`` answers the Kitfile of a ModelKit that ``model.path`` refers to. ``record`` is called in the transaction
    that sets the references, with the digest.

    Raises NotFound and InvalidInput for paths that cannot be packed, InvalidInput for a reference with a digest and for a chain of
    parents without end, StoreFull, and what ``parent`` raises.
    """
    started = time.monotonic()
    progress = progress or Silent()
    names = tuple(dict.fromkeys(map(_name, references)))
    with store.writer() as writer:
        layers = plan_layers(kitfile, read_files(store, snapshot), parent_paths(kitfile, parent) if parent else ())
        packed = []
        with phase(progress, "Packing layers", total=sum(member.size or 0 for layer in layers for member in layer.members)):
            for layer in layers:
                progress.advance(0, path=layer.path)
                packed.append(_pack_layer(store, writer, layer, compression, modelpack=modelpack, progress=progress))
        kitfile = _with_digests(kitfile, {layer.name: layer for layer in packed})
        config, config_bytes, manifest = _documents(kitfile, packed, cli_version, created or snapshot.created, modelpack=modelpack)
        writer.add_blob(config_bytes)
        digest = writer.add_blob(manifest)
        names = names or (f"{LOCAL}/{NO_REPOSITORY}@sha256:{digest}",)
        with writer.transaction() as transaction:
            for name in names:
                transaction.set_reference(name, digest)
            if record is not None:
                record(transaction, (f"sha256:{digest}",))
    return PackResult(
        references=names,
        digest=f"sha256:{digest}",
        size=len(manifest),
        config=config,
        layers=tuple(packed),
        kitfile=kitfile,
        snapshot=snapshot.id,
        bytes=sum(layer.size for layer in packed),
        new_bytes=sum(layer.new_bytes for layer in packed),
        seconds=time.monotonic() - started,
    )


def parent_paths(kitfile: Kitfile, parent: Callable[[str], Kitfile]) -> tuple[str, ...]:
    """Clean paths of every layer that the parents of a ModelKit have. Raises InvalidInput for a chain that is too long or a circle."""
    paths: dict[str, None] = {}
    chain: list[str] = []
    while kitfile.model and is_reference(kitfile.model.path):
        following = kitfile.model.path
        if following in chain or len(chain) == PARENTS_MAX:
            what = "goes in a circle" if following in chain else f"is longer than {PARENTS_MAX}"
            raise InvalidInput(f"The chain of parent ModelKits {what}: {' → '.join([*chain, following])}.", hint="Refer to another parent.")
        chain.append(following)
        kitfile = parent(following)
        paths.update(dict.fromkeys(clean(entry.path) for _, entry in entries(kitfile) if entry.path and not is_reference(entry.path)))
    return tuple(paths)


def _name(reference: Reference) -> str:
    if reference.digest:
        raise InvalidInput(f"{reference} names a digest, which only packing can tell.", hint="Name a tag, for example model:v1.")
    return f"{reference.place}:{reference.tagged().tag}"


def _pack_layer(
    store: Store, writer: Writer, layer: Layer, compression: Compression, *, modelpack: bool, progress: Progress
) -> PackedLayer:
    parts = list(tar_parts(layer.members))
    if compression == "none":
        contents_bytes = sum(member.size or 0 for member in layer.members)
        digest, size, new_bytes = _compose(store, writer, parts, contents_bytes, progress)
        diff_id = digest
    else:
        digest, diff_id, size, new_bytes = _compress(store, writer, parts, GZIP_LEVELS[compression], progress)
    stored = LayerType(layer.kind, compression="none" if compression == "none" else "gzip")
    kind = media_type(stored, modelpack=modelpack)
    return PackedLayer(layer.name, layer.kind, layer.path, kind, f"sha256:{digest}", f"sha256:{diff_id}", size, new_bytes)


def _compose(store: Store, writer: Writer, parts: Sequence[bytes | str], contents_bytes: int, progress: Progress) -> tuple[str, int, int]:
    """Digest, bytes and new bytes of a layer as it is. One that was packed before, and is still here, is not put together again."""
    key = key_of(parts, "tar 1")
    known = remembered(store.chunks, key)
    row = store.blob_row(known.hex()) if known else None
    if known and row is not None:
        progress.advance(contents_bytes)
        return known.hex(), row.size, 0
    digest, row = writer.compose(parts, progress)
    writer.remember(key, bytes.fromhex(digest))
    return digest, row.size, 0 if store.blob_row(digest) else row.size - contents_bytes


def _compress(store: Store, writer: Writer, parts: Sequence[bytes | str], level: int, progress: Progress) -> tuple[str, str, int, int]:
    """Digest, diffId, bytes and new bytes of a compressed layer. One that was compressed before, and is still here, is not read again."""
    keys = keys_of(parts, level)
    digest, diff_id = (remembered(store.chunks, key) for key in keys)
    row = store.blob_row(digest.hex()) if digest else None
    if row is not None and digest and diff_id:
        progress.advance(sum(store.size(part) for part in parts if isinstance(part, str)))
        return digest.hex(), diff_id.hex(), row.size, 0
    gzipped = Gzipped(_contents(store, parts, progress), level)
    added = writer.add_stream(gzipped.fill, PACKED)
    digest, diff_id = bytes.fromhex(gzipped.digest), bytes.fromhex(gzipped.diff_id)
    writer.put_blob(digest, BlobRow(added.size, bytes.fromhex(added.root)))
    writer.remember(keys.digest, digest)
    writer.remember(keys.diff_id, diff_id)
    return gzipped.digest, gzipped.diff_id, added.size, added.new_bytes


def _contents(store: Store, parts: Iterable[bytes | str], progress: Progress) -> Iterator[Buffer]:
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        for piece in store.read(part):
            yield piece
            progress.advance(len(piece))


def _with_digests(kitfile: Kitfile, packed: dict[str, PackedLayer]) -> Kitfile:
    """The Kitfile as a config has it: each entry with the digests of its layer."""
    return with_entries(
        kitfile,
        [
            replace(entry, digest=packed[name].digest if name in packed else "", diff_id=packed[name].diff_id if name in packed else "")
            for name, entry in entries(kitfile)
        ],
    )


def _documents(
    kitfile: Kitfile, packed: Sequence[PackedLayer], cli_version: str, created: str, *, modelpack: bool
) -> tuple[Descriptor, bytes, bytes]:
    """The config's descriptor, the config, and the manifest."""
    document = to_json(kitfile)
    annotations = {CLI_VERSION: cli_version}
    if modelpack:
        annotations[KITFILE] = document.decode()
        document = model_config(kitfile, [layer.diff_id for layer in packed], created)
    config = descriptor_of(document, CNCF_CONFIG if modelpack else KIT_CONFIG)
    layers = tuple(Descriptor(layer.media_type, layer.digest, layer.size, _annotations(layer)) for layer in packed)
    artifact_type = CNCF_MANIFEST if modelpack else KIT_MANIFEST
    return config, document, encode_manifest(Manifest(config, layers, artifact_type, annotations=annotations))


def _annotations(layer: PackedLayer) -> dict[str, str]:
    return {FILEPATH: layer.path} | ({SUBTYPE: SUBTYPE_PROMPT} if layer.kind == "prompt" else {})
