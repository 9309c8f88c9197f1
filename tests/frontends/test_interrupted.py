"""Ctrl-C in a terminal while a ModelKit moves: it ends soon, says so, leaves nothing half-named, and the same command then finishes."""

from __future__ import annotations

import itertools
import os
import random
import select
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.frontends import cli
from jupyter_kit.progress import Silent
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.faults import FaultProxy

pty = pytest.importorskip("pty", reason="there are pseudo-terminals on POSIX only")

pytestmark = needs_docker_registry

SECONDS_MAX = 60.0

CTRL_C = b"\x03"


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[FaultProxy]:
    """A registry behind a line that takes its time."""
    with DockerRegistry(tmp_path / "registry") as registry, FaultProxy(registry.port, latency=0.02) as proxy:
        yield proxy


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "KITOPS_HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.setenv("TERM", "xterm")
    folder = tmp_path / "ada"
    folder.mkdir()
    (folder / "model.bin").write_bytes(random.Random(1).randbytes(30_000_000))
    (folder / "Kitfile").write_text("manifestVersion: 1.0.0\nmodel: {name: digits, path: model.bin}\n")
    monkeypatch.chdir(folder)
    for line in ("init", "snapshot -m first", "pack -t digits:v1"):
        assert cli.main([*line.split(), "-q"]) == 0
    return folder


def interrupted(line: str, begun: bytes) -> tuple[int, str]:
    """Run a command in a terminal, press Ctrl-C once it has said ``begun``; its exit code, and what was to be read."""
    pid, terminal = pty.fork()
    if pid == 0:  # The command, in a terminal of its own.
        os.execv(sys.executable, [sys.executable, "-m", "jupyter_kit", *line.split()])
    said, pressed = b"", False
    until = time.monotonic() + SECONDS_MAX
    while time.monotonic() < until:
        if select.select([terminal], [], [], 0.1)[0]:
            try:
                read = os.read(terminal, 1 << 16)
            except OSError:  # How Linux says that the other side has closed.
                break
            if not read:
                break
            said += read
        if begun in said and not pressed:
            os.write(terminal, CTRL_C)
            pressed = True
    os.close(terminal)
    assert pressed
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), said.decode(errors="replace")


def test_a_push_and_a_pull(project: Path, slow: FaultProxy, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reference = f"{slow.host}/team/digits:v1"
    code, said = interrupted(f"push digits:v1 {reference}", b"Copying")
    assert code == 130
    assert "nothing half-done is left" in said
    slow.latency = 0.0
    assert cli.main(["inspect", "-r", reference]) == 3
    assert cli.main(["push", "digits:v1", reference]) == 0
    slow.latency = 0.02
    ben = tmp_path / "ben"
    ben.mkdir()
    assert cli.main(["-C", str(ben), "init", "-q"]) == 0
    code, said = interrupted(f"-C {ben} pull {reference}", b"Copying")
    assert code == 130
    slow.latency = 0.0
    capsys.readouterr()
    assert cli.main(["-C", str(ben), "list", "-q"]) == 0
    assert capsys.readouterr().out == ""
    assert cli.main(["-C", str(ben), "check"]) == 0
    assert cli.main(["-C", str(ben), "pull", reference]) == 0


@pytest.mark.parametrize("step", [1, 3])
def test_an_unpack(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """It is over in a moment, so the key is pressed at a step of it and not at a time."""
    steps = itertools.count(1)

    def advance(progress: Silent, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        if next(steps) == step:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Silent, "advance", advance)
        assert cli.main(["unpack", "digits:v1", "-d", str(tmp_path / "out")]) == 130
    assert not (tmp_path / "out").exists()
    assert cli.main(["unpack", "digits:v1", "-d", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "model.bin").read_bytes() == (project / "model.bin").read_bytes()
