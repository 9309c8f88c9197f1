"""Putting a snapshot's segments into its manifest, or into groups where there are too many."""

from __future__ import annotations

from collections.abc import Iterable

from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.media_types import EMPTY
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.format.groups import NO_CONFIG, Group, divided, encode_group, group_tag
from jupyter_kit.sync.format.published import SEGMENT_TYPE, layer
from jupyter_kit.sync.outgoing.uploads import Uploads


class Grouping:
    """The groups that a remote has, as far as one push knows, and sends. ``layers_max`` is what one manifest may list."""

    def __init__(self, known: Iterable[Group], uploads: Uploads, layers_max: int) -> None:
        self._known = {
            tuple(Segment(bytes.fromhex(part.digest[7:]), part.size) for part in group.segments): group.manifest for group in known
        }
        self._uploads = uploads
        self._layers_max = layers_max

    def place(self, segments: Iterable[Segment], beside: int) -> tuple[tuple[Descriptor, ...], tuple[Descriptor, ...]]:
        """What a manifest lists itself of these segments, with ``beside`` other layers, and the groups with the others, which are sent."""
        groups, rest = divided(segments, self._known, self._layers_max - beside, self._layers_max)
        for group in groups:
            if group not in self._known:
                self._known[group] = self._send(tuple(layer(SEGMENT_TYPE, *segment) for segment in group))
        return tuple(layer(SEGMENT_TYPE, *segment) for segment in rest), tuple(self._known[group] for group in groups)

    def _send(self, segments: tuple[Descriptor, ...]) -> Descriptor:
        manifest, data = encode_group(segments)
        self._uploads.send(descriptor_of(NO_CONFIG, EMPTY), [NO_CONFIG])
        self._uploads.finish()
        self._uploads.send(manifest, [data], tag=group_tag(manifest))
        self._uploads.finish()
        return manifest
