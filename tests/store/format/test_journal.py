"""Entries of the journal: what is written is read back, anything else is a ValueError, and later entries have higher numbers."""

from __future__ import annotations

import time

import pytest
import zstandard
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.journal import (
    ENTRY_BYTES_MAX,
    NO_ENTRY,
    Head,
    Mark,
    RowChange,
    decode_entry,
    decode_head,
    encode_entry,
    encode_head,
    following,
)
from jupyter_kit.store.format.schema import JOURNALED

IDS = st.binary(min_size=32, max_size=32)
SEQUENCES = st.integers(0, 2**64 - 1)
CHANGES = st.lists(st.builds(RowChange, st.sampled_from(JOURNALED), st.binary(max_size=40), st.none() | st.binary(max_size=80)), max_size=8)


@given(sequence=SEQUENCES, previous=IDS, changes=CHANGES, marks=st.sampled_from([Mark.CHANGE, Mark.BASE, Mark.BASE | Mark.BASE_END]))
def test_an_entry_comes_back(sequence: int, previous: bytes, changes: list[RowChange], marks: Mark) -> None:
    identity, stored, raw_length = encode_entry(sequence, previous, changes, marks)
    assert decode_entry(identity, stored, raw_length) == (identity, sequence, previous, marks, tuple(changes))


@given(changes=CHANGES, at=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_flipped_entry_is_refused(changes: list[RowChange], at: float, bit: int) -> None:
    identity, stored, raw_length = encode_entry(1, NO_ENTRY, changes)
    flipped = bytearray(stored)
    flipped[int(at * len(stored))] ^= 1 << bit
    try:
        found = decode_entry(identity, bytes(flipped), raw_length)
    except ValueError:
        return
    assert found == decode_entry(identity, stored, raw_length)  # zstd has bits that say nothing.


@given(payload=st.binary(max_size=120), identity=st.none() | IDS, raw_length=st.integers(0, 200))
def test_other_bytes_are_no_entry(payload: bytes, identity: bytes | None, raw_length: int) -> None:
    """Also where they have the id of their own content, as somebody who means harm would give them."""
    for stored in (payload, zstandard.compress(payload)):
        try:
            found = decode_entry(identity or blake3(payload).digest(), stored, raw_length)
        except ValueError:
            continue
        assert sum(8 + len(key) + len(value or b"") for _, key, value in found.changes) <= len(payload) - 42


def test_an_entry_that_promises_too_much_is_refused() -> None:
    identity, stored, raw_length = encode_entry(1, NO_ENTRY, [RowChange(JOURNALED[0], b"key", bytes(10_000))])
    for length in (raw_length - 1, ENTRY_BYTES_MAX + 1):
        with pytest.raises(ValueError, match="entry"):
            decode_entry(identity, stored, length)


@given(head=st.builds(Head, SEQUENCES, IDS))
def test_a_head_comes_back(head: Head) -> None:
    assert decode_head(encode_head(head)) == head


@given(value=st.binary(max_size=60).filter(lambda value: len(value) != 40))
def test_other_values_are_no_head(value: bytes) -> None:
    with pytest.raises(ContentCorrupt):
        decode_head(value)
    assert decode_head(None) == Head(0, NO_ENTRY)


def test_a_later_entry_has_a_higher_number_whatever_the_clock_says(monkeypatch: pytest.MonkeyPatch) -> None:
    before = following(0)
    assert before > 1_600_000_000_000_000
    time.sleep(0.001)
    assert following(0) > before  # Of two that follow the same entry, the later one.
    monkeypatch.setattr(time, "time_ns", lambda: 0)
    assert following(before) == before + 1
