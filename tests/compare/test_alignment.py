"""Aligning two sequences: what is paired is equal and in order, and hostile sequences cost no more than others."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare import alignment
from jupyter_kit.compare.alignment import Block, align, longest_increasing

SEQUENCES = st.lists(st.sampled_from("abcde"), max_size=40)


def longest_common(before: list[str], after: list[str]) -> int:
    """Length of the longest common subsequence, by the textbook."""
    row = [0] * (len(after) + 1)
    for x in before:
        row = [0, *row]
        for j, y in enumerate(after):
            row[j + 1] = row[j + 1] + 1 if x == y else max(row[j + 2], row[j])
        row.pop()
    return row[-1]


def test_what_stands_on_both_sides_is_found() -> None:
    assert align("abcdef", "abXdef") == [Block(0, 0, 2), Block(3, 3, 3)]
    assert align("", "abc") == []
    assert align("abc", "abc") == [Block(0, 0, 3)]
    assert align("xaby", "abz") == [Block(1, 0, 2)]


@given(SEQUENCES, SEQUENCES)
def test_blocks_are_equal_in_order_and_apart(before: list[str], after: list[str]) -> None:
    blocks = align(before, after)
    for block in blocks:
        assert block.size > 0
        assert before[block.before : block.before + block.size] == after[block.after : block.after + block.size]
    for left, right in pairwise(blocks):
        assert left.before + left.size <= right.before
        assert left.after + left.size <= right.after
        assert (left.before + left.size, left.after + left.size) != (right.before, right.after)


def test_what_occurs_twice_is_no_anchor() -> None:
    assert align("1ax2", "3ax4x5") == [Block(1, 1, 2)]
    assert align("3ax4x5", "1ax2") == [Block(1, 1, 2)]


def anchored(before: list[str], after: list[str]) -> bool:
    """Whether an element between the equal ends occurs exactly once on each side."""
    while before and after and before[0] == after[0]:
        before, after = before[1:], after[1:]
    while before and after and before[-1] == after[-1]:
        before, after = before[:-1], after[:-1]
    return any(before.count(element) == after.count(element) == 1 for element in before)


@given(st.lists(st.sampled_from("ab"), max_size=30), st.lists(st.sampled_from("ab"), max_size=30))
def test_without_anchors_the_edit_script_is_the_shortest(before: list[str], after: list[str]) -> None:
    found = sum(block.size for block in align(before, after))
    assert found == longest_common(before, after) or (anchored(before, after) and found < longest_common(before, after))


def test_the_shortest_edit_script_is_found() -> None:
    before, after = "abcabba" * 3, "cbabac" * 3
    assert sum(block.size for block in align(before, after)) == longest_common(list(before), list(after))


def test_work_is_bounded_and_what_is_left_counts_as_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alignment, "WORK_MAX", 10)
    assert align("a" + "xyxyxyxy" + "b", "a" + "yxxyyxx" + "b") == [Block(0, 0, 1), Block(9, 8, 1)]


def test_too_many_edits_count_as_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    before, after = (["start", *chance.choices("ab", k=300), "end"] for _ in range(2))
    assert len(align(before, after)) > 2
    monkeypatch.setattr(alignment, "EDITS_MAX", 3)
    assert sum(block.size for block in align(before, after)) < 30


@given(st.lists(st.integers(-50, 50), max_size=60))
def test_longest_increasing_is_increasing_and_longest(values: list[int]) -> None:
    chain = longest_increasing(values)
    assert all(left < right and values[left] < values[right] for left, right in pairwise(chain))
    lengths: list[int] = []
    for position, value in enumerate(values):
        lengths.append(1 + max((lengths[earlier] for earlier in range(position) if values[earlier] < value), default=0))
    assert len(chain) == max(lengths, default=0)
