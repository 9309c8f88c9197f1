"""The verbs that move ModelKits and snapshots between this workspace and other places."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from jupyter_kit.errors import Conflict, Kind, NotFound
from jupyter_kit.progress import Progress
from jupyter_kit.settings import Settings, load
from jupyter_kit.shown import Moved
from jupyter_kit.store.store import Store
from jupyter_kit.workspace.opened import KIT_FOLDER, Opened

if TYPE_CHECKING:
    from jupyter_kit.registry.registries import Registries
    from jupyter_kit.remotes import Remotes
    from jupyter_kit.sync.exchange import Synced
    from jupyter_kit.sync.pull import Pulled
    from jupyter_kit.sync.remotes import Remote

ORIGIN = "origin"
"""What clone calls the remote that it came from, as git does."""

Self = TypeVar("Self", bound="RemoteVerbs")  # typing has its own from Python 3.11.


class RemoteVerbs(Opened):
    """Push, pull, sync, clone, remote, login, logout."""

    def __init__(self, folder: Path, store: Store, settings: Settings) -> None:
        """Use :meth:`init` or :meth:`open`."""
        super().__init__(folder, store, settings)
        store.chunks.fetcher = self._bring

    def _bring(self, identities: Sequence[bytes], name: str, progress: Progress) -> None:
        """Content that only a remote has, when it is read."""
        self._remotes.fetcher(identities, name, progress)

    @cached_property
    def _remotes(self) -> Remotes:
        # Imported on first use: transfers take longer to import than most verbs take.
        from jupyter_kit.remotes import Remotes  # noqa: PLC0415

        return Remotes(self._store, self._trail, self._places, self.settings, self.folder)

    def push(self, reference: str, destination: str | None = None, *, progress: Progress | None = None) -> Moved:
        """Send a ModelKit of the store to a registry, a layout (``oci:FOLDER:TAG``) or kit's own store (``kitops:REFERENCE``).

        Without ``destination`` it goes where its reference says. What is there already is not sent again; the tag comes last.
        Raises NotFound, InvalidInput, RegistryError and its children, TransferError.
        """
        return self._remotes.push(reference, destination, progress)

    def pull(self, reference: str, name: str | None = None, *, progress: Progress | None = None) -> Moved:
        """Bring a ModelKit into the store, under its own reference or under ``name``. What is here already is not fetched again.

        The ModelKits that its ``model.path`` refers to come first, each under its own reference.
        Raises as :meth:`push` does, and ContentCorrupt for content that is not what its digest says.
        """
        return self._remotes.pull(reference, name, progress)

    def pull_history(
        self, remote: str | None = None, *, paths: Sequence[str] = (), everything: bool = False, progress: Progress | None = None
    ) -> Pulled:
        """Fetch the history of a remote and bring the folder to its newest snapshot; with ``paths`` only those files and folders.

        ``everything`` brings the content of every snapshot, not only of the newest. Raises Conflict where the folder has changes that no
        snapshot holds (file-changed), or snapshots that the remote's branch does not come after (diverged), NotFound, RegistryError.
        """
        return self._remotes.pull_history(remote, paths, everything=everything, progress=progress)

    def sync(self, remote: str | None = None, *, merge: bool = False, verify: bool = False, progress: Progress | None = None) -> Synced:
        """Exchange snapshots with a remote: fetch what is new there and bring the folder to it, or send what is new here.

        Where both sides went on, ``merge`` takes a snapshot with both as its parents and the files of this folder; without it nothing is
        moved. ``verify`` sends again what the remote has lost. Raises Conflict (diverged; file-changed where the folder has changes that no
        snapshot holds), NotFound, RegistryError.
        """
        return self._remotes.sync(remote, merge=merge, verify=verify, progress=progress)

    @classmethod
    def clone(
        cls: type[Self],
        reference: str,
        folder: Path | str,
        *,
        overrides: Mapping[str, object] | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Make a folder a workspace with a history that somebody has synced, and the files of its newest snapshot in it.

        Content of older snapshots comes when it is asked for. Raises Conflict where the folder is a workspace or has files in it, NotFound,
        InvalidInput, RegistryError. A clone that broke off after the history
        came goes on with :meth:`pull_history`; before, nothing is left in the folder.
        """
        place = Path(folder)
        if place.exists() and any(place.iterdir()):
            begun = (place / KIT_FOLDER).exists()
            hint = f"Go on with what broke off: jupyter kit -C {place} pull" if begun else "Name a folder that does not exist yet."
            raise Conflict(f"{place} is not empty.", hint=hint, path=str(place))
        place.mkdir(parents=True, exist_ok=True)
        cls.init(place).close()
        workspace = cls.open(place, overrides=overrides)
        try:
            origin = workspace.add_remote(ORIGIN, reference)
            workspace.pull_history(origin.name, progress=progress)
        except BaseException:
            came = bool(workspace._store.snapshot_ids())
            workspace.close()
            if not came:  # The reference may be a wrong one: the same folder can then be cloned into again.
                shutil.rmtree(place / KIT_FOLDER)
            raise
        return workspace

    def remotes(self) -> tuple[Remote, ...]:
        """Every remote, with where its branches stood at the last contact."""
        return self._remotes.all()

    def remote(self, name: str | None = None) -> Remote:
        """A remote by its name; without one the only one, or ``origin``. Raises NotFound, InvalidInput where there are several."""
        return self._remotes.find(name)

    def add_remote(self, name: str, reference: str) -> Remote:
        """Name a place for the history: a repository of a registry, or a layout. Raises Conflict for a name that is taken, InvalidInput."""
        return self._remotes.add(name, reference)

    def remove_remote(self, name: str, *, force: bool = False) -> Remote:
        """Forget a remote. Raises NotFound; Conflict where only it has some content, unless ``force`` is given."""
        return self._remotes.remove(name, force=force)

    @staticmethod
    def login(
        registry: str,
        username: str,
        password: str,
        *,
        folder: Path | str = ".",
        keep: bool = True,
        overrides: Mapping[str, object] | None = None,
    ) -> str | None:
        """Try a user name and a password or token, then use them; with ``keep`` also after this process. Returns where they are kept.

        Needs no workspace; where ``folder`` is in one, its settings hold and its audit log tells of it. ``overrides`` are settings, by
        name, that win over those.
        Raises Unauthorized, Denied, RegistryUnavailable, InvalidInput.
        """
        # Imported on first use, as everything about registries.
        from jupyter_kit.registry.auth.credential import Credential  # noqa: PLC0415
        from jupyter_kit.registry.http.secret import Secret  # noqa: PLC0415

        with _signing(folder, "login", registry, overrides) as places:
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


@contextmanager
def _signing(folder: Path | str, verb: str, registry: str, overrides: Mapping[str, object] | None = None) -> Iterator[Registries]:
    """The registries as the workspace around ``folder`` knows them, or as the user does; the event is recorded where there is one."""
    try:
        workspace = Opened.open(folder, overrides=overrides)
    except NotFound as error:
        if error.kind is not Kind.NO_WORKSPACE:
            raise
        # Imported on first use, as everything about registries.
        from jupyter_kit.places import registries  # noqa: PLC0415

        settings = replace(load(), **(overrides or {}))  # type: ignore[arg-type]
        with closing(registries(settings)) as places:
            yield places
        return
    with workspace, workspace._trail.recorded(verb):
        yield workspace._places.registries
        workspace._trail.append(workspace._trail.draft(verb, detail=registry))
