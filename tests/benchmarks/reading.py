"""A kept file read through kit://, beside the same file read from the disk; both from the system's cache."""

from __future__ import annotations

import json
import sys

from .bench import Bench
from .data import transformer, write_model
from .peers import SOURCE_TREE, JupyterKit

FILE = "model.bin"

READ = """
import json, sys, time
import fsspec

def whole(open_file):
    with open_file() as file:
        return len(file.read())

def pieces(length):
    def read(open_file):
        total, buffer = 0, bytearray(length)
        with open_file() as file:
            while count := file.readinto(buffer):
                total += count
        return total
    return read

sides = {
    "plain file": lambda: open("model.bin", "rb"),
    "jupyter-kit": lambda: fsspec.filesystem("kit").open("kit://HEAD/model.bin"),
}
works = {"all at once": whole, "64 MiB at a time": pieces(64 << 20), "1 MiB at a time": pieces(1 << 20)}
took = {}
for number in range(int(sys.argv[1]) + 1):
    for work, read in works.items():
        sizes = set()
        for side, open_file in list(sides.items())[:: 1 if number % 2 else -1]:
            start = time.perf_counter()
            sizes.add(read(open_file))
            took.setdefault(work, {}).setdefault(side, []).append(time.perf_counter() - start)
        assert len(sizes) == 1, sizes
print(json.dumps({work: {side: seconds[1:] for side, seconds in found.items()} for work, found in took.items()}))
"""
"""Reads by turns and prints seconds; the first round warms the cache and does not count."""


def reading(bench: Bench) -> None:
    """The smallest model file of memory and scale, 1 GiB, of random numbers: nothing of it is compressed."""
    if not bench.tools():
        return
    with bench.place() as place:
        tool = JupyterKit(place)
        tool.prepare()
        write_model(tool.work / FILE, transformer(bench.sizes.scale[0]))
        tool.keep("v1")
        tool.environment["PYTHONPATH"] = str(SOURCE_TREE)
        took = json.loads(tool.run(sys.executable, "-c", READ, str(bench.rounds), folder=tool.work).output)
        for work, sides in took.items():
            for side, samples in sides.items():
                for seconds in samples:
                    bench.record("kit-read", work, side, seconds)
