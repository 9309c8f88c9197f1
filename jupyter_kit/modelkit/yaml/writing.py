"""Writing a Kitfile as kit does: struct order, indent 2, what is empty left out, authors in brackets, digests nowhere.

Quotes, blocks and floats follow go-yaml v3's encoder; integers keep all their digits. What is written reads back as the same Kitfile.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import yaml
from yaml.emitter import Emitter

from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.kitfile import Kitfile, Package, members
from jupyter_kit.modelkit.yaml.scalars import needs_quotes

EXPONENT_FROM = 6
"""Floats with more digits than these before the point are written with an exponent, as Go's format “g” does."""

EXPONENT_BELOW = -4
"""Floats smaller than ten to this power are written with an exponent, as Go's format “g” does."""

_INDENT = 2

# Line breaks of YAML 1.1 that a reader would change, and the byte order mark: escaped, in double quotes.
_ESCAPED = frozenset("\r\x85\u2028\u2029\ufeff")


def write_yaml(kitfile: Kitfile) -> bytes:
    """The document. Raises InvalidInput for parameters that are nested too deeply, and for text that is no Unicode (lone surrogates)."""
    try:
        events = [
            yaml.StreamStartEvent(),
            yaml.DocumentStartEvent(explicit=False),
            *_entry(kitfile),
            yaml.DocumentEndEvent(explicit=False),
            yaml.StreamEndEvent(),
        ]
        return str(yaml.emit(events, Dumper=_Emitter, indent=_INDENT, width=sys.maxsize, allow_unicode=True)).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput("A Kitfile cannot hold text that is not Unicode.", hint="Rename what is called so.") from error
    except RecursionError as error:
        raise InvalidInput("The parameters of a Kitfile are nested too deeply to write.", hint="Flatten them.") from error


class _Emitter(Emitter):
    """PyYAML's emitter, but for lists in mappings: Go indents them."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _entry(entry: Any) -> Iterator[yaml.Event]:
    yield _mapping_start()
    for member in members(entry.__class__):
        content = getattr(entry, member.attribute)
        absent = content is None or content == Package() or (content in ("", ()) and member.type is not object)
        if member.only_json or (absent and not member.always):
            continue
        yield _text(member.key)
        if not member.many:
            yield from _one(content, member.type)
            continue
        inline = member.type is str
        yield yaml.SequenceStartEvent(None, None, True, flow_style=inline)
        for each in content:
            yield from [_text(each, inline=True)] if inline else _one(each, member.type)
        yield yaml.SequenceEndEvent()
    yield yaml.MappingEndEvent()


def _one(content: object, kind: type) -> Iterator[yaml.Event]:
    return _value(content) if kind in (object, str) else _entry(content)


def _value(value: object) -> Iterator[yaml.Event]:
    """Any value of JSON."""
    if isinstance(value, str):
        yield _text(value)
    elif isinstance(value, Mapping):
        yield _mapping_start()
        for key in sorted(value):
            yield _text(key, inline=True)
            yield from _value(value[key])
        yield yaml.MappingEndEvent()
    elif isinstance(value, list | tuple):
        yield yaml.SequenceStartEvent(None, None, True, flow_style=False)
        for element in value:
            yield from _value(element)
        yield yaml.SequenceEndEvent()
    else:
        yield _scalar(_number(value), None)


def _number(value: object) -> str:
    if isinstance(value, float):
        return _float(value)
    return {None: "null", True: "true", False: "false"}[value] if value is None or isinstance(value, bool) else str(value)


def _float(number: float) -> str:
    """Go's FormatFloat with “g” and the shortest digits, but for -0.0, which would read as an integer."""
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int), "no Kitfile holds what is not finite"
    point = len(digits) + exponent - 1
    if number == 0:
        return "-0.0" if sign else "0"
    if EXPONENT_BELOW <= point < EXPONENT_FROM:
        return f"{Decimal(repr(number)).normalize():f}"
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}{'.' * bool(rest)}{''.join(rest)}e{point:+03}"


def _mapping_start() -> yaml.Event:
    return yaml.MappingStartEvent(None, None, True, flow_style=False)


def _text(text: str, *, inline: bool = False) -> yaml.Event:
    """Text in the style of Go. ``inline`` has no room for a block: keys, and what is in brackets."""
    text.encode()  # An escape of a lone surrogate would be YAML that no reader takes.
    if not _ESCAPED.isdisjoint(text):
        return _scalar(text, '"')
    if "\n" in text:
        return _scalar(text, '"' if inline else "|")
    return _scalar(text, '"' if needs_quotes(text) else None)


def _scalar(text: str, style: str | None) -> yaml.Event:
    return yaml.ScalarEvent(None, None, (True, True), text, style=style)
