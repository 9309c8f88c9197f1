"""Digests as OCI writes them, and the check that bytes are what their digest says (image-spec, descriptor.md, “Digests”)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from jupyter_kit.errors import ContentCorrupt, InvalidInput

_LENGTHS = {"sha256": 64, "sha512": 128}
"""Algorithms that the specification registers, with the hexadecimal characters of each."""

_DIGEST = re.compile(r"(sha256|sha512):([0-9a-f]+)")


def check_digest(text: str) -> str:
    """The digest itself. Raises InvalidInput where it is not one of a registered algorithm."""
    match = _DIGEST.fullmatch(text)
    if match is None or len(match[2]) != _LENGTHS[match[1]]:
        raise InvalidInput(f"“{text[:100]}” is not a digest.", hint="A digest is sha256: and 64 characters of 0-9 and a-f.")
    return text


def digest_of(data: bytes) -> str:
    """``sha256:`` and the hash of ``data`` in hexadecimal."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def verified(digest: str, size: int, content: Iterable[bytes | memoryview], name: str) -> Iterator[bytes | memoryview]:
    """The same content, whole; what is more or other than promised never gets past the last piece.

    ``name`` says in messages what is read. Raises ContentCorrupt for a wrong size or digest: take no result before the iterator ends.
    """
    algorithm, _, expected = check_digest(digest).partition(":")
    actual = hashlib.new(algorithm)
    left = size
    for piece in content:
        left -= len(piece)
        if left < 0:
            break
        actual.update(piece)
        yield piece
    if left or actual.hexdigest() != expected:
        what = f"is not {size} bytes long" if left else "is not what its digest says"
        raise ContentCorrupt(f"{name} {what} ({digest[:19]}).", hint="Fetch it again; if that does not help, push it again.")
