"""Reading archives: what our headers say comes back, and nothing makes the reader crash."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput
from jupyter_kit.modelkit.archive.header import TRAILER, header, padding
from jupyter_kit.modelkit.archive.reading import Member, Stream, TarReader
from tests.modelkit.shelf import entry, tar
from tests.snapshot.strategies import PATHS


def reader(data: bytes, piece: int = 700) -> TarReader:
    def open_at(start: int) -> Iterator[bytes]:
        return (data[place : place + piece] for place in range(start, len(data), piece))

    return TarReader(Stream(open_at), "test")


@given(name=PATHS, mode=st.integers(0, 0o7777), content=st.one_of(st.none(), st.binary(max_size=2000)), piece=st.integers(1, 3000))
@hypothesis_settings(max_examples=100)
def test_what_is_written_is_read(name: str, mode: int, content: bytes | None, piece: int) -> None:
    size = None if content is None else len(content)
    data = header(name, mode, size) + (content or b"") + padding(size or 0) + header("last", 0o644, 0) + TRAILER
    archive = reader(data, piece)
    found = []
    for member in archive:
        if member.name == name and content is not None:
            assert b"".join(archive.content()) == content
        found.append(member)
    assert found == [Member(name, "folder" if content is None else "file", mode, size or 0), Member("last", "file", 0o644, 0)]


@given(data=st.data())
@hypothesis_settings(max_examples=200)
def test_no_damage_makes_the_reader_crash(data: st.DataObject) -> None:
    whole = bytearray(tar(("a", b"x" * 600), ("é" * 60, b"y"), entry("d", tarfile.DIRTYPE), ("l" * 120, b"")))
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    damaged = bytes(whole[: data.draw(st.integers(0, len(whole)))])
    archive = reader(damaged)
    try:
        total = sum(len(piece) for _ in archive for piece in archive.content())
    except (ContentCorrupt, InvalidInput) as error:
        assert "test" in error.message
    else:
        assert total <= len(damaged)


@pytest.mark.parametrize("size", [(1 << 20) + 1, 1 << 40])
def test_an_extended_header_over_the_limit_is_not_read(size: int) -> None:
    block = bytearray(header("x", 0, size & 0o77777777777 if size < 1 << 33 else 0))
    block[156:157] = b"x"
    block[124:136] = b"\x80" + size.to_bytes(11, "big")
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 256 + sum(block[156:]))
    with pytest.raises(InvalidInput, match="extended header"):
        list(reader(bytes(block)))


RECORDS = (
    b"12 path=x\n",
    b"9 path=x\n9",
    b"999999999999 path=x\n",
    b"x path=y\n",
    b"0 path=y\n",
    b"9 path:y\n",
    b"11 size=-1\n",
    b"30 size=123456789012345678901\n",
)


@pytest.mark.parametrize("record", RECORDS)
def test_damaged_records_are_told(record: bytes) -> None:
    block = bytearray(header("x", 0, len(record)))
    block[156:157] = b"x"
    block[148:156] = b"%06o\0 " % (sum(block[:148]) + 256 + sum(block[156:]))
    data = bytes(block) + record + padding(len(record)) + header("y", 0o644, 0) + TRAILER
    with pytest.raises(ContentCorrupt, match="test is no whole tar archive"):
        list(reader(data))


def test_sparse_files_and_global_names_are_not_taken_for_files() -> None:
    sparse = entry("s", size=0)
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.name": "real"}
    assert [member.kind for member in reader(tar(sparse))] == ["sparse file"]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"path": "evil"}) as archive:
        archive.addfile(entry("x"))
    with pytest.raises(ContentCorrupt, match="all entries"):
        list(reader(buffer.getvalue()))


def test_an_archive_may_end_without_the_blocks_that_say_so() -> None:
    assert [member.name for member in reader(header("x", 0o644, 0))] == ["x"]
    assert list(reader(b"")) == []
    assert list(reader(TRAILER)) == []


def test_folders_of_archives_before_posix_have_a_slash_at_their_end() -> None:
    old = entry("folder/", tarfile.AREGTYPE)
    assert [(member.name, member.kind) for member in reader(tar(old, form=tarfile.USTAR_FORMAT))] == [("folder/", "folder")]
