"""How far long work is, drawn in a terminal and in a notebook: the whole of it, and below that each blob that moves.

Nothing is drawn for work that is over before anybody would look. The terminal's lines are written here and not by rich, whose progress
takes 50 ms to import and a thread to run.
"""

from __future__ import annotations

import html
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Protocol, TextIO

from jupyter_kit.frontends.render.words import clip, duration, plural, size, visible
from jupyter_kit.progress import Unit

QUIET_SECONDS = 0.4
"""How long a verb may take before it says what it does: the time people take for an answer that is not at once."""

TERMINAL_SECONDS = 0.1
"""Between two drawings in a terminal."""

NOTEBOOK_SECONDS = 0.25
"""Between two drawings in a notebook: each is a message to the browser, and four a second is what Jupyter's own widgets keep to."""

GUESS_SECONDS = 1.0
"""How long a phase runs before the time left is told: what its first moments promise is hours where it takes seconds."""

BAR_CELLS = 24
"""Columns of a bar: a 4 % step is seen, and the words beside it still fit 80 columns."""

PARTS_MAX = 8
"""Blobs shown at once: more than this move at a time only where somebody raised the number."""


class Meter:
    """What one phase has done, in words."""

    def __init__(self, phase: str, total: int | None, unit: Unit, started: float) -> None:
        self.phase = phase
        self.total = total
        self.unit = unit
        self.started = started
        self.done = 0
        self._parts: dict[str, tuple[int, int]] = {}

    def add(self, amount: int, path: str | None = None, of: int | None = None) -> None:
        """``amount`` more is done, at the part ``path`` of this size; one that is the whole is no part."""
        self.done += amount
        if path is not None and of is not None and of != self.total:
            self._parts[path] = (self._parts.get(path, (0, of))[0] + amount, of)
            if self._parts[path][0] >= of:
                del self._parts[path]

    def parts(self) -> list[tuple[float, str]]:
        """The share that is done of each part that is under way, and its words: ``a1b2c3d4e5f6  20 MB of 1.2 GB``."""
        shown = list(self._parts.items())[:PARTS_MAX]
        return [(done / of, f"{visible(path)}  {self._count(done)} of {self._count(of)}") for path, (done, of) in shown]

    @property
    def share(self) -> float | None:
        """Done by total, at most 1; None where the total is not known."""
        return min(self.done / self.total, 1.0) if self.total else None

    def words(self, now: float) -> str:
        """Amount, rate and time left: ``1.2 GB of 3.4 GB, 0.8 GB/s, 3 s left``."""
        told = self._count(self.done)
        if self.total:
            told = f"{self._count(min(self.done, self.total))} of {self._count(self.total)}"
        spent = now - self.started
        if self.unit == "bytes" and spent > 0:
            told += f", {size(round(self.done / spent))}/s"
        if self.share and self.share < 1 and spent >= GUESS_SECONDS:
            told += f", {duration(max(round(spent / self.share - spent), 1)).replace('.0', '')} left"
        return told

    def _count(self, amount: int) -> str:
        return size(amount) if self.unit == "bytes" else plural(amount, self.unit.removesuffix("s"))


class Metered(ABC):
    """A Progress that draws its meter now and then. ``clock`` is in seconds."""

    def __init__(self, interval: float, clock: Callable[[], float]) -> None:
        self.interval = interval
        self.clock = clock
        self.next = clock() + QUIET_SECONDS
        self.drawn = False
        self.meter: Meter | None = None

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """A phase begins."""
        self.meter = Meter(phase, total, unit, self.clock())

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """More of it is done."""
        if self.meter is None:
            return
        self.meter.add(amount, path, of)
        now = self.clock()
        if now >= self.next:
            self.next = now + self.interval
            self.drawn = True
            self.draw(self.meter, now)

    def end(self) -> None:
        """The phase is over: nothing of its drawing stays."""
        self.meter = None
        if self.drawn:
            self.drawn = False
            self.clear()

    @abstractmethod
    def draw(self, meter: Meter, now: float) -> None:
        """Show the meter."""

    @abstractmethod
    def clear(self) -> None:
        """Take away what was shown."""


class TerminalProgress(Metered):
    """A line for the whole and one for each part, drawn over themselves and gone at the end."""

    def __init__(self, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(TERMINAL_SECONDS, clock)
        self.stream = stream

    def draw(self, meter: Meter, now: float) -> None:
        """Write the lines over those before."""
        bar = "" if meter.share is None else f"{_bar(meter.share)}  "
        parts = [f"  {_bar(share)}  {words}" for share, words in meter.parts()]
        self._write([f"{visible(meter.phase)}  {bar}{meter.words(now)}", *parts])

    def clear(self) -> None:
        """Blank the lines."""
        self._write([""])

    def _write(self, lines: list[str]) -> None:
        """The cursor comes back to the first line; what is below belongs to the drawing before."""
        width = shutil.get_terminal_size().columns - 1
        back = f"\x1b[{len(lines) - 1}A" if len(lines) > 1 else ""
        self.stream.write("\r" + "\x1b[K\n".join(clip(line, width) for line in lines) + "\x1b[J" + back)
        self.stream.flush()


def _bar(share: float) -> str:
    filled = round(share * BAR_CELLS)
    return "\u2501" * filled + "\u2500" * (BAR_CELLS - filled)


def sentence(meter: Meter, now: float) -> str:
    """The phase and how far it is, in words."""
    return f"{visible(meter.phase)}: {meter.words(now)}"


def bars(meter: Meter, now: float) -> str:
    """The same as HTML: a bar with its words for the whole, and one for each part."""
    value = "" if meter.share is None else f' value="{meter.share:.4f}"'
    rows = [f"<progress{value}></progress> {html.escape(sentence(meter, now))}"]
    rows += [f'<progress value="{share:.4f}"></progress> {html.escape(told)}' for share, told in meter.parts()]
    return "".join(f"<div>{row}</div>" for row in rows)


TO_STOP = "<small>To stop, interrupt the kernel.</small>"
"""No button can: a kernel that runs a cell hears of clicks when the cell is over."""


class Handle(Protocol):
    """A display in a notebook that can be replaced: IPython's DisplayHandle."""

    def update(self, bundle: dict[str, str], *, raw: bool) -> None:
        """Show ``bundle`` instead."""


class NotebookProgress(Metered):
    """A bar in the output of a cell. What stays in a saved notebook is an output with nothing in it."""

    def __init__(self, display: Callable[..., Handle], clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(NOTEBOOK_SECONDS, clock)
        self.display = display
        self.handle: Handle | None = None

    def draw(self, meter: Meter, now: float) -> None:
        """Show the bar, or move it."""
        bundle = {"text/plain": sentence(meter, now), "text/html": f"{bars(meter, now)}<div>{TO_STOP}</div>"}
        if self.handle is None:
            self.handle = self.display(bundle, raw=True, display_id=True)
        else:
            self.handle.update(bundle, raw=True)

    def clear(self) -> None:
        """Empty the output."""
        if self.handle is not None:
            self.handle.update({}, raw=True)
