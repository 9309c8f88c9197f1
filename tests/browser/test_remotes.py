"""Remotes in the panel: sign in to a registry, send the history there, and keep the password to oneself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import run
from tests.browser.lab import Lab
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry

PASSWORD = "pass:word"  # that of ada in HTPASSWD

LAYOUT_IS_KEPT = """async () =>
  JSON.stringify(await window.jupyterapp.serviceManager.workspaces.list()).includes('jupyter-kit-answers')"""

KEPT_BY_THE_LAB = """async () => {
  const { serviceManager } = window.jupyterapp;
  const ids = (await serviceManager.settings.list()).ids;
  const settings = await Promise.all(ids.map(id => serviceManager.settings.fetch(id)));
  const workspaces = await serviceManager.workspaces.list();
  return JSON.stringify([settings.map(each => each.raw), workspaces, {...localStorage, ...sessionStorage}]);
}"""
"""All that the lab keeps by itself: settings, layouts with what the restorer put there, and the browser's own stores."""


@pytest.fixture
def kept(folder: Path) -> Path:
    """The lab's folder, as a workspace with one snapshot."""
    (folder / "train.py").write_text("rate = 1\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first model")
    return folder


def test_a_form_that_a_command_shows_is_in_reach(kept: Path, page: Page) -> None:
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel).to_be_hidden()
    run(page, "add-remote")
    expect(panel.get_by_label("Place", exact=True)).to_be_focused()
    expect(panel.get_by_label("Place", exact=True)).to_be_in_viewport(ratio=1)
    # The sections fill what the head leaves them, to the last pixel.
    content, section = panel.locator(".lm-AccordionPanel"), panel.locator("#jupyter-kit-remotes")
    expect(panel.get_by_role("button", name="Add", exact=True)).to_be_in_viewport(ratio=1)
    page.wait_for_function(
        "([outer, inner]) => Math.abs(outer.getBoundingClientRect().bottom - inner.getBoundingClientRect().bottom) < 2",
        arg=[content.element_handle(), section.element_handle()],
    )


@needs_docker_registry
def test_sign_in_and_sync(kept: Path, lab: Lab, open_page: Callable[..., Page], registry: DockerRegistry) -> None:
    page = open_page(lab)
    panel = page.get_by_role("region", name="Jupyter Kit")
    run(page, "show-panel")
    expect(panel.get_by_role("option", name="first model")).to_be_visible()
    run(page, "add-remote")
    panel.get_by_label("Place", exact=True).fill(f"{registry.host}/team/history")
    panel.get_by_role("button", name="Add", exact=True).click()
    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text(f"{registry.host} wants you to sign in.")).to_be_visible()

    run(page, "login")
    panel.get_by_label("Registry", exact=True).fill(registry.host)
    panel.get_by_label("User name").fill("ada")
    panel.get_by_label("Password or token").fill(PASSWORD)
    panel.get_by_role("button", name="Sign in", exact=True).click()
    expect(panel.get_by_text(f"Signed in to {registry.host} as ada.")).to_be_visible()
    expect(panel.get_by_label("Password or token")).to_have_count(0)

    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text("Sent 1 snapshot to “origin”")).to_be_visible()
    assert "PUT /v2/team/history/manifests/" in registry.log

    # An answer that is open makes the lab write its layout down.
    run(page, "audit")
    expect(page.locator(".jk-Answer-html")).to_contain_text("login")
    page.wait_for_function(LAYOUT_IS_KEPT)
    known = page.evaluate(KEPT_BY_THE_LAB)
    assert "jupyter-kit-answers" in known
    assert PASSWORD not in known
    assert json.dumps(PASSWORD)[1:-1] not in lab.log.read_text()
