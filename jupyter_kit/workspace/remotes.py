"""The verbs that move ModelKits between this workspace's store and other places."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.errors import Kind, NotFound
from jupyter_kit.places import Spot, registries
from jupyter_kit.progress import Progress
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.settings import load
from jupyter_kit.transfer import Copied, copy
from jupyter_kit.workspace.opened import Opened

if TYPE_CHECKING:
    from jupyter_kit.registry.registries import Registries


@dataclass(frozen=True)
class Moved:
    """A ModelKit that was pushed or pulled: where it is now, its manifest's digest, and what it took."""

    reference: str
    digest: str
    copied: Copied
    seconds: float


class Remotes(Opened):
    """Push, pull, login, logout."""

    def push(self, reference: str, destination: str | None = None, *, progress: Progress | None = None) -> Moved:
        """Send a ModelKit of the store to a registry, a layout (``oci:FOLDER:TAG``) or kit's own store (``kitops:REFERENCE``).

        Without ``destination`` it goes where its reference says. What is there already is not sent again; the tag comes last.
        Raises NotFound, InvalidInput, RegistryError and its children, TransferError.
        """
        with self._trail.recorded("push"), self._store.shared():
            held = self._places.held(reference)
            outside = self._places.outside(destination or reference)
            return self._moved("push", held, outside, outside.text, progress)

    def pull(self, reference: str, name: str | None = None, *, progress: Progress | None = None) -> Moved:
        """Bring a ModelKit into the store, under its own reference or under ``name``. What is here already is not fetched again.

        Raises as :meth:`push` does, and ContentCorrupt for content that is not what its digest says.
        """
        with self._trail.recorded("pull"), self._store.shared():
            outside = self._places.outside(reference)
            held = self._places.held(name or self._places.local_name(reference))
            return self._moved("pull", outside, held, held.text, progress)

    @staticmethod
    def login(registry: str, username: str, password: str, *, folder: Path | str = ".", keep: bool = True) -> str | None:
        """Try a user name and a password or token, then use them; with ``keep`` also after this process. Returns where they are kept.

        Needs no workspace; where ``folder`` is in one, its settings hold and its audit log tells of it.
        Raises Unauthorized, Denied, RegistryUnavailable, InvalidInput.
        """
        with _signing(folder, "login", registry) as places:
            return places.login(registry, Credential(username, Secret(password)), keep=keep)

    @staticmethod
    def logout(registry: str, *, folder: Path | str = ".") -> tuple[str, ...]:
        """Forget the password of a registry; returns where it was. Raises NotFound where none was kept. Needs no workspace."""
        with _signing(folder, "logout", registry) as places:
            found = places.logout(registry)
            if not found:
                raise NotFound(
                    f"No password for {registry} is kept here.", hint="Passwords that docker or podman keep are theirs to forget."
                )
            return found

    def _moved(self, verb: str, source: Spot, target: Spot, reference: str, progress: Progress | None) -> Moved:
        started = time.monotonic()
        root = source.resolve()
        tag = None if ":" in target.name else target.name
        copied = copy(source.place, target.place, root, tag=tag, progress=progress, concurrency=self.settings.concurrency)
        self._trail.append(self._trail.draft(verb, (root.digest,), detail=f"{source.text} to {target.text}"))
        return Moved(reference, root.digest, copied, time.monotonic() - started)


@contextmanager
def _signing(folder: Path | str, verb: str, registry: str) -> Iterator[Registries]:
    """The registries as the workspace around ``folder`` knows them, or as the user does; the event is recorded where there is one."""
    try:
        workspace = Remotes.open(folder)
    except NotFound as error:
        if error.kind is not Kind.NO_WORKSPACE:
            raise
        with closing(registries(load())) as places:
            yield places
        return
    with workspace, workspace._trail.recorded(verb):
        yield workspace._places.registries
        workspace._trail.append(workspace._trail.draft(verb, detail=registry))
