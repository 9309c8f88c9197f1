"""Compare, look at a file as it was, roll back with unsaved text in another tab, and undo: in a real lab."""

from __future__ import annotations

import base64
import json
import os
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import picture, run

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def notebook(*sources: str, output: str = "") -> str:
    cells = []
    for number, source in enumerate(sources):
        outputs = [{"output_type": "stream", "name": "stdout", "text": output}] if output else []
        code = {"cell_type": "code", "id": f"c{number}", "source": source, "metadata": {}, "outputs": outputs, "execution_count": number}
        text = {"cell_type": "markdown", "id": f"c{number}", "source": source, "metadata": {}}
        cells.append(text if source.startswith("#") else code)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})


@pytest.fixture
def folder(folder: Path) -> Path:
    """A workspace with the snapshot v1, and changes after it."""
    (folder / "train.ipynb").write_text(
        notebook(
            "# Digits", "import numpy as np", "rate = 0.1\nepochs = 10\nprint(rate)", "for n in range(3):\n    print(n)", output="0.1\n"
        )
    )
    (folder / "model.py").write_text("".join(f"value_{n} = {n}\n" for n in range(30)) + "def predict(x):\n    return x + 1\n")
    (folder / "notes.txt").write_text("first\n")
    (folder / "figure.png").write_bytes(base64.b64decode(PIXEL))
    (folder / "weights.bin").write_bytes(b"\0" * 300_000)
    (folder / "old.md").write_text("# Old\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first model", tags=["v1"])
    (folder / "train.ipynb").write_text(
        notebook("# Digits", "import numpy as np", "rate = 0.02\nepochs = 10\nprint(rate)", "score = 0.97", output="0.02\n")
    )
    (folder / "model.py").write_text("".join(f"value_{n} = {n}\n" for n in range(30)) + "def predict(x):\n    return x + 2\n")
    (folder / "figure.png").write_bytes(base64.b64decode(PIXEL) + b"\0")
    (folder / "weights.bin").write_bytes(b"\0" * 300_000 + os.urandom(100_000))
    (folder / "old.md").unlink()
    (folder / "fresh.csv").write_text("a,b\n1,2\n")
    return folder


def opened(page: Page, path: str) -> None:
    page.evaluate("path => window.jupyterapp.commands.execute('docmanager:open', {path, factory: 'Editor'}).then(() => true)", path)


def typed(page: Page, text: str) -> None:
    """Write at the start of the document in front."""
    editor = page.locator(".jp-FileEditor:not(.lm-mod-hidden) .cm-content:visible")
    editor.click()
    page.keyboard.press("Control+Home")
    page.keyboard.type(text)


def theme(page: Page, name: str) -> None:
    page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme}).then(() => true)", name)


def test_a_comparison_shows_each_file_in_its_way(page: Page) -> None:
    run(page, "open-diff", before="v1")
    files = page.get_by_role("listbox", name="Files that differ")
    expect(files.get_by_role("option")).to_have_count(6)
    expect(page.get_by_role("tab", name="All files: v1 → now")).to_be_visible()
    files.get_by_role("option", name="train.ipynb").click()
    expect(page.locator(".jp-Notebook-diff .cm-content").first).to_be_visible()
    expect(page.get_by_role("button", name="1 equal cell")).to_be_visible()
    picture(page, "diff-notebook-light")
    page.get_by_label("Hide unchanged cells").uncheck()
    expect(page.locator(".jk-NotebookDiff h1", has_text="Digits")).to_be_visible()
    page.get_by_label("Hide unchanged cells").check()
    files.get_by_role("option", name="model.py").click()
    expect(page.locator(".cm-mergeView")).to_contain_text("return x + 2")
    expect(page.locator(".cm-collapsedLines").first).to_be_visible()
    picture(page, "diff-text-light")
    files.get_by_role("option", name="figure.png").click()
    expect(page.locator(".jk-Figure img")).to_have_count(2)
    expect(page.locator(".jk-Figure figcaption").first).to_contain_text("1 × 1")
    files.get_by_role("option", name="weights.bin").click()
    expect(page.get_by_text("There is no view for the content of this file.")).to_be_visible()
    expect(page.get_by_role("img", name="are shared with the version before")).to_be_visible()
    picture(page, "diff-facts-light")
    files.get_by_role("option", name="fresh.csv").click()
    expect(page.locator(".jk-WholeText.jk-mod-added")).to_contain_text("1,2")
    theme(page, "JupyterLab Dark")
    files.get_by_role("option", name="train.ipynb").click()
    expect(page.locator(".jp-Notebook-diff .cm-content").first).to_be_visible()
    picture(page, "diff-notebook-dark")
    files.get_by_role("option", name="model.py").click()
    expect(page.locator(".cm-mergeView")).to_contain_text("return x + 2")
    picture(page, "diff-text-dark")


def test_either_side_can_be_changed(page: Page, folder: Path) -> None:
    with Workspace.open(folder) as workspace:
        workspace.snapshot("second", tags=["v2"])
    run(page, "open-diff", before="v2", path="train.ipynb")
    expect(page.get_by_text("train.ipynb is the same in both.")).to_be_visible()
    page.get_by_label("Before", exact=True).select_option("v1")
    expect(page.get_by_role("tab", name="train.ipynb: v1 → now")).to_be_visible()
    expect(page.locator(".jp-Notebook-diff .cm-content").first).to_be_visible()
    page.get_by_label("After", exact=True).select_option("v2")
    expect(page.get_by_role("tab", name="train.ipynb: v1 → v2")).to_be_visible()


def test_a_notebook_as_it_was(page: Page, folder: Path) -> None:
    run(page, "open-file-as-of", snapshot="v1", path="train.ipynb")
    expect(page.locator(".jk-Banner")).to_contain_text("As of v1")
    expect(page.get_by_role("button", name="Restore this version…")).to_be_visible()
    expect(page.locator(".jk-Preview-notebook h1")).to_have_text("Digits¶")
    expect(page.locator(".jk-Preview-notebook")).to_contain_text("rate = 0.1")
    picture(page, "preview-light")
    page.get_by_role("button", name="Compare with now").click()
    expect(page.get_by_role("tab", name="train.ipynb: v1 → now")).to_be_visible()


def test_scripts_of_an_old_notebook_do_not_run(page: Page, folder: Path) -> None:
    cells = json.loads(notebook("x"))
    html = "<b>bold</b><img src=x onerror='window.stolen = 1'><script>window.stolen = 1</script>"
    cells["cells"][0]["outputs"] = [{"output_type": "display_data", "data": {"text/html": html}, "metadata": {}}]
    (folder / "evil.ipynb").write_text(json.dumps(cells))
    with Workspace.open(folder) as workspace:
        workspace.snapshot(tags=["v2"])
    run(page, "open-file-as-of", snapshot="v2", path="evil.ipynb")
    expect(page.locator(".jk-Preview b")).to_have_text("bold")
    page.wait_for_timeout(300)
    assert page.evaluate("window.stolen === undefined")


def test_rollback_with_unsaved_text_and_undo(page: Page, folder: Path) -> None:
    opened(page, "notes.txt")
    typed(page, "mine ")
    opened(page, "model.py")
    typed(page, "# unsaved\n")
    now = (folder / "train.ipynb").read_bytes()
    run(page, "rollback", name="v1")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Roll back to v1?")
    expect(dialog.locator(".jk-Plan-unsaved")).to_contain_text("model.py")
    expect(dialog.locator(".jk-Plan-unsaved")).not_to_contain_text("notes.txt")
    picture(page, "rollback-light")
    dialog.get_by_role("button", name="Save a version first").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    assert "return x + 1" in (folder / "model.py").read_text()
    assert (folder / "old.md").exists()
    assert not (folder / "fresh.csv").exists()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).to_contain_text("value_0 = 0")
    expect(page.locator(".jp-FileEditor .cm-content:visible")).not_to_contain_text("# unsaved")
    picture(page, "rolled-back-light")
    undo.click()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).to_contain_text("# unsaved")
    expect(page.get_by_text("Everything is as it was before.")).to_be_visible()
    assert (folder / "train.ipynb").read_bytes() == now
    assert "# unsaved" in (folder / "model.py").read_text()
    assert (folder / "fresh.csv").exists()
    assert page.evaluate("() => [...window.jupyterapp.shell.widgets('main')].find(w => w.title.label === 'notes.txt').context.model.dirty")


def test_one_file_restored_touches_no_other_tab(page: Page, folder: Path) -> None:
    opened(page, "notes.txt")
    typed(page, "mine ")
    opened(page, "model.py")
    run(page, "rollback", name="v1", paths=["model.py"])
    page.get_by_role("dialog").get_by_role("button", name="Restore").click()
    expect(page.get_by_text("model.py is as it was in v1.")).to_be_visible()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).to_contain_text("value_0 = 0")
    assert "x + 2" not in (folder / "model.py").read_text()
    assert not (folder / "old.md").exists()
    assert page.evaluate("() => [...window.jupyterapp.shell.widgets('main')].find(w => w.title.label === 'notes.txt').context.model.dirty")


def test_what_is_discarded_and_what_is_cancelled(page: Page, folder: Path) -> None:
    opened(page, "model.py")
    typed(page, "# unsaved\n")
    run(page, "rollback", name="v1", paths=["model.py"])
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).to_contain_text("# unsaved")
    run(page, "rollback", name="v1", paths=["model.py"])
    page.get_by_role("dialog").get_by_role("button", name="Discard what is not saved").click()
    expect(page.get_by_text("model.py is as it was in v1.")).to_be_visible()
    expect(page.locator(".jp-FileEditor .cm-content:visible")).not_to_contain_text("# unsaved")
    assert not page.evaluate(
        "() => [...window.jupyterapp.shell.widgets('main')].find(w => w.title.label === 'model.py').context.model.dirty"
    )


def test_a_document_whose_file_goes_is_closed_and_comes_back(page: Page, folder: Path) -> None:
    opened(page, "fresh.csv")
    run(page, "rollback", name="v1")
    page.get_by_role("dialog").get_by_role("button", name="Roll back").click()
    undo = page.get_by_role("button", name="Undo")
    expect(undo).to_be_visible()
    expect(page.get_by_role("tab", name="fresh.csv")).to_have_count(0)
    undo.click()
    expect(page.get_by_role("tab", name="fresh.csv")).to_be_visible()


def test_a_corrupt_chunk_behind_a_preview_is_told(page: Page, folder: Path) -> None:
    content = os.urandom(200_000)
    (folder / "big.txt").write_bytes(base64.b64encode(content))
    with Workspace.open(folder) as workspace:
        workspace.snapshot(tags=["v2"])
    for segment in (folder / ".kit" / "store" / "segments").iterdir():
        if segment.is_file():
            data = bytearray(segment.read_bytes())
            for place in range(2000, len(data), 1000):
                data[place] ^= 0xFF
            segment.write_bytes(data)
    run(page, "open-file-as-of", snapshot="v2", path="big.txt")
    expect(page.get_by_role("alert")).to_contain_text("big.txt")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()


def test_five_megabytes_of_notebook(page: Page, folder: Path) -> None:
    figures = [base64.b64encode(os.urandom(15_000)).decode() for _ in range(240)]
    sources = [f"x{number} = {number}" for number in range(240)]

    def whole(changed: int) -> str:
        plain = json.loads(notebook(*sources))
        for number, cell in enumerate(plain["cells"]):
            cell["outputs"] = [{"output_type": "display_data", "data": {"image/png": figures[number]}, "metadata": {}}]
        for number in range(changed):
            plain["cells"][number * 20]["source"] += "  # changed"
        return json.dumps(plain)

    (folder / "large.ipynb").write_text(whole(0))
    with Workspace.open(folder) as workspace:
        workspace.snapshot(tags=["v2"])
    (folder / "large.ipynb").write_text(whole(10))
    run(page, "open-diff", before="v2", path="train.ipynb")
    expect(page.get_by_text("train.ipynb is the same in both.")).to_be_visible()
    began = time.monotonic()
    run(page, "open-diff", before="v2", path="large.ipynb")
    page.locator(".jp-Notebook-diff .cm-content").first.wait_for()
    first = time.monotonic() - began
    page.wait_for_function("() => document.querySelectorAll('.jp-Notebook-diff .jp-Cell-diff').length >= 10")
    size, whole_time = (folder / "large.ipynb").stat().st_size, time.monotonic() - began
    print(f"\na notebook of {size / 1e6:.1f} MB compared: first cell after {first:.2f} s, all that differ after {whole_time:.2f} s")
