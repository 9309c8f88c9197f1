"""Where to unpack to, and from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.modelkit.kitfile import Code, Kitfile
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.modelkit.unpacking.filters import parse_filter
from jupyter_kit.modelkit.unpacking.plan import UnpackResult
from jupyter_kit.modelkit.unpacking.unpack import Unpacking
from tests.modelkit.shelf import Shelf

CODE = "application/vnd.kitops.modelkit.code.v1.tar"
MODEL = "application/vnd.kitops.modelkit.model.v1.tar"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """Where to unpack to. It does not exist yet, and whatever lands beside it is an escape."""
    return tmp_path / "inner" / "out"


def unpacking(shelf: Shelf, name: str, out: Path, *filters: str, **options: Any) -> Unpacking:
    return Unpacking(shelf, read_modelkit(shelf, name), out, filters=tuple(map(parse_filter, filters)), **options)


def unpack(shelf: Shelf, name: str, out: Path, *filters: str, **options: Any) -> UnpackResult:
    return unpacking(shelf, name, out, *filters, **options).apply()


def one_layer(shelf: Shelf, data: bytes, media_type: str = CODE, **annotations: str) -> None:
    shelf.put_kit("x", Kitfile("1.0.0", code=(Code(path="."),)), [shelf.put(data, media_type, annotations)])
