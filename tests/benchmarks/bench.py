"""What every benchmark is given: sizes, rounds, tools, a folder to work in, and where to write what was measured."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from filecmp import cmp
from pathlib import Path

from .data import GIB, MIB
from .peers import JupyterKit, Tool
from .report import Report, Unit

KB, MB = 10**3, 10**6


@dataclass(frozen=True)
class Sizes:
    """How large the data of each benchmark is; bytes where nothing else is said."""

    model: int
    small_files: int
    small_bytes: int
    many_files: int
    notebook_versions: int
    csv: int
    bf16: int
    one_file: int
    """The small file beside the model in a remote snapshot."""
    history: tuple[int, int]
    """Earlier snapshots, few and many."""
    audit_events: int
    panel_snapshots: int
    scale: tuple[int, ...]
    """Model files for memory and scale, ascending."""


FULL = Sizes(
    model=2 * GIB,
    small_files=5_000,
    small_bytes=100 * MB,
    many_files=100_000,
    notebook_versions=60,
    csv=200 * MB,
    bf16=512 * MIB,
    one_file=10 * MB,
    history=(10, 1_000),
    audit_events=2_000,
    panel_snapshots=1_000,
    scale=(1 * GIB, 4 * GIB),
)
TINY = Sizes(
    model=4 * MIB,
    small_files=50,
    small_bytes=500 * KB,
    many_files=300,
    notebook_versions=2,
    csv=200 * KB,
    bf16=2 * MIB,
    one_file=20 * KB,
    history=(1, 3),
    audit_events=20,
    panel_snapshots=20,
    scale=(1 * MIB, 2 * MIB),
)


class Bench:
    """One run of benchmarks. ``wanted`` names those whose samples are kept."""

    def __init__(self, folder: Path, *, rounds: int, sizes: Sizes, peers: tuple[type[Tool], ...], wanted: frozenset[str]) -> None:
        self.folder = folder
        self.rounds = rounds
        self.sizes = sizes
        self.peers = peers
        self.wanted = wanted
        self.report = Report()

    def record(self, benchmark: str, work: str, tool: str, value: float, unit: Unit = "s") -> None:
        """Keep one sample, where its benchmark is wanted."""
        if benchmark in self.wanted:
            self.report.record(benchmark, work, tool, value, unit)

    def wants(self, *names: str) -> bool:
        return not self.wanted.isdisjoint(names)

    def tools(self, *peers: type[Tool]) -> list[type[Tool]]:
        """We and those of ``peers`` that are measured in this run."""
        ours: list[type[Tool]] = [JupyterKit] if JupyterKit.available() else []
        return ours + [peer for peer in peers if peer in self.peers]

    def turns(self, *peers: type[Tool]) -> Iterator[tuple[int, type[Tool]]]:
        """Every tool once a round, each round beginning with another, so that none always follows the same one."""
        tools = self.tools(*peers)
        for number in range(self.rounds):
            first = number % max(1, len(tools))
            for tool in tools[first:] + tools[:first]:
                yield number, tool

    @contextmanager
    def place(self, name: str = "place") -> Iterator[Path]:
        """A new folder that is removed afterwards."""
        path = self.folder / name
        path.mkdir()
        try:
            yield path
        finally:
            shutil.rmtree(path)


def same_tree(one: Path, other: Path) -> bool:
    """Whether all files of ``one`` stand in ``other`` with the same bytes."""
    names = [path.relative_to(one) for path in one.rglob("*") if path.is_file() and ".kit" not in path.parts]
    return all((other / name).is_file() and cmp(one / name, other / name, shallow=False) for name in names)
