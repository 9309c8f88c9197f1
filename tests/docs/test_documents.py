"""Every example in the documents runs, in order, in a workspace of its own; output shown is output that comes.

A ``console`` block holds commands after ``$ `` and what they print, where ``…`` stands for any text of one line, or on a line of its own
for any lines. ``python`` and ``ipython`` blocks share one namespace a document.
"""

from __future__ import annotations

import atexit
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

HOME = Path(__file__).parents[2]
DOCUMENTS = sorted([*HOME.glob("*.md"), *HOME.glob("docs/*.md")])

PREPARED = re.compile(r"(make|git clone|pip install|cd|sudo)\b")
"""Commands that set a machine up. They are not run here: targets of make are looked up, and CI begins with the rest."""


@dataclass(frozen=True)
class Block:
    """A fenced block of a document."""

    document: str
    line: int
    language: str
    text: str


def blocks_of(document: Path) -> Iterator[Block]:
    fence = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
    text = document.read_text("utf-8")
    for found in fence.finditer(text):
        yield Block(document.name, text[: found.start()].count("\n") + 1, found[1], found[2])


def commands_of(block: Block) -> Iterator[tuple[str, str]]:
    """Each command with the output shown after it."""
    for part in re.split(r"^\$ ", block.text, flags=re.MULTILINE)[1:]:
        command, _, shown = part.partition("\n")
        while command.endswith("\\"):
            more, _, shown = shown.partition("\n")
            command = command[:-1] + more.strip()
        yield command, shown


def matches(shown: str, printed: str) -> bool:
    """Whether what a document shows is what came: ``…`` fits any text, and trailing blanks do not count."""
    pattern = "\n".join(re.escape(line.rstrip()) for line in shown.strip().splitlines())
    pattern = re.sub(r"(?m)^…$", r"[^\0]*", pattern).replace("…", "[^\n]*")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.strip().splitlines())) is not None


@pytest.fixture(scope="module")
def commands(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with ``jupyter-kit`` of this checkout, for PATH, so that the tests need no installation of it."""
    folder = tmp_path_factory.mktemp("commands")
    script = folder / "jupyter-kit"
    script.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(HOME)!r})\nfrom jupyter_kit.frontends.cli import main\nsys.exit(main())\n"
    )
    script.chmod(0o755)
    return folder


@pytest.fixture
def project(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a newcomer has: a notebook, some data, a model; and a folder around them that is this test's own."""
    folder /= "digits"
    folder.mkdir()
    monkeypatch.chdir(folder)
    (folder / "data").mkdir()
    (folder / "model").mkdir()
    (folder / "train.ipynb").write_text('{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}\n')
    (folder / "data" / "digits.csv").write_text("digit,pixels\n" + "7,0 0 3 15\n" * 200)
    (folder / "model" / "digits.joblib").write_bytes(bytes(range(256)) * 64)
    return folder


def run_console(block: Block, folder: Path, commands: Path) -> None:
    path = os.pathsep.join([str(commands), str(Path(sys.executable).parent), os.environ["PATH"]])
    for command, shown in commands_of(block):
        if PREPARED.match(command):
            continue
        answer = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env={**os.environ, "PATH": path, "COLUMNS": "100"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        place = f"{block.document}, block at line {block.line}: $ {command}"
        assert answer.returncode == 0, f"{place}\n{answer.stdout}"
        assert not shown.strip() or matches(shown, answer.stdout), f"{place} prints\n{answer.stdout}"


def run_python(block: Block, shell: InteractiveShell) -> None:
    shell.run_cell(block.text).raise_error()


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_examples_run(document: Path, project: Path, commands: Path) -> None:
    shell = InteractiveShell(config=Config(HistoryManager={"enabled": False}))
    try:
        for block in blocks_of(document):
            if block.language == "console":
                run_console(block, project, commands)
            elif block.language in ("python", "ipython"):
                run_python(block, shell)
    finally:
        shell.atexit_operations()
        atexit.unregister(shell.atexit_operations)


def test_make_targets_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", (HOME / "Makefile").read_text("utf-8"), re.MULTILINE))
    named = {name for document in DOCUMENTS for name in re.findall(r"[$`] ?make ([a-z]+)", document.read_text("utf-8"))}
    assert {"demo", "test", "bench", "format"} <= targets
    assert named <= targets


def test_links_lead_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\((?!https?://)([^)#]+)", document.read_text("utf-8")):
            assert (document.parent / target).exists(), f"{document.name} points to {target}"


def test_pictures_are_small_and_seen() -> None:
    shown = {target for document in DOCUMENTS for target in re.findall(r"!\[[^]]+\]\(([^)]+)\)", document.read_text("utf-8"))}
    pictures = {f"docs/{path.name}": path.stat().st_size for path in (HOME / "docs").iterdir() if path.suffix in {".png", ".svg", ".webp"}}
    assert set(pictures) == shown
    assert all(size <= (500_000 if name.endswith(".webp") else 200_000) for name, size in pictures.items())


def test_every_room_is_on_the_map() -> None:
    rooms = {path.name for path in (HOME / "jupyter_kit").iterdir() if path.is_dir() or path.suffix == ".py"} - {
        "__init__.py",
        "__pycache__",
        "labextension",  # built from the folder of that name
    }
    floors = re.search(r"^## Floors$.*?```\n(.*?)```", (HOME / "ARCHITECTURE.md").read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert floors
    assert not [room for room in rooms if not re.search(rf"\b{re.escape(room)}", floors[1])]


@pytest.mark.parametrize(
    ("shown", "printed", "same"),
    [
        ("a\nb", "a\nb\n", True),
        ("a … c", "a b c", True),
        ("a … c", "a b", False),
        ("a\n…\nd", "a\nb\nc\nd", True),
        ("a…", "a\nb", False),
    ],
)
def test_shown_output_is_compared(shown: str, printed: str, same: bool) -> None:
    assert matches(shown, printed) is same
