"""Files of tensors and tables, and files that are large, broken, empty, or no longer what they were.

They are compared, looked at as they were, and brought back.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from jupyter_kit.workspace import Workspace
from tests.browser.conftest import picture, run
from tests.browser.test_diff import notebook

LINE = "x" * 50_000


def heavy_notebook(remark: str) -> str:
    """50 MB, nearly all of them figures that never change."""
    figure = base64.b64encode(bytes(range(256)) * 1500).decode()
    plain = json.loads(notebook(*(f"x{number} = {number}" for number in range(100))))
    for number, cell in enumerate(plain["cells"]):
        cell["outputs"] = [{"output_type": "display_data", "data": {"image/png": f"{number:04}{figure}"}, "metadata": {}}]
    plain["cells"][3]["source"] += remark
    return json.dumps(plain)


def safetensors(**tensors: bytes) -> bytes:
    """A file of vectors of bytes."""
    header, data = {}, b""
    for name, content in tensors.items():
        header[name] = {"dtype": "U8", "shape": [len(content)], "data_offsets": [len(data), len(data) + len(content)]}
        data += content
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.fixture
def folder(folder: Path) -> Path:
    """A workspace with the snapshot v1, and after it a change of each odd kind."""
    weights = os.urandom(300_000)
    (folder / "heavy.ipynb").write_text(heavy_notebook(""))
    (folder / "broken.ipynb").write_text('{"cells": [1,\n')
    (folder / "long.txt").write_text(f"{LINE}{LINE}\n" * 3)
    (folder / "huge.txt").write_text("".join(f"line {number}\n" for number in range(2_200_000)))
    (folder / "weights.bin").write_bytes(weights)
    (folder / "broken.png").write_bytes(b"\x89PNG broken")
    (folder / "old_name.py").write_text("a = 1\n" * 20)
    (folder / "run.sh").write_text("echo hello\n")
    (folder / "run.sh").chmod(0o644)
    (folder / "emptied.txt").write_text("something\n")
    (folder / "data").mkdir()
    (folder / "data" / "a.csv").write_text("1,2\n")
    (folder / "model.safetensors").write_bytes(safetensors(wte=bytes(2000), head=bytes(500), same=bytes(10)))
    (folder / "people.csv").write_text("id,age,city\n1,30,Rome\n2,40,Oslo\n")
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first", tags=["v1"])
    (folder / "heavy.ipynb").write_text(heavy_notebook("  # changed"))
    (folder / "broken.ipynb").write_text('{"cells": [1, 2,\n')
    (folder / "long.txt").write_text(f"{LINE}{LINE}\n{LINE}here{LINE}\n{LINE}{LINE}\n")
    with (folder / "huge.txt").open("a") as file:
        file.write("one more\n")
    (folder / "weights.bin").write_bytes(weights[:200_000] + os.urandom(100_000))
    (folder / "broken.png").write_bytes(b"\x89PNG still broken")
    (folder / "old_name.py").rename(folder / "new_name.py")
    (folder / "run.sh").chmod(0o755)
    (folder / "emptied.txt").write_text("")
    (folder / "data" / "a.csv").unlink()
    (folder / "data").rmdir()
    (folder / "data").write_text("a file now\n")
    (folder / "model.safetensors").write_bytes(safetensors(wte=b"\1" * 500 + bytes(1500), same=bytes(10), norm=bytes(7)))
    (folder / "people.csv").write_text("id,country,age\n1,IT,30\n2,NO,41\n")
    return folder


def test_each_is_compared_in_a_way_that_says_what_it_is(page: Page) -> None:
    run(page, "open-diff", before="v1")
    body = page.locator(".jk-Diff-body")

    def shown(name: str) -> Locator:
        page.get_by_role("listbox", name="Files that differ").get_by_role("option", name=name).first.click()
        expect(page.get_by_role("region", name=name)).to_be_visible()
        return body

    expect(shown("heavy.ipynb")).to_contain_text("Cells are shown without their outputs. It is larger than 20 MB.")
    expect(body).to_contain_text("+x3 = 3  # changed")
    picture(page, "odd-heavy-light")
    expect(shown("broken.ipynb")).to_contain_text("It is not shown by cells. nbdime could not compare it: it is not JSON")
    expect(body.locator(".cm-mergeView")).to_contain_text('{"cells": [1, 2,')
    expect(shown("long.txt")).to_contain_text("here")
    picture(page, "odd-long-light")
    expect(shown("huge.txt")).to_contain_text("This file is too large to show what differs in it.")
    expect(shown("weights.bin")).to_contain_text("There is no view for the content of this file.")
    expect(body).to_contain_text("of 300 kB are shared with the version before")
    picture(page, "odd-binary-light")
    expect(shown("broken.png").get_by_text("The browser cannot show this image.")).to_have_count(2)
    expect(shown("new_name.py")).to_contain_text("Moved from old_name.py; the content is the same.")
    expect(shown("run.sh")).to_contain_text("Permissions changed from 644 to 755; the content is the same.")
    expect(shown("emptied.txt").locator(".cm-mergeView")).to_contain_text("something")
    expect(shown("a.csv").locator(".jk-WholeText.jk-mod-removed")).to_contain_text("1,2")
    expect(shown("data").locator(".jk-WholeText.jk-mod-added")).to_contain_text("a file now")
    expect(shown("model.safetensors")).to_contain_text("3 tensors differ")
    expect(body.get_by_role("row", name="wte")).to_contain_text("500 B (25 %)")
    expect(body.get_by_role("row", name="norm")).to_contain_text("added")
    picture(page, "odd-tensors-light")
    expect(shown("people.csv").get_by_role("listitem")).to_have_text(["country added", "age changed in 1 row", "city removed"])
    expect(body.locator(".cm-mergeView")).to_contain_text("2,NO,41")


def test_each_is_shown_as_it_was_and_brought_back(page: Page, folder: Path) -> None:
    def as_it_was(name: str) -> Locator:
        run(page, "open-file-as-of", snapshot="v1", path=name)
        expect(page.get_by_role("tab", name=f"{name.rpartition('/')[2]} (v1)")).to_be_visible()
        return page.locator(".jk-Preview:visible")

    expect(as_it_was("heavy.ipynb")).to_contain_text("This file has 51.2 MB.")
    picture(page, "odd-ask-light")
    page.get_by_role("button", name="Show it").click()
    expect(page.locator(".jk-PreviewCell").first).to_contain_text("x0 = 0")
    expect(as_it_was("broken.ipynb")).to_contain_text("This is no notebook that can be read. Its text is shown.")
    expect(as_it_was("long.txt").locator(".cm-content")).to_contain_text("xxx")
    expect(as_it_was("huge.txt")).to_contain_text("This file has 27")
    page.get_by_role("button", name="Show it").click()
    expect(page.get_by_text("The rest is too long to show.")).to_be_visible()
    picture(page, "odd-huge-light")
    expect(as_it_was("weights.bin")).to_contain_text("There is no view for this file (300 kB).")
    expect(as_it_was("broken.png")).to_contain_text("The browser cannot show this image.")
    expect(as_it_was("data/a.csv")).to_contain_text("1,2")
    for name in ("heavy.ipynb", "emptied.txt", "data"):
        run(page, "rollback", name="v1", paths=[name])
        page.get_by_role("dialog").get_by_role("button", name="Restore").click()
        expect(page.get_by_text(f"{name} is as it was in v1.")).to_be_visible()
    assert (folder / "heavy.ipynb").read_text() == heavy_notebook("")
    assert (folder / "emptied.txt").read_text() == "something\n"
    assert (folder / "data" / "a.csv").read_text() == "1,2\n"
    assert (folder / "new_name.py").exists()
