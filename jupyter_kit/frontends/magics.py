"""``%kit`` and ``%%kit``: the verbs of ``jupyter kit`` where the work happens. Answers are values with a text and an HTML form."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class
from traitlets import Unicode

from jupyter_kit import settings
from jupyter_kit.errors import InvalidInput, KitError
from jupyter_kit.frontends.arguments import NOTEBOOK, TERMINAL, Options, parse
from jupyter_kit.frontends.completion import candidates
from jupyter_kit.frontends.exits import told
from jupyter_kit.frontends.host import NotebookHost
from jupyter_kit.frontends.render import json
from jupyter_kit.frontends.render.html.forms import markup
from jupyter_kit.frontends.render.lines import View, coloured, plain, text_of
from jupyter_kit.frontends.render.text import forms
from jupyter_kit.frontends.replies import Text
from jupyter_kit.frontends.verbs.versions import named_value
from jupyter_kit.frontends.views import answer
from jupyter_kit.workspace import Workspace

CELL_VERBS = ("snapshot", "metric")
"""Verbs that ``%%kit`` carries out once its cell has run."""

OURS = r".*%%?kit\s"
"""The line before the cursor where completion is ours, whether its answer is assigned or not."""


@magics_class
class KitMagics(Magics):
    """Versions of notebooks, data and models, kept where you work."""

    notebook = Unicode(None, allow_none=True, help="Path of this notebook, where it is not found by itself.").tag(config=True)
    folder = Unicode("", help="Folder of the workspace, where it is not the current one.").tag(config=True)

    @line_cell_magic
    def kit(self, line: str, cell: str | None = None) -> object:
        """Keep, compare and bring back versions of this project.

        %kit --help lists the verbs, %kit VERB --help explains one.

        %kit status                          what has changed
        %kit snapshot -m "first model"       keep everything as it is now
        %kit log                             what is kept
        %kit diff v1                         what changed since v1
        %kit rollback v1 train.csv           bring a file back

        %%kit snapshot -m "trained" --metric accuracy=acc
        runs the cell and, if it raised nothing, takes a snapshot with the value of its variable acc.
        """
        words, quiet = self._words(line)
        with _in_one_line():
            options = parse(words, NOTEBOOK)
            options.folder = options.folder or self.folder or None
            if cell is not None:
                _check_before(options)
        if cell is not None and options.verb != "help":
            run_cell(self.shell, cell)
        with _in_one_line():
            value = answer(options, NotebookHost(self.shell, options, self.notebook), clickable=hasattr(self.shell, "kernel"))
        if isinstance(value, Text):
            print(value.text)
            return None
        if quiet:
            return None
        if options.json:
            return json.as_plain(value)
        return [text_of(line) for (line,) in forms.brief(value)] if options.quiet else value

    def _words(self, line: str) -> tuple[list[str], bool]:
        """The words of the line, and whether a semicolon at its end keeps the answer from being shown."""
        text = line.rstrip()
        shown = not text.endswith(";")
        with _in_one_line():
            try:
                words = shlex.split(text.rstrip(";"))
            except ValueError:
                raise InvalidInput("A quotation mark is missing its partner.", hint='Put words in pairs: -m "two words".') from None
        return words, not shown and not self._assigned()

    def _assigned(self) -> bool:
        """The cell being run gives the answer a name; then it is wanted, semicolon or not, as everywhere in Python."""
        shell: Any = self.shell
        cells = shell.history_manager.input_hist_parsed if shell.history_manager else []
        return bool(cells) and "= get_ipython().run_line_magic('kit'," in cells[-1]

    def complete(self, _: object, event: Any) -> list[str]:
        """What may follow on a ``%kit`` line, in the form IPython wants: without what stands before the word under the cursor."""
        typed = str(event.text_until_cursor).rpartition("kit")[2]
        try:
            words = shlex.split(typed)
        except ValueError:  # A quotation mark still lacks its partner.
            words = typed.split()
        if not words or typed[-1:].isspace():
            words.append("")
        fixed = words[-1].removesuffix(event.symbol)
        return [word.removeprefix(fixed) for word in candidates(words, self.folder or ".", NOTEBOOK)]


def _check_before(options: Options) -> None:
    """Raise now what would only be found after a cell that may run for hours."""
    if options.verb not in (*CELL_VERBS, "help"):
        raise InvalidInput(
            f"%%kit runs its cell and then keeps what it made; {options.verb} is a verb of its own.",
            hint=f"Write %kit {options.verb} in a line.",
        )
    for assignment in getattr(options, "metrics", []):
        named_value(assignment)
    if options.verb != "help":
        Workspace.open(options.folder or ".").close()


def run_cell(shell: Any, cell: str) -> None:
    """Run a cell as if it had no magic above it. What it raises is raised here, to be shown once and as the cell's own."""
    shell.compile.ast_parse(shell.transform_cell(cell))  # A SyntaxError leaves here, before run_cell would show it a first time.

    def keep(shell: Any, kind: type[BaseException], problem: BaseException, trace: TracebackType, tb_offset: int | None) -> None:
        _show_as(problem, shell.InteractiveTB.structured_traceback(kind, problem, trace, tb_offset=1))

    former = shell.custom_exceptions, shell.CustomTB
    answer_of = shell.displayhook.exec_result  # The cell that this one is in; without it our answer would be shown and not returned.
    shell.set_custom_exc((BaseException,), keep)
    try:
        result = shell.run_cell(cell, store_history=False)
    finally:
        shell.custom_exceptions, shell.CustomTB = former
        shell.displayhook.exec_result = answer_of
    problem = result.error_before_exec or result.error_in_exec
    if problem is not None:
        raise problem


def _show_as(problem: BaseException, lines: list[str]) -> None:
    """Let IPython show ``lines`` for this error. Its kind and words stay, for nbclient, papermill and ``except``."""
    problem.__dict__["_render_traceback_"] = lambda: lines


@contextmanager
def _in_one_line() -> Iterator[None]:
    """Errors are told in a sentence, as in the terminal, and the cell fails all the same."""
    try:
        yield
    except (Exception, KeyboardInterrupt) as problem:
        if not isinstance(problem, KitError) and settings.load().debug:
            raise
        shown = told(problem)
        shown.hint = shown.hint.replace(TERMINAL, NOTEBOOK)  # The next step, as one types it here.
        # Not in red: JupyterLab sets errors on red, and on its dark one red letters are hard to read.
        _show_as(shown, coloured(forms.error(shown, "strong")).splitlines())
        raise shown from None


def _print_as_text(value: object, printer: Any, cycle: bool) -> None:
    printer.text(plain(forms.lines(value, View(program=NOTEBOOK))).rstrip("\n"))


def load_ipython_extension(shell: Any) -> None:
    """``%load_ext jupyter_kit``: the magics, their completion, and the forms of their answers."""
    shell.register_magics(KitMagics)
    magics = shell.magics_manager.registry["KitMagics"]
    shell.set_hook("complete_command", magics.complete, re_key=OURS)
    formatters = shell.display_formatter.formatters
    for kind in forms.kinds():
        formatters["text/plain"].for_type(kind, _print_as_text)
        formatters["text/html"].for_type(kind, markup)


def unload_ipython_extension(shell: Any) -> None:
    """``%unload_ext jupyter_kit``: as if it had never been loaded."""
    magics = shell.magics_manager.registry.pop("KitMagics")
    shell.configurables.remove(magics)
    for table in shell.magics_manager.magics.values():
        table.pop("kit", None)
    shell.strdispatchers["complete_command"].regexs.pop(OURS, None)
    for kind in forms.kinds():
        for formatter in ("text/plain", "text/html"):
            shell.display_formatter.formatters[formatter].pop(kind)
