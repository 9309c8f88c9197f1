"""Headers: read back by Python's own reader, and compared with what Go's rules say by hand."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_kit.modelkit.archive.header import OCTAL_SIZE_MAX, TRAILER, header, padding
from tests.snapshot.strategies import PATHS


def read_back(data: bytes) -> tarfile.TarInfo:
    """What an independent reader takes an entry's header for."""
    with tarfile.open(fileobj=io.BytesIO(data + TRAILER), encoding="utf-8", errors="surrogateescape") as archive:
        found = archive.next()
        assert found is not None
        return found


def field(block: bytes, start: int, length: int) -> bytes:
    return block[start : start + length]


def name_of(block: bytes) -> bytes:
    return field(block, 0, 100).rstrip(b"\0")


def test_a_file_has_every_field_as_kit_writes_it() -> None:
    block = header("model/w.bin", 0o644, 6)
    assert len(block) == 512
    assert name_of(block) == b"model/w.bin"
    assert field(block, 100, 48) == b"0000644\x000001750\x000000000\x0000000000006\x0000000000000\x00"
    assert field(block, 156, 1) == b"0"
    assert field(block, 257, 8) == b"ustar\x0000"
    assert field(block, 329, 16) == b"0000000\x000000000\x00"  # Go writes zeros for devices; tarfile leaves them empty.
    assert field(block, 345, 167) == bytes(167)
    unsigned = block[:148] + b" " * 8 + block[156:]
    assert field(block, 148, 8) == b"%06o\0 " % sum(unsigned)


def test_a_folder_has_no_slash_at_its_end_and_keeps_its_special_bits() -> None:
    block = header("shared", 0o2775, None)
    assert name_of(block) == b"shared"
    assert field(block, 100, 8) == b"0002775\0"
    assert field(block, 156, 1) == b"5"


@pytest.mark.parametrize(
    ("name", "prefix", "rest"),
    [
        ("d" * 99 + "/f", b"d" * 99, b"f"),  # 101 bytes
        ("d" * 155 + "/" + "f" * 100, b"d" * 155, b"f" * 100),  # the longest that splits
        ("a/" * 60 + "f", b"a/" * 59 + b"a", b"f"),  # at the last slash, not the first that fits
        ("a/" * 77 + "b" * 99, b"a/" * 76 + b"a", b"b" * 99),
        ("a" * 60 + "/" + "b" * 60, b"a" * 60, b"b" * 60),
    ],
)
def test_a_long_ascii_name_is_split_at_the_last_slash_of_its_first_156_bytes(name: str, prefix: bytes, rest: bytes) -> None:
    block = header(name, 0o644, 0)
    assert len(block) == 512
    assert field(block, 345, 155).rstrip(b"\0") == prefix
    assert name_of(block) == rest
    assert read_back(block).name == name


@pytest.mark.parametrize(
    ("name", "extended", "main"),
    [
        ("é.txt", b"PaxHeaders.0/.txt", b".txt"),
        ("data/größe.csv", b"data/PaxHeaders.0/gre.csv", b"data/gre.csv"),
        ("x" * 101, b"PaxHeaders.0/" + b"x" * 87, b"x" * 100),  # nowhere to split
        ("d/" + "x" * 101, b"d/PaxHeaders.0/" + b"x" * 85, b"d/" + b"x" * 98),
        ("d" * 156 + "/f", b"d" * 100, b"d" * 100),  # the prefix is a byte too long
        ("d" * 99 + "/" + "x" * 101, b"d" * 99, b"d" * 99),  # a cut right behind a slash leaves none at the end
        ("/".join("é" * 3) + "/" + "x" * 99, b"///PaxHeaders.0/" + b"x" * 84, b"///" + b"x" * 97),
        ("数据", b"PaxHeaders.0", b""),  # nothing of it is ASCII; the slash at the end goes
    ],
)
def test_a_name_that_ustar_cannot_hold_goes_into_a_pax_header(name: str, extended: bytes, main: bytes) -> None:
    blocks = header(name, 0o600, 5)
    record = f" path={name}\n".encode()
    record = str(len(record) + len(str(len(record) + 2))).encode() + record
    assert field(blocks, 156, 1) == b"x"
    assert name_of(blocks[:512]) == extended
    assert field(blocks, 100, 48) == b"0000000\x000000000\x000000000\x00%011o\x0000000000000\x00" % len(record)
    assert field(blocks, 329, 183) == bytes(183)  # no devices, no prefix
    assert blocks[512:].startswith(record)
    last = blocks[-512:]
    assert name_of(last) == main
    assert field(last, 156, 1) == b"0"
    assert field(last, 329, 16) == b"0000000\x000000000\x00"
    found = read_back(blocks)
    assert (found.name, found.size, found.mode) == (name, 5, 0o600)


@pytest.mark.parametrize(("size", "octal"), [(OCTAL_SIZE_MAX, b"77777777777"), (OCTAL_SIZE_MAX + 1, b"00000000000")])
def test_eight_gibibytes_are_the_first_size_that_needs_a_record(size: int, octal: bytes) -> None:
    blocks = header("model.bin", 0o644, size)
    assert field(blocks[-512:], 124, 11) == octal
    assert (len(blocks) == 512) == (size == OCTAL_SIZE_MAX)
    assert read_back(blocks).size == size


def test_a_large_file_with_a_long_name_tells_both_sorted_although_the_name_would_split() -> None:
    name = "d" * 60 + "/" + "f" * 60
    blocks = header(name, 0o644, 1 << 40)
    assert b"131 path=" + name.encode() + b"\n22 size=1099511627776\n" in blocks
    assert field(blocks[-512:], 345, 155) == bytes(155)
    assert (read_back(blocks).name, read_back(blocks).size) == (name, 1 << 40)


@pytest.mark.parametrize(("length", "whole"), [(90, 99), (91, 101), (92, 102)])
def test_a_record_counts_the_digits_of_its_own_length(length: int, whole: int) -> None:
    name = "é" + "x" * (length - 2)
    assert header(name, 0o644, 0)[512:].startswith(f"{whole} path={name}\n".encode())  # No record is 100 bytes long.


@given(name=PATHS, mode=st.integers(0, 0o7777), size=st.one_of(st.none(), st.integers(0, 1 << 40)))
@hypothesis_settings(max_examples=150)
def test_every_entry_reads_back_as_it_was(name: str, mode: int, size: int | None) -> None:
    blocks = header(name, mode, size)
    assert len(blocks) % 512 == 0
    found = read_back(blocks)
    assert (found.name, found.mode, found.size, found.isdir()) == (name, mode, size or 0, size is None)
    assert (found.uid, found.gid, found.mtime, found.uname, found.gname) == (1000, 0, 0, "", "")


def test_contents_are_padded_to_whole_blocks() -> None:
    assert [len(padding(size)) for size in (0, 1, 511, 512, 513)] == [0, 511, 1, 0, 511]
