"""``jupyter kit`` in a terminal: read the words, carry out the verb, print for people or for programs, end with the right code."""

from __future__ import annotations

import getpass
import io
import os
import shutil
import sys
import traceback
from collections.abc import Sequence
from typing import TextIO

from jupyter_kit import settings
from jupyter_kit.errors import Cancelled, InvalidInput, KitError
from jupyter_kit.frontends.arguments import Options, parse
from jupyter_kit.frontends.completion import COMPLETE, candidates
from jupyter_kit.frontends.exits import BROKEN_PIPE, EXIT_CODE, UNEXPECTED, exit_code, told
from jupyter_kit.frontends.render import json, words
from jupyter_kit.frontends.render.lines import Line, View, coloured, plain
from jupyter_kit.frontends.render.progress import TerminalProgress
from jupyter_kit.frontends.render.text import forms
from jupyter_kit.frontends.verbs import run
from jupyter_kit.progress import Progress, Silent

ROWS_SHOWN = 60
"""Rows of one list that a terminal shows: what differs in one look; ``--json`` and files have all."""


class Terminal:
    """The host that a person or a script types into."""

    def __init__(self, options: Options) -> None:
        self.options = options

    def progress(self) -> Progress:
        """Bars on standard error, where somebody looks at it."""
        wanted = not (self.options.quiet or self.options.no_progress or self.options.json)
        return TerminalProgress(sys.stderr) if wanted and sys.stderr.isatty() else Silent()

    def confirm(self, question: str, plan: object) -> None:
        """Show the plan and ask. The answer is yes only where it says so."""
        if self.options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise InvalidInput(
                f"{self.options.verb} asks before it changes files, and there is nobody to ask.",
                hint="Add --yes to go ahead, or --dry-run to see what it would do."
                if "dry_run" in self.options
                else "Add --yes to go ahead.",
            )
        write(sys.stderr, [*forms.lines(plan, view(sys.stderr)), ()])
        print(f"{question} [y/N] ", end="", file=sys.stderr, flush=True)
        if sys.stdin.readline().strip().lower() not in {"y", "yes"}:
            raise Cancelled("Nothing was changed.")

    def number(self, name: str, value: str) -> float:
        """A literal: a terminal has no variables."""
        try:
            return float(value)
        except ValueError:
            raise InvalidInput(f"“{value}” is not a number, so {name} cannot be recorded.", hint="Write it like accuracy=0.971.") from None

    def notebook(self, named: str | None) -> str | None:
        """The one that the user names."""
        return named

    def kernel(self) -> str | None:
        """None: there is none."""
        return None

    def ask(self, question: str) -> str:
        """One line, where somebody sits there."""
        if self.options.json or not (sys.stdin.isatty() and sys.stderr.isatty()):
            raise InvalidInput(f"{question.rstrip(': ')}: there is nobody to ask.", hint=f"See: jupyter kit {self.options.verb} --help")
        print(question, end="", file=sys.stderr, flush=True)
        return sys.stdin.readline().strip()

    def secret(self, question: str, *, piped: bool) -> str:
        """From the input, or typed where it is not shown."""
        if piped:
            return sys.stdin.read().rstrip("\r\n")
        if not sys.stdin.isatty():
            raise InvalidInput("There is nobody to ask for the password.", hint="Pipe it in: jupyter kit login … --password-stdin < file")
        return getpass.getpass(question)


def view(stream: TextIO) -> View:
    """How much of an answer suits who reads ``stream``."""
    if not stream.isatty():
        return View()
    return View(now=words.now(), width=shutil.get_terminal_size().columns, rows=ROWS_SHOWN)


def write(stream: TextIO, lines: list[Line]) -> None:
    """Write lines in colour where a person looks and wants it (no-color.org), else plain."""
    colour = stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
    stream.write(coloured(lines) if colour else plain(lines))


def tell(problem: KitError, *, as_json: bool) -> int:
    """Tell an error and return its exit code. In JSON it stands where the answer would."""
    if as_json:
        print(json.document(json.error(problem)))
    else:
        write(sys.stderr, forms.error(problem))
    return EXIT_CODE[problem.kind]


def answer(arguments: Sequence[str]) -> int:
    """Carry out what the arguments ask for and print the answer. Raises KitError."""
    options = parse(arguments)
    value = run(options, Terminal(options))
    if options.json:
        print(json.document(json.as_plain(value)))
    else:
        write(sys.stdout, forms.brief(value) if options.quiet else forms.lines(value, view(sys.stdout)))
    sys.stdout.flush()
    return exit_code(value)


def main(argv: Sequence[str] | None = None) -> int:
    """The command. Returns the exit code: 0, or what ``exits`` says of the error."""
    arguments = sys.argv[1:] if argv is None else argv
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Not where a test or a notebook has put its own stream there.
            stream.reconfigure(errors="backslashreplace")
    if list(arguments[:1]) == [COMPLETE]:
        print(*candidates(arguments[1:]), sep="\n")
        return 0
    as_json = "--json" in arguments
    try:
        return answer(arguments)
    except (KitError, KeyboardInterrupt) as problem:
        return tell(told(problem), as_json=as_json)
    except BrokenPipeError:
        # Python flushes standard output once more as it ends, which would fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as problem:
        return unexpected(problem)


def unexpected(problem: Exception) -> int:
    """Tell an error that is a mistake of ours, in one sentence; all of it where the settings say debug."""
    try:
        debug = settings.load().debug
    except KitError:
        debug = False
    if debug:
        traceback.print_exception(problem)
    write(sys.stderr, forms.error(told(problem)))
    return UNEXPECTED
