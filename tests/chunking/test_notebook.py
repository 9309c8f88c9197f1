"""A notebook taken apart and joined again is the same file, byte for byte, and its figures are kept decoded."""

from __future__ import annotations

import base64
import json
import time
import tracemalloc

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.chunking.encoding import BLOCK_BYTES
from jupyter_kit.chunking.notebook import split

from .files import as_text, join, noise

BASE64 = [Encoding.BASE64, Encoding.BASE64_LINES, Encoding.BASE64_LINE]
FIGURE = noise(3001, "figure")


def notebook(*values: object, indent: int | None = 1, ascii_only: bool = False) -> bytes:
    """A notebook with one cell for each value, which is the figure that the cell shows."""
    cells = [
        {
            "cell_type": "code",
            "execution_count": number,
            "metadata": {},
            "outputs": [{"data": {"image/png": value, "text/plain": ["<Figure>"]}, "metadata": {}, "output_type": "display_data"}],
            "source": ["plot()  # 図 é\n", "show()"],
        }
        for number, value in enumerate(values)
    ]
    document = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}
    return json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode() + b"\n"


@pytest.mark.parametrize("encoding", BASE64)
@pytest.mark.parametrize("indent", [None, 1, 4])
def test_figures_are_kept_decoded(encoding: Encoding, indent: int | None) -> None:
    figures = [FIGURE, noise(5000), noise(57 * 100)]
    data = notebook(*(as_text(figure, encoding) for figure in figures), indent=indent)
    found = split(data)
    assert found is not None
    assert found.chunker == "notebook/1"
    assert list(found.parts[1:]) == figures
    assert {piece.encoding for piece in found.pieces if piece.part} == {encoding}
    assert join(found) == data


def test_a_notebook_as_nbformat_writes_it() -> None:
    output = nbformat.v4.new_output("display_data", {"image/png": as_text(FIGURE, Encoding.BASE64_LINE)})
    data = nbformat.writes(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("plot()", outputs=[output])])).encode()
    found = split(data)
    assert found is not None
    assert found.parts[1] == FIGURE
    assert join(found) == data


def test_the_same_figure_is_the_same_part_however_it_is_written() -> None:
    found = [split(notebook(as_text(FIGURE, encoding), "")) for encoding in BASE64]
    assert [parts and parts.parts[1] for parts in found] == [FIGURE] * 3


@pytest.mark.parametrize("encoding", BASE64)
@pytest.mark.parametrize("more", [-57, -1, 0, 1, 2, 3, 57, BLOCK_BYTES - 1, BLOCK_BYTES])
def test_long_payloads_become_blocks(encoding: Encoding, more: int) -> None:
    figure = noise(2 * BLOCK_BYTES + more)
    data = notebook(as_text(figure, encoding))
    found = split(data)
    assert found is not None
    assert b"".join(found.parts[1:]) == figure
    assert all(len(part) == BLOCK_BYTES for part in found.parts[1:-1])
    assert 0 < len(found.parts[-1]) <= BLOCK_BYTES
    assert len(found.pieces) == len(found.parts) + 1  # one for each payload, and the skeleton before and behind them
    assert join(found) == data


def test_an_appended_payload_keeps_its_first_blocks() -> None:
    figure = noise(3 * BLOCK_BYTES)
    first, second = (split(notebook(as_text(figure[:length], Encoding.BASE64))) for length in (500_000, 600_000))
    assert first is not None
    assert second is not None
    assert first.parts[1:3] == second.parts[1:3]


def test_the_skeleton_holds_all_the_rest() -> None:
    data = notebook(as_text(FIGURE, Encoding.BASE64))
    found = split(data)
    assert found is not None
    assert found.parts[0] == data.replace(base64.b64encode(FIGURE), b"")


def test_a_data_uri_is_a_payload_too() -> None:
    data = notebook(f'<img src="data:image/png;base64,{as_text(FIGURE, Encoding.BASE64)}" alt="a figure">')
    found = split(data)
    assert found is not None
    assert found.parts[1] == FIGURE
    assert join(found) == data


def test_a_last_line_without_its_end_stays_in_the_skeleton() -> None:
    data = notebook(as_text(FIGURE, Encoding.BASE64_LINES)[:-1])
    found = split(data)
    assert found is not None
    assert found.parts[1] == FIGURE[: len(FIGURE) // 57 * 57]
    assert join(found) == data


@pytest.mark.parametrize("length", [3000, 3001, 3002])  # without padding, only the escape says where the payload stops
@pytest.mark.parametrize("rest", ["\nand a caption", '" alt="a figure">', "\n\n", "\t"])
def test_what_follows_a_payload_in_its_string_stays_in_the_skeleton(length: int, rest: str) -> None:
    figure = noise(length)
    data = notebook(as_text(figure, Encoding.BASE64) + rest)
    found = split(data)
    assert found is not None
    assert found.parts[1] == figure
    assert join(found) == data


TEXT = base64.b64encode(FIGURE).decode()
NOT_SPLIT = {
    "empty": b"",
    "no notebook": b"hello " * 1000,
    "a list": b"[" + notebook(TEXT) + b"]",
    "other JSON": json.dumps({"image/png": TEXT}).encode(),
    "no payload": notebook("a figure", ""),
    "a payload below the limit": notebook(TEXT[:1020]),
    "lines of 64": notebook("\n".join(TEXT[begin : begin + 64] for begin in range(0, len(TEXT), 64)) + "\n"),
    "a list of lines": notebook([line + "\n" for line in as_text(FIGURE, Encoding.BASE64_LINES).splitlines()]),
    "escaped slashes": notebook(TEXT).replace(b"/", b"\\/"),
    "cut off": notebook(TEXT[:1501]),
    "bits behind the end": notebook("A" * 2046 + "B="),
    "too much padding": notebook("A" * 2045 + "==="),
    "another alphabet": notebook(TEXT.replace("+", "-").replace("/", "_")),
    "blanks": notebook(TEXT[:900] + " " + TEXT[900:1800]),
    "not UTF-8": notebook(TEXT, "é").replace("é".encode(), b"\xe9"),
    "UTF-16": notebook(TEXT).decode().encode("utf-16"),
}


@pytest.mark.parametrize("data", NOT_SPLIT.values(), ids=NOT_SPLIT.keys())
def test_what_is_not_split(data: bytes) -> None:
    assert split(data) is None


payloads = st.builds(
    lambda length, seed, encoding: as_text(noise(length, seed), encoding),
    st.one_of(st.integers(0, 3000), st.sampled_from([768, BLOCK_BYTES, BLOCK_BYTES + 1])),
    st.text(max_size=2),
    st.sampled_from(BASE64),
)
shown = st.one_of(payloads, st.text(), st.lists(payloads, max_size=2), payloads.map(lambda text: f'<img src="data:x;base64,{text}">'))


@given(st.lists(shown, max_size=6), st.sampled_from([None, 1, 2]), st.booleans())
def test_any_notebook_comes_back(values: list[object], indent: int | None, ascii_only: bool) -> None:
    data = notebook(*values, indent=indent, ascii_only=ascii_only)
    found = split(data)
    assert found is None or join(found) == data
    long = [text for text in values if isinstance(text, str) and len(text) > 1100 and " " not in text and text.isascii()]
    assert found is not None or not long


SCRAPS = [
    b'"',
    b"\\n",
    b"\\",
    b"=",
    b"==",
    b";base64,",
    b"\xff",
    b"A" * 76,
    b"A" * 76 + b"\\n",
    b"A" * 1023,
    b"A" * 1024,
    b"QUJD" * 300,
    b"\\n" * 600,
]
scraps = st.one_of(st.sampled_from(SCRAPS), st.binary(max_size=8))


@given(st.lists(scraps, max_size=40))
def test_any_bytes_come_back_or_are_not_split(found_together: list[bytes]) -> None:
    data = b'{"nbformat"' + b"".join(found_together)
    found = split(data)
    assert found is None or join(found) == data


@given(st.binary(max_size=2000))
def test_noise_is_not_split(data: bytes) -> None:
    assert split(data) is None


LARGE = {
    "figures": lambda size: notebook(*[TEXT * 15] * (size // 60_000), indent=None),
    "lines": lambda size: notebook(as_text(noise(1 << 20), Encoding.BASE64_LINES) * (size // 1_435_000)),
    "one figure": lambda size: notebook("QUJD" * (size // 4)),
    "quotes": lambda size: b'{"nbformat"' + b'"' * size,
    "escapes": lambda size: b'{"nbformat""' + b"\\" * size,
    "payloads that are just too short": lambda size: b'{"nbformat"' + (b'"' + b"A" * 1020) * (size // 1021),
    "payloads that do not decode": lambda size: b'{"nbformat"' + (b'"' + b"A" * 1025) * (size // 1026),
    "heads of data URIs": lambda size: b'{"nbformat"' + b";base64," * (size // 8),
    "line ends": lambda size: b'{"nbformat""' + b"\\n" * (size // 2),
}


@pytest.mark.parametrize("kind", LARGE)
def test_fifty_megabytes_take_no_more_than_their_share(kind: str) -> None:
    def seconds(size: int) -> float:
        data = LARGE[kind](size)
        begin = time.perf_counter()
        split(data)
        return time.perf_counter() - begin

    small, large = seconds(5_000_000), seconds(50_000_000)
    print(f"{kind}: 5 MB in {small:.3f} s, 50 MB in {large:.3f} s")
    assert large < 60  # quadratic work on 50 MB would take hours


def test_memory_is_the_file_and_its_parts() -> None:
    data = notebook(as_text(noise(15_000_000), Encoding.BASE64))
    tracemalloc.start()
    found = split(data)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found is not None
    assert peak < 1.1 * sum(map(len, found.parts))
