"""Debian's docker-registry, started on a free port of loopback."""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from pathlib import Path
from types import TracebackType

import pytest
import yaml

from tests.registry.servers.certificates import Pair

PROGRAM = "docker-registry"

CACHE = {"blobdescriptor": "inmemory"}
"""As Debian's own configuration has it: what the registry once knew it goes on to believe."""

START_SECONDS_MAX = 10.0

HTPASSWD = "ada:$2b$04$5yMhmcT0W1kQ1uLBMyUQ0Om2cvE4m2C48kXLilXGXHJnCBf.D8Xn2\n"
"""User ada with her PASSWORD, as htpasswd writes it with bcrypt."""

PASSWORD = "pass:word"
"""With a colon, where the header of Basic authentication has one too."""

needs_docker_registry = pytest.mark.skipif(
    shutil.which(PROGRAM) is None, reason="docker-registry is not installed: apt-get install docker-registry"
)


class DockerRegistry:
    """One running registry. ``folder`` keeps its blobs, its configuration and what it logs."""

    def __init__(
        self, folder: Path, *, tls: Pair | None = None, client_authority: Path | None = None, auth: dict[str, object] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.port = free_port()
        self.host = f"127.0.0.1:{self.port}"
        address: dict[str, object] = {"addr": self.host}
        if tls:
            address["tls"] = {"certificate": str(tls.certificate), "key": str(tls.key)}
            if client_authority:
                address["tls"] |= {"clientcas": [str(client_authority)]}  # type: ignore[operator]
        document = {
            "version": "0.1",
            "log": {"level": "info", "accesslog": {"disabled": False}},
            "storage": {"filesystem": {"rootdirectory": str(folder / "blobs")}, "delete": {"enabled": True}, "cache": CACHE},
            "http": address | {"relativeurls": True},
            **({"auth": auth} if auth else {}),
        }
        self._config = folder / "config.yml"
        self._config.write_text(yaml.safe_dump(document))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Run it, and wait until it listens."""
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([PROGRAM, "serve", str(self._config)], stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        deadline = time.monotonic() + START_SECONDS_MAX
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        """Kill it, as a machine that fails does; what it keeps stays."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def collect_garbage(self) -> None:
        """Delete blobs that no manifest names, while it may run: its memory goes on to believe in them."""
        subprocess.run([PROGRAM, "garbage-collect", str(self._config)], check=True, capture_output=True)

    @property
    def log(self) -> str:
        """What it said so far, one line for each request among it."""
        return (self.folder / "log").read_text()

    def __enter__(self) -> DockerRegistry:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
