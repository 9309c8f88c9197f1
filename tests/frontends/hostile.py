"""Answers whose every text comes from somebody who means harm."""

from __future__ import annotations

import re
from dataclasses import fields, is_dataclass, replace
from typing import TypeVar

from jupyter_kit.frontends.replies import Text, Version
from jupyter_kit.modelkit.kitfile import Kitfile
from tests.frontends.samples import HOSTILE

T = TypeVar("T")

TERMINAL_DANGERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
"""What a terminal obeys or cannot print; tabs and line feeds are judged by where they stand."""

HOSTILE_UNICODE = HOSTILE.replace("\udcff", "")

WORDS_OF_OURS = {"kind", "created", "time", "head_created", "action", "format", "change"}
"""Fields that hold a word of ours or a time: what is kept in them is never foreign."""


def hostile(answer: T) -> T:
    """The same answer with HOSTILE in every text that a user or a file could have put there."""
    if isinstance(answer, Text | Version):
        return answer  # These are words of ours alone.
    return _spoiled(answer)


def _spoiled(value: T, harm: str = HOSTILE) -> T:
    if isinstance(value, Kitfile):
        harm = HOSTILE_UNICODE  # A Kitfile is refused where its text is not Unicode.
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _spoiled(getattr(value, field.name), harm) for field in fields(value) if field.name not in WORDS_OF_OURS}
        )
    if isinstance(value, str):
        return value + harm
    if isinstance(value, tuple):
        return tuple(_spoiled(part, harm) for part in value)
    if isinstance(value, dict):
        return {_spoiled(key, harm): _spoiled(part, harm) for key, part in value.items()}
    return value
