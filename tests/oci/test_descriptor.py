from __future__ import annotations

import pytest

from jupyter_kit.errors import InvalidInput
from jupyter_kit.oci.descriptor import SIZE_MAX, Descriptor, descriptor_fields, descriptor_of, parse_descriptor
from jupyter_kit.oci.digest import digest_of

DESCRIPTOR = Descriptor("text/plain", digest_of(b"a"), 1, {"b": "2", "a": "1"}, "application/x")


def test_keys_stand_in_the_order_of_the_specification() -> None:
    fields = descriptor_fields(DESCRIPTOR)
    assert list(fields) == ["mediaType", "digest", "size", "annotations", "artifactType"]
    assert list(fields["annotations"]) == ["a", "b"]  # type: ignore[call-overload]
    assert list(descriptor_fields(descriptor_of(b"a", "text/plain"))) == ["mediaType", "digest", "size"]


def test_a_descriptor_reads_back() -> None:
    assert parse_descriptor(descriptor_fields(DESCRIPTOR), "It") == DESCRIPTOR


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {"mediaType": 1},
        {"digest": "sha256:12"},
        {"digest": None},
        {"size": -1},
        {"size": True},
        {"size": 1.0},
        {"size": "1"},
        {"size": SIZE_MAX + 1},
        {"annotations": []},
        {"annotations": {"a": 1}},
        {"artifactType": 3},
    ],
)
def test_what_is_no_descriptor_is_refused_by_name(wrong: object) -> None:
    value = {**descriptor_fields(DESCRIPTOR), **wrong} if isinstance(wrong, dict) and wrong else wrong
    with pytest.raises(InvalidInput, match=r"Layer 3|not a digest"):
        parse_descriptor(value, "Layer 3")
