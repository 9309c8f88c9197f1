"""How files are divided into layers: few, each of one kind, each file in exactly one.

A folder with files of one kind is one layer. Where kinds are mixed, a layer may be the folder itself and hold what no layer inside of it
does (kitops.md 3.3), if that saves layers; the top folder becomes a layer only for many files of one kind.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from jupyter_kit.modelkit.inference.roles import Role, Unit

LAYERS_OF_A_KIND_MAX = 10
"""Files and folders of one kind that get a layer each, at the top and wherever one layer for all of them is second best."""

WHOLE = "."

_PART_TYPES = ("adapter", "weights", "tokenizer", "config")
"""What a folder of several parts is called for, the first that is there."""

_SPLITS = ("train", "test", "val", "eval", "dev", "raw", "interim", "processed", "external")
"""Beginnings of names that data is divided by; each is a dataset of its own."""


class _Kind(NamedTuple):
    role: Role
    type: str


class _Folder:
    """A folder while it is divided."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.units: list[Unit] = []
        self.folders: dict[str, _Folder] = {}
        self.kinds: set[_Kind] = set()
        self.blocked = False
        """Something in it can be in no layer."""

    @property
    def only(self) -> _Kind | None:
        """The kind of a layer that holds all of it, if there can be one. The model is always a layer of its own."""
        roles = {kind.role for kind in self.kinds}
        if self.blocked or len(roles) != 1 or Role.MODEL in roles:
            return None
        types = {kind.type for kind in self.kinds}
        return _Kind(roles.pop(), next((known for known in _PART_TYPES if known in types), ""))

    @property
    def is_split(self) -> bool:
        """Whether it has nothing but datasets of names like “train” and “test”."""
        below = [*(unit.path for unit in self.units), *(folder.path for folder in self.folders.values())]
        found = [path.rpartition("/")[2].lower().startswith(_SPLITS) for path in below]
        return len(found) > 1 and all(found) and {kind.role for kind in self.kinds} == {Role.DATASET}


def divide(units: Iterable[Unit], blocked: Iterable[str]) -> list[Unit]:
    """The layers, sorted by path: units as they are, and folders in their place. ``blocked`` are paths that can be in no layer.

    A layer goes around a blocked path where more than :data:`LAYERS_OF_A_KIND_MAX` would have to go without: packing then says why not.
    """
    top = _Folder("")
    for unit in units:
        kind = _Kind(unit.role, unit.type)
        for folder in _around(top, unit.path):
            folder.kinds.add(kind)
        folder.units.append(unit)
    for path in blocked:
        for folder in _around(top, path):
            folder.blocked = True
    layers: list[Unit] = []
    folders = [top]
    while folders:
        own, inner = _layers(folders.pop())
        layers += own
        folders += inner
    return sorted(layers)


def _around(top: _Folder, path: str) -> Iterator[_Folder]:
    """The folders around a path, outermost first; made where they are missing."""
    folder = top
    yield folder
    names = path.split("/")
    for length, name in enumerate(names[:-1], 1):
        folder = folder.folders.setdefault(name, _Folder("/".join(names[:length])))
        yield folder


def _layers(folder: _Folder) -> tuple[list[Unit], list[_Folder]]:
    """The layers of a folder and of the files directly in it, and the folders in it that have layers of their own."""
    if folder.path and folder.only and not (folder.is_split and len(folder.units) + len(folder.folders) <= LAYERS_OF_A_KIND_MAX):
        return [Unit(folder.path, *folder.only)], []
    around = None if folder.is_split else _around_most(folder)
    layers = [unit for unit in folder.units if _Kind(unit.role, unit.type) != around]
    layers += [Unit(folder.path or WHOLE, *around)] if around else []
    return layers, [inner for inner in folder.folders.values() if around is None or inner.only != around]


def _around_most(folder: _Folder) -> _Kind | None:
    """The kind of a layer that is this folder and goes around others; None where each has its own."""
    kinds = Counter(_Kind(unit.role, unit.type) for unit in folder.units)
    kinds.update(inner.only for inner in folder.folders.values() if inner.only)
    found = [
        (count, kind)
        for kind, count in kinds.items()
        if kind.role is not Role.MODEL
        and not (kind.role is Role.PART and not folder.path)
        and count > (1 if folder.path and kind.role is not Role.PART and not folder.blocked else LAYERS_OF_A_KIND_MAX)
    ]
    return max(found)[1] if found else None
