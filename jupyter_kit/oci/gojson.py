"""JSON as Go's ``encoding/json.Marshal`` writes it, byte for byte (Go 1.22 and later): what kit's manifests and configs are hashed as.

Compact; ``<``, ``>``, ``&``, U+2028 and U+2029 escaped, other text left as UTF-8; floats in the shortest form, with an exponent only below
1e-6 and from 1e21. The order of keys is the caller's, as it is that of the fields in a Go struct; what is a map in Go goes through
:func:`sorted_map` first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from decimal import Decimal
from json.encoder import encode_basestring

from jupyter_kit.errors import InvalidInput

INTEGER_MIN = -(1 << 63)
"""The smallest integer of Go (int64)."""

INTEGER_MAX = (1 << 64) - 1
"""The largest integer of Go (uint64)."""

EXPONENT_BELOW = 1e-6
"""Floats nearer to zero are written with an exponent, as ECMAScript does."""

EXPONENT_FROM = 1e21
"""Floats from here on are written with an exponent, as ECMAScript does."""

SURROGATES = (0xD800, 0xDFFF)
"""Code points that are no characters: Python's stand-ins for bytes that are not UTF-8."""

# Go escapes the first five for the sake of HTML and JavaScript. A lone surrogate stands for a byte that is not UTF-8.
_ESCAPED = re.compile("[<>&\u2028\u2029\ud800-\udfff]")


def encode(value: object) -> bytes:
    """The document of None, bool, int, float, str, and of lists, tuples and mappings of these.

    A lone surrogate, which stands for a byte that is not UTF-8, becomes the escape of U+FFFD. Raises InvalidInput for what JSON or Go
    cannot hold: NaN, infinity, integers beyond 64 bits, keys that are not text, too deep nesting; TypeError for other types.
    """
    try:
        return _document(value).encode()
    except RecursionError as error:
        raise _too_deep() from error


def sorted_map(values: Mapping[str, object]) -> dict[str, object]:
    """The mapping in the order in which Go writes a map: by the bytes of its keys, as are the mappings inside it. Raises InvalidInput."""
    try:
        # Python compares text by code points, which is the order of its UTF-8 bytes.
        return {key: _sorted(values[key]) for key in sorted(map(_key, values))}
    except RecursionError as error:
        raise _too_deep() from error


def _sorted(value: object) -> object:
    if isinstance(value, Mapping):
        return sorted_map(value)
    if isinstance(value, list | tuple):
        return [_sorted(element) for element in value]
    return value


def _document(value: object) -> str:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{_text(_key(key))}:{_document(member)}" for key, member in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_document, value)) + "]"
    return _scalar(value)


def _scalar(value: object) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        if not INTEGER_MIN <= value <= INTEGER_MAX:
            raise InvalidInput("An integer does not fit in 64 bits, which JSON from Go cannot hold.", hint="Write it as text.")
        return str(value)
    if isinstance(value, float):
        return _float(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON")


def _text(text: str) -> str:
    return _ESCAPED.sub(_escape, encode_basestring(text))


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    return "\\ufffd" if SURROGATES[0] <= code <= SURROGATES[1] else f"\\u{code:04x}"


def _float(number: float) -> str:
    """The shortest digits that read back as the same number are Python's as well; only their form differs."""
    if not math.isfinite(number):
        raise InvalidInput(f"{number} is a number that JSON cannot hold.", hint="Leave it out, or write it as text.")
    digits = repr(number)
    if number and not EXPONENT_BELOW <= abs(number) < EXPONENT_FROM:
        return digits.replace("e-0", "e-")
    return f"{Decimal(digits):f}".removesuffix(".0")


def _key(key: object) -> str:
    if isinstance(key, str):
        return key
    raise InvalidInput(f"{key!r} is a key that JSON cannot hold.", hint="Write it as text, in quotes.")


def _too_deep() -> InvalidInput:
    return InvalidInput("A value is nested too deeply for JSON.", hint="Flatten it.")
