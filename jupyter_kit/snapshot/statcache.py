"""The stat cache: what the file system said of each file when its content was kept, so that unchanged files are not read again.

One row for each folder, and one for the tree. A folder's fingerprint covers the names and stamps of everything in it; where it is the
cached one, nothing in the folder is looked at one by one. The tree's row holds all fingerprints, so an unchanged workspace is recognised
from one row. Rows are a cache: one that does not decode, or is of another version, counts as missing.

A stamp is trusted only where a later write cannot leave it as it was; whoever reads a file decides that. A folder with a stamp that is not
trusted has the fingerprint :data:`UNTRUSTED`.
"""

from __future__ import annotations

import json
import os
import struct
from dataclasses import dataclass
from typing import NamedTuple

from xxhash import xxh3_64_digest, xxh3_128_digest

from jupyter_kit import system
from jupyter_kit.snapshot.listing import pack
from jupyter_kit.snapshot.snapshot import Skipped

TREE_KEY = b"tree"
"""Key of the tree's row. A folder's key has 16 bytes, so the two never meet."""

UNTRUSTED = bytes(16)
"""The fingerprint of a folder that has to be looked at again. A real one is all zeros once in 2 to the 128."""

NEVER = -(1 << 63)
"""The ctime of a stamp that is not trusted: no file has it."""

_VERSION = b"\x01"
_HEAD = struct.Struct("<16sII")
"""A folder's row: fingerprint, number of entries, length of their names in bytes. Then names, columns, roots, and a tail in JSON."""

_TREE_HEAD = struct.Struct("<32s32sQQQI")
"""The tree's row: two digests of file lists, files, bytes, rows kept so far, number of fingerprints. Then those, and a tail in JSON."""

_CHECK_BYTES = 8
_FINGERPRINT_BYTES = 16
_ROOT_BYTES = 32
_COLUMNS = 5
_INT64_MAX = (1 << 63) - 1


class Stamp(NamedTuple):
    """What tells a changed file without reading it: type and permissions, bytes, nanoseconds since 1970, and the inode."""

    mode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int


def stamp_of(found: os.stat_result) -> Stamp:
    """The stamp in a stat result. Times that 64 bits do not hold are cut off there (ext4 knows years after 2262)."""
    mtime_ns, ctime_ns = found.st_mtime_ns, found.st_ctime_ns
    if mtime_ns > _INT64_MAX or ctime_ns > _INT64_MAX:
        mtime_ns, ctime_ns = min(mtime_ns, _INT64_MAX), min(ctime_ns, _INT64_MAX)
    return Stamp(found.st_mode, found.st_size, mtime_ns, ctime_ns, found.st_ino & _INT64_MAX if system.LISTS_INODES else 0)


@dataclass(frozen=True)
class FolderRow:
    """The files and symlinks of one folder that are kept, sorted by name.

    ``roots`` are hexadecimal, empty for a symlink, whose text ``targets`` has. ``skipped`` are the entries left out by name (name, reason).
    """

    fingerprint: bytes
    names: list[str]
    stamps: list[Stamp]
    roots: list[str]
    targets: dict[str, str]
    skipped: list[tuple[str, str]]


@dataclass(frozen=True)
class TreeRow:
    """The workspace when it was last captured or rolled back.

    ``files`` is the digest of its file list, ``like`` that of one which says the same but for times. ``rows`` counts the folders' rows
    that were ever put since the cache was cleared.
    """

    files: str
    like: str
    file_count: int
    total_bytes: int
    rows: int
    fingerprints: frozenset[bytes]
    skipped: tuple[Skipped, ...]


def folder_key(path: str) -> bytes:
    """The key of a folder's row: LMDB takes at most 511 bytes, and paths are longer."""
    return xxh3_128_digest(os.fsencode(path))


def encode_folder(row: FolderRow) -> bytes:
    """The bytes of a folder's row."""
    names = os.fsencode("\0".join(row.names))
    columns = [list(column) for column in zip(*row.stamps, strict=True)]
    roots = b"".join([bytes.fromhex(root) if root else bytes(_ROOT_BYTES) for root in row.roots])
    tail = json.dumps([row.targets, row.skipped], separators=(",", ":")).encode()
    return _sealed(b"".join((_HEAD.pack(row.fingerprint, len(row.names), len(names)), names, pack(*columns), roots, tail)))


def decode_folder(value: bytes | None) -> FolderRow | None:
    """A folder's row, None where there is none that can be used."""
    body = _opened(value)
    if body is None:
        return None
    mark, count, length = _HEAD.unpack_from(body)
    start = _HEAD.size + length
    names = os.fsdecode(body[_HEAD.size : start]).split("\0") if count else []
    numbers = struct.unpack_from(f"<{_COLUMNS * count}q", body, start)
    start += len(numbers) * 8
    hexadecimal = body[start : start + count * _ROOT_BYTES].hex()
    targets, skipped = json.loads(body[start + count * _ROOT_BYTES :])
    roots = [hexadecimal[at : at + 2 * _ROOT_BYTES] for at in range(0, len(hexadecimal), 2 * _ROOT_BYTES)]
    for position, name in enumerate(names):
        if name in targets:
            roots[position] = ""
    stamps = list(map(Stamp._make, zip(*[iter(numbers[column * count : (column + 1) * count]) for column in range(_COLUMNS)], strict=True)))
    return FolderRow(mark, names, stamps, roots, targets, [(name, reason) for name, reason in skipped])


def fingerprint_in(value: bytes) -> bytes | None:
    """The fingerprint in a folder's row, None where the row cannot be used."""
    body = _opened(value)
    return None if body is None else body[:_FINGERPRINT_BYTES]


def encode_tree(row: TreeRow) -> bytes:
    """The bytes of the tree's row."""
    digests = bytes.fromhex(row.files), bytes.fromhex(row.like)
    head = _TREE_HEAD.pack(*digests, row.file_count, row.total_bytes, row.rows, len(row.fingerprints))
    tail = json.dumps([(skipped.path, skipped.reason) for skipped in row.skipped], separators=(",", ":")).encode()
    return _sealed(b"".join((head, *sorted(row.fingerprints), tail)))


def decode_tree(value: bytes | None) -> TreeRow | None:
    """The tree's row, None where there is none that can be used."""
    body = _opened(value)
    if body is None:
        return None
    files, like, file_count, size, rows, count = _TREE_HEAD.unpack_from(body)
    end = _TREE_HEAD.size + count * _FINGERPRINT_BYTES
    marks = frozenset(body[at : at + _FINGERPRINT_BYTES] for at in range(_TREE_HEAD.size, end, _FINGERPRINT_BYTES))
    skipped = tuple(Skipped(path, reason) for path, reason in json.loads(body[end:]))
    return TreeRow(files.hex(), like.hex(), file_count, size, rows, marks, skipped)


def _sealed(body: bytes) -> bytes:
    """With version and checksum: a damaged row must not name another file's content."""
    return _VERSION + xxh3_64_digest(body) + body


def _opened(value: bytes | None) -> bytes | None:
    if value is None or value[:1] != _VERSION:
        return None
    body = value[1 + _CHECK_BYTES :]
    return body if xxh3_64_digest(body) == value[1 : 1 + _CHECK_BYTES] else None
