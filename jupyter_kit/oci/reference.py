"""References as kit reads them: ``[registry/]repository[:tag][@digest]`` (kitops.md 3.1), and ``oci:path[:tag]`` for a layout."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.digest import check_digest

LOCAL = "localhost"
"""The registry of a reference that names none: this machine's store. With a port (``localhost:5000``) it is a real registry."""

NO_REPOSITORY = "_"
"""The repository of a ModelKit that was never named."""

LAYOUT_PREFIX = "oci:"

NAME_LENGTH_MAX = 255
"""Characters of registry and repository together (distribution-spec, “Pulling manifests”)."""

_REPOSITORY = re.compile(r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_REGISTRY = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")


@dataclass(frozen=True)
class Reference:
    """Where a ModelKit is and which one. At most one of ``tag`` and ``digest`` is set: a digest beats a tag."""

    registry: str
    repository: str
    tag: str | None = None
    digest: str | None = None

    @property
    def local(self) -> bool:
        """Whether it names no registry, only this machine's store."""
        return self.registry == LOCAL

    @property
    def place(self) -> str:
        """Registry and repository."""
        return f"{self.registry}/{self.repository}"

    @property
    def name(self) -> str | None:
        """The tag or digest."""
        return self.digest or self.tag

    def __str__(self) -> str:
        """As kit shows it: without ``localhost/``, and a nameless repository as nothing."""
        place = self.repository if self.local else self.place
        if self.local and self.repository == NO_REPOSITORY:
            return self.digest or "<none>"
        return place + (f"@{self.digest}" if self.digest else f":{self.tag}" if self.tag else "")

    def tagged(self, default: str = "latest") -> Reference:
        """The same with a tag, where it has neither tag nor digest."""
        return self if self.name else replace(self, tag=default)


@dataclass(frozen=True)
class LayoutReference:
    """A folder in the OCI image layout, and a tag in it."""

    path: str
    tag: str | None = None

    def __str__(self) -> str:
        return LAYOUT_PREFIX + self.path + (f":{self.tag}" if self.tag else "")


def parse_reference(text: str) -> Reference:
    """Raises InvalidInput, saying what a reference looks like."""
    if text.startswith(("sha256:", "sha512:")):
        return Reference(LOCAL, NO_REPOSITORY, digest=check_digest(text))
    rest, at, digest = text.partition("@")
    head, slash, tail = rest.partition("/")
    registry, rest = (head, tail) if slash and (":" in head or "." in head) else (LOCAL, rest)
    repository, colon, tag = rest.partition(":")
    reasons = [
        (not _REGISTRY.fullmatch(registry), f"“{registry}” is not a registry"),
        (
            not (_REPOSITORY.fullmatch(repository) or (registry == LOCAL and repository == NO_REPOSITORY)),
            f"“{repository}” is not a repository (lower case, digits, “.”, “_”, “-”, “/”)",
        ),
        (len(registry) + len(repository) >= NAME_LENGTH_MAX, "its name is too long"),
        (bool(colon) and not _TAG.fullmatch(tag), f"“{tag[:140]}” is not a tag"),
    ]
    for wrong, reason in reasons:
        if wrong:
            raise InvalidInput(
                f"“{text[:300]}” is not a reference: {reason}.",
                hint="Write it as registry/repository:tag, for example ghcr.io/team/model:v1.",
            )
    return Reference(registry, repository, digest=check_digest(digest)) if at else Reference(registry, repository, tag=tag or None)


def parse_references(text: str) -> tuple[Reference, ...]:
    """Several tags of one repository, ``repository:first,second``. Raises InvalidInput."""
    first, *others = text.split(",")
    reference = parse_reference(first)
    if others and (reference.tag is None or not all(map(_TAG.fullmatch, others))):
        raise InvalidInput(f"“{text[:300]}” has further tags that are none.", hint="Write repository:first,second.")
    return (reference, *(replace(reference, tag=tag) for tag in others))


def check_tag(text: str) -> str:
    """The tag itself. Raises InvalidInput where it is none."""
    if not _TAG.fullmatch(text):
        raise InvalidInput(
            f"“{text[:140]}” is not a tag.", hint="A tag is at most 128 letters, digits, “.”, “_” and “-”, and begins with none of “.-”."
        )
    return text


def parse_layout_reference(text: str) -> LayoutReference:
    """``oci:path[:tag]``; the tag is what follows the last colon, if it can be one. Raises InvalidInput."""
    path, colon, tag = text.removeprefix(LAYOUT_PREFIX).rpartition(":")
    if not colon or not _TAG.fullmatch(tag) or not path:
        path, tag = text.removeprefix(LAYOUT_PREFIX), ""
    if not text.startswith(LAYOUT_PREFIX) or not path:
        raise InvalidInput(f"“{text[:300]}” is not a layout.", hint="Write it as oci:folder:tag, for example oci:exports:v1.")
    return LayoutReference(path, tag or None)
