"""Chunk recipes as bytes: what is written is read, and nothing that somebody else wrote does any harm."""

from __future__ import annotations

import re
import struct
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.delta import attaching, recipe
from jupyter_kit.delta.recipe import LITERAL, LayerRecipe, decode, encode
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.oci.media_types import EMPTY
from jupyter_kit.store.format.recipes import Span, encode_spans

DOCUMENT = (Path(recipe.__file__).parent / "FORMAT.md").read_text("utf-8")

CHUNK = bytes(range(32))

GOOD = LayerRecipe(8, (Span(LITERAL, 0, 3, whole=False), Span(CHUNK, 0, 5)), b"abc")


def test_names_and_numbers_of_the_format() -> None:
    for name in (attaching.RECIPES_TYPE, attaching.RECIPE_TYPE, attaching.LAYER, EMPTY, *attaching.PLAIN):
        assert f"`{name}`" in DOCUMENT
    for number in (recipe.RECIPE_BYTES_MAX, recipe.LITERAL_BYTES_MAX, attaching.LAYER_BYTES_MIN):
        assert re.search(rf"\b{number}\b", DOCUMENT), number


def test_the_bytes_are_as_the_format_says() -> None:
    packed = encode(GOOD)
    assert packed is not None
    listing = encode_spans(GOOD.spans)
    data = b"KITRCP\x00\x01" + struct.pack("<QI", 8, len(listing)) + listing + b"abc"
    assert zstandard.ZstdDecompressor().decompress(packed) == data


def test_what_is_written_is_read() -> None:
    packed = encode(GOOD)
    assert packed is not None
    assert decode(packed, 8) == GOOD


def test_a_recipe_that_is_too_long_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipe, "RECIPE_BYTES_MAX", 60)
    assert encode(GOOD) is None


@pytest.mark.parametrize(
    "bad",
    [
        replace(GOOD, size=9),
        replace(GOOD, literals=b"ab"),
        replace(GOOD, size=3, spans=(*GOOD.spans[:1], Span(CHUNK, 0, 0))),
        replace(GOOD, size=9, spans=(Span(LITERAL, 0, 3, Encoding.BASE64, whole=False), Span(CHUNK, 0, 5))),
        replace(GOOD, spans=GOOD.spans[:1]),
    ],
)
def test_a_recipe_that_cannot_be_is_refused(bad: LayerRecipe) -> None:
    packed = encode(bad)
    assert packed is not None
    with pytest.raises(ContentCorrupt, match="chunk recipe"):
        decode(packed, bad.size)


def test_another_layers_recipe_is_refused() -> None:
    packed = encode(GOOD)
    assert packed is not None
    with pytest.raises(ContentCorrupt, match="not of this layer"):
        decode(packed, 80)


def test_a_bomb_is_refused_before_it_unpacks() -> None:
    with pytest.raises(ContentCorrupt, match="too long"):
        decode(zstandard.ZstdCompressor().compress(bytes(recipe.RECIPE_BYTES_MAX + 1)), 8)


@given(st.binary(max_size=200), st.booleans())
def test_any_bytes_are_a_recipe_or_refused(data: bytes, framed: bool) -> None:
    body = recipe.MAGIC + data if framed else data
    for packed in (body, zstandard.ZstdCompressor().compress(body)):
        try:
            found = decode(packed, 8)
        except ContentCorrupt:
            continue
        assert sum(span.appears for span in found.spans) == 8
