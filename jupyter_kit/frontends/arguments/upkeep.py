"""The words and options of the verbs that look after the store, and of those about the program itself."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import Parser, above_zero, asking, network, verb
from jupyter_kit.frontends.moments import moment


def _check(prog: str) -> Parser:
    parser = verb(
        "check", prog, "Read everything that is kept and compare it with what was kept.",
        """check
           check --repair
           check --rebuild""",
    )  # fmt: skip
    parser.add_argument("--repair", action="store_true", help="mend what is damaged from workspace files, or a remote, that still have it")
    parser.add_argument("--rebuild", action="store_true", help="make the index anew from the segments first")
    network(parser)
    return parser


def _prune(prog: str) -> Parser:
    parser = verb(
        "prune", prog, "Remove old snapshots by rule, and give the disk back what no snapshot needs.\n\n"
        "A snapshot that any rule keeps stays, and so does the one you stand on.\n"
        "Without a rule no snapshot is removed.",
        """prune --dry-run
           prune --keep-last 10
           prune --keep-daily 14 --keep-hourly 24 --yes
           prune --kind auto --keep-last 20""",
    )  # fmt: skip
    parser.add_argument("--keep-last", type=above_zero, metavar="N", help="keep the newest N")
    parser.add_argument("--keep-hourly", type=above_zero, metavar="N", help="keep the last of each hour, for N hours that have one")
    parser.add_argument("--keep-daily", type=above_zero, metavar="N", help="keep the last of each day, for N days that have one")
    parser.add_argument("--drop-tagged", action="store_true", help="let the rules remove tagged snapshots too (default: they are kept)")
    parser.add_argument("--kind", choices=("manual", "auto", "safety"), help="let the rules count and remove snapshots of this kind alone")
    asking(parser, "removed")
    return parser


def _inspect(prog: str) -> Parser:
    parser = verb(
        "inspect", prog, "Show the store, and what sharing and compression save; or a ModelKit, with its manifest.",
        """inspect
           inspect --json
           inspect digits:v1
           inspect -r ghcr.io/team/digits:v1""",
    )  # fmt: skip
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="a ModelKit (default: the store)")
    parser.add_argument("-r", "--remote", action="store_true", help="ask the registry, whatever the store holds")
    network(parser)
    return parser


def _audit(prog: str) -> Parser:
    parser = verb(
        "audit", prog, "Show who did what and when; verify that nobody changed that record; export it.",
        """audit --since "2 days ago"
           audit --verb rollback --file train.ipynb
           audit verify --remote origin
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
    parser.add_argument("-n", "--limit", type=above_zero, metavar="N", help="only the newest N")
    parser.add_argument(
        "--remote", action="append", dest="remotes", metavar="NAME",
        help="verify also against what this remote saw at each sync (may be repeated)",
    )  # fmt: skip
    parser.add_argument("--format", choices=("jsonl", "csv"), default="jsonl", help="what export writes (default: jsonl)")
    network(parser)
    return parser


def _version(prog: str) -> Parser:
    return verb(
        "version", prog, "Show the version of Jupyter Kit.",
        """version
           version --json""",
    )  # fmt: skip


def _completion(prog: str) -> Parser:
    parser = verb(
        "completion", prog, "Print the script that teaches your shell to complete verbs, options, snapshots and files.",
        """completion bash > ~/.local/share/bash-completion/completions/jupyter-kit
           completion zsh > ~/.zfunc/_jupyter-kit
           completion fish > ~/.config/fish/completions/jupyter-kit.fish""",
    )  # fmt: skip
    parser.add_argument("shell", choices=("bash", "zsh", "fish"), metavar="SHELL", help="bash, zsh or fish")
    return parser


MAKERS = {
    "check": _check,
    "prune": _prune,
    "inspect": _inspect,
    "audit": _audit,
    "version": _version,
    "completion": _completion,
}
"""Each verb with what makes its parser."""
