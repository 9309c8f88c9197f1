"""What axe-core finds wrong with our parts of a page, for people who see, hear or point otherwise."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page

AXE = Path(__file__).parents[2] / "labextension" / "node_modules" / "axe-core" / "axe.min.js"
"""It comes with what the lab extension is built with."""

OURS = (
    ".jk-Panel", ".jk-StatusItem", ".jk-Document", ".jk-Diff", ".jk-Preview", ".jk-Banner",
    ".jp-Dialog", ".lm-Menu", ".Toastify__toast",
)  # fmt: skip
"""Where our parts of a page are. Dialogs, menus and toasts that are open in a test of ours are ours too."""

EXCEPT = (
    ("aria-allowed-attr", "<jp-button"),  # JupyterLab's toolbar buttons say aria-pressed of an element that takes its role from within
    ("aria-required-children", '<ul class="lm-Menu-content"'),  # Lumino lets the separators of menus have the focus
    ("label-content-name-mismatch", '<div id="jk-'),  # to axe the columns of a row are one word; its name says them with commas
)
"""What is no fault of ours, or none: the rule, and how the node begins."""

RUN = """async ours => {
  // The lab's body has no height and hides what overflows: to axe nothing in it would be seen, and no colours would be compared.
  document.documentElement.style.height = document.body.style.height = '100%';
  const include = ours.filter(each => document.querySelector(each)).map(each => [each]);
  const { violations } = await axe.run({ include }, { resultTypes: ['violations'] });
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, help, nodes }) => nodes.map(({ html, failureSummary }) => [id, html, `${help}\\n${html}\\n${failureSummary}`]));
}"""


def faults(page: Page) -> list[str]:
    """Serious and critical faults of what is ours: the rule, the node, and what would mend it."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    return [
        f"{rule}: {summary}"
        for rule, html, summary in page.evaluate(RUN, OURS)
        if not any(rule == known and html.startswith(start) for known, start in EXCEPT)
    ]
