"""One chunk a file, for text so small that only its earlier versions are worth comparing it with."""

from __future__ import annotations

from dataclasses import dataclass

from jupyter_kit.chunking.chunker import KIB


@dataclass(frozen=True)
class Whole:
    """One chunk up to ``longest`` bytes. A file that grew past that while it was read becomes blocks of ``longest``."""

    name: str
    longest: int

    def cut(self, window: memoryview, offset: int, *, final: bool) -> list[int]:
        """See :meth:`jupyter_kit.chunking.chunker.Chunker.cut`."""
        blocks, rest = divmod(len(window), self.longest)
        return [self.longest] * blocks + ([rest] if final and rest else [])


WHOLE = Whole("whole/1", longest=128 * KIB)
"""128 KiB holds nearly every script and most notebooks without figures, and a delta against the version before is quick to unpack."""
