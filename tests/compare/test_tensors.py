"""Files of tensors compared by tensor, and headers that lie."""

from __future__ import annotations

import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import TensorChange, TensorsDiff
from jupyter_kit.compare.tensors import PIECE, tensors_diff

Tensors = dict[str, tuple[str, list[int], bytes]]


def file_of(tensors: Tensors, **metadata: str) -> bytes:
    """A safetensors file."""
    header: dict[str, object] = {"__metadata__": metadata} if metadata else {}
    data = b""
    for name, (dtype, shape, content) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    return with_header(json.dumps(header).encode(), data)


def with_header(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


BIAS = ("F32", [2], b"\0" * 8)


def test_what_became_of_each_tensor_in_the_order_of_the_file() -> None:
    before = file_of({"gone": BIAS, "wte": ("F32", [3], b"abcdabcdabcd"), "head": BIAS, "kept": BIAS})
    after = file_of({"wte": ("F32", [3], b"abcdaXcXabcd"), "head": ("F16", [4], b"\0" * 8), "kept": BIAS, "new": BIAS}, step="2")
    assert tensors_diff("m.safetensors", before, after) == TensorsDiff(
        "m.safetensors",
        (
            TensorChange("modified", "wte", "F32", "F32", (3,), (3,), 12, 12, 2),
            TensorChange("modified", "head", "F32", "F16", (2,), (4,), 8, 8),
            TensorChange("added", "new", None, "F32", None, (2,), None, 8),
            TensorChange("removed", "gone", "F32", None, (2,), None, 8),
        ),
        1,
        "metadata changed",
    )


def test_a_file_that_came_or_went_is_all_new_or_all_gone() -> None:
    whole = file_of({"a": BIAS}, format="pt")
    assert tensors_diff("m", b"", whole) == TensorsDiff("m", (TensorChange("added", "a", None, "F32", None, (2,), None, 8),), 0)
    assert tensors_diff("m", whole, b"") == TensorsDiff("m", (TensorChange("removed", "a", "F32", None, (2,), None, 8),), 0)


@given(st.data())
def test_every_byte_that_differs_is_counted(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1, 100, PIECE + 3]))
    places = data.draw(st.sets(st.integers(0, size - 1), max_size=5))
    changed = bytearray(size)
    for place in places:
        changed[place] = 255
    found = tensors_diff("m", file_of({"a": ("U8", [size], bytes(size))}), file_of({"a": ("U8", [size], bytes(changed))}))
    assert found is not None
    assert [change.changed_bytes for change in found.tensors] == ([len(places)] if places else [])


@pytest.mark.parametrize(
    "hostile",
    [
        b"\xff" * 8,
        with_header(b"not json"),
        with_header(b"[]"),
        with_header(b"\xff\xfe"),
        with_header(b'{"a": 1}'),
        with_header(b'{"a": {}}'),
        with_header(b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 9]}}', b"1234"),
        with_header(b'{"a": {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]}}', b"1234"),
        with_header(b'{"a": {"dtype": "F32", "shape": [-1], "data_offsets": [0, 4]}}', b"1234"),
        with_header(b'{"a": {"dtype": "F32", "shape": [true], "data_offsets": [0, 4]}}', b"1234"),
        with_header(b'{"a": {"dtype": "F32", "shape": 1, "data_offsets": [0, 4]}}', b"1234"),
        with_header(b'{"a":' * 100_000),
        b"short",
    ],
)
def test_a_header_that_lies_makes_it_another_kind_of_file(hostile: bytes) -> None:
    good = file_of({"a": BIAS})
    assert tensors_diff("m", good, hostile) is None
    assert tensors_diff("m", hostile, good) is None


def test_names_are_safe_to_print() -> None:
    found = tensors_diff("m", b"", file_of({"\x1b[31m": ("F\n32", [2], b"\0" * 8)}))
    assert found is not None
    assert (found.tensors[0].name, found.tensors[0].new_dtype) == ("\u241b[31m", "F\u240a32")
