"""A history with one large file on docker-registry: synced after a small change, and one small file fetched out of it.

Bytes on the wire are those of the TCP connections, all headers included, counted by a proxy between jupyter-kit and the registry.
"""

from __future__ import annotations

from pathlib import Path

from tests.registry.servers.docker import DockerRegistry
from tests.registry.servers.faults import FaultProxy

from .bench import Bench, same_tree
from .carriers import Ours
from .data import bytes_of, changed_tensors, generator, transformer, write_model
from .modelkits import CODE, FILE, KITFILE, registry_is_there, roomy
from .process import Run
from .report import OURS

SMALL = "reference.bin"


def history(bench: Bench) -> None:
    """Each round syncs a new history, the change, and fetches the small file into an empty workspace."""
    if not (registry_is_there() and bench.tools()):
        return
    tensors = transformer(bench.sizes.model)
    changed = changed_tensors(tensors, 0.01)
    changed_bytes = bytes_of(tensors, changed)
    with bench.place("data") as data, DockerRegistry(data / "registry") as registry, FaultProxy(registry.port) as wire:
        for number in range(bench.rounds):
            remote = f"{wire.host}/bench/history-{number}"
            with bench.place() as place:
                tool = Ours(place / "one")
                tool.prepare()
                roomy(tool, bench.sizes.model)
                write_model(tool.work / FILE, tensors)
                (tool.work / SMALL).write_bytes(generator(30).bytes(bench.sizes.one_file))
                (tool.work / CODE).write_text("print(1)\n")
                (tool.work / "Kitfile").write_text(KITFILE)
                tool.keep("first")
                tool.verb("remote", "add", "origin", remote)
                _counted(bench, wire, tool, "sync", "all of it")
                write_model(tool.work / FILE, tensors, changed=changed)
                tool.keep("second")
                tool.pack()
                _counted(bench, wire, tool, "sync", "1 % changed")
                bench.record("sync", "1 % changed, bytes on the wire", "changed bytes", changed_bytes, "bytes")
                pushed = tool.push(f"{registry.host}/bench/layer-{number}:v1")
                bench.record("sync", "1 % changed", "pushing the layer", pushed.seconds)
                if bench.wants("one-file"):
                    _one_file(bench, wire, place, tool.work, remote)


def _one_file(bench: Bench, wire: FaultProxy, place: Path, origin: Path, remote: str) -> None:
    tool = Ours(place / "other")
    tool.prepare()
    tool.verb("remote", "add", "origin", remote)
    _counted(bench, wire, tool, "one-file", "one file", "pull", "--only", SMALL)
    (place / "expected").mkdir()
    (origin / SMALL).rename(place / "expected" / SMALL)
    assert same_tree(place / "expected", tool.work), "the file came back with other bytes"
    bench.record("one-file", "one file, bytes on the wire", "file", bench.sizes.one_file, "bytes")


def _counted(bench: Bench, wire: FaultProxy, tool: Ours, benchmark: str, work: str, *words: str) -> Run:
    """Run a verb, ``sync`` where none is given; record its time, its memory, and what went over the wire both ways."""
    before = sum(wire.bytes.values())
    run = tool.verb(*(words or ("sync",)), "--json")
    bench.record(benchmark, work, OURS, run.seconds)
    bench.record(benchmark, f"{work}, bytes on the wire", OURS, sum(wire.bytes.values()) - before, "bytes")
    bench.record(benchmark, "peak memory", OURS, run.peak_bytes, "bytes")
    return run
