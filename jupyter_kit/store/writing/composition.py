"""A blob put together from contents that are kept and literal bytes between them: a layer, of files and tar headers.

All literal bytes of a blob are one stream of their own, cut and compressed together, of which the spans between two contents are ranges:
headers are small and alike, and a chunk for each would take more room than what is in it. However the literal bytes come, one by one or
together, the spans are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from jupyter_kit.chunking.chunker import MIB, Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_64K
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.writing.intake import Added, Intake

COMPOSED = "compose/1"
"""The chunker's name in a recipe that was put together from spans."""

LITERAL = Selection(WHOLE, "sample")
"""How a cut of the literal bytes is kept."""

LITERAL_BYTES = MIB
"""Literal bytes that wait to be cut."""


class Composition:
    """One blob, from its first part to its last."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        self._parts: list[int | Sequence[Span]] = []
        """In order: the length of literal bytes, or the spans of a content."""
        self._kept: list[Span] = []
        self._waiting = bytearray()
        self._cut = 0

    def add_literal(self, data: bytes | bytearray) -> None:
        """Bytes that are in no content. Raises what the store raises."""
        if not data:
            return
        if self._parts and isinstance(self._parts[-1], int):
            self._parts[-1] += len(data)
        else:
            self._parts.append(len(data))
        self._waiting += data
        if len(self._waiting) >= LITERAL_BYTES:
            self._keep(final=False)

    def add_content(self, spans: Sequence[Span]) -> None:
        """Chunks that are kept already."""
        if spans:
            self._parts.append(spans)

    def finish(self) -> Added:
        """Keep the recipe. Raises what the store raises."""
        self._keep(final=True)
        spans = list(self._spans())
        return self._intake.add_spans(COMPOSED, spans, sum(span.appears for span in spans))

    def _keep(self, *, final: bool) -> None:
        """Keep what can be cut of the literal bytes that wait."""
        window = bytes(self._waiting)
        start = 0
        for length in FASTCDC_64K.cut(memoryview(window), self._cut, final=final) if window else ():
            for first in range(start, start + length, WHOLE.longest):
                piece = window[first : min(first + WHOLE.longest, start + length)]
                self._kept += self._intake.take_chunks(piece, LITERAL)[0]
            start += length
        self._cut += start
        del self._waiting[:start]

    def _spans(self) -> Iterator[Span]:
        kept = iter(self._kept)
        start, whole = 0, Span(b"", 0, 0)
        for part in self._parts:
            if not isinstance(part, int):
                yield from part
                continue
            left = part
            while left:
                if start == whole.length:
                    start, whole = 0, next(kept)
                length = min(left, whole.length - start)
                yield whole if length == whole.length else Span(whole.chunk, start, length, whole=False)
                left, start = left - length, start + length
