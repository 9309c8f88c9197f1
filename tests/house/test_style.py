"""Style is a test: what the tools cannot see, and what would otherwise be said in every review."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from jupyter_kit import errors

HOME = Path(__file__).parents[2]

MODULE_LINES_MAX = 450
"""One noun is told in about 400 lines; past this, there are two nouns."""

FUNCTION_LINES_MAX = 70
"""What fits on a screen, signature and docstring included."""

BANNED_MODULES = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc", "manager", "managers", "handlers", "shared"}
"""Names of bins: if a function has no home, its noun is missing."""

BANNED_WORDS = {
    "src": "source",
    "dst": "target",
    "dest": "target",
    "manager": "the noun that is looked after",
    "utils": "the noun it works on",
    "util": "the noun it works on",
    "helper": "what it does",
    "helpers": "what they do",
    "item": "what it is: entry, step, event",
    "items": "what they are: entries, steps, events",
    "artifact": "modelkit",
    "checkpoint": "snapshot",
    "obj": "what it is",
}
"""Words that hide a noun, or that mean something else in Jupyter, git or OCI, each with what to say instead."""

JUPYTERS_OWN = frozenset({f"{verb}_checkpoint" for verb in ("create", "restore", "rename", "delete")} | {"checkpoint_id"})
"""Methods that a Checkpoints class of Jupyter Server must have, and their parameter: there the word is Jupyter's for its own thing."""

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """A Python file as a rule sees it."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, filename=self.name)

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @property
    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


def modules(*folders: str) -> list[Module]:
    paths = [path for folder in folders for path in sorted((HOME / folder).rglob("*.py"))]
    return [Module(path.relative_to(HOME).as_posix(), path.read_text("utf-8")) for path in paths]


EVERYWHERE = modules("jupyter_kit", "tests", "binder")
PACKAGE = modules("jupyter_kit")


# The rules: each yields what it finds wrong with a module.


def named_for_a_bin(module: Module) -> Iterator[str]:
    parts = set(module.name.removesuffix(".py").split("/"))
    yield from (f"{part!r} names no noun" for part in sorted(parts & BANNED_MODULES))


def too_long(module: Module) -> Iterator[str]:
    if len(module.lines) > MODULE_LINES_MAX:
        yield f"{len(module.lines)} lines are two nouns"
    for function in module.functions:
        lines = (function.end_lineno or function.lineno) - function.lineno + 1  # decorators, tables of examples among them, are no code
        if lines > FUNCTION_LINES_MAX:
            yield f"{function.name}() has {lines} lines"


def words(identifier: str) -> list[str]:
    """``SourceFile``, ``source_file`` and ``sourceFile`` are the words source and file."""
    return [word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", identifier)]


def chosen_names(tree: ast.Module) -> Iterator[str]:
    """Every name that a module chooses itself: not the attributes and keywords of others that it uses."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name
            case ast.ExceptHandler(name=str(name)) | ast.alias(asname=str(name)):
                yield name
            case _:
                pass


def banned_words(module: Module) -> Iterator[str]:
    for name in sorted(set(chosen_names(module.tree))):
        if name not in {*dir(dict), *dir(list), *JUPYTERS_OWN}:  # a mapping's own methods are not ours to name, nor are Jupyter's
            ours = name.replace("artifact_type", "")  # OCI's own name for a field of descriptors and manifests
            yield from (f"{name}: say {BANNED_WORDS[word]}" for word in words(ours) if word in BANNED_WORDS)


def left_for_later(module: Module) -> Iterator[str]:
    yield from re.findall(r"\b(?:[T]ODO|[F]IXME|[X]XX|[H]ACK)\b", module.text)


def silent(module: Module) -> Iterator[str]:
    if module.tree.body and not ast.get_docstring(module.tree):
        yield "the module has no docstring"
    for part in public_parts(module.tree.body):
        if not ast.get_docstring(part) and not says_it_elsewhere(part):
            yield f"{part.name} has no docstring"


def public_parts(body: Iterable[ast.stmt]) -> Iterator[Function | ast.ClassDef]:
    """Classes, functions and methods that another module may use."""
    for node in body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public_parts(node.body)


def says_it_elsewhere(node: Function | ast.ClassDef) -> bool:
    """A setter or an overload adds nothing, and a body of ``...`` implements what a protocol has described."""
    decorators = {ast.unparse(decorator).rpartition(".")[2] for decorator in node.decorator_list}
    return bool(decorators & {"overload", "override", "setter"}) or ast.unparse(node.body[-1]) == "..."


def hidden_imports(module: Module) -> Iterator[str]:
    """An import inside a function hides a circle, unless a comment beside it says why it stands there."""
    if module.name == "jupyter_kit/__init__.py":  # The face imports on first use, so that importing the package stays cheap.
        return
    for function in module.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom) and not any(
                "# " in line for line in module.lines[node.lineno - 2 : node.lineno]
            ):
                yield f"line {node.lineno}: {ast.unparse(node)}, without a reason"


def eager_annotations(module: Module) -> Iterator[str]:
    annotated = any(isinstance(node, ast.arg | ast.AnnAssign) for node in ast.walk(module.tree))
    if annotated and "from __future__ import annotations" not in module.lines:
        yield "lacks 'from __future__ import annotations'"


ERRORS = {name for name, part in vars(errors).items() if isinstance(part, type) and issubclass(part, errors.KitError)} - {"Cancelled"}
"""Errors that a next step belongs to. Who cancels knows what to do."""


FOR_PROGRAMS = ("jupyter_kit/frontends/server/", "jupyter_kit/frontends/arguments/values.py")
"""Here a request of a program is refused, by a sentence that says what belongs in it."""


def without_next_step(module: Module) -> Iterator[str]:
    if module.name.startswith(FOR_PROGRAMS):
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in ERRORS:
            given = {keyword.arg for keyword in node.keywords}
            yield from [] if given & {"hint", "digests", None} else [f"line {node.lineno}: an error without a hint"]  # digests bring one


Rule = Callable[[Module], Iterator[str]]


@pytest.mark.parametrize("rule", [named_for_a_bin, too_long, banned_words, left_for_later, eager_annotations])
def test_every_module_keeps(rule: Rule) -> None:
    assert not [f"{module.name}: {found}" for module in EVERYWHERE for found in rule(module)]


@pytest.mark.parametrize("rule", [silent, hidden_imports, without_next_step])
def test_every_module_of_the_package_keeps(rule: Rule) -> None:
    assert not [f"{module.name}: {found}" for module in PACKAGE for found in rule(module)]


@pytest.mark.parametrize(
    ("rule", "name", "text"),
    [
        (named_for_a_bin, "jupyter_kit/core/store.py", ""),
        (named_for_a_bin, "jupyter_kit/helpers.py", ""),
        (too_long, "a.py", "\n" * 451),
        (too_long, "a.py", "def f():" + "\n    1" * 70),
        (banned_words, "a.py", "def copy(src): ..."),
        (banned_words, "a.py", "class StoreManager: ..."),
        (banned_words, "a.py", "class Checkpoint: ..."),
        (banned_words, "a.py", "for item in (): ..."),
        (left_for_later, "a.py", "# TO" + "DO: everything"),
        (silent, "a.py", "import os"),
        (silent, "a.py", '"""A."""\nclass B:\n    """B."""\n    def c(self):\n        return 1'),
        (hidden_imports, "a.py", "def f():\n    import os"),
        (eager_annotations, "a.py", "def f(a: int): ..."),
        (without_next_step, "a.py", 'raise errors.NotFound("It is gone.")'),
    ],
)
def test_each_rule_finds_what_it_forbids(rule: Rule, name: str, text: str) -> None:
    assert list(rule(Module(name, text)))


def test_rules_leave_good_code_alone() -> None:
    text = '''"""A noun."""

from __future__ import annotations


def public(source: str) -> None:
    """Says what it does."""
    import rich  # costs 60 ms, and only a terminal needs it

    def inner() -> None:
        for key, value in {}.items():
            print(key, value, rich, source)
'''
    good = Module("jupyter_kit/noun.py", text)
    rules = [named_for_a_bin, too_long, banned_words, left_for_later, silent, hidden_imports, eager_annotations, without_next_step]
    assert not [found for rule in rules for found in rule(good)]


def test_the_code_was_found() -> None:
    assert {"jupyter_kit/errors.py", "tests/conftest.py"} <= {module.name for module in EVERYWHERE}
