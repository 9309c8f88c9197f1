"""``%kit history``: the timeline. Choose a snapshot; see what it is and what changed; name it; go back to it."""

from __future__ import annotations

from ipywidgets import Button, Dropdown, HBox, Layout, Select, Text, ToggleButtons, VBox

from jupyter_kit.compare.changes import Diff
from jupyter_kit.frontends.render.html import history
from jupyter_kit.frontends.render.html.page import tag
from jupyter_kit.frontends.render.text.history import earlier_metrics
from jupyter_kit.frontends.replies import Log
from jupyter_kit.frontends.verbs.named import named
from jupyter_kit.frontends.widgets.choices import fill_with_files, snapshot_choices
from jupyter_kit.frontends.widgets.pane import Pane
from jupyter_kit.frontends.widgets.place import Place
from jupyter_kit.frontends.widgets.rollback import RollbackBox
from jupyter_kit.frontends.widgets.shown import Shown
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.snapshot import LogEntry

ROWS_MAX = 8
"""Snapshots in sight at once; the list scrolls."""

BEFORE, NOW = "before", "now"
"""What a snapshot is compared with."""


class History(Shown):
    """A list of snapshots, and below it what the chosen one is. It begins with ``log``, which has entries."""

    def __init__(self, place: Place, log: Log) -> None:
        self._place = place
        self._limit = len(log) if place.options.all else place.options.limit
        with place.open() as workspace:
            self._asked = (named(place.options.path, place.options, workspace),) if place.options.path else ()
        self._begun: object = None
        self.work = Work()
        self.rollback = RollbackBox(place, self.refresh)
        self.facts, self.difference = Pane(), Pane(scrolls=True)
        self.snapshots = Select(layout=Layout(width="auto"))
        self.compared = ToggleButtons(options=[("What it changed", BEFORE), ("From it to now", NOW)], style={"button_width": "auto"})
        self.file = Dropdown(layout=Layout(width="auto", max_width="100%"))
        self.name = Text(placeholder="a tag for it", layout=Layout(width="12em"))
        self.tag = Button(description="Tag")
        self.again = Button(description="Refresh")
        self.older = Button(description="Show older")
        row = Layout(flex_flow="row wrap", align_items="center")
        box = VBox(
            [
                self.snapshots,
                HBox([self.rollback.button, self.name, self.tag, self.again, self.older], layout=row),
                self.rollback.box,
                self.facts.box,
                HBox([self.compared, self.file], layout=row),
                self.work.box,
                self.difference.box,
            ]
        )
        super().__init__(box, log)
        self._fill(log)
        fill_with_files(self.file, (), self._asked)
        self.snapshots.observe(lambda _: self._look(), "value")
        self.compared.observe(lambda _: self._compare(), "value")
        self.file.observe(lambda _: self._compare(), "value")
        self.rollback.button.on_click(lambda _: self.rollback.ask(self.snapshots.value, self._paths))
        self.tag.on_click(lambda _: self._give_tag())
        self.again.on_click(lambda _: self.refresh())
        self.older.on_click(lambda _: self._show_older())
        self._look()

    @property
    def chosen(self) -> LogEntry:
        """The entry of the snapshot that is chosen."""
        return self._entries[self.snapshots.value]

    @property
    def _paths(self) -> tuple[str, ...]:
        return (self.file.value,) if self.file.value else self._asked

    def refresh(self) -> None:
        """Read the list again: what is chosen stays chosen, and is looked at again."""
        try:
            with self._place.open() as workspace:
                asked, path = self._place.options, next(iter(self._asked), None)
                found = workspace.log(limit=self._limit + 1, kind=asked.kind, path=path, before=asked.before, find=asked.find)
        except Exception as problem:  # Nobody above a click could show it.
            self.facts.tell(problem)
            return
        self._fill(Log(found[: self._limit], cut=len(found) > self._limit, before=found[-1] if len(found) > self._limit else None))
        self._begun = None
        self._look()

    def _fill(self, log: Log) -> None:
        chosen = self.snapshots.value
        self._entries = {entry.snapshot.id: entry for entry in log}
        self._earlier = earlier_metrics(log)
        self.snapshots.options = snapshot_choices(log)
        self.snapshots.rows = min(len(log) + 1, ROWS_MAX)
        self.snapshots.value = chosen if chosen in self._entries else next(iter(self._entries), None)
        self.older.layout.display = "" if log.cut else "none"
        for widget in (self.rollback.button, self.tag, self.compared):
            widget.disabled = not log

    def _look(self) -> None:
        if self.snapshots.value is None:
            self.work.drop()
            self.facts.page(tag("div", "No such snapshot is left.", kind="quiet"))
            self.difference.clear()
            return
        self.facts.page(history.glance(self.chosen, self._earlier[self.snapshots.value]))
        self._compare()

    def _compare(self) -> None:
        snapshot, paths = self.chosen.snapshot, self._paths
        before, after = (snapshot.id, None) if self.compared.value == NOW else (next(iter(snapshot.parents), None), snapshot.id)
        if (before, after, paths) == self._begun:  # A list that is filled anew tells of its old choice once more.
            return
        self._begun = (before, after, paths)
        if before is None:
            self.work.drop()
            self.difference.page(tag("div", "It is the first snapshot: there is none before it.", kind="quiet"))
            return

        def compare(progress: Progress) -> Diff:
            with self._place.open() as workspace:
                return workspace.diff(before, after, paths=paths, progress=progress)

        self.work.start(compare, self._show, self.difference.tell)

    def _show(self, difference: Diff) -> None:
        self.difference.show(difference)
        if not self.file.value:
            fill_with_files(self.file, difference.changes, self._asked)

    def _give_tag(self) -> None:
        try:
            with self._place.open() as workspace:
                workspace.tag(self.name.value.strip(), self.snapshots.value)
        except Exception as problem:  # As above.
            self.facts.tell(problem)
            return
        self.name.value = ""
        self.refresh()

    def _show_older(self) -> None:
        self._limit *= 2
        self.refresh()
