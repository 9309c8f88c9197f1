"""The process that compares two notebooks, from outside: it is started, given a time, and stopped."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from threading import Lock

import jupyter_kit

SECONDS_MAX = 8.0
"""What somebody who opened a comparison waits for it. 5 MB take a quarter of a second, 720 cells that all differ 35 s."""

BYTES_MAX = 20_000_000
"""Of one version. Larger ones take gigabytes of memory, and a browser shows them badly."""

PROGRAM = "jupyter_kit.frontends.differ"


@dataclass(frozen=True)
class Answer:
    """``document`` is the JSON that the process wrote, or None, and then ``reason`` is a sentence that says why."""

    document: bytes | None
    reason: str = ""


class Comparison:
    """One comparison. It runs once, in the thread that asks for it, and can be stopped from another."""

    def __init__(self, before: bytes, after: bytes, *, seconds: float = SECONDS_MAX) -> None:
        """``before`` and ``after`` are the versions, of no bytes where there is none."""
        self._versions = before, after
        self._seconds = seconds
        self._stopped = False
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def answer(self) -> Answer:
        """Compare. Whatever goes wrong is an answer with its reason."""
        before, after = self._versions
        if max(len(before), len(after)) > BYTES_MAX:
            return Answer(None, f"It is larger than {BYTES_MAX // 1_000_000} MB.")
        if find_spec("nbdime") is None:
            return Answer(None, "nbdime is not installed: pip install 'jupyter-kit[diff]' shows outputs side by side.")
        process = self._start()
        if process is None:
            return Answer(None, "It was stopped.")
        # The process looks at its own clock as well, from when it began: this one starts first, and ends it where that one fails.
        try:
            written, told = process.communicate(len(before).to_bytes(8, "big") + before + after, timeout=self._seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return Answer(None, f"Comparing all details took longer than {self._seconds:g} seconds.")
        if self._stopped:
            return Answer(None, "It was stopped.")
        if process.returncode == 0:
            return Answer(written)
        lines = told.decode("utf-8", "replace").strip().splitlines()
        return Answer(None, f"nbdime could not compare it: {lines[-1] if lines else 'it ended early'}.")

    def stop(self) -> None:
        """End it: nobody waits for the answer any more. Safe from any thread, and more than once."""
        with self._lock:
            self._stopped = True
            if self._process is not None:
                self._process.kill()

    def _start(self) -> subprocess.Popen[bytes] | None:
        with self._lock:
            if self._stopped:
                return None
            # Modules are looked for in the folder a process starts in. It is ours: the workspace may hold a json.py.
            home = Path(jupyter_kit.__file__).parents[1]
            self._process = subprocess.Popen(
                [sys.executable, "-m", PROGRAM, str(self._seconds)],
                cwd=home,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
            )
            return self._process
