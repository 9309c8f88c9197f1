"""Going back: the plan, a question, and afterwards the way to undo it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ipywidgets import Button, HBox, Layout, VBox

from jupyter_kit.frontends.render.html import changes
from jupyter_kit.frontends.render.html.page import tag
from jupyter_kit.frontends.widgets.pane import Pane
from jupyter_kit.frontends.widgets.place import Place
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult

T = TypeVar("T")

OPEN_DOCUMENTS = "A document that is open still shows what it held: reload it from disk, and do not save it before."
"""Nothing in a kernel can tell an editor that a file changed under it."""


class RollbackBox:
    """Asks before it writes. ``done`` is called after each rollback, the undoing among them."""

    def __init__(self, place: Place, done: Callable[[], None]) -> None:
        self._place = place
        self._done = done
        self.work = Work()
        self._plan: RollbackPlan
        self._undo = ""
        self.pane = Pane()
        self.button = Button(description="Roll back…", tooltip="Shows what would be written and deleted, and asks")
        self.yes = Button(description="Roll back", button_style="warning", tooltip="Write and delete these, after a safety snapshot")
        self.no = Button(description="Keep as it is")
        self.undo = Button(description="Undo", icon="undo", tooltip="Bring back what was there before")
        self.yes.on_click(lambda _: self._go(self._plan))
        self.no.on_click(lambda _: self.close())
        self.undo.on_click(lambda _: self.ask_back())
        self._buttons = HBox()
        self.box = VBox([self.pane.box, self.work.box, self._buttons], layout=Layout(display="none", padding="4px 0"))

    def ask(self, name: str, paths: Sequence[str]) -> None:
        """Show what a rollback would do, with the question."""

        def plan(progress: Progress) -> RollbackPlan:
            with self._place.open() as workspace:
                return workspace.plan_rollback(name, paths, progress=progress)

        self._begin(plan, self._show_plan)

    def ask_back(self) -> None:
        """Undo the last rollback. It was asked for by name, and it can be undone in turn: no question."""

        def back(progress: Progress) -> RollbackResult:
            with self._place.open() as workspace:
                return workspace.rollback(self._undo, self._plan.paths, progress=progress)

        self._begin(back, self._show_result)

    def close(self) -> None:
        """Nothing was asked."""
        self.box.layout.display = "none"

    def _go(self, shown: RollbackPlan) -> None:
        def go(progress: Progress) -> RollbackPlan | RollbackResult:
            with self._place.open() as workspace:
                plan = workspace.plan_rollback(shown.snapshot, shown.paths, progress=progress)
                if (plan.steps, plan.left) != (shown.steps, shown.left):
                    return plan  # Something changed while the question stood there: what is done must be what was shown.
                return workspace.rollback(shown.snapshot, shown.paths, plan=plan, progress=progress)

        self._begin(go, self._show)

    def _begin(self, deed: Callable[[Progress], T], then: Callable[[T], None]) -> None:
        self.box.layout.display = "flex"
        self.work.start(deed, then, self._fail, locked=[self.button, self.yes, self.no, self.undo])

    def _show(self, value: RollbackPlan | RollbackResult) -> None:
        if isinstance(value, RollbackResult):
            self._show_result(value)
        else:
            self._show_plan(value, "The files have changed since. This is what would be done now:")

    def _show_plan(self, plan: RollbackPlan, remark: str = "") -> None:
        self._plan = plan
        self._open([self.yes, self.no] if plan.steps else [self.no])
        self.pane.page(tag("div", remark, kind="warning") if remark else None, changes.rollback_plan(plan))

    def _show_result(self, value: RollbackResult) -> None:
        self._plan = value.plan
        self._undo = value.undo or ""
        self._open([self.undo] if self._undo and value.plan.steps else [])
        self.pane.page(changes.rollback_result(value), tag("div", OPEN_DOCUMENTS, kind="quiet") if value.plan.steps else None)
        self._done()

    def _fail(self, problem: BaseException) -> None:
        self._open([self.no])
        self.pane.tell(problem)

    def _open(self, buttons: Sequence[Button]) -> None:
        self._buttons.children = tuple(buttons)
        self.box.layout.display = "flex"
