"""What the parsers of all verbs are made of."""

from __future__ import annotations

import argparse
from typing import Any, NoReturn

from jupyter_kit.errors import InvalidInput

TERMINAL = "jupyter kit"
NOTEBOOK = "%kit"

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


def above_zero(text: str) -> int:
    """The type of options that count things."""
    if not text.isascii() or not text.isdigit() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number above 0")
    return int(text)


def shared() -> argparse.ArgumentParser:
    """The options every verb takes. No defaults: what stands before the verb must not be overwritten by what does not stand after."""
    everywhere = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    group = everywhere.add_argument_group("everywhere")
    group.add_argument("-C", dest="folder", metavar="DIR", help="work in this folder, as if you were there")
    group.add_argument("--json", action="store_true", help="print one JSON document, for programs")
    group.add_argument("-q", "--quiet", action="store_true", help="print only ids, names or paths, one on a line; no progress")
    group.add_argument("--no-progress", action="store_true", help="show no progress")
    group.add_argument("-h", "--help", action="store_true", help="show this text")
    return everywhere


EVERYWHERE: dict[str, object] = {"folder": None, "json": False, "quiet": False, "no_progress": False}
"""The shared options and their defaults."""


def verb(name: str, prog: str, purpose: str, examples: str) -> Parser:
    """The parser of one verb, with the options of all; ``examples`` has one on a line, without the program's name."""
    lines = "\n".join(f"  {prog} {line.strip()}" for line in examples.strip().splitlines())
    return Parser(
        prog=f"{prog} {name}",
        description=purpose,
        epilog=f"examples:\n{lines}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[shared()],
        add_help=False,
        allow_abbrev=False,
    )


def asking(parser: Parser, deed: str) -> None:
    """The options of a verb that shows what it would do and asks first."""
    parser.add_argument("--dry-run", action="store_true", help=f"show what would be {deed}; change nothing")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")


def form(parser: Parser, prog: str) -> None:
    """The option, in a notebook, that shows a verb's options as fields to fill in."""
    if prog == NOTEBOOK:
        parser.add_argument("--form", action="store_true", help="fill in a form instead of options")


def network(parser: Parser) -> None:
    """The options of a verb that speaks to registries, spelled as kit's. Each is also a setting, so none has a default here."""
    group = parser.add_argument_group("registries")
    group.add_argument("--plain-http", action="store_true", help="do not encrypt; only for networks you trust", default=argparse.SUPPRESS)
    group.add_argument(
        "--tls-cert", dest="ca_file", metavar="FILE", help="trust these certificates (PEM) besides the system's", default=argparse.SUPPRESS
    )
    group.add_argument("--cert", dest="client_cert", metavar="FILE", help="your own certificate (PEM)", default=argparse.SUPPRESS)
    group.add_argument("--key", dest="client_key", metavar="FILE", help="the key of your certificate (PEM)", default=argparse.SUPPRESS)
    group.add_argument("--proxy", metavar="URL", help="speak to registries through this proxy", default=argparse.SUPPRESS)
    group.add_argument(
        "--concurrency", type=above_zero, metavar="N", help="blobs in flight at once (default: 5)", default=argparse.SUPPRESS
    )
