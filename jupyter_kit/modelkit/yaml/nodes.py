"""YAML as a graph of nodes with their lines, within limits: nothing is constructed, so no tag can run code.

Only the first document is read, as kit does. An alias is its anchor's own node, so a node may be reached by many ways; whoever follows
them counts.
"""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any, NamedTuple, TypeAlias

import yaml

from jupyter_kit.modelkit.kitfile import KITFILE_BYTES_MAX

DEPTH_MAX = 100
"""Nested lists and mappings. Real Kitfiles have fewer than ten."""

NODES_MAX = 100_000
"""Scalars, lists and mappings, counted each time that an alias repeats them: 10,000 entries, and seconds to read."""

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""PyYAML's parser: LibYAML where it is there, ten times faster, otherwise Python.

What both read, they read alike. Python's refuses tabs and byte order marks between tokens, which LibYAML and kit take.
"""

_LONG_TAG = "tag:yaml.org,2002:"

# What the readers of LibYAML and of Go refuse (YAML 1.1, production 1, c-printable).
_NOT_PRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_SURROGATE = re.compile("[\ud800-\udfff]")


class Unreadable(ValueError):
    """The text is no YAML within limits. ``line`` is where, 1 for the first."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Scalar(NamedTuple):
    """A scalar. ``tag`` is its explicit tag with ``!!`` for YAML's own, empty where it has none; ``plain`` is without quotes."""

    line: int
    tag: str
    text: str
    plain: bool


class Sequence(NamedTuple):
    """A list."""

    line: int
    tag: str
    elements: tuple[Node, ...]


class Mapping(NamedTuple):
    """A mapping, with whatever keys stand there, in their order."""

    line: int
    tag: str
    pairs: tuple[tuple[Node, Node], ...]


Node: TypeAlias = Scalar | Sequence | Mapping


def compose(document: bytes) -> Node:
    """The root of the first document. Raises Unreadable."""
    if len(document) > KITFILE_BYTES_MAX:
        raise Unreadable(0, f"is larger than {KITFILE_BYTES_MAX // 1024**2} MiB")
    try:
        text = document.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Unreadable(document.count(b"\n", 0, error.start) + 1, "is not UTF-8 text") from error
    if odd := _NOT_PRINTABLE.search(text):
        raise Unreadable(text.count("\n", 0, odd.start()) + 1, f"has the control character U+{ord(odd[0]):04X}")
    try:
        events: Any = yaml.parse(text, Loader=LOADER)
        with closing(events):
            return _Composer(events).document()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or getattr(error, "context", None)
        raise Unreadable(mark.line + 1 if mark else 0, f"is not YAML: {problem}") from error


class _Composer:
    """Turns the events of one document into nodes."""

    def __init__(self, events: Any) -> None:
        self._events = events
        self._anchors: dict[str, Node | None] = {}
        self._nodes = 0

    def document(self) -> Node:
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                return self._node(next(self._events), 0)
        raise Unreadable(0, "is empty")

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line)
        self._nodes += 1
        if self._nodes > NODES_MAX:
            raise Unreadable(line, f"has more than {NODES_MAX} values")
        if depth > DEPTH_MAX:
            raise Unreadable(line, f"is nested more than {DEPTH_MAX} deep")
        if event.anchor is not None:
            self._anchors[event.anchor] = None  # Known, and not yet whole.
        node = self._whole(event, line, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _whole(self, event: Any, line: int, depth: int) -> Node:
        tag = "" if event.tag in (None, "!") else event.tag
        tag = f"!!{tag.removeprefix(_LONG_TAG)}" if tag.startswith(_LONG_TAG) else tag
        if isinstance(event, yaml.ScalarEvent):
            if _SURROGATE.search(event.value):  # Python's parser takes escapes of them, LibYAML and Go do not.
                raise Unreadable(line, "is not YAML: it escapes what is no character")
            return Scalar(line, tag, event.value, not event.style)
        children = []
        while not isinstance(child := next(self._events), yaml.CollectionEndEvent):
            children.append(self._node(child, depth + 1))
        if isinstance(event, yaml.SequenceStartEvent):
            return Sequence(line, tag, tuple(children))
        return Mapping(line, tag, tuple(zip(children[::2], children[1::2], strict=True)))

    def _alias(self, anchor: str, line: int) -> Node:
        if anchor not in self._anchors:
            raise Unreadable(line, f"has an alias *{anchor:.40} of nothing above")
        node = self._anchors[anchor]
        if node is None:
            raise Unreadable(line, f"has an alias *{anchor:.40} inside of what it stands for")
        return node
