"""What every test stands on: a scrubbed environment, reproducible examples, and a workspace to play in."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from jupyter_kit.workspace import Workspace

settings.register_profile(
    "default",
    deadline=None,  # the disk, not the code, decides how long a durable write takes
    derandomize=True,  # the same examples on every machine: a failure can be repeated by running the test again
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],  # examples that write trees to disk are slow by nature
)
settings.register_profile("deep", settings.get_profile("default"), derandomize=False, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))

FOREIGN = ("JUPYTER", "JPY_", "IPYTHON", "GIT_", "XDG_", "PYTHONWARNINGS", "SOURCE_DATE_EPOCH", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
"""Beginnings of the variables whose value on the developer's machine would change what a test sees."""


# A shell lets what it starts in the background ignore interrupts, and programs pass that on to those that the tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session", autouse=True)
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The same environment everywhere: an empty home, no settings, and an identity for git."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(FOREIGN)]:
            patch.delenv(name)
        patch.setenv("HOME", str(home))
        patch.setenv("USERPROFILE", str(home))
        patch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        for role in ("AUTHOR", "COMMITTER"):
            patch.setenv(f"GIT_{role}_NAME", "Ada")
            patch.setenv(f"GIT_{role}_EMAIL", "ada@example.org")
        yield


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder, which is also the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def workspace(folder: Path) -> Iterator[Workspace]:
    """A workspace without a snapshot, in the current folder."""
    with Workspace.init(folder) as made:
        yield made
