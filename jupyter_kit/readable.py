"""Foreign text and numbers of bytes as people can read them, in a line and on any terminal."""

from __future__ import annotations

import unicodedata

SIZE_UNITS = ("kB", "MB", "GB", "TB", "PB")
"""Powers of 1000, as disks and registries count."""

_PRINTED = "\t\u200c\u200d"
"""Not printable by Unicode, yet shown as they are: tabs, and the joiners that Persian, Hindi and emoji are written with."""

_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
"""Unicode categories of controls, format characters (bidirectional overrides, tags), lone surrogates and the separators of lines."""


def size(count: int) -> str:
    """Bytes as ``14.2 kB``: three significant digits, powers of 1000."""
    if abs(count) < 1000:
        return f"{count} B"
    value = float(count)
    for unit in SIZE_UNITS:
        value /= 1000
        if abs(value) < 999.5 or unit == SIZE_UNITS[-1]:
            break
    digits = 2 if abs(value) < 9.995 else 1 if abs(value) < 99.95 else 0
    return f"{value:.{digits}f} {unit}"


def visible(text: str) -> str:
    """``text`` with every character that a terminal would obey, or a reader would not see, replaced by one that is seen.

    Controls become their Unicode pictures (``␛`` for escape); bytes of a file name that are not UTF-8 become ``\\xff``; everything else
    that is invisible becomes its number, as in ``\\u202e``. Tabs stay; so a result never has more than one line.
    """
    return text if text.isprintable() else "".join(map(_shown, text))


def _shown(character: str) -> str:
    """One character, made visible where it is not."""
    if character.isprintable() or character in _PRINTED or unicodedata.category(character) not in _INVISIBLE:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
