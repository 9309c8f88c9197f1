"""Groups of segments: manifests of their own, where a snapshot has more segments than one manifest can list.

A group is an image manifest whose layers are segments. Like every manifest that has to stay it has a tag, and a snapshot names it by its
digest: garbage collection takes the children of an index, even of one that is tagged, where it removes what has no tag (oci.md 1.2).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest, decode, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_MANIFEST
from jupyter_kit.sync.format.catalogue import Segment

GROUP_TYPE = "application/vnd.jupyter-kit.segments.v1+json"

NO_CONFIG = b"{}"

GROUPS_MAX = 16
"""Groups of one snapshot that are read: 13 TB of content, in 60 MiB of manifests."""


class Group(NamedTuple):
    """A group that a remote has: its manifest, and the segments in it."""

    manifest: Descriptor
    segments: tuple[Descriptor, ...]


def group_tag(manifest: Descriptor) -> str:
    """The tag that keeps a group."""
    return f"g-{manifest.digest.removeprefix('sha256:')[:12]}"


def encode_group(segments: Sequence[Descriptor]) -> tuple[Descriptor, bytes]:
    """The manifest of a group."""
    data = encode_manifest(Manifest(descriptor_of(NO_CONFIG, EMPTY), tuple(segments), GROUP_TYPE, OCI_MANIFEST))
    return descriptor_of(data, OCI_MANIFEST), data


def decode_group(data: bytes, where: str) -> tuple[Descriptor, ...]:
    """The parts of a group, which whoever reads them checks as those of a snapshot. Raises InvalidInput where it is none."""
    manifest = decode(data, where)
    if not isinstance(manifest, Manifest) or manifest.artifact_type != GROUP_TYPE:
        raise InvalidInput(f"{where} is no group of segments.", hint="Ask whoever pushed the snapshot to push it again.")
    return manifest.layers


def divided(
    segments: Iterable[Segment], known: Iterable[tuple[Segment, ...]], room: int, size: int
) -> tuple[list[tuple[Segment, ...]], tuple[Segment, ...]]:
    """Groups of ``size`` segments and the rest, of which a manifest has ``room`` for; no group where all of them fit.

    A group that is known and still needed in full stays as it is, so that a later snapshot does not list everything anew.
    """
    left = sorted(set(segments))
    groups: list[tuple[Segment, ...]] = []
    if len(left) <= room:
        return groups, tuple(left)
    for group in known:
        if set(left).issuperset(group):
            groups.append(group)
            left = sorted(set(left).difference(group))
    while len(left) > room:
        groups.append(tuple(left[:size]))
        left = left[size:]
    return groups, tuple(left)
