"""The media types of ModelKits and ModelPacks, and what they say of a layer (kitops.md 1.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

LayerKind = Literal["model", "modelpart", "code", "dataset", "docs", "prompt", "mcpserver"]
Form = Literal["tar", "raw"]
Compression = Literal["none", "gzip", "zstd"]

KIT_MANIFEST = "application/vnd.kitops.modelkit.manifest.v1+json"
"""The artifact type of a ModelKit; kit before 1.10 writes none."""

KIT_CONFIG = "application/vnd.kitops.modelkit.config.v1+json"
CNCF_MANIFEST = "application/vnd.cncf.model.manifest.v1+json"
CNCF_CONFIG = "application/vnd.cncf.model.config.v1+json"

CLI_VERSION = "ml.kitops.modelkit.cli-version"
"""Annotation of manifests: the version of kit that packed, without a “v”."""

KITFILE = "ml.kitops.modelkit.kitfile"
"""Annotation of ModelPack manifests: the Kitfile as JSON."""

SUBTYPE = "ml.kitops.modelkit.layer-subtype"
"""Annotation of code layers that hold prompts."""

SUBTYPE_PROMPT = "prompt"

FILEPATH = "org.cncf.model.filepath"
"""Annotation of layers: the clean path of what they hold."""

FILE_METADATA = "org.cncf.model.file.metadata+json"
"""Annotation of raw layers: name, mode, size and times of the file, as JSON."""

_KIT_WORDS: dict[LayerKind, str] = {
    "model": "model",
    "modelpart": "modelpart",
    "code": "code",
    "dataset": "dataset",
    "docs": "docs",
    "prompt": "code",
    "mcpserver": "mcpb",
}
_CNCF_WORDS: dict[LayerKind, str] = {
    "model": "weight",
    "modelpart": "weight.config",
    "code": "code",
    "dataset": "dataset",
    "docs": "doc",
    "prompt": "code",
}
_SUFFIXES: dict[Compression, str] = {"none": "", "gzip": "+gzip", "zstd": "+zstd"}

_KIT = re.compile(r"application/vnd\.kitops\.modelkit\.(\w+)\.v1\.(tar|raw)(?:\+(gzip|zstd))?")
_CNCF = re.compile(r"application/vnd\.cncf\.model\.(\w+(?:\.config)?)\.v1\.(tar|raw)(?:\+(gzip|zstd))?")


@dataclass(frozen=True)
class LayerType:
    """What a layer's media type says: what it holds, as an archive or a bare file, and how it is compressed."""

    kind: LayerKind
    form: Form = "tar"
    compression: Compression = "none"


def media_type(layer: LayerType, *, modelpack: bool = False) -> str:
    """The media type of a layer of a ModelKit, or of a ModelPack."""
    ending = layer.form + _SUFFIXES[layer.compression]
    if modelpack:
        return f"application/vnd.cncf.model.{_CNCF_WORDS[layer.kind]}.v1.{ending}"
    return f"application/vnd.kitops.modelkit.{_KIT_WORDS[layer.kind]}.v1.{ending}"


def layer_type(text: str, annotations: Mapping[str, str]) -> LayerType | None:
    """What a media type of either family says; None for every other."""
    for pattern, words in ((_KIT, _KIT_WORDS), (_CNCF, _CNCF_WORDS)):
        match = pattern.fullmatch(text)
        kind = next((kind for kind, word in words.items() if match and word == match[1]), None)
        if match and kind:
            if kind == "code" and annotations.get(SUBTYPE) == SUBTYPE_PROMPT:
                kind = "prompt"
            return LayerType(kind, cast(Form, match[2]), cast(Compression, match[3] or "none"))
    return None
