"""The JSON schema of every reply, made from the dataclasses that replies are.

``python -m jupyter_kit.frontends.server.schema`` writes ``replies.schema.json`` anew; a test says when that is needed, and the types of the
lab extension are made from it.
"""

from __future__ import annotations

import importlib
import inspect
import json
import pkgutil
import sys
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

import jupyter_kit
from jupyter_kit.compare.changes import Change, Changes, Diff, Status
from jupyter_kit.frontends import verbs
from jupyter_kit.frontends.render.json import ADDED, NAMES, TYPES
from jupyter_kit.frontends.server.answers import (
    AutoReply,
    ErrorReply,
    HtmlReply,
    IgnoredReply,
    Job,
    JobEvent,
    JobReply,
    JobsReply,
    Looking,
    NotebookDiffReply,
    WorkspaceEvent,
    WorkspaceReply,
)
from jupyter_kit.frontends.server.groups import Sum
from jupyter_kit.frontends.server.ways import ROUTED
from jupyter_kit.modelkit.kitfile import Kitfile, members
from jupyter_kit.oci.manifest import Manifest

FILE = Path(__file__).with_name("replies.schema.json")

OTHERS: dict[str, type] = {
    "auto": AutoReply,
    "error": ErrorReply,
    "html": HtmlReply,
    "ignored": IgnoredReply,
    "job": Job,
    "job-begun": JobReply,
    "job-event": JobEvent,
    "jobs": JobsReply,
    "looking-event": Looking,
    "notebook-diff": NotebookDiffReply,
    "workspace": WorkspaceReply,
    "workspace-event": WorkspaceEvent,
}
"""What is no verb's document."""

LENGTHS = {"type": "object", "additionalProperties": {"type": "integer"}, "description": "Of lists that are shown in part: all entries."}

ANSWER = {"type": "string", "description": "Names the answer, for further questions about lists that are shown in part."}

GROUPED = (Status, Diff)
"""Replies with changes, which may be asked for by what the files are."""

SIMPLE = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}

Schema = dict[str, Any]


class Definitions:
    """Types, each described once under its name."""

    def __init__(self) -> None:
        self.found: dict[str, Schema] = {}
        self._names = {
            name: kind
            for module in [module for name, module in sys.modules.items() if name.startswith("jupyter_kit.")]
            for name, kind in vars(module).items()
            if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__
        }

    def of_verb(self, verb: str) -> Schema:
        """What a verb answers, by what its function says."""
        table: dict[str, Callable[..., object]] = {**verbs.WITHOUT_WORKSPACE, **verbs.IN_WORKSPACE}
        answers = [self._names[name.strip()] for name in table[verb].__annotations__["return"].split("|")]
        return self._any([self.of(answer, whole=True) for answer in answers])

    def of(self, kind: Any, *, whole: bool = False) -> Schema:
        """The schema of a type; ``whole`` where it stands for a reply and not for a part of one."""
        if kind in SIMPLE:
            return {"type": SIMPLE[kind]}
        if kind is Changes:
            return {"type": "array", "items": self.of(Change)}
        if get_origin(kind) in (Union, types.UnionType):
            return self._any([self.of(one) for one in get_args(kind)])
        if get_origin(kind) is Literal:
            return {"enum": list(get_args(kind))}
        if get_origin(kind) in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(get_args(kind)[1])}
        if get_origin(kind) is tuple and get_args(kind)[1:] != (...,):
            parts = [self.of(one) for one in get_args(kind)]
            return {"type": "array", "items": parts, "minItems": len(parts), "maxItems": len(parts)}
        if get_origin(kind) in (tuple, list):
            return {"type": "array", "items": self.of(get_args(kind)[0])}
        if is_dataclass(kind) and isinstance(kind, type):
            return self._named(kind, whole=whole)
        return {}  # Whatever JSON can say: one field of a Kitfile, or the result of a job.

    def _named(self, kind: type, *, whole: bool) -> Schema:
        name = kind.__name__
        if name not in self.found:
            self.found[name] = {}  # A type may be a part of itself.
            self.found[name] = self._document(kind) if _is_document(kind) else self._properties(kind)
        if whole and not _is_document(kind):
            properties = self.found[name]["properties"]
            properties.setdefault("lengths", LENGTHS)
            properties.setdefault("answer", ANSWER)
            if kind in GROUPED:
                groups = {"type": "object", "additionalProperties": self.of(Sum), "description": "All changes, by what the files are."}
                properties.setdefault("groups", groups)
        return {"$ref": f"#/definitions/{name}"}

    def _properties(self, kind: type) -> Schema:
        names = {**self._names, **vars(sys.modules[kind.__module__])}
        hints = get_type_hints(kind, names)
        bound = dict(zip(*_generics(kind, names), strict=True))
        of_parts = {field.name: self._bound(hints[field.name], bound) for field in fields(kind)}
        for name in ADDED.get(kind.__name__, ()):
            of_parts[name] = get_type_hints(getattr(kind, name).fget, names)["return"]
        properties = {NAMES.get(name, name): self.of(part) for name, part in of_parts.items()}
        if kind in TYPES:
            properties = {"type": {"const": TYPES[kind]}, **properties}
        return _object(kind, properties, list(properties))

    def _document(self, kind: type) -> Schema:
        """Of a document that OCI or kit have names for, in which what is empty is left out."""
        if kind.__module__ == Kitfile.__module__:
            parts = {member.key: (self.of(member.type), member) for member in members(kind)}
            properties = {key: {"type": "array", "items": part} if member.many else part for key, (part, member) in parts.items()}
            return _object(kind, properties, [key for key, (_, member) in parts.items() if member.always])
        hints = get_type_hints(kind, vars(sys.modules[kind.__module__]))
        properties = {_camel_case(field.name): self.of(_given(hints[field.name])) for field in fields(kind)}
        required = [_camel_case(each.name) for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING]
        if kind is Manifest:
            properties = {"schemaVersion": {"const": 2}, **properties, "layers": self._any([properties["layers"], {"type": "null"}])}
            required = ["schemaVersion", *required]
        return _object(kind, properties, required)

    def _bound(self, hint: Any, bound: dict[Any, Any]) -> Any:
        """A type with what its variables stand for."""
        if get_origin(hint) is tuple and get_args(hint)[0] in bound:
            return types.GenericAlias(tuple, (bound[get_args(hint)[0]], *get_args(hint)[1:]))
        return hint

    @staticmethod
    def _any(schemas: list[Schema]) -> Schema:
        return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _object(kind: type, properties: Schema, required: list[str]) -> Schema:
    told = " ".join((inspect.getdoc(kind) or "").partition("\n\n")[0].split()).replace("``", "`")
    return {"type": "object", "description": told, "properties": properties, "required": required, "additionalProperties": False}


def _is_document(kind: type) -> bool:
    return hasattr(kind, "as_json") or kind.__module__ == Kitfile.__module__


def _given(kind: Any) -> Any:
    """A type without None."""
    return next(one for one in get_args(kind) if one is not type(None)) if get_origin(kind) is types.UnionType else kind


def _camel_case(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def _generics(kind: type, names: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """The type variables of a listing, and what stands for each."""
    for base in getattr(kind, "__orig_bases__", ()):
        given = [getattr(one, "__forward_arg__", one) for one in get_args(base)]
        variables = list(getattr(get_origin(base), "__parameters__", ()))
        if variables and not any(isinstance(one, TypeVar) for one in given):
            return variables, [names[one] if isinstance(one, str) else one for one in given]
    return [], []


def schema() -> Schema:
    """One property for each verb and each other reply, by name, so that every type can be reached."""
    for module in pkgutil.walk_packages(jupyter_kit.__path__, "jupyter_kit."):  # Types are named where they are not imported.
        if not module.name.startswith(("jupyter_kit.frontends", "jupyter_kit.__main__")):
            importlib.import_module(module.name)
    definitions = Definitions()
    properties = {verb: definitions.of_verb(verb) for verb in ROUTED}
    properties |= {name: definitions.of(kind) for name, kind in OTHERS.items() if name not in properties}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "$id": "https://schema.jupyter-kit.dev/replies/v1",
        "title": "Replies",
        "description": "What each route of jupyter_kit/api answers. Made by jupyter_kit.frontends.server.schema.",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
        "definitions": dict(sorted(definitions.found.items())),
    }


def text() -> str:
    """The file, whole."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(text(), "utf-8")
