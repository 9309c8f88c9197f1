"""The change of a safetensors file, tensor by tensor.

Layout: the header's length (eight bytes, little-endian), the header as JSON, the data. Headers come from strangers: whatever is wrong with
one, the answer is None, and the file is compared as any other.
"""

from __future__ import annotations

import json
from typing import NamedTuple

from jupyter_kit.compare.changes import TensorChange, TensorsDiff
from jupyter_kit.readable import visible

HEADER_MAX = 4 << 20
"""Bytes: 35,000 tensors at the usual 120 bytes each. What JSON describes can take a hundred times its size in memory."""

PIECE = 1 << 20
"""Bytes that are compared at once, so that counting takes little memory."""

METADATA = "__metadata__"
"""The one name in a header that is no tensor's."""


class _Tensor(NamedTuple):
    dtype: str
    shape: tuple[int, ...]
    data: memoryview


class _File(NamedTuple):
    tensors: dict[str, _Tensor]
    metadata: object


def tensors_diff(path: str, before: bytes, after: bytes) -> TensorsDiff | None:
    """The tensors in which two versions of ``path`` differ, or None where either is no safetensors file. An absent version is ``b""``."""
    old, new = _read(before), _read(after)
    if old is None or new is None:
        return None
    names = [*new.tensors, *(name for name in old.tensors if name not in new.tensors)]
    found = [_change(name, old.tensors.get(name), new.tensors.get(name)) for name in names]
    changes = tuple(change for change in found if change is not None)
    metadata = "metadata changed" if before and after and old.metadata != new.metadata else ""
    return TensorsDiff(path, changes, len(names) - len(changes), metadata)


def _change(name: str, old: _Tensor | None, new: _Tensor | None) -> TensorChange | None:
    """How a tensor differs; None where it does not."""
    changed = None
    if old and new and old[:2] == new[:2]:
        changed = _differing_bytes(old.data, new.data)
        if not changed:
            return None
    return TensorChange(
        "modified" if old and new else "added" if new else "removed",
        visible(name),
        old and old.dtype,
        new and new.dtype,
        old and old.shape,
        new and new.shape,
        old and len(old.data),
        new and len(new.data),
        changed,
    )


def _differing_bytes(old: memoryview, new: memoryview) -> int:
    count = 0
    for start in range(0, len(new), PIECE):
        left, right = old[start : start + PIECE], new[start : start + PIECE]
        if left != right:  # As numbers, since Python has no quicker way to look at all bytes of two buffers at once.
            differing = int.from_bytes(left, "little") ^ int.from_bytes(right, "little")
            count += len(left) - differing.to_bytes(len(left), "little").count(0)
    return count


def _read(content: bytes) -> _File | None:
    """The tensors of a file, by name, in the order of its data; None where it is not good."""
    if not content:
        return _File({}, None)
    length = int.from_bytes(content[:8], "little")
    if length > HEADER_MAX or 8 + length > len(content):
        return None
    try:
        header = json.loads(content[8 : 8 + length])
        data = memoryview(content)[8 + length :]
        metadata = header.pop(METADATA, None)
        tensors = {name: _tensor(facts, data) for name, facts in header.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    begins = {name: facts["data_offsets"][0] for name, facts in header.items()}
    return _File({name: tensors[name] for name in sorted(tensors, key=lambda name: (begins[name], name))}, metadata)


def _tensor(facts: dict[str, object], data: memoryview) -> _Tensor:
    """Raises ValueError, TypeError or KeyError where the header is not good."""
    begin, end = (_count(number) for number in _list(facts["data_offsets"]))
    if not begin <= end <= len(data):
        raise ValueError("a tensor lies outside of the file")
    shape = tuple(_count(number) for number in _list(facts["shape"]))
    return _Tensor(visible(str(facts["dtype"]))[:20], shape, data[begin:end])


def _list(value: object) -> list[object]:
    if not isinstance(value, list):
        raise TypeError("not a list")
    return value


def _count(value: object) -> int:
    if type(value) is not int or value < 0:
        raise ValueError("not a count")
    return value
