"""A ModelKit or ModelPack as it is read from any place: manifest, Kitfile, and which layer is which entry's (kitops.md 1.1 to 1.6c).

Tolerant of every generation of kit and of other tools: no media types in the body, ``layers: null``, entries without digests (kit before
0.5), ModelPacks without a Kitfile. Layers of unknown types are told, and skipped by whoever unpacks.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from jupyter_kit.errors import ContentCorrupt, InvalidInput, UnsupportedFormat
from jupyter_kit.modelkit.kitfile import (
    KITFILE_BYTES_MAX,
    Code,
    Dataset,
    Docs,
    Entry,
    Kitfile,
    Model,
    ModelPart,
    Prompt,
    entries,
    from_json,
)
from jupyter_kit.modelkit.layer_types import (
    CLI_VERSION,
    CNCF_CONFIG,
    CNCF_MANIFEST,
    FILEPATH,
    KIT_CONFIG,
    KIT_MANIFEST,
    KITFILE,
    LayerKind,
    LayerType,
    layer_type,
)
from jupyter_kit.modelkit.layers import clean, is_reference, kind_of
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, decode
from jupyter_kit.oci.target import Source

LAYERS_MAX = 10_000
"""Layers of one ModelKit: a manifest of 4 MiB holds about as many."""

CREATED = "org.opencontainers.image.created"
"""Annotation of manifests: when it was packed (image-spec, annotations.md). kit writes it from mid-2026."""


@dataclass(frozen=True)
class ModelKitLayer:
    """One layer. ``type`` is None where the media type is not one of ours. ``name`` is its entry's in the Kitfile, ``layers[2]`` for none.

    ``path`` is the entry's path as the Kitfile has it, or the annotation's. ``diff_id`` is empty where nothing tells it. ``folder`` is
    where names in the archive begin: empty, but for kit before 0.5.
    """

    descriptor: Descriptor
    type: LayerType | None
    name: str
    path: str
    entry: Entry | None = None
    diff_id: str = ""
    folder: str = ""


@dataclass(frozen=True)
class ModelKit:
    """What a manifest and its config say. ``name`` is the reference it was asked for; ``created`` (RFC 3339) is known of few.

    ``written`` is False where the Kitfile was made up from the layers, because there is none.
    """

    name: str
    descriptor: Descriptor
    manifest: Manifest
    format: Literal["modelkit", "modelpack"]
    kitfile: Kitfile
    layers: tuple[ModelKitLayer, ...]
    written: bool = True
    created: str | None = None

    @property
    def cli_version(self) -> str:
        """The version of kit that packed it, as far as it says."""
        return self.manifest.annotations.get(CLI_VERSION, "unknown")

    @property
    def size(self) -> int:
        """Bytes of config and layers, as stored."""
        return sum(child.size for child in self.manifest.children)

    @property
    def parent(self) -> str | None:
        """The reference to the ModelKit whose model this one has, if it has another's."""
        model = self.kitfile.model
        return model.path if model and is_reference(model.path) else None


def read_modelkit(source: Source, name: str) -> ModelKit:
    """The ModelKit that a tag or digest names.

    Raises NotFound, InvalidInput and ContentCorrupt for what is malformed, UnsupportedFormat for what is no ModelKit.
    """
    descriptor = source.resolve(name)
    shown = f"{source.name}:{name}" if ":" not in name else f"{source.name}@{name}"
    manifest = decode(_whole(source, descriptor, MANIFEST_BYTES_MAX, f"The manifest of {shown}"), shown)
    if not isinstance(manifest, Manifest):
        raise UnsupportedFormat(f"{shown} is a list of several manifests.", hint="Name one of them by its digest.")
    types = {manifest.artifact_type, manifest.config.media_type}
    if not types & {KIT_MANIFEST, KIT_CONFIG, CNCF_MANIFEST, CNCF_CONFIG}:
        raise UnsupportedFormat(
            f"{shown} is no ModelKit, but {manifest.artifact_type or manifest.config.media_type}.", hint="Name another."
        )
    if len(manifest.layers) > LAYERS_MAX:
        raise InvalidInput(f"{shown} has more than {LAYERS_MAX:,} layers.", hint="Do not trust where it comes from.")
    config = _whole(source, manifest.config, KITFILE_BYTES_MAX, f"The config of {shown}")
    is_kit = manifest.config.media_type == KIT_CONFIG
    annotation = manifest.annotations.get(KITFILE, "").encode("utf-8", "surrogatepass")
    written = is_kit or bool(annotation)
    kitfile = from_json(config if is_kit else annotation) if written else _made_up(manifest, shown)
    return ModelKit(
        name=name,
        descriptor=descriptor,
        manifest=manifest,
        format="modelkit" if is_kit else "modelpack",
        kitfile=kitfile,
        layers=_paired(manifest, kitfile, shown) if written else tuple(_bare(manifest)),
        written=written,
        created=manifest.annotations.get(CREATED) or (None if is_kit else _created_in(config)),
    )


def _whole(source: Source, descriptor: Descriptor, limit: int, what: str) -> bytes:
    """A small blob. Its size is looked at before anything is fetched."""
    if descriptor.size > limit:
        raise InvalidInput(f"{what} has {descriptor.size} bytes, more than {limit >> 20} MiB.", hint="Do not trust where it comes from.")
    return b"".join(map(bytes, source.fetch(descriptor)))


def _paired(manifest: Manifest, kitfile: Kitfile, shown: str) -> tuple[ModelKitLayer, ...]:
    """Layers with their entries: by digest, and those of entries without digests by their position among their kind."""
    by_digest: dict[str, list[tuple[str, Entry]]] = {}
    by_position: dict[LayerKind, list[tuple[str, Entry]]] = {}
    for name, entry in entries(kitfile):
        if entry.digest:
            by_digest.setdefault(entry.digest, []).append((name, entry))
        elif not (isinstance(entry, Dataset) and entry.remote_path) and not (isinstance(entry, Model) and is_reference(entry.path)):
            by_position.setdefault(kind_of(entry), []).append((name, entry))
    found = []
    for number, descriptor in enumerate(manifest.layers):
        kind = layer_type(descriptor.media_type, descriptor.annotations)
        matching = (by_digest.get(descriptor.digest) or by_position.get(kind.kind)) if kind else None
        if kind is None or not matching:
            found.append(_without_entry(number, descriptor, kind))
            continue
        name, entry = matching.pop(next((place for place, (_, entry) in enumerate(matching) if kind_of(entry) == kind.kind), 0))
        folder = "" if entry.digest or kind.form == "raw" else clean(entry.path).rpartition("/")[0]
        found.append(ModelKitLayer(descriptor, kind, name, entry.path, entry, entry.diff_id, folder))
    left = [name for unmet in by_digest.values() for name, _ in unmet]
    if left:
        raise ContentCorrupt(f"{shown} lacks the layer of {left[0]}.", hint="Ask whoever packed it to pack it again.")
    return tuple(found)


def _bare(manifest: Manifest) -> Iterator[ModelKitLayer]:
    """Layers of which no Kitfile tells."""
    for number, descriptor in enumerate(manifest.layers):
        yield _without_entry(number, descriptor, layer_type(descriptor.media_type, descriptor.annotations))


def _without_entry(number: int, descriptor: Descriptor, kind: LayerType | None) -> ModelKitLayer:
    return ModelKitLayer(descriptor, kind, f"layers[{number}]", descriptor.annotations.get(FILEPATH, ""))


def _made_up(manifest: Manifest, shown: str) -> Kitfile:
    """A Kitfile of the paths that the layers of a ModelPack tell."""
    paths: defaultdict[LayerKind, list[str]] = defaultdict(list)
    for number, descriptor in enumerate(manifest.layers, 1):
        kind = layer_type(descriptor.media_type, descriptor.annotations)
        path = descriptor.annotations.get(FILEPATH)
        if kind and not path:
            raise UnsupportedFormat(
                f"{shown} has no Kitfile, and its layer {number} does not say what it is.", hint="Ask whoever packed it for a Kitfile."
            )
        if kind and path:
            paths[kind.kind].append(path)
    weights = paths["model"]
    parts = tuple(ModelPart(path=path) for path in (*weights[1:], *paths["modelpart"]))
    return Kitfile(
        "1.0.0",
        model=Model(path=weights[0] if weights else "", parts=parts) if weights or parts else None,
        code=tuple(Code(path=path) for path in paths["code"]),
        datasets=tuple(Dataset(path=path) for path in paths["dataset"]),
        docs=tuple(Docs(path=path) for path in paths["docs"]),
        prompts=tuple(Prompt(path=path) for path in paths["prompt"]),
    )


def _created_in(config: bytes) -> str | None:
    """When a ModelPack says that it was made. Its config tells nothing else that we need, so a damaged one is no error."""
    try:
        created = json.loads(config)["descriptor"]["createdAt"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return created if isinstance(created, str) else None
