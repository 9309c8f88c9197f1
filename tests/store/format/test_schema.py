"""Rows of the index and format.json: what is written is read back, and what is no row is told as damage."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, KitError, NotFound, StoreUnavailable, UnsupportedFormat
from jupyter_kit.store.format.schema import (
    FEATURES,
    FORMAT_VERSION,
    BlobRow,
    ChunkRow,
    check_format,
    decode_blob_row,
    decode_chunk_row,
    encode_blob_row,
    encode_chunk_row,
    is_inline,
    write_format,
)

BYTE, LENGTH, NUMBER = st.integers(0, 255), st.integers(0, 2**32 - 1), st.integers(0, 2**64 - 1)

PLACED = st.builds(ChunkRow, BYTE, BYTE, LENGTH, LENGTH, NUMBER, NUMBER, st.just(0), st.none())
INLINE = st.builds(
    lambda codec, depth, raw_length, check, stored: ChunkRow(codec, depth, raw_length, len(stored), 0, 0, check, stored),
    BYTE,
    BYTE,
    LENGTH,
    NUMBER,
    st.binary(max_size=40),
)


@given(row=PLACED | INLINE)
def test_a_chunk_row_comes_back(row: ChunkRow) -> None:
    value = encode_chunk_row(row)
    assert decode_chunk_row(value) == decode_chunk_row(memoryview(value)) == row
    assert is_inline(value) is (row.inline is not None)


@given(size=NUMBER, root=st.binary(min_size=32, max_size=32))
def test_a_blob_row_comes_back(size: int, root: bytes) -> None:
    assert decode_blob_row(encode_blob_row(BlobRow(size, root))) == BlobRow(size, root)


@given(value=st.binary(max_size=80))
def test_any_other_value_is_told_as_damage(value: bytes) -> None:
    try:
        row = decode_chunk_row(value)
    except ContentCorrupt as error:
        assert "--rebuild" in error.hint
    else:
        assert encode_chunk_row(row) == value[:3] + b"\0" + value[4:]
    if len(value) != 40:
        with pytest.raises(ContentCorrupt):
            decode_blob_row(value)


def test_the_format_is_written_whole_and_accepted(tmp_path: Path) -> None:
    write_format(tmp_path)
    check_format(tmp_path)
    assert json.loads((tmp_path / "format.json").read_text()) == {"format": FORMAT_VERSION, "features": list(FEATURES)}
    assert [path.name for path in tmp_path.iterdir()] == ["format.json"]


def test_a_folder_without_a_format_is_no_store(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        check_format(tmp_path)
    (tmp_path / "format.json").mkdir()
    with pytest.raises(StoreUnavailable):
        check_format(tmp_path)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "3",
        "[" * 100_000,
        "\xff",
        '{"format": 1}',
        '{"features": []}',
        '{"format": Infinity, "features": []}',
        '{"format": -1, "features": []}',
        '{"format": true, "features": []}',
        '{"format": "1", "features": []}',
        '{"format": 1.5, "features": []}',
        '{"format": 1, "features": "blake3"}',
        '{"format": 1, "features": [["blake3"]]}',
        '{"format": 1, "features": ["encryption"]}',
        '{"format": 2, "features": []}',
    ],
)
def test_what_is_not_understood_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "format.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(UnsupportedFormat) as told:
        check_format(tmp_path)
    assert told.value.hint


@given(document=st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(), st.lists, max_leaves=5))
def test_any_json_is_accepted_or_refused(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "format.json").write_text(json.dumps({"format": 1, "features": document}))
    try:
        check_format(folder)
    except KitError as error:
        assert isinstance(error, UnsupportedFormat)
    else:
        assert document == []
