"""What verbs answer, as plain dicts and lists: for ``--json`` and for REST.

Keys are the fields of the answer's type, and the few properties of ``ADDED``; JSON.md lists them. Keys are only ever added. A tuple is
a list, Changes are the list of their entries, a file's difference says which it is under ``type``.
"""

from __future__ import annotations

import json
from dataclasses import fields, is_dataclass
from typing import cast

from jupyter_kit.compare.changes import Changes, FileFacts, NotebookDiff, TableDiff, TensorsDiff, TextDiff
from jupyter_kit.errors import KitError

ADDED: dict[str, tuple[str, ...]] = {
    "Status": ("clean",),
    "RollbackPlan": ("written", "deleted", "bytes"),
    "PackResult": ("reference",),
    "UnpackPlan": ("written", "bytes"),
    "ModelKitDifference": ("same",),
    "CheckReport": ("ok",),
    "AuditReport": ("ok",),
}
"""Properties that are told beside the fields."""

NAMES = {"media_type": "mediaType"}
"""Fields that OCI has its own name for."""

TYPES = {TextDiff: "text", NotebookDiff: "notebook", TensorsDiff: "tensors", TableDiff: "table", FileFacts: "facts"}
"""The word under ``type`` where a list holds answers of several types."""

Plain = dict[str, "Plain"] | list["Plain"] | str | int | float | bool | None


def as_plain(value: object) -> Plain:
    """An answer, or a part of one, as JSON has it."""
    if isinstance(value, Changes):
        return [as_plain(change) for change in value]
    if hasattr(value, "as_json"):
        return cast(Plain, value.as_json())  # Kit's and OCI's own documents, under their own names.
    parts = named_parts(value)
    if parts is not None:
        return {name: as_plain(part) for name, part in parts.items()}
    if isinstance(value, dict):
        return {str(key): as_plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_plain(part) for part in value]
    if value is None or isinstance(value, (str, int, float)):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def named_parts(value: object) -> dict[str, object] | None:
    """The parts of an answer under the names that JSON has for them; None where it is not made of parts, or has a document of its own."""
    if not is_dataclass(value) or isinstance(value, type | Changes) or hasattr(value, "as_json"):
        return None
    named: dict[str, object] = {"type": TYPES[type(value)]} if type(value) in TYPES else {}
    names = [field.name for field in fields(value)] + list(ADDED.get(type(value).__name__, ()))
    return named | {NAMES.get(name, name): getattr(value, name) for name in names}


def error(problem: KitError) -> Plain:
    """An error as JSON has it: the same four keys in ``--json`` and in REST."""
    return {"error": {"kind": problem.kind.value, "message": problem.message, "hint": problem.hint, "path": problem.path}}


def document(plain: Plain) -> str:
    """One JSON document, in ASCII: file names that are not UTF-8 survive as escapes, whatever the terminal's encoding."""
    return json.dumps(plain, indent=2, allow_nan=False)
