"""The words and options of the verbs that move ModelKits and snapshots between places."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import NOTEBOOK, Parser, form, network, verb


def _push(prog: str) -> Parser:
    parser = verb(
        "push", prog, "Send a ModelKit to a registry or a layout. What is there already is not sent again.\n\n"
        "Recipes go with it, from which others pull a later version as a difference.",
        """push ghcr.io/team/digits:v1
           push digits:v1 ghcr.io/team/digits:v1
           push digits:v1 oci:exports:v1
           push digits:v1 kitops:digits:v1""",
    )  # fmt: skip
    # A form lets choose it. Whether it is there where there is no form, the verb looks.
    parser.add_argument("reference", nargs="?" if prog == NOTEBOOK else None, metavar="REFERENCE", help="a ModelKit of this workspace")
    parser.add_argument(
        "destination", nargs="?", metavar="DESTINATION", help="another reference, oci:FOLDER:TAG, or kitops:REFERENCE for kit's own store"
    )
    form(parser, prog)
    network(parser)
    return parser


def _pull(prog: str) -> Parser:
    parser = verb(
        "pull", prog, "Bring a ModelKit into this workspace's store; or the newest snapshot of a remote into this folder.\n\n"
        "What is here already is not fetched again; of a layer that an earlier version is\n"
        "here of, only what differs.",
        """pull ghcr.io/team/digits:v1
           pull oci:exports:v1 digits:v1
           pull --only data/train.csv
           pull team --all""",
    )  # fmt: skip
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="a ModelKit, or the name of a remote (default: the only one)")
    parser.add_argument("local", nargs="?", metavar="NAME", help="what to call the ModelKit here (default: as it is called there)")
    parser.add_argument(
        "--only", dest="paths", action="append", default=[], metavar="PATH", help="of a remote, only this file or folder; may be repeated"
    )
    parser.add_argument("--all", action="store_true", help="of a remote, the content of every snapshot, not only of the newest")
    network(parser)
    return parser


def _sync(prog: str) -> Parser:
    parser = verb(
        "sync", prog, "Exchange snapshots with a remote: bring what is new there, send what is new here.\n\n"
        "Only chunks that the other side lacks are moved. If both sides went on from the\n"
        "same snapshot, both histories are kept and nothing is overwritten.",
        """sync
           sync team
           sync --merge""",
    )  # fmt: skip
    parser.add_argument("remote", nargs="?", metavar="REMOTE", help="name of a remote (default: the only one, or origin)")
    parser.add_argument("--merge", action="store_true", help="if both sides went on, join them in a snapshot with the files that are here")
    parser.add_argument("--verify", action="store_true", help="look for what the remote has lost of what was sent, and send it again")
    network(parser)
    return parser


def _clone(prog: str) -> Parser:
    parser = verb(
        "clone", prog, "Make a new workspace from a history that somebody has synced.\n\n"
        "Brings the history and the files of its newest snapshot; content of older ones\n"
        "comes when it is asked for.",
        """clone ghcr.io/team/digits-history digits
           clone oci:/mnt/team/history digits""",
    )  # fmt: skip
    parser.add_argument("reference", metavar="REFERENCE", help="where the history is")
    parser.add_argument("into", nargs="?", metavar="DIR", help="the folder to make (default: named like the repository)")
    network(parser)
    return parser


def _remote(prog: str) -> Parser:
    parser = verb(
        "remote", prog, "Name the places that snapshots are synced with; without an action, list them.",
        """remote
           remote add team ghcr.io/team/digits-history
           remote add disk oci:/mnt/backup/digits
           remote remove disk""",
    )  # fmt: skip
    parser.add_argument(
        "action", nargs="?", choices=("list", "add", "remove"), default="list", metavar="ACTION", help="list (the default), add or remove"
    )
    parser.add_argument("remote", nargs="?", metavar="NAME", help="what to call it")
    parser.add_argument("reference", nargs="?", metavar="REFERENCE", help="registry/repository or oci:FOLDER")
    parser.add_argument("--force", action="store_true", help="remove it even if only it has some content of the history")
    return parser


def _login(prog: str) -> Parser:
    parser = verb(
        "login", prog, "Sign in to a registry. The password is asked for, or read from the input; it is never an option.",
        """login ghcr.io -u jo
           login localhost:5000 -u ci --password-stdin""",
    )  # fmt: skip
    parser.add_argument("registry", metavar="REGISTRY", help="its host, with the port if it has one")
    parser.add_argument("-u", "--username", metavar="NAME", help="asked for where it is not given")
    parser.add_argument("--password-stdin", action="store_true", help="read the password or token from the input")
    network(parser)
    return parser


def _logout(prog: str) -> Parser:
    parser = verb(
        "logout", prog, "Forget the password of a registry.",
        """logout ghcr.io
           logout localhost:5000""",
    )  # fmt: skip
    parser.add_argument("registry", metavar="REGISTRY", help="its host, with the port if it has one")
    return parser


MAKERS = {
    "push": _push,
    "pull": _pull,
    "sync": _sync,
    "clone": _clone,
    "remote": _remote,
    "login": _login,
    "logout": _logout,
}
"""Each verb with what makes its parser."""
