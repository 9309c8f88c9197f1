"""Removing a tag and nothing else. Registries that cannot delete a tag by its name can be led to it: the tag is given to a manifest that
nobody needs, and that one is deleted by its digest."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from jupyter_kit.errors import UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_MANIFEST
from jupyter_kit.registry.protocol.manifests import Manifests
from jupyter_kit.registry.protocol.uploads import Upload

EMPTY_CONFIG = b"{}"


@dataclass(frozen=True)
class Untagging:
    """The removal of one tag."""

    manifests: Manifests
    tag: str

    def run(self) -> None:
        """Raises NotFound, UnsupportedFormat where the registry deletes neither tags nor manifests."""
        capabilities = self.manifests.host.capabilities
        if capabilities.untag is not False:
            if self.manifests.delete(self.tag):
                capabilities.untag = True
                return
            capabilities.untag = False
        self.manifests.get(self.tag)  # Raises NotFound: a tag that is not there must not be made.
        substitute, data = self._push_substitute()
        if not self.manifests.delete(substitute.digest):  # Tried before the tag is touched, so that nothing is lost where it cannot be.
            raise UnsupportedFormat(
                f"{self.manifests.host.name} does not delete tags.", hint="Ask whoever runs it, or delete it on its web page."
            )
        self.manifests.put(self.tag, OCI_MANIFEST, data)
        self.manifests.delete(substitute.digest)

    def _push_substitute(self) -> tuple[Descriptor, bytes]:
        """A manifest that is like no other, since whoever deletes it deletes all its tags."""
        host, repository = self.manifests.host, self.manifests.repository
        config = descriptor_of(EMPTY_CONFIG, EMPTY)
        Upload(host, repository, config, lambda start: iter([EMPTY_CONFIG[start:]]), {}).run()
        manifest = Manifest(config, (config,), EMPTY, OCI_MANIFEST, annotations={"org.jupyter-kit.untagging": uuid.uuid4().hex})
        data = encode_manifest(manifest)
        descriptor = descriptor_of(data, OCI_MANIFEST)
        self.manifests.put(descriptor.digest, OCI_MANIFEST, data)
        return descriptor, data
