"""Bytes and files for the tests of the chunkers: the same on every machine and with every version of the writers."""

from __future__ import annotations

import base64
import hashlib
import json
import struct
from collections.abc import Callable, Mapping
from itertools import cycle

from jupyter_kit.chunking.chunker import Chunker, Encoding, Split
from jupyter_kit.chunking.encoding import encode

GGUF_STRING, GGUF_ARRAY, GGUF_U32 = 8, 9, 4


def noise(length: int, seed: str = "") -> bytes:
    """Bytes that do not repeat: the output of SHAKE-128 on the seed."""
    return hashlib.shake_128(seed.encode()).digest(length)


def reader(data: bytes) -> Callable[[int, int], bytes]:
    """``data`` as a file that is read by offset and length."""
    return lambda offset, length: data[offset : offset + length]


def cut(chunker: Chunker, data: bytes, *steps: int) -> list[int]:
    """Cuts ``data`` as the store does: the rest that was not cut is offered again, with the next ``step`` bytes behind it."""
    lengths: list[int] = []
    begin = end = 0
    for step in cycle(steps or (len(data) + 1,)):
        end = min(end + step, len(data))
        found = chunker.cut(memoryview(data)[begin:end], begin, final=end == len(data))
        lengths += found
        begin += sum(found)
        assert begin <= end
        if end == len(data):
            break
    return lengths


def chunks(data: bytes, lengths: list[int]) -> list[bytes]:
    """``data`` in pieces of these lengths, which must use it up."""
    pieces, begin = [], 0
    for length in lengths:
        pieces.append(data[begin : begin + length])
        begin += length
    assert begin == len(data)
    return pieces


def join(parts: Split) -> bytes:
    """The file that was split, put together again as the format says."""
    return b"".join(encode(parts.parts[p.part][p.start : p.start + p.length], p.encoding) for p in parts.pieces)


def safetensors_header(offsets: Mapping[str, tuple[int, int]]) -> bytes:
    """The length and the JSON of a safetensors file whose tensors lie where ``offsets`` says."""
    described = {name: {"dtype": "U8", "shape": [end - begin], "data_offsets": [begin, end]} for name, (begin, end) in offsets.items()}
    header = json.dumps(described).encode()
    return struct.pack("<Q", len(header)) + header


def gguf_string(text: str) -> bytes:
    """A string as GGUF writes it."""
    encoded = text.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def gguf_pair(key: str, kind: int, value: bytes) -> bytes:
    """A pair of the header; ``value`` is written as it is."""
    return gguf_string(key) + struct.pack("<I", kind) + value


def gguf_strings(texts: list[str]) -> bytes:
    """The value of a pair that is an array of strings."""
    return struct.pack("<IQ", GGUF_STRING, len(texts)) + b"".join(map(gguf_string, texts))


def gguf_file(tensors: Mapping[str, bytes], pairs: list[bytes], *, alignment: int = 32, version: int = 3) -> bytes:
    """A GGUF file of these tensors, one byte an element."""
    header = struct.pack("<4sIQQ", b"GGUF", version, len(tensors), len(pairs)) + b"".join(pairs)
    data = b""
    for name, content in tensors.items():
        header += gguf_string(name) + struct.pack("<IQIQ", 1, len(content), 24, len(data))
        data += content + bytes(-len(content) % alignment)
    return header + bytes(-len(header) % alignment) + data


def as_text(payload: bytes, encoding: Encoding) -> str:
    """A payload the way Python's own modules write it; the contents of a JSON string."""
    text = base64.encodebytes(payload) if encoding is Encoding.BASE64_LINES else base64.b64encode(payload)
    return text.decode() + ("\n" if encoding is Encoding.BASE64_LINE else "")
