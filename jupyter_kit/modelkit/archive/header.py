"""The bytes of a tar header as Go's ``archive/tar`` writes them for kit, which Python's ``tarfile`` cannot (kitops.md 1.5).

USTAR (POSIX.1-1988) where the entry fits: names up to 100 bytes, or split in two at a slash. Otherwise a PAX header (POSIX.1-2001) goes
before it: for names that are not ASCII or do not split, and for files of 8 GiB and more. No times, no owner: uid is 1000, all else zero.
"""

from __future__ import annotations

BLOCK_BYTES = 512
"""Headers are one block, contents are padded to whole blocks."""

TRAILER = bytes(2 * BLOCK_BYTES)
"""What ends an archive. Go pads no further; tar(1) and ``tarfile`` would, to 10 KiB."""

USER_ID = 1000
"""The owner that kit writes into every entry, whoever packs."""

NAME_BYTES_MAX = 100
PREFIX_BYTES_MAX = 155
OCTAL_SIZE_MAX = (1 << 33) - 1
"""Bytes: the largest size that eleven octal digits hold, one less than 8 GiB."""

_FILE, _FOLDER, _EXTENDED = b"0", b"5", b"x"
_NO_DEVICE = b"0000000\0"


def header(name: str, mode: int, size: int | None) -> bytes:
    """Everything that stands before an entry's content, whole blocks. ``size`` is in bytes, None for a folder.

    ``name`` is relative, with ``/`` and without one at its end; surrogate escapes stand for bytes that are not UTF-8. ``mode`` is the
    permission bits, 0 to 0o7777.
    """
    raw = name.encode("utf-8", "surrogateescape")
    ascii_only = raw.isascii()
    split = _split(raw) if ascii_only else None
    kind = _FOLDER if size is None else _FILE
    length = size or 0
    if length <= OCTAL_SIZE_MAX and ascii_only and (len(raw) <= NAME_BYTES_MAX or split):
        prefix, rest = split or (b"", raw)
        return _block(rest, mode, length, kind, prefix)
    records = {}
    if not ascii_only or len(raw) > NAME_BYTES_MAX:
        records[b"path"] = raw
    if length > OCTAL_SIZE_MAX:
        records[b"size"] = b"%d" % length
    content = b"".join(_record(key, records[key]) for key in sorted(records))
    folder, slash, base = raw.rpartition(b"/")
    extended = _ascii(folder + slash + b"PaxHeaders.0/" + base)[:NAME_BYTES_MAX].rstrip(b"/")
    return (
        _block(extended, 0, len(content), _EXTENDED)
        + content
        + padding(len(content))
        + _block(_field(_ascii(raw)), mode, length if length <= OCTAL_SIZE_MAX else 0, kind)
    )


def padding(size: int) -> bytes:
    """What follows a content of ``size`` bytes up to the next block."""
    return bytes(-size % BLOCK_BYTES)


def _split(raw: bytes) -> tuple[bytes, bytes] | None:
    """The name as prefix and rest, cut at the last slash that leaves a prefix which fits; None where there is no need, or no way."""
    if len(raw) <= NAME_BYTES_MAX:
        return None
    cut = raw.rfind(b"/", 0, PREFIX_BYTES_MAX + 1)
    if cut <= 0 or not 1 <= len(raw) - cut - 1 <= NAME_BYTES_MAX:
        return None
    return raw[:cut], raw[cut + 1 :]


def _block(name: bytes, mode: int, size: int, kind: bytes, prefix: bytes = b"") -> bytes:
    """One header block. Extended headers leave owner names and devices empty; entries have zeros for devices."""
    user = 0 if kind == _EXTENDED else USER_ID
    device = bytes(8) if kind == _EXTENDED else _NO_DEVICE
    before = name.ljust(100, b"\0") + b"%07o\0%07o\0%07o\0%011o\0%011o\0" % (mode, user, 0, size, 0)
    after = kind + bytes(100) + b"ustar\x0000" + bytes(64) + device + device + prefix.ljust(167, b"\0")
    checksum = sum(before) + 8 * ord(" ") + sum(after)
    return before + b"%06o\0 " % checksum + after


def _field(name: bytes) -> bytes:
    """A name cut to its field. Where the cut would leave a slash at the end, some readers would take a file for a folder: Go removes it."""
    cut = name[:NAME_BYTES_MAX]
    if len(name) > NAME_BYTES_MAX and cut.endswith(b"/"):
        end = len(cut[:-1].rstrip(b"/"))
        cut = cut[:end] + b"\0" + cut[end + 1 :]
    return cut


def _ascii(name: bytes) -> bytes:
    """Without the bytes of characters that are not ASCII."""
    return bytes(byte for byte in name if byte < 0x80)


def _record(key: bytes, value: bytes) -> bytes:
    """One PAX record: its own length in decimal, the length's digits included."""
    rest = b" " + key + b"=" + value + b"\n"
    length = len(rest) + len(str(len(rest)))
    if len(str(length)) > len(str(len(rest))):
        length += 1
    return b"%d" % length + rest
