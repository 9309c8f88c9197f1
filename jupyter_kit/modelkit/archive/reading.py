"""Reading the tar archive of a layer, one entry after another, within limits (POSIX.1-2001 pax interchange format; GNU long names).

Stricter than readers of tapes: a damaged header is an error, not the end, and kinds of entries that a ModelKit cannot hold are told, for
the caller to refuse. Nothing here trusts a size further than the bytes that are there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.modelkit.archive.header import BLOCK_BYTES
from jupyter_kit.system import Buffer

ENTRIES_MAX = 1_000_000
"""Entries of one archive: more than any workspace that people work in."""

EXTENDED_BYTES_MAX = 1 << 20
"""Bytes of an extended header: what Go's reader takes. Ours hold a name and a size."""

SKIP_BYTES = 8 << 20
"""A content longer than this is jumped over where the stream can: shorter ones are read in passing."""

Kind = Literal["file", "folder", "symlink", "hard link", "device", "pipe", "sparse file", "unknown entry"]

_KINDS: dict[bytes, Kind] = {
    b"0": "file",
    b"\0": "file",
    b"7": "file",
    b"5": "folder",
    b"2": "symlink",
    b"1": "hard link",
    b"3": "device",
    b"4": "device",
    b"6": "pipe",
    b"S": "sparse file",
}
_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_TARGET = b"x", b"g", b"L", b"K"
_READ = frozenset({b"path", b"size"})
_SPARSE = b"GNU.sparse."
_EMPTY = bytes(BLOCK_BYTES)


@dataclass(frozen=True)
class Member:
    """An entry of an archive: its name as it stands there, and its permission bits. ``size`` is in bytes.

    ``start`` is where its content begins in the archive, in bytes.
    """

    name: str
    kind: Kind
    mode: int
    size: int
    start: int = field(default=0, compare=False)


class Stream:
    """Bytes that are read forward. ``open_at(start)`` gives them from ``start``; where ``size`` is known, long skips open them anew."""

    def __init__(self, open_at: Callable[[int], Iterator[Buffer]], size: int | None = None) -> None:
        self._open_at, self._size = open_at, size
        self._pieces = open_at(0)
        self._piece: Buffer = b""
        self.position = 0
        """Bytes read or skipped."""

    def pieces(self, length: int) -> Iterator[Buffer]:
        """The next ``length`` bytes, fewer only at the end."""
        while length:
            if not len(self._piece):
                following = next(self._pieces, None)
                if following is None:
                    return
                self._piece = following
                continue
            piece = self._piece[:length]
            self._piece = self._piece[len(piece) :]
            length -= len(piece)
            self.position += len(piece)
            yield piece

    def read(self, length: int) -> bytes:
        """The next ``length`` bytes as one, fewer only at the end."""
        return b"".join(map(bytes, self.pieces(length)))

    def skip(self, length: int) -> bool:
        """Go on behind the next ``length`` bytes. False where there are fewer."""
        if self._size is not None and length > SKIP_BYTES:
            if self.position + length > self._size:
                return False
            self.position += length
            self._piece, self._pieces = b"", self._open_at(self.position)
            return True
        return sum(map(len, self.pieces(length))) == length

    def drain(self) -> None:
        """Read to the end, so that whatever verifies the whole sees it."""
        for piece in self._pieces:
            self.position += len(piece)


class TarReader:
    """Iterates over the members of an archive; :meth:`content` gives the current one's, as far as nobody asked for it yet.

    Raises ContentCorrupt where it is no archive or is cut off, InvalidInput over the limits. ``name`` says in messages what is read.
    """

    def __init__(self, stream: Stream, name: str) -> None:
        self._stream, self._name = stream, name
        self._left = self._padding = 0

    def __iter__(self) -> Iterator[Member]:
        number = 0
        while (member := self._next()) is not None:
            number += 1
            if number > ENTRIES_MAX:
                raise InvalidInput(f"{self._name} has more than {ENTRIES_MAX:,} entries.", hint="Do not trust where it comes from.")
            yield member
        self._stream.drain()

    def content(self) -> Iterator[Buffer]:
        """What is left of the current member's content."""
        while self._left:
            got = 0
            for piece in self._stream.pieces(self._left):
                got += len(piece)
                self._left -= len(piece)
                yield piece
            if not got:
                raise self._damaged("it ends in the middle of a file")

    def _next(self) -> Member | None:
        extended: dict[bytes, bytes] = {}
        overall: dict[bytes, bytes] = {}
        while True:
            if not self._stream.skip(self._left + self._padding):
                raise self._damaged("it ends in the middle of a file")
            block = self._block()
            if block is None:
                return None
            kind, size = block[156:157], _number(block[124:136])
            if size is None:
                raise self._damaged("a size is no number")
            self._left, self._padding = 0, 0
            if kind in (_EXTENDED, _GLOBAL, _LONG_NAME, _LONG_TARGET):
                content = self._extension(size)
                if kind == _EXTENDED:
                    extended.update(self._records(content))
                elif kind == _GLOBAL:
                    overall = self._records(content)
                elif kind == _LONG_NAME:
                    extended[b"path"] = content.split(b"\0")[0]
                continue
            if overall:
                raise self._damaged("one name is said to be that of all entries")
            return self._member(block, kind, size, extended)

    def _block(self) -> bytes | None:
        """The next header; None at the end of the archive, with or without the blocks that should tell it."""
        block = self._stream.read(BLOCK_BYTES)
        if not block:
            return None
        if block == _EMPTY:
            if self._stream.read(BLOCK_BYTES).strip(b"\0"):
                raise self._damaged("an empty block stands between entries")
            return None
        if len(block) < BLOCK_BYTES or _number(block[148:156]) != sum(block[:148]) + 8 * ord(" ") + sum(block[156:]):
            raise self._damaged("a header is damaged")
        return block

    def _member(self, block: bytes, kind: bytes, size: int, extended: dict[bytes, bytes]) -> Member:
        name = block[:100].split(b"\0")[0]
        prefix = block[345:500].split(b"\0")[0]
        if prefix and block[257:263] == b"ustar\0":  # GNU keeps times in that field, and has another magic.
            name = prefix + b"/" + name
        name = extended.get(b"path", name)
        if b"size" in extended:
            if not extended[b"size"].isdigit() or len(extended[b"size"]) > len(str(1 << 63)):
                raise self._damaged("a size is no number")
            size = int(extended[b"size"])
        what = _KINDS.get(kind, "unknown entry")
        if any(key.startswith(_SPARSE) for key in extended):
            what = "sparse file"
        if kind == b"\0" and name.endswith(b"/"):  # How archives before POSIX tell a folder.
            what = "folder"
        if what == "folder" and size:
            raise self._damaged("a folder has a size")
        self._left, self._padding = size, -size % BLOCK_BYTES
        mode = (_number(block[100:108]) or 0) & 0o7777
        return Member(name.decode("utf-8", "surrogateescape"), what, mode, size, self._stream.position)

    def _extension(self, size: int) -> bytes:
        if size > EXTENDED_BYTES_MAX:
            raise InvalidInput(f"{self._name} has an extended header of {size} bytes.", hint="Do not trust where it comes from.")
        content = self._stream.read(size)
        if len(content) < size or not self._stream.skip(-size % BLOCK_BYTES):
            raise self._damaged("it ends in an extended header")
        return content

    def _records(self, content: bytes) -> dict[bytes, bytes]:
        records: dict[bytes, bytes] = {}
        while content:
            digits, _, _ = content[:20].partition(b" ")
            length = int(digits) if digits.isdigit() else 0
            record = content[:length]
            key, equals, value = record[len(digits) + 1 : -1].partition(b"=")
            if len(record) < length or not record.endswith(b"\n") or not equals:
                raise self._damaged("an extended header is damaged")
            if key in _READ or key.startswith(_SPARSE):
                records[key] = value
            content = content[length:]
        return records

    def _damaged(self, reason: str) -> ContentCorrupt:
        return ContentCorrupt(f"{self._name} is no whole tar archive: {reason}.", hint="Ask whoever packed it to pack it again.")


def _number(field: bytes) -> int | None:
    """A number in octal digits, or in GNU's binary form; None where it is neither or is negative."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if all(0x30 <= digit <= 0x37 for digit in digits) else None
