"""Jupyter's checkpoints out of the history: every version of a notebook or file in a workspace is one that Jupyter can revert to.

    c.ContentsManager.checkpoints_class = "jupyter_kit.frontends.checkpoints.AsyncKitCheckpoints"

in ``jupyter_server_config.py`` asks for it. Making a checkpoint, which Jupyter does after every save, takes a snapshot of kind *auto* where
the file differs from the snapshot that the workspace stands on. Restoring one is a rollback of that file, with its safety snapshot. Files
that are renamed or deleted leave the history as it is. For files outside of any workspace, and those that a snapshot leaves out, everything
is as with Jupyter's own file checkpoints.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

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

Model = dict[str, Any]
"""What Jupyter knows of a checkpoint: ``id``, here a snapshot's, and ``last_modified``."""

_SNAPSHOT_ID = re.compile(r"[0-9a-f]{64}")


class KitCheckpoints(FileCheckpoints):
    """For contents managers that are not asynchronous."""

    def create_checkpoint(self, contents_mgr: Any, path: str) -> Any:
        """Keep the file's workspace if the file has changed. Raises HTTPError, as all methods do."""
        return _keep(self._get_os_path(path)) or super().create_checkpoint(contents_mgr, path)

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
        return _versions(self._get_os_path(path)) or super().list_checkpoints(path)

    def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """See :meth:`rename_checkpoint`."""
        for own in super().list_checkpoints(old_path):
            super().rename_checkpoint(own["id"], old_path, new_path)

    def delete_all_checkpoints(self, path: str) -> None:
        """The file is gone: so are Jupyter's own checkpoints of it, and the history stays as it is."""
        for own in super().list_checkpoints(path):
            super().delete_checkpoint(own["id"], path)


class AsyncKitCheckpoints(AsyncFileCheckpoints):
    """For asynchronous contents managers, Jupyter Server's default among them. The work is done in a thread."""

    async def create_checkpoint(self, contents_mgr: Any, path: str) -> Any:
        """See :class:`KitCheckpoints`, as for all methods."""
        return await run_sync(_keep, self._get_os_path(path)) or await super().create_checkpoint(contents_mgr, path)

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
        return await run_sync(_versions, self._get_os_path(path)) or await super().list_checkpoints(path)

    async def rename_all_checkpoints(self, old_path: str, new_path: str) -> None:
        """See :meth:`rename_checkpoint`."""
        for own in await super().list_checkpoints(old_path):
            await super().rename_checkpoint(own["id"], old_path, new_path)

    async def delete_all_checkpoints(self, path: str) -> None:
        """The file is gone: so are Jupyter's own checkpoints of it."""
        for own in await super().list_checkpoints(path):
            await super().delete_checkpoint(own["id"], path)


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


def _restore(place: str, checkpoint_id: str) -> bool:
    """Roll the file back; False where it is not a version of a workspace."""
    if not _is_version(checkpoint_id):
        return False
    place = os.path.realpath(place)
    with _opened(place) as workspace:
        if workspace is None:
            return False
        workspace.rollback(checkpoint_id, [place])
        return True


@contextmanager
def _opened(place: str) -> Iterator[Workspace | None]:
    """The workspace of a file, None where it is in none. Errors are told as HTTP has them."""
    try:
        try:
            workspace = Workspace.open(Path(place).parent)
        except NotFound as error:
            if error.kind is not Kind.NO_WORKSPACE:
                raise
            yield None
            return
        with workspace:
            yield workspace
    except KitError as error:
        raise HTTPError(HTTP_STATUS[error.kind], str(error)) from error


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
