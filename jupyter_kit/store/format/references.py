"""References: what the store's ModelKits are called.

A reference is kept as ``registry/repository:tag``, or ``registry/repository@sha256:…`` where the manifest has no tag; a ModelKit of this
machine has the registry ``localhost``.
"""

from __future__ import annotations

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.digest import check_digest
from jupyter_kit.oci.reference import LOCAL, parse_reference

SHA256_CHARACTERS = 64
"""Length of a sha256 in hexadecimal; a sha512 has twice as many."""


def check_reference(text: str) -> str:
    """The text itself. Raises InvalidInput where it is not a reference in the form in which the store keeps it."""
    parsed = parse_reference(text.removeprefix(f"{LOCAL}/"))
    if text != parsed.place + (f"@{parsed.digest}" if parsed.digest else f":{parsed.tag}"):
        raise InvalidInput(
            f"“{text[:300]}” is not a whole reference.", hint="Write it as registry/repository:tag or registry/repository@sha256:…"
        )
    return text


def hexadecimal(digest: str) -> str:
    """An OCI digest as the store's methods take it, without its algorithm. Raises InvalidInput where it is none."""
    return check_digest(digest).partition(":")[2]


def with_algorithm(digest: str) -> str:
    """The OCI digest that :func:`hexadecimal` made shorter."""
    return f"{algorithm_of(digest)}:{digest}"


def algorithm_of(digest: str) -> str:
    """The algorithm of a hexadecimal digest, which its length tells: OCI registers these two."""
    return "sha256" if len(digest) == SHA256_CHARACTERS else "sha512"
