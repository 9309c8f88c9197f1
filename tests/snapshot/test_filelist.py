"""The file list as a document."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, UnsupportedFormat
from jupyter_kit.snapshot.filelist import FILES_SCHEMA, check_path, decode_files, differing, encode_files, entry_in, same_content
from jupyter_kit.snapshot.snapshot import FileEntry
from tests.snapshot.strategies import entries

ROOT = "ab" * 32
ONE = FileEntry("a.txt", "file", 0o644, 3, 5, ROOT)
HEADER = json.dumps({"schema": FILES_SCHEMA}, separators=(",", ":"))


def document(*lines: str) -> bytes:
    return "\n".join([HEADER, *lines, ""]).encode()


@given(entries())
@example([FileEntry("d", "folder", 0o700, 0, 0), FileEntry("d/x", "file", 0o644, 1, 1, ROOT)])
def test_what_is_written_is_read(listed: list[FileEntry]) -> None:
    encoded = encode_files(listed)
    assert decode_files(encoded) == tuple(sorted(listed, key=lambda entry: entry.path))
    assert encode_files(reversed(listed)) == encoded
    encoded.decode("ascii")


@given(entries())
def test_one_entry_is_found_without_the_others(listed: list[FileEntry]) -> None:
    encoded = encode_files(listed)
    assert [entry_in(encoded, entry.path) for entry in listed] == listed
    assert entry_in(encoded, "not in it") is None


def test_a_list_that_is_none_has_no_entry_either() -> None:
    with pytest.raises(ContentCorrupt):
        entry_in(b"", "a")
    with pytest.raises(ContentCorrupt):
        entry_in(document('["a",nonsense]'), "a")
    with pytest.raises(UnsupportedFormat):
        entry_in(b'{"schema":"jupyter-kit/files/9"}\n', "a")


def test_an_empty_workspace() -> None:
    assert encode_files([]) == document()
    assert decode_files(document()) == ()


def line(*fields: object) -> str:
    return json.dumps(fields, separators=(",", ":"))


@pytest.mark.parametrize(
    "lines",
    [
        ["x"],
        [""],
        ["{}"],
        ["[]"],
        ["[1"],
        [line("a", "file", 1, 1, 1)],
        [line("a", "file", 1, 1, 1, ROOT, 1)],
        [line(1, "file", 1, 1, 1, ROOT)],
        [line("a", "file", 1.0, 1, 1, ROOT)],
        [line("a", "file", True, 1, 1, ROOT)],
        [line("a", "file", 1, "1", 1, ROOT)],
        [line("a", "file", 1, 1, None, ROOT)],
        [line("a", "file", 1, 1, 1, None)],
        [line("a", "file", -1, 1, 1, ROOT)],
        [line("a", "file", 0o10000, 1, 1, ROOT)],
        [line("a", "file", 1, -1, 1, ROOT)],
        [line("a", "file", 1, 2**63, 1, ROOT)],
        [line("a", "file", 1, 1, 2**63, ROOT)],
        [line("a", "file", 1, 1, 1, ROOT[:-1])],
        [line("a", "file", 1, 1, 1, ROOT.upper())],
        [line("a", "file", 1, 1, 1, "")],
        [line("a", "pipe", 1, 0, 0, "")],
        [line("a", ["file"], 1, 0, 0, ROOT)],
        [line("a", "folder", 1, 0, 0, "x")],
        [line("a", "folder", 1, 1, 0, "")],
        [line("a", "folder", 1, 0, 1, "")],
        [line("a", "symlink", 1, 0, 0, "")],
        [line("a", "symlink", 1, 0, 0, "x\0")],
        [line("a", "symlink", 1, 0, 0, "\ud800")],
        [line("a", "symlink", 1, 1, 0, "x")],
        [line("b", "folder", 1, 0, 0, ""), line("a", "folder", 1, 0, 0, "")],
        [line("a", "folder", 1, 0, 0, ""), line("a", "folder", 1, 0, 0, "")],
        [line("a", "file", 1, 1, 1, ROOT), line("a/b", "file", 1, 1, 1, ROOT)],
        [line("a", "symlink", 1, 0, 0, "b"), line("a/b/c", "file", 1, 1, 1, ROOT)],
        [line("a", "folder", 1, 0, 0, "") + "," + line("b", "folder", 1, 0, 0, "")],
        ["[" * 100_000],
        ["9" * 5000],
    ],
)
def test_what_is_no_file_list_is_refused(lines: list[str]) -> None:
    with pytest.raises(ContentCorrupt):
        decode_files(document(*lines))


@pytest.mark.parametrize(
    "path",
    ["", "/", "/a", "a/", "a//b", ".", "..", "./a", "a/..", "a/../b", "a\0b", ".kit", ".kit/x", "x/.kit/y", ".KIT", "a\n/..", "\ud800"],
)
def test_paths_that_leave_the_workspace_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        check_path(path)
    with pytest.raises(ContentCorrupt):
        decode_files(document(line(path, "file", 1, 1, 1, ROOT)))


@pytest.mark.parametrize("path", ["a", "...", ".kitignore", "a.kit", "a\n", "..a", "\udcff", "a\\b", "C:", "é"])
def test_odd_paths_are_paths(path: str) -> None:
    check_path(path)


@pytest.mark.parametrize("header", ["", "{}", "[]", "1", '"schema"', '{"schema": "jupyter-kit/files/1"}', "null", "{" * 100_000])
def test_another_header_is_refused(header: str) -> None:
    with pytest.raises((ContentCorrupt, UnsupportedFormat)):
        decode_files(f"{header}\n".encode())


def test_a_newer_format_says_what_to_do() -> None:
    with pytest.raises(UnsupportedFormat, match="files/2") as caught:
        decode_files(b'{"schema":"jupyter-kit/files/2"}\n')
    assert "Upgrade" in caught.value.hint


@given(entries(), st.data())
def test_damage_is_told_or_harmless(listed: list[FileEntry], data: st.DataObject) -> None:
    """Whatever happens to the bytes: a list, or ContentCorrupt. (That it is not the same list, the digest tells.)"""
    encoded = bytearray(encode_files(listed))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(encoded) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "insert", "end"])):
            case "flip":
                encoded[at] ^= data.draw(st.integers(1, 255))
            case "cut":
                del encoded[at : at + 4]
            case "insert":
                encoded[at:at] = data.draw(st.sampled_from([b"\n", b'"', b"[", b"]", b",", b"\\u0000", b"1e9", b"\xff"]))
            case _:
                del encoded[at:]
        if not encoded:
            break
    for read in (decode_files, lambda damaged: differing(damaged, encode_files([]))):
        try:
            read(bytes(encoded))
        except (ContentCorrupt, UnsupportedFormat):
            pass


@given(entries(), entries())
def test_differing_finds_what_stands_on_one_side_only(one: list[FileEntry], other: list[FileEntry]) -> None:
    before, after = differing(encode_files(one), encode_files(other))
    assert set(before) == set(one) - set(other)
    assert set(after) == set(other) - set(one)


def test_times_are_no_content() -> None:
    before = encode_files([ONE])
    assert same_content(before, before)
    assert same_content(before, encode_files([replace(ONE, mtime_ns=99)]))
    for change in ({"mode": 0o600}, {"root": "cd" * 32}, {"path": "b.txt"}):
        assert not same_content(before, encode_files([replace(ONE, **change)]))
    assert not same_content(before, encode_files([]))
    assert not same_content(encode_files([]), before)
