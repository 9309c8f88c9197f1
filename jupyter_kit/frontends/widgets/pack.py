"""``%kit pack --form``: the Kitfile that fits the files, as fields to correct before it is packed by."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from ipywidgets import Button, Checkbox, Dropdown, HBox, Label, Layout, Text, VBox

from jupyter_kit.frontends.render.words import visible
from jupyter_kit.frontends.widgets.pane import Pane
from jupyter_kit.frontends.widgets.place import Place
from jupyter_kit.frontends.widgets.shown import Shown
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.modelkit.kitfile import Kitfile, entries
from jupyter_kit.modelkit.packing.pack import PackResult
from jupyter_kit.progress import Progress
from jupyter_kit.shown import PackPlan

PACKAGE = ("name", "version", "description", "license")
"""Fields of the whole; its authors are a list and have a field of their own."""

MODEL = ("name", "framework", "format", "version", "description", "license")
"""Fields of the model that people correct. Paths and parts are as the files are."""


class PackForm(Shown):
    """Fields, what they make of the Kitfile, and the button that packs. It begins with ``plan``."""

    def __init__(self, place: Place, plan: PackPlan) -> None:
        self._place = place
        self._plan = plan
        self.work = Work()
        self.preview, self.result = Pane(), Pane()
        kitfile, options = plan.kitfile, place.options
        self.reference = _text("call it", options.reference or "", placeholder="digits:v1 or ghcr.io/team/digits:v1")
        self.package = {field: _text(field, getattr(kitfile.package, field)) for field in PACKAGE}
        self.authors = _text("authors", ", ".join(kitfile.package.authors), placeholder="with commas between them")
        self.model = {field: _text(field, getattr(kitfile.model, field)) for field in MODEL} if kitfile.model else {}
        self.kept = {name: _box(name, entry) for name, entry in entries(kitfile) if not name.startswith("model.")}
        self.compression = Dropdown(options=["none", "gzip", "gzip-fastest"], value=options.compression, description="compress")
        self.modelpack = Checkbox(value=options.use_model_pack, description="in the ModelPack format", indent=False)
        self.button = Button(description="Pack", button_style="primary")
        columns = HBox(
            [
                VBox([Label("ModelKit"), self.reference, *self.package.values(), self.authors]),
                *([VBox([Label("Model"), *self.model.values()])] if self.model else []),
                VBox([Label("Packed"), *self.kept.values(), self.compression, self.modelpack]),
            ],
            layout=Layout(flex_flow="row wrap"),
        )
        box = VBox([columns, HBox([self.button]), self.work.box, self.result.box, self.preview.box])
        super().__init__(box, plan)
        for widget in (*self.package.values(), self.authors, *self.model.values(), *self.kept.values()):
            widget.observe(lambda _: self._preview(), "value")
        self.button.on_click(lambda _: self._pack())
        self._preview()

    @property
    def kitfile(self) -> Kitfile:
        """The Kitfile as the fields have it."""
        before = self._plan.kitfile
        authors = tuple(filter(None, (name.strip() for name in self.authors.value.split(","))))
        package = replace(before.package, authors=authors, **_values(self.package))
        model = replace(before.model, **_values(self.model)) if before.model and self.kept["model"].value else None
        return replace(
            before,
            package=package,
            model=model,
            code=self._of("code", before.code),
            datasets=self._of("datasets", before.datasets),
            docs=self._of("docs", before.docs),
            prompts=self._of("prompts", before.prompts),
            mcp_servers=self._of("mcpServers", before.mcp_servers),
        )

    def _of(self, kind: str, before: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(entry for number, entry in enumerate(before) if self.kept[f"{kind}[{number}]"].value)

    def _preview(self) -> None:
        self.preview.show(replace(self._plan, kitfile=self.kitfile))

    def _pack(self) -> None:
        plan = replace(self._plan, kitfile=self.kitfile)
        references = [self.reference.value.strip()] if self.reference.value.strip() else []
        compression, modelpack = self.compression.value, self.modelpack.value

        def pack(progress: Progress) -> PackResult:
            with self._place.open() as workspace:
                return workspace.pack(plan.snapshot, references, plan=plan, compression=compression, modelpack=modelpack, progress=progress)

        self.result.clear()
        self.work.start(pack, self.result.show, self.result.tell, locked=[self.button])


def _text(name: str, value: str, placeholder: str = "") -> Text:
    return Text(value=value, description=name, placeholder=placeholder, continuous_update=False)


def _values(fields: dict[str, Text]) -> dict[str, Any]:
    return {name: field.value.strip() for name, field in fields.items()}


def _box(name: str, entry: Any) -> Checkbox:
    return Checkbox(value=True, description=visible(f"{name.partition('[')[0]}: {entry.path or 'the whole folder'}"), indent=False)
