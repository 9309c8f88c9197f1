"""Taking tars apart: members are found in every dialect, and whatever a stream is, its parts are the stream."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.tar import EXTENSION_BYTES_MAX, Member, parse_header, parts

FORMATS = {"ustar": tarfile.USTAR_FORMAT, "gnu": tarfile.GNU_FORMAT, "pax": tarfile.PAX_FORMAT}


def tar(files: Mapping[str, bytes], form: str = "pax") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=FORMATS[form]) as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def taken(data: bytes) -> list[tuple[str | None, bytes]]:
    """(path, content) of the members; with None the rest. The parts together are asserted to be the stream."""
    stream = io.BytesIO(data)
    found: list[tuple[str | None, bytes]] = []
    whole = b""
    for part in parts(stream.read, len(data)):
        if isinstance(part, Member):
            content = stream.read(part.size)
            found.append((part.path, content))
            whole += content
        else:
            assert len(part) <= EXTENSION_BYTES_MAX
            whole += part
    assert whole == data
    return found


def header(path: bytes = b"a", size: bytes = b"00000000004\0", kind: bytes = b"0", rest: bytes = b"") -> bytes:
    block = bytearray(512)
    block[: len(path)] = path
    block[124 : 124 + len(size)] = size
    block[156:157] = kind
    block[257 : 257 + len(rest)] = rest
    block[148:156] = b" " * 8
    block[148:156] = b"%06o\0 " % sum(block)
    return bytes(block)


LONG = "folder/" * 60 + "weights.safetensors"


@pytest.mark.parametrize(
    ("form", "path"),
    [
        ("gnu", LONG),
        ("pax", LONG),
        *((form, path) for form in FORMATS for path in ("a.txt", "d/" * 60 + "model.safetensors", "größe/中.csv")),
    ],
)
def test_members_are_found_in_every_dialect(form: str, path: str) -> None:
    files = {"first": b"1" * 700, path: b"2" * 512, "empty": b"", "last.bin": b"3"}
    assert taken(tar(files, form)) == [(name, data) for name, data in files.items() if data]


def test_what_has_no_content_has_none() -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for kind in (tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
            entry = tarfile.TarInfo(f"entry{kind.decode()}")
            entry.type, entry.linkname = kind, "elsewhere"
            archive.addfile(entry)
        entry = tarfile.TarInfo("file")
        entry.size = 5
        archive.addfile(entry, io.BytesIO(b"12345"))
    assert taken(stream.getvalue()) == [("file", b"12345")]
    for kind in b"123456":
        assert taken(header(size=b"00000001000\0", kind=bytes([kind])) + tar({"b": b"x"})) == [("b", b"x")]


def test_sizes_are_read_in_octal_and_in_base_256() -> None:
    for size in (b"00000000004\0", b"          4 ", b"4\0", b"\x80" + bytes(10) + b"\4"):
        assert taken(header(size=size) + b"data" + bytes(508 + 1024)) == [("a", b"data")]
    for size in (b"\xff" * 12, b"00000000009\0", b"4x\0", b"-4\0", b"0o4\0"):
        assert parse_header(header(size=size)) is None


def test_a_size_in_pax_beats_that_in_the_header() -> None:
    body = b"9 size=4\n"
    extension = header(size=b"%011o\0" % len(body), kind=b"x") + body.ljust(512, b"\0")
    following = header(size=b"00000000000\0") + b"data".ljust(512, b"\0")
    assert taken(extension + following + bytes(1024)) == [("a", b"data")]
    # And it holds for one member only.
    assert taken(extension + following + header(b"b", b"00000000000\0") + header(b"c") + b"more") == [("a", b"data"), ("c", b"more")]


def test_the_maps_of_sparse_files_are_literal() -> None:
    first = bytearray(header(size=b"00000000004\0", kind=b"S"))
    first[482] = 1
    first[148:156] = b" " * 8
    first[148:156] = b"%06o\0 " % sum(first)
    between, last = bytearray(512), bytes(512)
    between[504] = 1
    assert taken(bytes(first) + bytes(between) + last + b"data" + bytes(508 + 1024)) == [("a", b"data")]


@pytest.mark.parametrize("tail", [0, 512, 1024, 10240, 65536])
def test_zeros_at_the_end_are_literal(tail: int) -> None:
    assert taken(header() + b"data" + bytes(508 + tail)) == [("a", b"data")]


def test_what_follows_the_end_at_length_is_the_rest() -> None:
    start = header() + b"data" + bytes(508)
    ((path, content), (rest, zeros)) = taken(start + bytes(1_000_000))
    assert (path, content, rest) == ("a", b"data", None)
    assert len(zeros) > 900_000


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"x" * 512,
        b"not a tar at all" * 1000,
        header(size=b"77777777777\0"),
        header(size=b"\x80" + b"\xff" * 11) + b"data",
        header(kind=b"x", size=b"77777777777\0") + b"9 size=4\n",
        header(kind=b"L", size=b"00000002000\0") + b"name",
        header(kind=b"S", rest=b"\xff" * 250),
        b"\x1f\x8b\x08\x00" + b"\xff" * 3000,
        b"".join(header(kind=b"x", size=b"00000000011\0") + b"9 size=9\n".ljust(512, b"\0") for _ in range(50)),
    ],
)
def test_what_is_no_tar_or_lies_is_all_there(data: bytes) -> None:
    assert all(path is None or content for path, content in taken(data))


@pytest.mark.parametrize(
    "record", [b"0 size=4\n", b"99999 size=4\n", b"9 size=-\n", b"9999999 path=\xff", b"1 =", b"x", b"29 size=99999999999999999999\n"]
)
def test_records_that_lie_do_no_harm(record: bytes) -> None:
    extension = header(kind=b"x", size=b"%011o\0" % len(record)) + record.ljust(512, b"\0")
    (found, *_) = taken(extension + header() + b"data" + bytes(508 + 1024))
    assert found[1] in (b"data", b"data" + bytes(508 + 1024))


def damaged(files: dict[str, bytes], form: str, cut: int, flips: list[tuple[int, int]]) -> bytes:
    data = bytearray(tar(files, form))
    for place, value in flips:
        data[place % len(data)] = value
    return bytes(data[: max(0, len(data) - cut)])


NAMES = st.sampled_from(["a", "b.csv", "größe.bin", "x" * 99, "deep/" * 30 + "n.ipynb"])


@given(
    files=st.dictionaries(NAMES, st.binary(max_size=1500), max_size=4),
    form=st.sampled_from(["gnu", "pax"]),
    cut=st.integers(0, 12_000),
    flips=st.lists(st.tuples(st.integers(0, 20_000), st.integers(0, 255)), max_size=3),
)
def test_torn_and_damaged_tars_are_all_there(files: dict[str, bytes], form: str, cut: int, flips: list[tuple[int, int]]) -> None:
    taken(damaged(files, form, cut, flips))


BLOCKS: st.SearchStrategy[bytes] = st.one_of(
    st.just(bytes(512)),
    st.binary(max_size=600),
    st.builds(
        header,
        path=st.binary(max_size=100),
        size=st.one_of(st.binary(min_size=12, max_size=12), st.builds(lambda size: b"%011o\0" % size, st.integers(0, 5000))),
        kind=st.binary(min_size=1, max_size=1),
        rest=st.binary(max_size=240),
    ),
)


@given(blocks=st.lists(BLOCKS, max_size=12))
def test_any_sequence_of_headers_is_all_there(blocks: list[bytes]) -> None:
    taken(b"".join(blocks))


def test_a_stream_is_read_once_from_front_to_back() -> None:
    data = tar({f"{number}.bin": bytes([number]) * 3000 for number in range(20)})
    asked: list[int] = []

    def pieces() -> Iterator[bytes]:
        for first in range(0, len(data), 100):
            yield data[first : first + 100]

    source = pieces()
    ahead = b""

    def read(length: int) -> bytes:
        nonlocal ahead
        asked.append(length)
        while len(ahead) < length:
            ahead += next(source)
        result, ahead = ahead[:length], ahead[length:]
        return result

    members = 0
    for part in parts(read, len(data)):
        if isinstance(part, Member):
            members += 1
            read(part.size)
    assert members == 20
    assert sum(asked) == len(data)
