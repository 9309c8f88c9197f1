"""The tools that make ModelKits and move them: jupyter-kit, and whichever of kit, skopeo and oras-py are there.

kit is on PATH, oras-py beside this interpreter. skopeo makes nothing: it moves a ModelKit that stands in an OCI layout.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from importlib import metadata
from pathlib import Path
from typing import Protocol, runtime_checkable

from .peers import JupyterKit, Tool, first_line
from .process import Run

NAME = "bench:v1"
"""What a ModelKit is called where it is made."""


@runtime_checkable
class Packer(Protocol):
    """Makes a ModelKit of what is in ``work``: of its newest snapshot, or of the files."""

    def pack(self) -> Run: ...


@runtime_checkable
class Carrier(Protocol):
    """``hold`` gives it a ModelKit that is in a layout and in a workspace. ``pull`` brings what is in a registry, into an empty place."""

    def hold(self, workspace: Path, layout: Path) -> None: ...
    def push(self, reference: str) -> Run: ...
    def pull(self, reference: str) -> Run: ...


class Ours(JupyterKit):
    """jupyter-kit as packer and carrier."""

    def pack(self) -> Run:
        return self.verb("pack", "-t", NAME, "--yes", "--json")

    def hold(self, workspace: Path, layout: Path) -> None:
        self.work = workspace

    def push(self, reference: str) -> Run:
        return self.verb("push", NAME, reference, "--json")

    def pull(self, reference: str) -> Run:
        return self.verb("pull", reference, "--json")

    def digest(self) -> str:
        """Of the ModelKit."""
        return str(json.loads(self.verb("inspect", NAME, "--json").output)["digest"])


class CopyDigest(Tool):
    """``cp`` and sha256 of each file: what packing with a second copy costs at least."""

    name = "cp+sha256"
    program = "sha256sum"

    def prepare(self) -> None:
        self.kept.mkdir()

    def pack(self) -> Run:
        copy = self.kept / str(len(list(self.kept.iterdir())))
        return self.run("sh", "-c", 'cp -r "$1" "$2" && find "$2" -type f -exec sha256sum {} +', "sh", self.work, copy)


class Kit(Tool):
    """The original. The commands are those of its documentation: no kit was at hand to run them."""

    name = "kit"
    program = "kit"

    @classmethod
    def version(cls) -> str:
        return first_line(["kit", "version"])

    def prepare(self) -> None:
        self.environment["KITOPS_HOME"] = str(self.kept)

    def pack(self) -> Run:
        return self.run("kit", "pack", ".", "-t", NAME)

    def hold(self, workspace: Path, layout: Path) -> None:
        self.work = workspace
        self.pack()

    def push(self, reference: str) -> Run:
        return self.run("kit", "push", NAME, reference, "--plain-http")

    def pull(self, reference: str) -> Run:
        return self.run("kit", "pull", reference, "--plain-http")


class Skopeo(Tool):
    """skopeo, from a layout and into one, with the bytes as they are.

    It remembers for each user which repository has a blob, and then lets the registry mount it; the superuser's memory is one for the
    machine. So it is told to be another user, whose home is new: what is measured is a push.
    """

    name = "skopeo"
    program = "skopeo"

    def prepare(self) -> None:
        self.environment |= {"_CONTAINERS_ROOTLESS_UID": "1000", "XDG_DATA_HOME": str(self.kept.with_name("remembered"))}

    def hold(self, workspace: Path, layout: Path) -> None:
        self.layout = layout

    def push(self, reference: str) -> Run:
        return self._copy("--dest-tls-verify=false", f"oci:{self.layout}:v1", f"docker://{reference}")

    def pull(self, reference: str) -> Run:
        return self._copy("--src-tls-verify=false", f"docker://{reference}", f"oci:{self.kept}:v1")

    def _copy(self, *words: str) -> Run:
        return self.run("skopeo", "--insecure-policy", "copy", "--quiet", "--preserve-digests", *words)


ORAS = """
import sys
from oras.client import OrasClient

verb, reference, *files = sys.argv[1:]
client = OrasClient(insecure=True)
if verb == "push":
    client.push(target=reference, files=files, disable_path_validation=True)
else:
    client.pull(target=reference, outdir="pulled")
"""


class Oras(Tool):
    """oras-py: files as they are, each a blob of its own."""

    name = "oras-py"
    program = "oras-py"

    @classmethod
    def available(cls) -> bool:
        return importlib.util.find_spec("oras") is not None

    @classmethod
    def version(cls) -> str:
        return metadata.version("oras")

    def hold(self, workspace: Path, layout: Path) -> None:
        self.work = workspace

    def push(self, reference: str) -> Run:
        return self._client("push", reference, *sorted(path.name for path in self.work.iterdir() if path.is_file()))

    def pull(self, reference: str) -> Run:
        return self._client("pull", reference)

    def _client(self, *words: str) -> Run:
        return self.run(sys.executable, "-c", ORAS, *words)


CARRIERS: tuple[type[Tool], ...] = (Kit, Skopeo, Oras)
PACKERS: tuple[type[Tool], ...] = (CopyDigest, Kit)
