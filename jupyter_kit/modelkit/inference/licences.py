"""Which licence a text is, as an SPDX identifier (spdx.org/licenses), by phrases that stand in no other.

What has no identifier there, such as OpenRAIL or a vendor's community licence, is not named at all: a wrong name is worse than none.
The text of a GNU licence does not say whether later versions are allowed; it is named for its own version only.
"""

from __future__ import annotations

import re

_NAME = re.compile(r"(?:licen[cs]e|copying|unlicense)(?:[-_.].*)?", re.IGNORECASE)

_NOISE = re.compile(r"[\s*#>\"'“”]+")

_BSD = r"redistribution and use in source and binary forms, with or without modification, .*"
_ISC = r"to use, copy, modify,? (?:and/or|and) distribute this software for any purpose with or without fee is hereby granted, provided"
_MIT = (
    r"to any person obtaining a copy of this software and associated .*copyright notice and this permission notice .{0,40}shall be included"
)

_PATTERNS = {
    name: re.compile(phrase)
    for name, phrase in {
        "Apache-2.0": r"apache license,? version 2\.0",
        "MPL-2.0": r"mozilla public license,? (?:version|v\.) 2\.0",
        "CC0-1.0": r"cc0 1\.0 universal",
        "Unlicense": r"free and unencumbered software released into the public domain",
        "ISC": _ISC,
        "MIT": _MIT,
        "BSD-4-Clause": _BSD + r"all advertising materials mentioning",
        "BSD-3-Clause": _BSD + r"neither the names? of",
        "BSD-2-Clause": _BSD + r"binary form must reproduce",
        "GPL-2.0-only": r"gnu general public license,? version 2\b",
        "GPL-3.0-only": r"gnu general public license,? version 3\b",
        "LGPL-2.0-only": r"gnu library general public license,? version 2\b",
        "LGPL-2.1-only": r"gnu lesser general public license,? version 2\.1",
        "LGPL-3.0-only": r"gnu lesser general public license,? version 3\b",
        "AGPL-3.0-only": r"gnu affero general public license,? version 3\b",
        "CC-BY-4.0": r"attribution 4\.0 international",
        "CC-BY-SA-4.0": r"attribution-sharealike 4\.0 international",
        "CC-BY-ND-4.0": r"attribution-noderivatives 4\.0 international",
        "CC-BY-NC-4.0": r"attribution-noncommercial 4\.0 international",
        "CC-BY-NC-SA-4.0": r"attribution-noncommercial-sharealike 4\.0 international",
        "CC-BY-NC-ND-4.0": r"attribution-noncommercial-noderivatives 4\.0 international",
    }.items()
}
"""SPDX identifier → what its text says, in lower case with single spaces. Of several that fit at one place, the first is meant."""

_CARD = re.compile(r"\A---[ \t]*\r?\n(.*?\n)---", re.DOTALL)
_CARD_LICENCE = re.compile(r"^licen[cs]e:[ \t]*[\"']?([\w.+-]+)[\"']?[ \t\r]*$", re.MULTILINE)
_CARD_NAMES = {name.lower().removesuffix("-only"): name for name in _PATTERNS}


def is_licence(path: str) -> bool:
    """Whether a file holds a licence, by its name."""
    return _NAME.fullmatch(path.rpartition("/")[2]) is not None


def spdx_identifier(text: str) -> str:
    """The licence that a text is, empty where it is none that is known here. What the text names later, it only speaks of."""
    words = _NOISE.sub(" ", text.lower())
    found = [(match.start(), name) for name, pattern in _PATTERNS.items() if (match := pattern.search(words))]
    return min(found, key=lambda place: place[0])[1] if found else ""


def licence_of_card(text: str) -> str:
    """The licence that the YAML at the top of a model's or dataset's README names, as model hubs have it; empty where it names none."""
    card = _CARD.match(text)
    named = _CARD_LICENCE.search(card[1]) if card else None
    return _CARD_NAMES.get(named[1].lower(), "") if named else ""
