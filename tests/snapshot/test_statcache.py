"""The stat cache's rows."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.snapshot.listing import Listed, summarise
from jupyter_kit.snapshot.snapshot import Skipped
from jupyter_kit.snapshot.statcache import (
    FolderRow,
    Stamp,
    TreeRow,
    decode_folder,
    decode_tree,
    encode_folder,
    encode_tree,
    folder_key,
    stamp_of,
)
from tests.snapshot.strategies import DIGESTS, NAMES

NUMBERS = st.integers(-(2**63) + 1, 2**63 - 1)
STAMPS = st.builds(Stamp, st.integers(0, 2**16), st.integers(0, 2**62), NUMBERS, NUMBERS, st.integers(0, 2**63 - 1))
REASONS = st.lists(st.tuples(NAMES, st.text(max_size=5)), max_size=3)


@st.composite
def folder_rows(draw: st.DrawFn) -> FolderRow:
    names = sorted(draw(st.lists(NAMES, max_size=6, unique=True)))
    targets = {name: draw(NAMES) for name in names if draw(st.booleans())}
    return FolderRow(
        fingerprint=draw(st.binary(min_size=16, max_size=16)),
        names=names,
        stamps=[draw(STAMPS) for _ in names],
        roots=["" if name in targets else draw(DIGESTS) for name in names],
        targets=targets,
        skipped=draw(REASONS),
    )


TREE_ROWS = st.builds(
    TreeRow,
    files=DIGESTS,
    like=DIGESTS,
    file_count=st.integers(0, 2**40),
    total_bytes=st.integers(0, 2**62),
    rows=st.integers(0, 2**30),
    fingerprints=st.frozensets(st.binary(min_size=16, max_size=16), max_size=5),
    skipped=REASONS.map(lambda found: tuple(Skipped(path, reason) for path, reason in found)),
)


@given(folder_rows())
def test_a_folder_row_comes_back(row: FolderRow) -> None:
    assert decode_folder(encode_folder(row)) == row


@given(TREE_ROWS)
def test_the_tree_row_comes_back(row: TreeRow) -> None:
    assert decode_tree(encode_tree(row)) == row


@given(folder_rows(), st.data())
def test_a_damaged_row_counts_as_missing(row: FolderRow, data: st.DataObject) -> None:
    encoded = bytearray(encode_folder(row))
    encoded[data.draw(st.integers(0, len(encoded) - 1))] ^= data.draw(st.integers(1, 255))
    assert decode_folder(bytes(encoded)) is None
    assert decode_folder(bytes(encoded[: data.draw(st.integers(0, len(encoded) - 1))])) is None


def test_no_row_is_none() -> None:
    assert decode_folder(None) is None
    assert decode_tree(None) is None
    assert decode_tree(b"") is None


def test_keys_are_short_whatever_the_path() -> None:
    assert len(folder_key("x" * 5000)) == 16
    assert len({folder_key(path) for path in ("", "a", "a/b", "\udcff")}) == 4


class Status:
    """A stat result with what is changed in it."""

    def __init__(self, **changed: int) -> None:
        self.__dict__.update({"st_mode": 0o100644, "st_size": 1, "st_mtime_ns": 2, "st_ctime_ns": 3, "st_ino": 4, **changed})


def of(path: str = "d", names: tuple[str, ...] = ("a",), rules: bytes = b"12345678", **changed: int) -> bytes:
    stats: list[os.stat_result] = [Status(**changed) for _ in names]  # type: ignore[misc]
    return summarise(path, Listed(list(names), stats), rules).fingerprint


def test_a_fingerprint_tells_every_change() -> None:
    prints = [
        of(),
        of(path="e"),
        of(names=("b",)),
        of(names=("a", "b")),
        of(names=()),
        of(rules=b"87654321"),
        of(st_mode=0o100600),
        of(st_mode=0o120777),
        of(st_size=9),
        of(st_mtime_ns=9),
        of(st_ctime_ns=9),
        of(st_ino=9),
    ]
    assert len(set(prints)) == len(prints)
    assert of() == of()


def test_of_folders_only_name_and_mode_count() -> None:
    inner = {"st_mode": 0o040755}
    assert of(**inner) == of(**inner, st_size=9, st_mtime_ns=9, st_ctime_ns=9, st_ino=9)
    assert of(**inner) != of(st_mode=0o040700)


@pytest.mark.parametrize("changed", [{"st_ino": 2**64 - 1}, {"st_mtime_ns": 2**64 - 5}, {"st_mtime_ns": -1}])
def test_numbers_that_64_bits_hardly_hold(changed: dict[str, int]) -> None:
    assert of(**changed) != of()
    stamp = stamp_of(Status(**changed))  # type: ignore[arg-type]
    struct.pack("<5q", *stamp)


def test_a_stamp_is_what_the_system_says(tmp_path: Path) -> None:
    place = tmp_path / "x"
    place.write_bytes(b"abc")
    found = place.stat()
    assert stamp_of(found) == (found.st_mode, 3, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)
