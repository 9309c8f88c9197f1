"""What must not grow: memory with the size of a file, time a byte with the size of a file, time with the number of snapshots."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from .bench import Bench
from .data import GIB, edit_small_files, transformer, write_model, write_small_files
from .machine import memory_bytes
from .peers import SOURCE_TREE, Copy, JupyterKit, Tool
from .report import OURS

FILE = "model.safetensors"

HISTORY = """
import sys
from pathlib import Path
from jupyter_kit import Workspace

folder, count = Path(sys.argv[1]), int(sys.argv[2])
with Workspace.open(folder) as workspace:
    for number in range(count):
        (folder / "notes.md").write_text("".join(f"line {line}\\n" for line in range(number)))
        workspace.snapshot(f"number {number}")
"""
"""Takes snapshots of a file that grows, in one process."""

AUDIT = """
import json, sys, time
from jupyter_kit import Workspace

count = int(sys.argv[2])
with Workspace.open(sys.argv[1]) as workspace:
    ids = [workspace.snapshot(message).id for message in ("one", "other")]
    start = time.perf_counter()
    for number in range(count):
        workspace.tag("moving", ids[number % 2], force=True)
    appended = time.perf_counter()
    report = workspace.audit_verify()
    verified = time.perf_counter()
assert report.ok and report.events >= count, report
print(json.dumps({"append (a tag moved, durably)": count / (appended - start), "verify": report.events / (verified - appended)}))
"""
"""Moves a tag back and forth, each time a durable transaction with one event, then verifies the chain; prints events a second."""


def sized(bench: Bench) -> None:
    """Model files of growing size: seconds a GiB, and peak memory of each process."""
    with bench.place("data") as data:
        for size in bench.sizes.scale:
            write_model(data / FILE, transformer(size))
            for _, kind in bench.turns(Copy):
                with bench.place() as place:
                    _sized_round(bench, kind(place), data, size)
    if not bench.tools():
        return
    smallest, largest = bench.sizes.scale[0], bench.sizes.scale[-1]
    for verb in ("snapshot", "rollback"):
        for tool, size in ((OURS, largest), ("smallest file", smallest)):
            for value in bench.report.samples("scale", f"{verb}, seconds a GiB, {size / GIB:g} GiB", OURS):
                bench.record("scale", f"{verb}, seconds a GiB, largest file", tool, value)


def _sized_round(bench: Bench, tool: Tool, data: Path, size: int) -> None:
    tool.prepare()
    tool.warm_bytes += min(2 * size, memory_bytes() // 2)
    (data / FILE).rename(tool.work / FILE)
    for verb, act in (("snapshot", tool.keep), ("rollback", tool.restore)):
        if verb == "rollback" and tool.label == OURS:
            (tool.work / FILE).unlink()
        run = act("v1")
        bench.record("scale", f"{verb}, seconds a GiB, {size / GIB:g} GiB", tool.label, run.seconds * GIB / size)
        if tool.label == OURS:
            bench.record("memory", f"{verb} of {size / GIB:g} GiB, peak", tool.label, run.peak_bytes, "bytes")
    (tool.work / FILE).rename(data / FILE)


def growth(bench: Bench) -> None:
    """One edited file among thirty, with few and with many snapshots before it."""
    if not bench.tools():
        return
    with bench.place("few") as few, bench.place("many") as many:
        workspaces = []
        for place, count in zip((few, many), bench.sizes.history, strict=True):
            tool = JupyterKit(place)
            tool.prepare()
            write_small_files(tool.work, 30, 600_000)
            _in_python(tool, HISTORY, str(count))
            workspaces.append((tool, f"{count:,} before"))
        for number in range(bench.rounds):
            for tool, before in workspaces:
                stored = tool.stored()
                edit_small_files(tool.work, 0.05)
                seconds = tool.keep(f"more-{number}").seconds
                is_long = tool is workspaces[1][0]
                bench.record("growth", "snapshot with long history", OURS if is_long else "short history", seconds)
                bench.record("growth", f"growth of the store, {before}", OURS, tool.stored() - stored, "bytes")
                bench.record("growth", f"status, {before}", OURS, tool.verb("status", "--json").seconds)


def audit(bench: Bench) -> None:
    """Events appended one durable transaction at a time, and the chain verified, through the Python API."""
    if not bench.tools():
        return
    with bench.place() as place:
        tool = JupyterKit(place)
        tool.prepare()
        for _ in range(bench.rounds):
            took = json.loads(_in_python(tool, AUDIT, str(bench.sizes.audit_events)))
            for work, value in took.items():
                bench.record("audit", work, OURS, value, "events/s")


def _in_python(tool: JupyterKit, program: str, *arguments: str) -> str:
    tool.environment["PYTHONPATH"] = str(SOURCE_TREE)
    return tool.run(sys.executable, "-c", program, tool.work, *arguments, folder=tool.place).output
