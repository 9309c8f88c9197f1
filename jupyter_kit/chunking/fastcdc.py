"""Content-defined cut points for any bytes: FastCDC 2020, as pyfastcdc scans it.

A cut depends on the bytes since the cut before and on nothing else, so an insertion moves the cuts around it and no others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from jupyter_kit.chunking.chunker import KIB
from jupyter_kit.errors import StoreUnavailable

if TYPE_CHECKING:
    from pyfastcdc import FastCDC


@cache
def _scanner() -> type[FastCDC]:
    """pyfastcdc's compiled scanner.

    Raises :class:`StoreUnavailable` where only its pure-Python fallback is there: that one makes the same cuts 200 times slower.
    """
    # Imported at the first cut: it takes 25 ms, a tenth of what `status` may take, and `status` seldom cuts.
    from pyfastcdc import FastCDC  # noqa: PLC0415

    if not FastCDC.__module__.startswith("pyfastcdc.cy"):
        raise StoreUnavailable(
            "The compiled part of the package pyfastcdc does not load here; without it a snapshot would take 200 times as long.",
            hint="Install its wheel: pip install --force-reinstall --only-binary=pyfastcdc pyfastcdc",
        )
    return FastCDC


@dataclass(frozen=True)
class FastCdc:
    """FastCDC with ``average``, ``shortest`` and ``longest`` in bytes; the mean of what it makes is about ``average + shortest``.

    Normalisation level 1 and the unseeded gear table of the paper. Safe to share between threads: each call makes its own scanner,
    which is not (0.3 µs).
    """

    name: str
    average: int
    shortest: int
    longest: int

    def cut(self, window: memoryview, offset: int, *, final: bool) -> list[int]:
        """See :meth:`jupyter_kit.chunking.chunker.Chunker.cut`. Raises :class:`StoreUnavailable` if there is no compiled scanner."""
        if final and 0 < len(window) <= self.shortest:
            return [len(window)]  # Nothing to scan, and nothing to import: most layers have a few tar headers only.
        scanner = _scanner()(self.average, min_size=self.shortest, max_size=self.longest, normalized_chunking=1, seed=0)
        chunks = scanner.cut_buf(window)
        # A chunk that starts with less than `longest` bytes ahead may end elsewhere once more bytes are there.
        end = len(window) if final else len(window) - self.longest + 1
        lengths = []
        position = 0
        while position < end:
            length = next(chunks).length
            lengths.append(length)
            position += length
        return lengths


FASTCDC_64K = FastCdc("fastcdc-64k/1", average=64 * KIB, shortest=16 * KIB, longest=256 * KIB)
"""For any large file. Larger chunks are not faster to handle, smaller ones are slower and save little (a model with 10.9 % of its bytes
changed costs 10.97 % at 64 KiB and 10.94 % at 16 KiB)."""

FASTCDC_4K = FastCdc("fastcdc-4k/1", average=4 * KIB, shortest=KIB, longest=16 * KIB)
"""For notebooks: one that was run again changes in many small places (13 % of its bytes are new at 4 KiB, 58 % at 64 KiB)."""
