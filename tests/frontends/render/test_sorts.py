"""What sort of file a path names."""

from __future__ import annotations

import pytest

from jupyter_kit.compare.changes import Change
from jupyter_kit.frontends.render.sorts import SORTS, grouped, sort_of


@pytest.mark.parametrize(
    ("path", "sort"),
    [
        ("train.ipynb", "notebooks"),
        ("data/a.CSV", "data"),
        ("a.tar.gz", "data"),
        ("m/model.safetensors", "models"),
        ("fit.py", "code"),
        ("README", "other"),
        ("folder.py/README", "other"),
        ("", "other"),
        ("odd.", "other"),
    ],
)
def test_sorts(path: str, sort: str) -> None:
    assert sort_of(path) == sort


def test_no_suffix_is_of_two_sorts() -> None:
    suffixes = [suffix for found in SORTS.values() for suffix in found]
    assert len(suffixes) == len(set(suffixes))
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in suffixes)


def test_groups_keep_their_order_and_lose_nothing() -> None:
    changes = [Change("added", path) for path in ("b.py", "a.csv", "x", "a.py", "n.ipynb")]
    groups = grouped(changes)
    assert list(groups) == ["notebooks", "data", "code", "other"]
    assert [change.path for change in groups["code"]] == ["b.py", "a.py"]
