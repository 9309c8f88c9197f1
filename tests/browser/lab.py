"""A JupyterLab of its own, on a folder, that touches nothing of whoever runs the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

BUNDLE = Path(__file__).parents[2] / "jupyter_kit" / "labextension"
"""The built lab extension: `tests/lab.sh build` makes it."""

PYTHON = os.environ.get("LAB_PYTHON", sys.executable)
"""The Python whose JupyterLab is driven: another one for another version of it, as `make test-oldest` does."""

START_SECONDS_MAX = 60
"""How long a lab may take to answer, on a machine that does much else."""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab."""

    folder: Path
    """What it shows: the server's root."""
    address: str
    """URL of the server, with a slash at the end."""
    token: str
    process: subprocess.Popen[bytes]
    log: Path

    def url(self, app: str = "lab", **query: str) -> str:
        """Where the browser goes: ``lab``, ``lab/tree/train.ipynb``, ``tree`` (Notebook 7)."""
        words = "".join(f"&{name}={value}" for name, value in query.items())
        return f"{self.address}{app}?token={self.token}{words}"


def _settings(home: Path, ours: dict[str, object], *, extension: bool) -> None:
    """No question about news, no other extension's buttons, and what ``ours`` says of our own settings."""
    news = home / "settings" / "@jupyterlab" / "apputils-extension" / "notification.jupyterlab-settings"
    news.parent.mkdir(parents=True)
    news.write_text(json.dumps({"fetchNews": "false", "checkForUpdates": False}))
    page = home / "config" / "labconfig" / "page_config.json"
    page.parent.mkdir(parents=True)
    page.write_text(json.dumps({"disabledExtensions": {"nbdime-jupyterlab": True}}))
    panel = home / "settings" / "jupyter-kit" / "plugin.jupyterlab-settings"
    panel.parent.mkdir()
    panel.write_text(json.dumps(ours))
    (home / "config" / "jupyter_server_config.json").write_text(
        json.dumps(
            {
                "ServerApp": {"jpserver_extensions": {"jupyter_kit": extension}},
                "JupyterNotebookApp": {"expose_app_in_browser": True, "extra_labextensions_path": [str(home / "labextensions")]},
            }
        )
    )
    (home / "labextensions").mkdir()
    (home / "labextensions" / "jupyter-kit").symlink_to(BUNDLE)


@contextmanager
def running(
    folder: Path,
    home: Path,
    *,
    base_url: str = "/",
    settings: dict[str, object] | None = None,
    extension: bool = True,
    port: int = 0,
    options: tuple[str, ...] = (),
) -> Iterator[Lab]:
    """A JupyterLab on ``folder`` until the block ends; all that it keeps of its own goes into ``home``.

    ``settings`` are those of our extension; without ``extension`` only its browser half is there; ``port`` is a free one where it is 0;
    ``options`` go on the command.
    """
    _settings(home, settings or {}, extension=extension)
    environment = {
        **os.environ,
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
    }
    log = home / "lab.log"
    command = [
        PYTHON, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--ServerApp.port={port}", f"--ServerApp.root_dir={folder}",
        f"--ServerApp.base_url={base_url}", f"--LabApp.extra_labextensions_path={home / 'labextensions'}",
        "--LabApp.expose_app_in_browser=True", *options,
    ]  # fmt: skip
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)
    try:
        yield _answering(process, folder, home / "runtime", log)
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _answering(process: subprocess.Popen[bytes], folder: Path, runtime: Path, log: Path) -> Lab:
    """The lab once it answers; it writes down where it can be reached."""
    limit = time.monotonic() + START_SECONDS_MAX
    while time.monotonic() < limit and process.poll() is None:
        for facts in (json.loads(path.read_text() or "{}") for path in runtime.glob("jpserver-*.json")):
            if facts.get("port"):
                lab = Lab(folder, f"http://127.0.0.1:{facts['port']}{facts['base_url']}", facts["token"], process, log)
                # The facts are there a moment before anybody listens.
                with suppress(URLError), urlopen(f"{lab.address}api/status?token={lab.token}", timeout=START_SECONDS_MAX):
                    return lab
        time.sleep(0.1)
    raise AssertionError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-4000:]}")
