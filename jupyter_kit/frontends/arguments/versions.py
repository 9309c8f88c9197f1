"""The words and options of the verbs that keep versions, show them, and go back."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import Parser, above_zero, asking, network, verb


def _init(prog: str) -> Parser:
    parser = verb(
        "init", prog, "Start keeping versions of this folder: make a workspace.",
        """init
           init --kitfile
           -C ~/projects/digits init""",
    )  # fmt: skip
    parser.add_argument("--kitfile", action="store_true", help="write the Kitfile that fits the files, to edit and to pack by")
    return parser


def _status(prog: str) -> Parser:
    return verb(
        "status", prog, "Show what differs from the snapshot you stand on.",
        """status
           status --json
           -C ~/projects/digits status""",
    )  # fmt: skip


def _snapshot(prog: str) -> Parser:
    parser = verb(
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
        help="auto marks snapshots that a script takes: kept for a shorter time, and without the numbers that were noted (default: manual)",
    )  # fmt: skip
    parser.add_argument("--notebook", metavar="FILE", help="the notebook this comes from; found by itself inside a notebook")
    return parser


def _log(prog: str) -> Parser:
    parser = verb(
        "log", prog, "List snapshots, newest first.",
        """log -n 5
           log --path data/train.csv
           log --find "random forest"
           log --all --kind manual""",
    )  # fmt: skip
    which_snapshots(parser)
    return parser


def which_snapshots(parser: Parser) -> None:
    """The options that say which snapshots are listed."""
    parser.add_argument("-n", "--limit", type=above_zero, default=20, metavar="N", help="show the newest N (default: 20)")
    parser.add_argument("--all", action="store_true", help="show every snapshot")
    parser.add_argument("--before", metavar="SNAPSHOT", help="only snapshots older than this one")
    parser.add_argument("--path", metavar="FILE", help="only snapshots in which this file or folder changed")
    parser.add_argument("--kind", choices=("manual", "auto", "safety"), help="only snapshots of this kind")
    parser.add_argument("--find", metavar="WORDS", help="only snapshots with these words in message, tags, author, metrics or notebook")


def _show(prog: str) -> Parser:
    parser = verb(
        "show", prog, "Show one snapshot: its record, its files, its environment.",
        """show
           show v1
           show HEAD~2 --json""",
    )  # fmt: skip
    parser.add_argument("name", nargs="?", default="HEAD", metavar="SNAPSHOT", help="id, start of an id, tag, or HEAD (default: HEAD)")
    return parser


def _diff(prog: str) -> Parser:
    parser = verb(
        "diff", prog, "Show what changed: text line by line, notebooks cell by cell.\n\n"
        "With no snapshot: from the one you stand on to the files now.\n"
        "With one: from it to the files now. With two: from the first to the second.",
        """diff
           diff v1
           diff digits:v1 digits:v2
           diff HEAD~1 -- train.ipynb data/""",
    )  # fmt: skip
    parser.add_argument("before", nargs="?", metavar="BEFORE", help="a snapshot, or a ModelKit")
    parser.add_argument("after", nargs="?", metavar="AFTER", help="a later one")
    which_files(parser)
    network(parser)
    return parser


def which_files(parser: Parser) -> None:
    """The options that say how much of a difference is shown."""
    parser.add_argument(
        "--path", dest="paths", action="append", default=[], metavar="PATH", help="only this file or folder; may be repeated"
    )
    parser.add_argument("--stat", action="store_true", help="only list the files that changed")


def _rollback(prog: str) -> Parser:
    parser = verb(
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
    asking(parser, "written and deleted")
    network(parser)
    return parser


def _tag(prog: str) -> Parser:
    parser = verb(
        "tag", prog, "Give a snapshot or a ModelKit a name; without a name, list the tags of snapshots.",
        """tag
           tag best
           tag v1 3f2a91
           tag ghcr.io/team/digits:v1 digits:v1""",
    )  # fmt: skip
    parser.add_argument("tag", nargs="?", metavar="TAG", help="the name to give: a tag for a snapshot, a reference for a ModelKit")
    parser.add_argument("name", nargs="?", default="HEAD", metavar="NAME", help="the snapshot (default: HEAD) or ModelKit to name")
    parser.add_argument("--force", action="store_true", help="move the name if another has it")
    return parser


def _remove(prog: str) -> Parser:
    parser = verb(
        "remove", prog, "Forget snapshots or ModelKits. Their space comes back with prune.",
        """remove 3f2a91
           remove --tag-only v1
           remove digits:v1
           remove -r ghcr.io/team/digits:v1""",
    )  # fmt: skip
    parser.add_argument("names", nargs="+", metavar="NAME", help="a snapshot by id, start of an id, or tag; or a ModelKit's reference")
    parser.add_argument("--tag-only", action="store_true", help="take only the tags away and keep their snapshots")
    parser.add_argument("-r", "--remote", action="store_true", help="remove the ModelKit from its registry, not from here")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    network(parser)
    return parser


def _metric(prog: str) -> Parser:
    parser = verb(
        "metric", prog, "Note numbers for the next snapshot that you take; without any, show those noted.\n\n"
        "Snapshots that are taken by themselves (auto, safety) leave them to yours.",
        """metric accuracy=0.971
           metric accuracy=0.971 loss=0.08
           metric""",
    )  # fmt: skip
    parser.add_argument("metrics", nargs="*", default=[], metavar="NAME=VALUE", help="a number; in a notebook VALUE may be a variable")
    return parser


MAKERS = {
    "init": _init,
    "status": _status,
    "snapshot": _snapshot,
    "log": _log,
    "show": _show,
    "diff": _diff,
    "rollback": _rollback,
    "tag": _tag,
    "remove": _remove,
    "metric": _metric,
}
"""Each verb with what makes its parser."""
