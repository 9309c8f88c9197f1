"""The words and options of every verb: plain argparse, one parser a verb, for the terminal and for ``%kit``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import modelkits, remotes, upkeep, versions, views
from jupyter_kit.frontends.arguments.parsing import EVERYWHERE, NOTEBOOK, TERMINAL, Options, Parser, shared

__all__ = ["EVERYWHERE", "GROUPS", "NOTEBOOK", "SYNONYMS", "TERMINAL", "VERBS", "Options", "Parser", "overview", "parse", "parser", "words"]

SYNONYMS = {
    "commit": "snapshot", "save": "snapshot", "checkout": "rollback", "restore": "rollback", "revert": "rollback", "undo": "rollback",
    "history": "log", "ls": "list", "fsck": "check", "gc": "prune", "delete": "remove", "rm": "remove",
    "compare": "diff", "metrics": "metric", "build": "pack", "extract": "unpack", "fetch": "pull", "signin": "login",
}  # fmt: skip
"""What people who come from other tools type first."""

GROUPS = {
    "look": ("status", "log", "show", "diff", "list", "info", "inspect", "audit", "check"),
    "keep": ("init", "snapshot", "metric", "tag", "rollback", "remove", "prune"),
    "ship": ("pack", "unpack", "push", "pull", "sync", "clone", "remote", "login", "logout"),
    "more": ("version", "completion"),
}
"""Every verb, as the overview groups them."""

MAKERS = {**versions.MAKERS, **upkeep.MAKERS, **modelkits.MAKERS, **remotes.MAKERS}

VERBS: dict[str, Callable[[str], Parser]] = {verb: MAKERS[verb] for group in GROUPS.values() for verb in group}
"""Every verb with what makes its parser. Parsers are made when asked for: making all takes longer than most verbs."""


def words(prog: str = TERMINAL) -> dict[str, Callable[[str], Parser]]:
    """Every word that may stand where a verb stands, with what makes its parser: in a notebook the views as well."""
    return {**VERBS, **views.MAKERS} if prog == NOTEBOOK else VERBS


def parser(verb: str, prog: str = TERMINAL) -> Parser:
    """The parser of one verb. Raises InvalidInput, with what was probably meant, where there is no such verb."""
    known = words(prog)
    if verb not in known:
        close = [SYNONYMS[verb]] if verb in SYNONYMS else difflib.get_close_matches(verb, known, n=1)
        hint = f"Did you mean: {prog} {close[0]}" if close else f"See: {prog} --help"
        raise InvalidInput(f"There is no verb “{verb}”.", hint=hint)
    return known[verb](prog)


def overview(prog: str = TERMINAL) -> str:
    """The help text of the whole: every verb with its purpose, and how to begin."""
    lines = [f"usage: {prog} VERB [options]", "", "Versions of notebooks, data and models, kept where you work.", ""]
    known = words(prog)
    groups = {"browse": tuple(views.MAKERS), **GROUPS} if prog == NOTEBOOK else GROUPS
    for group, verbs in groups.items():
        lines.append(f"{group}:")
        lines += [f"  {verb:<11} {str(known[verb](prog).description).splitlines()[0]}" for verb in verbs]
        lines.append("")
    lines += ["to begin:", f"  {prog} init", f'  {prog} snapshot -m "as it works"', f"  {prog} rollback HEAD", ""]
    return "\n".join([*lines, f"Every verb explains itself: {prog} VERB --help", ""])


def _unknown(typed: Sequence[str], of: Parser) -> InvalidInput:
    """The error for words that a verb does not take."""
    known = [option for action in of._actions for option in action.option_strings]
    close = difflib.get_close_matches(typed[0].split("=")[0], known, n=1)
    what = f"has no option {typed[0]}" if typed[0].startswith("-") else f"does not take “{typed[0]}”"
    return InvalidInput(f"{of.prog} {what}.", hint=f"Did you mean {close[0]}?" if close else f"See: {of.prog} --help")


def parse(typed: Sequence[str], prog: str = TERMINAL) -> Options:
    """The options that ``typed`` ask for; ``verb`` is among them. Raises InvalidInput.

    Where help is asked for, ``verb`` is ``help`` and ``text`` what to show.
    """
    cut = list(typed).index("--") if "--" in typed else len(typed)
    typed, after = typed[:cut], typed[cut + 1 :]
    start = 0
    while start < len(typed) and typed[start].startswith("-"):
        start += 2 if typed[start] == "-C" else 1
    front = Parser(prog=prog, parents=[shared()], add_help=False, allow_abbrev=False)
    options, unknown = front.parse_known_args(typed[:start], Options(**EVERYWHERE, help=False))
    asked = typed[start:] or ["help"]
    if unknown == ["--version"] and asked == ["help"]:  # As people ask other programs.
        asked, unknown = ["version"], []
    if unknown:
        raise _unknown(unknown, front)
    verb, *rest = asked
    if verb == "help" and not rest:
        return Options(**EVERYWHERE, verb="help", text=overview(prog))
    if verb == "help":
        (verb, *_), options.help = rest, True
    chosen = parser(verb, prog)
    if options.help or {"-h", "--help"} & set(rest):
        return Options(**EVERYWHERE, verb="help", text=chosen.format_help())
    # Options may stand between names: `rollback v1 --yes data/` reads as people type it.
    _, unknown = chosen.parse_known_intermixed_args(rest, options)
    if unknown or (after and not hasattr(options, "paths")):
        raise _unknown(unknown or after, chosen)
    if after:
        options.paths = [*options.paths, *after]
    options.verb = verb
    return options
