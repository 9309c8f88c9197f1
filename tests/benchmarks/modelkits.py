"""One large ModelKit: packed from a snapshot, packed again, pushed to docker-registry and pulled from it; and one of eight layers."""

from __future__ import annotations

import json
import shutil

from tests.registry.servers.docker import PROGRAM, DockerRegistry

from .bench import Bench
from .carriers import CARRIERS, NAME, PACKERS, Carrier, Ours, Packer
from .data import transformer, write_model
from .machine import memory_bytes
from .peers import JupyterKit, Tool
from .report import OURS

FILE = "model.safetensors"
CODE = "train.py"

KITFILE = f"""manifestVersion: 1.0.0
package:
  name: bench
model:
  name: bench
  path: {FILE}
code:
- path: {CODE}
"""

STREAMS = 8
"""Layers that move at once."""


def registry_is_there() -> bool:
    """Whether docker-registry is on PATH."""
    return shutil.which(PROGRAM) is not None


def roomy(tool: Tool, size: int) -> None:
    """Have memory for reading ``size`` bytes and writing them twice."""
    tool.warm_bytes += min(3 * size, memory_bytes() // 2)


def pack(bench: Bench) -> None:
    """A model and a script, packed; then packed again after the script has changed."""
    with bench.place("data") as data:
        write_model(data / FILE, transformer(bench.sizes.model))
        for _, kind in bench.turns(*PACKERS):
            with bench.place() as place:
                tool = (Ours if kind is JupyterKit else kind)(place)
                tool.prepare()
                roomy(tool, bench.sizes.model)
                shutil.copyfile(data / FILE, tool.work / FILE)
                (tool.work / "Kitfile").write_text(KITFILE)
                took = _pack(bench, tool, "pack all", bench.sizes.model)
                again = _pack(bench, tool, "one small file changed", bench.sizes.model)
                if tool.label == OURS:
                    bench.record("pack", "seconds a GB, beyond start-up", tool.label, took * 10**9 / bench.sizes.model)
                    bench.record("pack", "again, beyond start-up", tool.label, again)
                    bench.record("pack", "again, beyond start-up", "pack all", took)


def _pack(bench: Bench, tool: Tool, work: str, size: int) -> float:
    """Seconds, beyond start-up where it is ours."""
    assert isinstance(tool, Packer)
    (tool.work / CODE).write_text(f"print({work!r})\n")
    if isinstance(tool, Ours):
        tool.keep(work)
    before = tool.stored()
    run = tool.pack()
    bench.record("pack", work, tool.label, run.seconds)
    bench.record("pack", f"{work}, extra disk", tool.label, tool.stored() - before, "bytes")
    if not isinstance(tool, Ours):
        return run.seconds
    bench.record("pack", f"{work}, extra disk", "packed bytes", size, "bytes")
    bench.record("pack", "peak memory", tool.label, run.peak_bytes, "bytes")
    return run.seconds - tool.verb("version").seconds


def transfer(bench: Bench) -> None:
    """Each tool pushes the same files to a repository of its own, and pulls them from there into an empty place."""
    if not (registry_is_there() and bench.tools()):
        return
    with bench.place("data") as data, DockerRegistry(data / "registry") as registry:
        origin = Ours(data / "origin")
        origin.prepare()
        write_model(origin.work / FILE, transformer(bench.sizes.model))
        digest = _modelkit(origin, KITFILE)
        layout = data / "layout"
        origin.verb("push", NAME, f"oci:{layout}:v1")
        for number, kind in bench.turns(*CARRIERS):
            reference = f"{registry.host}/bench/{kind.name}-{number}:v1"
            for work in ("push", "pull"):
                with bench.place() as place:
                    tool = (Ours if kind is JupyterKit else kind)(place)
                    assert isinstance(tool, Carrier)
                    tool.prepare()
                    roomy(tool, bench.sizes.model)
                    if work == "push":
                        tool.hold(origin.work, layout)
                    run = tool.push(reference) if work == "push" else tool.pull(reference)
                    bench.record(work, "all layers", tool.label, run.seconds)
                    if isinstance(tool, Ours):
                        assert json.loads(run.output)["digest"] == digest, f"{work} moved another ModelKit"
                        bench.record(work, "peak memory", tool.label, run.peak_bytes, "bytes")


def _modelkit(tool: Ours, kitfile: str) -> str:
    """Pack what is in the workspace; returns the digest."""
    (tool.work / CODE).write_text("print(1)\n")
    (tool.work / "Kitfile").write_text(kitfile)
    tool.keep("all")
    return str(json.loads(tool.pack().output)["digest"])


def parallel(bench: Bench) -> None:
    """Eight layers of one size, moved all at once and one after another."""
    if not (registry_is_there() and bench.tools()):
        return
    with bench.place("data") as data, DockerRegistry(data / "registry") as registry:
        origin = Ours(data / "origin")
        origin.prepare()
        parts = [f"part-{number}.safetensors" for number in range(STREAMS)]
        tensors = transformer(bench.sizes.model // STREAMS)
        for number, part in enumerate(parts):
            write_model(origin.work / part, tensors, series=number)
        kitfile = KITFILE.partition("model:")[0] + "datasets:\n" + "".join(f"- path: {part}\n" for part in parts)
        _modelkit(origin, kitfile)
        for number in range(bench.rounds):
            for at_once, label in ((STREAMS, OURS), (1, "one at a time")):
                reference = f"{registry.host}/bench/parallel-{number}-{at_once}:v1"
                with bench.place() as place:
                    for work in ("push", "pull"):
                        tool = Ours(place)
                        roomy(tool, bench.sizes.model)
                        tool.environment["JUPYTER_KIT_CONCURRENCY"] = str(at_once)
                        if work == "push":
                            tool.work = origin.work
                        else:
                            tool.prepare()
                        run = tool.push(reference) if work == "push" else tool.pull(reference)
                        bench.record("parallel", f"{work} of {STREAMS} layers", label, run.seconds)
                        if label == OURS:
                            bench.record("parallel", "peak memory", label, run.peak_bytes, "bytes")
