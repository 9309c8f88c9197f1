"""The chunk recipe of a layer: which chunks make it up, so that who has some of them already fetches only the rest.

FORMAT.md gives the bytes. A recipe comes from other people and is a hint: it is bounded and well-formed once it is read, and that is all.
Whether the layer made by it is the layer, the layer's digest decides.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import zstandard

from jupyter_kit.chunking.chunker import KIB, MIB, Encoding
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.recipes import Span, decode_spans, encode_spans
from jupyter_kit.store.format.schema import ID_LENGTH
from jupyter_kit.store.store import Store

MAGIC = b"KITRCP\x00\x01"
"""First bytes of an unpacked recipe; the last one is the version."""

LITERAL = bytes(ID_LENGTH)
"""What stands for a chunk's id where the bytes are in the recipe itself."""

LITERAL_BYTES_MAX = 4 * KIB
"""A range of a chunk that is no longer than this goes into the recipe: headers of a tar, which no request is worth."""

RECIPE_BYTES_MAX = 16 * MIB
"""Bytes of an unpacked recipe: one of a layer of some 25 GiB, and what reading it may take of memory."""

LEVEL = 9
"""zstd level: the headers of a tar are alike, ids are not."""

_HEAD = struct.Struct("<QI")  # bytes of the layer, bytes of the list of spans


@dataclass(frozen=True)
class LayerRecipe:
    """``size`` is the layer's, in bytes. Spans of the chunk LITERAL are ranges of ``literals``."""

    size: int
    spans: tuple[Span, ...]
    literals: bytes


def describe(store: Store, root: str) -> bytes | None:
    """The recipe of kept content as it travels; None where it would be too long. Raises NotFound, ContentCorrupt."""
    recipe = store.recipe(root)
    literals = bytearray()
    spans = []
    for span in recipe.spans:
        if span.whole or span.encoding is not Encoding.IDENTITY or span.length > LITERAL_BYTES_MAX:
            spans.append(span)
        else:
            spans.append(Span(LITERAL, len(literals), span.length, whole=False))
            literals += store.chunks.content(span.chunk)[span.start : span.start + span.length]
    return encode(LayerRecipe(recipe.size, tuple(spans), bytes(literals)))


def encode(recipe: LayerRecipe) -> bytes | None:
    """The recipe as it travels; None where it is longer than a reader takes."""
    listing = encode_spans(recipe.spans)
    data = MAGIC + _HEAD.pack(recipe.size, len(listing)) + listing + recipe.literals
    return zstandard.ZstdCompressor(level=LEVEL).compress(data) if len(data) <= RECIPE_BYTES_MAX else None


def decode(packed: bytes, size: int) -> LayerRecipe:
    """The recipe of a layer of ``size`` bytes. Raises ContentCorrupt where it is none, or another layer's."""
    try:
        if not 0 <= zstandard.frame_content_size(packed) <= RECIPE_BYTES_MAX:
            raise _corrupt("it is too long")
        data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=RECIPE_BYTES_MAX)
        told, length = _HEAD.unpack_from(data, len(MAGIC))
        start = len(MAGIC) + _HEAD.size
        spans = decode_spans(data[start : start + length])
    except (zstandard.ZstdError, struct.error, ValueError) as error:
        raise _corrupt("it cannot be read") from error
    if not data.startswith(MAGIC) or start + length > len(data):
        raise _corrupt("it cannot be read")
    literals = data[start + length :]
    if told != size or sum(span.appears for span in spans) != size:
        raise _corrupt("it is not of this layer")
    if any(span.length == 0 or (span.chunk == LITERAL and not _is_literal(span, len(literals))) for span in spans):
        raise _corrupt("it names bytes that it does not have")
    return LayerRecipe(size, spans, literals)


def _is_literal(span: Span, length: int) -> bool:
    return span.encoding is Encoding.IDENTITY and span.start + span.length <= length


def _corrupt(reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"A chunk recipe is damaged: {reason}.", hint="The layer is fetched whole without it.")
