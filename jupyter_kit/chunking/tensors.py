"""Cuts a file of tensors where its header says that they begin, without looking at the data.

A header, a tensor of 16 KiB or more, and a run of smaller ones are *regions*. A region is cut into blocks of 128 KiB counted from its
own begin: a tensor that moves because others grew, came or went keeps its chunks, and a change inside one stays in its block.

Headers come from strangers. Whatever is wrong with one, the answer is None, and the file is cut as any other.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from jupyter_kit.chunking.chunker import KIB, MIB, ReadAt

BLOCK_BYTES: Final = 128 * KIB
"""As the names of the formats say. Training changes whole tensors, so smaller blocks would find no more and cost more each."""

SMALL_BYTES: Final = 16 * KIB
"""Smaller tensors (norms, biases) share a chunk with their neighbours: below this the cost of a chunk outweighs its bytes."""

_LONGEST_HEADER: Final = 16 * MIB
"""Bytes: 140,000 tensors at the usual 120 bytes each. The format allows 100 MB, which no known file comes near."""

_OFFSETS: Final = re.compile(rb'"data_offsets"\s*:\s*\[\s*(\d{1,19})\s*,\s*(\d{1,19})\s*\]')


@dataclass(frozen=True)
class TensorBlocks:
    """Blocks of :data:`BLOCK_BYTES` inside regions. ``regions`` holds their begins, ascending, the first one 0."""

    name: str
    regions: array[int] = field(repr=False)

    @property
    def longest(self) -> int:
        """:data:`BLOCK_BYTES`."""
        return BLOCK_BYTES

    def cut(self, window: memoryview, offset: int, *, final: bool) -> list[int]:
        """See :meth:`jupyter_kit.chunking.chunker.Chunker.cut`. Past the begin of the last region blocks go on without an end."""
        stop = offset + len(window)
        lengths = []
        following = bisect_right(self.regions, offset)
        while offset < stop:
            border = self.regions[following] if following < len(self.regions) else stop + BLOCK_BYTES
            end = min(offset + BLOCK_BYTES, border)
            if end > stop:
                if final:
                    lengths.append(stop - offset)
                break
            lengths.append(end - offset)
            offset = end
            following += end == border
        return lengths


def regions(begins: Iterable[int], end: int) -> array[int]:
    """Where regions begin, given where tensors do: ``begins`` ascends, no two alike, and the last tensor stops at ``end``.

    A run of small tensors becomes a region as soon as it holds :data:`SMALL_BYTES`. Runs depend on the sizes since the last large
    tensor only, so a small one that grows moves no cut behind the next large one.
    """
    found = array("Q")
    run = False  # whether the region that is open is a run of small tensors
    for begin, stop in pairwise([*begins, end]):
        small = stop - begin < SMALL_BYTES
        if not (small and run and begin - found[-1] < SMALL_BYTES):
            found.append(begin)
        run = small
    return found


def safetensors(size: int, read: ReadAt) -> TensorBlocks | None:
    """The chunker of a safetensors file of ``size`` bytes, or None if its header is not good: 8 bytes of length, JSON, then the data.

    The offsets are picked from the JSON's text. To build what a stranger's JSON describes can take a hundred times its size in memory,
    and a wrong pick cannot do harm: the tensors must follow each other without a gap or an overlap and fill the file.
    """
    length = int.from_bytes(read(0, 8), "little")
    data = 8 + length
    if length > _LONGEST_HEADER or data >= size:
        return None
    header = read(8, length)
    if len(header) != length or not header.startswith(b"{"):
        return None
    begins, ends = [], []
    for match in _OFFSETS.finditer(header):
        begin, end = int(match[1]), int(match[2])
        if begin > end:
            return None
        if begin < end:
            begins.append(data + begin)
            ends.append(data + end)
    begins.sort()
    ends.sort()
    if not begins or [data, *ends] != [*begins, size]:
        return None
    return TensorBlocks("safetensors-128k/1", array("Q", [0]) + regions(begins, size))
