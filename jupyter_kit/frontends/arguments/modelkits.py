"""The words and options of the verbs about ModelKits. Where kit has an option for the same thing, it is spelled as kit spells it."""

from __future__ import annotations

from jupyter_kit.frontends.arguments.parsing import Parser, asking, form, network, verb


def _pack(prog: str) -> Parser:
    parser = verb(
        "pack", prog, "Make a ModelKit of a snapshot: model, data, code and documents as kit packs them.\n\n"
        "Uses the Kitfile that the snapshot holds. Where it holds none, one is inferred,\n"
        "shown, and used if you agree. Nothing is copied: the ModelKit shares its bytes\n"
        "with the snapshot.",
        """pack -t digits:v1
           pack v1 -t ghcr.io/team/digits:v1,latest
           pack --dry-run
           pack -t digits:v1 --use-model-pack""",
    )  # fmt: skip
    parser.add_argument("name", nargs="?", default="HEAD", metavar="SNAPSHOT", help="id, start of an id, tag, or HEAD (default: HEAD)")
    parser.add_argument("-t", "--tag", dest="reference", metavar="REFERENCE", help="what to call it; further tags follow after commas")
    parser.add_argument("-f", "--file", dest="kitfile", metavar="KITFILE", help="use this Kitfile, whatever the snapshot holds")
    parser.add_argument(
        "--compression", choices=("none", "gzip", "gzip-fastest"), default="none",
        help="of the layers; none shares all bytes with snapshots (default: none)",
    )  # fmt: skip
    parser.add_argument("--use-model-pack", action="store_true", help="in the ModelPack format (CNCF) instead of kit's own")
    asking(parser, "packed")
    form(parser, prog)
    return parser


def _unpack(prog: str) -> Parser:
    parser = verb(
        "unpack", prog, "Write the files of a ModelKit into a folder.\n\n"
        "Every byte is verified, and everything that could be wrong is looked for before\n"
        "the first file is written. What is only in a registry is pulled first.",
        """unpack digits:v1 -d served
           unpack ghcr.io/team/digits:v1 -d served --filter model
           unpack digits:v1 --filter datasets:train --filter docs -o
           unpack oci:exports:v1 -d served --dry-run""",
    )  # fmt: skip
    parser.add_argument("reference", metavar="REFERENCE", help="a ModelKit in the store, a registry or a layout (oci:FOLDER:TAG)")
    parser.add_argument("-d", "--dir", dest="into", metavar="DIR", default=".", help="where to write (default: this folder)")
    parser.add_argument(
        "-f", "--filter", dest="filters", action="append", default=[], metavar="TYPES[:NAMES]",
        help="only these: kitfile, model, datasets, code, docs, prompts; names and paths may hold * and ?; may be repeated",
    )  # fmt: skip
    parser.add_argument("-o", "--overwrite", action="store_true", help="replace files that are there")
    parser.add_argument("-i", "--ignore-existing", action="store_true", help="keep files that are there, and write the others")
    parser.add_argument("--dry-run", action="store_true", help="show what would be written; change nothing")
    network(parser)
    return parser


def _list(prog: str) -> Parser:
    parser = verb(
        "list", prog, "List ModelKits: those of this workspace, of kit's own store, or of a repository.",
        """list
           list --kitops
           list ghcr.io/team/digits""",
    )  # fmt: skip
    parser.add_argument("repository", nargs="?", metavar="REPOSITORY", help="in a registry or a layout (default: this workspace)")
    parser.add_argument("--kitops", action="store_true", help="those that an installed kit keeps")
    network(parser)
    return parser


def _info(prog: str) -> Parser:
    parser = verb(
        "info", prog, "Show the Kitfile of a ModelKit, or one field of it.",
        """info digits:v1
           info digits:v1 --filter .model.framework
           info -r ghcr.io/team/digits:v1""",
    )  # fmt: skip
    parser.add_argument("reference", metavar="REFERENCE", help="a ModelKit")
    parser.add_argument("-f", "--filter", dest="field", metavar=".FIELD", help="only this field: names with dots between them")
    parser.add_argument("-r", "--remote", action="store_true", help="ask the registry, whatever the store holds")
    network(parser)
    return parser


MAKERS = {"pack": _pack, "unpack": _unpack, "list": _list, "info": _info}
"""Each verb with what makes its parser."""
