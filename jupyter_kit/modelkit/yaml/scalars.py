"""What a scalar means to go-yaml v3, the parser of kit: mostly YAML 1.2, with octals, dates and merge keys of YAML 1.1.

``yes`` and ``on`` are text. Underscores in numbers mean nothing, ``0777`` and ``0o777`` are octal, a number that 64 bits cannot hold is a
float, and one that no float can hold is text. A date is what Go's JSON makes of it: text in RFC 3339.
"""

from __future__ import annotations

import base64
import binascii
import calendar
import math
import re

from jupyter_kit.oci.gojson import INTEGER_MAX, INTEGER_MIN

MERGE = "<<"

_NUMBER_STARTS = frozenset("+-0123456789")
_DECIMAL_DIGITS = len(str(INTEGER_MAX))

_WORDS: dict[str, tuple[str, object]] = {
    **dict.fromkeys(["true", "True", "TRUE"], ("!!bool", True)),
    **dict.fromkeys(["false", "False", "FALSE"], ("!!bool", False)),
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], ("!!null", None)),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], ("!!float", math.nan)),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], ("!!float", math.inf)),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], ("!!float", -math.inf)),
}

_INTEGER = re.compile(r"([-+]?)(?:0[xX]([0-9a-fA-F]+)|0[bB]([01]+)|0[oO]?([0-7]+)|(0|[1-9][0-9]*))")
_BASES = (16, 2, 8, 10)
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_FRACTION = re.compile(r"\.[0-9](?:_?[0-9])*(?:[eE][-+]?[0-9](?:_?[0-9])*)?")
_SEXAGESIMAL = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?")
_TIME = r"([0-9]{1,2}):([0-9]{1,2}):([0-9]{1,2})(?:[.,]([0-9]+))?"
_TIMESTAMP = re.compile(
    rf"([0-9]{{4}})-([0-9]{{1,2}})-([0-9]{{1,2}})(?:[Tt]{_TIME}(Z|[-+][0-9]{{2}}:[0-9]{{2}})| +{_TIME})?",
)

# Truths of YAML 1.1: text to kit, and in quotes when it writes, for the sake of other readers.
_OLD_TRUTHS = frozenset("y Y yes Yes YES on On ON n N no No NO off Off OFF".split())  # noqa: SIM905  # reads as one line


def resolve(text: str, tag: str = "", *, plain: bool = True) -> object:
    """The value of a scalar: None, bool, int, float (NaN and infinity among them) or str. ``tag`` is explicit, with ``!!``.

    Raises ValueError, saying why, where the text is not what its tag says, or the tag is none of YAML's own.
    """
    if tag == "!!str" or (not tag and not plain):
        return text
    if tag == "!!binary":
        return _binary(text)
    kind, value = _typed(text, dates=tag in ("", "!!timestamp"))
    if tag in ("", kind):
        return value
    if tag == "!!float" and isinstance(value, int) and kind == "!!int":
        return float(value)
    if tag in ("!!int", "!!float", "!!bool", "!!null", "!!timestamp"):
        raise ValueError(f"is no {tag.removeprefix('!!')}, as its tag says")
    raise ValueError(f"has the tag {tag:.80}, which means nothing in a Kitfile")


def is_text(text: str, tag: str = "", *, plain: bool = True) -> bool:
    """Whether a scalar is text, and so may be a key."""
    return tag == "!!str" or (not tag and (not plain or _typed(text, dates=True)[0] == "!!str"))


def needs_quotes(text: str) -> bool:
    """Whether text would read as something else without quotes, here or in other readers of YAML: kit writes quotes then."""
    return not is_text(text) or text == MERGE or text in _OLD_TRUTHS or _SEXAGESIMAL.fullmatch(text) is not None


def _typed(text: str, *, dates: bool) -> tuple[str, object]:
    """The tag and value that go-yaml v3 finds for a plain scalar (resolve.go)."""
    if text in _WORDS:
        return _WORDS[text]
    if text[0] == "." and _FRACTION.fullmatch(text):
        return _float(text) or ("!!str", text)
    if text[0] not in _NUMBER_STARTS:
        return "!!str", text
    if dates and (moment := _timestamp(text)):
        return "!!timestamp", moment
    digits = text.replace("_", "")
    return _integer(digits) or (_FLOAT.fullmatch(digits) and _float(digits)) or ("!!str", text)


def _integer(digits: str) -> tuple[str, object] | None:
    match = _INTEGER.fullmatch(digits)
    if not match:
        return None
    sign, *groups = match.groups()
    base, number = next((base, group) for base, group in zip(_BASES, groups, strict=True) if group is not None)
    if base == 10 and len(number) > _DECIMAL_DIGITS:
        return None
    value = int(sign + number, base)
    return ("!!int", value) if INTEGER_MIN <= value <= (INTEGER_MAX >> bool(sign)) else None


def _float(digits: str) -> tuple[str, object] | None:
    number = float(digits)
    return ("!!float", number) if math.isfinite(number) else None


def _timestamp(text: str) -> str | None:
    """RFC 3339 with nanoseconds, trailing zeros left off, of the forms of time that go-yaml reads; None for anything else."""
    match = _TIMESTAMP.fullmatch(text)
    if not match:
        return None
    year, month, day = (int(digits) for digits in match.groups()[:3])
    hour, minute, second = (int(zoned or local or 0) for zoned, local in zip(match.groups()[3:6], match.groups()[8:11], strict=True))
    if not (1 <= month <= 12 and 1 <= day <= calendar.monthrange(year, month)[1]):
        return None
    if hour > 23 or minute > 59 or second > 59:
        return None
    fraction = (match[7] or match[12] or "")[:9].rstrip("0")
    zone = "Z" if match[8] in (None, "+00:00", "-00:00") else match[8]
    return f"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{'.' * bool(fraction)}{fraction}{zone}"


def _binary(text: str) -> str:
    try:
        return base64.b64decode("".join(text.split()), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError) as error:
        raise ValueError("is binary and no text in UTF-8, which JSON cannot hold") from error
