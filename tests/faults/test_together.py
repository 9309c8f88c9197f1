"""Two kernels, a command and prune at once: no update lost, no chunk missing, nobody waits for ever."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

from jupyter_kit.errors import Conflict
from jupyter_kit.workspace import Workspace

from .project import FIRST, kept, noise, put

ROUNDS = 50
TIMEOUT_SECONDS = 120.0
"""Far more than the rounds take: reaching it is a deadlock."""


def kernel(folder: Path, name: str) -> None:
    """Change a file of its own and keep the workspace, again and again."""
    with Workspace.open(folder) as workspace:
        for number in range(ROUNDS):
            (folder / f"{name}.bin").write_bytes(noise(number, 20_000) + name.encode())
            workspace.snapshot(f"{name} {number}", tags=[f"{name}-{number}"])


def pruner(folder: Path) -> None:
    """Take untagged snapshots out and prune, again and again."""
    with Workspace.open(folder) as workspace:
        for _ in range(ROUNDS):
            try:
                workspace.prune(keep_last=1)
            except Conflict:
                continue


def test_fifty_rounds(tmp_path: Path) -> None:
    put(tmp_path, FIRST)
    with Workspace.init(tmp_path) as workspace:
        workspace.snapshot("first", tags=["first"])
    context = multiprocessing.get_context("fork")
    work = [
        context.Process(target=kernel, args=(tmp_path, "one")),
        context.Process(target=kernel, args=(tmp_path, "two")),
        context.Process(target=pruner, args=(tmp_path,)),
    ]
    for process in work:
        process.start()
    try:
        for number in range(8):
            command = [
                sys.executable,
                "-m",
                "jupyter_kit",
                "-C",
                str(tmp_path),
                "snapshot",
                "-m",
                f"command {number}",
                "--tag",
                f"command-{number}",
            ]
            subprocess.run(command, check=True, capture_output=True, timeout=TIMEOUT_SECONDS)
        for process in work:
            process.join(TIMEOUT_SECONDS)
            assert process.exitcode == 0
    finally:
        for process in work:
            process.kill()
    with Workspace.open(tmp_path) as workspace:
        tags = workspace.tags()
        wanted = {f"{name}-{number}" for name in ("one", "two") for number in range(ROUNDS)} | {f"command-{number}" for number in range(8)}
        assert wanted <= set(tags)
        for name in ("one", "two"):
            for number in (0, ROUNDS // 2, ROUNDS - 1):
                assert kept(workspace, f"{name}-{number}")[f"{name}.bin"] == noise(number, 20_000) + name.encode()
        report = workspace.check()
        assert report.ok, report.damage
        assert workspace.audit_verify().problems == ()
        parents = [entry.snapshot.parents for entry in workspace.log()]
        assert len(parents) == len(set(parents))  # One line of history: nobody stood on the same parent as another.


def test_a_fork_between_open_and_use(tmp_path: Path) -> None:
    """A child may not use what LMDB opened before the fork; it opens its own, and both go on."""
    put(tmp_path, FIRST)
    with Workspace.init(tmp_path) as workspace:
        workspace.snapshot("before")
        child = os.fork()
        if child == 0:
            code = 1
            try:
                (tmp_path / "child.txt").write_text("from the child\n")
                workspace.snapshot("child")
                code = 0
            finally:
                os._exit(code)
        assert os.waitpid(child, 0)[1] == 0
        (tmp_path / "parent.txt").write_text("from the parent\n")
        workspace.snapshot("parent")
        assert [entry.snapshot.message for entry in workspace.log()] == ["parent", "child", "before"]
        assert set(kept(workspace, "HEAD")) == {*FIRST, "child.txt", "parent.txt"}
        assert workspace.check().ok
