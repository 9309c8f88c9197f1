"""Notebooks from anywhere: whatever they hold, comparing them ends soon, raises nothing, and what it says is safe to print."""

from __future__ import annotations

import base64
import json
import random
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.cells import read_notebook
from jupyter_kit.compare.changes import NotebookDiff
from jupyter_kit.compare.notebooks import notebook_diff
from jupyter_kit.readable import visible

PLAIN = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'


def written(*cells: object, **more: object) -> bytes:
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5} | more).encode()


def code(source: str, outputs: object = (), cell_id: str | None = None) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "outputs": outputs, "metadata": {}, **({"id": cell_id} if cell_id else {})}


def is_safe(diff: NotebookDiff) -> bool:
    """Whether every line of it is one line that a terminal shows as it is."""
    lines = [diff.metadata]
    for cell in diff.cells:
        lines += [cell.cell_type, cell.outputs, cell.metadata, *cell.source]
    return all(visible(line) == line and "\n" not in line for line in lines)


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"[]",
        b"null",
        b'"cells"',
        b"{}",
        b'{"cells": {}}',
        b'{"cells": 1, "worksheets": "x"}',
        b"\xff\xfe\x00",
        b"\x00" * 100,
        b"[" * 1_000_000,
        b'{"cells": ' * 100_000,
        b'{"cells": [' + b'{"metadata":' * 500_000 + b"1" + b"}" * 500_000 + b"]}",
    ],
    ids=lambda data: repr(data[:20]),
)
def test_what_is_no_notebook_is_none(data: bytes) -> None:
    assert notebook_diff("a", data, PLAIN) is None
    assert notebook_diff("a", PLAIN, data) is None


@pytest.mark.parametrize("depth", range(50, 1_000, 50))
def test_what_is_nested_as_deep_as_can_be_read_can_be_compared_or_is_none(depth: int) -> None:
    shape = b'{"cells": [{"cell_type": "code", "source": %s, "metadata": {"a": %s}, "outputs": [{"data": {"x/json": %s}}]}]}'
    before, after = (shape % ((b"[" * depth + end + b"]" * depth,) * 3) for end in (b"1", b"2"))
    found = notebook_diff("a", before, after)
    assert found is None or len(found.cells) == 1


@pytest.mark.parametrize("digits", ["9" * 5_000, "-" + "9" * 1_000_000, "1." + "9" * 1_000_000, "1e999999999", "NaN", "-Infinity"])
def test_numbers_that_no_computer_holds(digits: str) -> None:
    data = f'{{"cells": [{{"cell_type": "code", "source": "x", "metadata": {{"a": {digits}}}}}]}}'.encode()
    assert notebook_diff("a", data, data) == NotebookDiff("a", ())
    found = notebook_diff("a", data, data.replace(digits.encode(), b"1"))
    assert found is not None
    assert found.cells[0].metadata.startswith("a ")


WRONG: list[object] = [None, 1, -1.5, True, "text", [], {}, [1, None], ["a", 1], {"a": [1]}, [[["a"]]]]


@pytest.mark.parametrize("value", WRONG, ids=repr)
def test_wrong_types_anywhere_are_answered(value: object) -> None:
    good = code("x", [{"output_type": "stream", "name": "stdout", "text": "t"}], "a")
    cells = [value, *({**good, key: value} for key in [*good, "input", "level", "attachments"])]
    outputs: list[object] = [value]
    for output in (
        {"output_type": "stream", "name": "stdout", "text": "t"},
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": []},
        {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": {}},
    ):
        outputs += [{**output, key: value} for key in output]
    outputs += [{"output_type": "display_data", "data": {"text/plain": value, "a/json": value}}, {"output_type": "pyout", "png": value}]
    cells += [code("x", [output]) for output in outputs] + [code("x", outputs), {"cell_type": "heading", "level": value, "source": "h"}]
    for data in [written(*cells), *(written(cell) for cell in cells), written(good, metadata=value, nbformat=value)]:
        for before, after in ((data, data), (PLAIN, data), (data, written(good, good))):
            found = notebook_diff("a", before, after)
            assert found is not None
            assert is_safe(found)
        assert notebook_diff("a", data, data) == NotebookDiff("a", ())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)
CELL = st.fixed_dictionaries(
    {},
    optional={
        "id": st.sampled_from(["a", "b", "c", "0", "1"]),
        "cell_type": st.sampled_from(["code", "markdown", "\x1b[2J"]) | JSON,
        "source": st.text(max_size=20) | JSON,
        "metadata": JSON,
        "outputs": st.lists(
            st.fixed_dictionaries(
                {"output_type": st.sampled_from(["stream", "error", "display_data"])},
                optional={"name": JSON, "text": JSON, "ename": JSON, "data": st.dictionaries(st.text(max_size=9), JSON, max_size=3)},
            )
            | JSON,
            max_size=3,
        ),
    },
)
NOTEBOOKS = st.builds(lambda cells, metadata: written(*cells, metadata=metadata), st.lists(CELL | JSON, max_size=5), JSON)


@given(NOTEBOOKS, NOTEBOOKS)
def test_any_json_is_answered_and_safe(before: bytes, after: bytes) -> None:
    found = notebook_diff("a", before, after)
    assert found is not None
    assert is_safe(found)
    assert notebook_diff("a", before, before) == NotebookDiff("a", ())


@given(st.binary(max_size=200))
def test_any_bytes_are_answered(data: bytes) -> None:
    assert notebook_diff("a", data, PLAIN) is None or not data.strip()


def test_escapes_that_drive_a_terminal_are_shown_not_obeyed() -> None:
    evil = "\x1b]0;owned\x07\x9b31m\r\u202e\ud800"
    outputs = [
        {"output_type": "stream", "name": evil, "text": evil},
        {"output_type": "error", "ename": evil, "evalue": evil},
        {"output_type": "display_data", "data": {evil: evil}, "metadata": {}},
    ]
    cell = {"cell_type": evil, "source": evil, "outputs": outputs, "metadata": {evil: evil}, "id": evil}
    changed = cell | {"metadata": {evil: "x"}, "source": "x", "outputs": [{"output_type": "stream", "name": evil, "text": "x"}]}
    for before, after in (
        (PLAIN, written(cell)),
        (written(cell), written(changed)),
        (PLAIN, written(metadata={evil: evil}, nbformat=evil)),
    ):
        found = notebook_diff("a", before, after)
        assert found is not None
        assert is_safe(found)
        assert "␛]0;owned␇\\u009b31m␍\\u202e\\ud800" in repr(found).replace("\\\\", "\\")


def test_a_string_that_looks_like_base64_ends_where_json_says() -> None:
    payload = "A" * 10_000
    for source in (f'"{payload}"', f"'{payload}'", f'x = "{payload}', payload, f"{payload}\n{payload}", f'\\"{payload}'):
        notebook = read_notebook(written(code(source), code("next")))
        assert notebook is not None
        assert len(notebook.cells) == 2
        assert notebook.cells[1].source == "next"
        assert len(notebook.cells[0].source) > 40
        again = read_notebook(written(code(source[:-1] + "B"), code("next")))
        assert again is not None
        assert again.cells[0].source != notebook.cells[0].source


def test_hostile_and_large_notebooks_take_no_longer_than_others() -> None:
    chance = random.Random(1)
    words = [f"word{number}" for number in range(500)]

    def ids(sources: list[str]) -> bytes:
        return written(*(code(source, cell_id=f"{chance.getrandbits(64):016x}") for source in sources))

    sources = ["\n".join(" ".join(chance.choices(words, k=8)) for _ in range(10)) for _ in range(720)]
    others = ["\n".join(" ".join(chance.choices(words, k=8)) for _ in range(10)) for _ in range(720)]
    figures = [base64.b64encode(chance.randbytes(90_000)).decode() for _ in range(101)]
    plotted = [code(f"plot({n})", [{"output_type": "display_data", "data": {"image/png": figures[n]}}]) for n in range(100)]
    replaced = [*plotted[:3], code("plot(3)", [{"output_type": "display_data", "data": {"image/png": figures[100]}}]), *plotted[4:]]
    for what, before, after, cells in (
        ("720 cells, all ids changed", ids(sources), ids(sources), 0),
        ("720 cells, all ids changed, all edited", ids(sources), ids([source + "\nmore" for source in sources]), 720),
        ("720 cells, all others", ids(sources), ids(others), 1_440),
        ("720 cells, shuffled", ids(sources), ids(chance.sample(sources, 720)), None),
        ("20,000 equal cells", ids(["x"] * 20_000), ids(["y"] * 20_000), 40_000),
        ("12 MB of figures, one changed", written(*plotted), written(*replaced), 1),
        ("a source of 4 MB", written(code("x y " * 1_000_000)), written(code("x z " * 1_000_000)), 1),
        ("a string that never ends", PLAIN, written(code("x"))[:-1] + b', "y": "' + b"A" * 8_000_000, None),
    ):
        start = time.perf_counter()
        found = notebook_diff("a", before, after)
        print(f"{what}: {time.perf_counter() - start:.3f} s")
        assert cells is None or (found is not None and len(found.cells) == cells)
