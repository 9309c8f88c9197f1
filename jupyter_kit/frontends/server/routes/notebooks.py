"""The route that compares two versions of a notebook, with its outputs where that can be done in time."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_kit.errors import Cancelled, Kind, NotFound
from jupyter_kit.frontends.differ.process import BYTES_MAX, Answer, Comparison
from jupyter_kit.frontends.render.json import as_plain
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import NotebookDiffReply
from jupyter_kit.frontends.server.documents import document
from jupyter_kit.frontends.server.host import Stoppable
from jupyter_kit.frontends.server.routes.files import open_content
from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.frontends.server.service import Service

if TYPE_CHECKING:
    from jupyter_kit.compare.changes import NotebookDiff


class NotebookDiffRoute(Request):
    """A notebook's change, by nbdime, or cell by cell by ourselves."""

    def initialize(self, service: Service) -> None:
        """Called by tornado with what the table of routes says."""
        super().initialize(service)
        self.waiting = Stoppable()
        self.comparison: Comparison | None = None

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=&before=&after=&path=&old_path=``; without ``after`` the file on disk, ``old_path`` where it was called so before."""
        words = ("folder", "before", "after", "path", "old_path")
        folder, before, after, path, old_path = (self.get_query_argument(word, "", strip=False) for word in words)
        await self.check_may("read")
        folders = self.service.folders
        await folders.check_shown(folder)
        root = await self.service.work(folders.workspace, folder)
        for name in (path, old_path or path):
            folders.check_inside(name)
        if not after:
            await folders.check_shown(f"{folders.api_path(root)}/{path}", Kind.NOT_FOUND)
        answer = await self.service.work(self._answer, str(root), (before or "HEAD", old_path or path), (after, path))
        self.set_header("Content-Type", "application/json")
        self.finish(answer)

    def on_connection_close(self) -> None:
        """Nobody waits any more."""
        self.waiting.stopped = True
        if self.comparison is not None:
            self.comparison.stop()
        super().on_connection_close()

    def _answer(self, root: str, before: tuple[str, str], after: tuple[str, str]) -> bytes:
        """In a thread: the reply, as text. Raises KitError."""
        with house.Workspace.open(root) as workspace:
            for snapshot in filter(None, (before[0], after[0])):
                workspace.tree(snapshot)  # An unknown snapshot is an error; an unknown file was added or removed.
            answer = self._compared(root, before, after)
            if answer.document is not None:
                return answer.document[:-1] + b',"cells":null,"reason":""}'  # Megabytes are not read only to be written again.
            found = workspace.diff(before[0], after[0] or None, paths=(after[1],), progress=self.waiting)
        ours = next((file for file in found.files if file.path == after[1]), None)
        cells = cast("NotebookDiff", ours) if hasattr(ours, "cells") else None
        return document(as_plain(NotebookDiffReply(None, None, cells, answer.reason)))

    def _compared(self, root: str, before: tuple[str, str], after: tuple[str, str]) -> Answer:
        versions = []
        for snapshot, path in (before, after):
            with ExitStack() as stack:
                try:
                    content = open_content(stack, root, snapshot, path)
                except NotFound:
                    versions.append(b"")  # It was added, or removed.
                    continue
                if content.size > BYTES_MAX:
                    return Answer(None, f"It is larger than {BYTES_MAX // 1_000_000} MB.")
                versions.append(content.stream.read() or b"")
        self.comparison = Comparison(*versions)
        if self.waiting.stopped:
            raise Cancelled("Nobody waits for this any more.")
        return self.comparison.answer()
