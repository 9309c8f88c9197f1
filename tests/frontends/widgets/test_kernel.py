"""Views in running kernels: what a click does while a transfer runs, and what a saved notebook keeps."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from tests.frontends.kernels import SECONDS, Kernel
from tests.registry.servers.docker import HTPASSWD, PASSWORD, DockerRegistry, needs_docker_registry
from tests.registry.servers.faults import FaultProxy

HOME = Path(__file__).parents[3]

pytestmark = [
    needs_docker_registry,
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Jupyter's own, about its own.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


def test_a_transfer_leaves_the_kernel_free_and_stops_at_a_click(kernel: Kernel, folder: Path, tmp_path: Path) -> None:
    (folder / "model.safetensors").write_bytes(os.urandom(24 << 20))
    kernel.run("%kit init")
    kernel.run("%kit snapshot -m first")
    kernel.run("kit = %kit pack -t a:v1 --yes")
    with DockerRegistry(tmp_path / "registry") as registry, FaultProxy(registry.port, latency=0.03) as slow:
        kernel.run(f"form = %kit push a:v1 {slow.host}/team/a:v1 --form\nform")
        kernel.click(kernel.widget("Push"))
        kernel.listen_for("<progress")
        kernel.run("2 + 2")
        kernel.click(kernel.widget("Cancel"))
        kernel.listen_for("Cancelled")
        assert kernel.states()[kernel.widget("Push")]["disabled"] is False
        slow.latency = 0
        kernel.click(kernel.widget("Push"))
        kernel.listen_for("Now at")


def test_what_a_rollback_asks_is_answered_by_a_click(kernel: Kernel, folder: Path) -> None:
    (folder / "a.txt").write_text("one")
    kernel.run("%kit init")
    kernel.run("%kit snapshot -m first")
    (folder / "a.txt").write_text("two")
    kernel.run("%kit history")
    kernel.click(kernel.widget("Roll back…"))
    kernel.listen_for("To go back to")
    kernel.click(kernel.widget("Roll back"))
    kernel.listen_for("Back at")
    assert (folder / "a.txt").read_text() == "one"
    kernel.click(kernel.widget("Undo"))
    kernel.hear(lambda _: (folder / "a.txt").read_text() == "two")


def test_a_saved_notebook_keeps_no_password(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    for name, value in {"USERNAME": "ada", "PASSWORD": PASSWORD}.items():
        monkeypatch.setenv(f"JUPYTER_KIT_{name}", value)
    (folder / "fit.py").write_text("rate = 0.1\n")
    with DockerRegistry(tmp_path / "registry", auth={"htpasswd": {"realm": "tests", "path": str(tmp_path / "htpasswd")}}) as registry:
        monkeypatch.setenv("JUPYTER_KIT_REGISTRY", registry.host)
        document = executed(
            folder,
            "%load_ext jupyter_kit\n%kit init",
            '%kit snapshot -m "first" --tag v1 --metric accuracy=0.9',
            'open("fit.py", "a").write("steps = 100")\n%kit snapshot -m "second"',
            "history = %kit history\nhistory.work.wait()\nhistory",
            "%kit compare v1 HEAD",
            f"pack = %kit pack --form -t {registry.host}/ada/a:v1\npack.button.click()\npack.work.wait()\npack",
            "push = %kit push --form\npush.button.click()\npush.work.wait()\npush",
        )
    saved = nbformat.writes(document)
    assert PASSWORD not in saved
    assert json.dumps(PASSWORD)[1:-1] not in saved
    states = document.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    values = [str(state["state"].get("value", "")) for state in states]
    assert any("Now at" in value for value in values), "the password was used"
    assert any("Packed as" in value for value in values)
    assert sum("+steps = 100" in value for value in values) == 2, "what history and compare show"
    assert not [state for state in states if state["model_name"] == "PasswordModel"]
    page, widgets = (output.data for output in document.cells[3].outputs[-2:])
    assert "first" in page["text/html"], "for readers without widgets"
    assert set(widgets) == {"application/vnd.jupyter.widget-view+json", "text/plain"}
    assert widgets["text/plain"] == ""


def executed(folder: Path, *sources: str) -> Any:
    document = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
    arguments = ["--log-level=ERROR"]
    where = {"metadata": {"path": str(folder)}}
    return NotebookClient(document, timeout=int(SECONDS), kernel_name="python3", resources=where, extra_arguments=arguments).execute()
