"""References: what the store's ModelKits are called.

A reference is kept as ``registry/repository:tag``, or ``registry/repository@sha256:…`` where the manifest has no tag; a ModelKit of this
machine has the registry ``localhost``.
"""

from __future__ import annotations

from jupyter_kit.errors import InvalidInput, UnsupportedFormat
from jupyter_kit.oci.digest import check_digest
from jupyter_kit.oci.reference import LOCAL, parse_reference


def check_reference(text: str) -> str:
    """The text itself. Raises InvalidInput where it is not a reference in the form in which the store keeps it."""
    parsed = parse_reference(text.removeprefix(f"{LOCAL}/"))
    if text != parsed.place + (f"@{parsed.digest}" if parsed.digest else f":{parsed.tag}"):
        raise InvalidInput(
            f"“{text[:300]}” is not a whole reference.", hint="Write it as registry/repository:tag or registry/repository@sha256:…"
        )
    return text


def sha256_of(digest: str) -> str:
    """The hexadecimal part of an OCI digest. Raises InvalidInput for none, UnsupportedFormat for another algorithm."""
    algorithm, _, hexadecimal = check_digest(digest).partition(":")
    if algorithm != "sha256":
        raise UnsupportedFormat(
            f"A store keeps no blob by its {algorithm} ({digest[:19]}).", hint="Ask whoever pushed it to push it with sha256 digests."
        )
    return hexadecimal
