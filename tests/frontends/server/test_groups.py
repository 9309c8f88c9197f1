"""The groups of changed files are those of the panel, and long lists are summed up by them."""

from __future__ import annotations

import re
from pathlib import Path

from jupyter_kit.compare.changes import Change, Changes, Diff, FileFacts, Status
from jupyter_kit.frontends.server.documents import Window, windowed
from jupyter_kit.frontends.server.groups import CODE_NAMES, ENDINGS, Sum, group_of, summed

PANEL = Path(__file__).parents[3] / "labextension/src/sidebar/groups.ts"


def test_they_are_those_of_the_panel() -> None:
    text = PANEL.read_text("utf-8")
    table = text.partition("const ENDINGS")[2].partition("};")[0]
    told = {
        name: "".join(re.findall(r"'([^']*)'", value)) for name, value in re.findall(r"^  (\w+):(.*?)(?=^  \w+:|\Z)", table, re.M | re.S)
    }
    assert told == ENDINGS
    assert set(re.findall(r"'(\w+)'", text.partition("const CODE_NAMES")[2].partition(";")[0])) == CODE_NAMES


def test_what_a_file_is() -> None:
    paths = ("a.ipynb", "x/B.CSV", "m.safetensors", "x.ipynb/run.py", "Makefile", "x/notes.md", "README", ".gitignore", "a.")
    assert [group_of(path) for path in paths] == ["notebooks", "data", "models", "code", "code", "other", "other", "other", "other"]


def test_bytes_are_summed_where_they_are_known() -> None:
    assert summed([Change("added", "a", new_bytes=5), Change("removed", "b"), Change("added", "c", new_bytes=2)]) == Sum(3, 7)
    assert summed([Change("removed", "b")]) == Sum(1, None)


PATHS = sorted([*(f"data/{number}.csv" for number in range(6)), "z.ipynb", "zz.ipynb", "model.pt"])
CHANGES = Changes(tuple(Change("added", path, new_bytes=10) for path in PATHS))
STATUS = Status("/work", None, None, None, (), 0, CHANGES, (("data/x", "a pipe"),), {})


def test_each_group_has_its_share_of_a_long_list() -> None:
    shown = windowed(STATUS, Window(limit=2, grouped=True))
    assert isinstance(shown, dict)
    assert [change["path"] for change in shown["changes"]] == ["data/0.csv", "data/1.csv", "model.pt", "z.ipynb", "zz.ipynb"]
    assert shown["groups"]["data"] == {"count": 6, "new_bytes": 60}
    assert shown["groups"]["notebooks"] == {"count": 2, "new_bytes": 20}
    assert "code" not in shown["groups"]
    assert shown["lengths"] == {"changes": 9}
    more = windowed(STATUS, Window(limit=2, offset=2, grouped=True))
    assert isinstance(more, dict)
    assert [change["path"] for change in more["changes"]] == ["data/2.csv", "data/3.csv"]


def test_a_short_list_is_whole_and_summed_up_all_the_same() -> None:
    shown = windowed(STATUS, Window(limit=9, grouped=True))
    assert isinstance(shown, dict)
    assert (len(shown["changes"]), "lengths" in shown) == (9, False)
    assert shown["groups"]["models"] == {"count": 1, "new_bytes": 10}


def test_words_are_found_beyond_the_part_that_is_shown() -> None:
    shown = windowed(STATUS, Window(limit=2, match="DATA 5"))
    assert isinstance(shown, dict)
    assert [change["path"] for change in shown["changes"]] == ["data/5.csv"]
    assert "lengths" not in shown
    assert shown["skipped"] == [["data/x", "a pipe"]]
    shown = windowed(STATUS, Window(limit=1, match="csv", grouped=True))
    assert isinstance(shown, dict)
    assert (shown["lengths"], set(shown["groups"])) == ({"changes": 6}, {"data"})
    diff = windowed(Diff("a", "b", CHANGES, tuple(FileFacts(path, 1, 2, 0) for path in PATHS)), Window(match="zz"))
    assert isinstance(diff, dict)
    assert ([len(diff[name]) for name in ("changes", "files")], diff["files"][0]["path"]) == ([1, 1], "zz.ipynb")
