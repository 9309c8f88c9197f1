"""Manifests and indexes: read within limits, written byte for byte as Go does (image-spec, manifest.md and image-index.md).

A manifest's digest is that of its exact bytes, so what is read is never written again: the bytes travel, the parsed form only informs.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from jupyter_kit.errors import InvalidInput, UnsupportedFormat
from jupyter_kit.oci.descriptor import (
    PUSH_AGAIN,
    Descriptor,
    descriptor_fields,
    parse_annotations,
    parse_descriptor,
    sorted_annotations,
)
from jupyter_kit.oci.digest import verified
from jupyter_kit.oci.gojson import encode
from jupyter_kit.oci.media_types import INDEXES, OCI_INDEX, OCI_MANIFEST
from jupyter_kit.oci.target import Content

MANIFEST_BYTES_MAX = 4 << 20
"""Bytes: the largest manifest that every registry takes (distribution-spec, “Pushing Manifests”), and the largest we read."""


@dataclass(frozen=True)
class Manifest:
    """One image manifest. ``media_type`` is None where the body leaves it out, as kit's does."""

    config: Descriptor
    layers: tuple[Descriptor, ...]
    artifact_type: str | None = None
    media_type: str | None = None
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    def as_json(self) -> object:
        """The document, parsed."""
        return json.loads(encode_manifest(self))

    @property
    def children(self) -> tuple[Descriptor, ...]:
        """What must be there before the manifest may be. A subject need not be (distribution-spec, “Pushing Manifests with Subject”)."""
        return (self.config, *self.layers)


@dataclass(frozen=True)
class Index:
    """A list of manifests."""

    manifests: tuple[Descriptor, ...]
    artifact_type: str | None = None
    media_type: str | None = OCI_INDEX
    subject: Descriptor | None = None
    annotations: Mapping[str, str] = field(default_factory=dict, hash=False)

    @property
    def children(self) -> tuple[Descriptor, ...]:
        """The manifests."""
        return self.manifests


def encode_manifest(manifest: Manifest) -> bytes:
    """Compact JSON, keys in the order of Go's structure. No layers is ``null``, as kit of generation G2 writes it (kitops.md 1.2)."""
    layers = [descriptor_fields(layer) for layer in manifest.layers] or None
    return encode(_document(manifest, {"config": descriptor_fields(manifest.config), "layers": layers}))


def encode_index(index: Index) -> bytes:
    """Compact JSON, keys in the order of Go's structure."""
    return encode(_document(index, {"manifests": [descriptor_fields(manifest) for manifest in index.manifests]}))


def _document(manifest: Manifest | Index, body: dict[str, object]) -> dict[str, object]:
    document: dict[str, object] = {"schemaVersion": 2}
    if manifest.media_type:
        document["mediaType"] = manifest.media_type
    if manifest.artifact_type:
        document["artifactType"] = manifest.artifact_type
    document.update(body)
    if manifest.subject:
        document["subject"] = descriptor_fields(manifest.subject)
    if manifest.annotations:
        document["annotations"] = sorted_annotations(manifest.annotations)
    return document


def decode(data: bytes, name: str) -> Manifest | Index:
    """Read a manifest or an index, by what it says it is or else by its shape. ``name`` stands for it in messages.

    Raises InvalidInput where it is malformed or over the limits, UnsupportedFormat for a manifest of another schema.
    """
    if len(data) > MANIFEST_BYTES_MAX:
        raise InvalidInput(f"The manifest of {name} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The manifest of {name} is not JSON.", hint=PUSH_AGAIN) from error
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:
        raise UnsupportedFormat(f"The manifest of {name} is not an OCI manifest.", hint="It needs schemaVersion 2.")
    media_type, artifact_type = document.get("mediaType"), document.get("artifactType")
    if not isinstance(media_type, str | None) or not isinstance(artifact_type, str | None):
        raise InvalidInput(f"The manifest of {name} has a media type that is no text.", hint=PUSH_AGAIN)
    subject = document.get("subject")
    parsed_subject = parse_descriptor(subject, f"The subject of {name}") if subject is not None else None
    annotations = parse_annotations(document.get("annotations"), f"The manifest of {name}")
    if media_type in INDEXES or (media_type is None and "manifests" in document):
        listed = _descriptors(document.get("manifests"), f"Manifest {{}} of the index {name}")
        return Index(listed, artifact_type or None, media_type, parsed_subject, annotations)
    layers = _descriptors(document.get("layers"), f"Layer {{}} of {name}")
    config = parse_descriptor(document.get("config"), f"The config of {name}")
    return Manifest(config, layers, artifact_type or None, media_type, parsed_subject, annotations)


def pushed_manifest(descriptor: Descriptor, content: Content, name: str) -> tuple[bytes, Manifest | Index]:
    """A manifest that somebody pushes to ``name``, verified. Raises ContentCorrupt, InvalidInput, UnsupportedFormat."""
    shown = f"{descriptor.short} for {name}"
    if descriptor.size > MANIFEST_BYTES_MAX:
        raise InvalidInput(f"The manifest {shown} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
    data = b"".join(verified(descriptor.digest, descriptor.size, content(0), shown))
    manifest = decode(data, shown)
    if manifest.media_type not in (None, descriptor.media_type):
        raise InvalidInput(
            f"The manifest {shown} says that it is {manifest.media_type}, and its descriptor {descriptor.media_type}.", hint=PUSH_AGAIN
        )
    return data, manifest


def media_type_of(manifest: Manifest | Index) -> str:
    """What a manifest is pushed as."""
    return manifest.media_type or (OCI_INDEX if isinstance(manifest, Index) else OCI_MANIFEST)


def referrer_of(descriptor: Descriptor, manifest: Manifest | Index) -> Descriptor:
    """How a list of referrers describes a manifest: with its artifact type, else its config's media type, and its annotations."""
    config = manifest.config.media_type if isinstance(manifest, Manifest) else None
    return replace(descriptor, artifact_type=manifest.artifact_type or config, annotations=manifest.annotations)


def _descriptors(value: object, where: str) -> tuple[Descriptor, ...]:
    """A list of descriptors; absent and ``null`` are empty, as kit writes a ModelKit without layers."""
    if value is None:
        return ()
    if not isinstance(value, list):
        raise InvalidInput(f"{where.format('list')} is not a list.", hint=PUSH_AGAIN)
    return tuple(parse_descriptor(entry, where.format(number)) for number, entry in enumerate(value, 1))
