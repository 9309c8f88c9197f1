"""What TAB offers, asked directly and by real shells."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit import Workspace
from jupyter_kit.frontends.arguments import VERBS
from jupyter_kit.frontends.completion import FILTERS, SCRIPTS, candidates
from jupyter_kit.modelkit.unpacking.filters import TYPES

HOME = Path(__file__).parents[2]


@pytest.fixture
def project(folder: Path) -> Path:
    """Tags v1 and v2; files in folders, one with a blank in its name."""
    (folder / "data" / "raw").mkdir(parents=True)
    for name in ("data/train.csv", "data/raw/a.csv", "data/raw/b.csv", "train.ipynb", "two words.txt"):
        (folder / name).write_text(name)
    with Workspace.init() as workspace:
        workspace.snapshot("first", tags=("v1",))
        (folder / "later.txt").write_text("later")
        workspace.snapshot("second", tags=("v2",))
    return folder


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ([], [*VERBS, "help"]),
        (["sna"], ["snapshot"]),
        (["-q", "sna"], ["snapshot"]),
        (["-C", "data", "sna"], ["snapshot"]),
        (["snapshot", "--me"], ["--message", "--metric"]),
        (["snapshot", "--kind", ""], ["manual", "auto"]),
        (["snapshot", "--kind=a"], ["--kind=auto"]),
        (["snapshot", "--kind", "=", "a"], ["auto"]),
        (["snapshot", "-m", ""], []),
        (["snapshot", ""], []),
        (["audit", "v"], ["verify"]),
        (["audit", "export", "--format", "c"], ["csv"]),
        (["completion", "z"], ["zsh"]),
        (["show", "v"], ["v1", "v2"]),
        (["show", "v1", ""], []),
        (["diff", "v1", "v"], ["v1", "v2"]),
        (["diff", "v1", "--", "da"], ["data/"]),
        (["diff", "--path", "data/"], ["data/raw/", "data/train.csv"]),
        (["remove", "v1", "v"], ["v1", "v2"]),
        (["rollback", "v"], ["v1", "v2"]),
        (["rollback", "v1", "--yes", "da"], ["data/"]),
        (["rollback", "v1", "data/raw/a.csv", "data/raw/"], ["data/raw/a.csv", "data/raw/b.csv"]),
        (["rollback", "v1", "la"], []),
        (["rollback", "v2", "la"], ["later.txt"]),
        (["rollback", "v1", "'two wo"], ["two words.txt"]),
        (["log", "--path", "tr"], ["train.ipynb"]),
        (["status", "-C", ""], []),
        (["xyzzy", ""], []),
        (["rollback", "v9", ""], []),
        (["help", "st"], ["status"]),
    ],
)
def test_what_is_offered(project: Path, words: list[str], offered: list[str]) -> None:
    assert candidates(words) == offered


@pytest.fixture
def shared(project: Path) -> Path:
    """The project with two ModelKits and a remote."""
    with Workspace.open() as workspace:
        workspace.pack("HEAD", ("digits:v1", "ghcr.io/team/digits:v1"))
        workspace.add_remote("team", "ghcr.io/team/history")
    return project


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["unpack", "d"], ["digits:v1"]),
        (["unpack", "d", "--dir", ""], []),
        (["info", ""], ["digits:v1", "ghcr.io/team/digits:v1"]),
        (["inspect", "g"], ["ghcr.io/team/digits:v1"]),
        (["push", "digits:v1", "gh"], ["ghcr.io/team/digits:v1"]),
        (["pull", ""], ["team", "digits:v1", "ghcr.io/team/digits:v1"]),
        (["pull", "team", "--only", "da"], ["data/"]),
        (["diff", "digits:v1", "g"], ["ghcr.io/team/digits:v1"]),
        (["diff", "v"], ["v1", "v2"]),
        (["tag", "digits:v2", "di"], ["digits:v1"]),
        (["remove", "di"], ["digits:v1"]),
        (["pack", "v"], ["v1", "v2"]),
        (["pack", "-t", "dig"], ["digits:v1"]),
        (["pack", "--compression", "g"], ["gzip", "gzip-fastest"]),
        (["pack", "--use"], ["--use-model-pack"]),
        (["sync", ""], ["team"]),
        (["sync", "--v"], ["--verify"]),
        (["remote", ""], ["list", "add", "remove"]),
        (["remote", "remove", ""], ["team"]),
        (["remote", "add", ""], []),
        (["clone", ""], []),
        (["login", ""], []),
        (["login", "ghcr.io", "--pass"], ["--password-stdin"]),
        (["unpack", "--filter", "d"], ["datasets", "docs"]),
        (["unpack", "digits:v1", "--filter", "datasets:"], ["datasets:raw", "datasets:train"]),
        (["unpack", "digits:v1", "--filter=code:"], ["--filter=code:train.ipynb"]),
        (["unpack", "digits:v9", "-f", "code"], ["code"]),
        (["unpack", "digits", ":", "v"], ["v1"]),
        (["unpack", "digits", ":"], ["v1"]),
        (["unpack", "digits", ":", "v1", "-f", "datasets", ":", "t"], ["train"]),
        (["info", "digits", ":", "v1", "--re"], ["--remote"]),
    ],
)
def test_modelkits_and_remotes_are_offered(shared: Path, words: list[str], offered: list[str]) -> None:
    assert candidates(words) == offered


def test_nobody_is_asked_for_what_may_be_offered(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("completion must not speak to anybody")

    monkeypatch.setattr("socket.socket.connect", refuse)
    for words in (["pull", ""], ["unpack", "ghcr.io/team/digits:v1", "-f", ""], ["sync", ""], ["list", "ghcr.io/"]):
        candidates(words)


def test_types_that_are_offered_are_those_that_unpack_takes() -> None:
    assert set(FILTERS) == set(TYPES)


def test_ids_are_offered_too(project: Path) -> None:
    with Workspace.open() as workspace:
        newest = workspace.log()[0].snapshot.short
    assert newest in candidates(["show", newest[:4]])


def test_another_folder_is_looked_into(project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("away"))
    assert candidates(["show", "v"]) == []
    assert candidates(["-C", str(project), "show", "v"]) == ["v1", "v2"]
    assert candidates(["show", "-C", str(project), "v"]) == ["v1", "v2"]


def test_paths_are_offered_from_the_folder_one_is_in(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert candidates(["-C", "data", "rollback", "v1", ""]) == ["raw/", "train.csv"]
    monkeypatch.chdir("data")
    assert candidates(["rollback", "v1", ""]) == ["raw/", "train.csv"]
    assert candidates(["diff", "--", "raw/"]) == ["raw/a.csv", "raw/b.csv"]


def test_names_that_would_forge_a_line_are_not_offered(project: Path) -> None:
    (project / "x\nrm -rf.txt").write_text("")
    with Workspace.open() as workspace:
        workspace.snapshot()
    assert candidates(["rollback", "HEAD", "x"]) == []


def run_in(shell: list[str], script: str, folder: Path) -> list[str]:
    """Lines that ``script`` prints in a real shell that has ``jupyter-kit`` on its path."""
    tools = folder.parent / "tools"
    tools.mkdir(exist_ok=True)
    command = tools / "jupyter-kit"
    command.write_text(f'#!/bin/sh\nPYTHONPATH="{HOME}" exec "{sys.executable}" -m jupyter_kit "$@"\n')
    command.chmod(0o755)
    found = {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"}
    done = subprocess.run([*shell, script], capture_output=True, text=True, cwd=folder, env=found, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout.splitlines()


def needs(shell: str) -> pytest.MarkDecorator:
    return pytest.mark.skipif(shutil.which(shell) is None, reason=f"{shell} is not installed")


@needs("bash")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("jupyter-kit show v", ["v1", "v2"]),
        ("jupyter kit show v", ["v1", "v2"]),
        ("jupyter kit sna", ["snapshot"]),
        ("jupyter la", []),
        ("jupyter-kit rollback v1 data/raw/", ["data/raw/a.csv", "data/raw/b.csv"]),
        ("jupyter-kit rollback v1 two", ["two words.txt"]),
        ("jupyter-kit unpack digits", ["digits:v1"]),
        ("jupyter-kit unpack digits : v", ["v1"]),
    ],
)
def test_bash(shared: Path, words: str, offered: list[str]) -> None:
    typed = words.split(" ")
    array = " ".join(f"'{word}'" for word in typed)
    ask = f"COMP_WORDS=({array}); COMP_CWORD={len(typed) - 1}; _jupyter_kit; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    script = f"{SCRIPTS['bash']}\ncompopt() {{ :; }}\n{ask}"
    assert [line for line in run_in(["bash", "--norc", "-c"], script, shared) if line] == offered


@needs("zsh")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("jupyter-kit show v", ["v1", "v2"]),
        ("jupyter kit show v", ["v1", "v2"]),
        ("jupyter-kit rollback v1 data/", ["data/raw/", "data/train.csv"]),
    ],
)
def test_zsh(project: Path, words: str, offered: list[str]) -> None:
    typed = words.split(" ")
    array = " ".join(f"'{word}'" for word in typed)
    fakes = 'compdef _files _default() { :; }\ncompadd() { while [[ $1 != -- ]]; do shift; done; shift; print -rl -- "$@"; }\n'
    script = f"{fakes}{SCRIPTS['zsh']}\nwords=({array}); CURRENT={len(typed)}; _jupyter_kit"
    assert [line for line in run_in(["zsh", "-f", "-c"], script, project) if line] == offered


@needs("fish")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("jupyter-kit show v", ["v1", "v2"]),
        ("jupyter kit show v", ["v1", "v2"]),
        ("jupyter-kit rollback v1 data/", ["data/raw/", "data/train.csv"]),
    ],
)
def test_fish(project: Path, words: str, offered: list[str]) -> None:
    script = f"{SCRIPTS['fish']}\ncomplete -C '{words}'"
    assert run_in(["fish", "--no-config", "-c"], script, project) == offered


@needs("bash")
def test_the_bash_script_leaves_others_alone(project: Path) -> None:
    script = f"complete -F theirs jupyter\n{SCRIPTS['bash']}\ncomplete -p jupyter"
    assert run_in(["bash", "--norc", "-c"], script, project) == ["complete -F theirs jupyter"]
