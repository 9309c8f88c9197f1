"""Run one command and write what it took, as JSON, to the file named first.

A process of its own, and a small one: Linux counts the memory of whoever forks into the peak of the child, so that a child started
by a process that has made 16 GiB of data would look large.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time


def main() -> int:
    report, *command = sys.argv[1:]
    start = time.perf_counter()
    process = subprocess.Popen(command)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = code = os.waitstatus_to_exitcode(status)
    peak = usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)  # bytes there, KiB elsewhere
    with open(report, "w") as file:
        json.dump({"seconds": seconds, "cpu_seconds": usage.ru_utime + usage.ru_stime, "peak_bytes": peak}, file)
    return code


if __name__ == "__main__":
    sys.exit(main())
