"""Which elements of two sequences are the same ones, in order: the basis of every diff by line or by cell.

difflib's time is quadratic at best and cubic at worst in inputs that anyone can write. Here the work is bounded: elements that occur once
on both sides anchor the alignment (patience diff), what lies between two anchors is aligned in turn, and a stretch without anchors gets
the shortest edit script up to a limit of edits. Whatever is left when the bound is reached counts as replaced, which is never wrong, only
coarse.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Sequence
from itertools import pairwise
from typing import NamedTuple

WORK_MAX = 2_000_000
"""Elements looked at in one alignment. About a second of Python; 100,000 lines a side with anchors need an eighth of it."""

EDITS_MAX = 400
"""Insertions and deletions in one stretch without anchors. The search is quadratic in them: 400 cost about 80,000 steps, 20 ms."""


class Block(NamedTuple):
    """``size`` elements from ``before`` on are equal to as many from ``after`` on."""

    before: int
    after: int
    size: int


class _Stretch(NamedTuple):
    """Half-open ranges of both sequences that are still to be aligned with each other."""

    low_before: int
    high_before: int
    low_after: int
    high_after: int


def align(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Block]:
    """The equal blocks, in order on both sides; neighbouring blocks are joined."""
    numbers: dict[Hashable, int] = {}
    numbered = [[numbers.setdefault(element, len(numbers)) for element in side] for side in (before, after)]
    return _align(*numbered)


def _align(before: list[int], after: list[int]) -> list[Block]:
    """:func:`align` of elements that stand for themselves as numbers: comparing long lines again and again would cost more."""
    pairs: list[Block] = []
    pending = [_Stretch(0, len(before), 0, len(after))]
    work = WORK_MAX
    while pending:
        stretch = _trim(pending.pop(), before, after, pairs)
        size = stretch.high_before - stretch.low_before + stretch.high_after - stretch.low_after
        if stretch.low_before == stretch.high_before or stretch.low_after == stretch.high_after or size > work:
            continue
        work -= size
        anchors = _anchors(stretch, before, after)
        if anchors:
            bounds = [(stretch.low_before, stretch.low_after), *anchors, (stretch.high_before, stretch.high_after)]
            pending.extend(_Stretch(low[0], high[0], low[1], high[1]) for low, high in pairwise(bounds))
        else:
            steps, found = _shortest_edit(stretch, before, after)
            work -= steps
            pairs.extend(Block(i, j, 1) for i, j in found)
    return _joined(pairs)


def longest_increasing(values: Sequence[int]) -> list[int]:
    """Positions of one longest strictly increasing subsequence of ``values``."""
    tails: list[int] = []
    tops: list[int] = []
    previous = [-1] * len(values)
    for position, value in enumerate(values):
        pile = bisect_left(tops, value)
        previous[position] = tails[pile - 1] if pile else -1
        if pile == len(tops):
            tops.append(value)
            tails.append(position)
        else:
            tops[pile] = value
            tails[pile] = position
    chain = []
    position = tails[-1] if tails else -1
    while position >= 0:
        chain.append(position)
        position = previous[position]
    return chain[::-1]


def _trim(stretch: _Stretch, before: list[int], after: list[int], pairs: list[Block]) -> _Stretch:
    """Add the equal elements at both ends of ``stretch`` to ``pairs``; what lies between them is returned."""
    low_before, high_before, low_after, high_after = stretch
    while low_before < high_before and low_after < high_after and before[low_before] == after[low_after]:
        low_before += 1
        low_after += 1
    if low_before > stretch.low_before:
        pairs.append(Block(stretch.low_before, stretch.low_after, low_before - stretch.low_before))
    while low_before < high_before and low_after < high_after and before[high_before - 1] == after[high_after - 1]:
        high_before -= 1
        high_after -= 1
    if high_before < stretch.high_before:
        pairs.append(Block(high_before, high_after, stretch.high_before - high_before))
    return _Stretch(low_before, high_before, low_after, high_after)


def _anchors(stretch: _Stretch, before: list[int], after: list[int]) -> list[tuple[int, int]]:
    """Positions of elements that occur exactly once on each side of ``stretch`` and stand in the same order on both."""
    some_before = before[stretch.low_before : stretch.high_before]
    some_after = after[stretch.low_after : stretch.high_after]
    counts_before, counts_after = Counter(some_before), Counter(some_after)
    where = {element: position for position, element in enumerate(some_after, stretch.low_after) if counts_after[element] == 1}
    unique = [
        (position, where[element])
        for position, element in enumerate(some_before, stretch.low_before)
        if element in where and counts_before[element] == 1
    ]
    return [unique[position] for position in longest_increasing([pair[1] for pair in unique])]


def _shortest_edit(stretch: _Stretch, before: list[int], after: list[int]) -> tuple[int, list[tuple[int, int]]]:
    """Steps taken, and the pairs of equal elements in a shortest edit script (Myers 1986); none where it needs too many edits."""
    low_before, high_before, low_after, high_after = stretch
    length_before, length_after = high_before - low_before, high_after - low_after
    furthest = {1: 0}
    history: list[dict[int, int]] = []
    steps = 0
    for edits in range(min(EDITS_MAX, length_before + length_after) + 1):
        history.append(furthest)
        reached: dict[int, int] = {}
        for diagonal in range(-edits, edits + 1, 2):
            x = _entry(furthest, diagonal, edits)
            start = x
            y = x - diagonal
            while x < length_before and y < length_after and before[low_before + x] == after[low_after + y]:
                x += 1
                y += 1
            steps += 1 + x - start
            reached[diagonal] = x
            if x >= length_before and y >= length_after:
                return steps, [(low_before + i, low_after + j) for i, j in _walk_back(history, length_before, length_after)]
        furthest = reached
    return steps, []


def _entry(furthest: dict[int, int], diagonal: int, edits: int) -> int:
    """Where the path of ``edits`` edits enters ``diagonal``: down from the one above, or right from the one below."""
    if diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1]):
        return furthest[diagonal + 1]
    return furthest[diagonal - 1] + 1


def _walk_back(history: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The equal pairs on the path that ends at (``x``, ``y``)."""
    found = []
    for edits in range(len(history) - 1, -1, -1):
        furthest = history[edits]
        diagonal = x - y
        start = _entry(furthest, diagonal, edits)
        while x > start and y > start - diagonal:
            x -= 1
            y -= 1
            found.append((x, y))
        down = diagonal == -edits or (diagonal != edits and furthest[diagonal - 1] < furthest[diagonal + 1])
        x, y = (start, start - diagonal - 1) if down else (start - 1, start - diagonal)
    return found


def _joined(pairs: list[Block]) -> list[Block]:
    """``pairs`` in order, neighbours made one block."""
    blocks: list[Block] = []
    for block in sorted(pairs):
        last = blocks[-1] if blocks else None
        if last and last.before + last.size == block.before and last.after + last.size == block.after:
            blocks[-1] = Block(last.before, last.after, last.size + block.size)
        else:
            blocks.append(block)
    return blocks
