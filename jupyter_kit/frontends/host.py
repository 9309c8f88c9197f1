"""A notebook, or plain IPython, as the host of verbs: its variables, its question box, its progress, its file."""

from __future__ import annotations

import difflib
import getpass
import sys
from datetime import datetime
from typing import Any

from IPython.core.error import StdinNotImplementedError
from IPython.display import display

from jupyter_kit.errors import Cancelled, InvalidInput
from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.notebook import find_notebook, kernel_id
from jupyter_kit.frontends.render.progress import NotebookProgress, TerminalProgress
from jupyter_kit.frontends.render.words import plural
from jupyter_kit.progress import Progress, Silent


class NotebookHost:
    """The kernel that a magic runs in. ``configured`` is the path that the user has set for its notebook, if any."""

    def __init__(self, shell: Any, options: Options, configured: str | None) -> None:
        self.shell = shell
        self.options = options
        self.configured = configured

    def progress(self) -> Progress:
        """A bar in the cell's output; in a terminal a line."""
        if self.options.quiet or self.options.no_progress:
            return Silent()
        if hasattr(self.shell, "kernel"):
            return NotebookProgress(display)
        return TerminalProgress(sys.stderr) if sys.stderr.isatty() else Silent()

    def confirm(self, question: str, plan: object) -> None:
        """Show the plan and ask in the cell, where the host can ask."""
        display(plan)  # type: ignore[no-untyped-call]
        try:
            reply = input(f"{question} [y/N] ")
        except (StdinNotImplementedError, EOFError):
            raise InvalidInput(
                f"{self.options.verb} asks before it changes files, and this notebook runs where nobody can answer.",
                hint="Add --yes to go ahead.",
            ) from None
        if reply.strip().lower() not in {"y", "yes"}:
            raise Cancelled("Nothing was changed.")

    def ask(self, question: str) -> str:
        """One line, in the cell."""
        try:
            return input(question).strip()
        except (StdinNotImplementedError, EOFError):
            raise InvalidInput(
                f"{question.rstrip(': ')}: this notebook runs where nobody can answer.",
                hint="Give it with the verb, or run the verb where it can ask.",
            ) from None

    def secret(self, question: str, *, piped: bool) -> str:
        """Typed where it is not shown: neither the notebook nor its history holds it."""
        if piped:
            raise InvalidInput("A notebook has no input to read a password from.", hint="Leave --password-stdin out: you are asked for it.")
        try:
            return getpass.getpass(question)
        except (StdinNotImplementedError, EOFError):
            raise InvalidInput(
                "This notebook runs where nobody can type a password.",
                hint="Where the kernel is started, set JUPYTER_KIT_REGISTRY, JUPYTER_KIT_USERNAME and JUPYTER_KIT_PASSWORD_FILE.",
            ) from None

    def number(self, name: str, value: str) -> float:
        """A literal, or what a variable or an expression of the user's is: a number, or an array or tensor of no dimension."""
        try:
            return float(value)
        except ValueError:
            pass
        try:
            found = self.shell.ev(value)
        except NameError:
            near = difflib.get_close_matches(value, self.shell.user_ns, n=1)
            hint = f"Did you mean {near[0]}?" if near else "Set it first, or write a number."
            raise InvalidInput(f"There is no variable “{value}” for the metric {name}.", hint=hint) from None
        except Exception as problem:
            raise InvalidInput(
                f"“{value}” raises {type(problem).__name__}: {problem}.", hint=f"Correct it, or give {name} a number."
            ) from None
        return as_number(name, value, found)

    def notebook(self, named: str | None) -> str | None:
        """The file of the notebook. Says as of when it is kept, because the editor may hold changes that the file does not."""
        if named:
            return named
        found = find_notebook(configured=self.configured, variables=self.shell.user_ns, connection_file=self._connection_file())
        if found is None:
            return None
        if found.is_file() and not self.options.quiet:
            saved = datetime.fromtimestamp(found.stat().st_mtime).astimezone()
            print(f"With {found.name} as saved at {saved:%H:%M:%S}.")
        return str(found.absolute())

    def kernel(self) -> str | None:
        """The id of the kernel, as Jupyter lists it."""
        file = self._connection_file()
        return kernel_id(file) if file else None

    def _connection_file(self) -> str | None:
        application: Any = getattr(getattr(self.shell, "kernel", None), "parent", None)
        return getattr(application, "abs_connection_file", None)


def as_number(name: str, expression: str, value: Any) -> float:
    """``value`` as a float. Raises InvalidInput for text, for arrays with more than one element, and for what is no number."""
    dimensions: int = getattr(value, "ndim", 0)
    if isinstance(value, (str, bytes, bytearray)) or dimensions:
        shape = f" of {plural(dimensions, 'dimension')}" if dimensions else ""
        raise InvalidInput(f"“{expression}” is a {type(value).__name__}{shape}, not a number.", hint=f"Give {name} a single number.")
    try:
        return float(value)
    except (TypeError, ValueError):
        raise InvalidInput(f"“{expression}” is a {type(value).__name__}, not a number.", hint=f"Give {name} a single number.") from None
