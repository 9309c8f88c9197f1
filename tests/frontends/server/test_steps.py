"""What an error says to do next can be done in the lab: no option of a terminal without its command, and that it is one for a terminal."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit import errors
from jupyter_kit.frontends.server.steps import COMMANDS, in_the_lab
from jupyter_kit.workspace import Workspace
from tests.frontends.server.conftest import Ask

HOME = Path(__file__).parents[3]

OF_OTHERS = ("cli.py", "host.py", "magics.py", "widgets", "arguments/__init__.py", "arguments/parsing.py")
"""Of the front ends: what a terminal or a notebook says. Routes read options by their names, and have errors of their own for those."""

ERRORS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, errors.KitError)}


def texts(told: ast.expr) -> Iterator[str]:
    """What an expression may say; whatever is filled in is a name."""
    match told:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(part.value if isinstance(part, ast.Constant) else "name" for part in parts)
        case ast.IfExp():
            yield from texts(told.body)
            yield from texts(told.orelse)
        case ast.BinOp():
            yield from (left + right for left in texts(told.left) for right in texts(told.right))


def told_of(tree: ast.AST) -> Iterator[tuple[bool, str]]:
    """Every hint (True) and every message (False) of errors in a module."""
    for node in ast.walk(tree):
        match node:
            case ast.keyword(arg="hint") | ast.Assign(targets=[ast.Name(id="hint") | ast.Attribute(attr="hint")]):
                yield from ((True, text) for text in texts(node.value))
            case ast.Call(func=ast.Name(id=name), args=[message, *_]) if name in ERRORS:
                yield from ((False, text) for text in texts(message))


FOUND = [
    (f"{path.relative_to(HOME)}: {text[:40]}", in_the_lab(text) if hint else text)
    for path in sorted((HOME / "jupyter_kit").rglob("*.py"))
    if not str(path.relative_to(HOME)).startswith(tuple(f"jupyter_kit/frontends/{other}" for other in OF_OTHERS))
    for hint, text in told_of(ast.parse(path.read_text("utf-8")))
]


def test_all_errors_are_found() -> None:
    assert len(FOUND) > 300
    assert any("“Show History”" in text for _, text in FOUND)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in FOUND if re.search(r"--|jupyter kit|%kit|terminal", text)])
def test_no_error_wants_a_terminal_without_saying_so(text: str) -> None:
    rest = re.sub(r"“[^”]*” in a terminal", "", text)
    assert not re.search(r"--[a-z]|jupyter kit|%kit", rest), text


@pytest.mark.parametrize("label", sorted(set(COMMANDS.values())))
def test_the_lab_calls_its_commands_so(label: str) -> None:
    source = HOME / "labextension" / "src"
    assert any(f"trans.__('{label}')" in path.read_text("utf-8") for path in source.rglob("*.ts*"))


@pytest.mark.parametrize(
    ("hint", "step"),
    [
        ("Run “jupyter kit log” to see what there is.", "Run “Show History” to see what there is."),
        ("Run: jupyter kit login ghcr.io:443", "Run: “Sign In to a Registry…”"),
        ("Take one: jupyter kit snapshot -m first.", "Take one: “Take a Snapshot…”."),
        ("Run “jupyter kit check --rebuild”. Then wait.", "Run “jupyter kit check --rebuild” in a terminal. Then wait."),
        ("Take it out: jupyter kit remove 1a2b, or wait.", "Take it out: “jupyter kit remove 1a2b” in a terminal, or wait."),
        ("Choose another tag, or move it with --force.", "Choose another tag, or move it with “force”."),
        ("Name its certificate: --tls-cert FILE, or the setting ca_file.", "Name its certificate: “tls-cert”, or the setting ca_file."),
        ("Unpack the rest alone: --filter code, --filter docs.", "Unpack the rest alone: “filter” code, “filter” docs."),
        ("Wait until nothing writes to it.", "Wait until nothing writes to it."),
    ],
)
def test_a_command_becomes_that_of_the_lab_or_one_for_a_terminal_and_an_option_its_name(hint: str, step: str) -> None:
    assert in_the_lab(hint) == step


async def test_a_browser_is_told_so(ask: Ask, project: Path) -> None:
    unknown = await ask("show", folder="project", name="nothing-like-it")
    assert unknown.json["hint"] == "Run “Show History” to see what there is."
    (project / "more.txt").write_text("more\n")
    with Workspace.open(project) as workspace:
        workspace.snapshot("two")
    taken = await ask("tag", {"folder": "project", "tag": "v1", "name": "HEAD"})
    assert taken.json["kind"] == "conflict"
    assert taken.json["hint"] == "Choose another name, or move it with “force”."
