"""ModelKits and remotes in the panel: pack, push, unpack, delete, sync, sign in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import picture, run
from tests.browser.lab import Lab
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry


@pytest.fixture
def digits(folder: Path) -> Path:
    """A workspace with one snapshot, below the lab's root."""
    digits = folder / "digits"
    for path, text in {
        "train.ipynb": '{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}',
        "data/train.csv": "a,b\n1,2\n",
        "README.md": "# Digits\n",
    }.items():
        (digits / path).parent.mkdir(parents=True, exist_ok=True)
        (digits / path).write_text(text)
    (digits / "model.onnx").write_bytes(bytes(range(256)) * 200)
    with Workspace.init(digits) as workspace:
        workspace.snapshot("first model")
    return digits


@pytest.fixture
def panel(digits: Path, lab: Lab, open_page: Callable[..., Page]) -> Locator:
    """The panel on the workspace."""
    page = open_page(lab, "lab/tree/digits")
    page.evaluate("window.jupyterapp.commands.execute('filebrowser:open-path', {path: 'digits'}), null")
    page.evaluate("window.jupyterapp.commands.execute('jupyter-kit:show-panel'), null")
    panel = page.get_by_role("region", name="Jupyter Kit")
    expect(panel.get_by_text("first model").first).to_be_visible()
    return panel


def pack(panel: Locator, reference: str) -> None:
    """Pack through the form."""
    page = panel.page
    run(panel.page, "pack")
    field = page.get_by_label("Reference", exact=True)
    expect(field).to_have_value("digits:latest")
    field.fill(reference)
    picture(panel.page, "pack")
    page.get_by_role("button", name="Pack", exact=True).click()
    expect(page.get_by_role("heading", name=f"Packed as {reference}")).to_be_visible()


def test_pack_tag_unpack_and_delete(panel: Locator, digits: Path) -> None:
    page = panel.page
    pack(panel, "digits:v1")
    expect(page.locator(".jk-Digest")).to_contain_text("sha256:")
    picture(panel.page, "packed")
    run(panel.page, "list")
    entry = panel.get_by_role("button", name="digits:v1").first
    entry.click()
    expect(panel.get_by_role("list", name="Layers").get_by_text("model.onnx")).to_be_visible()
    picture(panel.page, "modelkit")

    run(panel.page, "tag-modelkit", reference="digits:v1")
    panel.get_by_label("New reference").fill("Digits:best")
    expect(panel.get_by_text("is not a repository")).to_be_visible()
    expect(panel.get_by_role("list", name="ModelKits").get_by_role("button", name="Tag", exact=True)).to_be_disabled()
    panel.get_by_label("New reference").fill("digits:best")
    panel.get_by_role("list", name="ModelKits").get_by_role("button", name="Tag", exact=True).click()
    expect(panel.get_by_text("digits:v1 is now digits:best too.")).to_be_visible()

    run(panel.page, "unpack", reference="digits:v1")
    panel.get_by_label("Folder", exact=True).fill("served")
    panel.get_by_role("button", name="Show what would be written").click()
    expect(panel.get_by_text("To be written:")).to_be_visible()
    picture(panel.page, "unpack")
    assert not (digits / "served").exists()
    panel.get_by_role("button", name="Unpack", exact=True).click()
    expect(panel.get_by_text("into served")).to_be_visible()
    assert (digits / "served" / "data" / "train.csv").read_text() == "a,b\n1,2\n"

    run(panel.page, "remove-modelkit", reference="digits:v1")
    expect(panel.get_by_text("The ModelKit stays, as digits:best.")).to_be_visible()
    picture(panel.page, "delete")
    panel.get_by_role("button", name="Delete", exact=True).click()
    expect(panel.get_by_text("digits:v1 is deleted.")).to_be_visible()
    with Workspace.open(digits) as workspace:
        assert list(workspace.modelkit_names()) == ["digits:best"]


@needs_docker_registry
def test_push_signs_in_where_the_registry_wants_it(panel: Locator, registry: DockerRegistry) -> None:
    pack(panel, "digits:v1")
    run(panel.page, "push", reference="digits:v1")
    panel.get_by_label("Destination", exact=True).fill(f"{registry.host}/team/digits:v1")
    picture(panel.page, "push")
    panel.get_by_role("button", name="Push", exact=True).click()
    panel.get_by_role("button", name=f"Sign in to {registry.host}").click()
    panel.get_by_label("User name").fill("ada")
    secret = panel.get_by_label("Password or token")
    assert secret.get_attribute("type") == "password"
    secret.fill("wrong")
    panel.get_by_role("button", name="Sign in", exact=True).click()
    expect(panel.get_by_role("alert")).to_be_visible()
    picture(panel.page, "signin")
    secret.fill("pass:word")
    panel.get_by_role("button", name="Sign in", exact=True).click()
    expect(panel.get_by_text(f"Pushed to {registry.host}/team/digits:v1")).to_be_visible()
    assert "pass:word" not in panel.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def test_add_a_remote_and_sync_to_a_folder(panel: Locator, digits: Path) -> None:
    run(panel.page, "add-remote")
    panel.get_by_label("Place", exact=True).fill("digits-history")
    expect(panel.get_by_text("Write registry/repository")).to_be_visible()
    panel.get_by_label("Place", exact=True).fill("oci:../backup")
    picture(panel.page, "add-remote")
    panel.get_by_role("button", name="Add", exact=True).click()
    expect(panel.get_by_text("“origin” is added.")).to_be_visible()
    panel.get_by_role("button", name="Sync with origin").click()
    expect(panel.get_by_text("Sent 1 snapshot to “origin”")).to_be_visible()
    picture(panel.page, "remote")
    assert (digits.parent / "backup" / "oci-layout").exists()

    run(panel.page, "remove-remote", remote="origin")
    panel.get_by_role("button", name="Remove", exact=True).click()
    expect(panel.get_by_text("“origin” is removed.")).to_be_visible()


def test_an_answer_without_a_view_of_its_own(panel: Locator) -> None:
    page = panel.page
    run(panel.page, "inspect")
    expect(page.locator(".jk-Answer-html")).to_contain_text("snapshot")
    run(panel.page, "audit")
    expect(page.locator(".jk-Answer-html:visible")).to_contain_text("init")
    picture(panel.page, "audit")
