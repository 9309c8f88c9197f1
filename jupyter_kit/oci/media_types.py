"""Media types that more than one floor speaks of, and which of them are manifests (image-spec, media-types.md)."""

from __future__ import annotations

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"

MANIFESTS = (OCI_MANIFEST, OCI_INDEX, DOCKER_MANIFEST, DOCKER_LIST)
"""What a registry keeps under “manifests”; everything else is a blob there. Also the list that requests accept."""

INDEXES = (OCI_INDEX, DOCKER_LIST)

EMPTY = "application/vnd.oci.empty.v1+json"
"""The config of a manifest that has none: the two bytes ``{}`` (image-spec, manifest.md, “Guidance for an empty descriptor”)."""


def is_manifest(media_type: str) -> bool:
    """Whether a registry keeps it under “manifests”."""
    return media_type in MANIFESTS
