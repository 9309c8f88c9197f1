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
from jupyter_kit.sync.format.published import SEGMENT_TYPE, layer, read_whole

PROTECTION_TYPE = "application/vnd.jupyter-kit.push.v1+json"

CREATED = "org.opencontainers.image.created"

PROTECTED_BYTES = 2 << 30
"""How much arrives between two manifests, in bytes: what is sent again at worst."""

STALE = timedelta(days=2)
"""A push does not take longer than this; what an older one left behind is removed."""


class Protection:
    """The temporary manifest of one push: tag ``wip-`` and a random name, the segments so far as layers."""

    def __init__(self, target: Target, now: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        self._target = target
        self._now = now
        self._tag = f"wip-{uuid.uuid4().hex}"
        self._segments: list[Segment] = []
        self._unprotected = 0
        self._made: Descriptor | None = None

    def cover(self, segment: Segment) -> None:
        """A segment has arrived."""
        self._segments.append(segment)
        self._unprotected += segment.size
        if self._unprotected >= PROTECTED_BYTES:
            self._unprotected = 0
            self._made = self._renew()

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
        if self._made is None or not isinstance(self._target, Deleter):
            return
        with suppress(KitError):
            self._remove(self._tag, self._made)
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
