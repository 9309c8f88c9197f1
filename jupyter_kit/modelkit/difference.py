"""Two ModelKits compared: layers, the files inside those that differ, notebooks by cell, and the Kitfile.

A file in a layer that the store composed has the same spans of chunks wherever its content is the same, so uncompressed layers are
compared by their headers and recipes; contents are read only where sizes agree and chunks do not, and to show what changed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from jupyter_kit.compare.changes import Change, Changes, FileDiff, TextDiff
from jupyter_kit.compare.detail import file_diff
from jupyter_kit.compare.files import changes
from jupyter_kit.compare.text import text_diff
from jupyter_kit.modelkit.archive.reading import Member
from jupyter_kit.modelkit.layers import clean
from jupyter_kit.modelkit.modelkit import ModelKit, ModelKitLayer
from jupyter_kit.modelkit.unpacking.contents import LayerContents
from jupyter_kit.modelkit.unpacking.placement import checked_path
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.oci.reference import LOCAL, NO_REPOSITORY
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.format.recipes import Span, encode_spans, root_of
from jupyter_kit.store.store import Store
from jupyter_kit.system import Buffer

DETAILS_MAX = 500
"""Files that are shown from inside; the others are listed."""

LayerChange = Literal["same", "changed", "added", "removed"]


@dataclass(frozen=True)
class LayerDifference:
    """One layer on both sides; None where a side does not have it. Sizes are in bytes, as stored.

    ``looked_into`` says whether its files are among the changes: those of a layer that the store does not hold are not known.
    """

    change: LayerChange
    name: str
    path: str
    old_digest: str | None
    new_digest: str | None
    old_size: int | None
    new_size: int | None
    looked_into: bool


@dataclass(frozen=True)
class ModelKitDifference:
    """What differs. ``before`` and ``after`` are digests of manifests; ``kitfile`` compares the Kitfiles as YAML, None for equal ones."""

    before: str
    after: str
    layers: tuple[LayerDifference, ...]
    changes: Changes
    files: tuple[FileDiff, ...]
    kitfile: TextDiff | None

    @property
    def same(self) -> bool:
        """Whether they hold the same: whoever packed, and when, is no difference."""
        return self.kitfile is None and all(layer.change == "same" for layer in self.layers)


def difference(store: Store, before: ModelKit, after: ModelKit) -> ModelKitDifference:
    """Compare two ModelKits, wherever they were read from, as far down as the store holds their layers.

    Raises InvalidInput and ContentCorrupt for layers that cannot be read.
    """
    pairs = list(_pairs(before.layers, after.layers))
    layers = tuple(_layer_difference(store, old, new) for old, new in pairs)
    looked_into = [pair for pair, layer in zip(pairs, layers, strict=True) if layer.looked_into]
    old = _Side(store, [layer for layer, _ in looked_into if layer])
    new = _Side(store, [layer for _, layer in looked_into if layer])
    _recognise(old, new)
    found = changes(old.entries.values(), new.entries.values())
    files = tuple(_detail(change, old, new) for change in list(found)[:DETAILS_MAX])
    documents = write_yaml(before.kitfile), write_yaml(after.kitfile)
    kitfile = text_diff("Kitfile", *documents) if documents[0] != documents[1] else None
    return ModelKitDifference(before.descriptor.digest, after.descriptor.digest, layers, found, files, kitfile)


def _pairs(before: Sequence[ModelKitLayer], after: Sequence[ModelKitLayer]) -> Iterator[tuple[ModelKitLayer | None, ModelKitLayer | None]]:
    """Layers of the same kind and path, in the order of ``after``; what only ``before`` has comes last."""
    left: dict[tuple[str, str], list[ModelKitLayer]] = {}
    for layer in before:
        left.setdefault(_place(layer), []).append(layer)
    for layer in after:
        fitting = left.get(_place(layer), [])
        equal = [place for place, old in enumerate(fitting) if old.descriptor.digest == layer.descriptor.digest]
        yield (fitting.pop(equal[0] if equal else 0) if fitting else None), layer
    for unmet in left.values():
        for layer in unmet:
            yield layer, None


def _place(layer: ModelKitLayer) -> tuple[str, str]:
    return layer.type.kind if layer.type else layer.descriptor.media_type, clean(layer.path)


def _layer_difference(store: Store, old: ModelKitLayer | None, new: ModelKitLayer | None) -> LayerDifference:
    either = new or old
    assert either is not None
    change: LayerChange = "added" if old is None else "removed" if new is None else "changed"
    if old and new and old.descriptor.digest == new.descriptor.digest:
        change = "same"
    held = all(layer is None or (layer.type and _row_root(store, layer)) for layer in (old, new))
    return LayerDifference(
        change=change,
        name=either.name,
        path=either.path,
        old_digest=old.descriptor.digest if old else None,
        new_digest=new.descriptor.digest if new else None,
        old_size=old.descriptor.size if old else None,
        new_size=new.descriptor.size if new else None,
        looked_into=change != "same" and held,
    )


def _row_root(store: Store, layer: ModelKitLayer) -> str | None:
    """The root of a layer's blob in the store; None where it is not there."""
    algorithm, _, digest = layer.descriptor.digest.partition(":")
    row = store.blob_row(digest) if algorithm == "sha256" else None
    return row.root.hex() if row else None


class _Side:
    """The files of some layers of one ModelKit, all of which the store holds."""

    def __init__(self, store: Store, layers: Sequence[ModelKitLayer]) -> None:
        self.entries: dict[str, FileEntry] = {}
        self._origins: dict[str, tuple[LayerContents, Member]] = {}
        self._spans: dict[str, list[Span]] = {}
        place = Blobs(store, f"{LOCAL}/{NO_REPOSITORY}")
        for layer in layers:
            if layer.type:
                contents = LayerContents(place, layer, layer.type, f"{layer.name} ({layer.descriptor.short})")
                self._add(store, contents)

    def _add(self, store: Store, contents: LayerContents) -> None:
        root = _row_root(store, contents.layer)
        ranges = _Ranges(store.recipe(root).spans) if root and contents.type.compression == "none" else None
        for member, content in contents.read() if ranges is None else ((member, None) for member in contents.members()):
            path = checked_path(member, contents.title)
            if member.kind == "folder":
                self.entries.setdefault(path, FileEntry(path, "folder", member.mode, 0, 0))
                continue
            self._origins[path] = (contents, member)
            spans = ranges.within(member.start, member.size) if ranges else None
            if spans is not None:
                self._spans[path] = spans
                size, key = member.size, root_of("", encode_spans(spans)).hex()
            else:
                size, key = _measured(self.content(path) if content is None else content)
            self.entries[path] = FileEntry(path, "file", member.mode, size, 0, key)

    def content(self, path: str) -> Iterator[Buffer]:
        """A file's content."""
        contents, member = self._origins[path]
        return contents.content(member)

    def spans(self, path: str) -> list[Span]:
        """The chunks that a file is made of; none where it is compressed."""
        return self._spans.get(path, [])


class _Ranges:
    """The spans of a recipe by where they begin, for ranges that are asked for in order."""

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._next = self._offset = 0

    def within(self, start: int, length: int) -> list[Span] | None:
        """The spans that make up the range; None where its edges lie inside of some."""
        while self._next < len(self._spans) and self._offset < start:
            self._offset += self._spans[self._next].appears
            self._next += 1
        found: list[Span] = []
        place, offset = self._next, self._offset
        while place < len(self._spans) and offset < start + length:
            found.append(self._spans[place])
            offset += self._spans[place].appears
            place += 1
        return found if self._offset == start and offset == start + length else None


def _measured(content: Iterator[Buffer]) -> tuple[int, str]:
    """Length in bytes and sha256."""
    size, digest = 0, hashlib.sha256()
    for piece in content:
        size += len(piece)
        digest.update(piece)
    return size, digest.hexdigest()


def _recognise(old: _Side, new: _Side) -> None:
    """Files that were cut in another way and are equal get one root: as long, and with the same sha256."""
    for path, entry in new.entries.items():
        before = old.entries.get(path)
        if before is None or before.kind != "file" or (before.kind, before.size) != (entry.kind, entry.size) or before.root == entry.root:
            continue
        if _measured(old.content(path)) == _measured(new.content(path)):
            new.entries[path] = replace(entry, root=before.root)


def _detail(change: Change, old: _Side, new: _Side) -> FileDiff:
    before = change.old_path or change.path

    def shared() -> int:
        held = {span.chunk for span in old.spans(before)}
        return sum(span.appears for span in new.spans(change.path) if span.chunk in held)

    return file_diff(change, lambda: b"".join(old.content(before)), lambda: b"".join(new.content(change.path)), shared)
