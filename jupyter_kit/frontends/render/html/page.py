"""HTML that is escaped by construction, and the style of what notebooks show.

Everything that becomes HTML passes through :func:`tag`: a text is escaped and its invisible characters shown, unless it is a
:class:`Markup`, which only this module makes.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

from jupyter_kit.readable import visible

STYLE = """<style>
.jupyter-kit{font:13px/1.5 var(--jp-content-font-family,system-ui,sans-serif);color:var(--jp-content-font-color1,inherit);max-width:64rem}
.jupyter-kit .quiet{color:var(--jp-content-font-color2,#777)}
.jupyter-kit code,.jupyter-kit pre{font:12px/1.45 var(--jp-code-font-family,ui-monospace,monospace)}
.jupyter-kit code,.jupyter-kit pre,.jupyter-kit tr{background:none!important}
.jupyter-kit code,.jupyter-kit pre{padding:0!important}
.jupyter-kit pre{margin:.2em 0;overflow-x:auto;white-space:pre}
.jupyter-kit table{border-collapse:collapse;margin:.3em 0;font-size:inherit}
.jupyter-kit td,.jupyter-kit th{text-align:left!important;padding:.15em 1.2em .15em 0!important}
.jupyter-kit td,.jupyter-kit th{vertical-align:baseline;border:0;white-space:normal}
.jupyter-kit th{font-weight:600}
.jupyter-kit td:first-child{min-width:4.5em}
.jupyter-kit h4{margin:.8em 0 .1em!important;font-size:13px;font-weight:600!important}
.jupyter-kit .number{text-align:right!important;white-space:nowrap;font-variant-numeric:tabular-nums}
.jupyter-kit .tag{border:1px solid var(--jp-border-color1,#8886);border-radius:9px;padding:0 .55em;margin-right:.3em;font-size:11px}
.jupyter-kit .added{color:var(--jp-success-color1,#2e8540)}
.jupyter-kit .removed,.jupyter-kit .bad{color:var(--jp-error-color1,#c62828)}
.jupyter-kit .changed{color:var(--jp-info-color1,#0b7285)}
.jupyter-kit .warning{color:var(--jp-warn-color1,#b25e00)}
.jupyter-kit .good{color:var(--jp-success-color1,#2e8540);font-weight:600}
.jupyter-kit pre *{display:block;text-decoration:none}
.jupyter-kit ins{background:#2e854026}.jupyter-kit del{background:#c6282826}
.jupyter-kit ol{list-style:none;margin:0;padding:0}
.jupyter-kit li{border-left:2px solid var(--jp-border-color1,#8886);padding:0 0 .9em 1em;position:relative;margin:0 0 0 .4em}
.jupyter-kit li::before{content:"";position:absolute;left:-5px;top:.45em;width:8px;height:8px;border-radius:50%}
.jupyter-kit li::before{background:var(--jp-border-color0,#888)}
.jupyter-kit li.head::before{background:var(--jp-brand-color1,#1976d2)}
</style>"""
"""One block for all forms. Colours are the theme's own, with others for hosts that have no themes; the tints lie over light and dark.
``!important`` stands where JupyterLab's own rules for HTML in outputs are more specific: it sets tables flush right and striped."""


class Markup(str):
    """HTML that is safe as it stands."""

    __slots__ = ()


LINE_END = Markup("\n")
"""Ends a line inside ``pre``, inside the element that holds the line: so lines stay apart where a host strips the style."""


def tag(name: str, *inside: str | None, kind: str = "", title: str = "") -> Markup:
    """An element. What is inside is escaped unless it is Markup; None is left out."""
    attributes = (f' class="{html.escape(kind)}"' if kind else "") + (f' title="{html.escape(visible(title))}"' if title else "")
    return Markup(f"<{name}{attributes}>{joined(inside)}</{name}>")


def joined(parts: Iterable[str | None]) -> Markup:
    """Parts one after the other, each escaped unless it is Markup."""
    return Markup("".join(part if isinstance(part, Markup) else html.escape(visible(part)) for part in parts if part))


def table(rows: Iterable[Sequence[str | None]], *, header: Sequence[str] = (), numbers: Sequence[int] = ()) -> Markup:
    """A table; the columns in ``numbers`` are flush right."""
    head = tag("tr", *(tag("th", name, kind="number" if column in numbers else "") for column, name in enumerate(header)))
    body = [tag("tr", *(tag("td", cell, kind="number" if column in numbers else "") for column, cell in enumerate(row))) for row in rows]
    return tag("table", head if header else None, *body)


def page(*parts: str | None) -> str:
    """A whole form, with its style."""
    return STYLE + tag("div", *parts, kind="jupyter-kit")
