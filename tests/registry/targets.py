"""Every kind of target, and graphs to move between them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Index, Manifest, encode_index, encode_manifest
from jupyter_kit.oci.media_types import OCI_INDEX, OCI_MANIFEST
from jupyter_kit.oci.target import Content, Piece, Source, Target
from jupyter_kit.registry.kitops import KitOps
from jupyter_kit.registry.layout import Layout
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.store import Store

TARGETS: Mapping[str, Callable[[Path], Target]] = {
    "layout": lambda folder: Layout(folder / "layout"),
    "kitops": lambda folder: KitOps(folder / "kitops", "localhost/team/model"),
    "store": lambda folder: Blobs(Store.create(folder / "store"), "localhost/model"),
}
"""Each makes an empty target of its kind in an empty folder."""

PIECE = 1000
"""Bytes that content is handed out in, so that the smallest of tests has several."""


class Blob(NamedTuple):
    """Bytes and what describes them."""

    descriptor: Descriptor
    data: bytes


class Graph(NamedTuple):
    """A manifest, and everything below it, in the order in which it must be pushed; the root is last."""

    blobs: tuple[Blob, ...]

    @property
    def root(self) -> Descriptor:
        return self.blobs[-1].descriptor


def content_of(data: bytes) -> Content:
    def content(start: int) -> Iterator[Piece]:
        for first in range(start, len(data), PIECE):
            yield data[first : first + PIECE]

    return content


def blob(data: bytes, media_type: str = "application/octet-stream") -> Blob:
    return Blob(descriptor_of(data, media_type), data)


def modelkit(*layers: bytes, subject: Descriptor | None = None, annotations: Mapping[str, str] | None = None) -> Graph:
    """One manifest with these layers."""
    config = blob(b'{"layers": %d}' % len(layers), "application/vnd.example.config+json")
    kept = tuple(blob(layer, "application/vnd.example.layer") for layer in layers)
    manifest = Manifest(config.descriptor, tuple(layer.descriptor for layer in kept), subject=subject, annotations=annotations or {})
    return Graph((config, *kept, blob(encode_manifest(manifest), OCI_MANIFEST)))


def index(*graphs: Graph) -> Graph:
    """An index of graphs."""
    top = blob(encode_index(Index(tuple(graph.root for graph in graphs))), OCI_INDEX)
    return Graph((*(part for graph in graphs for part in graph.blobs), top))


def push(target: Target, graph: Graph, tag: str | None = None) -> Descriptor:
    """Everything, in order."""
    for part in graph.blobs:
        target.push(part.descriptor, content_of(part.data))
    if tag:
        target.tag(graph.root, tag)
    return graph.root


def read(source: Source, descriptor: Descriptor, start: int = 0, length: int | None = None) -> bytes:
    return b"".join(bytes(piece) for piece in source.fetch(descriptor, start, length))


def assert_holds(source: Source, graph: Graph) -> None:
    """Everything is there and reads back."""
    for part in graph.blobs:
        assert source.exists(part.descriptor)
        assert read(source, part.descriptor) == part.data


def same(left: Descriptor, right: Descriptor) -> bool:
    """Whether both describe the same bytes: places differ in what else they know."""
    return (left.media_type, left.digest, left.size) == (right.media_type, right.digest, right.size)
