"""The extension of Jupyter Server: what a browser can ask of workspaces."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool, Float, Int

from jupyter_kit.frontends.server.routes.table import routes
from jupyter_kit.frontends.server.saves import CONTENTS, Habit, Saves
from jupyter_kit.frontends.server.service import Service


class KitServer(ExtensionApp):
    """Versions of notebooks, data and models, for whoever works in a browser."""

    name = "jupyter_kit"
    load_other_extensions = True

    layouts_outside = Bool(False, help="Let browsers name OCI layouts (oci:FOLDER) outside of the folder that this server shows.").tag(
        config=True
    )

    auto_snapshot = Bool(
        False, help="Take a snapshot after files were saved, where something has changed. A workspace's own settings win over this."
    ).tag(config=True)

    auto_quiet_seconds = Float(30.0, min=0, help="How long nothing may be saved before such a snapshot is taken.").tag(config=True)

    auto_keep_last = Int(20, min=0, allow_none=True, help="How many of the newest of these snapshots stay.").tag(config=True)

    auto_keep_hourly = Int(24, min=0, allow_none=True, help="For how many hours that have such a snapshot the newest of each stays.").tag(
        config=True
    )

    auto_keep_daily = Int(14, min=0, allow_none=True, help="For how many days that have such a snapshot the newest of each stays.").tag(
        config=True
    )

    def initialize_handlers(self) -> None:
        """Add our routes. Called by Jupyter Server."""
        app = self.serverapp
        assert app is not None
        assert app.event_logger is not None
        self.service = Service(app.contents_manager, app.event_logger, self.log, layouts_outside=self.layouts_outside)
        habit = Habit(self.auto_snapshot, self.auto_quiet_seconds, self.auto_keep_last, self.auto_keep_hourly, self.auto_keep_daily)
        self.saves = Saves(self.service, habit, self.log)
        app.event_logger.add_listener(schema_id=CONTENTS, listener=self.saves.listen)
        self.handlers.extend(routes(self.service, self.saves))

    async def stop_extension(self) -> None:
        """Stop what still runs. Called by Jupyter Server as it ends."""
        self.saves.close()
        await self.service.close()


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    return [{"module": "jupyter_kit", "app": KitServer}]
