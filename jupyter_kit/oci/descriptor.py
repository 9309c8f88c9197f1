"""A descriptor: what a blob or manifest is, its digest and its size (image-spec, descriptor.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.digest import check_digest, digest_of

SIZE_MAX = 1 << 50
"""Bytes, 1 PiB: a larger size in a descriptor is a lie or an attack."""

PUSH_AGAIN = "Ask whoever pushed it to push it again."
"""The next step where a document of a place is wrong, and nobody here can mend it."""

NO_ANNOTATIONS: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Descriptor:
    """``size`` is in bytes, ``digest`` with its algorithm. Fields of the specification that we never read (urls, data, platform) are left
    where they are, in the manifest's own bytes."""

    media_type: str
    digest: str
    size: int
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)
    artifact_type: str | None = None

    def as_json(self) -> object:
        """The document, parsed."""
        return descriptor_fields(self)

    @property
    def short(self) -> str:
        """The digest's first twelve characters after the algorithm, for messages."""
        return self.digest.partition(":")[2][:12]


def descriptor_of(data: bytes, media_type: str, annotations: Mapping[str, str] = NO_ANNOTATIONS) -> Descriptor:
    """What describes ``data``."""
    return Descriptor(media_type, digest_of(data), len(data), annotations)


def descriptor_fields(descriptor: Descriptor) -> dict[str, object]:
    """The JSON object, keys in the order in which Go's structure has them; annotations sorted bytewise."""
    fields: dict[str, object] = {"mediaType": descriptor.media_type, "digest": descriptor.digest, "size": descriptor.size}
    if descriptor.annotations:
        fields["annotations"] = sorted_annotations(descriptor.annotations)
    if descriptor.artifact_type:
        fields["artifactType"] = descriptor.artifact_type
    return fields


def sorted_annotations(annotations: Mapping[str, str]) -> dict[str, str]:
    """Keys in the order in which Go writes a map: bytewise."""
    return dict(sorted(annotations.items(), key=lambda pair: pair[0].encode("utf-8", "surrogatepass")))


def parse_descriptor(value: object, where: str) -> Descriptor:
    """From parsed JSON. Raises InvalidInput naming ``where`` it stands and what is wrong."""
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} is not a descriptor.", hint=PUSH_AGAIN)
    media_type, digest, size = value.get("mediaType"), value.get("digest"), value.get("size")
    if not isinstance(media_type, str) or not isinstance(digest, str):
        raise InvalidInput(f"{where} lacks its media type or digest.", hint=PUSH_AGAIN)
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= SIZE_MAX:
        raise InvalidInput(f"{where} has the size {str(size)[:40]}, which is none.", hint=PUSH_AGAIN)
    artifact_type = value.get("artifactType")
    if artifact_type is not None and not isinstance(artifact_type, str):
        raise InvalidInput(f"{where} has an artifact type that is no text.", hint=PUSH_AGAIN)
    return Descriptor(media_type, check_digest(digest), size, parse_annotations(value.get("annotations"), where), artifact_type or None)


def parse_annotations(value: object, where: str) -> Mapping[str, str]:
    """From parsed JSON; absent and null are empty. Raises InvalidInput for anything but texts."""
    if value is None:
        return NO_ANNOTATIONS
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise InvalidInput(f"{where} has annotations that are not texts.", hint=PUSH_AGAIN)
    return MappingProxyType(value)
