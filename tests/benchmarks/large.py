"""One large model file: first snapshot, nothing changed, a tenth of the tensors changed, rolled back."""

from __future__ import annotations

import shutil
from pathlib import Path

from .bench import Bench, same_tree
from .data import bytes_of, changed_tensors, transformer, write_model
from .machine import memory_bytes
from .peers import Borg, Copy, Dvc, JupyterKit, Restic, Tool
from .report import OURS

NAMES = ("first", "unchanged-large", "changed", "rollback")
FILE = "model.safetensors"


def large(bench: Bench) -> None:
    """Each round does the steps in this order, as far as they are wanted, in a new workspace for each tool."""
    tensors = transformer(bench.sizes.model)
    changed = changed_tensors(tensors, 0.1)
    with bench.place("data") as data:
        for version, names in (("v1", frozenset[str]()), ("v2", changed)):
            (data / version).mkdir()
            write_model(data / version / FILE, tensors, changed=names)
        for _, kind in bench.turns(Copy, Borg, Restic, Dvc):
            with bench.place() as place:
                tool = kind(place)
                tool.prepare()
                tool.warm_bytes += min(3 * bench.sizes.model, memory_bytes() // 2)
                _first(bench, tool, data)
                if bench.wants("changed", "rollback"):
                    _changed(bench, tool, data, bytes_of(tensors, changed))
                if bench.wants("rollback"):
                    _rollback(bench, tool, data)


def _first(bench: Bench, tool: Tool, data: Path) -> None:
    shutil.copyfile(data / "v1" / FILE, tool.work / FILE)
    bench.record("first", "first snapshot", tool.label, tool.keep("v1").seconds)
    if bench.wants("unchanged-large") and not isinstance(tool, Copy):
        seconds = tool.keep("again").seconds
        bench.record("unchanged-large", "nothing changed", tool.label, seconds)
        if isinstance(tool, JupyterKit):
            start_up = tool.verb("version").seconds
            bench.record("unchanged-large", "start-up", tool.label, start_up)
            bench.record("unchanged-large", "nothing changed, beyond start-up", tool.label, seconds - start_up)


def _changed(bench: Bench, tool: Tool, data: Path, changed_bytes: int) -> None:
    before = tool.stored()
    shutil.copyfile(data / "v2" / FILE, tool.work / FILE)
    bench.record("changed", "10 % of tensors changed", tool.label, tool.keep("v2").seconds)
    if isinstance(tool, Copy):
        return
    bench.record("changed", "growth of the store", tool.label, tool.stored() - before, "bytes")
    if tool.label == OURS:
        bench.record("changed", "growth of the store", "changed bytes", changed_bytes, "bytes")


def _rollback(bench: Bench, tool: Tool, data: Path) -> None:
    """Tools that restore into a new folder write everything in both cases: one run counts for both."""
    in_place = tool.restored == tool.work
    run = tool.restore("v1")
    assert same_tree(data / "v1", tool.restored), f"{tool.name} brought back other bytes"
    bench.record("rollback", "10 % differs", tool.label, run.seconds)
    if in_place:
        (tool.work / FILE).unlink()
        run = tool.restore("v1")
        assert same_tree(data / "v1", tool.restored), f"{tool.name} brought back other bytes"
    bench.record("rollback", "file gone, all written", tool.label, run.seconds)
