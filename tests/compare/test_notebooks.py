"""Notebooks compared by cell."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import CellChange, NotebookDiff
from jupyter_kit.compare.notebooks import notebook_diff

Json = dict[str, Any]

RUNS = count(1)
"""Execution counts: no two cells have the same."""


def cell(source: str | list[str], cell_id: str | None = None, kind: str = "code", outputs: Sequence[Json] = (), **metadata: object) -> Json:
    """A cell as nbformat 4 has it, run once more than any cell before it."""
    found: Json = {"cell_type": kind, "metadata": metadata, "source": source}
    if kind == "code":
        found |= {"execution_count": next(RUNS), "outputs": list(outputs)}
    return found | ({"id": cell_id} if cell_id else {})


def notebook(*cells: Json, metadata: Mapping[str, object] | None = None, minor: int = 5) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": minor}, indent=1).encode()


def stream(text: str | list[str], name: str = "stdout") -> Json:
    return {"output_type": "stream", "name": name, "text": text}


def shown(data: Mapping[str, object], **metadata: object) -> Json:
    return {"output_type": "display_data", "data": data, "metadata": metadata}


def result(text: str, count: int = 1) -> Json:
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": count}


def error(name: str, value: str = "bad", traceback: Sequence[str] = ()) -> Json:
    return {"output_type": "error", "ename": name, "evalue": value, "traceback": list(traceback)}


def png(size: int, fill: int = 0) -> str:
    return base64.b64encode(bytes([fill]) * size).decode()


def diff(before: bytes, after: bytes) -> NotebookDiff:
    found = notebook_diff("a.ipynb", before, after)
    assert found is not None
    return found


def told(before: bytes, after: bytes) -> list[tuple[str, int | None, int | None]]:
    return [(change.kind, change.before, change.after) for change in diff(before, after).cells]


def outputs(before: Sequence[Json], after: Sequence[Json]) -> str:
    """What is said of the outputs of one cell."""
    changes = diff(notebook(cell("x", "a", outputs=before)), notebook(cell("x", "a", outputs=after))).cells
    return changes[0].outputs if changes else ""


class TestCells:
    def test_a_modified_cell_has_a_diff_of_its_source(self) -> None:
        before = notebook(cell("import os", "a"), cell("x = 1\ny = 2\nprint(x)", "b"))
        after = notebook(cell("import os", "a"), cell(["x = 1\n", "y = 3\n", "print(x)"], "b"))
        assert diff(before, after) == NotebookDiff(
            "a.ipynb", (CellChange("modified", "code", 1, 1, ("@@ -1,3 +1,3 @@", " x = 1", "-y = 2", "+y = 3", " print(x)")),)
        )

    def test_inserted_and_removed_cells(self) -> None:
        before = notebook(cell("a", "a"), cell("b", "b"), cell("c", "c"))
        after = notebook(cell("a", "a"), cell("new", "n", "markdown"), cell("c", "c"))
        assert diff(before, after).cells == (
            CellChange("removed", "code", 1, None, ("@@ -1 +0,0 @@", "-b")),
            CellChange("added", "markdown", None, 1, ("@@ -0,0 +1 @@", "+new")),
        )

    def test_execution_counts_ids_and_json_layout_are_no_change(self) -> None:
        cells = [("a", "x = 1"), ("b", "y\nz")]
        before = notebook(*(cell(source, name, outputs=[result("1", count=3)]) for name, source in cells))
        after = notebook(*(cell(source.splitlines(True), name + "2", outputs=[result("1", count=9)]) for name, source in cells))
        assert diff(before, json.dumps(json.loads(after)).encode()) == NotebookDiff("a.ipynb", ())

    def test_a_moved_cell_is_told_once(self) -> None:
        before = notebook(*(cell(name, name) for name in "abcde"))
        after = notebook(*(cell(name, name) for name in "bcdae"))
        assert told(before, after) == [("moved", 0, 3)]

    def test_a_moved_cell_may_be_modified_too(self) -> None:
        before = notebook(*(cell(f"{name} = 1", name) for name in "abcd"))
        after = notebook(*(cell(f"{name} = {2 if name == 'd' else 1}", name) for name in "dabc"))
        (change,) = diff(before, after).cells
        assert (change.kind, change.before, change.after) == ("moved", 3, 0)
        assert change.source == ("@@ -1 +1 @@", "-d = 1", "+d = 2")

    def test_a_removed_cell_stands_where_it_stood(self) -> None:
        before = notebook(*(cell(name, name) for name in "abc"))
        after = notebook(cell("new", "n"), cell("b", "b"), cell("c changed", "c"))
        assert told(before, after) == [("removed", 0, None), ("added", None, 0), ("modified", 2, 2)]

    def test_a_removed_cell_follows_the_one_it_followed(self) -> None:
        before = notebook(*(cell(name, name) for name in "abcd"))
        after = notebook(cell("a changed", "a"), cell("b changed", "b"), cell("d changed", "d"))
        assert told(before, after) == [("modified", 0, 0), ("modified", 1, 1), ("removed", 2, None), ("modified", 3, 2)]

    def test_another_type_is_told_with_the_metadata(self) -> None:
        (change,) = diff(notebook(cell("x", "a", "markdown")), notebook(cell("x", "a", "raw"))).cells
        assert (change.cell_type, change.metadata, change.source) == ("raw", "type markdown → raw", ())

    def test_a_line_end_more_is_a_blank_line_more(self) -> None:
        (change,) = diff(notebook(cell("x", "a")), notebook(cell("x\n", "a"))).cells
        assert change.source == ("@@ -1 +1,2 @@", " x", "+")

    def test_an_absent_version_has_no_cells(self) -> None:
        assert told(b"", notebook(cell("x"))) == [("added", None, 0)]
        assert told(notebook(cell("x")), b"\n") == [("removed", 0, None)]


class TestMatching:
    def test_the_id_decides_however_much_was_rewritten(self) -> None:
        before = notebook(cell("load()", "a"), cell("train()", "b"))
        after = notebook(cell("train()", "a"), cell("everything else", "b"))
        assert told(before, after) == [("modified", 0, 0), ("modified", 1, 1)]

    def test_without_ids_the_source_decides(self) -> None:
        before = notebook(*(cell(name) for name in "abcd"), minor=4)
        after = notebook(*(cell(name) for name in "acxbd"), minor=4)
        assert sorted(told(before, after), key=str) == [("added", None, 2), ("moved", 1, 3)]

    def test_repeated_sources_keep_their_order(self) -> None:
        before = notebook(*(cell(source) for source in ["", "a", "", "b", ""]))
        after = notebook(*(cell(source) for source in ["", "", "a", "", "b", ""]))
        assert [change[0] for change in told(before, after)] == ["added"]

    def test_new_ids_alone_are_no_change(self) -> None:
        before = notebook(*(cell(f"f{n}()", f"old{n * 7}") for n in range(9)))
        after = notebook(*(cell(f"f{n}()", f"new{n * 5}x") for n in range(9)))
        assert told(before, after) == []

    def test_ids_that_count_cells_tell_nothing(self) -> None:
        sources = ["import os", "load()", "train()", "show()"]
        before = notebook(*(cell(source, str(n)) for n, source in enumerate(sources)))
        after = notebook(*(cell(source, str(n)) for n, source in enumerate(["# title", *sources])))
        assert told(before, after) == [("added", None, 0)]

    def test_repeated_ids_tell_nothing(self) -> None:
        before = notebook(cell("one", "a"), cell("two", "a"))
        after = notebook(cell("zero", "a"), cell("one", "a"), cell("two", "a"))
        assert told(before, after) == [("added", None, 0)]

    def test_similar_words_make_versions_of_one_cell(self) -> None:
        before = notebook(cell("model = Forest(trees=100)\nmodel.fit(x, y)", "a"), cell("plot(history)", "b"))
        after = notebook(
            cell("print('hello world')", "c"), cell("model = Forest(trees=300)\nmodel.fit(x, y)", "d"), cell("plot(history)", "e")
        )
        assert told(before, after) == [("added", None, 0), ("modified", 0, 1)]

    def test_one_cell_between_known_ones_without_ids_is_a_version(self) -> None:
        before = notebook(cell("a"), cell("1"), cell("b"))
        after = notebook(cell("a"), cell("2"), cell("b"))
        assert told(before, after) == [("modified", 1, 1)]

    def test_where_ids_tell_cells_apart_unlike_cells_are_not_versions(self) -> None:
        before = notebook(cell("a", "a"), cell("one thing", "x"), cell("b", "b"))
        after = notebook(cell("a", "a"), cell("quite another", "y"), cell("b", "b"))
        assert told(before, after) == [("removed", 1, None), ("added", None, 1)]

    def test_cells_of_different_types_are_not_versions(self) -> None:
        before = notebook(cell("a"), cell("one two three four"), cell("b"))
        after = notebook(cell("a"), cell("one two three five", kind="markdown"), cell("b"))
        assert [change[0] for change in told(before, after)] == ["removed", "added"]

    def test_a_blank_cell_elsewhere_is_another(self) -> None:
        before = notebook(cell(""), cell("a"), cell("b"))
        after = notebook(cell("a"), cell("b"), cell(""))
        assert told(before, after) == [("removed", 0, None), ("added", None, 2)]

    def test_versions_never_cross(self) -> None:
        before = notebook(cell("alpha beta gamma 1"), cell("delta epsilon zeta 1"))
        after = notebook(cell("delta epsilon zeta 2"), cell("alpha beta gamma 2"))
        assert "moved" not in [change[0] for change in told(before, after)]


class TestOutputs:
    def test_sizes_of_figures(self) -> None:
        assert outputs([shown({"image/png": png(14_200)})], [shown({"image/png": png(15_000)})]) == (
            "1 output changed: image/png 14.2 kB → 15.0 kB"
        )

    @pytest.mark.parametrize(
        ("size", "words"), [(10, "10 B"), (3_071, "3.07 kB"), (3_072, "3.07 kB"), (3_094, "3.09 kB"), (10**5, "100 kB")]
    )
    def test_the_size_is_the_decoded_one_whether_it_was_read_or_hashed(self, size: int, words: str) -> None:
        line = base64.b64encode(bytes(size)).decode()
        wrapped = base64.encodebytes(bytes(size)).decode()
        for payload in (line, line + "\n", wrapped):
            assert outputs([], [shown({"image/png": payload})]) == f"1 output added: image/png {words}"

    def test_equal_figures_are_equal_however_large(self) -> None:
        for size in (100, 100_000):
            assert outputs([shown({"image/png": png(size)})], [shown({"image/png": png(size)})]) == ""
            assert outputs([shown({"image/png": png(size)})], [shown({"image/png": png(size, fill=1)})]) != ""

    def test_the_first_line_of_text_that_differs(self) -> None:
        before, after = stream(["start\n", "acc 0.91\n"]), stream("start\nacc 0.93\nmore\n")
        assert outputs([before], [after]) == "1 output changed: stdout acc 0.91 → acc 0.93"
        assert outputs([result("42")], [result("43")]) == "1 output changed: text/plain 42 → 43"

    def test_sizes_where_text_was_only_added(self) -> None:
        assert outputs([stream("a\n")], [stream("a\nbb\n")]) == "1 output changed: stdout 2 B → 5 B"

    def test_streams_may_come_in_pieces(self) -> None:
        assert outputs([stream("a\nb\n")], [stream("a\n"), stream(["b\n"])]) == ""
        assert outputs([stream("a"), stream("b", "stderr")], [stream("a"), stream("b", "stderr"), stream("c", "stderr")]) != ""

    def test_another_stream_is_named(self) -> None:
        assert outputs([stream("a")], [stream("a", "stderr")]) == "1 output changed: stdout 1 B → stderr 1 B"

    def test_errors_are_named_and_their_tracebacks_no_change(self) -> None:
        assert outputs([], [error("ValueError")]) == "1 output added: error: ValueError"
        assert outputs([error("ValueError")], [error("KeyError")]) == "1 output changed: error: ValueError → KeyError"
        assert outputs([error("E", "a")], [error("E", "b")]) == "1 output changed: error: E"
        assert outputs([error("E", "a", ["In[1]"])], [error("E", "a", ["In[2]"])]) == ""
        assert outputs([stream("ok")], [error("E")]) == "1 output changed: stdout 2 B → error: E"

    def test_the_richest_form_is_named(self) -> None:
        table = shown({"text/html": "<table></table>", "text/plain": "a long plain form of the table"})
        assert outputs([table], []) == "1 output removed: text/html 15 B"
        assert outputs([result("x")], [table]) == "1 output changed: text/plain 1 B → text/html 15 B"
        assert outputs([], [shown({})]) == "1 output added: empty"

    def test_many_are_counted_and_some_described(self) -> None:
        line = outputs([], [result(str(number)) for number in range(5)])
        assert line == "5 outputs added: text/plain 1 B, text/plain 1 B, text/plain 1 B, …"

    def test_added_between_equal_ones(self) -> None:
        a, b, c = (shown({"text/plain": name}) for name in "abc")
        assert outputs([a, c], [a, b, c]) == "1 output added: text/plain 1 B"

    def test_metadata_of_an_output(self) -> None:
        a, b = (shown({"image/png": png(100)}, width=width) for width in (10, 20))
        assert outputs([a], [b]) == "1 output changed: image/png 100 B metadata"

    def test_outputs_of_added_and_removed_cells(self) -> None:
        (change,) = diff(notebook(), notebook(cell("x", outputs=[error("ValueError")]))).cells
        assert change.outputs == "1 output added: error: ValueError"


class TestMetadata:
    def test_keys_of_a_cell(self) -> None:
        (change,) = diff(
            notebook(cell("x", "a", tags=["a"], collapsed=True, jupyter={"source_hidden": False})),
            notebook(cell("x", "a", tags=["b"], name="n", jupyter={"source_hidden": True})),
        ).cells
        assert change == CellChange(
            "modified", "code", 0, 0, metadata="collapsed removed, jupyter.source_hidden false → true, name added, tags changed"
        )

    def test_times_of_runs_are_no_change(self) -> None:
        before, after = (notebook(cell("x", "a", execution={"iopub.execute_input": now}, ExecuteTime=now)) for now in ("1", "2"))
        assert told(before, after) == []

    def test_the_kernel_and_the_language(self) -> None:
        before, after = (
            notebook(metadata={"kernelspec": {"name": "python3", "display_name": name}, "language_info": {"version": version}})
            for name, version in (("Python 3", "3.11.2"), ("conda", "3.12.1"))
        )
        assert diff(before, after) == NotebookDiff(
            "a.ipynb", (), "kernelspec.display_name Python 3 → conda, language_info.version 3.11.2 → 3.12.1"
        )

    def test_the_format(self) -> None:
        assert diff(notebook(minor=4), notebook(minor=5)).metadata == "nbformat 4.4 → 4.5"

    def test_many_keys_are_counted(self) -> None:
        assert diff(notebook(), notebook(metadata=dict.fromkeys("abcdefgh", 1))).metadata == (
            "a added, b added, c added, d added, e added, f added, 2 more"
        )

    def test_attachments(self) -> None:
        before, after = (
            notebook(cell("x", "a", "markdown") | {"attachments": {"image.png": {"image/png": png(10, fill)}}}) for fill in (1, 2)
        )
        assert diff(before, after).cells[0].metadata == "attachment image.png changed"


def test_nbformat_3() -> None:
    old = {
        "metadata": {"name": ""},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [
            {
                "cells": [
                    {"cell_type": "heading", "level": 2, "source": "Title", "metadata": {}},
                    {
                        "cell_type": "code",
                        "input": "x = 1\nx",
                        "prompt_number": 4,
                        "outputs": [
                            {"output_type": "pyout", "prompt_number": 4, "text": "1"},
                            {"output_type": "stream", "stream": "stdout", "text": "hello"},
                            {"output_type": "pyerr", "ename": "E", "evalue": "v", "traceback": []},
                            {"output_type": "display_data", "png": png(10)},
                        ],
                    },
                ]
            }
        ],
    }
    new = notebook(
        cell("## Title", "a", "markdown"),
        cell("x = 1\nx", "b", outputs=[result("1"), stream("hello"), error("E", "v"), shown({"image/png": png(10)})]),
    )
    assert diff(json.dumps(old).encode(), new) == NotebookDiff("a.ipynb", (), "name removed, nbformat 3.0 → 4.5")


SOURCES = st.sampled_from(["", "a", "b = 1", "b = 2", "import os\nimport sys", "import os\nimport re", "plot(x)", "# title"])
CELLS = st.lists(st.tuples(SOURCES, st.sampled_from([None, "i", "j", "k", "l", "0", "1"])), max_size=10)


@given(CELLS, CELLS)
def test_every_cell_is_accounted_for(before: list[tuple[str, str | None]], after: list[tuple[str, str | None]]) -> None:
    changes = diff(notebook(*(cell(*pair) for pair in before)), notebook(*(cell(*pair) for pair in after))).cells
    old = [change.before for change in changes if change.before is not None]
    new = [change.after for change in changes if change.after is not None]
    assert len(old) == len(set(old))
    assert len(new) == len(set(new))
    left_old = [source for position, (source, _) in enumerate(before) if position not in old]
    left_new = [source for position, (source, _) in enumerate(after) if position not in new]
    assert left_old == left_new
    for change in changes:
        assert (change.before is None) == (change.kind == "added")
        assert (change.after is None) == (change.kind == "removed")
        if change.kind == "modified":
            assert change.source
    assert sorted(new) == new


@given(CELLS)
def test_a_notebook_equals_itself(cells: list[tuple[str, str | None]]) -> None:
    assert told(notebook(*(cell(*pair) for pair in cells)), notebook(*(cell(*pair) for pair in cells))) == []


@given(st.lists(SOURCES.filter(bool), unique=True, min_size=2, max_size=8), st.data())
def test_a_shuffle_is_only_moves(sources: list[str], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(sources))
    changes = told(notebook(*map(cell, sources)), notebook(*map(cell, shuffled)))
    assert {kind for kind, _, _ in changes} <= {"moved"}
    assert (changes == []) == (sources == shuffled)
