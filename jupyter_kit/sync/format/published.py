"""A snapshot as a remote has it: one OCI image manifest with the record as its config, catalogues and segments as its layers.

Tags: ``s-`` and the first twelve digits of the id for each snapshot, which never moves; one for each branch; ``wip-…`` while a long push
is under way. FORMAT.md says what is in which layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, decode, encode_manifest
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Source
from jupyter_kit.sync.format.catalogue import REMOTE_SEGMENT_BYTES_MAX, UNPACKED_BYTES_MAX

SNAPSHOT_TYPE = "application/vnd.jupyter-kit.snapshot.v1+json"
RECORD_TYPE = "application/vnd.jupyter-kit.record.v1+json"
CATALOGUE_TYPE = "application/vnd.jupyter-kit.catalogue.v1+zstd"
SEGMENT_TYPE = "application/vnd.jupyter-kit.segment.v1"

PARENTS = "vnd.jupyter-kit.parents"
"""Annotation: the parents' ids, with spaces between them."""

AUDIT = "vnd.jupyter-kit.audit"
"""Annotation of the newest manifest of a push: number and hash of the newest event of the pusher's audit log, and the hash of its first,
which names the log; with colons between."""

MAIN = "main"
"""The branch where none is named."""

RECORD_BYTES_MAX = 1 << 20
"""A longer record is refused, in bytes."""

LAYERS_MAX = 26_000
"""What fits into a manifest of 4 MiB: some 800 GB in one snapshot."""

_BRANCH = re.compile(r"(?!s-|wip-)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class PushAnchor:
    """What a push saw of its pusher's audit log: the newest event's number and hash, and what names the log, in hexadecimal."""

    sequence: int
    hash: str
    log: str


@dataclass(frozen=True)
class Published:
    """``manifest`` describes the manifest, ``record`` the record; catalogues are in the order in which they are to be read."""

    manifest: Descriptor
    record: Descriptor
    catalogues: tuple[Descriptor, ...]
    segments: tuple[Descriptor, ...]
    anchor: PushAnchor | None = None

    @property
    def snapshot(self) -> str:
        """The snapshot's id."""
        return hexadecimal(self.record)


def snapshot_tag(snapshot: str) -> str:
    """The tag that names a snapshot for good."""
    return f"s-{snapshot[:12]}"


def check_branch(name: str) -> str:
    """The name itself. Raises InvalidInput where no branch may have it."""
    if not _BRANCH.fullmatch(name):
        raise InvalidInput(
            f"“{name[:140]}” cannot be a branch.", hint="Use letters, digits, “_”, “.” and “-”; “s-” and “wip-” begin names that are taken."
        )
    return name


def hexadecimal(descriptor: Descriptor) -> str:
    """A descriptor's sha256 as the store writes it."""
    return descriptor.digest.removeprefix("sha256:")


def layer(media_type: str, digest: bytes, size: int) -> Descriptor:
    """The descriptor of a blob by its sha256."""
    return Descriptor(media_type, f"sha256:{digest.hex()}", size)


def encode_published(
    record: Descriptor, catalogues: tuple[Descriptor, ...], segments: tuple[Descriptor, ...], annotations: dict[str, str]
) -> bytes:
    """The manifest of a snapshot. Raises InvalidInput for one that no registry takes."""
    if len(catalogues) + len(segments) > LAYERS_MAX:
        raise InvalidInput(
            f"A snapshot of {len(segments)} segments is more than one manifest can list.",
            hint="Keep the largest data in a workspace of its own.",
        )
    return encode_manifest(Manifest(record, (*catalogues, *segments), SNAPSHOT_TYPE, OCI_MANIFEST, annotations=annotations))


def find_published(source: Source, name: str) -> Published | None:
    """What a tag of the remote names, None where there is no such tag. Raises InvalidInput for something that is no snapshot."""
    try:
        descriptor = source.resolve(name)
    except NotFound:
        return None
    return read_published(source, descriptor, name)


def read_published(source: Source, descriptor: Descriptor, name: str) -> Published:
    """Raises InvalidInput where it is no snapshot, or one that breaks the limits."""
    where = f"{source.name}:{name}"
    if descriptor.size > MANIFEST_BYTES_MAX:
        raise InvalidInput(f"The manifest of {where} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.")
    manifest = decode(read_whole(source, descriptor), where)
    if not isinstance(manifest, Manifest) or manifest.artifact_type != SNAPSHOT_TYPE or manifest.config.media_type != RECORD_TYPE:
        raise InvalidInput(
            f"{where} is not a snapshot.", hint="Name a repository that snapshots were pushed to; for a ModelKit, use “jupyter kit unpack”."
        )
    parts: dict[str, list[Descriptor]] = {CATALOGUE_TYPE: [], SEGMENT_TYPE: []}
    limits = {CATALOGUE_TYPE: UNPACKED_BYTES_MAX, SEGMENT_TYPE: REMOTE_SEGMENT_BYTES_MAX}
    for child in manifest.children:
        if not child.digest.startswith("sha256:"):
            raise InvalidInput(f"The snapshot {where} has a part whose digest is no sha256.")
    for part in manifest.layers:
        if part.media_type not in parts:
            raise InvalidInput(
                f"The snapshot {where} has a part of the type {part.media_type[:80]}, which is unknown.", hint="Upgrade jupyter-kit."
            )
        if part.size > limits[part.media_type]:
            raise InvalidInput(f"The snapshot {where} has a part of {part.size} bytes, which is too long.")
        parts[part.media_type].append(part)
    if manifest.config.size > RECORD_BYTES_MAX:
        raise InvalidInput(f"The record of {where} is {manifest.config.size} bytes long, which no record is.")
    anchor = _anchor(manifest.annotations.get(AUDIT, ""))
    return Published(descriptor, manifest.config, tuple(parts[CATALOGUE_TYPE]), tuple(parts[SEGMENT_TYPE]), anchor)


def read_whole(source: Source, descriptor: Descriptor) -> bytes:
    """A small blob or manifest; the source verifies it, and its size is checked by the caller. Raises ContentCorrupt."""
    data = b"".join(_limited(source, descriptor))
    if len(data) != descriptor.size:
        raise ContentCorrupt(f"{descriptor.short} from {source.name} is not {descriptor.size} bytes long.", hint="Fetch it again.")
    return data


def _limited(source: Source, descriptor: Descriptor) -> Iterator[bytes]:
    left = descriptor.size
    for piece in source.fetch(descriptor):
        left -= len(piece)
        yield bytes(piece)
        if left < 0:
            return


def _anchor(text: str) -> PushAnchor | None:
    match = re.fullmatch(r"(\d{1,18}):([0-9a-f]{64}):([0-9a-f]{64})", text, re.ASCII)
    return PushAnchor(int(match[1]), match[2], match[3]) if match else None
