"""What is in a layer, from whatever it is stored as: listed for a plan, and read whole, verified."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.modelkit.archive.decompression import decompressed
from jupyter_kit.modelkit.archive.reading import Member, Stream, TarReader
from jupyter_kit.modelkit.layer_types import FILE_METADATA, FILEPATH, LayerType
from jupyter_kit.modelkit.layers import clean
from jupyter_kit.modelkit.modelkit import ModelKitLayer
from jupyter_kit.oci.target import Source
from jupyter_kit.system import Buffer

USUAL_FILE_MODE = 0o644
"""Permission bits of a raw layer that does not tell its own."""


@dataclass(frozen=True)
class LayerContents:
    """One layer of a known type, where it is kept. ``title`` says in messages which it is: ``model of localhost/tiny:v1``."""

    source: Source
    layer: ModelKitLayer
    type: LayerType
    title: str

    @property
    def identity(self) -> tuple[str, str]:
        """Equal for layers that put the same files in the same places."""
        return self.layer.descriptor.digest, self._path if self.type.form == "raw" else self.layer.folder

    def members(self) -> Iterator[Member]:
        """Everything that is in it, without the contents where those can be jumped over. What is told is not verified yet.

        Raises ContentCorrupt, InvalidInput over a limit.
        """
        if self.type.form == "raw":
            size = self.layer.descriptor.size
            if self.type.compression != "none":
                size = sum(map(len, self._inside(self.source.fetch(self.layer.descriptor))))
            yield self._file(size)
            return
        if self.type.compression == "none":
            descriptor = self.layer.descriptor
            stream = Stream(lambda start: self.source.fetch(descriptor, start), descriptor.size)
        else:
            stream = Stream(lambda _: self._inside(self.source.fetch(self.layer.descriptor)))
        yield from map(self._placed, TarReader(stream, self.title))

    def read(self) -> Iterator[tuple[Member, Iterator[Buffer]]]:
        """Every member with its content, which need not be taken. The layer is verified whole: take nothing as true before the end.

        Raises ContentCorrupt where its digest or its diffId is another, InvalidInput over a limit.
        """
        pieces = self._verified()
        if self.type.form == "raw":
            yield self._file(0), pieces
            for _ in pieces:
                pass
            return
        reader = TarReader(Stream(lambda _: pieces), self.title)
        for member in reader:
            yield self._placed(member), reader.content()

    def content(self, member: Member) -> Iterator[Buffer]:
        """The content of one of the :meth:`members`. Of the layer, no more is read than needs be."""
        if self.type.compression == "none":
            yield from self.source.fetch(self.layer.descriptor, member.start, member.size)
            return
        for other, content in self.read():
            if other.name == member.name:
                yield from content
                return

    def _verified(self) -> Iterator[Buffer]:
        """The content without compression; its source verifies the digest, and here it is compared with the diffId."""
        sha256 = hashlib.sha256()
        stored = self.source.fetch(self.layer.descriptor)
        diff_id = self.layer.diff_id or self.layer.descriptor.digest
        if self.type.compression == "none":
            if diff_id != self.layer.descriptor.digest:
                raise self._other()
            yield from stored
            return
        for piece in self._inside(stored):
            sha256.update(piece)
            yield piece
        if self.layer.diff_id and self.layer.diff_id != f"sha256:{sha256.hexdigest()}":
            raise self._other()

    def _inside(self, stored: Iterator[Buffer]) -> Iterator[Buffer]:
        return decompressed(stored, self.type.compression, self.layer.descriptor.size, self.title)

    def _placed(self, member: Member) -> Member:
        """A member by its path in the folder that is unpacked to: kit before 0.5 named them from the layer's own."""
        if not self.layer.folder:
            return member
        return replace(member, name=f"{self.layer.folder}/{member.name}")

    def _file(self, size: int) -> Member:
        """The one file of a raw layer. Its annotation tells the permissions, its path is the annotation's or the Kitfile's."""
        annotations = self.layer.descriptor.annotations
        try:
            mode = json.loads(annotations.get(FILE_METADATA, "{}")).get("mode", USUAL_FILE_MODE)
        except (ValueError, AttributeError, RecursionError):
            mode = USUAL_FILE_MODE
        return Member(self._path, "file", mode & 0o7777 if type(mode) is int and mode > 0 else USUAL_FILE_MODE, size)

    @property
    def _path(self) -> str:
        """Where a raw layer's file goes."""
        return clean(self.layer.descriptor.annotations.get(FILEPATH) or self.layer.path)

    def _other(self) -> ContentCorrupt:
        return ContentCorrupt(f"The {self.title} is not what its diffId says.", hint="Ask whoever packed it to pack it again.")
