"""A Kitfile: what is in a ModelKit, entry by entry. Values, their JSON (the config of a ModelKit), and the names its file may have.

The fields of each class stand in the order in which kit writes them. Empty text, empty lists and None are left out when written, but for
the few fields that kit always writes. Generations G1 to G3 of kit are read and written without loss; see the table in the KitOps format.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any, TypeAlias, cast, get_args, get_origin, get_type_hints

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.oci.gojson import INTEGER_MAX, INTEGER_MIN, encode, sorted_map

FILE_NAMES = ("Kitfile", "kitfile", ".kitfile")
"""Names that kit looks for, in this order. It writes the first."""

KITFILE_BYTES_MAX = 4 * 1024 * 1024
"""Size of a Kitfile, as YAML or JSON, in bytes: what registries take for a manifest, and 40,000 entries."""

MANIFEST_VERSION = "1.0.0"
"""The only version of the format there is."""

_ALWAYS = MappingProxyType({"always": True})
_ONLY_JSON = MappingProxyType({"only_json": True})


@dataclass(frozen=True)
class Package:
    """What the ModelKit is as a whole. ``license`` is meant as an SPDX expression."""

    name: str = ""
    version: str = ""
    description: str = ""
    license: str = ""
    authors: tuple[str, ...] = ()


@dataclass(frozen=True)
class ModelPart:
    """A file or folder that belongs to the model: a tokenizer, an adapter, a further set of weights. ``type`` is a word of the user's."""

    name: str = ""
    path: str = ""
    license: str = ""
    type: str = ""
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Model:
    """The model. ``path`` is a file or folder, or a reference to a ModelKit whose model is this one's (then it has no layer).

    ``parameters`` is any value of JSON, None where there are none.
    """

    name: str = ""
    path: str = ""
    license: str = ""
    framework: str = ""
    format: str = ""
    version: str = ""
    description: str = ""
    parts: tuple[ModelPart, ...] = ()
    parameters: object = None
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Code:
    """Source code, notebooks among it. An empty path is the whole folder."""

    path: str = ""
    description: str = ""
    license: str = ""
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Dataset:
    """Data. With a ``remote_path`` (``s3://…`` or a reference to a ModelKit) it is fetched on demand and has no layer.

    ``remote_hash`` is the ETag of an S3 object.
    """

    name: str = ""
    path: str = ""
    remote_path: str = ""
    remote_hash: str = ""
    description: str = ""
    license: str = ""
    parameters: object = None
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Docs:
    """Documentation. kit writes its path even where it is empty."""

    path: str = field(default="", metadata=_ALWAYS)
    description: str = ""
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Prompt:
    """A prompt, or the instructions of a coding agent."""

    name: str = ""
    path: str = ""
    description: str = ""
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class McpServer:
    """An MCP bundle: a ``.mcpb`` file that is stored as it is."""

    name: str = ""
    path: str = ""
    description: str = ""
    digest: str = field(default="", metadata=_ONLY_JSON)
    diff_id: str = field(default="", metadata=_ONLY_JSON)


@dataclass(frozen=True)
class Kitfile:
    """Everything that a Kitfile says."""

    manifest_version: str = field(default="", metadata=_ALWAYS)
    package: Package = Package()
    model: Model | None = None
    code: tuple[Code, ...] = ()
    datasets: tuple[Dataset, ...] = ()
    docs: tuple[Docs, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    mcp_servers: tuple[McpServer, ...] = ()

    def as_json(self) -> object:
        """The config's document, parsed."""
        return json.loads(to_json(self))


Entry: TypeAlias = Model | ModelPart | Code | Dataset | Docs | Prompt | McpServer
"""What may have a layer."""


def entries(kitfile: Kitfile) -> tuple[tuple[str, Entry], ...]:
    """All entries in the order of their layers, each with the name that messages call it by: ``model.parts[0]``, ``datasets[2]``."""
    found: list[tuple[str, Entry]] = []
    if kitfile.model:
        found += [("model", kitfile.model), *_numbered("model.parts", kitfile.model.parts)]
    found += [*_numbered("code", kitfile.code), *_numbered("datasets", kitfile.datasets), *_numbered("docs", kitfile.docs)]
    found += [*_numbered("prompts", kitfile.prompts), *_numbered("mcpServers", kitfile.mcp_servers)]
    return tuple(found)


def with_entries(kitfile: Kitfile, changed: Iterable[Entry]) -> Kitfile:
    """The Kitfile with these entries for its own: as many, of the same types, in the order of :func:`entries`.

    The parts of the model are entries of their own: those in a changed model do not count.
    """
    rest = iter(changed)

    def take(before: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(next(rest) for _ in before)

    model = kitfile.model
    if model:
        parts = model.parts
        model = replace(cast(Model, next(rest)), parts=take(parts))
    return replace(
        kitfile,
        model=model,
        code=take(kitfile.code),
        datasets=take(kitfile.datasets),
        docs=take(kitfile.docs),
        prompts=take(kitfile.prompts),
        mcp_servers=take(kitfile.mcp_servers),
    )


@dataclass(frozen=True)
class Member:
    """One field as the file has it: its ``key`` there, its ``attribute`` here.

    ``type`` is str, object (any value of JSON) or one of the classes above, and ``many`` says whether it is a list of those. ``always``
    is written even if it is empty; ``only_json`` is never in YAML.
    """

    key: str
    attribute: str
    type: type
    many: bool
    always: bool
    only_json: bool


@lru_cache
def members(entry: type) -> tuple[Member, ...]:
    """The fields of one of the classes above, in kit's order."""
    hints = get_type_hints(entry)
    return tuple(
        Member(
            key=_camel_case(each.name),
            attribute=each.name,
            type=get_args(hints[each.name])[0] if get_args(hints[each.name]) else hints[each.name],
            many=get_origin(hints[each.name]) is tuple,
            always="always" in each.metadata,
            only_json="only_json" in each.metadata,
        )
        for each in fields(entry)
    )


def to_json(kitfile: Kitfile) -> bytes:
    """The config of a ModelKit, byte for byte as kit writes it. Raises InvalidInput for parameters that JSON cannot hold."""
    return encode(_object(kitfile))


def from_json(document: bytes) -> Kitfile:
    """The Kitfile in the config of a ModelKit. Keys that no generation of kit knows are skipped. Raises ContentCorrupt."""
    if len(document) > KITFILE_BYTES_MAX:
        raise _corrupt(f"it has more than {KITFILE_BYTES_MAX} bytes")
    try:
        value = json.loads(document.decode(), parse_constant=_no_constant, parse_int=_integer, parse_float=_float)
        json.dumps(value, ensure_ascii=False).encode()  # Raises for escapes of lone surrogates, which no text of Go has.
        return cast(Kitfile, _entry(Kitfile, value, ""))
    except (ValueError, TypeError, RecursionError) as error:
        raise _corrupt(str(error)) from error


def find_kitfile(paths: Iterable[str]) -> str | None:
    """The Kitfile among the paths of a folder's files (relative, with ``/``), as kit looks for it; None where there is none."""
    present = set(paths)
    return next((name for name in FILE_NAMES if name in present), None)


def _numbered(name: str, sequence: tuple[Any, ...]) -> Iterator[tuple[str, Entry]]:
    return ((f"{name}[{number}]", entry) for number, entry in enumerate(sequence))


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _object(value: Any) -> dict[str, object]:
    written: dict[str, object] = {}
    for member in members(value.__class__):
        content = getattr(value, member.attribute)
        if member.many:
            content = [_object(each) if is_dataclass(each) else each for each in content]
        elif is_dataclass(content):
            content = _object(content)
        elif member.type is object and content is not None:
            content = sorted_map({"": content})[""]
        if member.always or not (content is None or (content in ("", []) and member.type is not object)):
            written[member.key] = content
    return written


def _entry(entry: type, value: object, place: str) -> object:
    """One of the classes from its JSON object. Raises TypeError, naming the place."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{place or 'it'} is no object")
    return entry(
        **{
            member.attribute: _member(member, value[member.key], f"{place}.{member.key}".lstrip("."))
            for member in members(entry)
            if value.get(member.key) is not None  # Go takes null for nothing, too.
        }
    )


def _member(member: Member, value: object, place: str) -> object:
    if not member.many:
        return _one(member.type, value, place)
    if not isinstance(value, list):
        raise TypeError(f"{place} is no array")
    return tuple(_one(member.type, each, f"{place}[{number}]") for number, each in enumerate(value))


def _one(kind: type, value: object, place: str) -> object:
    if kind is object:
        return value
    if kind is not str:
        return _entry(kind, value, place)
    if not isinstance(value, str):
        raise TypeError(f"{place} is no text")
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is no number of JSON")


def _integer(digits: str) -> float:
    """Go reads every number of an untyped value as a float; integers that it can write stay what they are here. -0 is no integer."""
    whole = len(digits) <= len(str(INTEGER_MIN)) and digits != "-0" and INTEGER_MIN <= int(digits) <= INTEGER_MAX
    return int(digits) if whole else _float(digits)


def _float(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits:.80} is no number that a float can hold")
    return number


def _corrupt(reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"The config of a ModelKit is no Kitfile: {reason}.", hint="Whoever packed it has to pack it again.")
