"""ModelKits and remotes in the panel: pack, push, unpack, delete, sync, sign in."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import execute, loaded_again, picture, run, until
from tests.browser.lab import Lab
from tests.registry.servers.docker import PASSWORD, DockerRegistry, needs_docker_registry
from tests.registry.servers.faults import FaultProxy

SIZE = 12_000_000
"""Bytes of a layer that takes a moment to send."""

LATE_MILLISECONDS_MAX = 60_000
"""How long a transfer may take that tries several times by itself."""

LAYOUT_IS_KEPT = """async count => {
  const { values } = await window.jupyterapp.serviceManager.workspaces.list();
  const answers = values.flatMap(each => Object.keys(each.data)).filter(key => key.startsWith('jupyter-kit-answers:'));
  const layout = JSON.stringify(values);
  return answers.length === count && layout.includes('"current":"jupyter-kit-answers');
}"""


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
    execute(page, "filebrowser:open-path", path="digits")
    run(page, "show-panel")
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
    secret.fill(PASSWORD)
    panel.get_by_role("button", name="Sign in", exact=True).click()
    expect(panel.get_by_text(f"Pushed to {registry.host}/team/digits:v1")).to_be_visible()
    assert PASSWORD not in panel.page.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")


def layers(digits: Path, count: int, size: int) -> None:
    """Pack a ModelKit big:v1 of a small file and ``count`` large ones, without the browser."""
    (digits / "Kitfile").write_text(
        "manifestVersion: 1.0.0\nmodel:\n  path: model.onnx\n  parts:\n" + "".join(f"    - path: part{each}.bin\n" for each in range(count))
    )
    for each in range(count):
        (digits / f"part{each}.bin").write_bytes(random.Random(each).randbytes(size))
    with Workspace.open(digits) as workspace:
        workspace.snapshot("large")
    subprocess.run([sys.executable, "-m", "jupyter_kit", "pack", "-q", "-t", "big:v1"], cwd=digits, check=True)


@needs_docker_registry
def test_a_line_that_breaks_a_registry_that_stops_and_a_transfer_that_is_cancelled(panel: Locator, digits: Path, tmp_path: Path) -> None:
    page = panel.page
    layers(digits, 2, SIZE)
    with DockerRegistry(tmp_path / "registry") as registry, FaultProxy(registry.port, latency=0.01) as proxy:
        place = f"{proxy.host}/team/big:v1"
        run(page, "push", reference="big:v1")
        panel.get_by_label("Destination", exact=True).fill(place)
        proxy.harm("up", SIZE // 2, "rst", times=1000)
        panel.get_by_role("button", name="Push", exact=True).click()
        # Bytes are told while they move, and what is left.
        expect(panel.get_by_role("status", name="Pushing")).to_contain_text(" of 24.1 MB")
        alert = panel.get_by_role("alert")
        expect(alert).to_contain_text("broke the connection.", timeout=LATE_MILLISECONDS_MAX)
        expect(alert).to_contain_text("The layers that arrived whole stay there, and are not sent again.")
        picture(page, "push-broken")
        proxy.heal()
        sent = -1
        while sent != proxy.bytes["up"]:  # What the sockets of the broken push hold still goes its way.
            sent = proxy.bytes["up"]
            page.wait_for_timeout(500)
        alert.get_by_role("button", name="Try again").click()
        expect(panel.get_by_text(f"Pushed to {place}: 24.0 MB sent, 2 blobs were there already.")).to_be_visible(
            timeout=LATE_MILLISECONDS_MAX
        )
        assert proxy.bytes["up"] - sent < 2 * SIZE + 50_000

        # The same tag again: it is there, and nothing moves.
        run(page, "push", reference="big:v1")
        panel.get_by_label("Destination", exact=True).fill(place)
        panel.get_by_role("button", name="Push", exact=True).click()
        expect(panel.get_by_text(f"Pushed to {place}: 0 B sent")).to_be_visible()

        other = digits.parent / "other"
        (other / "data").mkdir(parents=True)
        Workspace.init(other).close()
        execute(page, "filebrowser:open-path", path="other")
        expect(panel.get_by_text("other", exact=True)).to_be_visible()
        proxy.latency = 0.1
        run(page, "pull")
        panel.get_by_label("Reference", exact=True).fill(place)
        panel.get_by_role("button", name="Pull", exact=True).click()
        panel.get_by_role("button", name="Cancel: Pulling").click()
        expect(alert).to_contain_text("Stopped.", timeout=LATE_MILLISECONDS_MAX)
        expect(alert).to_contain_text("The layers that came whole are kept, and do not come again.")
        picture(page, "pull-stopped")
        registry.stop()
        alert.get_by_role("button", name="Go on").click()
        expect(alert.get_by_role("button", name="Try again")).to_be_visible(timeout=LATE_MILLISECONDS_MAX)
        registry.start()
        proxy.latency = 0
        alert.get_by_role("button", name="Try again").click()
        expect(panel.get_by_text(f"Pulled {place}")).to_be_visible(timeout=LATE_MILLISECONDS_MAX)
    with Workspace.open(other) as workspace:
        assert list(workspace.modelkit_names()) == [place]


def test_the_form_to_pack_keeps_what_was_filled_in_and_shows_all_that_is_wrong(panel: Locator, digits: Path) -> None:
    page = panel.page
    (digits / "Kitfile").write_text("manifestVersion: 1.0.0\nmodle: {path: model.onnx}\ncode:\n  - pth: train.ipynb\n")
    page.get_by_role("button", name="Refresh", exact=True).first.click()
    run(page, "pack")
    reference = page.get_by_label("Reference", exact=True)
    page.get_by_label("Use the file as it is now").check()
    problems = page.get_by_role("region", name="What goes in").get_by_role("alert")
    expect(problems.get_by_role("listitem")).to_have_count(2)
    expect(problems).to_contain_text("line 2: modle is no field")
    expect(problems).to_contain_text("line 4: code[0].pth is no field")
    expect(page.get_by_role("button", name="Pack", exact=True)).to_be_disabled()
    picture(page, "pack-errors")

    (digits / "Kitfile").unlink()
    page.get_by_label("Use the file as it is now").uncheck()
    page.get_by_role("button", name="Look again").first.click()
    page.get_by_role("button", name="Write a Kitfile to edit").click()
    expect(page.locator(".jp-FileEditor").get_by_text("manifestVersion")).to_be_visible()
    assert "model.onnx" in (digits / "Kitfile").read_text()

    # Asked for again, it is the same form; for another snapshot it is another one, and the first stays.
    run(page, "pack")
    reference.fill("Digits:v1")
    expect(page.get_by_text("“Digits” is not a repository")).to_be_visible()
    expect(page.get_by_role("button", name="Pack", exact=True)).to_be_disabled()
    reference.fill("digits:packed")
    with Workspace.open(digits) as workspace:
        first = next(iter(workspace.log())).snapshot.id
    run(page, "pack", snapshot=first)
    expect(page.locator(".jk-Pack:visible").get_by_label("Reference", exact=True)).to_have_value("digits:latest")
    run(page, "pack")
    form = page.locator(".jk-Pack:visible")
    expect(form.get_by_label("Reference", exact=True)).to_have_value("digits:packed")
    form.get_by_text("More options").click()
    form.get_by_label("Compression").select_option("gzip")
    form.get_by_label("ModelPack format").check()
    form.get_by_label("Reference", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Packed as digits:packed")).to_be_visible()
    run(page, "list")
    entry = panel.get_by_role("button", name="digits:packed").first
    expect(entry).to_contain_text("ModelPack")
    entry.click()
    panel.get_by_role("button", name="Show Kitfile and manifest").click()
    expect(page.locator(".jk-Answer-html")).to_contain_text("path: train.ipynb")
    with Workspace.open(digits) as workspace:
        manifest = workspace.inspect_modelkit("digits:packed").manifest
    assert all(layer.media_type.endswith("+gzip") for layer in manifest.layers)

    # Unpacked where files are already: it stops, until the person has chosen.
    (digits / "served").mkdir()
    (digits / "served" / "README.md").write_text("mine\n")
    run(page, "unpack", reference="digits:packed")
    panel.get_by_label("Folder", exact=True).fill("served")
    panel.get_by_role("button", name="Show what would be written").click()
    expect(panel.get_by_role("alert")).to_contain_text("README.md")
    picture(page, "unpack-refused")
    panel.get_by_label("Files that exist already").select_option("overwrite")
    panel.get_by_role("button", name="Show what would be written").click()
    expect(panel.get_by_text("1 replaced")).to_be_visible()
    assert (digits / "served" / "README.md").read_text() == "mine\n"
    panel.get_by_role("button", name="Unpack", exact=True).click()
    expect(panel.get_by_text("into served")).to_be_visible()
    assert (digits / "served" / "README.md").read_text() == "# Digits\n"


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


def test_answers_as_documents_come_back_with_the_page(panel: Locator) -> None:
    page = panel.page
    run(page, "inspect")
    expect(page.locator(".jk-Answer-html")).to_contain_text("snapshot")
    run(page, "audit")
    shown = page.locator(".jk-Answer:visible")
    expect(shown.locator(".jk-Answer-html")).to_contain_text("init")
    picture(page, "audit")
    # What fails says so in its place, and can be asked again.
    run(page, "info", reference="nothing:here")
    expect(shown.get_by_role("alert")).to_contain_text("nothing:here")
    expect(shown.get_by_role("button", name="Try again")).to_be_visible()
    picture(page, "answer-failed")
    until(page, LAYOUT_IS_KEPT, 3)
    loaded_again(page)
    expect(shown.get_by_role("alert")).to_contain_text("nothing:here")
    page.get_by_role("tab", name="Show Who Did What").click()
    expect(shown.locator(".jk-Answer-html")).to_contain_text("init")
    page.get_by_role("tab", name="Show the Store").click()
    expect(shown.locator(".jk-Answer-html")).to_contain_text("snapshot")
