"""A server starts without the rest of the house, and finds all of it when somebody asks."""

from __future__ import annotations

import subprocess
import sys

import pytest

from jupyter_kit.frontends.replies import Removed
from jupyter_kit.frontends.server import house


def test_starting_a_server_opens_no_store() -> None:
    code = "import jupyter_kit.frontends.server.extension, sys; print(*sys.modules)"
    loaded = set(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.split())
    assert "jupyter_server" in loaded
    assert not {"jupyter_kit.workspace", "jupyter_kit.store.store", "jupyter_kit.frontends.verbs", "urllib3.poolmanager"} & loaded


def test_every_name_leads_somewhere() -> None:
    assert all(getattr(house, name) is not None for name in house.__all__)
    assert set(house.__all__) == set(house._PLACES)
    with pytest.raises(AttributeError, match="Workspaces"):
        _ = house.Workspaces  # type: ignore[attr-defined]


def test_the_first_line_of_an_answer() -> None:
    assert house.first_line(Removed(("v1",))) == "Removed: v1"
    assert house.first_line(Removed(("one\ntwo",))) == "Removed: one␊two"
