"""``%kit compare``: any two versions, whole or file by file, and their metrics side by side."""

from __future__ import annotations

from ipywidgets import Dropdown, HBox, Layout, VBox

from jupyter_kit.compare.changes import Diff
from jupyter_kit.frontends.render.html.history import metrics_compared
from jupyter_kit.frontends.verbs.named import named
from jupyter_kit.frontends.widgets.choices import NOW, fill_with_files, snapshot_choices
from jupyter_kit.frontends.widgets.pane import Pane
from jupyter_kit.frontends.widgets.place import Place
from jupyter_kit.frontends.widgets.shown import Shown
from jupyter_kit.frontends.widgets.work import Work
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.snapshot import LogEntry

SNAPSHOTS_OFFERED = 200
"""Snapshots to choose from, besides those that were named: each of the two lists is sent to the browser whole."""


class Compare(Shown):
    """Two versions and a file to choose, and what differs. It begins with ``difference``."""

    def __init__(self, place: Place, difference: Diff) -> None:
        self._place = place
        self.work = Work()
        self.metrics, self.difference = Pane(), Pane(scrolls=True)
        before = difference.before
        after = "" if difference.after == "workspace" else difference.after
        with place.open() as workspace:
            entries = {entry.snapshot.id: entry for entry in workspace.log(limit=SNAPSHOTS_OFFERED)}
            # HEAD~300 is named, and old.
            older = [workspace.show(name) for name in {before, after} - {"", *entries}]
            self._asked = tuple(named(path, place.options, workspace) for path in place.options.paths)
        entries |= {detail.snapshot.id: LogEntry(detail.snapshot, detail.tags, head=False) for detail in older}
        self._metrics = {name: entry.snapshot.metrics for name, entry in entries.items()}
        choices = snapshot_choices(entries.values())
        wide = Layout(width="auto")
        self.before = Dropdown(options=choices, value=before, description="before", layout=wide)
        self.after = Dropdown(options=[NOW, *choices], value=after, description="after", layout=wide)
        self.file = Dropdown(description="file", layout=Layout(width="auto", max_width="100%"))
        self._begun = (before, after or None, self._asked)
        box = VBox([self.before, self.after, HBox([self.file]), self.work.box, self.metrics.box, self.difference.box])
        super().__init__(box, difference)
        self._show(difference)
        self.before.observe(lambda _: self._look(), "value")
        self.after.observe(lambda _: self._look(), "value")
        self.file.observe(lambda _: self._look(), "value")

    def _look(self) -> None:
        before, after, paths = self.before.value, self.after.value or None, (self.file.value,) if self.file.value else self._asked
        if (before, after, paths) == self._begun:  # A list that is filled anew tells of its old choice once more.
            return
        self._begun = (before, after, paths)

        def compare(progress: Progress) -> Diff:
            with self._place.open() as workspace:
                return workspace.diff(before, after, paths=paths, progress=progress)

        self.work.start(compare, self._show, self.difference.tell)

    def _show(self, difference: Diff) -> None:
        self.metrics.page(metrics_compared(self._metrics[self.before.value], self._metrics.get(self.after.value, {})))
        self.difference.show(difference)
        if not self.file.value:
            fill_with_files(self.file, difference.changes, self._asked)
