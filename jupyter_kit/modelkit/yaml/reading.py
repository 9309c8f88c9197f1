"""Reading a Kitfile as kit does: go-yaml v3 with known fields only, strictly where kit would lose something in silence.

Text fields keep their source (``version: 1.0`` is “1.0”); parameters are typed. Merge keys and aliases are followed, within the limits of
``nodes``. Stricter than kit: tags other than YAML's own, empty list entries, numbers and keys that JSON cannot hold are refused here.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple, cast

from jupyter_kit.modelkit.kitfile import Kitfile, Member, members
from jupyter_kit.modelkit.problems import Problem, refusal, shown
from jupyter_kit.modelkit.yaml import nodes
from jupyter_kit.modelkit.yaml.nodes import DEPTH_MAX, NODES_MAX, Mapping, Node, Scalar, Unreadable
from jupyter_kit.modelkit.yaml.scalars import MERGE, is_text, resolve

_FORMS = {Scalar: "a single value", nodes.Sequence: "a list", Mapping: "a mapping"}
_OWN_TAGS: dict[type, str] = {nodes.Sequence: "!!seq", Mapping: "!!map"}


class Read(NamedTuple):
    """What a document says. ``problems`` are what could not be read; the Kitfile is without that, and None where nothing could be.

    ``lines`` are those of entries, by their name.
    """

    kitfile: Kitfile | None
    problems: tuple[Problem, ...]
    lines: dict[str, int]


def read_yaml(document: bytes, origin: str = "Kitfile") -> Kitfile:
    """The Kitfile in a document. ``origin`` names the file in messages.

    Raises InvalidInput (invalid-kitfile) with every problem, each with its line and entry. Paths and the like are not looked at; see
    ``validation``.
    """
    read = parse_yaml(document)
    if read.problems:
        raise refusal(read.problems, origin)
    return cast(Kitfile, read.kitfile)


def parse_yaml(document: bytes) -> Read:
    """As :func:`read_yaml`, with problems as values."""
    reader = _Reader()
    kitfile = None
    try:
        root = nodes.compose(document)
        kitfile = cast("Kitfile | None", reader.entry(Kitfile, root, "", 0))
    except Unreadable as error:
        reader.problems.append(Problem(error.line, "", error.reason))
    return Read(kitfile, tuple(reader.problems), reader.lines)


class _Reader:
    """Turns nodes into values, gathering what is wrong with them."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int] = {}
        self._visited = 0

    def entry(self, kind: type, node: Node, place: str, depth: int) -> object:
        """One of the Kitfile's classes, without what cannot be read of it; None where that is all."""
        self._visit(node, depth)
        self.lines[place] = node.line
        if not isinstance(node, Mapping):
            return self._problem(node, place, "is no mapping of fields")
        known = {member.key: member for member in members(kind) if not member.only_json}
        values = {}
        for key, (line, value) in self._pairs(node, place, depth).items():
            if key not in known:
                self.problems.append(Problem(line, _inside(place, key), f"is no field; there are {', '.join(known)}"))
            elif not _is_null(value):
                values[known[key].attribute] = self._member(known[key], value, _inside(place, key), depth + 1)
        return kind(**{name: value for name, value in values.items() if value is not None})

    def _member(self, member: Member, node: Node, place: str, depth: int) -> object:
        if not member.many:
            return self._one(member.type, node, place, depth)
        self._visit(node, depth)
        if not isinstance(node, nodes.Sequence):
            return self._problem(node, place, "is no list")
        self._check_tag(node, place)
        elements = [self._element(member.type, each, f"{place}[{number}]", depth + 1) for number, each in enumerate(node.elements)]
        # An element that cannot be read leaves an empty one behind, so that those after it keep their numbers.
        return tuple(member.type() if element is None and self.problems else element for element in elements)

    def _element(self, kind: type, node: Node, place: str, depth: int) -> object:
        return self._problem(node, place, "is empty") if _is_null(node) else self._one(kind, node, place, depth)

    def _one(self, kind: type, node: Node, place: str, depth: int) -> object:
        if kind is object:
            return self._value(node, place, depth)
        if kind is not str:
            return self.entry(kind, node, place, depth)
        self._visit(node, depth)
        if not isinstance(node, Scalar):
            return self._problem(node, place, f"is {_FORMS[type(node)]}, where text belongs")
        value = self._scalar(node, place)
        return value if node.tag == "!!binary" else node.text

    def _value(self, node: Node, place: str, depth: int) -> object:
        """Any value of JSON."""
        self._visit(node, depth)
        if isinstance(node, nodes.Sequence):
            self._check_tag(node, place)
            return [self._value(each, f"{place}[{number}]", depth + 1) for number, each in enumerate(node.elements)]
        if isinstance(node, Mapping):
            pairs = self._pairs(node, place, depth)
            return {key: self._value(value, _inside(place, key), depth + 1) for key, (_, value) in pairs.items()}
        value = self._scalar(node, place)
        if isinstance(value, float) and not math.isfinite(value):
            return self._problem(node, place, f"is {shown(node.text)}, a number that JSON cannot hold")
        return value

    def _scalar(self, node: Scalar, place: str) -> object:
        try:
            return resolve(node.text, node.tag, plain=node.plain)
        except ValueError as error:
            return self._problem(node, place, str(error))

    def _pairs(self, mapping: Mapping, place: str, depth: int) -> dict[str, tuple[int, Node]]:
        """Keys with their lines and values. What stands in the mapping itself comes before what it merges, and that before the rest."""
        self._check_tag(mapping, place)
        pairs: dict[str, tuple[int, Node]] = {}
        merged: list[Node] = []
        for key, value in mapping.pairs:
            if isinstance(key, Scalar) and key.text == MERGE and (key.tag or key.plain) and key.tag in ("", "!!merge"):
                if merged:
                    self._problem(key, place, "has two merge keys <<")
                merged.append(value)
                continue
            name = self._key(key, place)
            if name in pairs:
                self._problem(key, _inside(place, name), f"is there already, in line {pairs[name][0]}")
            elif name is not None:
                pairs[name] = (key.line, value)
        for value in merged:
            for source in self._merged(value, place):
                self._visit(source, depth + 1)
                for name, pair in self._pairs(source, place, depth + 1).items():
                    pairs.setdefault(name, pair)
        return pairs

    def _merged(self, node: Node, place: str) -> Iterator[Mapping]:
        elements: Sequence[Node] = node.elements if isinstance(node, nodes.Sequence) else (node,)
        for element in elements:
            if isinstance(element, Mapping):
                yield element
            else:
                self._problem(element, place, "merges (<<) what is no mapping")

    def _key(self, node: Node, place: str) -> str | None:
        if isinstance(node, Scalar) and is_text(node.text, node.tag, plain=node.plain):
            return node.text
        told = shown(node.text) if isinstance(node, Scalar) else _FORMS[type(node)]
        self._problem(node, place, f"has the key {told}, which is no text; put it in quotes")
        return None

    def _check_tag(self, node: nodes.Sequence | Mapping, place: str) -> None:
        if node.tag not in ("", _OWN_TAGS[type(node)]):
            self._problem(node, place, f"has the tag {shown(node.tag)}, which means nothing in a Kitfile")

    def _problem(self, node: Node, place: str, reason: str) -> object:
        """Takes note, and is the value that stands for what cannot be read."""
        self.problems.append(Problem(node.line, place, reason))
        return None

    def _visit(self, node: Node, depth: int) -> None:
        """Counts a node each time that it is come by. Raises Unreadable past the limits: aliases can make few lines into very many."""
        self._visited += 1
        if self._visited > NODES_MAX:
            raise Unreadable(node.line, f"has more than {NODES_MAX} values, its aliases followed")
        if depth > DEPTH_MAX:
            raise Unreadable(node.line, f"is nested more than {DEPTH_MAX} deep, its aliases followed")


def _is_null(node: Node) -> bool:
    return isinstance(node, Scalar) and node.tag in ("", "!!null") and node.plain and resolve(node.text) is None


def _inside(place: str, key: str) -> str:
    return f"{place}.{shown(key)}".lstrip(".")
