"""Segments: records come back in order, and damage costs what is damaged and nothing behind it."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit import system
from jupyter_kit.store.disk.segments import (
    HEADER,
    OPEN_FILES_MAX,
    RECORD,
    OpenSegment,
    Record,
    RecordKind,
    SegmentReader,
    pack_record,
    scan,
    segment_numbers,
    segment_path,
    unpack_record,
)
from tests.store.keeping import flip, noise


def write(folder: Path, *contents: bytes) -> tuple[int, list[int]]:
    """A segment of these raw chunks: its number, and where each record begins."""
    segment = OpenSegment.create(folder)
    offsets = []
    for content in contents:
        header, _ = pack_record(RecordKind.CHUNK, 0, [content], raw_length=len(content), identity=blake3(content).digest(), depth=0)
        offsets.append(segment.append(header, [content]))
    segment.sync()
    segment.close()
    return segment.number, offsets


def scanned(folder: Path, number: int) -> list[bytes | None]:
    return [stored for _, stored in scan(folder, number)]


RECORDS = st.builds(
    Record,
    st.sampled_from(RecordKind),
    st.integers(0, 255),
    st.integers(0, 255),
    st.just(0),
    st.integers(0, 2**32 - 1),
    st.just(0),
    st.binary(min_size=32, max_size=32),
    st.just(0),
)


@given(record=RECORDS, parts=st.lists(st.binary(max_size=20), max_size=3), before=st.binary(max_size=9))
def test_a_record_comes_back(record: Record, parts: list[bytes], before: bytes) -> None:
    header, stored_length = pack_record(
        RecordKind(record.kind), record.codec, [*parts], raw_length=record.raw_length, identity=record.id, depth=record.depth
    )
    found = unpack_record(before + header, 100, len(before))
    assert found == record._replace(stored_length=stored_length, check=found.check, offset=100 + RECORD.size)
    assert stored_length == sum(map(len, parts))


@given(data=st.binary(max_size=120), position=st.integers(0, 130))
def test_other_bytes_are_no_record(data: bytes, position: int) -> None:
    with pytest.raises(ValueError, match="record"):
        unpack_record(data, 0, position)


def test_records_are_scanned_in_order(tmp_path: Path) -> None:
    contents = [noise(number, number * 1_000) for number in range(6)]
    number, _ = write(tmp_path, *contents)
    assert scanned(tmp_path, number) == contents


@given(
    lengths=st.lists(st.integers(0, 300), min_size=1, max_size=6),
    victim=st.integers(0, 5),
    place=st.integers(0, 355),
    seed=st.integers(0, 9),
)
def test_damage_costs_one_record(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], victim: int, place: int, seed: int) -> None:
    folder = tmp_path_factory.mktemp("any")
    contents = [noise(seed + number, length) for number, length in enumerate(lengths)]
    number, offsets = write(folder, *contents)
    victim %= len(contents)
    flip(segment_path(folder, number), offsets[victim] + place % (RECORD.size + lengths[victim]))
    found = [stored for stored in scanned(folder, number) if stored is not None]
    assert [content for content in contents if content != contents[victim]] == [content for content in found if content != contents[victim]]


def test_what_a_damaged_chunk_holds_is_not_taken_for_records(tmp_path: Path) -> None:
    """A file that is kept can be a copy of a segment."""
    number, _ = write(tmp_path, b"inner one", b"inner two")
    copy = segment_path(tmp_path, number).read_bytes()
    outer, offsets = write(tmp_path, copy, b"behind")
    flip(segment_path(tmp_path, outer), offsets[0] + RECORD.size + 3)
    assert scanned(tmp_path, outer) == [None, b"behind"]


def test_a_sector_that_cannot_be_read_costs_what_lies_in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    contents = [noise(number, 3_000) for number in range(20)]
    number, _ = write(tmp_path, *contents)
    whole = system.read_bytes_at

    def read(descriptor: int, length: int, offset: int) -> bytes:
        if offset < 34_000 and offset + length > 32_000:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return whole(descriptor, length, offset)

    monkeypatch.setattr(system, "read_bytes_at", read)
    found = [stored for stored in scanned(tmp_path, number) if stored is not None]
    assert set(found) <= set(contents)
    assert len(found) >= 17

    def refuse(*_: Any) -> bytes:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(system, "read_bytes_at", refuse)
    with pytest.raises(PermissionError):
        scanned(tmp_path, number)


@pytest.mark.parametrize("length", [0, 5, HEADER.size, HEADER.size + 20, HEADER.size + RECORD.size + 3])
def test_a_segment_that_was_cut_off_is_scanned_to_its_end(tmp_path: Path, length: int) -> None:
    number, _ = write(tmp_path, b"content")
    os.truncate(segment_path(tmp_path, number), length)
    assert [stored for stored in scanned(tmp_path, number) if stored is not None] == []


def test_other_files_are_no_segments(tmp_path: Path) -> None:
    number, _ = write(tmp_path, b"content")
    for name in ("copy of.segment", "1.segment", f"{number:016X}x.segment", f"{number:016x}.segment.bak", "0x00000000000001.segment", "a"):
        (tmp_path / name).write_bytes(b"")
    assert segment_numbers(tmp_path) == [number]


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


@pytest.fixture
def none_left_open() -> Iterator[None]:
    if not Path("/proc/self/fd").exists():
        pytest.skip("only Linux lists open files there")
    before = descriptors()
    yield
    assert len(descriptors()) <= len(before)


@pytest.mark.usefixtures("none_left_open")
def test_a_segment_in_use_is_not_adopted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    segment = OpenSegment.create(tmp_path)
    segment.sync()
    assert OpenSegment.adopt(tmp_path, segment.number) is None
    segment.close()
    adopted = OpenSegment.adopt(tmp_path, segment.number)
    assert adopted is not None
    adopted.close()
    assert OpenSegment.adopt(tmp_path, segment.number ^ 1) is None

    def refuse(*_: Any, **__: Any) -> bool:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(system, "lock", refuse)
    for use in (lambda: OpenSegment.create(tmp_path), lambda: OpenSegment.adopt(tmp_path, segment.number)):
        with pytest.raises(OSError, match="locks"):
            use()


def test_a_tail_is_cut_before_appending(tmp_path: Path) -> None:
    number, offsets = write(tmp_path, b"counts", b"does not count")
    segment = OpenSegment.adopt(tmp_path, number)
    assert segment is not None
    segment.cut(offsets[1])
    header, _ = pack_record(RecordKind.CHUNK, 0, [b"new"], raw_length=3, identity=bytes(32), depth=0)
    assert segment.append(header, [b"new"]) == offsets[1]
    segment.sync()
    segment.close()
    assert scanned(tmp_path, number) == [b"counts", b"new"]


@pytest.mark.usefixtures("none_left_open")
def test_files_open_for_reading_are_bounded(tmp_path: Path) -> None:
    numbers = [write(tmp_path, b"content")[0] for _ in range(OPEN_FILES_MAX + 8)]
    reader = SegmentReader(tmp_path)
    before = len(descriptors())
    for number in numbers:
        assert reader.read(number, 0, HEADER.size)[8:] == number.to_bytes(8, "little")
    assert len(descriptors()) <= before + OPEN_FILES_MAX
    reader.close()
    assert reader.read(numbers[0], HEADER.size + RECORD.size, 100) == b"content"
    reader.close()
