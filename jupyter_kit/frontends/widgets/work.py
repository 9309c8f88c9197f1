"""Work that a click began: in a thread, so that the kernel stays free to hear the next click, with how far it is and a way to stop it.

A click reaches a kernel as a message, and while one is answered the others wait. Work in the answer itself could neither be cancelled nor
show a second click.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from ipywidgets import HTML, Button, HBox, Layout

from jupyter_kit.errors import Cancelled
from jupyter_kit.frontends.render.progress import NOTEBOOK_SECONDS, Meter, Metered, bars
from jupyter_kit.progress import Progress, Unit

T = TypeVar("T")


class Work:
    """At most one thing at a time. What is begun stops what was under way, whose answer then no longer comes."""

    def __init__(self) -> None:
        self._words = HTML(layout=Layout(flex="1 1 auto"))
        self._cancel = Button(description="Cancel", tooltip="Stop. What is done until then stays.", layout=Layout(flex="0 0 auto"))
        self._cancel.on_click(lambda _: self.cancel())
        self.box = HBox([self._words, self._cancel], layout=Layout(display="none"))
        self._turn: _Turn | None = None

    def start(
        self,
        deed: Callable[[Progress], T],
        then: Callable[[T], None],
        failed: Callable[[BaseException], None],
        *,
        locked: Sequence[Any] = (),
    ) -> None:
        """Do ``deed`` in a thread; then show what it returned, or raised. Widgets that are ``locked`` take no click meanwhile."""
        self.drop()
        self._turn = turn = _Turn(self)

        def run() -> None:
            try:
                turn.finish(locked, then, deed(turn))
            except BaseException as problem:  # Above a thread is nobody who could show it.
                turn.finish(locked, failed, problem)

        for widget in locked:
            widget.disabled = True
        self._cancel.disabled = False
        turn.thread = threading.Thread(target=run, name="jupyter-kit view", daemon=True)
        turn.thread.start()

    def cancel(self) -> None:
        """Stop at the next step. The work raises Cancelled there, which is then shown."""
        if self._turn is not None:
            self._cancel.disabled = True
            self._turn.stopped.set()

    def drop(self) -> None:
        """Stop what is under way. Nobody waits for its answer any more."""
        if self._turn is not None:
            self._turn.stopped.set()
            self.draw(self._turn, "")
        self._turn = None

    def wait(self) -> None:
        """Return when nothing is under way."""
        while self._turn is not None and self._turn.thread.is_alive():
            self._turn.thread.join()

    def draw(self, turn: _Turn, html: str) -> None:
        """Show how far a turn is, with the button that stops it; nothing where it is over. Those that were replaced draw nothing."""
        if turn is self._turn:
            self._words.value = html
            self.box.layout.display = "flex" if html else "none"

    def current(self, turn: _Turn) -> bool:
        """Whether nothing was begun after it."""
        return turn is self._turn


class _Turn(Metered):
    """One piece of work, as the progress that it reports to."""

    def __init__(self, work: Work) -> None:
        super().__init__(NOTEBOOK_SECONDS, time.monotonic)
        self.work = work
        self.stopped = threading.Event()
        self.thread: threading.Thread

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        self._go_on()
        super().begin(phase, total=total, unit=unit)

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        self._go_on()
        super().advance(amount, path=path, of=of)

    def _go_on(self) -> None:
        if self.stopped.is_set():
            raise Cancelled("Cancelled; nothing half-done is left.")

    def draw(self, meter: Meter, now: float) -> None:
        self.work.draw(self, bars(meter, now))

    def clear(self) -> None:
        self.work.draw(self, "")

    def finish(self, locked: Sequence[Any], tell: Callable[[Any], None], answer: object) -> None:
        """Give the answer to whoever waits for it, if anybody still does."""
        if self.work.current(self):
            self.work.draw(self, "")
            for widget in locked:
                widget.disabled = False
            tell(answer)
