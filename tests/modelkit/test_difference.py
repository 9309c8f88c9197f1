"""Two ModelKits compared, down to the cells of notebooks, without reading what the store knows to be equal."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from typing import Any

import pytest

from jupyter_kit.compare.changes import FileFacts, NotebookDiff, TextDiff
from jupyter_kit.errors import NotFound
from jupyter_kit.modelkit.difference import ModelKitDifference, difference
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model, Package
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.modelkit.summary import ModelKitSummary, kitfile_field, summarise
from jupyter_kit.oci.reference import Reference
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.system import Buffer
from tests.modelkit import golden
from tests.modelkit.packing.test_pack import packed
from tests.modelkit.shelf import Shelf
from tests.snapshot.conftest import Box, Tree

KITFILE = Kitfile("1.0.0", Package(name="x"), Model(path="model.bin"), code=(Code(path="src"),), datasets=(Dataset(path="d.csv"),))


def notebook(*sources: str) -> bytes:
    cells = [
        {"cell_type": "code", "id": f"{n}", "metadata": {}, "source": [source], "outputs": [], "execution_count": None}
        for n, source in enumerate(sources)
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


BEFORE: Tree = {
    "model.bin": b"weights\0" * 100_000,
    "src/run.py": b"one\ntwo\n",
    "src/gone.py": b"",
    "src/look.ipynb": notebook("a", "b"),
    "src/deep/same.py": b"same",
    "d.csv": b"1,2\n",
}
AFTER: Tree = {
    "model.bin": b"weights\0" * 99_999 + b"WEIGHTS\0",
    "src/run.py": b"one\nthree\n",
    "src/new.py": b"new",
    "src/look.ipynb": notebook("a", "c"),
}


def packed_twice(box: Box, after: Kitfile = KITFILE, **options: Any) -> ModelKitDifference:
    """The difference between the workspace before and after."""
    place = Blobs(box.store, "localhost/x")
    box.write(BEFORE)
    packed(box, KITFILE, (Reference("localhost", "x", "before"),))
    (box.folder / "src/gone.py").unlink()
    box.write(AFTER)
    packed(box, after, (Reference("localhost", "x", "after"),), **options)
    return difference(box.store, read_modelkit(place, "before"), read_modelkit(place, "after"))


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_difference_goes_down_to_files_and_cells(box: Box, compression: str) -> None:
    found = packed_twice(box, compression=compression)
    changed = "changed" if compression == "gzip" else "same"
    assert [(layer.change, layer.path) for layer in found.layers] == [("changed", "model.bin"), ("changed", "src"), (changed, "d.csv")]
    assert [(change.kind, change.path) for change in found.changes] == [
        ("modified", "model.bin"),
        ("removed", "src/gone.py"),
        ("modified", "src/look.ipynb"),
        ("added", "src/new.py"),
        ("modified", "src/run.py"),
    ]
    model, _, cells, _, text = found.files
    assert isinstance(model, FileFacts)
    assert isinstance(cells, NotebookDiff)
    assert [(cell.kind, cell.before, cell.after) for cell in cells.cells] == [("modified", 1, 1)]
    assert isinstance(text, TextDiff)
    assert "+three" in text.lines
    assert found.kitfile is None
    assert not found.same


def test_what_is_equal_is_the_same_however_it_is_stored(tiny: Box) -> None:
    place = Blobs(tiny.store, "localhost/x")
    for tag, options in (("one", {}), ("two", {}), ("pack", {"modelpack": True}), ("gzip", {"compression": "gzip"})):
        packed(tiny, golden.kitfile(), (Reference("localhost", "x", tag),), **options)
    one = read_modelkit(place, "one")
    assert difference(tiny.store, one, read_modelkit(place, "two")).same
    assert difference(tiny.store, one, read_modelkit(place, "pack")).same
    zipped = difference(tiny.store, one, read_modelkit(place, "gzip"))
    assert not zipped.changes
    assert {layer.change for layer in zipped.layers} == {"changed"}


def test_a_changed_kitfile_is_shown_as_text(box: Box) -> None:
    found = packed_twice(box, Kitfile("1.0.0", Package(name="other"), KITFILE.model, code=KITFILE.code))
    assert found.kitfile
    assert {"-  name: x", "+  name: other"} <= set(found.kitfile.lines)
    removed = found.layers[-1]
    assert (removed.change, removed.path, removed.new_digest, removed.looked_into) == ("removed", "d.csv", None, True)
    assert ("removed", "d.csv") in [(change.kind, change.path) for change in found.changes]


def test_layers_that_the_store_does_not_hold_are_compared_as_a_whole(tiny: Box) -> None:
    shelf = Shelf()
    shelf.put_golden("kit-2026")
    shelf.put_golden("kit-2026-gzip")
    found = difference(tiny.store, read_modelkit(shelf, "kit-2026"), read_modelkit(shelf, "kit-2026-gzip"))
    assert {(layer.change, layer.looked_into) for layer in found.layers} == {("changed", False)}
    assert not found.changes


def test_equal_contents_of_a_layer_that_changed_are_not_read(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.modelkit.archive.reading.SKIP_BYTES", 1000)
    kitfile = Kitfile(model=Model(path="."))
    place = Blobs(box.store, "localhost/x")
    for tag in ("before", "after"):
        box.write({"a.bin": os.urandom(1000) * 3000 if tag == "before" else (box.folder / "a.bin").read_bytes(), "b.txt": tag.encode()})
        packed(box, kitfile, (Reference("localhost", "x", tag),))
    read = 0
    stored = box.store.read

    def counted(*asked: Any, **named: Any) -> Iterator[Buffer]:
        nonlocal read
        for piece in stored(*asked, **named):
            read += len(piece)
            yield piece

    monkeypatch.setattr(box.store, "read", counted)
    found = difference(box.store, read_modelkit(place, "before"), read_modelkit(place, "after"))
    assert [(change.kind, change.path) for change in found.changes] == [("modified", "b.txt")]
    assert read < 500_000


def test_a_modelkit_in_one_line() -> None:
    shelf = Shelf()
    shelf.put_golden("kit-2026")
    modelkit = read_modelkit(shelf, "kit-2026")
    assert summarise("tiny:v1", modelkit) == ModelKitSummary(
        "tiny:v1", modelkit.descriptor.digest, "modelkit", "tiny", "0.1.0", "A Tester", 7, 1741 + 2560 * 4 + 3072 * 2 + 2048, None
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (".package.name", "tiny"),
        ("Package.Authors", ["A Tester"]),
        (".model.parameters.hex", 255),
        (".dataSets", [{"name": "train", "path": "data/train"}, {"name": "eval", "path": "./data/eval.csv", "description": "eval rows"}]),
        (".docs", [{"path": "README.md"}, {"path": "docs/"}]),
    ],
)
def test_a_field_of_the_kitfile_by_kits_path(path: str, value: object) -> None:
    shelf = Shelf()
    shelf.put_golden("kit-2026")
    assert kitfile_field(read_modelkit(shelf, "kit-2026").kitfile, path) == value


@pytest.mark.parametrize(
    ("path", "problem"), [(".modle", "“modle” in it"), (".package.name.x", r"“x” in \.package\.name"), (".docs.0", "“0”")]
)
def test_a_field_that_is_not_there_is_told_with_those_that_are(path: str, problem: str) -> None:
    with pytest.raises(NotFound, match=problem):
        kitfile_field(golden.kitfile(), path)
