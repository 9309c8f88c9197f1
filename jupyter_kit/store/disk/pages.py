"""What LMDB's file says of its own pages, read without LMDB: which of them nothing uses.

LMDB believes its pages. Where one is missing because the file was cut short, it ends the whole process on an assertion of its own; so
that is looked at before any page is used. The layout is that of LMDB 0.9 (lmdb.h, mdb.c: MDB_page, MDB_meta, MDB_db, MDB_node) on machines
with 64 bits that are little-endian; :data:`KNOWN` says whether this is one.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterator

from jupyter_kit import system

KNOWN = sys.byteorder == "little" and struct.calcsize("P") == 8
"""Whether the layout here is that of this machine."""

_MAGIC = 0xBEEFC0DE
_NO_PAGE = (1 << 64) - 1
_BRANCH, _LEAF, _OVERFLOW = 1, 2, 4
_BIG = 1
"""Of a leaf's node: the value lies on overflow pages, and the node holds the number of the first."""

_page = struct.Struct("<QHHHH")  # number, padding, flags, end of the pointers, start of the nodes; of overflow pages the last two: how many
_meta = struct.Struct("<16xII16xIHH4QQ48xQQ")  # magic, version; free list: page size, flags, depth, …, root; last page, transaction
_node = struct.Struct("<HHHH")  # size of the value, low and high; flags; size of the key
_number = struct.Struct("<Q")


class Pages:
    """The file of one environment, as its newest transaction left it."""

    def __init__(self, descriptor: int) -> None:
        """Raises ValueError where the file has no head."""
        self._descriptor = descriptor
        self.size = os.fstat(descriptor).st_size
        """Of the file, in bytes."""
        self.page_bytes, _, _, _ = self._head(0)
        heads = [self._head(number * self.page_bytes) for number in range(2)]
        _, self._root, self.last, _ = max(heads, key=lambda head: head[3])

    @property
    def missing(self) -> range:
        """Numbers of the pages that the file counts and does not hold in full."""
        return range(self.size // self.page_bytes, self.last + 1)

    def unused(self) -> set[int]:
        """Numbers of the pages in the free list. Raises ValueError where the list cannot be read."""
        found: set[int] = set()
        for value in self._values(self._root, set()):
            (count,) = _number.unpack_from(value)
            if len(value) < (count + 1) * _number.size:
                raise ValueError("a list of free pages is cut off")
            found.update(struct.unpack_from(f"<{count}Q", value, _number.size))
        return found

    def _head(self, offset: int) -> tuple[int, int, int, int]:
        """Page size in bytes, root of the free list, last page, number of the transaction."""
        try:
            magic, _, page_bytes, _, _, _, _, _, _, root, last, transaction = _meta.unpack_from(self._read(offset, _meta.size))
        except struct.error as error:
            raise ValueError("the head is cut off") from error
        if magic != _MAGIC or not page_bytes:
            raise ValueError("there is no head")
        return page_bytes, root, last, transaction

    def _values(self, number: int, seen: set[int]) -> Iterator[bytes]:
        """Every value of the tree below a page."""
        if number == _NO_PAGE:
            return
        if number in seen:
            raise ValueError(f"page {number} is named twice")
        seen.add(number)
        page = self._read(number * self.page_bytes, self.page_bytes)
        try:
            itself, _, flags, end, _ = _page.unpack_from(page)
            if itself != number or not flags & (_BRANCH | _LEAF):
                raise ValueError(f"page {number} is missing")
            for (place,) in struct.iter_unpack("<H", page[_page.size : end]):
                low, high, node_flags, key_bytes = _node.unpack_from(page, place)
                if flags & _BRANCH:
                    yield from self._values(low | high << 16 | node_flags << 32, seen)
                    continue
                begin = place + _node.size + key_bytes
                length = low | high << 16
                if node_flags & _BIG:
                    yield self._overflow(_number.unpack_from(page, begin)[0], length)
                else:
                    yield page[begin : begin + length]
        except struct.error as error:
            raise ValueError(f"page {number} is damaged") from error

    def _overflow(self, number: int, length: int) -> bytes:
        head = self._read(number * self.page_bytes, _page.size)
        if len(head) < _page.size or not _page.unpack(head)[2] & _OVERFLOW:
            raise ValueError(f"page {number} is missing")
        return self._read(number * self.page_bytes + _page.size, length)

    def _read(self, offset: int, length: int) -> bytes:
        if offset >= self.size:
            raise ValueError("the file ends before")
        return system.read_bytes_at(self._descriptor, min(length, self.size - offset), offset)
