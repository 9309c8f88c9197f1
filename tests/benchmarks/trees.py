"""Many small files, and hardly any: adding, editing and bringing back 5,000, finding nothing new among 100,000, and start to exit."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .bench import Bench, same_tree
from .data import edit_small_files, write_many_files, write_small_files
from .peers import Borg, Dvc, Git, JupyterKit, Restic, Tool

STATUS_FILES = 30
"""Files of the small workspace that ``status`` looks at."""


def small(bench: Bench) -> None:
    """All files added; one in twenty edited and added; those brought back; all files deleted and brought back."""
    with bench.place("data") as data:
        write_small_files(data / "v1" / "data", bench.sizes.small_files, bench.sizes.small_bytes)
        shutil.copytree(data / "v1", data / "v2")
        edit_small_files(data / "v2", 0.05)
        # Nothing is deleted until the end: ext4 looks at every inode freed in the last half minute before it makes a file.
        for number, kind in bench.turns(Git, Borg, Restic, Dvc):
            tool = kind(data / f"{number}-{kind.name}")
            tool.prepare()
            tool.warm_bytes += 2 * bench.sizes.small_bytes
            _small_round(bench, tool, data)


def _small_round(bench: Bench, tool: Tool, data: Path) -> None:
    shutil.copytree(data / "v1", tool.work, dirs_exist_ok=True)
    bench.record("small", "add all", tool.label, tool.keep("v1").seconds)
    bench.record("small", "nothing changed", tool.label, tool.keep("again").seconds)
    for path in sorted((data / "v2").rglob("*")):
        target = tool.work / path.relative_to(data / "v2")
        if path.is_file() and path.read_bytes() != target.read_bytes():
            shutil.copyfile(path, target)
    bench.record("small", "add 5 % changed", tool.label, tool.keep("v2").seconds)
    if tool.restored == tool.work:
        bench.record("small", "roll 5 % back", tool.label, tool.restore("v1").seconds)
        assert same_tree(data / "v1", tool.work), f"{tool.name} brought back other bytes"
        (tool.work / "data").rename(tool.place / "gone")
    bench.record("small", "roll all back", tool.label, tool.restore("v1").seconds)
    assert same_tree(data / "v1", tool.restored), f"{tool.name} brought back other bytes"


def many(bench: Bench) -> None:
    """git and we look at one and the same tree; neither sees the other's folder."""
    with bench.place() as place:
        ours = JupyterKit(place)
        write_many_files(ours.work, bench.sizes.many_files)
        if bench.tools():
            ours.prepare()
            bench.record("unchanged-many", "first snapshot", ours.label, ours.keep("v1").seconds)
        git = None
        if Git in bench.peers:
            git = Git(place)
            git.prepare()
            bench.record("unchanged-many", "first snapshot", git.label, git.keep("v1").seconds)
        for number in range(bench.rounds):
            if git:
                status = git.git("status", "--porcelain").seconds
                bench.record("unchanged-many", "nothing changed", "git status", status)
                bench.record("unchanged-many", "nothing changed, beyond start-up", "git status", status)
            if bench.tools():
                start_up = ours.verb("version").seconds
                snapshot = ours.keep(f"again-{number}").seconds
                bench.record("unchanged-many", "start-up", ours.label, start_up)
                bench.record("unchanged-many", "nothing changed", ours.label, snapshot)
                bench.record("unchanged-many", "nothing changed, beyond start-up", ours.label, snapshot - start_up)
                bench.record("unchanged-many", "status", ours.label, ours.verb("status", "--json").seconds)


def status(bench: Bench) -> None:
    """A workspace of a few files and snapshots, one file edited since."""
    with bench.place() as place:
        ours = JupyterKit(place)
        write_small_files(ours.work, STATUS_FILES, STATUS_FILES * 20_000)
        if not bench.tools():
            return
        ours.prepare()
        for label in ("one", "two", "three"):
            ours.keep(label)
            edit_small_files(ours.work, 0.05)
        for number in range(bench.rounds):
            bench.record("status", "status", ours.label, ours.verb("status").seconds)
            bench.record("status", "status --json", ours.label, ours.verb("status", "--json").seconds)
            bench.record("status", "log --json", ours.label, ours.verb("log", "--json").seconds)
            bench.record("status", "version", ours.label, ours.verb("version").seconds)
            bench.record("status", "version", "python -c pass", ours.run(sys.executable, "-c", "pass").seconds)
            edit_small_files(ours.work, 0.05)
            bench.record("status", "snapshot of one edited file", ours.label, ours.keep(f"more-{number}").seconds)
