"""The words of ``%kit`` that are no verbs: they open a view, a verb's answer to be clicked at. A terminal has none of them."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import Parser, network, verb
from jupyter_kit.frontends.arguments.versions import which_files, which_snapshots


def _history(prog: str) -> Parser:
    parser = verb(
        "history", prog, "Browse snapshots: see what each changed, name it, go back to it.\n\n"
        "Lists them as log does, where a notebook has no widgets.",
        """history
           history -n 50
           history --path train.ipynb""",
    )  # fmt: skip
    which_snapshots(parser)
    network(parser)
    return parser


def _compare(prog: str) -> Parser:
    parser = verb(
        "compare", prog, "Compare two versions, whole or file by file, with their metrics side by side.\n\n"
        "Takes what diff takes, and shows what diff shows where a notebook has no widgets.",
        """compare v1 v2
           compare v1
           compare HEAD~1 HEAD --path train.ipynb""",
    )  # fmt: skip
    parser.add_argument("before", nargs="?", metavar="BEFORE", help="a snapshot (default: the one you stand on)")
    parser.add_argument("after", nargs="?", metavar="AFTER", help="a later one (default: the files now)")
    which_files(parser)
    network(parser)
    return parser


MAKERS = {"history": _history, "compare": _compare}
"""Each view with what makes its parser."""

ANSWERED_BY = {"history": "log", "compare": "diff"}
"""The verb that answers where there is nothing to click at; the view takes its options, and others where it leads to more."""
