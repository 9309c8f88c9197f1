"""Both parsers of PyYAML: what one reads, the other has to read alike."""

from __future__ import annotations

import pytest
import yaml

from jupyter_kit.modelkit.yaml import nodes


@pytest.fixture(params=[loader for loader in ("CSafeLoader", "SafeLoader") if hasattr(yaml, loader)])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of the parser that reads in this test."""
    monkeypatch.setattr(nodes, "LOADER", getattr(yaml, request.param))
    return str(request.param)
