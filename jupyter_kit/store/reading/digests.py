"""The sha256 of kept content, remembered beside its root.

A root says what the content is, so a digest once computed from verified content holds whatever becomes of the store: rows are a cache
that cannot go stale. Each carries a check, so that a damaged row is none.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence

from jupyter_kit.progress import Progress, Silent
from jupyter_kit.store.format.codec import check_of
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.format.schema import ID_LENGTH, Table
from jupyter_kit.store.reading.ahead import runs
from jupyter_kit.store.reading.chunks import Chunks

_ROW = struct.Struct(f"<{ID_LENGTH}sQ")  # digest, XXH3-64 of root and digest

Part = bytes | Sequence[Span]
"""Literal bytes, or spans of committed chunks."""


def encode_digest_row(root: bytes, digest: bytes) -> bytes:
    """The value of one row of DIGESTS."""
    return _ROW.pack(digest, check_of(root + digest))


def remembered(chunks: Chunks, root: bytes) -> bytes | None:
    """The sha256 of the content with that root; None where nobody computed it yet."""
    value = chunks.environment.get(Table.DIGESTS, root)
    if value is None or len(value) != _ROW.size:
        return None
    digest, check = _ROW.unpack(value)
    return digest if check == check_of(root + digest) else None


def computed(chunks: Chunks, parts: Sequence[Part], progress: Progress | None = None) -> bytes:
    """The sha256 of the parts one after another; long ones are read and verified in one thread, and hashed in another.

    ``progress`` is told of kept content, not of literal bytes. Raises ContentCorrupt.
    """
    progress = progress or Silent()
    sha256 = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            sha256.update(part)
        else:
            for run in runs(chunks, part):
                for content in run:
                    sha256.update(content)
                progress.advance(sum(map(len, run)))
    return sha256.digest()
