"""What a person does in a running kernel, over the messages that a browser sends: type a password, stop a transfer."""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.frontends.kernels import SECONDS, Kernel
from tests.registry.servers.docker import HTPASSWD, PASSWORD, DockerRegistry, needs_docker_registry
from tests.registry.servers.faults import FaultProxy

pytestmark = [
    needs_docker_registry,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Jupyter's own, about its own.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_a_password_is_typed_where_nothing_keeps_it(kernel: Kernel, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    with DockerRegistry(tmp_path / "registry", auth={"htpasswd": {"realm": "tests", "path": str(tmp_path / "htpasswd")}}) as registry:
        cell = kernel.start(f"done = %kit login {registry.host}\ndone")
        asked = kernel.client.get_stdin_msg(timeout=SECONDS)["content"]
        assert (asked["prompt"], asked["password"]) == (f"User name for {registry.host}: ", False)
        kernel.client.input("ada")
        asked = kernel.client.get_stdin_msg(timeout=SECONDS)["content"]
        assert asked["password"]
        assert f"ada for {registry.host}" in asked["prompt"]
        kernel.client.input(PASSWORD)
        assert kernel.end(cell)["status"] == "ok"
    kernel.run("print(In, Out, [repr(value) for value in list(globals().values())]); get_ipython().history_manager.writeout_cache()")
    kernel.run("get_ipython().history_manager.end_session()")
    assert "Signed in" in kernel.notebook()
    assert PASSWORD not in kernel.notebook()
    assert PASSWORD not in json.dumps(kernel.heard, default=str)
    kept = b"".join(file.read_bytes() for file in folder.glob("history.sqlite*"))
    assert b"kit login" in kept
    assert PASSWORD.encode() not in kept


def named(registry: DockerRegistry) -> bool:
    """Whether the registry knows the tag that is pushed here."""
    kinds = "application/vnd.oci.image.manifest.v1+json"
    request = urllib.request.Request(f"http://{registry.host}/v2/team/a/manifests/v1", headers={"Accept": kinds})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS):
            return True
    except urllib.error.HTTPError:
        return False


def stopped(kernel: Kernel, source: str) -> str:
    """The page of the bar in the moment in which a cell was interrupted."""
    cell = kernel.start(source)
    bar = kernel.listen(cell, lambda message: " left" in message["content"].get("data", {}).get("text/html", ""))
    kernel.process.interrupt_kernel()
    reply = kernel.end(cell)
    assert (reply["status"], reply["ename"]) == ("error", "Cancelled")
    return str(bar["content"]["data"]["text/html"])


def test_a_transfer_that_is_stopped_names_nothing_and_goes_on(kernel: Kernel, folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(os.urandom(24 << 20))
    (folder / "model.bin").write_bytes(os.urandom(12 << 20))
    kernel.run("%kit init")
    kernel.run("%kit snapshot -m first")
    kernel.run("kit = %kit pack -t a:v1 --yes")
    kernel.run("import os; os.mkdir('../away')")
    kernel.run("%kit -C ../away init")
    with DockerRegistry(tmp_path / "registry") as registry, FaultProxy(registry.port, latency=0.03) as slow:
        push, pull = f"%kit push a:v1 {slow.host}/team/a:v1", f"%kit -C ../away pull {slow.host}/team/a:v1"
        bar = stopped(kernel, push)
        assert " of 37.8 MB, " in bar
        assert "/s, " in bar
        assert bar.count("<progress") > 1, "the whole, and each blob"
        assert not named(registry)
        slow.latency = 0
        kernel.run(f"moved = {push}\nassert moved.digest == kit.digest")
        assert named(registry)
        slow.latency = 0.03
        stopped(kernel, pull)
        kernel.run("listed = %kit -C ../away list\nassert not listed")
        slow.latency = 0
        kernel.run(f"moved = {pull}\nassert moved.digest == kit.digest")
        kernel.run("listed = %kit -C ../away list\nassert len(listed) == 1")
    kernel.run("found = %kit -C ../away check\nassert found.ok")
