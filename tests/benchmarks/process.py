"""Whole processes, timed from start to exit, each beginning with a disk that has nothing left to write."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

LAUNCH = Path(__file__).with_name("launch.py")

WARM_BYTES = 128 * 2**20
"""Memory touched before every timing, unless more is asked for: several times what a small process takes."""

TOUCH = """
import mmap, sys
if hasattr(mmap, "MAP_POPULATE"):
    mmap.mmap(-1, int(sys.argv[1]), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)
"""


@dataclass(frozen=True)
class Run:
    """What a process took: wall and CPU seconds with its children, and the largest resident set, in bytes, of any one of them."""

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str


class Failed(Exception):
    """A measured command ended with an error."""


def warm(size: int) -> None:
    """Have ``size`` bytes of free memory that the machine really has.

    A virtual machine gives free memory back to its host within seconds, and getting it again costs up to 2.7 s a GiB: measured, 6.9 s
    instead of 1.3 s for copying 2 GiB. Without this, a figure tells who ran before and not who ran.
    """
    subprocess.run([sys.executable, "-I", "-S", "-c", TOUCH, str(size)], check=False)


def run(command: Sequence[str | Path], folder: Path, environment: Mapping[str, str], *, warm_bytes: int = WARM_BYTES) -> Run:
    """Sync all file systems and warm memory, then run and time one command in ``folder``. Raises Failed where it exits with an error."""
    os.sync()
    warm(warm_bytes)
    with tempfile.NamedTemporaryFile(suffix=".json") as report:
        words = [sys.executable, "-I", "-S", str(LAUNCH), report.name, *map(str, command)]
        done = subprocess.run(words, cwd=folder, env=dict(environment), capture_output=True, text=True, check=False)
        if done.returncode:
            raise Failed(f"{' '.join(map(str, command))} exited with {done.returncode}:\n{done.stdout}{done.stderr}")
        took = json.loads(Path(report.name).read_text())
    return Run(**took, output=done.stdout)


def quiet_environment(home: Path) -> dict[str, str]:
    """The environment without what would change how a tool works here, and with an empty home."""
    home.mkdir(parents=True, exist_ok=True)
    foreign = ("JUPYTER_KIT_", "PYTHON", "GIT_", "BORG_", "RESTIC_", "DVC_", "XDG_", "SOURCE_DATE_EPOCH")
    return {name: value for name, value in os.environ.items() if not name.startswith(foreign)} | {"HOME": str(home), "LC_ALL": "C.UTF-8"}


def disk_bytes(folder: Path) -> int:
    """Bytes of all files under ``folder``, holes left out."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(parent, name))
            total += min(status.st_size, status.st_blocks * 512)
    return total
