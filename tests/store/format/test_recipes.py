"""Lists of spans and rows of recipes: what is written is read back, and anything else is a ValueError."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.chunking.encoding import encode
from jupyter_kit.store.format.recipes import Row, Span, decode_row, decode_spans, encode_row, encode_spans, root_of

IDS = st.integers(0, 4).map(lambda number: bytes([number]) * 32)
LENGTH = st.integers(0, 2**32 - 1)
SPANS = st.lists(
    st.builds(lambda chunk, length: Span(chunk, 0, length), IDS, LENGTH)
    | st.builds(Span, IDS, LENGTH, LENGTH, st.sampled_from(Encoding), st.just(False)),
    max_size=12,
)


@given(spans=SPANS)
def test_spans_come_back(spans: list[Span]) -> None:
    assert decode_spans(encode_spans(spans)) == tuple(spans)


@given(listing=st.binary(max_size=120) | SPANS.map(encode_spans).flatmap(lambda whole: st.integers(0, 40).map(lambda cut: whole[cut:])))
def test_other_bytes_are_no_list(listing: bytes) -> None:
    try:
        spans = decode_spans(listing)
    except ValueError:
        return
    assert decode_spans(encode_spans(spans)) == spans


@given(length=st.integers(0, 400), encoding=st.sampled_from(Encoding))
def test_a_span_knows_how_long_it_appears(length: int, encoding: Encoding) -> None:
    assert Span(bytes(32), 0, length, encoding, whole=False).appears == len(encode(bytes(length), encoding))


ROWS = st.builds(Row, st.text(max_size=20), st.integers(0, 2**64 - 1), st.binary(max_size=60), st.booleans())


@given(row=ROWS)
def test_a_row_comes_back(row: Row) -> None:
    assert decode_row(encode_row(row)) == row


@given(value=st.binary(max_size=60))
def test_other_bytes_are_no_row(value: bytes) -> None:
    try:
        row = decode_row(value)
    except ValueError:
        return
    assert decode_row(encode_row(row)) == row


@given(one=st.tuples(st.text(max_size=5), st.binary(max_size=9)), other=st.tuples(st.text(max_size=5), st.binary(max_size=9)))
def test_a_root_names_the_chunker_and_the_list(one: tuple[str, bytes], other: tuple[str, bytes]) -> None:
    if "\n" not in one[0] + other[0]:
        assert (root_of(*one) == root_of(*other)) is (one == other)
