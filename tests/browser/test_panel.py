"""The panel in JupyterLab: it is there, and says what is missing."""

from __future__ import annotations

from playwright.sync_api import Page, expect


def test_the_panel_opens_from_its_icon(page: Page) -> None:
    page.get_by_role("tab", name="Versions of this folder").click()
    expect(page.get_by_role("region", name="Jupyter Kit")).to_be_visible()
