"""The ways in which a payload is written in a notebook, both directions.

Any run of the encoded form can be had without the whole: 3 bytes become 4 characters, and in lines 57 bytes become 78. Encoded forms
also join: what is cut at multiples of :data:`BLOCK_BYTES` and encoded block by block is the encoded whole, because each block but the
last fills its quads and its lines (with BASE64_LINE the blocks before the last one are BASE64). A block is 228 KiB, so a reader that
wants a few characters simply encodes the block that holds them and slices.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from jupyter_kit.chunking.chunker import Encoding

LINE_BYTES: Final = 57
"""Bytes in a line of 76 characters, the length that MIME and :func:`base64.encodebytes` use."""

LINE_CHARACTERS: Final = 76
"""Characters in a full line, without its line end."""

LINE_END: Final = rb"\n"
"""A line feed as JSON writes it inside a string: two characters, a backslash and an n."""

BLOCK_BYTES: Final = 4096 * LINE_BYTES
"""233,472 bytes: whole lines (57) and whole quads (3), and still below the 256 KiB of the longest chunk."""


def encode(data: bytes | memoryview, encoding: Encoding) -> bytes:
    """``data`` as it appears in the file."""
    if encoding is Encoding.IDENTITY:
        return bytes(data)
    if encoding is Encoding.BASE64_LINES:
        return base64.encodebytes(data).replace(b"\n", LINE_END)
    text = binascii.b2a_base64(data, newline=False)
    return text + LINE_END if encoding is Encoding.BASE64_LINE else text


def encoded_length(length: int, encoding: Encoding) -> int:
    """How many bytes of the file ``length`` bytes of a payload take up."""
    if encoding is Encoding.IDENTITY:
        return length
    characters = (length + 2) // 3 * 4
    if encoding is Encoding.BASE64_LINES:
        return characters + (length + LINE_BYTES - 1) // LINE_BYTES * len(LINE_END)
    return characters + (len(LINE_END) if encoding is Encoding.BASE64_LINE else 0)


def decode(text: bytes, encoding: Encoding) -> bytes | None:
    """The bytes that :func:`encode` writes as exactly ``text``; None if there are none."""
    if encoding is Encoding.IDENTITY:
        return text
    characters = text if encoding is Encoding.BASE64 else text.replace(LINE_END, b"")
    try:
        # The decoder skips what is not base64; comparing with the encoded result is what makes this strict.
        data = binascii.a2b_base64(characters)
    except binascii.Error:
        return None
    return data if encode(data, encoding) == text else None
