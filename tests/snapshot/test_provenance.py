"""Where a snapshot came from."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit.snapshot import provenance
from jupyter_kit.snapshot.provenance import GitCheckout, environment_document, git_head, git_user, installed, login_name


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "-b", "main", ".")
    (tmp_path / "x").write_text("1")
    git(tmp_path, "add", "x")
    git(tmp_path, "commit", "-q", "-m", "first")
    return tmp_path


def test_installed_distributions_are_those_of_importlib() -> None:
    def normalised(name: str) -> str:
        return re.sub(r"[-_.]+", "-", name).lower()

    theirs: dict[str, str] = {}
    for found in importlib.metadata.distributions():
        theirs.setdefault(normalised(found.metadata["Name"]), found.version)
    assert installed(sys.path) == theirs


def test_names_of_every_kind_of_installation(tmp_path: Path) -> None:
    for name in ("Foo_Bar-1.0.dist-info", "old-2.0-py3.11.egg-info", "baz-3.0.1+local.dist-info", "no.egg-info", "x.py", "a-1.dist-infos"):
        (tmp_path / name).mkdir()
    later = tmp_path / "later"
    later.mkdir()
    (later / "foo_bar-9.dist-info").mkdir()
    assert installed([str(tmp_path), str(later), "/nowhere.zip"]) == {"foo-bar": "1.0", "old": "2.0", "baz": "3.0.1+local"}


def test_the_environment_is_told() -> None:
    document = json.loads(environment_document())
    assert document["schema"] == "jupyter-kit/environment/1"
    assert document["python"] == ".".join(map(str, sys.version_info[:3]))
    assert document["packages"]["pytest"] == importlib.metadata.version("pytest")


def test_commit_branch_and_changes(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    state = GitCheckout(checkout).state()
    assert state is not None
    assert (state.commit, state.branch, state.dirty) == (commit, "main", False)
    (checkout / "untracked").write_text("")
    state = GitCheckout(checkout).state()
    assert state is not None
    assert state.dirty is False
    (checkout / "x").write_text("2")
    state = GitCheckout(checkout).state()
    assert state is not None
    assert state.dirty is True


def test_wherever_git_keeps_it(checkout: Path) -> None:
    commit = git(checkout, "rev-parse", "HEAD")
    inner = checkout / "deep/folder"
    inner.mkdir(parents=True)
    assert git_head(inner) == git_head(checkout)
    git(checkout, "pack-refs", "--all")
    state = git_head(checkout)
    assert state is not None
    assert (state.commit, state.branch) == (commit, "main")
    git(checkout, "worktree", "add", "-q", "-b", "side", "../side-tree")
    state = git_head(checkout.parent / "side-tree")
    assert state is not None
    assert (state.commit, state.branch) == (commit, "side")
    git(checkout, "checkout", "-q", "--detach")
    state = git_head(checkout)
    assert state is not None
    assert (state.commit, state.branch) == (commit, None)


def test_no_git_and_no_commit(tmp_path: Path) -> None:
    assert GitCheckout(tmp_path).state() is None
    git(tmp_path, "init", "-q", ".")
    assert GitCheckout(tmp_path).state() is None
    (tmp_path / ".git/HEAD").write_text("ref: refs/heads/x")
    (tmp_path / ".git/refs/heads/x").write_text("ref: refs/heads/x")
    assert git_head(tmp_path) is None
    (tmp_path / ".git/HEAD").write_bytes(b"\xff\0")
    assert git_head(tmp_path) is None


def test_without_the_program_the_commit_is_still_known(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    state = GitCheckout(checkout).state()
    assert state is not None
    assert state.dirty is None
    assert git_user(checkout) is None


def test_a_git_that_hangs_is_not_waited_for(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    programs = checkout / "programs"
    programs.mkdir()
    (programs / "git").write_text("#!/bin/sh\nexec sleep 60\n")
    (programs / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    monkeypatch.setattr(provenance, "GIT_SECONDS", 0.1)
    asked = GitCheckout(checkout)
    state = asked.state()
    assert state is not None
    assert state.dirty is None
    asked.close()
    assert asked._asked is not None
    assert asked._asked.returncode is not None


def test_looking_at_a_repository_runs_nothing_of_it(checkout: Path) -> None:
    ran = checkout / "ran"
    (checkout / "hook").write_text(f"#!/bin/sh\ntouch {ran}\n")
    (checkout / "hook").chmod(0o755)
    git(checkout, "config", "core.fsmonitor", str(checkout / "hook"))
    assert GitCheckout(checkout).state() is not None
    assert not ran.exists()


def test_who(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert git_user(checkout) is None
    git(checkout, "config", "user.name", "Ada Lovelace")
    assert git_user(checkout) == "Ada Lovelace"
    monkeypatch.setenv("LOGNAME", "ada")
    assert login_name() == "ada"
