"""An open workspace before it can do anything: its folder, store, settings and audit trail, which every verb works with."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

from jupyter_kit.errors import Conflict, Kind, NotFound
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.settings import Settings, load
from jupyter_kit.snapshot.history import History
from jupyter_kit.store.disk.environment import foreign_errors
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.rebuild import rebuild as rebuild_index
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.trail import Trail

if TYPE_CHECKING:
    from jupyter_kit.places import Places

KIT_FOLDER = ".kit"

PENDING_METRICS = "pending-metrics"
"""The store's value with metrics that the next snapshot of kind *manual* will record, as JSON."""

REMOTES = "remotes"
"""The store's value with the remotes; see :mod:`jupyter_kit.sync.remotes`."""


@dataclass(frozen=True)
class Standing:
    """The snapshot that the workspace stands on, how many there are, and how many events its audit log has."""

    head: str | None
    snapshots: int
    events: int


Self = TypeVar("Self", bound="Opened")  # typing has its own from Python 3.11.


class Opened:
    """A workspace that is open. Use :class:`~jupyter_kit.workspace.Workspace`."""

    def __init__(self, folder: Path, store: Store, settings: Settings) -> None:
        """Use :meth:`init` or :meth:`open`."""
        self.folder = folder
        self.settings = settings
        self._store = store
        self._history = History(store)
        self._trail = Trail(store, self._history)
        self._rebuilt = False
        self._unread: tuple[str, ...] = ()

    @cached_property
    def _places(self) -> Places:
        # Imported on first use: places take longer to import than most verbs take.
        from jupyter_kit.places import Places  # noqa: PLC0415

        return Places(self._store, self.settings)

    @classmethod
    def init(cls: type[Self], folder: Path | str = ".") -> Self:
        """Make a folder a workspace. Raises Conflict where it is one already, InvalidInput for settings that do not parse."""
        folder = Path(os.path.abspath(folder))
        settings = load(folder)
        if (_store_folder(folder, settings) / "format.json").exists():
            raise Conflict(
                f"{folder} is a workspace already.", hint="Nothing was changed; go on with “jupyter kit status”.", path=str(folder)
            )
        with foreign_errors(folder):
            (folder / KIT_FOLDER).mkdir(parents=True, exist_ok=True)
        workspace = cls(folder, Store.create(_store_folder(folder, settings)), settings)
        workspace._trail.append(workspace._trail.draft("init"))
        return workspace

    @classmethod
    def open(
        cls: type[Self],
        folder: Path | str = ".",
        *,
        rebuild: bool = False,
        overrides: Mapping[str, object] | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Open the workspace that ``folder`` is in. With ``rebuild`` the store's index is made anew from the segments first.

        ``overrides`` are settings, by name, that win over files and environment.

        Raises NotFound (no-workspace), UnsupportedFormat, InvalidInput (invalid-settings), Conflict (store-busy).
        """
        root = find_workspace(Path(os.path.abspath(folder)))
        settings = replace(load(root), **(overrides or {}))  # type: ignore[arg-type]
        place = _store_folder(root, settings)
        unread = rebuild_index(place, progress or Silent()) if rebuild else []
        workspace = cls(root, Store.open(place), settings)
        if rebuild:
            workspace._rebuilt, workspace._unread = True, tuple(unread)
            workspace._trail.append(workspace._trail.draft("check", detail="index rebuilt"))
        return workspace

    def close(self) -> None:
        """Let go of the store and of connections."""
        if "_places" in vars(self):
            self._places.close()
        self._store.close()

    def __enter__(self: Self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.folder)!r})"

    def generation(self) -> int:
        """A number that grows with every change to the store, by whichever process; asking costs microseconds.

        Raises ContentCorrupt where the store is gone.
        """
        return self._store.generation()

    def standing(self) -> Standing:
        """Where the workspace stands, told by its store alone; no file is looked at."""
        return Standing(self._store.tags().get(HEAD), self._store.snapshot_count(), self._store.audit_head().sequence)

    def _named(self, notebook: str | None) -> str | None:
        """A notebook by its path in the workspace, if it is in it."""
        if notebook is None or not Path(notebook).is_relative_to(self.folder):
            return notebook
        return Path(notebook).relative_to(self.folder).as_posix()

    def _pending_metrics(self, transaction: Transaction | None = None) -> dict[str, float]:
        value = (transaction or self._store).value(PENDING_METRICS)
        return dict(json.loads(value)) if value else {}


def find_workspace(folder: Path) -> Path:
    """The workspace that a folder is in: itself, or the nearest above. Raises NotFound (no-workspace)."""
    if not folder.is_dir():
        raise NotFound(f"There is no folder {folder}.", kind=Kind.NO_WORKSPACE, hint="Check the path.", path=str(folder))
    for place in (folder, *folder.parents):
        if (place / KIT_FOLDER).is_dir():
            return place
    raise NotFound(
        f"{folder} is not in a workspace.",
        kind=Kind.NO_WORKSPACE,
        hint="Make one with “jupyter kit init”.",
        path=str(folder),
    )


def _store_folder(folder: Path, settings: Settings) -> Path:
    return folder / settings.store if settings.store else folder / KIT_FOLDER / "store"
