"""Reads the header of a GGUF file (versions 2 and 3, little-endian) as far as the cut points need it.

Layout: ``GGUF``, version u32, number of tensors u64, number of pairs u64; the pairs (key, type u32, value); the tensors (name, number of
dimensions u32, dimensions u64 each, type u32, offset u64); padding; the data, from whose begin the offsets count. A string is its length
u64 and its bytes; an array is a type u32, a count u64 and its values.
"""

from __future__ import annotations

import struct
from typing import Final

from jupyter_kit.chunking.chunker import KIB, MIB, ReadAt
from jupyter_kit.chunking.tensors import TensorBlocks, regions

_LONGEST_HEADER: Final = 32 * MIB
"""Bytes. The largest vocabularies (260,000 tokens with their scores and merges) take about 15 MB."""

_MOST_PAIRS: Final = 1 << 16
"""Models have some 60. This and the next bound the time that a hostile header takes."""

_MOST_TENSORS: Final = 1 << 17
"""The largest mixtures of experts have some 60,000 before their experts are merged."""

_MOST_DIMENSIONS: Final = 8
"""The format's own limit is 4 so far."""

_WIDEST_ALIGNMENT: Final = 64 * KIB
"""Bytes; the widest page of memory in use. The default is 32."""

_ALIGNMENT_KEY: Final = b"general.alignment"

_U32: Final = struct.Struct("<I")
_U64: Final = struct.Struct("<Q")
_U32_TYPE, _STRING_TYPE, _ARRAY_TYPE = 4, 8, 9
_WIDTHS: Final = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}
"""Bytes of a value by its type: integers of 8 to 32 bits by turns unsigned and signed, float, bool, 64-bit integers, double."""


class _Malformed(Exception):
    """The header breaks the format, or one of the limits above."""


def gguf(size: int, read: ReadAt) -> TensorBlocks | None:
    """The chunker of a GGUF file of ``size`` bytes, or None if its header is not good.

    The pairs of the header are cut like tensors, so a vocabulary keeps its chunks when the chat template before it changes. A tensor
    is taken to reach to the next one.
    """
    if read(0, 4) != b"GGUF":
        return None
    try:
        pairs, data, offsets = _Header(read(0, min(size, _LONGEST_HEADER))).layout()
    except _Malformed:
        return None
    tensors = sorted(data + offset for offset in offsets)
    if not tensors or tensors[0] != data or tensors[-1] >= size or len(set(tensors)) < len(tensors):
        return None
    return TensorBlocks("gguf-128k/1", regions([0, *pairs], data) + regions(tensors, size))


class _Header:
    """Steps through a header. Every step that would leave it raises :class:`_Malformed`."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 4
        self._alignment = 32

    def layout(self) -> tuple[list[int], int, list[int]]:
        """Where each pair and then the list of tensors begin; where the data begins; the tensors' offsets into it."""
        version, tensors, pairs = self._u32(), self._u64(), self._u64()
        if version not in (2, 3) or tensors > _MOST_TENSORS or pairs > _MOST_PAIRS:
            raise _Malformed
        begins = []
        for _ in range(pairs):
            begins.append(self._position)
            self._pair()
        begins.append(self._position)
        offsets = [self._tensor() for _ in range(tensors)]
        return begins, self._position + -self._position % self._alignment, offsets

    def _pair(self) -> None:
        key, kind = self._string(), self._u32()
        if key == _ALIGNMENT_KEY:
            self._alignment = self._u32()
            if kind != _U32_TYPE or not 0 < self._alignment <= _WIDEST_ALIGNMENT:
                raise _Malformed
        elif kind == _ARRAY_TYPE:
            kind = self._u32()
            self._values(kind, self._u64())
        else:
            self._values(kind, 1)

    def _values(self, kind: int, count: int) -> None:
        """Steps over values of a type that is not an array: arrays of arrays are in no file, and no reader takes them."""
        if kind == _STRING_TYPE:
            self._strings(count)
        elif kind in _WIDTHS:
            self._skip(count * _WIDTHS[kind])
        else:
            raise _Malformed

    def _strings(self, count: int) -> None:
        """Steps over ``count`` strings, of which a vocabulary has a million. A count that lies ends at the end of the header."""
        data, position = self._data, self._position
        last = len(data) - _U64.size
        unpack = _U64.unpack_from
        for _ in range(count):
            if position > last:
                raise _Malformed
            position += _U64.size + unpack(data, position)[0]
        self._position = position
        self._skip(0)

    def _tensor(self) -> int:
        self._string()
        dimensions = self._u32()
        if dimensions > _MOST_DIMENSIONS:
            raise _Malformed
        self._skip(dimensions * _U64.size + _U32.size)
        return self._u64()

    def _string(self) -> bytes:
        length = self._u64()
        begin = self._position
        self._skip(length)
        return self._data[begin : self._position]

    def _u32(self) -> int:
        begin = self._position
        self._skip(_U32.size)
        return int(_U32.unpack_from(self._data, begin)[0])

    def _u64(self) -> int:
        begin = self._position
        self._skip(_U64.size)
        return int(_U64.unpack_from(self._data, begin)[0])

    def _skip(self, length: int) -> None:
        self._position += length
        if self._position > len(self._data):
            raise _Malformed
