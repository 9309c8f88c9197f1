"""What changed in a cell's outputs, in one line."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

from jupyter_kit.compare.alignment import align
from jupyter_kit.compare.cells import Output, payload_size
from jupyter_kit.readable import size, visible

OUTPUTS_NAMED = 3
"""Outputs of each kind of change that are described; the others are only counted. Keeps the line a line."""

EXCERPT_CHARACTERS = 60
"""Characters shown of a line of text output, and of any name: the line ``epoch 10/10 loss 0.0312 accuracy 0.9912`` has 40."""


def outputs_line(before: Sequence[Output], after: Sequence[Output]) -> str:
    """What changed from ``before`` to ``after``; empty where nothing did.

    ``2 outputs changed: image/png 14.2 kB → 15.0 kB, stdout loss 0.4 → loss 0.3; 1 output added: error: ValueError``
    """
    changed: list[str] = []
    removed: list[str] = []
    added: list[str] = []
    low_before = low_after = 0
    for block in [*align(before, after), None]:
        high_before, high_after = (block.before, block.after) if block else (len(before), len(after))
        for old, new in zip_longest(before[low_before:high_before], after[low_after:high_after]):
            if old is None:
                added.append(_described(new))
            elif new is None:
                removed.append(_described(old))
            else:
                changed.append(_change(old, new))
        if block:
            low_before, low_after = block.before + block.size, block.after + block.size
    return "; ".join(_counted(what, found) for what, found in (("changed", changed), ("removed", removed), ("added", added)) if found)


def excerpt(text: str) -> str:
    """``text`` on one line, safe to print, shortened to :data:`EXCERPT_CHARACTERS`."""
    text = text.strip()
    return visible(text if len(text) <= EXCERPT_CHARACTERS else text[: EXCERPT_CHARACTERS - 1] + "…")


def _counted(what: str, found: Sequence[str]) -> str:
    """How many outputs, and the first of them."""
    more = ", …" if len(found) > OUTPUTS_NAMED else ""
    return f"{len(found)} output{'s' if len(found) > 1 else ''} {what}: {', '.join(found[:OUTPUTS_NAMED])}{more}"


def _described(output: Output) -> str:
    """An output by itself: its name, or the richest of its forms."""
    if output.name.startswith("error: "):
        return excerpt(output.name)
    if output.name:
        return f"{excerpt(output.name)} {size(_bytes(*output.parts[0]))}"
    if not output.parts:
        return "empty"
    mime, text = max(output.parts, key=lambda part: (part[0] != "text/plain", _bytes(*part)))
    return f"{excerpt(mime)} {size(_bytes(mime, text))}"


def _change(before: Output, after: Output) -> str:
    """Two versions of an output."""
    errors = before.name.startswith("error: "), after.name.startswith("error: ")
    old_parts, new_parts = dict(before.parts), dict(after.parts)
    if all(errors):
        names = excerpt(before.name), excerpt(after.name.removeprefix("error: "))
        return names[0] if before.name == after.name else " → ".join(names)
    if any(errors) or before.name != after.name or old_parts.keys() != new_parts.keys():
        return f"{_described(before)} → {_described(after)}"
    if old_parts == new_parts:
        return f"{_described(before)} metadata"
    differing = [mime for mime, text in before.parts if new_parts[mime] != text]
    rich = [mime for mime in differing if mime != "text/plain"]
    if not rich:
        return _text_change(excerpt(before.name) or "text/plain", old_parts["text/plain"], new_parts["text/plain"])
    return ", ".join(f"{excerpt(mime)} {size(_bytes(mime, old_parts[mime]))} → {size(_bytes(mime, new_parts[mime]))}" for mime in rich)


def _text_change(name: str, before: str, after: str) -> str:
    """The first line that differs, where both have one; otherwise the sizes."""
    for old, new in zip(before.split("\n"), after.split("\n"), strict=False):
        if old != new:
            if not old.strip() or not new.strip() or excerpt(old) == excerpt(new):
                break
            return f"{name} {excerpt(old)} → {excerpt(new)}"
    return f"{name} {size(_bytes('text/plain', before))} → {size(_bytes('text/plain', after))}"


def _bytes(mime: str, text: str) -> int:
    """Size of one form of an output in bytes; of what base64 stands for, the decoded size."""
    known = payload_size(text)
    if known is not None:
        return known
    if mime.startswith(("image/", "audio/", "video/", "application/pdf")) and mime != "image/svg+xml":
        return len(text.strip()) * 3 // 4 - text.strip()[-2:].count("=")
    return len(text.encode("utf-8", "surrogatepass"))
