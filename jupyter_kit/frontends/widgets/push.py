"""``%kit push --form``: which ModelKit goes where, how far it is, and a button that stops it.

There is no field for a password here: what is typed into a widget is part of its state, which a notebook may keep. ``%kit login`` asks
where nothing keeps the answer.
"""

from __future__ import annotations

from ipywidgets import Button, Checkbox, Combobox, HBox, Layout, Text, VBox

from jupyter_kit.errors import InvalidInput
from jupyter_kit.frontends.replies import ModelKitList
from jupyter_kit.frontends.verbs.named import placed
from jupyter_kit.frontends.widgets.pane import Pane
from jupyter_kit.frontends.widgets.place import Place
from jupyter_kit.frontends.widgets.shown import Shown
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.progress import Progress
from jupyter_kit.settings import ANY_HOST
from jupyter_kit.shown import Moved


class PushForm(Shown):
    """Two fields and a button. It begins with the list of the workspace's ModelKits, which it offers."""

    def __init__(self, place: Place, modelkits: ModelKitList) -> None:
        self._place = place
        self.work = Work()
        self.result = Pane()
        names = [modelkit.reference for modelkit in modelkits]
        chosen = place.options.reference or next(iter(names), "")
        wide = Layout(width="32em", max_width="100%")
        self.reference = Combobox(value=chosen, options=names, description="ModelKit", layout=wide)
        self.destination = Text(
            value=place.options.destination or "", description="to", placeholder="where its name says, or oci:FOLDER:TAG", layout=wide
        )
        self.plain_http = Checkbox(value="plain_http" in place.options, description="without encryption (http)", indent=False)
        self.button = Button(description="Push", button_style="primary")
        box = VBox([self.reference, self.destination, self.plain_http, HBox([self.button]), self.work.box, self.result.box])
        super().__init__(box, modelkits)
        self.button.on_click(lambda _: self._push())
        if not modelkits:
            self.result.show(modelkits)

    def _push(self) -> None:
        reference, destination = self.reference.value.strip(), self.destination.value.strip()
        target = placed(destination, self._place.options) if destination else None
        if not reference:
            self.result.tell(InvalidInput("No ModelKit is named.", hint="Choose one, or make one: %kit pack --form"))
            return
        settings = {"plain_http": (ANY_HOST,)} if self.plain_http.value else {}

        def push(progress: Progress) -> Moved:
            with self._place.open(**settings) as workspace:
                return workspace.push(reference, target, progress=progress)

        self.result.clear()
        self.work.start(push, self.result.show, self.result.tell, locked=[self.button])
