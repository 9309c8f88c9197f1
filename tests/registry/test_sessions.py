"""Uploads are remembered between processes."""

from __future__ import annotations

import random
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_kit.oci.descriptor import descriptor_of
from jupyter_kit.oci.target import Piece
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.protocol.uploads import Upload
from jupyter_kit.registry.sessions import SESSIONS_MAX, SessionFile
from tests.registry.servers.double import Double
from tests.registry.targets import content_of

CHUNK = 10_000
DATA = random.Random(4).randbytes(5 * CHUNK)


def test_it_is_a_mapping_that_lasts(tmp_path: Path) -> None:
    file = tmp_path / "kept" / "uploads.json"
    sessions = SessionFile(file)
    assert dict(sessions) == {}
    sessions["a"], sessions["b"] = "1", "2"
    sessions["a"] = "3"
    assert dict(SessionFile(file)) == {"a": "3", "b": "2"}
    assert len(sessions) == 2
    del sessions["a"]
    assert "a" not in SessionFile(file)
    with pytest.raises(KeyError):
        del sessions["a"]


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    SessionFile(tmp_path / "uploads.json")["a"] = "secret"
    if sys.platform != "win32":
        assert stat.S_IMODE((tmp_path / "uploads.json").stat().st_mode) == 0o600


def test_the_oldest_make_room(tmp_path: Path) -> None:
    sessions = SessionFile(tmp_path / "uploads.json")
    for number in range(SESSIONS_MAX + 2):
        sessions[str(number)] = "x"
    assert len(sessions) == SESSIONS_MAX
    assert "1" not in sessions
    assert str(SESSIONS_MAX + 1) in sessions


@pytest.mark.parametrize("text", ["", "{", "[]", '{"a": 3}', "\x00"])
def test_a_damaged_file_counts_as_empty(tmp_path: Path, text: str) -> None:
    (tmp_path / "uploads.json").write_text(text)
    sessions = SessionFile(tmp_path / "uploads.json")
    assert dict(sessions) == {}
    sessions["b"] = "2"
    assert dict(sessions) == {"b": "2"}


def test_a_file_that_cannot_be_written_stops_nobody(tmp_path: Path) -> None:
    (tmp_path / "folder").write_text("not a folder")
    sessions = SessionFile(tmp_path / "folder" / "uploads.json")
    sessions["a"] = "1"
    assert dict(sessions) == {}


def test_an_upload_goes_on_in_another_process(double: Double, open_host: Callable[..., Host], tmp_path: Path) -> None:
    def dying(start: int) -> Iterator[Piece]:
        yield DATA[start : 3 * CHUNK]
        raise KeyboardInterrupt

    def push(content: Callable[[int], Iterator[Piece]]) -> None:
        sessions = SessionFile(tmp_path / "uploads.json")
        Upload(open_host(double.host), "x", descriptor_of(DATA, "x"), content, sessions, chunked_from=CHUNK, chunk=CHUNK).run()

    with pytest.raises(KeyboardInterrupt):
        push(dying)
    push(content_of(DATA))
    assert sum(len(asked.body) for asked in double.requests("PATCH")) == len(DATA)
    assert len(double.requests("POST")) == 1
    assert not SessionFile(tmp_path / "uploads.json")
