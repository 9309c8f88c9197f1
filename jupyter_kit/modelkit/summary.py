"""A ModelKit in a line of a list, and one field of its Kitfile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from jupyter_kit.errors import NotFound
from jupyter_kit.modelkit.kitfile import Kitfile, entries, to_json, with_entries
from jupyter_kit.modelkit.modelkit import ModelKit


@dataclass(frozen=True)
class ModelKitSummary:
    """``size`` is that of config and layers, in bytes. ``created`` (RFC 3339) is None where nothing tells it; texts are empty then."""

    reference: str
    digest: str
    format: Literal["modelkit", "modelpack"]
    name: str
    version: str
    author: str
    layers: int
    size: int
    created: str | None


def summarise(reference: str, modelkit: ModelKit) -> ModelKitSummary:
    """What a list shows of a ModelKit under one of its references."""
    package = modelkit.kitfile.package
    return ModelKitSummary(
        reference=reference,
        digest=modelkit.descriptor.digest,
        format=modelkit.format,
        name=package.name,
        version=package.version,
        author=package.authors[0] if package.authors else "",
        layers=len(modelkit.layers),
        size=modelkit.size,
        created=modelkit.created,
    )


def kitfile_field(kitfile: Kitfile, path: str) -> object:
    """One field by kit's path (``.model.parameters.lr``, ``.dataSets``), in any case: a text, number, list or mapping as JSON has it.

    Digests are no fields: no Kitfile has them. Raises NotFound, naming the fields that there are.
    """
    bare = with_entries(kitfile, [replace(entry, digest="", diff_id="") for _, entry in entries(kitfile)])
    value: object = json.loads(to_json(bare))
    shown = ""
    for segment in path.strip(".").split(".") if path.strip(".") else ():
        fields = list(value) if isinstance(value, Mapping) else []
        key = segment if segment in fields else next((field for field in fields if field.lower() == segment.lower()), None)
        if key is None or not isinstance(value, Mapping):
            hint = f"There are {', '.join(fields)}." if fields else "It has no fields of its own."
            raise NotFound(f"The Kitfile has no “{segment[:80]}” in {shown or 'it'}.", hint=hint)
        value = value[key]
        shown += f".{key}"
    return value
