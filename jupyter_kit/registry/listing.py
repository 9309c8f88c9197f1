"""Lists of manifests in a layout folder: ``index.json``, and kit's files of the same form (image-spec, image-layout.md, “index.json File”).

Others write them, too, and with fields that we do not know: those are written back as they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass

from jupyter_kit.errors import InvalidInput, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_fields, parse_descriptor
from jupyter_kit.oci.gojson import encode
from jupyter_kit.registry.folder import Folder

REF_NAME = "org.opencontainers.image.ref.name"
"""The annotation that holds a tag (image-spec, annotations.md)."""

LISTING_BYTES_MAX = 32 << 20
"""Bytes of a list: some 100,000 manifests with tags, ten snapshots a day for 27 years."""


@dataclass(frozen=True)
class Entry:
    """One manifest in a list. ``fields`` is all that its entry says."""

    descriptor: Descriptor
    fields: dict[str, object]

    @property
    def tag(self) -> str | None:
        """Its name, if it has one."""
        return self.descriptor.annotations.get(REF_NAME)

    def tagged(self, tag: str | None) -> Entry:
        """The same with another name or none."""
        annotations = {key: text for key, text in self.descriptor.annotations.items() if key != REF_NAME}
        if tag is not None:
            annotations[REF_NAME] = tag
        fields = {key: value for key, value in self.fields.items() if key != "annotations"}
        if annotations:
            fields["annotations"] = dict(sorted(annotations.items()))
        return _entry(fields, "The entry")


def entry_of(descriptor: Descriptor) -> Entry:
    """A plain entry: what the annotations of ``descriptor`` say belongs to where it was found."""
    plain = Descriptor(descriptor.media_type, descriptor.digest, descriptor.size)
    return Entry(plain, descriptor_fields(plain))


class Listing:
    """A file in a layout folder that lists manifests. ``head`` are the fields before the list in a new one."""

    def __init__(self, folder: Folder, document: str, head: dict[str, object]) -> None:
        self._folder = folder
        self._document = document
        self._head = head

    def read(self) -> list[Entry] | None:
        """Its entries, None where there is no file. Raises InvalidInput, UnsupportedFormat."""
        found = self._parsed()
        return None if found is None else found[1]

    def write(self, entries: Iterable[Entry]) -> None:
        """Replace the entries. Only while the folder is locked."""
        found = self._parsed()
        fields = {**(self._head if found is None else found[0]), "manifests": [entry.fields for entry in entries]}
        data = encode(fields)
        if len(data) > LISTING_BYTES_MAX:
            raise InvalidInput(f"{self._folder.name} lists too many manifests.", hint="Remove some, or begin another layout.")
        self._folder.write(self._document, data)

    def _parsed(self) -> tuple[dict[str, object], list[Entry]] | None:
        name = f"{self._document} in {self._folder.name}"
        fields = parsed(self._folder.read(self._document, LISTING_BYTES_MAX), name)
        if fields is None:
            return None
        if fields.get("schemaVersion") != 2:
            raise UnsupportedFormat(f"{name} is not an OCI index.", hint="It needs schemaVersion 2.")
        manifests = fields.get("manifests") or []
        if not isinstance(manifests, list):
            raise InvalidInput(f"{name} lists no manifests.", hint="Correct the file, or name another folder.")
        return fields, [_entry(value, f"Manifest {number} of {name}") for number, value in enumerate(manifests, 1)]


def parsed(data: bytes | None, name: str) -> dict[str, object] | None:
    """A JSON object. Raises InvalidInput where it is none; None stays None."""
    if data is None:
        return None
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"{name} is not JSON.", hint="Restore it, or push again into a new folder.") from error
    if not isinstance(document, dict):
        raise InvalidInput(f"{name} is not a JSON object.", hint="Restore it, or push again into a new folder.")
    return document


def _entry(value: object, where: str) -> Entry:
    descriptor = parse_descriptor(value, where)
    assert isinstance(value, dict)
    return Entry(descriptor, value)
