"""The extension of Jupyter Server: what a browser can ask of workspaces."""

from __future__ import annotations

from jupyter_server.extension.application import ExtensionApp
from traitlets import Bool

from jupyter_kit.frontends.server.routes.table import routes
from jupyter_kit.frontends.server.service import Service


class KitServer(ExtensionApp):
    """Versions of notebooks, data and models, for whoever works in a browser."""

    name = "jupyter_kit"
    load_other_extensions = True

    layouts_outside = Bool(False, help="Let browsers name OCI layouts (oci:FOLDER) outside of the folder that this server shows.").tag(
        config=True
    )

    def initialize_handlers(self) -> None:
        """Add our routes. Called by Jupyter Server."""
        app = self.serverapp
        assert app is not None
        self.service = Service(app.contents_manager, app.event_logger, self.log, layouts_outside=self.layouts_outside)
        self.handlers.extend(routes(self.service))

    async def stop_extension(self) -> None:
        """Stop what still runs. Called by Jupyter Server as it ends."""
        await self.service.close()


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    return [{"module": "jupyter_kit", "app": KitServer}]
