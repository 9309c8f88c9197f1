"""The data of the benchmarks is the same every time and looks like what it stands for; every benchmark runs at toy size."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from . import __main__ as command
from . import data
from .modelkits import registry_is_there
from .notebooks import versions
from .peers import JupyterKit
from .report import OURS, Report

SIZE = 3 * data.MIB


def write_model(folder: Path) -> None:
    tensors = data.transformer(SIZE)
    changed = data.changed_tensors(tensors, 0.1)
    data.write_model(folder / "random", tensors)
    data.write_model(folder / "changed", tensors, changed=changed)
    data.write_model(folder / "bf16", tensors, weights="bf16")
    data.write_model(folder / "tuned", tensors, weights="bf16", changed=data.late_layers(tensors, 0.3))


def write_tables(folder: Path) -> None:
    data.write_csv(folder / "table", 200_000)
    data.write_csv(folder / "inserted", 200_000, inserted=True)


def write_trees(folder: Path) -> None:
    data.write_small_files(folder / "small", 60, 300_000)
    data.edit_small_files(folder / "small", 0.1)
    data.write_many_files(folder / "many", 300)


def write_notebooks(folder: Path) -> None:
    for number, content in enumerate(versions(3)):
        (folder / str(number)).write_bytes(content)


def digests(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("write", [write_model, write_tables, write_trees, write_notebooks])
def test_the_same_bytes_every_time(write: Callable[[Path], None], tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
    assert digests(tmp_path / "one") == digests(tmp_path / "two") != {}


def test_the_generator_is_the_one_that_figures_were_measured_with() -> None:
    assert data.generator(0).bytes(4).hex() == "6fa04615"


def header_and_body(path: Path) -> tuple[dict[str, Any], bytes]:
    content = path.read_bytes()
    start = 8 + int.from_bytes(content[:8], "little")
    return json.loads(content[8:start]), content[start:]


def test_a_model_is_a_safetensors_file_of_the_size_asked_for(tmp_path: Path) -> None:
    data.write_model(tmp_path / "model", data.transformer(SIZE))
    header, body = header_and_body(tmp_path / "model")
    assert header.pop("__metadata__") == {"format": "pt"}
    offsets = [tensor["data_offsets"] for tensor in header.values()]
    assert all(before[1] == after[0] for before, after in pairwise(offsets))
    assert offsets[-1][1] == len(body) == pytest.approx(SIZE, rel=0.01)


@pytest.mark.parametrize(("one", "other", "share"), [("random", "changed", 0.1), ("bf16", "tuned", 0.3)])
def test_only_the_tensors_named_change(one: str, other: str, share: float, tmp_path: Path) -> None:
    write_model(tmp_path)
    (header, before), (same_header, after) = header_and_body(tmp_path / one), header_and_body(tmp_path / other)
    assert header == same_header
    spans = [tensor["data_offsets"] for name, tensor in header.items() if name != "__metadata__"]
    changed = sum(end - start for start, end in spans if before[start:end] != after[start:end])
    assert 0 < changed / len(before) < 1.5 * share


def test_a_table_with_rows_inserted_holds_all_rows_of_the_one_without(tmp_path: Path) -> None:
    write_tables(tmp_path)
    rows, more = ((tmp_path / name).read_text().splitlines() for name in ("table", "inserted"))
    assert len(set(rows)) == len(rows)
    remaining = iter(more)
    assert all(row in remaining for row in rows)
    assert 1.005 < len(more) / len(rows) < 1.03


def test_an_edit_changes_as_many_files_as_it_says(tmp_path: Path) -> None:
    data.write_small_files(tmp_path, 60, 300_000)
    before = digests(tmp_path)
    count = data.edit_small_files(tmp_path, 0.1)
    assert sum(before[name] != digest for name, digest in digests(tmp_path).items()) == count == 6


def test_many_files_are_all_different(tmp_path: Path) -> None:
    data.write_many_files(tmp_path, 300)
    assert len(set(digests(tmp_path).values())) == 300


def test_a_notebook_keeps_most_figures_and_moves_its_counts() -> None:
    one, *_, last = (json.loads(content) for content in versions(4))
    figures = [set(re.findall(r'"image/png": "([^"]+)', json.dumps(version))) for version in (one, last)]
    assert len(figures[0]) == len(figures[1]) == 10
    assert 8 <= len(figures[0] & figures[1]) < 10
    assert [cell["id"] for cell in one["cells"]] == [cell["id"] for cell in last["cells"]]
    assert one["cells"][0]["execution_count"] < last["cells"][0]["execution_count"]


def test_a_table_shows_ratio_goal_and_whether_it_was_reached() -> None:
    report = Report()
    for tool, seconds in ((OURS, 1.0), (OURS, 1.2), (OURS, 9.0), ("cp+fsync", 1.0), ("borg", 2.0)):
        report.record("first", "first snapshot", tool, seconds)
    copied, borg = report.rows("first")
    assert (copied.ratio, copied.goal, copied.reached) == (1.2, 1.3, True)
    assert (borg.ratio, borg.goal, borg.reached) == (0.6, 0.5, False)
    assert "MISSED" in report.table("first")


@pytest.mark.skipif(not JupyterKit.available(), reason="the command line is not installed")
def test_every_benchmark_runs_and_measures_us(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = tmp_path / "found.json"
    assert command.main(["--tiny", "--rounds", "1", "--peers", "cp+fsync", "git", "--folder", str(tmp_path), "--json", str(found)]) == 0
    rows = json.loads(found.read_text())["rows"]
    names = set(command.NAMES) - (set() if registry_is_there() else {"push", "pull", "sync", "one-file", "parallel"})
    assert {row["benchmark"] for row in rows if row["ours"] is not None} == names
    printed = capsys.readouterr().out
    assert all(name in printed for name in ("machine", "load average", *names))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["found.json"]
