"""A snapshot as a remote has it: one OCI image manifest with the record as its config, catalogues and segments as its layers.

Tags: ``s-`` and the first twelve digits of the id for each snapshot, which never moves; one for each branch; ``wip-…`` while a long push
is under way; ``g-…`` for groups of segments. FORMAT.md says what is in which layer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.oci.descriptor import PUSH_AGAIN, Descriptor
from jupyter_kit.oci.digest import check_digest
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, decode, encode_manifest
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Source
from jupyter_kit.sync.format.catalogue import REMOTE_SEGMENT_BYTES_MAX, UNPACKED_BYTES_MAX
from jupyter_kit.sync.format.groups import GROUPS_MAX, Group, decode_group

SNAPSHOT_TYPE = "application/vnd.jupyter-kit.snapshot.v1+json"
RECORD_TYPE = "application/vnd.jupyter-kit.record.v1+json"
CATALOGUE_TYPE = "application/vnd.jupyter-kit.catalogue.v1+zstd"
SEGMENT_TYPE = "application/vnd.jupyter-kit.segment.v1"

PARENTS = "vnd.jupyter-kit.parents"
"""Annotation: the parents' ids, with spaces between them."""

AUDIT = "vnd.jupyter-kit.audit"
"""Annotation of the newest manifest of a push: number and hash of the newest event of the pusher's audit log, and the hash of its first,
which names the log; with colons between."""

GROUPS = "vnd.jupyter-kit.groups"
"""Annotation: the digests of the groups with segments that the manifest has no room for, with spaces between them."""

MAIN = "main"
"""The branch where none is named."""

RECORD_BYTES_MAX = 1 << 20
"""A longer record is refused, in bytes."""

LAYERS_MAX = 26_000
"""What fits into a manifest of 4 MiB: some 800 GB. A snapshot with more has groups."""

_BRANCH = re.compile(r"(?!s-|wip-|g-)[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")


@dataclass(frozen=True)
class PushAnchor:
    """What a push saw of its pusher's audit log: the newest event's number and hash, and what names the log, in hexadecimal."""

    sequence: int
    hash: str
    log: str


@dataclass(frozen=True)
class Published:
    """``manifest`` describes the manifest, ``record`` the record; catalogues are in the order in which they are to be read.

    ``segments`` are all of them, those of the groups too.
    """

    manifest: Descriptor
    record: Descriptor
    catalogues: tuple[Descriptor, ...]
    segments: tuple[Descriptor, ...]
    anchor: PushAnchor | None = None
    groups: tuple[Group, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of the manifests."""
        return self.manifest.size + sum(group.manifest.size for group in self.groups)

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
            f"“{name[:140]}” cannot be a branch.",
            hint="Use letters, digits, “_”, “.” and “-”; “s-”, “g-” and “wip-” begin names that are taken.",
        )
    return name


def hexadecimal(descriptor: Descriptor) -> str:
    """A descriptor's sha256 as the store writes it."""
    return descriptor.digest.removeprefix("sha256:")


def layer(media_type: str, digest: bytes, size: int) -> Descriptor:
    """The descriptor of a blob by its sha256."""
    return Descriptor(media_type, f"sha256:{digest.hex()}", size)


def encode_published(
    record: Descriptor,
    catalogues: tuple[Descriptor, ...],
    segments: tuple[Descriptor, ...],
    annotations: dict[str, str],
    groups: tuple[Descriptor, ...] = (),
) -> bytes:
    """The manifest of a snapshot, whose other segments are in groups. Raises InvalidInput for one that no reader takes."""
    if len(catalogues) + len(segments) > LAYERS_MAX or len(groups) > GROUPS_MAX:
        raise InvalidInput(
            f"A snapshot of {len(groups) * LAYERS_MAX + len(segments):,} segments is more than a registry can list.",
            hint="Keep the largest data in a workspace of its own.",
        )
    if groups:
        annotations = annotations | {GROUPS: " ".join(group.digest for group in groups)}
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
        raise InvalidInput(f"The manifest of {where} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
    manifest = decode(read_whole(source, descriptor), where)
    if not isinstance(manifest, Manifest) or manifest.artifact_type != SNAPSHOT_TYPE or manifest.config.media_type != RECORD_TYPE:
        raise InvalidInput(
            f"{where} is not a snapshot.", hint="Name a repository that snapshots were pushed to; for a ModelKit, use “jupyter kit unpack”."
        )
    groups = _read_groups(source, manifest.annotations.get(GROUPS, ""), where)
    parts: dict[str, list[Descriptor]] = {CATALOGUE_TYPE: [], SEGMENT_TYPE: []}
    for part in manifest.layers:
        _check_part(part, tuple(parts), where)
        parts[part.media_type].append(part)
    segments = dict.fromkeys(parts[SEGMENT_TYPE])
    for group in groups:
        segments.update(dict.fromkeys(group.segments))
    if not manifest.config.digest.startswith("sha256:"):
        raise InvalidInput(f"The snapshot {where} has a record whose digest is no sha256.", hint=PUSH_AGAIN)
    if manifest.config.size > RECORD_BYTES_MAX:
        raise InvalidInput(f"The record of {where} is {manifest.config.size} bytes long, which no record is.", hint=PUSH_AGAIN)
    anchor = _anchor(manifest.annotations.get(AUDIT, ""))
    return Published(descriptor, manifest.config, tuple(parts[CATALOGUE_TYPE]), tuple(segments), anchor, groups)


_LIMITS = {CATALOGUE_TYPE: UNPACKED_BYTES_MAX, SEGMENT_TYPE: REMOTE_SEGMENT_BYTES_MAX}


def _check_part(part: Descriptor, allowed: tuple[str, ...], where: str) -> None:
    if not part.digest.startswith("sha256:"):
        raise InvalidInput(f"The snapshot {where} has a part whose digest is no sha256.", hint=PUSH_AGAIN)
    if part.media_type not in allowed:
        raise InvalidInput(
            f"The snapshot {where} has a part of the type {part.media_type[:80]}, which is unknown.", hint="Upgrade jupyter-kit."
        )
    if part.size > _LIMITS[part.media_type]:
        raise InvalidInput(f"The snapshot {where} has a part of {part.size} bytes, which is too long.", hint=PUSH_AGAIN)


def _read_groups(source: Source, digests: str, where: str) -> tuple[Group, ...]:
    names = digests.split()
    if len(names) > GROUPS_MAX:
        raise InvalidInput(f"The snapshot {where} has more than {GROUPS_MAX} groups of segments.", hint=PUSH_AGAIN)
    groups = []
    for name in names:
        manifest = source.resolve(check_digest(name))
        if manifest.size > MANIFEST_BYTES_MAX:
            raise InvalidInput(f"A group of the snapshot {where} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
        segments = decode_group(read_whole(source, manifest), f"{manifest.short} in {source.name}")
        for segment in segments:
            _check_part(segment, (SEGMENT_TYPE,), where)
        groups.append(Group(manifest, segments))
    return tuple(groups)


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
