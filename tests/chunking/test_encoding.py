"""Encodings are what other programs write, decode to one result only, and join block by block."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.chunking.encoding import BLOCK_BYTES, LINE_BYTES, decode, encode, encoded_length

from .files import as_text, noise

BASE64 = [Encoding.BASE64, Encoding.BASE64_LINES, Encoding.BASE64_LINE]

every_encoding = pytest.mark.parametrize("encoding", list(Encoding))


@pytest.mark.parametrize("encoding", BASE64)
@given(data=st.binary(max_size=300))
def test_encoded_as_json_dumps_what_base64_writes(encoding: Encoding, data: bytes) -> None:
    assert encode(data, encoding).decode() == json.dumps(as_text(data, encoding))[1:-1]


@every_encoding
@given(data=st.binary(max_size=300))
def test_decoding_gives_the_data_back(encoding: Encoding, data: bytes) -> None:
    assert decode(encode(data, encoding), encoding) == data


@every_encoding
@given(data=st.binary(max_size=300))
def test_the_length_is_known_before(encoding: Encoding, data: bytes) -> None:
    assert encoded_length(len(data), encoding) == len(encode(data, encoding))


@every_encoding
@given(text=st.text("Ab9+/=\\n \x00", max_size=40).map(str.encode))
def test_only_what_encodes_back_decodes(encoding: Encoding, text: bytes) -> None:
    data = decode(text, encoding)
    assert data is None or encode(data, encoding) == text


@pytest.mark.parametrize("text", [b"A", b"AA", b"AAA", b"AB==", b"AAA=\n", b"AA AA", b"AAAA====", b"AA\\nAA", b"\xff\xfe\xfd\xfc"])
def test_what_is_not_strict_base64_does_not_decode(text: bytes) -> None:
    assert decode(text, Encoding.BASE64) is None


@pytest.mark.parametrize("rest", [1, 2, 3, LINE_BYTES, LINE_BYTES + 1, BLOCK_BYTES - 1, BLOCK_BYTES])
@pytest.mark.parametrize("encoding", BASE64)
def test_blocks_join(encoding: Encoding, rest: int) -> None:
    data = noise(2 * BLOCK_BYTES + rest)
    inner = Encoding.BASE64 if encoding is Encoding.BASE64_LINE else encoding
    first, second, last = (data[BLOCK_BYTES * n : BLOCK_BYTES * (n + 1)] for n in range(3))
    assert encode(first, inner) + encode(second, inner) + encode(last, encoding) == encode(data, encoding)


def test_views_encode_like_bytes() -> None:
    data = noise(1000)
    assert all(encode(memoryview(data)[7:990], encoding) == encode(data[7:990], encoding) for encoding in Encoding)
