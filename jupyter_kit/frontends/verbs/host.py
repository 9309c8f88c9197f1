"""The place a verb was typed in, as far as verbs need to know it."""

from __future__ import annotations

from typing import Protocol

from jupyter_kit.progress import Progress


class Host(Protocol):
    """The place a verb was typed in: a terminal or a notebook."""

    def progress(self) -> Progress:
        """Where long work tells what it has done."""

    def confirm(self, question: str, plan: object) -> None:
        """Show ``plan`` and ask. Returns where the user agrees; raises Cancelled where not, InvalidInput where nobody can be asked."""

    def number(self, name: str, value: str) -> float:
        """The number that ``value`` gives for the metric ``name``: a literal, or a variable where there are some. Raises InvalidInput."""

    def notebook(self, named: str | None) -> str | None:
        """The notebook the verb was typed in; ``named`` where the user says which. None where it is not known."""

    def kernel(self) -> str | None:
        """The id of the kernel, where there is one."""

    def ask(self, question: str) -> str:
        """What the user answers. Raises InvalidInput where nobody can be asked."""

    def secret(self, question: str, *, piped: bool) -> str:
        """A password, typed without being shown, or the whole input where it is ``piped``. Raises InvalidInput where there is neither."""
