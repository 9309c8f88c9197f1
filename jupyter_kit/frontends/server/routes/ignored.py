"""The route of the file that says what snapshots leave out. Jupyter's own routes give no file whose name begins with a dot."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.server import house
from jupyter_kit.frontends.server.answers import IgnoredReply
from jupyter_kit.frontends.server.routes.request import Request


class IgnoredRoute(Request):
    """The lines of one workspace's ignore file."""

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=``."""
        await self.check_may("read")
        root = await self._root(self.get_query_argument("folder", ""))
        self.reply(await self.service.work(_read, root))

    @authenticated
    @authorized
    async def post(self) -> None:
        """``folder``, the new ``text``, and the text ``before``, so that nobody writes over what somebody else has written."""
        await self.check_may("write")
        given = self.body()
        folder, text, before = (given.get(name, "") for name in ("folder", "text", "before"))
        if not (isinstance(folder, str) and isinstance(text, str) and isinstance(before, str)):
            raise InvalidInput("“folder” is an API path, “text” and “before” are texts.")
        root = await self._root(folder)
        self.reply(await self.service.work(_write, root, text, before))
        await self.service.work(self.service.watch.tell, root, "files")

    async def _root(self, folder: str) -> Path:
        await self.service.folders.check_shown(folder)
        return await self.service.work(self.service.folders.workspace, folder)


def _read(root: Path) -> IgnoredReply:
    with house.Workspace.open(root) as workspace:
        return IgnoredReply(workspace.ignored())


def _write(root: Path, text: str, before: str) -> IgnoredReply:
    with house.Workspace.open(root) as workspace:
        workspace.ignore(text, before=before)
        return IgnoredReply(workspace.ignored())
