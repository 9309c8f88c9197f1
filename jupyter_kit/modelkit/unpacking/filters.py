"""Which layers are wanted: kit's filters, ``model``, ``datasets,docs``, ``datasets:train,eval`` (kitops.md 4.1), and patterns in names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from jupyter_kit.errors import InvalidInput
from jupyter_kit.modelkit.layer_types import LayerKind
from jupyter_kit.modelkit.layers import clean
from jupyter_kit.modelkit.modelkit import ModelKitLayer

KITFILE = "kitfile"
MODEL = "model"

_TYPES: dict[LayerKind, str] = {
    "model": MODEL,
    "modelpart": MODEL,
    "code": "code",
    "dataset": "datasets",
    "docs": "docs",
    "prompt": "prompts",
    "mcpserver": "mcpservers",
}
TYPES = (KITFILE, *dict.fromkeys(_TYPES.values()))
"""The words before the colon. ``model`` covers its parts."""

_PATTERN = frozenset("*?[")


@dataclass(frozen=True)
class Filter:
    """Layers of these types, and of them those with one of these names or paths; all of them where none is given."""

    types: tuple[str, ...]
    names: tuple[str, ...] = ()

    def matches(self, layer: ModelKitLayer) -> bool:
        """Whether a layer is wanted: its type, and its entry's name, or its path as the Kitfile has it or cleaned."""
        if layer.type is None or _TYPES[layer.type.kind] not in self.types:
            return False
        own = {getattr(layer.entry, "name", ""), layer.path, clean(layer.path)} - {""}
        return not self.names or any(name in own or (_PATTERN & set(name) and _fits(own, name)) for name in self.names)


def parse_filter(text: str) -> Filter:
    """One filter. Raises InvalidInput, naming the types there are."""
    types, colon, names = text.partition(":")
    wanted = tuple(word.strip().lower() for word in types.split(","))
    unknown = [word for word in wanted if word not in TYPES]
    if unknown or ":" in names or (colon and not all(names.split(","))):
        what = f"“{unknown[0][:80]}” is no type of layer" if unknown else "it has an empty name, or a second colon"
        raise InvalidInput(f"“{text[:200]}” is no filter: {what}.", hint=f"Write types, or types:names; the types are {', '.join(TYPES)}.")
    return Filter(wanted, tuple(names.split(",")) if colon else ())


def wants_layer(filters: Sequence[Filter], layer: ModelKitLayer) -> bool:
    """Whether any filter matches; without filters, everything is wanted."""
    return not filters or any(each.matches(layer) for each in filters)


def wants_kitfile(filters: Sequence[Filter]) -> bool:
    """Whether the Kitfile is wanted."""
    return not filters or any(KITFILE in each.types for each in filters)


def wants_remote(filters: Sequence[Filter]) -> bool:
    """Whether datasets are wanted that have no layer."""
    return not filters or any(_TYPES["dataset"] in each.types for each in filters)


def of_parent(filters: Sequence[Filter]) -> tuple[Filter, ...] | None:
    """What is wanted of a parent ModelKit: its model, as far as the filters want it; None for nothing."""
    if not filters:
        return (Filter((MODEL,)),)
    narrowed = tuple(Filter((MODEL,), each.names) for each in filters if MODEL in each.types)
    return narrowed or None


def _fits(own: set[str], pattern: str) -> bool:
    return any(fnmatchcase(name, pattern) for name in own)
