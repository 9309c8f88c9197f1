"""Texts that must not be shown, and the cleaning of texts that may hold some."""

from __future__ import annotations

import hmac
import re

REDACTED = "***"
"""What stands where a secret stood."""

TEXT_LENGTH_MAX = 300
"""Characters of a foreign text that a message repeats."""

_QUERY = re.compile(r"(?<=[^\s?\"'<>])\?[^\s\"'<>)]+")
_USER = re.compile(r"(?<=://)[^\s/@\"']+@")
_CREDENTIAL = re.compile(r"(?i)\b(bearer|basic)\s+[a-z0-9._~+/=-]{6,}")
_FIELD = re.compile(
    r"(?i)([\"']?\b(?:[\w-]*token|password|passwd|secret|authorization|sig|signature|_state|x-amz-[\w-]+)\b[\"']?\s*[=:]\s*)[\"']?[^\s\"',&;)}]+[\"']?"
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")


class Secret:
    """A password or token. It shows itself only to who calls :meth:`reveal`; a copy or pickle of it holds nothing."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The text itself, for the request that needs it."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and hmac.compare_digest(self._text.encode(), other._text.encode())

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __repr__(self) -> str:
        return f"Secret({REDACTED})"

    def __str__(self) -> str:
        return REDACTED

    def __format__(self, specification: str) -> str:
        return format(REDACTED, specification)

    def __reduce__(self) -> tuple[type[Secret], tuple[str]]:
        return Secret, ("",)


def redact(text: str) -> str:
    """A foreign text without queries of URLs, user names in them, credentials and control characters; shortened."""
    for pattern, replacement in (
        (_CONTROL, " "),
        (_USER, f"{REDACTED}@"),
        (_QUERY, f"?{REDACTED}"),
        (_CREDENTIAL, rf"\g<1> {REDACTED}"),
        (_FIELD, rf"\g<1>{REDACTED}"),
    ):
        text = pattern.sub(replacement, text)
    return text if len(text) <= TEXT_LENGTH_MAX else text[:TEXT_LENGTH_MAX] + "…"
