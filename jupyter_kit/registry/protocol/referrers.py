"""What refers to a manifest: the registry's own list, or the index under a tag of its digest where it has none
(distribution-spec, “Listing Referrers” and “Referrers Tag Schema”)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, replace
from urllib.parse import quote

from jupyter_kit.errors import Conflict, ContentCorrupt, KitError, NotFound
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import digest_of
from jupyter_kit.oci.manifest import Index, decode, encode_index
from jupyter_kit.oci.media_types import OCI_INDEX
from jupyter_kit.registry.http.exchange import Answer
from jupyter_kit.registry.protocol.manifests import Manifests
from jupyter_kit.registry.protocol.pages import pages
from jupyter_kit.registry.protocol.problems import problem

REFERRERS_MAX = 10_000
"""Referrers of one manifest that are read: signatures and attestations are a handful."""

RACES_MAX = 5
"""How often the index under a tag is written again because somebody else wrote it at the same time."""


def fallback_tag(digest: str) -> str:
    """The tag under which clients list the referrers of a manifest."""
    algorithm, _, value = digest.partition(":")
    return f"{algorithm[:32]}-{value[:64]}"


@dataclass(frozen=True)
class ReferrerList:
    """The referrers of manifests in one repository."""

    manifests: Manifests

    def find(self, subject: Descriptor, artifact_type: str | None) -> tuple[Descriptor, ...]:
        """Those of one type, or all. Raises what :meth:`Host.send` raises."""
        capabilities = self.manifests.host.capabilities
        if capabilities.referrers is not False:
            listed = self._listed(subject, artifact_type)
            capabilities.referrers = listed is not None
            if listed is not None:
                return _of_type(listed, artifact_type)
        tagged = _of_type(self._tagged(subject.digest).manifests, artifact_type)
        return tuple(referrer for referrer in tagged if self._refers(referrer, subject))

    def add(self, subject: Descriptor, referrer: Descriptor) -> None:
        """Enter a referrer in the index under the tag, where a registry has no list of its own. Raises Conflict."""
        with self.manifests.host.listing:
            self._change(subject.digest, referrer, present=True)

    def remove(self, subject: Descriptor, referrer: Descriptor) -> None:
        """Take a referrer out of the index under the tag, and that away once it is empty. Raises Conflict."""
        with self.manifests.host.listing:
            self._change(subject.digest, referrer, present=False)
            if not self._tagged(subject.digest).manifests:
                with suppress(KitError):  # An empty one does no harm. All of them are the same manifest, which goes with its tags.
                    self.manifests.delete(digest_of(self.manifests.get(fallback_tag(subject.digest))[1]))

    def _listed(self, subject: Descriptor, artifact_type: str | None) -> list[Descriptor] | None:
        """The registry's own list; None where it has none. GHCR redirects to a web page for people (303), so that is not followed."""
        host, repository = self.manifests.host, self.manifests.repository
        query = f"?artifactType={quote(artifact_type, safe='')}" if artifact_type else ""
        found: list[Descriptor] = []
        for answer in pages(host, f"/v2/{repository}/referrers/{subject.digest}{query}", repository, see_other=False):
            index = _index_of(answer)
            if index is None:
                if answer.status == 429 or answer.status >= 500 or answer.status == 403:
                    raise problem(answer, f"listing the referrers of {subject.short}")
                return None
            found += index.manifests
            if len(found) > REFERRERS_MAX:
                break
        return found

    def _tagged(self, digest: str) -> Index:
        """The index under the tag; an empty one where there is none. GitLab answers with the manifest itself, which is none either."""
        try:
            _, data = self.manifests.get(fallback_tag(digest))
            index = decode(data, fallback_tag(digest))
        except NotFound:
            return Index(())
        return index if isinstance(index, Index) and not _is(data, digest) else Index(())

    def _refers(self, referrer: Descriptor, subject: Descriptor) -> bool:
        """Whether a manifest in an index that anybody may write is there, and really refers to the subject."""
        try:
            _, data = self.manifests.get(referrer.digest)
            manifest = decode(data, referrer.short)
        except (NotFound, ContentCorrupt):
            return False
        return manifest.subject is not None and manifest.subject.digest == subject.digest

    def _change(self, digest: str, referrer: Descriptor, *, present: bool) -> None:
        """No registry compares and swaps, so the index is read again after it was written, and written again if somebody else was last."""
        for _ in range(RACES_MAX):
            index = self._tagged(digest)
            others = tuple(entry for entry in index.manifests if entry.digest != referrer.digest)
            if (len(others) < len(index.manifests)) == present:
                return
            changed = replace(index, manifests=(*others, referrer) if present else others, media_type=OCI_INDEX)
            self.manifests.put(fallback_tag(digest), OCI_INDEX, encode_index(changed))
        if (referrer.digest in {entry.digest for entry in self._tagged(digest).manifests}) != present:
            raise Conflict(f"Others keep changing what refers to {digest[:19]}.", hint="Try again later.")


def _is(data: bytes, digest: str) -> bool:
    """Whether bytes have a digest."""
    algorithm, _, expected = digest.partition(":")
    return hashlib.new(algorithm, data).hexdigest() == expected


def _of_type(listed: Iterable[Descriptor], artifact_type: str | None) -> tuple[Descriptor, ...]:
    """A registry need not filter, and one that does may be asked again."""
    return tuple(referrer for referrer in listed if artifact_type in (None, referrer.artifact_type))


def _index_of(answer: Answer) -> Index | None:
    """The index in an answer; None where it is an error, a page for people, or anything else."""
    if answer.status != 200 or answer.media_type != OCI_INDEX:
        return None
    data = answer.data()
    try:
        index = decode(data, "the list of referrers")
    except KitError:
        return None
    return index if isinstance(index, Index) else None
