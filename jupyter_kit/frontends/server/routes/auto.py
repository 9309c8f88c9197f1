"""The route that says whether snapshots are taken by themselves, and switches it."""

from __future__ import annotations

from pathlib import Path

from jupyter_server.auth.decorator import authorized
from tornado.web import authenticated

from jupyter_kit import settings
from jupyter_kit.errors import Conflict, InvalidInput
from jupyter_kit.frontends.server.answers import AutoReply
from jupyter_kit.frontends.server.routes.request import Request
from jupyter_kit.frontends.server.saves import Saves
from jupyter_kit.frontends.server.service import Service


class AutoRoute(Request):
    """Snapshots of one workspace that are taken by themselves."""

    def initialize(self, service: Service, saves: Saves | None = None) -> None:
        """The table of routes says whose."""
        super().initialize(service)
        assert saves is not None
        self.saves = saves

    @authenticated
    @authorized
    async def get(self) -> None:
        """``?folder=``."""
        root = await self._root(self.get_query_argument("folder", ""))
        self.reply(await self.service.work(self._reply, root))

    @authenticated
    @authorized
    async def post(self) -> None:
        """``folder`` and ``on``: it stays so until the server ends."""
        given = self.body()
        folder, on = given.get("folder", ""), given.get("on")
        if not isinstance(folder, str) or not isinstance(on, bool):
            raise InvalidInput("“folder” is an API path, and “on” is true or false.")
        root = await self._root(folder)
        if (await self.service.work(self._reply, root)).fixed:
            raise Conflict("The settings of this workspace say whether.", hint="Change auto_snapshot in .kit/config.yaml.")
        self.saves.switch(root, on=on)
        self.reply(await self.service.work(self._reply, root))

    async def _root(self, folder: str) -> Path:
        await self.service.folders.check_shown(folder)
        return await self.service.work(self.service.folders.workspace, folder)

    def _reply(self, root: Path) -> AutoReply:
        habit = self.saves.habit_of(root)
        fixed = settings.load(root).auto_snapshot is not None
        return AutoReply(habit.on, fixed, habit.quiet_seconds, habit.keep_last, habit.keep_hourly, habit.keep_daily)
