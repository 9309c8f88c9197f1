"""The tools measured: jupyter-kit, and whichever peers are on PATH.

Each works on a workspace of its own inside ``place`` and keeps versions of it; every call is a whole process. Nothing is encrypted
where that can be chosen, compression is what the caller asks for, and everything a tool can make durable is.
"""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from .process import WARM_BYTES, Run, disk_bytes, quiet_environment, run

SOURCE_TREE = Path(__file__).parents[2]


def jupyter_kit_command() -> list[str]:
    """The console script beside this interpreter; where the package is not installed, the same from the source tree. Empty: neither."""
    script = Path(sys.executable).with_name("jupyter-kit")
    if script.exists():
        return [str(script)]
    try:
        found = importlib.util.find_spec("jupyter_kit.frontends.cli")
    except ModuleNotFoundError:
        found = None
    return [sys.executable, "-c", "import sys; from jupyter_kit.frontends.cli import main; sys.exit(main())"] if found else []


class Tool:
    """One tool and one workspace. ``compress`` asks for compression like ours of text; without it, for none."""

    name: ClassVar[str]
    program: ClassVar[str]
    compression: ClassVar[str] = ""
    """How it compresses when asked to; empty where there is no choice."""

    def __init__(self, place: Path, *, compress: bool = False) -> None:
        self.place = place
        self.work = place / "work"
        self.kept = place / "kept"
        self.compress = compress
        self.warm_bytes = WARM_BYTES
        """Memory to be had before each timing: set it to more than what a run reads and writes."""
        self.environment = quiet_environment(place / "home")
        self.work.mkdir(parents=True, exist_ok=True)

    @property
    def label(self) -> str:
        """Name and compression, as reports show it."""
        return f"{self.name} {self.compression}" if self.compress and self.compression else self.name

    @classmethod
    def available(cls) -> bool:
        return shutil.which(cls.program) is not None

    @classmethod
    def version(cls) -> str:
        return first_line([cls.program, "--version"])

    def prepare(self) -> None:
        """Make the repository. Not timed."""

    def keep(self, label: str) -> Run:
        """Keep the workspace as it is, under ``label``."""
        raise NotImplementedError

    def restore(self, label: str) -> Run:
        """Bring a version back, into ``restored``."""
        raise NotImplementedError

    @property
    def restored(self) -> Path:
        """Where ``restore`` writes: a new folder, for the tools that are meant to."""
        return self.work

    def stored(self) -> int:
        """Bytes on disk that all versions take."""
        return disk_bytes(self.kept)

    def run(self, *command: str | Path, folder: Path | None = None) -> Run:
        return run(command, folder or self.work, self.environment, warm_bytes=self.warm_bytes)


class JupyterKit(Tool):
    name = "jupyter-kit"
    program = "jupyter-kit"

    def __init__(self, place: Path, *, compress: bool = False) -> None:
        super().__init__(place, compress=compress)
        self.command = jupyter_kit_command()
        if "-c" in self.command:
            self.environment["PYTHONPATH"] = str(SOURCE_TREE)
        self.ids: dict[str, str] = {}

    @classmethod
    def available(cls) -> bool:
        return bool(jupyter_kit_command())

    @classmethod
    def version(cls) -> str:
        environment = os.environ | {"PYTHONPATH": str(SOURCE_TREE)}
        return first_line([*jupyter_kit_command(), "version"], environment)

    def verb(self, *words: str) -> Run:
        return self.run(*self.command, "-C", self.work, *words, folder=self.place)

    def prepare(self) -> None:
        self.verb("init")

    def keep(self, label: str) -> Run:
        done = self.verb("snapshot", "-m", label, "--json")
        self.ids[label] = json.loads(done.output)["id"]
        return done

    def restore(self, label: str) -> Run:
        return self.verb("rollback", self.ids[label], "--yes", "--json")

    def stored(self) -> int:
        return disk_bytes(self.work / ".kit")


class Copy(Tool):
    """``cp`` and fsync of every file: what durably writing the same bytes costs on this disk."""

    name = "cp+fsync"
    program = "cp"

    @classmethod
    def available(cls) -> bool:
        return sys.platform == "linux"  # sync with a file name is GNU coreutils'

    def prepare(self) -> None:
        self.kept.mkdir()

    def keep(self, label: str) -> Run:
        return self._copy(self.work, self.kept / label)

    def restore(self, label: str) -> Run:
        return self._copy(self.kept / label, self.restored)

    @property
    def restored(self) -> Path:
        return self.place / "restored"

    def _copy(self, origin: Path, target: Path) -> Run:
        return self.run("sh", "-c", 'cp -r "$1" "$2" && find "$2" -type f -exec sync {} +', "sh", origin, target)


class Git(Tool):
    name = "git"
    program = "git"

    def prepare(self) -> None:
        who = ("AUTHOR", "COMMITTER")
        self.environment |= {f"GIT_{role}_NAME": "Ada" for role in who} | {f"GIT_{role}_EMAIL": "ada@example.org" for role in who}
        self.git("init", "-q")
        (self.work / ".git" / "info" / "exclude").write_text(".kit/\n")
        for name, value in (("core.fsync", "all"), ("core.fsyncMethod", "batch"), ("gc.auto", "0"), ("advice.detachedHead", "false")):
            self.git("config", name, value)

    def git(self, *words: str) -> Run:
        return self.run("git", *words)

    def keep(self, label: str) -> Run:
        return self.run("sh", "-c", f"git add -A && git commit -q --allow-empty -m {label} && git tag {label}")

    def restore(self, label: str) -> Run:
        return self.git("checkout", "-q", "-f", label)

    def stored(self) -> int:
        return disk_bytes(self.work / ".git")

    def squeeze(self) -> None:
        """Repack as small as git can."""
        self.git("gc", "-q", "--aggressive", "--prune=now")


class Borg(Tool):
    """borg without encryption; compression none or zstd,1."""

    name = "borg"
    program = "borg"
    compression = "zstd,1"

    def prepare(self) -> None:
        yes = ("BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK", "BORG_RELOCATED_REPO_ACCESS_IS_OK")
        self.environment |= dict.fromkeys(yes, "yes") | {"BORG_BASE_DIR": str(self.place / "home"), "BORG_REPO": str(self.kept)}
        self.run("borg", "init", "-e", "none")

    def keep(self, label: str) -> Run:
        return self.run("borg", "create", "-C", self.compression if self.compress else "none", f"::{label}", ".")

    def restore(self, label: str) -> Run:
        self.restored.mkdir()
        return self.run("borg", "extract", f"::{label}", folder=self.restored)

    @property
    def restored(self) -> Path:
        return self.place / "restored"


class Restic(Tool):
    """restic, which always encrypts; repository format 2, compression off or auto."""

    name = "restic"
    program = "restic"
    compression = "auto"

    @classmethod
    def version(cls) -> str:
        return first_line(["restic", "version"])

    def prepare(self) -> None:
        self.environment |= {
            "RESTIC_REPOSITORY": str(self.kept),
            "RESTIC_PASSWORD": "none",
            "RESTIC_CACHE_DIR": str(self.place / "home" / "cache"),
        }
        self.run("restic", "init", "--repository-version", "2")

    def keep(self, label: str) -> Run:
        return self.run("restic", "backup", "-q", "--tag", label, "--compression", self.compression if self.compress else "off", ".")

    def restore(self, label: str) -> Run:
        return self.run("restic", "restore", "-q", "latest", "--tag", label, "--target", self.restored)

    @property
    def restored(self) -> Path:
        return self.place / "restored"


class Dvc(Tool):
    """dvc without git, and with its default copies; it neither compresses nor syncs."""

    name = "dvc"
    program = "dvc"

    def prepare(self) -> None:
        folders = {f"DVC_{name}_DIR": str(self.place / "home" / name) for name in ("GLOBAL_CONFIG", "SYSTEM_CONFIG", "SITE_CACHE")}
        self.environment |= folders | {"DVC_NO_ANALYTICS": "1"}
        self.run("dvc", "init", "-q", "--no-scm")
        self.kept.mkdir()

    def keep(self, label: str) -> Run:
        names = [path.name for path in sorted(self.work.iterdir()) if path.suffix != ".dvc" and not path.name.startswith(".")]
        done = self.run("dvc", "add", "-q", *names)
        (self.kept / label).mkdir()
        for path in self.work.glob("[!.]*.dvc"):
            shutil.copy2(path, self.kept / label)
        return done

    def restore(self, label: str) -> Run:
        for path in (self.kept / label).iterdir():
            shutil.copy2(path, self.work)
        return self.run("dvc", "checkout", "-q", "--force")

    def stored(self) -> int:
        return disk_bytes(self.work / ".dvc")


PEERS: tuple[type[Tool], ...] = (Copy, Git, Borg, Restic, Dvc)


def first_line(command: Sequence[str], environment: dict[str, str] | None = None) -> str:
    """The first line a command prints, or an empty text where it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    except OSError:
        return ""
    return (done.stdout.splitlines() or [""])[0]
