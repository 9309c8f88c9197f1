"""The words and options of every verb: plain argparse, one parser a verb, for the terminal and for ``%kit``."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Sequence

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import modelkits, remotes, upkeep, versions
from jupyter_kit.frontends.arguments.parsing import EVERYWHERE, NOTEBOOK, TERMINAL, Options, Parser, shared

__all__ = ["EVERYWHERE", "GROUPS", "NOTEBOOK", "SYNONYMS", "TERMINAL", "VERBS", "Options", "Parser", "overview", "parse", "parser"]

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


def parser(verb: str, prog: str = TERMINAL) -> Parser:
    """The parser of one verb. Raises InvalidInput, with what was probably meant, where there is no such verb."""
    if verb not in VERBS:
        close = [SYNONYMS[verb]] if verb in SYNONYMS else difflib.get_close_matches(verb, VERBS, n=1)
        hint = f"Did you mean: {prog} {close[0]}" if close else f"See: {prog} --help"
        raise InvalidInput(f"There is no verb “{verb}”.", hint=hint)
    return VERBS[verb](prog)


def overview(prog: str = TERMINAL) -> str:
    """The help text of the whole: every verb with its purpose, and how to begin."""
    lines = [f"usage: {prog} VERB [options]", "", "Versions of notebooks, data and models, kept where you work.", ""]
    for group, verbs in GROUPS.items():
        lines.append(f"{group}:")
        lines += [f"  {verb:<11} {str(VERBS[verb](prog).description).splitlines()[0]}" for verb in verbs]
        lines.append("")
    lines += ["to begin:", f"  {prog} init", f'  {prog} snapshot -m "as it works"', f"  {prog} rollback HEAD", ""]
    return "\n".join([*lines, f"Every verb explains itself: {prog} VERB --help", ""])


def _unknown(words: Sequence[str], of: Parser) -> InvalidInput:
    """The error for words that a verb does not take."""
    known = [option for action in of._actions for option in action.option_strings]
    close = difflib.get_close_matches(words[0].split("=")[0], known, n=1)
    what = f"has no option {words[0]}" if words[0].startswith("-") else f"does not take “{words[0]}”"
    return InvalidInput(f"{of.prog} {what}.", hint=f"Did you mean {close[0]}?" if close else f"See: {of.prog} --help")


def parse(words: Sequence[str], prog: str = TERMINAL) -> Options:
    """The options that ``words`` ask for; ``verb`` is among them. Raises InvalidInput.

    Where help is asked for, ``verb`` is ``help`` and ``text`` what to show.
    """
    cut = list(words).index("--") if "--" in words else len(words)
    words, after = words[:cut], words[cut + 1 :]
    start = 0
    while start < len(words) and words[start].startswith("-"):
        start += 2 if words[start] == "-C" else 1
    front = Parser(prog=prog, parents=[shared()], add_help=False, allow_abbrev=False)
    options, unknown = front.parse_known_args(words[:start], Options(**EVERYWHERE, help=False))
    if unknown:
        raise _unknown(unknown, front)
    verb, *rest = words[start:] or ["help"]
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
