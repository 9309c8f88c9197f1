"""The seam between a stream of bytes and its cut points, and the shapes that all chunkers share.

A chunker is a pure function of bytes: no I/O, no clock, no state that outlives a file. Its ``name`` is part of the store's format (it
goes into every recipe's root), so a chunker never changes its cuts under the same name: a change is a new name.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, Protocol

KIB = 1024
MIB = 1024 * KIB

ReadAt = Callable[[int, int], bytes]
"""``read(offset, length)``: up to ``length`` bytes of the file from ``offset``; shorter only at its end."""


class Chunker(Protocol):
    """Cuts one stream. The caller feeds windows; the chunker answers with the cuts it is sure of."""

    @property
    def name(self) -> str:
        """Name, parameters and version, for example ``fastcdc-64k/1``. Part of the format."""

    @property
    def longest(self) -> int:
        """Length in bytes of the longest chunk it can make. A window shorter than this may yield no cut unless it is final."""

    def cut(self, window: memoryview, offset: int, *, final: bool) -> list[int]:
        """Lengths of the chunks at the start of ``window``, which begins ``offset`` bytes into the stream, at a cut.

        Only cuts that no later byte can move are returned, so their sum may be less than ``len(window)``; the caller offers the rest
        again with more bytes behind it. With ``final`` the window ends the stream and the lengths sum to its length. The cuts of a
        stream are therefore the same however it is read.
        """


class Encoding(IntEnum):
    """How the bytes of a part appear in the file. The numbers are part of the format."""

    IDENTITY = 0
    BASE64 = 1
    """Standard alphabet with padding, on one line."""
    BASE64_LINES = 2
    """As BASE64, cut into lines of 76 characters, each line (the last one too) followed by the two characters ``\\n`` (a JSON escape)."""
    BASE64_LINE = 3
    """As BASE64, on one line, followed by the two characters ``\\n`` once."""


@dataclass(frozen=True)
class Piece:
    """A run of the file: ``length`` bytes from ``start`` of part number ``part``, written in ``encoding``."""

    part: int
    start: int
    length: int
    encoding: Encoding = Encoding.IDENTITY


@dataclass(frozen=True)
class Split:
    """A file taken apart: each part becomes chunks of its own, and the pieces, in order, give the file back byte for byte.

    ``parts[0]`` is the skeleton, the text that changes a little with every version. The others are payloads, each of at most 233,472
    bytes, which is one chunk: a longer payload is several parts. A payload part has one piece, the whole of it.
    """

    chunker: str
    parts: tuple[bytes, ...]
    pieces: tuple[Piece, ...]


Compression = Literal["never", "sample", "delta"]
"""never: kept raw (weights, files already packed). sample: zstd where a sample of the chunk says it pays. delta: as sample, and small
enough to be compressed against its earlier version."""


@dataclass(frozen=True)
class Selection:
    """What :func:`jupyter_kit.chunking.select.select` decided for one file."""

    chunker: Chunker
    compression: Compression
    notebook: bool = False
    """Try to split the file as a notebook first; ``chunker`` is then the answer for a file that does not split."""
