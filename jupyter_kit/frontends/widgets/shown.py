"""A view as IPython shows it: widgets, and a page for whoever has none, such as the reader of a saved notebook."""

from __future__ import annotations

from typing import Any


class Shown:
    """``box`` holds the widgets; ``page`` is the HTML of the answer that the view began with."""

    def __init__(self, box: Any, page: str) -> None:
        self.box = box
        self._page = page

    def _repr_mimebundle_(self, **options: object) -> dict[str, object]:
        bundle: dict[str, object] = self.box._repr_mimebundle_(**options)
        return {**bundle, "text/html": self._page, "text/plain": repr(self)}

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of jupyter_kit; to be clicked at in a notebook>"
