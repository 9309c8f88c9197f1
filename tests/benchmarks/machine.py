"""What a figure depends on besides the code: the machine, and the versions of everything."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from .peers import JupyterKit, Tool

LIBRARIES = ("lmdb", "blake3", "xxhash", "pyfastcdc", "zstandard")


def describe(folder: Path, tools: Iterable[type[Tool]], rounds: int) -> dict[str, str]:
    """Facts for the head of a report, by name."""
    everything: list[type[Tool]] = [JupyterKit, *tools]
    return {
        "machine": f"{processor()}, {os.cpu_count()} cores, {memory_bytes() / 2**30:.0f} GiB",
        "system": f"{platform.platform()}, {file_system(folder)}",
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "libraries": ", ".join(f"{name} {metadata.version(name)}" for name in LIBRARIES),
        "tools": ", ".join(f"{tool.name} ({tool.version()})" for tool in everything),
        "rounds": str(rounds),
        "load average": load_average(),
    }


def load_average() -> str:
    """Of the last 1, 5 and 15 minutes. Figures taken while others use the machine are about them, too."""
    return " ".join(f"{load:.1f}" for load in os.getloadavg())


def processor() -> str:
    """The model's name, where Linux or Python knows it."""
    facts = Path("/proc/cpuinfo")
    if facts.exists():
        for line in facts.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def memory_bytes() -> int:
    """Physical memory."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def file_system(folder: Path) -> str:
    """Type of the file system that holds ``folder``, on Linux; elsewhere nothing."""
    mounts = Path("/proc/mounts")
    if sys.platform != "linux" or not mounts.exists():
        return "file system unknown"
    lines = [line.split()[1:3] for line in mounts.read_text().splitlines()]
    around = [(len(point), kind) for point, kind in lines if folder.resolve().is_relative_to(point)]
    return max(around)[1]
