"""``python -m tests.benchmarks``: measure, and print a table for each benchmark."""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .bench import FULL, TINY, Bench
from .carriers import CARRIERS, CopyDigest
from .data import GIB
from .histories import history
from .large import NAMES as LARGE
from .large import large
from .limits import audit, growth, sized
from .machine import describe, load_average
from .modelkits import pack, parallel, transfer
from .panel import panel
from .peers import PEERS, JupyterKit
from .reading import reading
from .serving import serving
from .sizes import fine_tune, notebook, table
from .trees import many, small, status

BENCHMARKS: tuple[tuple[tuple[str, ...], Callable[[Bench], None]], ...] = (
    (("status",), status),
    (LARGE, large),
    (("small",), small),
    (("unchanged-many",), many),
    (("notebook",), notebook),
    (("csv",), table),
    (("bf16",), fine_tune),
    (("memory", "scale"), sized),
    (("growth",), growth),
    (("audit",), audit),
    (("pack",), pack),
    (("push", "pull"), transfer),
    (("sync", "one-file"), history),
    (("parallel",), parallel),
    (("kit-read",), reading),
    (("server-loop",), serving),
    (("panel",), panel),
)
"""What measures which names; names that need the same preparation are measured together."""

TOOLS = (*PEERS, CopyDigest, *CARRIERS)

NAMES = tuple(name for names, _ in BENCHMARKS for name in names)


def parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure jupyter-kit beside the peers on PATH.")
    parser.add_argument("--only", nargs="+", metavar="NAME", choices=NAMES, default=NAMES, help=f"any of: {', '.join(NAMES)}")
    parser.add_argument("--rounds", type=int, default=5, help="samples of each timing (default: 5)")
    parser.add_argument("--gib", type=float, metavar="N", help="size of the model file (default: 2)")
    parser.add_argument(
        "--large", action="store_true", help="memory and scale at 16 GiB too, which takes 50 GiB of disk; panel with 10,000 snapshots"
    )
    parser.add_argument("--tiny", action="store_true", help="everything at toy size, to see that it runs: the figures mean nothing")
    parser.add_argument("--peers", nargs="*", metavar="NAME", choices=[tool.name for tool in TOOLS], help="only these peers")
    parser.add_argument("--folder", type=Path, help="where to work: the disk that is measured (default: the temporary folder)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample as JSON")
    return parser


def main(arguments: list[str] | None = None) -> int:
    """Always returns 0: a goal missed on a busy machine is a fact to report, not a failure."""
    options = parser().parse_args(arguments)
    sizes = TINY if options.tiny else FULL
    if options.gib:
        sizes = replace(sizes, model=int(options.gib * GIB))
    if options.large:
        sizes = replace(sizes, scale=(*sizes.scale, 16 * GIB), panel_snapshots=10_000)
    peers = tuple(peer for peer in TOOLS if peer.available() and (options.peers is None or peer.name in options.peers))
    if not JupyterKit.available():
        print("jupyter-kit is not installed: only the peers are measured.", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="jupyter-kit-bench-", dir=options.folder) as folder:
        bench = Bench(Path(folder), rounds=options.rounds, sizes=sizes, peers=peers, wanted=frozenset(options.only))
        machine = describe(Path(folder), peers, options.rounds)
        print("\n".join(f"{name:>13}: {fact}" for name, fact in machine.items()), flush=True)
        for names, measure in BENCHMARKS:
            if bench.wants(*names):
                measure(bench)
                for name in names:
                    if name in bench.report.benchmarks:
                        print(f"\n{bench.report.table(name)}", flush=True)
    machine["load average afterwards"] = load_average()
    print(f"\nload average afterwards: {machine['load average afterwards']}")
    if options.json:
        bench.report.write_json(options.json, machine)
    return 0


if __name__ == "__main__":
    sys.exit(main())
