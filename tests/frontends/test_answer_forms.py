"""The lab's forms for verbs without a view of their own say what the parsers say.

``python -m tests.frontends.test_answer_forms`` writes them.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from jupyter_kit.frontends.arguments import VERBS
from jupyter_kit.frontends.arguments.parsing import EVERYWHERE, above_zero

FORMS = Path(__file__).parents[2] / "labextension" / "src" / "results" / "verbs.json"

SHOWN = ("audit", "check", "info", "inspect", "list", "log", "metric", "prune", "show", "status", "version")

NETWORK = "registries"


def described(verb: str) -> dict[str, object]:
    """A verb's purpose and the options that a form asks for."""
    parser = VERBS[verb]("jupyter kit")
    registries = {action for group in parser._action_groups if group.title == NETWORK for action in group._group_actions}
    left_out = {*EVERYWHERE, "help", "yes", "dry_run", "target", "format"}
    actions = [action for action in parser._actions if action.dest not in left_out and action not in registries]
    return {"purpose": (parser.description or "").split("\n\n")[0], "options": list(map(_option, actions))}


def _option(action: argparse.Action) -> dict[str, object]:
    several = action.nargs in ("*", "+") or isinstance(action, argparse._AppendAction)
    single = "choice" if action.choices else "number" if action.type is above_zero else "text"
    kind = "tick" if action.nargs == 0 else "list" if several else single
    word = action.option_strings[-1].lstrip("-") if action.option_strings else (action.metavar or action.dest)
    choices = [choice for choice in action.choices or () if choice != "export"]
    found = {
        "name": action.dest,
        "label": str(word).replace("-", " ").capitalize(),
        "help": action.help,
        "kind": kind,
        "choices": choices,
        "required": action.required and action.nargs != "?",
        "default": action.default if isinstance(action.default, str) else "",
    }
    return {key: value for key, value in found.items() if value}


def written() -> str:
    """The whole file."""
    return json.dumps({verb: described(verb) for verb in SHOWN}, indent=2, ensure_ascii=False) + "\n"


def test_the_forms_ask_for_what_the_parsers_take() -> None:
    assert FORMS.read_text(encoding="utf-8") == written()


if __name__ == "__main__":
    FORMS.write_text(written(), encoding="utf-8")
