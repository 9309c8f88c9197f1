"""A place for ModelKits that are written by hand: whatever bytes somebody hostile or old could have stored."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_kit.errors import NotFound
from jupyter_kit.modelkit.kitfile import Kitfile, entries, to_json, with_entries
from jupyter_kit.modelkit.layer_types import KIT_CONFIG, KIT_MANIFEST
from jupyter_kit.oci.descriptor import Descriptor, descriptor_fields, descriptor_of
from jupyter_kit.oci.digest import verified
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Piece
from tests.modelkit.golden import GOLDEN, layers, manifest

PIECE = 700
"""Bytes handed out at once: no block of an archive, so that every edge is met."""


class Shelf:
    """A Source in memory."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.names: dict[str, Descriptor] = {}
        self.fetched = 0

    @property
    def name(self) -> str:
        return "shelf"

    def resolve(self, name: str) -> Descriptor:
        if name not in self.names:
            raise NotFound(f"There is no {name}.")
        return self.names[name]

    def exists(self, descriptor: Descriptor) -> bool:
        return descriptor.digest in self.blobs

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        data = self.blobs[descriptor.digest]
        end = len(data) if length is None else start + length
        pieces = (memoryview(data)[place : min(place + PIECE, end)] for place in range(start, end, PIECE))
        counted = (self._count(piece) for piece in pieces)
        return counted if start or length is not None else verified(descriptor.digest, descriptor.size, counted, "a blob of the shelf")

    def tags(self) -> tuple[str, ...]:
        return tuple(sorted(self.names))

    def put(self, data: bytes, media_type: str = "", annotations: Mapping[str, str] | None = None) -> Descriptor:
        descriptor = descriptor_of(data, media_type, annotations or {})
        self.blobs[descriptor.digest] = data
        return descriptor

    def put_manifest(self, name: str, config: Descriptor, layers: Sequence[Descriptor] | None, **others: Any) -> None:
        document = {"schemaVersion": 2, "config": descriptor_fields(config)} | others
        document["layers"] = None if layers is None else [descriptor_fields(layer) for layer in layers]
        self.names[name] = self.put(json.dumps(document).encode(), OCI_MANIFEST)

    def put_kit(self, name: str, kitfile: Kitfile, layers: Sequence[Descriptor], *, digests: bool = True) -> None:
        """A ModelKit whose entries have these layers, in order, with their digests in the config or, as of old, without."""
        if digests:
            pairs = zip(entries(kitfile), layers, strict=True)
            kitfile = with_entries(kitfile, [replace(entry, digest=layer.digest) for (_, entry), layer in pairs])
        config = self.put(to_json(kitfile), KIT_CONFIG)
        self.put_manifest(name, config, layers, artifactType=KIT_MANIFEST)

    def put_golden(self, name: str) -> None:
        """A ModelKit that real kit wrote."""
        folder = GOLDEN / name
        for data in (*layers(name), (folder / "config.json").read_bytes()):
            self.put(data)
        self.names[name] = self.put(manifest(name), OCI_MANIFEST)

    def _count(self, piece: memoryview) -> memoryview:
        self.fetched += len(piece)
        return piece


def tar(*members: tarfile.TarInfo | tuple[str, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    """An archive as Python writes it: files by name and content, or any entry."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form, errors="surrogateescape", encoding="utf-8") as archive:
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                archive.addfile(member, io.BytesIO(bytes(member.size)))
            else:
                entry = tarfile.TarInfo(member[0])
                entry.size = len(member[1])
                archive.addfile(entry, io.BytesIO(member[1]))
    return buffer.getvalue()


def entry(name: str, kind: bytes = tarfile.REGTYPE, *, mode: int = 0o644, size: int = 0, target: str = "") -> tarfile.TarInfo:
    """An entry of any kind."""
    found = tarfile.TarInfo(name)
    found.type, found.mode, found.size, found.linkname = kind, mode, size, target
    return found


def tree(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its content, and every folder."""
    return {place.relative_to(folder).as_posix(): place.read_bytes() if place.is_file() else None for place in sorted(folder.rglob("*"))}
