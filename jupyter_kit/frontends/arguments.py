"""The words and options of every verb: plain argparse, one parser a verb, for the terminal and for ``%kit``."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.moments import moment

TERMINAL = "jupyter kit"
NOTEBOOK = "%kit"

SYNONYMS = {
    "commit": "snapshot", "save": "snapshot", "checkout": "rollback", "restore": "rollback", "revert": "rollback", "undo": "rollback",
    "history": "log", "list": "log", "fsck": "check", "gc": "prune", "delete": "remove", "rm": "remove", "info": "inspect",
    "compare": "diff", "metrics": "metric",
}  # fmt: skip
"""What people who come from other tools type first."""

Options = argparse.Namespace


class Parser(argparse.ArgumentParser):
    """An ArgumentParser whose errors are InvalidInput: a notebook must not exit."""

    def format_help(self) -> str:
        """The help text, with a usage line that shows what must be given and leaves the options to their list."""
        shape: dict[int | str | None, str] = {None: "{0}", "?": "[{0}]", "*": "[{0} ...]", "+": "{0} [{0} ...]"}
        named = [shape[action.nargs].format(action.metavar or action.dest) for action in self._actions if not action.option_strings]
        self.usage = " ".join([self.prog, *named, "[options]"]).replace("%", "%%")
        self._positionals.title = "arguments"
        return super().format_help()

    def error(self, message: str) -> NoReturn:
        """Raise InvalidInput. argparse would print and exit."""
        sentence = message.replace("the following arguments are required:", "missing").replace("argument ", "")
        raise InvalidInput(f"{self.prog}: {sentence}.", hint=f"See: {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        if action.choices is not None and value not in action.choices:
            name = action.option_strings[-1] if action.option_strings else action.metavar
            self.error(f"{name} is one of {', '.join(map(str, action.choices))}, not “{value}”")


def _above_zero(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number above 0")
    return int(text)


def _shared() -> argparse.ArgumentParser:
    """The options every verb takes. No defaults: what stands before the verb must not be overwritten by what does not stand after."""
    shared = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = shared.add_argument_group("everywhere")
    group.add_argument("-C", dest="folder", metavar="DIR", help="work in this folder, as if you were there")
    group.add_argument("--json", action="store_true", help="print one JSON document, for programs")
    group.add_argument("-q", "--quiet", action="store_true", help="print only ids, names or paths, one on a line; no progress")
    group.add_argument("--no-progress", action="store_true", help="show no progress")
    group.add_argument("-h", "--help", action="store_true", help="show this text")
    return shared


EVERYWHERE: dict[str, object] = {"folder": None, "json": False, "quiet": False, "no_progress": False}
"""The shared options and their defaults."""


def _verb(name: str, prog: str, purpose: str, examples: str) -> Parser:
    lines = "\n".join(f"  {prog} {line.strip()}" for line in examples.strip().splitlines())
    return Parser(
        prog=f"{prog} {name}",
        description=purpose,
        epilog=f"examples:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[_shared()],
        add_help=False,
        allow_abbrev=False,
    )


def _asking(parser: Parser, deed: str) -> None:
    """The options of a verb that shows what it would do and asks first."""
    parser.add_argument("--dry-run", action="store_true", help=f"show what would be {deed}; change nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def _init(prog: str) -> Parser:
    return _verb(
        "init", prog, "Start keeping versions of this folder: make a workspace.",
        """init
           -C ~/projects/digits init""",
    )  # fmt: skip


def _status(prog: str) -> Parser:
    return _verb(
        "status", prog, "Show what differs from the snapshot you stand on.",
        """status
           status --json
           -C ~/projects/digits status""",
    )  # fmt: skip


def _snapshot(prog: str) -> Parser:
    parser = _verb(
        "snapshot", prog, "Keep all files of the workspace as they are now.",
        """snapshot -m "before cleaning the data"
           snapshot -m "first model" --tag v1
           snapshot -m "tuned" --metric accuracy=0.971 --metric loss=0.08""",
    )  # fmt: skip
    parser.add_argument("-m", "--message", default="", metavar="TEXT", help="what this snapshot is, in your words")
    parser.add_argument("-t", "--tag", dest="tags", action="append", default=[], metavar="TAG", help="name the snapshot; may be repeated")
    parser.add_argument(
        "--metric", dest="metrics", action="append", default=[], metavar="NAME=VALUE",
        help="record a number with the snapshot; in a notebook VALUE may be a variable; may be repeated",
    )  # fmt: skip
    parser.add_argument(
        "--kind", choices=("manual", "auto"), default="manual",
        help="auto marks snapshots that a script takes, so that they can be kept for a shorter time (default: manual)",
    )  # fmt: skip
    parser.add_argument("--notebook", metavar="FILE", help="the notebook this comes from; found by itself inside a notebook")
    return parser


def _log(prog: str) -> Parser:
    parser = _verb(
        "log", prog, "List snapshots, newest first.",
        """log
           log -n 5
           log --path data/train.csv
           log --all --kind manual""",
    )  # fmt: skip
    parser.add_argument("-n", "--limit", type=_above_zero, default=20, metavar="N", help="show the newest N (default: 20)")
    parser.add_argument("--all", action="store_true", help="show every snapshot")
    parser.add_argument("--path", metavar="FILE", help="only snapshots in which this file or folder changed")
    parser.add_argument("--kind", choices=("manual", "auto", "safety"), help="only snapshots of this kind")
    return parser


def _show(prog: str) -> Parser:
    parser = _verb(
        "show", prog, "Show one snapshot: its record, its files, its environment.",
        """show
           show v1
           show HEAD~2 --json""",
    )  # fmt: skip
    parser.add_argument("name", nargs="?", default="HEAD", metavar="SNAPSHOT", help="id, start of an id, tag, or HEAD (default: HEAD)")
    return parser


def _diff(prog: str) -> Parser:
    parser = _verb(
        "diff", prog, "Show what changed: text line by line, notebooks cell by cell.\n\n"
        "With no snapshot: from the one you stand on to the files now.\n"
        "With one: from it to the files now. With two: from the first to the second.",
        """diff
           diff v1
           diff v1 v2 --stat
           diff HEAD~1 -- train.ipynb data/""",
    )  # fmt: skip
    parser.add_argument("before", nargs="?", metavar="BEFORE", help="a snapshot")
    parser.add_argument("after", nargs="?", metavar="AFTER", help="a later snapshot")
    parser.add_argument(
        "--path", dest="paths", action="append", default=[], metavar="PATH", help="only this file or folder; may be repeated"
    )
    parser.add_argument("--stat", action="store_true", help="only list the files that changed")
    return parser


def _rollback(prog: str) -> Parser:
    parser = _verb(
        "rollback", prog, "Put files back as a snapshot has them: all of them, or those you name.\n\n"
        "Shows what it would do and asks. The present state is kept first, as a\n"
        "safety snapshot: rolling back to that undoes it.",
        """rollback v1 --dry-run
           rollback v1
           rollback HEAD train.ipynb
           rollback HEAD~1 data/ --yes""",
    )  # fmt: skip
    parser.add_argument("name", metavar="SNAPSHOT", help="id, start of an id, tag, or HEAD")
    parser.add_argument("paths", nargs="*", default=[], metavar="PATH", help="only these files and folders (default: the whole workspace)")
    _asking(parser, "written and deleted")
    return parser


def _tag(prog: str) -> Parser:
    parser = _verb(
        "tag", prog, "Give a snapshot a name; without a name, list the tags.",
        """tag
           tag best
           tag v1 3f2a91
           tag best HEAD --force""",
    )  # fmt: skip
    parser.add_argument("tag", nargs="?", metavar="TAG", help="the name to give")
    parser.add_argument("name", nargs="?", default="HEAD", metavar="SNAPSHOT", help="the snapshot to name (default: HEAD)")
    parser.add_argument("--force", action="store_true", help="move the tag if another snapshot has it")
    return parser


def _remove(prog: str) -> Parser:
    parser = _verb(
        "remove", prog, "Forget snapshots. Their space comes back with prune.",
        """remove 3f2a91
           remove v1 v2 --yes
           remove --tag-only v1""",
    )  # fmt: skip
    parser.add_argument("names", nargs="+", metavar="SNAPSHOT", help="id, start of an id, or tag")
    parser.add_argument("--tag-only", action="store_true", help="take only the tags away and keep their snapshots")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    return parser


def _check(prog: str) -> Parser:
    parser = _verb(
        "check", prog, "Read everything that is kept and compare it with what was kept.",
        """check
           check --repair
           check --rebuild""",
    )  # fmt: skip
    parser.add_argument("--repair", action="store_true", help="mend what is damaged from workspace files that still have the same bytes")
    parser.add_argument("--rebuild", action="store_true", help="make the index anew from the segments first")
    return parser


def _prune(prog: str) -> Parser:
    parser = _verb(
        "prune", prog, "Remove old snapshots by rule, and give the disk back what no snapshot needs.\n\n"
        "A snapshot that any rule keeps stays, and so does the one you stand on.\n"
        "Without a rule no snapshot is removed.",
        """prune --dry-run
           prune --keep-last 10
           prune --keep-daily 14 --keep-hourly 24 --yes""",
    )  # fmt: skip
    parser.add_argument("--keep-last", type=_above_zero, metavar="N", help="keep the newest N")
    parser.add_argument("--keep-hourly", type=_above_zero, metavar="N", help="keep the last of each hour, for N hours that have one")
    parser.add_argument("--keep-daily", type=_above_zero, metavar="N", help="keep the last of each day, for N days that have one")
    parser.add_argument("--drop-tagged", action="store_true", help="let the rules remove tagged snapshots too (default: they are kept)")
    _asking(parser, "removed")
    return parser


def _inspect(prog: str) -> Parser:
    return _verb(
        "inspect", prog, "Show the store: what it holds, and what sharing and compression save.",
        """inspect
           inspect --json""",
    )  # fmt: skip


def _audit(prog: str) -> Parser:
    parser = _verb(
        "audit", prog, "Show who did what and when; verify that nobody changed that record; export it.",
        """audit --since "2 days ago"
           audit --verb rollback --file train.ipynb
           audit verify
           audit export audit.csv --format csv""",
    )  # fmt: skip
    parser.add_argument(
        "action", nargs="?", choices=("list", "verify", "export"), default="list", metavar="ACTION",
        help="list events (the default), verify that none was changed, or export them",
    )  # fmt: skip
    parser.add_argument("target", nargs="?", metavar="FILE", help="where export writes; - is the output")
    parser.add_argument("--since", type=moment, metavar="TIME", help="only from then on: 2026-03-01, yesterday, '2 days ago'")
    parser.add_argument("--until", type=moment, metavar="TIME", help="only up to then")
    parser.add_argument("--actor", metavar="USER", help="only what this user did")
    parser.add_argument("--verb", dest="of_verb", metavar="VERB", help="only this verb")
    parser.add_argument("--file", dest="path", metavar="FILE", help="only events that name this file")
    parser.add_argument("-n", "--limit", type=_above_zero, metavar="N", help="only the newest N")
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="what export writes (default: jsonl)")
    return parser


def _metric(prog: str) -> Parser:
    parser = _verb(
        "metric", prog, "Note numbers for the next snapshot; without any, show those noted.",
        """metric accuracy=0.971
           metric accuracy=0.971 loss=0.08
           metric""",
    )  # fmt: skip
    parser.add_argument("metrics", nargs="*", default=[], metavar="NAME=VALUE", help="a number; in a notebook VALUE may be a variable")
    return parser


def _version(prog: str) -> Parser:
    return _verb(
        "version", prog, "Show the version of Jupyter Kit.",
        """version
           version --json""",
    )  # fmt: skip


def _completion(prog: str) -> Parser:
    parser = _verb(
        "completion", prog, "Print the script that teaches your shell to complete verbs, options, snapshots and files.",
        """completion bash > ~/.local/share/bash-completion/completions/jupyter-kit
           completion zsh > ~/.zfunc/_jupyter-kit
           completion fish > ~/.config/fish/completions/jupyter-kit.fish""",
    )  # fmt: skip
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")
    return parser


GROUPS: dict[str, dict[str, Callable[[str], Parser]]] = {
    "look": {"status": _status, "log": _log, "show": _show, "diff": _diff, "inspect": _inspect, "audit": _audit, "check": _check},
    "keep": {
        "init": _init,
        "snapshot": _snapshot,
        "metric": _metric,
        "tag": _tag,
        "rollback": _rollback,
        "remove": _remove,
        "prune": _prune,
    },
    "more": {"version": _version, "completion": _completion},
}
"""Every verb, as the overview groups them. Parsers are made when asked for: making all takes longer than most verbs."""

VERBS = {verb: make for group in GROUPS.values() for verb, make in group.items()}


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
        lines += [f"  {verb:<11} {str(make(prog).description).splitlines()[0]}" for verb, make in verbs.items()]
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
    front = Parser(prog=prog, parents=[_shared()], add_help=False, allow_abbrev=False)
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
