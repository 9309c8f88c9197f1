"""Reading and writing manifests by tag or digest (distribution-spec, “Pulling manifests” and “Pushing Manifests”)."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from jupyter_kit.errors import ContentCorrupt, KitError, NotFound, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import check_digest, digest_of, verified
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX
from jupyter_kit.oci.media_types import MANIFESTS
from jupyter_kit.registry.http.exchange import Answer
from jupyter_kit.registry.protocol.host import DELETE, PULL, PUSH, Access, Host
from jupyter_kit.registry.protocol.problems import problem

ACCEPT = {"Accept": ", ".join(MANIFESTS)}
"""Without it some registries say that a manifest they have is unknown, or convert it to another schema."""

RECENT_BYTES_MAX = 8 << 20
"""Bytes of manifests that are remembered: two of the largest, or some hundred usual ones."""


class Recent:
    """The last manifests that were read or written, so that a tag costs one request more and not three."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def keep(self, digest: str, data: bytes) -> None:
        """Remember a manifest that was verified; the oldest make room for it."""
        with self._lock:
            self._kept.pop(digest, None)
            self._kept[digest] = data
            while sum(map(len, self._kept.values())) > RECENT_BYTES_MAX:
                del self._kept[next(iter(self._kept))]

    def find(self, digest: str) -> bytes | None:
        """A manifest that is remembered."""
        with self._lock:
            return self._kept.get(digest)

    def drop(self, digest: str) -> None:
        """Forget one that was deleted."""
        with self._lock:
            self._kept.pop(digest, None)


REFUSED = frozenset({400, 405, 501})
"""Statuses by which registries say that they do not delete: 400 from distribution 2.x for a tag, 405 where it is switched off."""


@dataclass(frozen=True)
class Manifests:
    """The manifests of one repository."""

    host: Host
    repository: str

    def describe(self, name: str) -> Descriptor | None:
        """What a tag or digest names, by its headers alone; None where they do not tell. Raises NotFound, UnsupportedFormat."""
        with self._ask("HEAD", name) as answer:
            if answer.status == 404:
                raise self._missing(name)
            digest, length = answer.headers.get("docker-content-digest", ""), answer.length
            known = answer.status == 200 and not answer.redirected and length is not None
            if not known or not _is_digest(digest) or (":" in name and digest != name):
                return None
            return Descriptor(self._media_type(answer, name), digest, length or 0)

    def get(self, name: str) -> tuple[str, bytes]:
        """Media type and bytes of what a tag names, or of a digest and then verified.

        Raises NotFound, UnsupportedFormat, ContentCorrupt, and what :meth:`Host.send` raises.
        """
        with self._ask("GET", name) as answer:
            if answer.status == 404 and not answer.redirected:
                raise self._missing(name)
            if answer.status != 200:
                raise problem(answer, f"fetching {name}")
            media_type, told = self._media_type(answer, name), answer.headers.get("docker-content-digest")
            data = answer.data()
        what = f"The manifest {name} in {self.host.name}/{self.repository}"
        if ":" in name:
            data = b"".join(verified(name, len(data), [data], what))
        elif told and told.startswith("sha256:") and told != digest_of(data):
            raise ContentCorrupt(f"{what} is not what its digest says ({told[:19]}).", hint="Try again, then push it again.")
        inner = _media_type_inside(data)
        if inner and inner != media_type:
            raise ContentCorrupt(f"{what} is a {inner} inside and a {media_type} outside.", hint="Ask whoever pushed it to push it again.")
        return media_type, data

    def put(self, name: str, media_type: str, data: bytes) -> Mapping[str, str]:
        """Keep a manifest under a tag or its digest; returns the answer's headers. Raises BlobMissing and as :meth:`get` does."""
        path = f"/v2/{self.repository}/manifests/{name}"
        headers = {"Content-Type": media_type}
        with self.host.send("PUT", path, Access(self.repository, PUSH), headers, body=lambda: iter([data]), length=len(data)) as answer:
            if answer.status != 201:
                raise problem(answer, f"pushing the manifest {name}")
            told, digest = answer.headers.get("docker-content-digest"), digest_of(data)
            if told and told.startswith("sha256:") and told != digest:
                raise ContentCorrupt(f"{self.host.name} received another manifest than was sent ({digest[:19]}).", hint="Push it again.")
            return answer.headers

    def delete(self, name: str) -> bool:
        """Delete a tag, or a manifest by its digest with every tag; False where the registry does not. Raises NotFound."""
        with self.host.send("DELETE", f"/v2/{self.repository}/manifests/{name}", Access(self.repository, DELETE)) as answer:
            if answer.status in REFUSED:
                return False
            if answer.status not in (200, 202, 204):
                raise problem(answer, f"deleting {name}")
            return True

    def _missing(self, name: str) -> NotFound:
        place = f"{self.host.name}/{self.repository}"
        return NotFound(
            f"{place} has no {name if ':' in name else f'“{name}”'}, or does not show it to you.",
            hint=f"Check the reference, and whether you are signed in. What is there: jupyter kit list {place}",
        )

    def _ask(self, method: str, name: str) -> Answer:
        path = f"/v2/{self.repository}/manifests/{name}"
        return self.host.send(method, path, Access(self.repository, PULL), ACCEPT, limit=MANIFEST_BYTES_MAX)

    def _media_type(self, answer: Answer, name: str) -> str:
        if answer.media_type in MANIFESTS:
            return answer.media_type
        raise UnsupportedFormat(
            f"{name} in {self.host.name}/{self.repository} is no OCI manifest ({answer.media_type[:80] or 'it has no media type'}).",
            hint="Check that the host is a registry; images of docker's old schema 1 must be pushed again.",
        )


def _is_digest(text: str) -> bool:
    try:
        return bool(check_digest(text))
    except KitError:
        return False


def _media_type_inside(data: bytes) -> str | None:
    """What a manifest calls itself, if it does."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return None
    inner = document.get("mediaType") if isinstance(document, dict) else None
    return inner if isinstance(inner, str) else None
