"""How long work tells what it has done, and learns that it should stop.

The floors below report to a :class:`Progress`; a front end draws it. Cancelling is cooperative: an implementation whose user said stop
raises :class:`~jupyter_kit.errors.Cancelled` from :meth:`Progress.advance`, and the work unwinds as from any other error.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal, Protocol

Unit = Literal["bytes", "files", "chunks", "events", "blobs"]


class Progress(Protocol):
    """Receives the steps of one verb. Calls come from one thread at a time."""

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """Start a phase such as ``"Reading files"``. ``total`` is in ``unit``, or None where it is not known."""

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """``amount`` more of the phase's unit is done, at the file or blob ``path``, which has ``of`` of them, where that is known.

        Raises Cancelled where the user said stop.
        """

    def end(self) -> None:
        """The phase is over, finished or not."""


class Silent:
    """A Progress that draws nothing."""

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None: ...

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None: ...

    def end(self) -> None: ...


@contextmanager
def phase(progress: Progress, name: str, *, total: int | None = None, unit: Unit = "bytes") -> Iterator[Progress]:
    """Run one phase; its end is told even where it fails."""
    progress.begin(name, total=total, unit=unit)
    try:
        yield progress
    finally:
        progress.end()
