"""One repository of a registry as a place: what the distribution specification 1.1 lets a client do with it."""

from __future__ import annotations

import json
from collections.abc import Iterator, MutableMapping

from jupyter_kit.errors import ContentCorrupt, Denied, InvalidInput, NotFound, RegistryError, Unauthorized, UnsupportedFormat
from jupyter_kit.oci.descriptor import PUSH_AGAIN, Descriptor
from jupyter_kit.oci.digest import check_digest, digest_of, verified
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, decode, referrer_of
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.oci.reference import check_tag
from jupyter_kit.oci.target import Content, Piece, Source
from jupyter_kit.registry.protocol.capabilities import Capabilities
from jupyter_kit.registry.protocol.downloads import Blob
from jupyter_kit.registry.protocol.host import DELETE, PULL, Access, Host
from jupyter_kit.registry.protocol.manifests import Manifests, Recent
from jupyter_kit.registry.protocol.pages import pages
from jupyter_kit.registry.protocol.problems import problem
from jupyter_kit.registry.protocol.referrers import ReferrerList
from jupyter_kit.registry.protocol.tags import Untagging
from jupyter_kit.registry.protocol.uploads import Upload, mount

TAGS_MAX = 100_000
"""Tags of one repository that are read."""

NOT_SUPPORTED = frozenset({400, 405, 501})
"""Statuses by which registries say that they do not delete."""


class Repository:
    """A repository, its name without the registry's. Any number of threads may use it; nothing is sent before it is used.

    Methods raise, besides what they say, Unauthorized, Denied, RegistryUnavailable and RegistryError. ``sessions`` remembers uploads in
    chunks that were cut off; its values are addresses that let whoever reads them write to the upload.
    """

    def __init__(self, host: Host, repository: str, sessions: MutableMapping[str, str]) -> None:
        self._host = host
        self._repository = repository
        self._sessions = sessions
        self._manifests = Manifests(host, repository)
        self._referrers = ReferrerList(self._manifests)
        self._recent = Recent()

    @property
    def name(self) -> str:
        """``ghcr.io/team/model``."""
        return f"{self._host.name}/{self._repository}"

    @property
    def capabilities(self) -> Capabilities:
        """What the registry can do, as far as its answers told."""
        return self._host.capabilities

    @property
    def ranges(self) -> bool | None:
        """Whether parts of a blob can be fetched; None until an answer told."""
        return self._host.capabilities.ranges

    def ping(self) -> None:
        """Ask whether the registry is one, and lets us in."""
        self._host.ping()

    def resolve(self, name: str) -> Descriptor:
        """The manifest that a tag or digest names. Raises NotFound, InvalidInput, UnsupportedFormat, ContentCorrupt."""
        checked = check_digest(name) if ":" in name else check_tag(name)
        described = self._manifests.describe(checked)
        if described:
            return described
        media_type, data = self._manifests.get(checked)
        return Descriptor(media_type, name if ":" in name else digest_of(data), len(data))

    def exists(self, descriptor: Descriptor) -> bool:
        """Whether it is there.

        What a registry says of a blob is confirmed by reading its first byte: after garbage collection some go on to say that they have
        what they cannot give, and take manifests of it.
        """
        with self._host.send("HEAD", self._path(descriptor), Access(self._repository, PULL), _accept(descriptor)) as answer:
            if answer.status == 404 and not answer.redirected:
                return False
            if answer.status == 200 and answer.length not in (None, descriptor.size):
                return False
            if answer.status == 200 and is_manifest(descriptor.media_type):
                return True
            if answer.status not in (200, 405) and not answer.redirected:
                raise problem(answer, f"looking for {descriptor.short}")
        return self.holds(descriptor)  # An address that is signed for GET refuses HEAD, so its refusal tells nothing.

    def holds(self, descriptor: Descriptor) -> bool:
        """Whether it can really be read, by reading its first byte."""
        if is_manifest(descriptor.media_type):
            try:
                self._manifests.get(descriptor.digest)
            except (NotFound, ContentCorrupt):
                return False
            return True
        return self._blob(descriptor).holds()

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """Its bytes, or ``length`` of them from ``start``. The whole is verified against the descriptor, a part cannot be.

        Raises NotFound, ContentCorrupt.
        """
        if not is_manifest(descriptor.media_type):
            return self._blob(descriptor).fetch(start, length)
        data = self._manifest(descriptor)
        return iter([data[start : None if length is None else start + length]])

    def tags(self) -> tuple[str, ...]:
        """Every tag, sorted; none where there is no such repository yet."""
        found: set[str] = set()
        for answer in pages(self._host, f"/v2/{self._repository}/tags/list", self._repository):
            if answer.status == 404:
                break
            if answer.status != 200:
                raise problem(answer, f"listing the tags of {self._repository}")
            found.update(_parse_tags(answer.data(), self.name))
            if len(found) > TAGS_MAX:
                raise RegistryError(f"{self.name} has more than {TAGS_MAX:,} tags.", hint="Name the one you want.")
        return tuple(sorted(found))

    def push(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob or manifest, verified, whole or not at all. Raises ContentCorrupt, InvalidInput, BlobMissing, Conflict."""
        if not is_manifest(descriptor.media_type):
            Upload(self._host, self._repository, descriptor, content, self._sessions).run()
            return
        data = _whole_manifest(descriptor, content)
        self._put(descriptor.digest, descriptor, data)
        self._recent.keep(descriptor.digest, data)

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        """Let ``tag`` name a manifest that is there, whatever it named before. Raises NotFound, InvalidInput."""
        check_tag(tag)
        self._put(tag, descriptor, self._recent.find(descriptor.digest) or self._manifest(descriptor))

    def mount(self, descriptor: Descriptor, origin: Source) -> bool:
        """Take a blob from another repository of this registry, without its bytes, where the registry can and lets us."""
        if not isinstance(origin, Repository) or origin._host is not self._host or is_manifest(descriptor.media_type):
            return False
        try:
            return mount(self._host, self._repository, descriptor, origin._repository)
        except (Denied, Unauthorized):
            return False

    def untag(self, tag: str) -> None:
        """Remove a tag only. Raises NotFound, UnsupportedFormat where the registry deletes nothing."""
        Untagging(self._manifests, check_tag(tag)).run()

    def delete(self, descriptor: Descriptor) -> None:
        """Remove a manifest with every tag that names it, or a blob. Raises NotFound, UnsupportedFormat where the registry does not."""
        manifest = decode(self._manifest(descriptor), descriptor.short) if is_manifest(descriptor.media_type) else None
        with self._host.send("DELETE", self._path(descriptor), Access(self._repository, DELETE)) as answer:
            if answer.status in NOT_SUPPORTED:
                raise UnsupportedFormat(f"{self._host.name} does not delete.", hint="Ask whoever runs it, or delete it on its web page.")
            if answer.status not in (200, 202, 204):
                raise problem(answer, f"deleting {descriptor.short}")
        self._recent.drop(descriptor.digest)
        if manifest and manifest.subject and not self._host.capabilities.referrers:
            self._referrers.remove(manifest.subject, descriptor)

    def referrers(self, descriptor: Descriptor, artifact_type: str | None = None) -> tuple[Descriptor, ...]:
        """Manifests whose subject it is, by the registry's own list or by the index under the tag of its digest."""
        return self._referrers.find(descriptor, artifact_type)

    def _put(self, name: str, descriptor: Descriptor, data: bytes) -> None:
        headers = self._manifests.put(name, descriptor.media_type, data)
        manifest = decode(data, descriptor.short)
        if manifest.subject is None:
            return
        self._host.capabilities.referrers = "oci-subject" in headers
        if "oci-subject" not in headers:
            self._referrers.add(manifest.subject, referrer_of(descriptor, manifest))

    def _manifest(self, descriptor: Descriptor) -> bytes:
        """The verified bytes of a manifest. One that arrives damaged is fetched once more."""
        if descriptor.size > MANIFEST_BYTES_MAX:
            raise InvalidInput(f"The manifest {descriptor.short} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.", hint=PUSH_AGAIN)
        try:
            media_type, data = self._manifests.get(descriptor.digest)
        except ContentCorrupt:
            media_type, data = self._manifests.get(descriptor.digest)
        if len(data) != descriptor.size or media_type != descriptor.media_type:
            raise ContentCorrupt(
                f"The manifest {descriptor.short} in {self.name} is not as it was described: {len(data)} bytes of {media_type}.",
                hint="Ask whoever pushed what refers to it.",
            )
        self._recent.keep(descriptor.digest, data)
        return data

    def _blob(self, descriptor: Descriptor) -> Blob:
        return Blob(self._host, self._repository, descriptor)

    def _path(self, descriptor: Descriptor) -> str:
        kind = "manifests" if is_manifest(descriptor.media_type) else "blobs"
        return f"/v2/{self._repository}/{kind}/{descriptor.digest}"


def _accept(descriptor: Descriptor) -> dict[str, str]:
    return {"Accept": descriptor.media_type} if is_manifest(descriptor.media_type) else {}


def _whole_manifest(descriptor: Descriptor, content: Content) -> bytes:
    """The bytes of a manifest that is pushed, checked to be one."""
    if descriptor.size > MANIFEST_BYTES_MAX:
        raise InvalidInput(
            f"The manifest {descriptor.short} has {descriptor.size} bytes, and registries take {MANIFEST_BYTES_MAX >> 20} MiB.",
            hint="Pack fewer, larger layers.",
        )
    pieces = verified(descriptor.digest, descriptor.size, content(0), f"The manifest {descriptor.short}")
    data = b"".join(bytes(piece) for piece in pieces)
    decode(data, descriptor.short)
    return data


def _parse_tags(data: bytes, name: str) -> list[str]:
    """The tags on one page; ``null`` where there are none."""
    try:
        document = json.loads(data)
        tags = document["tags"] or []
    except (ValueError, RecursionError, KeyError, TypeError):
        tags = None
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise RegistryError(f"The list of tags of {name} cannot be read.", hint="Check that the host is a registry.")
    return tags
