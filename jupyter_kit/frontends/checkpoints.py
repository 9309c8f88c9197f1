"""Jupyter's checkpoints out of the history: every version of a notebook or file in a workspace is one that Jupyter can revert to.

    c.ContentsManager.checkpoints_class = "jupyter_kit.frontends.checkpoints.AsyncKitCheckpoints"

in ``jupyter_server_config.py`` asks for it. Making a checkpoint, which Jupyter does after every save, takes a snapshot of kind *auto* where
the file differs from the snapshot that the workspace stands on. Restoring one is a rollback of that file alone, with its safety snapshot.
A rename is kept as well, so that the file has its versions by its new name; a copy begins anew, and what is deleted stays in the history.

For files outside of any workspace, and those that a snapshot leaves out, everything is as with Jupyter's own file checkpoints. So it is
where the history cannot be read or written: the log says why, and nobody is kept from saving.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from anyio.to_thread import run_sync
from jupyter_server.services.contents.filecheckpoints import AsyncFileCheckpoints, FileCheckpoints
from tornado.web import HTTPError

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, Kind, KitError, NotFound
from jupyter_kit.frontends.exits import HTTP_STATUS
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.workspace import Workspace

NOTEBOOK_SUFFIX = ".ipynb"

COMPARED_BYTES = 1 << 20
"""How much of a file and of its kept version is compared at once."""

NOT_HERE = (NotFound, InvalidInput, ContentCorrupt)
"""What opening a version tells where there is none, where the path was a folder's, and where it cannot be read any more."""

T = TypeVar("T")

Model = dict[str, Any]
"""What Jupyter knows of a checkpoint: ``id``, here a snapshot's, and ``last_modified``."""

_SNAPSHOT_ID = re.compile(r"[0-9a-f]{64}")


class KitCheckpoints(FileCheckpoints):
    """For contents managers that are not asynchronous."""

    def create_checkpoint(self, contents_mgr: Any, path: str) -> Any:
        """Keep the file's workspace if the file has changed. Raises HTTPError, as all methods do."""
        return _tried(self.log, _keep, self._get_os_path(path)) or super().create_checkpoint(contents_mgr, path)

    def restore_checkpoint(self, contents_mgr: Any, checkpoint_id: str, path: str) -> None:
        """Make the file what it was."""
        if not _restore(self._get_os_path(path), checkpoint_id):
            super().restore_checkpoint(contents_mgr, checkpoint_id, path)

    def rename_checkpoint(self, checkpoint_id: str, old_path: str, new_path: str) -> None:
        """Take Jupyter's own checkpoint along with its file; the history stays as it is."""
        if not _is_version(checkpoint_id):
            super().rename_checkpoint(checkpoint_id, old_path, new_path)

    def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Delete Jupyter's own checkpoint. A version of the history is refused."""
        _refuse_version(checkpoint_id)
        super().delete_checkpoint(checkpoint_id, path)

    def list_checkpoints(self, path: str) -> Any:
        """Every version of the file, the oldest first."""
        versions = _tried(self.log, _versions, self._get_os_path(path)) or []
        return versions + _newer(super().list_checkpoints(path), versions) if _may_have_own(self, path, versions) else versions

    def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """Keep that the file, or folder, is called otherwise now, and take Jupyter's own checkpoint along."""
        for own in super().list_checkpoints(old_path):
            super().rename_checkpoint(own["id"], old_path, new_path)
        _tried(self.log, _follow, self._get_os_path(new_path), self._get_os_path(old_path))

    def delete_all_checkpoints(self, path: str) -> None:
        """The file is gone: so are Jupyter's own checkpoints of it, and the history stays as it is."""
        for own in super().list_checkpoints(path):
            super().delete_checkpoint(own["id"], path)


class AsyncKitCheckpoints(AsyncFileCheckpoints):
    """For asynchronous contents managers, Jupyter Server's default among them. The work is done in a thread."""

    async def create_checkpoint(self, contents_mgr: Any, path: str) -> Any:
        """See :class:`KitCheckpoints`, as for all methods."""
        kept = await run_sync(_tried, self.log, _keep, self._get_os_path(path))
        return kept or await super().create_checkpoint(contents_mgr, path)

    async def restore_checkpoint(self, contents_mgr: Any, checkpoint_id: str, path: str) -> None:
        """Make the file what it was."""
        if not await run_sync(_restore, self._get_os_path(path), checkpoint_id):
            await super().restore_checkpoint(contents_mgr, checkpoint_id, path)

    async def rename_checkpoint(self, checkpoint_id: str, old_path: str, new_path: str) -> None:
        """Take Jupyter's own checkpoint along with its file."""
        if not _is_version(checkpoint_id):
            await super().rename_checkpoint(checkpoint_id, old_path, new_path)

    async def delete_checkpoint(self, checkpoint_id: str, path: str) -> None:
        """Delete Jupyter's own checkpoint. A version of the history is refused."""
        _refuse_version(checkpoint_id)
        await super().delete_checkpoint(checkpoint_id, path)

    async def list_checkpoints(self, path: str) -> Any:
        """Every version of the file, the oldest first."""
        versions = await run_sync(_tried, self.log, _versions, self._get_os_path(path)) or []
        return versions + _newer(await super().list_checkpoints(path), versions) if _may_have_own(self, path, versions) else versions

    async def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """Keep that the file, or folder, is called otherwise now."""
        for own in await super().list_checkpoints(old_path):
            await super().rename_checkpoint(own["id"], old_path, new_path)
        await run_sync(_tried, self.log, _follow, self._get_os_path(new_path), self._get_os_path(old_path))

    async def delete_all_checkpoints(self, path: str) -> None:
        """The file is gone: so are Jupyter's own checkpoints of it."""
        for own in await super().list_checkpoints(path):
            await super().delete_checkpoint(own["id"], path)


def _tried(log: Any, work: Callable[..., T], place: str, *further: str) -> T | None:
    """What ``work`` says of the file at ``place``; None, with a line in the log, where the history cannot be read or written."""
    try:
        return work(place, *further)
    except KitError as error:
        log.warning("Jupyter's own checkpoints are used for %s. %s", place, error)
        return None


def _keep(place: str) -> Model | None:
    """The snapshot that holds the file as it is now, taken if there is none; None where it is not in a workspace, or not kept."""
    place = os.path.realpath(place)
    with _opened(place) as workspace:
        if workspace is None or not workspace.keeps(place):
            return None
        if not _is_kept(workspace, place):
            name = Path(place).name
            workspace.snapshot(f"Saved {name}", kind="auto", notebook=place if name.endswith(NOTEBOOK_SUFFIX) else None)
        try:
            with workspace.open_file(place) as kept:
                same = [version for version in workspace.versions(place) if version.entry.root == kept.root]
        except NOT_HERE:
            return None  # A snapshot leaves it out for what is in it, as a private key.
        return _model(same[-1].snapshot)


def _is_kept(workspace: Workspace, place: str) -> bool:
    """Whether the snapshot that the workspace stands on has the file as it is now."""
    try:
        with workspace.open_file(place) as kept, Path(place).open("rb") as file:
            if os.fstat(file.fileno()).st_size != kept.size:
                return False
            return all(kept.read(COMPARED_BYTES) == piece for piece in iter(lambda: file.read(COMPARED_BYTES), b""))
    except NOT_HERE:
        return False


def _versions(place: str) -> list[Model]:
    """The snapshots in which the file's content differs from the one before, the oldest first; none outside of a workspace."""
    place = os.path.realpath(place)
    with _opened(place) as workspace:
        if workspace is None:
            return []
        return [_model(version.snapshot) for version in workspace.versions(place)]


def _may_have_own(checkpoints: Any, path: str, versions: list[Model]) -> bool:
    """Whether to ask Jupyter for its own checkpoint of a file. Asking makes the folder of them, so nobody asks where there is none."""
    return not versions or Path(checkpoints._get_os_path(path)).with_name(checkpoints.checkpoint_dir).is_dir()


def _newer(own: list[Model], versions: list[Model]) -> list[Model]:
    """Jupyter's own checkpoint where it is newer than all versions: the history could not be written then."""
    return [one for one in own if not versions or one["last_modified"] > versions[-1]["last_modified"]]


def _follow(place: str, old_place: str) -> None:
    """Keep a rename, where the snapshot that the workspace stands on has what was renamed."""
    place, old_place = os.path.realpath(place), os.path.realpath(old_place)
    with _opened(place) as workspace:
        if workspace is None or workspace.standing().head is None or not workspace.keeps(place):
            return
        old, new = (Path(os.path.relpath(path, os.path.realpath(workspace.folder))).as_posix() for path in (old_place, place))
        if any(f"{path}/".startswith(f"{old}/") for path in workspace.paths()):
            workspace.snapshot(f"Renamed {old} to {new}", kind="auto")


def _restore(place: str, checkpoint_id: str) -> bool:
    """Roll the file back, whatever it was called then; False where it is not a version of a workspace."""
    if not _is_version(checkpoint_id):
        return False
    place = os.path.realpath(place)
    try:
        with _opened(place) as workspace:
            if workspace is None:
                return False
            former = next((version.entry.path for version in workspace.versions(place) if version.snapshot.id == checkpoint_id), None)
            workspace.rollback(checkpoint_id, [place], former=former)
            return True
    except KitError as error:
        raise HTTPError(HTTP_STATUS[error.kind], str(error)) from error


@contextmanager
def _opened(place: str) -> Iterator[Workspace | None]:
    """The workspace of a file, None where it is in none."""
    try:
        workspace = Workspace.open(Path(place).parent)
    except NotFound as error:
        if error.kind is not Kind.NO_WORKSPACE:
            raise
        yield None
        return
    with workspace:
        yield workspace


def _model(snapshot: Snapshot) -> Model:
    return {"id": snapshot.id, "last_modified": datetime.fromisoformat(snapshot.created.replace("Z", "+00:00"))}


def _is_version(checkpoint_id: str) -> bool:
    return _SNAPSHOT_ID.fullmatch(checkpoint_id) is not None


def _refuse_version(checkpoint_id: str) -> None:
    if _is_version(checkpoint_id):
        refused = Conflict(
            f"Snapshot {checkpoint_id[:10]} is part of the history.", hint=f"Take it out with “jupyter kit remove {checkpoint_id[:10]}”."
        )
        raise HTTPError(HTTP_STATUS[refused.kind], str(refused))
