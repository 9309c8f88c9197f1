"""The words and options of the verbs that move ModelKits and snapshots between places."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import Parser, network, verb


def _push(prog: str) -> Parser:
    parser = verb(
        "push", prog, "Send a ModelKit to a registry or a layout. What is there already is not sent again.",
        """push ghcr.io/team/digits:v1
           push digits:v1 ghcr.io/team/digits:v1
           push digits:v1 oci:exports:v1
           push digits:v1 kitops:digits:v1""",
    )  # fmt: skip
    parser.add_argument("reference", metavar="REFERENCE", help="a ModelKit of this workspace")
    parser.add_argument(
        "destination", nargs="?", metavar="DESTINATION", help="another reference, oci:FOLDER:TAG, or kitops:REFERENCE for kit's own store"
    )
    network(parser)
    return parser


def _pull(prog: str) -> Parser:
    parser = verb(
        "pull", prog, "Bring a ModelKit into this workspace's store. What is here already is not fetched again.",
        """pull ghcr.io/team/digits:v1
           pull oci:exports:v1 digits:v1
           pull kitops:digits:v1""",
    )  # fmt: skip
    parser.add_argument("reference", metavar="REFERENCE", help="a ModelKit in a registry, a layout or kit's own store")
    parser.add_argument("local", nargs="?", metavar="NAME", help="what to call it here (default: as it is called there)")
    network(parser)
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


MAKERS = {"push": _push, "pull": _pull, "login": _login, "logout": _logout}
"""Each verb with what makes its parser."""
