"""What tests of front ends share: a kernel."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from jupyter_client.manager import KernelManager

from tests.frontends.kernels import SECONDS, Kernel

HOME = Path(__file__).parents[2]


@pytest.fixture
def kernel(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kernel]:
    """A kernel in an empty folder, with the extension loaded and its history in ``history.sqlite`` there."""
    process = KernelManager(kernel_name="python3")
    environment = {**os.environ, "PYTHONPATH": str(HOME), "PYTHONWARNINGS": "ignore"}
    arguments = [f"--HistoryManager.hist_file={folder / 'history.sqlite'}", "--log-level=ERROR"]
    process.connection_file = str(tmp_path_factory.mktemp("runtime") / "kernel.json")
    process.start_kernel(env=environment, cwd=str(folder), extra_arguments=arguments)
    client = process.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=SECONDS)
        kernel = Kernel(process, client)
        kernel.run("%load_ext jupyter_kit")
        yield kernel
    finally:
        client.stop_channels()
        process.shutdown_kernel(now=True)
