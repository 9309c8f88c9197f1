"""A browser as the host of verbs: nobody can be asked in the middle, so everything comes with the request."""

from __future__ import annotations

from jupyter_kit.errors import Cancelled, Conflict, InvalidInput
from jupyter_kit.progress import Progress, Unit


class Stoppable:
    """Progress of an answer that somebody waits for: nothing is drawn, and it ends when nobody waits any more."""

    def __init__(self) -> None:
        self.stopped = False

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        """A phase begins."""

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        """More is done. Raises Cancelled where nobody waits any more."""
        if self.stopped:
            raise Cancelled("Nobody waits for this any more.")

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
