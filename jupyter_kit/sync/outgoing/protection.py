"""What keeps the segments of a long push from a registry's garbage collection while no snapshot names them yet."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta, timezone

from jupyter_kit.errors import InvalidInput, KitError, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, decode, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_MANIFEST
from jupyter_kit.oci.target import Deleter, Target
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.format.published import LAYERS_MAX, SEGMENT_TYPE, layer, read_whole

PROTECTION_TYPE = "application/vnd.jupyter-kit.push.v1+json"

CREATED = "org.opencontainers.image.created"

PROTECTED_BYTES = 2 << 30
"""How much arrives between two manifests, in bytes: what is sent again at worst."""

STALE = timedelta(days=2)
"""A push does not take longer than this; what an older one left behind is removed."""


class Protection:
    """The temporary manifests of one push: tags ``wip-`` and a random name, the segments so far as layers."""

    def __init__(
        self,
        target: Target,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        *,
        layers_max: int = LAYERS_MAX,
    ) -> None:
        """``layers_max``: what one manifest may list; with more segments there are several."""
        self._target = target
        self._now = now
        self._layers_max = layers_max
        self._made: dict[str, Descriptor] = {}
        self._unprotected = 0
        self._begin()

    def _begin(self) -> None:
        self._tag = f"wip-{uuid.uuid4().hex}"
        self._segments: list[Segment] = []

    def cover(self, segment: Segment) -> None:
        """A segment has arrived."""
        self._segments.append(segment)
        self._unprotected += segment.size
        full = len(self._segments) == self._layers_max
        if self._unprotected >= PROTECTED_BYTES or full:
            self._unprotected = 0
            self._made[self._tag] = self._renew()
        if full:
            self._begin()

    def _renew(self) -> Descriptor:
        config = descriptor_of(b"{}", EMPTY)
        self._target.push(config, lambda start: iter([b"{}"[start:]]))
        layers = tuple(layer(SEGMENT_TYPE, *segment) for segment in self._segments)
        created = self._now().isoformat(timespec="seconds")
        data = encode_manifest(Manifest(config, layers, PROTECTION_TYPE, OCI_MANIFEST, annotations={CREATED: created}))
        descriptor = descriptor_of(data, OCI_MANIFEST)
        self._target.push(descriptor, lambda start: iter([data[start:]]))
        self._target.tag(descriptor, self._tag)
        return descriptor

    def end(self) -> None:
        """The segments are named by a snapshot now. What cannot be removed does no harm, so nothing is raised."""
        if not self._made or not isinstance(self._target, Deleter):
            return
        with suppress(KitError):
            for tag, made in self._made.items():
                self._remove(tag, made)
            for tag in self._target.tags():
                if tag.startswith("wip-") and self._is_stale(descriptor := self._target.resolve(tag)):
                    self._remove(tag, descriptor)

    def _remove(self, tag: str, descriptor: Descriptor) -> None:
        assert isinstance(self._target, Deleter)
        try:
            self._target.untag(tag)
        except UnsupportedFormat:
            self._target.delete(descriptor)

    def _is_stale(self, descriptor: Descriptor) -> bool:
        if descriptor.size > MANIFEST_BYTES_MAX:
            return False
        try:
            created = datetime.fromisoformat(decode(read_whole(self._target, descriptor), "a push").annotations[CREATED])
            return created < self._now() - STALE
        except (KeyError, ValueError, TypeError, InvalidInput):
            return False
