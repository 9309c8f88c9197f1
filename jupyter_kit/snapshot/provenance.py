"""Where a snapshot came from: the Python it was taken in, the git commit beside it, and the person.

All of it is read cheaply and none of it may fail: what cannot be told is left out. Installed distributions are read from the names of
their ``.dist-info`` folders, which hold name and version by the specification (PyPA, “Recording installed projects”): 80 of them take
under 1 ms, where parsing their metadata takes 50.
"""

from __future__ import annotations

import getpass
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from jupyter_kit.snapshot.records import canonical
from jupyter_kit.snapshot.snapshot import GitState

ENVIRONMENT_SCHEMA = "jupyter-kit/environment/1"

GIT_SECONDS = 1.0
"""How long git may take to say whether tracked files differ: it works beside the snapshot, which waits for it no longer than this."""

_INSTALLED = re.compile(r"(?P<name>.+?)-(?P<version>[^-]+)(?:-py[\d.]+)?(?:-.+)?\.(?:dist-info|egg-info)")
_SEPARATORS = re.compile(r"[-_.]+")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BRANCHES = "refs/heads/"
_SYMBOLIC_DEPTH_MAX = 5
"""References that name references, as deep as git follows them (refs.h, SYMREF_MAXDEPTH)."""


def environment_document() -> bytes:
    """Python, platform and installed distributions of this process, as canonical JSON. FORMAT.md tells the fields."""
    return canonical(
        {
            "schema": ENVIRONMENT_SCHEMA,
            "python": platform.python_version(),
            "implementation": platform.python_implementation(),
            "platform": platform.platform(),
            "machine": platform.machine(),
            "packages": installed(sys.path),
        }
    )


def installed(path: Sequence[str]) -> dict[str, str]:
    """Installed distributions on a search path: normalised name (PEP 503) to version. The first found counts, as in an import."""
    packages: dict[str, str] = {}
    for place in path:
        for name in _names_in(place or os.curdir):
            if match := _INSTALLED.fullmatch(name):
                packages.setdefault(_SEPARATORS.sub("-", match["name"]).lower(), match["version"])
    return packages


def login_name() -> str:
    """The operating system's name for the user; a number where there is no name for it, as in some containers."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "unknown"


class GitCheckout:
    """The git working tree that a folder lies in. Only whether files differ is git's to say; the rest is read from its files."""

    def __init__(self, folder: Path) -> None:
        """Starts asking git, which works meanwhile."""
        self._state = git_head(folder)
        self._asked = _ask_git(folder) if self._state else None

    def state(self) -> GitState | None:
        """The commit checked out; None outside of git and before the first commit."""
        if self._state is None:
            return None
        return GitState(self._state.commit, self._state.branch, self._dirty())

    def close(self) -> None:
        """Stop asking."""
        if self._asked is not None and self._asked.returncode is None:
            self._asked.kill()
            self._asked.communicate()

    def _dirty(self) -> bool | None:
        if self._asked is None:
            return None
        try:
            output, _ = self._asked.communicate(timeout=GIT_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return bool(output) if self._asked.returncode == 0 else None


def git_head(folder: Path) -> GitState | None:
    """The commit and branch checked out in the working tree that ``folder`` lies in, without running git; ``dirty`` is not known."""
    found = _git_folder(folder.resolve())
    if found is None:
        return None
    shared = found
    with suppress(OSError):  # The folder of a worktree says where the references of all of them are.
        shared = found / (found / "commondir").read_text("utf-8", "surrogateescape").strip()
    reference, branch = "HEAD", None
    for _ in range(_SYMBOLIC_DEPTH_MAX):
        text = _reference(found if reference == "HEAD" else shared, shared, reference)
        if not text.startswith("ref:"):
            return GitState(text, branch, None) if _COMMIT.fullmatch(text) else None
        reference = text.removeprefix("ref:").strip()
        if reference.startswith(_BRANCHES):
            branch = reference.removeprefix(_BRANCHES)
    return None


def git_user(folder: Path) -> str | None:
    """The name that git would give the author of a commit made here by its configuration; None where it has none, or there is no git."""
    with suppress(OSError, subprocess.SubprocessError):
        asked = subprocess.run(
            ["git", "config", "--get", "user.name"],
            cwd=folder,
            capture_output=True,
            timeout=GIT_SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return asked.stdout.decode("utf-8", "replace").strip() or None
    return None


def _names_in(place: str) -> Iterator[str]:
    with suppress(OSError):  # Search paths name zip files and folders that are not there.
        yield from sorted(os.listdir(place))


def _git_folder(folder: Path) -> Path | None:
    for place in (folder, *folder.parents):
        dot_git = place / ".git"
        if dot_git.is_dir():
            return dot_git
        with suppress(OSError):
            text = dot_git.read_text("utf-8", "surrogateescape")  # A file in worktrees and submodules: “gitdir: PATH”.
            if text.startswith("gitdir:"):
                return place / text.removeprefix("gitdir:").strip()
    return None


def _reference(folder: Path, shared: Path, name: str) -> str:
    """What a reference says: a commit, or the name of another reference behind ``ref:``. Empty where there is none."""
    with suppress(OSError, ValueError):
        return (folder / name).read_text("utf-8", "surrogateescape").strip()
    with suppress(OSError):
        for line in (shared / "packed-refs").read_text("utf-8", "surrogateescape").splitlines():
            commit, _, packed = line.partition(" ")
            if packed == name:
                return commit
    return ""


def _ask_git(folder: Path) -> subprocess.Popen[bytes] | None:
    # A repository's configuration may name a program as its file system monitor; looking at a folder must not run it. Without optional
    # locks, a person's own git command beside us never finds the index locked.
    command = ["git", "-c", "core.fsmonitor=false", "--no-optional-locks", "status", "--porcelain", "--untracked-files=no"]
    try:
        return subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except OSError:
        return None
