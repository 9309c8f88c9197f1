"""What versions take on disk: a notebook with figures, a table with rows inserted, fine-tuned weights."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

from .bench import Bench
from .data import late_layers, transformer, write_csv, write_model
from .notebooks import versions
from .peers import Borg, Git, JupyterKit, Restic, Tool


def notebook(bench: Bench) -> None:
    """Every version kept in turn; git also after ``git gc --aggressive``."""
    for kind in bench.tools(Git, Borg, Restic):
        with bench.place() as place:
            tool = kind(place, compress=True)
            tool.prepare()
            raw = 0
            for number, content in enumerate(versions(bench.sizes.notebook_versions)):
                (tool.work / "analysis.ipynb").write_bytes(content)
                raw += len(content)
                bench.record("notebook", "seconds a version", tool.label, tool.keep(f"v{number}").seconds)
            bench.record("notebook", "stored", tool.label, tool.stored(), "bytes")
            if isinstance(tool, Git):
                tool.squeeze()
                bench.record("notebook", "stored", "git gc --aggressive", tool.stored(), "bytes")
            if isinstance(tool, JupyterKit):
                bench.record("notebook", "stored", "all versions, raw", raw, "bytes")


def table(bench: Bench) -> None:
    """A CSV, and the same with 1 % more rows in 20 places."""

    def write(data: Path) -> None:
        write_csv(data / "v1.csv", bench.sizes.csv)
        write_csv(data / "v2.csv", bench.sizes.csv, inserted=True)

    _two_versions(bench, "csv", "table.csv", write, ((Borg, True), (Restic, True)), rounds=bench.rounds)


def fine_tune(bench: Bench) -> None:
    """bf16 weights, then all tensors of the last three tenths of the layers nudged. Once: only the size is judged."""
    tensors = transformer(bench.sizes.bf16)

    def write(data: Path) -> None:
        write_model(data / "v1.safetensors", tensors, weights="bf16")
        write_model(data / "v2.safetensors", tensors, weights="bf16", changed=late_layers(tensors, 0.3))

    peers = ((Borg, False), (Borg, True), (Restic, False), (Restic, True))
    _two_versions(bench, "bf16", "model.safetensors", write, peers, rounds=1)


def _two_versions(
    bench: Bench, name: str, file: str, write: Callable[[Path], None], peers: tuple[tuple[type[Tool], bool], ...], *, rounds: int
) -> None:
    with bench.place("data") as data:
        write(data)
        v1, v2 = sorted(data.iterdir())
        tools = [(tool, False) for tool in bench.tools()] + [pair for pair in peers if pair[0] in bench.peers]
        for _ in range(rounds):
            for kind, compress in tools:
                with bench.place() as place:
                    tool = kind(place, compress=compress)
                    tool.prepare()
                    tool.warm_bytes += 2 * v1.stat().st_size
                    shutil.copyfile(v1, tool.work / file)
                    bench.record(name, "first version", tool.label, tool.keep("v1").seconds)
                    bench.record(name, "stored, first version", tool.label, tool.stored(), "bytes")
                    shutil.copyfile(v2, tool.work / file)
                    bench.record(name, "second version", tool.label, tool.keep("v2").seconds)
                    bench.record(name, "stored, both versions", tool.label, tool.stored(), "bytes")
        if (JupyterKit, False) in tools:
            bench.record(name, "stored, both versions", "both, raw", v1.stat().st_size + v2.stat().st_size, "bytes")
