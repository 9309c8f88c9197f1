"""Notebooks compared by nbdime in a process of its own."""

from __future__ import annotations

import json
import threading
from typing import Any

import nbformat
import pytest
from nbdime import patch_notebook
from nbdime.diff_utils import to_diffentry_dicts

from jupyter_kit.frontends.differ import process
from jupyter_kit.frontends.differ.process import Comparison


def notebook(*cells: dict[str, Any], minor: int = 5, **metadata: object) -> bytes:
    return json.dumps({"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}).encode()


def code(source: str, outputs: list[object] | None = None, count: int | None = None, **more: object) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": outputs or [], "execution_count": count, **more}


def compared(before: bytes, after: bytes) -> tuple[dict[str, Any], list[Any]]:
    answer = Comparison(before, after).answer()
    assert answer.document is not None, answer.reason
    found = json.loads(answer.document)
    return found["base"], found["diff"]


def reason(before: bytes, after: bytes, **options: float) -> str:
    answer = Comparison(before, after, **options).answer()
    assert answer.document is None
    return answer.reason


def patched(base: dict[str, Any], diff: list[Any]) -> dict[str, Any]:
    found: dict[str, Any] = patch_notebook(nbformat.from_dict(base), to_diffentry_dicts(diff))
    return found


def test_the_diff_leads_from_the_base_to_the_other_version() -> None:
    before = notebook(code("a = 1", id="one"), code("b = 2", id="two"))
    after = notebook(code("a = 1", id="one"), code("b = 3", id="two"), code("c", id="three"))
    base, diff = compared(before, after)
    assert [cell["source"] for cell in base["cells"]] == ["a = 1", "b = 2"]
    assert [cell["source"] for cell in patched(base, diff)["cells"]] == ["a = 1", "b = 3", "c"]


def test_what_every_run_changes_is_no_difference() -> None:
    before = notebook(code("a", [{"output_type": "stream", "name": "stdout", "text": ["1\n"]}], 1, id="one"))
    again = code("a", [{"output_type": "stream", "name": "stdout", "text": "1\n"}], 7, id="one")
    again["metadata"] = {"execution": {"iopub.execute_input": "2026-01-01"}}
    assert compared(before, notebook(again, widgets={"state": {}}))[1] == []


def test_ids_that_one_side_lacks_are_no_difference() -> None:
    assert compared(notebook(code("a"), minor=4), notebook(code("a", id="x1")))[1] == []
    assert compared(notebook(code("a")), notebook(code("a")))[1] == []


@pytest.mark.parametrize("added", [True, False])
def test_a_version_that_is_not_there_has_no_cells(added: bool) -> None:
    whole = notebook(code("a", id="one"), kernelspec={"name": "python3"})
    base, diff = compared(b"", whole) if added else compared(whole, b"")
    assert [entry["key"] for entry in diff] == ["cells"]
    assert len(patched(base, diff)["cells"]) == (1 if added else 0)


def test_an_old_format_is_compared_with_a_new_one() -> None:
    cell = {"cell_type": "code", "input": "a = 1", "outputs": [], "language": "python", "metadata": {}}
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {"name": ""}, "worksheets": [{"metadata": {}, "cells": [cell]}]}
    base, diff = compared(json.dumps(old).encode(), notebook(code("a = 2", id="one")))
    assert base["cells"][0]["source"] == "a = 1"
    assert patched(base, diff)["cells"][0]["source"] == "a = 2"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"not json", "not JSON (Expecting value"),
        (b"[]", "not a notebook"),
        (b'{"nbformat": 4}', "not a notebook"),
        (b'{"nbformat": 9, "cells": []}', "version 9"),
        (b'{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [7]}', "nbdime could not compare it"),
        (b"\xff\xfe", "nbdime could not compare it"),
        (b"[" * 100_000, "nested too deep"),
        (notebook({**code("a"), "metadata": {"x": float("nan")}}), "nbdime could not compare it"),
    ],
)
def test_what_is_no_notebook_has_a_reason(content: bytes, said: str) -> None:
    assert said in reason(content, notebook(code("a")))


def test_what_takes_too_long_is_ended() -> None:
    many = [notebook(*(code(f"{word}{number} = {number}") for number in range(3000))) for word in ("x", "y")]
    assert reason(*many, seconds=1) == "Comparing all details took longer than 1 seconds."


def test_what_is_too_large_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "BYTES_MAX", 10)
    assert reason(b"x" * 11, b"") == "It is larger than 0 MB."


def test_without_nbdime_the_reason_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "find_spec", lambda name: None)
    assert "jupyter-kit[diff]" in reason(notebook(), notebook())


def test_one_that_nobody_waits_for_is_stopped() -> None:
    many = [notebook(*(code(f"{word}{number} = {number}") for number in range(3000))) for word in ("x", "y")]
    comparison = Comparison(*many, seconds=60)
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(comparison.answer().reason))
    thread.start()
    while comparison._process is None:
        pass
    comparison.stop()
    thread.join(20)
    assert answers == ["It was stopped."]
    assert Comparison(b"", b"").answer().reason != "It was stopped."


def test_one_that_was_stopped_before_does_not_begin() -> None:
    comparison = Comparison(notebook(), notebook())
    comparison.stop()
    assert comparison.answer().reason == "It was stopped."


def test_modules_of_the_folder_one_works_in_are_not_run(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(str(tmp_path))
    with open("nbdime.py", "w") as file:
        file.write("raise SystemExit(9)")
    assert compared(notebook(code("a", id="one")), notebook(code("a", id="one")))[1] == []
