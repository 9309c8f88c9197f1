"""Views: a verb's answer to be clicked at, where ``%kit`` runs in a notebook that has widgets; everywhere else, the answer."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from jupyter_kit.frontends.arguments import Options
from jupyter_kit.frontends.arguments.views import ANSWERED_BY
from jupyter_kit.frontends.verbs import Host, run

if TYPE_CHECKING:
    from jupyter_kit.compare.changes import Diff
    from jupyter_kit.frontends.replies import Log, ModelKitList
    from jupyter_kit.shown import PackPlan

FORMS: dict[str, dict[str, object]] = {
    "pack": {"dry_run": True},
    "push": {"verb": "list", "repository": None, "kitops": False},
}
"""What answers, where a verb is asked for with ``--form``: the options that differ."""


def answer(options: Options, host: Host, *, clickable: bool) -> object:
    """Carry out what was typed: a verb, or what a view begins with. ``clickable`` where somebody could click."""
    view = options.verb if options.verb in ANSWERED_BY or getattr(options, "form", False) else None
    if view is None:
        return run(options, host)
    asked = FORMS[view] if view in FORMS else {"verb": ANSWERED_BY[view]}
    found = run(Options(**{**vars(options), **asked}), host)
    if options.json or options.quiet or not clickable or importlib.util.find_spec("ipywidgets") is None:
        return found
    return _view(view, options, found)


def _view(view: str, options: Options, found: Any) -> object:
    # Imported where a view is asked for: ipywidgets takes longer to import than most verbs take.
    from jupyter_kit.frontends.widgets.compare import Compare  # noqa: PLC0415 — see above
    from jupyter_kit.frontends.widgets.history import History  # noqa: PLC0415 — see above
    from jupyter_kit.frontends.widgets.pack import PackForm  # noqa: PLC0415 — see above
    from jupyter_kit.frontends.widgets.place import Place  # noqa: PLC0415 — see above
    from jupyter_kit.frontends.widgets.push import PushForm  # noqa: PLC0415 — see above

    options.folder = str(Path(options.folder or ".").absolute())  # A view outlives the cell, and the cell's current folder.
    place = Place(options)
    if view == "history":
        return History(place, cast("Log", found)) if found else found
    if view == "compare":
        return Compare(place, cast("Diff", found))
    return PackForm(place, cast("PackPlan", found)) if view == "pack" else PushForm(place, cast("ModelKitList", found))
