"""The route that says which workspace a folder is in, and those of the jobs."""

from __future__ import annotations

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import JobsReply, WorkspaceReply
from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.version import __version__


class WorkspaceRoute(Request):
    """Which workspace a folder is in."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=``; answers where there is none, too."""
        folder = self.get_query_argument("folder", "").strip("/")
        await self.service.folders.check_shown(folder)
        reply = await self.service.work(self._reply, folder)
        if reply.folder is None:
            self.service.watch.await_workspace(folder)
        self.reply(reply)

    def _reply(self, folder: str) -> WorkspaceReply:
        folders = self.service.folders
        workspace = folders.place(folder).workspace
        if workspace is None:
            return WorkspaceReply(None, "", __version__, kitfile=False)
        kitfile = any((workspace / name).is_file() for name in house.FILE_NAMES)
        return WorkspaceReply(folders.api_path(workspace), workspace.name, __version__, kitfile)


class JobsRoute(Request):
    """The jobs of this server, or of one workspace."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=``."""
        folder = self.get_query_argument("folder", None)
        self.reply(JobsReply(self.service.jobs.listed(None if folder is None else folder.strip("/"))))


class JobRoute(Request):
    """One job."""

    @authenticated
    @authorized
    async def get(self, identity: str) -> None:
        """How it goes on; with its result where it is done."""
        self.reply(self.service.jobs.of(identity))

    @authenticated
    @authorized
    async def delete(self, identity: str) -> None:
        """Cancel it."""
        self.reply(self.service.jobs.cancel(identity))
