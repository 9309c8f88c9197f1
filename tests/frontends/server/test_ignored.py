"""What snapshots leave out is read and written in the lab, never over somebody else's change, and heeded at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.frontends.server.conftest import Ask


async def test_what_is_written_is_heeded_at_once(ask: Ask, project: Path) -> None:
    (project / "scratch.tmp").write_text("x")
    assert (await ask("ignored", folder="project")).json == {"text": ""}
    assert "scratch.tmp" in [change["path"] for change in (await ask("status", folder="project")).json["changes"]]
    written = await ask("ignored", {"folder": "project", "text": "*.tmp\n", "before": ""})
    assert (written.code, written.json) == (200, {"text": "*.tmp\n"})
    assert (project / ".kitignore").read_text() == "*.tmp\n"
    assert "scratch.tmp" not in [change["path"] for change in (await ask("status", folder="project")).json["changes"]]


async def test_somebody_elses_change_stays(ask: Ask, project: Path) -> None:
    (project / ".kitignore").write_text("theirs\n")
    refused = await ask("ignored", {"folder": "project", "text": "mine\n", "before": ""})
    assert (refused.code, refused.json["kind"]) == (409, "conflict")
    assert (project / ".kitignore").read_text() == "theirs\n"


@pytest.mark.parametrize(("text", "kind"), [("data/[\n", "invalid-ignore-file"), (7, "invalid-input")])
async def test_what_is_no_pattern_is_refused_before_it_is_written(ask: Ask, project: Path, text: object, kind: str) -> None:
    refused = await ask("ignored", {"folder": "project", "text": text})
    assert (refused.code, refused.json["kind"]) == (400, kind)
    assert not (project / ".kitignore").exists()
