"""A browser as the host of verbs: nobody can be asked in the middle, so everything comes with the request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from jupyter_kit.errors import Cancelled, Conflict, InvalidInput
from jupyter_kit.frontends.server.answers import Looking
from jupyter_kit.frontends.server.jobs import TELL_SECONDS
from jupyter_kit.progress import Progress, Unit


class Stoppable:
    """Progress of an answer that somebody waits for: told now and then where it takes long, and over when nobody waits any more.

    ``folder`` is the API path that is told; nothing is told before it is known.
    """

    def __init__(self, verb: str = "", tell: Callable[[Looking], None] | None = None) -> None:
        self.stopped = False
        self.folder: str | None = None
        self._tell = tell
        self._looking = Looking("", verb, "", 0, None, "")
        self._done = 0
        self._told = time.monotonic()

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """A phase begins."""
        self._looking = Looking(self.folder or "", self._looking.verb, phase, 0, total, unit)
        self._done = 0

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """More is done. Raises Cancelled where nobody waits any more."""
        if self.stopped:
            raise Cancelled("Nobody waits for this any more.")
        self._done += amount
        if self._tell and self.folder is not None and time.monotonic() - self._told >= TELL_SECONDS:
            self._told = time.monotonic()
            self._tell(replace(self._looking, done=self._done))

    def end(self) -> None:
        """The phase is over."""


class Browser:
    """The host of one request. ``password`` is what a sign-in came with."""

    def __init__(self, verb: str, progress: Progress, password: str | None = None) -> None:
        self._verb = verb
        self._progress = progress
        self._password = password

    def progress(self) -> Progress:
        """The job's, or one that draws nothing."""
        return self._progress

    def confirm(self, question: str, plan: object) -> None:
        """Raise Conflict: whoever agrees has sent ``yes`` along."""
        raise unconfirmed(self._verb)

    def number(self, name: str, value: str) -> float:
        """A literal: a browser has no variables."""
        try:
            return float(value)
        except ValueError:
            raise InvalidInput(f"“{value}” is not a number, so {name} cannot be recorded.", hint="Write it like accuracy=0.971.") from None

    def notebook(self, named: str | None) -> str | None:
        """The one that the request names."""
        return named

    def kernel(self) -> str | None:
        """None: a request comes from no kernel."""
        return None

    def ask(self, question: str) -> str:
        """Raise InvalidInput: what would be asked for is missing from the request."""
        raise InvalidInput(f"{question.rstrip(': ')} is missing.", hint="Send it along.")

    def secret(self, question: str, *, piped: bool) -> str:
        """The password that the request came with."""
        if not self._password:
            raise InvalidInput("The password is missing.", hint="Send it along as “password”.")
        return self._password


def unconfirmed(verb: str) -> Conflict:
    """The error for a verb that removes or overwrites and comes without ``yes``."""
    return Conflict(
        f"{verb} was not confirmed, so nothing was changed.", hint="Look at its plan first (dry_run), then send it again with “yes”: true."
    )
