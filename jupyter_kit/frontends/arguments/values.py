"""A verb's options by name and value, as programs give them, read by the same parser that reads the words of people."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Mapping

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.arguments import EVERYWHERE, Options, parser

TRUE, FALSE = {"true", "1", "yes", "on", ""}, {"false", "0", "no", "off"}
"""How a query writes truth; ``?yes`` without a value says yes."""


def option_names(verb: str) -> dict[str, argparse.Action]:
    """The options that are a verb's own, by name. Raises InvalidInput where there is no such verb."""
    return {action.dest: action for action in parser(verb)._actions if action.dest not in {*EVERYWHERE, "help"}}


def options_of(verb: str, given: Mapping[str, object]) -> Options:
    """The options of one verb from names and values; what is None or not given has its default.

    A value is text, a number, a truth, or a list of texts; a list of one stands for its element, as queries have it.
    Raises InvalidInput for a name that the verb does not have, for a value of the wrong kind, and for what is missing.
    """
    known = option_names(verb)
    for name in given:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"Did you mean “{close[0]}”?" if close else f"{verb} takes: {', '.join(known) or 'no options'}."
            raise InvalidInput(f"{verb} has no option “{name}”.", hint=hint)
    options = Options(**EVERYWHERE, verb=verb)
    for name, action in known.items():
        if given.get(name) is not None:
            setattr(options, name, _value(action, given[name]))
        elif action.required and not action.default:
            raise InvalidInput(f"{verb} needs “{name}”.", hint=f"{name}: {action.help}.")
        elif action.default is not argparse.SUPPRESS:
            setattr(options, name, list(action.default) if isinstance(action.default, list) else action.default)
    return options


def _value(action: argparse.Action, value: object) -> object:
    if action.nargs == 0:
        return _truth(action, value)
    if isinstance(action, argparse._AppendAction) or action.nargs in ("*", "+"):
        many = [_typed(action, one) for one in (value if isinstance(value, list) else [value])]
        if not many and action.nargs == "+":
            raise InvalidInput(f"“{action.dest}” is empty.", hint=f"{action.dest}: {action.help}.")
        return many
    if isinstance(value, list):
        if len(value) != 1:
            raise InvalidInput(f"“{action.dest}” takes one value, not {len(value)}.")
        (value,) = value
    return _typed(action, value)


def _truth(action: argparse.Action, value: object) -> bool:
    if isinstance(value, list) and len(value) == 1:
        (value,) = value
    word = str(value).lower()
    if not isinstance(value, bool | str) or word not in TRUE | FALSE:
        raise InvalidInput(f"“{action.dest}” is true or false, not “{value}”.")
    return word in TRUE


def _typed(action: argparse.Action, value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidInput(f"“{action.dest}” takes text or a number, not {type(value).__name__}.")
    try:
        typed = action.type(str(value)) if callable(action.type) else str(value)
    except argparse.ArgumentTypeError as problem:
        raise InvalidInput(f"{action.dest}: {problem}.") from None
    except ValueError:  # More digits than Python reads.
        raise InvalidInput(f"“{action.dest}” is no number that this can count to.") from None
    if action.choices is not None and typed not in action.choices:
        raise InvalidInput(f"“{action.dest}” is one of {', '.join(map(str, action.choices))}, not “{value}”.")
    return typed
