"""What is decided from values alone: ranges, portions, merges and repacking."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.store.disk.promises import Promise
from jupyter_kit.sync.download import DELTAS_BYTES_MAX, GAP_BYTES, RANGE_BYTES_MAX, portions_of, ranges
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.outgoing.consignment import SEGMENT_BYTES
from jupyter_kit.sync.push import CATALOGUES_MAX, MERGED_BYTES_MAX, REPACKED_BYTES_MAX, SPARSE_MARGIN, mergeable, sparsest

MIB = 1 << 20


def promise(offset: int, length: int, *, segment: int = 0, depth: int = 0) -> Promise:
    identity = segment.to_bytes(4, "big") + offset.to_bytes(28, "big")
    return Promise(identity, segment, 2 if depth else 0, depth, length, length, offset, bytes(32) if depth else None)


def test_near_chunks_come_together_and_far_ones_apart() -> None:
    near = [promise(0, 100), promise(100 + GAP_BYTES, 100)]
    far = [promise(0, 100), promise(101 + GAP_BYTES, 100)]
    assert [(run.start, run.length) for run in ranges(near, {0: 32 * MIB})] == [(0, GAP_BYTES + 200)]
    assert len(ranges(far, {0: 32 * MIB})) == 2
    assert len(ranges([promise(0, 100), promise(0, 100, segment=1)], {0: MIB, 1: MIB})) == 2


def test_a_segment_that_is_mostly_wanted_comes_in_few_ranges() -> None:
    wanted = [promise(first * MIB, 700_000) for first in range(30)]
    runs = ranges(wanted, {0: 30 * MIB})
    assert len(runs) == 2
    assert len(ranges(wanted, {0: 60 * MIB})) == 30


@settings(max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 60), st.integers(1, MIB)), max_size=40))
def test_ranges_hold_what_is_wanted_and_no_range_is_too_long(drawn: list[tuple[int, int, int]]) -> None:
    wanted = list(
        {
            promise(at * MIB, length, segment=segment).id: promise(at * MIB, length, segment=segment) for segment, at, length in drawn
        }.values()
    )
    runs = ranges(wanted, dict.fromkeys(range(4), 64 * MIB))
    assert sorted(found for run in runs for found in run.wanted) == sorted(wanted)
    for run in runs:
        assert run.length <= RANGE_BYTES_MAX
        assert all(run.start <= found.offset and found.end <= run.start + run.length for found in run.wanted)


def test_deltas_come_nearest_first_in_portions() -> None:
    deltas = [promise(at, 1 + DELTAS_BYTES_MAX // 3, depth=1 + at % 5) for at in range(10)]
    portions = portions_of([*deltas, promise(50, 5)])
    assert [found.depth for portion in portions for found in portion] == sorted(found.depth for found in deltas)
    assert all(sum(found.stored_length for found in portion) <= DELTAS_BYTES_MAX for portion in portions)


def test_only_many_small_catalogues_are_merged() -> None:
    assert mergeable([100] * CATALOGUES_MAX) == 0
    assert mergeable([100] * (CATALOGUES_MAX + 1)) == CATALOGUES_MAX + 1
    assert mergeable([MERGED_BYTES_MAX, *[100] * CATALOGUES_MAX]) == CATALOGUES_MAX


def segment(number: int) -> Segment:
    return Segment(number.to_bytes(32, "big"), SEGMENT_BYTES)


def test_sparse_segments_are_sent_anew_only_when_there_are_too_many() -> None:
    assert not sparsest({})
    assert not sparsest({segment(number): SEGMENT_BYTES for number in range(1000)})
    assert not sparsest({segment(number): 1000 for number in range(SPARSE_MARGIN)})
    many = {segment(number): 1000 for number in range(SPARSE_MARGIN + 10)}
    assert len(sparsest(many)) >= SPARSE_MARGIN
    mixed = {**many, **{segment(1000 + number): SEGMENT_BYTES for number in range(10)}}
    assert sparsest(mixed) <= many.keys()
    half = {segment(number): SEGMENT_BYTES // 4 for number in range(400)}
    assert sum(half[chosen] for chosen in sparsest(half)) <= REPACKED_BYTES_MAX + SEGMENT_BYTES
