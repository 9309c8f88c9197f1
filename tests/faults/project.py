"""A small project with one of everything that is kept in a way of its own, and what its snapshots must give back."""

from __future__ import annotations

import base64
import json
import os
import random
import shutil
from pathlib import Path

from jupyter_kit.workspace import Workspace

Tree = dict[str, bytes]


def noise(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def notebook(run: int) -> bytes:
    """A notebook with a figure that stays and text that changes."""
    figure = base64.b64encode(noise(7, 6_000)).decode()
    cells = [
        {"cell_type": "code", "execution_count": run, "metadata": {}, "source": f"train({run})", "outputs": []},
        {
            "cell_type": "code",
            "execution_count": run + 1,
            "metadata": {},
            "source": "plot()",
            "outputs": [{"output_type": "display_data", "metadata": {}, "data": {"image/png": figure}}],
        },
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1).encode()


FIRST: Tree = {
    "train.ipynb": notebook(1),
    "train.py": b"import math\n" * 200,
    "model/weights.bin": noise(1, 400_000),
    "data/a.csv": b"1,2\n" * 40,
    "data/empty": b"",
}

SECOND: Tree = {
    "train.ipynb": notebook(3),
    "train.py": b"import math\n" * 199 + b"import cmath\n",
    "model/weights.bin": noise(1, 200_000) + noise(2, 200_000),
    "data/b.csv": b"1,2\n" * 40,
    "notes.md": b"# better\n",
}

STATES = {"first": FIRST, "second": SECOND}


def put(folder: Path, tree: Tree) -> None:
    """Make the folder hold exactly this tree, beside ``.kit``."""
    for path in [path for path in folder.iterdir() if path.name != ".kit"]:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name, content in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)


def on_disk(folder: Path) -> Tree:
    """What the folder holds, beside ``.kit``."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".kit" not in path.relative_to(folder).parts
    }


def kept(workspace: Workspace, name: str) -> Tree:
    """What a snapshot gives back, read from the store."""
    store = workspace._store
    return {entry.path: store.read_bytes(entry.root, entry.path) for entry in workspace.show(name).entries if entry.kind == "file"}


def assert_whole(folder: Path) -> list[str]:
    """The store opens, every snapshot is complete, check and audit find nothing. Returns the messages, oldest first."""
    with Workspace.open(folder) as workspace:
        messages = []
        for entry in reversed(workspace.log()):
            messages.append(entry.snapshot.message)
            if entry.snapshot.message in STATES:
                assert kept(workspace, entry.snapshot.id) == STATES[entry.snapshot.message]
        report = workspace.check()
        assert report.ok, report.damage
        assert workspace.audit_verify().problems == ()
        for name in workspace.tags():
            workspace.show(name)
        return messages


def copied(template: Path, place: Path) -> Path:
    """A fresh copy of a prepared workspace."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place, symlinks=True)
    return place


def data_segments(folder: Path) -> list[Path]:
    """The segments of a workspace, largest first."""
    return sorted((folder / ".kit/store/segments").glob("*.segment"), key=lambda path: (-path.stat().st_size, path.name))


def overwrite(path: Path, offset: int, data: bytes) -> None:
    """Change bytes in place, as a failing disk does."""
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.pwrite(descriptor, data, offset)
    finally:
        os.close(descriptor)
