"""Takes a notebook apart into its large base64 payloads (figures, attachments, data URIs), decoded, and the text around them.

Works on the raw bytes, so the file comes back byte for byte, however it was written. A new run of a notebook moves counts and text
everywhere but leaves most figures as they are: kept apart, each figure is stored once, and the text, the skeleton, is small enough to
be compressed against its earlier version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from jupyter_kit.chunking.chunker import Encoding, Piece, Split
from jupyter_kit.chunking.encoding import BLOCK_BYTES, LINE_CHARACTERS, LINE_END, decode, encoded_length

NAME: Final = "notebook/1"

SHORTEST_PAYLOAD: Final = 1024
"""Characters. In a shorter payload a change is as cheap in the skeleton's delta as it is in a chunk of its own."""

# A payload starts a JSON string or follows the head of a data URI. No anchor can begin inside a payload, so each byte is looked at
# once. The backslash lets a match run on over escaped line ends; which escapes they are is looked at afterwards.
_CANDIDATE: Final = re.compile(rb'(?:"|;base64,)([A-Za-z0-9+/\\]{%d,}={0,2}(?:\\n)?)' % SHORTEST_PAYLOAD)

_NOTEBOOK: Final = re.compile(rb"[ \t\r\n]*\{")
_FORMAT_KEY: Final = b'"nbformat"'  # every notebook names its format, most of them at the very end


def split(data: bytes) -> Split | None:
    """``data`` taken apart; None if it is not a notebook, not UTF-8, or holds no payload of :data:`SHORTEST_PAYLOAD` characters.

    ``parts[0]`` is the skeleton. Each further part is a payload, or a block of :data:`~jupyter_kit.chunking.encoding.BLOCK_BYTES` of a
    longer one, and makes exactly one piece. Needs time linear in ``data``, and memory for ``data`` and the parts.
    """
    if not _NOTEBOOK.match(data) or _FORMAT_KEY not in data:
        return None
    skeleton = bytearray()
    payloads: list[bytes] = []
    pieces: list[Piece] = []
    done = 0
    for start, stop, blocks in _payloads(data):
        pieces.append(Piece(0, len(skeleton), start - done))
        skeleton += data[done:start]
        for block, encoding in blocks:
            payloads.append(block)
            pieces.append(Piece(len(payloads), 0, len(block), encoding))
        done = stop
    if done < len(data):
        pieces.append(Piece(0, len(skeleton), len(data) - done))
        skeleton += data[done:]
    if not payloads or not _is_utf8(skeleton):
        return None
    return Split(NAME, (bytes(skeleton), *payloads), tuple(pieces))


def _payloads(data: bytes) -> Iterator[tuple[int, int, list[tuple[bytes, Encoding]]]]:
    """Each payload: where it starts and stops in ``data``, and its decoded blocks, which encode to exactly these bytes."""
    for candidate in _CANDIDATE.finditer(data):
        start, stop = candidate.span(1)
        encoding, stop = _form(data, start, stop)
        if stop - start >= SHORTEST_PAYLOAD:
            blocks = _blocks(data, start, stop, encoding)
            if blocks:
                yield start, stop, blocks


def _form(data: bytes, start: int, stop: int) -> tuple[Encoding, int]:
    """What the candidate at ``start`` can only be, and where that stops."""
    escape = data.find(b"\\", start, stop)
    if escape < 0:
        return Encoding.BASE64, stop
    if escape == start + LINE_CHARACTERS:
        line = LINE_CHARACTERS + len(LINE_END)
        # A last line without its line end stays in the skeleton: no encoding has that form.
        return Encoding.BASE64_LINES, stop if data.endswith(LINE_END, start, stop) else stop - (stop - start) % line
    if data[escape:stop] == LINE_END:
        return Encoding.BASE64_LINE, stop
    return Encoding.BASE64, escape  # such as the \" that ends an attribute in HTML


def _blocks(data: bytes, start: int, stop: int, encoding: Encoding) -> list[tuple[bytes, Encoding]] | None:
    """``data[start:stop]`` decoded in blocks, each with its encoding; None if it is not exactly what the encoder writes."""
    inner = Encoding.BASE64 if encoding is Encoding.BASE64_LINE else encoding
    span = encoded_length(BLOCK_BYTES, inner)
    # The line end of a BASE64_LINE belongs to the last block and must not become a block of its own.
    starts = range(start, stop - (len(LINE_END) if inner is not encoding else 0), span)
    blocks = []
    for begin in starts:
        last = begin == starts[-1]
        form = encoding if last else inner
        block = decode(data[begin : stop if last else begin + span], form)
        if block is None:
            return None
        blocks.append((block, form))
    return blocks


def _is_utf8(text: bytearray) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True
