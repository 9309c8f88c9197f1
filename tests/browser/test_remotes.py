"""Remotes in the panel: sign in to a registry, send the history there, and keep the password to oneself."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import execute, picture, run, until
from tests.browser.lab import Lab
from tests.registry.servers.certificates import Authority
from tests.registry.servers.docker import PASSWORD, DockerRegistry, needs_docker_registry

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


def go_to(page: Page, folder: str) -> None:
    """Look at another folder, and wait until the panel does."""
    execute(page, "filebrowser:open-path", path=folder)
    expect(page.get_by_role("region", name="Jupyter Kit").get_by_text(folder, exact=True)).to_be_visible()


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
    until(page, LAYOUT_IS_KEPT)
    known = page.evaluate(KEPT_BY_THE_LAB)
    assert "jupyter-kit-answers" in known
    assert PASSWORD not in known
    assert json.dumps(PASSWORD)[1:-1] not in lab.log.read_text()


def sign_in(panel: Locator, password: str) -> None:
    """Fill in the form that is open, for ada."""
    panel.get_by_label("User name").fill("ada")
    panel.get_by_label("Password or token").fill(password)
    panel.get_by_role("button", name="Sign in", exact=True).click()


@needs_docker_registry
def test_two_workspaces_go_on_and_come_together(folder: Path, lab: Lab, open_page: Callable[..., Page], registry: DockerRegistry) -> None:
    digits, clone = folder / "digits", folder / "both"
    digits.mkdir()
    (digits / "train.py").write_text("rate = 1\n")
    with Workspace.init(digits) as workspace:
        workspace.snapshot("first model")
    page = open_page(lab)
    panel = page.get_by_role("region", name="Jupyter Kit")
    run(page, "show-panel")
    go_to(page, "digits")
    run(page, "add-remote")
    panel.get_by_label("Place", exact=True).fill(f"{registry.host}/team/both")
    panel.get_by_label("Place", exact=True).press("Enter")
    panel.get_by_role("button", name="Sync with origin").click()

    # Signed in with a wrong password, then with the right one; the sync goes on by itself.
    panel.get_by_role("button", name=f"Sign in to {registry.host}").click()
    sign_in(panel, "wrong")
    expect(panel.get_by_role("alert")).to_contain_text(f"{registry.host} does not accept this user name and password.")
    sign_in(panel, PASSWORD)
    expect(panel.get_by_text("Sent 1 snapshot to “origin”")).to_be_visible()

    run(page, "clone")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Where the history is").fill(f"{registry.host}/team/both")
    expect(dialog.get_by_label("New folder")).to_have_value("both")
    dialog.get_by_label("New folder").press("Enter")
    expect(panel.get_by_text("both", exact=True)).to_be_visible()  # its name, at the head
    assert (clone / "train.py").read_text() == "rate = 1\n"
    # What was done to the other workspace is not told of this one.
    expect(panel.get_by_text("Sent 1 snapshot")).to_have_count(0)

    for place, text in ((clone, "rate = 2\n"), (digits, "rate = 3\n")):
        (place / "train.py").write_text(text)
        with Workspace.open(place) as workspace:
            workspace.snapshot(f"at {place.name}")
    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text("Sent 1 snapshot to “origin”")).to_be_visible()

    go_to(page, "digits")
    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text("Both sides went on: 1 snapshot here, 1 snapshot there.")).to_be_visible()
    picture(page, "remote-diverged")
    panel.get_by_role("button", name="Sync and merge").click()
    expect(panel.get_by_text("Both are joined in")).to_be_visible()
    assert (digits / "train.py").read_text() == "rate = 3\n"
    with Workspace.open(digits) as workspace:
        assert {entry.snapshot.message for entry in workspace.log()} >= {"at both", "at digits", "first model"}

    panel.get_by_role("button", name="More for origin").click()
    page.get_by_role("menuitem", name=f"Sign Out of {registry.host}").click()
    expect(page.get_by_text(f"Signed out of {registry.host}.")).to_be_visible()
    panel.get_by_role("button", name="Sync with origin").click()
    panel.get_by_role("button", name=f"Sign in to {registry.host}").click()
    sign_in(panel, PASSWORD)
    expect(panel.get_by_text("You and “origin” have the same snapshots.")).to_be_visible()


@needs_docker_registry
def test_a_registry_that_is_not_trusted_and_one_that_is_not_there(kept: Path, page: Page, tmp_path: Path) -> None:
    (tmp_path / "authority").mkdir()
    panel = page.get_by_role("region", name="Jupyter Kit")
    run(page, "add-remote")
    with DockerRegistry(tmp_path / "registry", tls=Authority(tmp_path / "authority").issue("registry")) as registry:
        panel.get_by_label("Place", exact=True).fill(f"{registry.host}/team/history")
        panel.get_by_role("button", name="Add", exact=True).click()
        panel.get_by_role("button", name="Sync with origin").click()
        alert = panel.get_by_role("alert")
        expect(alert).to_contain_text(f"{registry.host} shows a certificate that is not trusted")
        picture(page, "not-trusted")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text(f"{registry.host} cannot be reached.")
    expect(panel.get_by_role("option", name="first model")).to_be_visible()
