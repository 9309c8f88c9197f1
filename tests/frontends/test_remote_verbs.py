"""A history between two people, through a layout, from a terminal."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends import cli

Run = Callable[..., Any]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("ada", "sync")`` in Ada's folder; with ``fails`` the exit code, after which the error can be read."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "KITOPS_HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.chdir(tmp_path)

    def verb(who: str, line: str, *, fails: int = 0) -> Any:
        assert cli.main(["-C", who, *line.split(), "--json"]) == fails
        document = json.loads(capsys.readouterr().out)
        return document["error"] if fails else document

    return verb


@pytest.fixture
def ada(run: Run, tmp_path: Path) -> Path:
    """Ada's workspace, with two snapshots, synced to a layout."""
    folder = tmp_path / "ada"
    (folder / "data").mkdir(parents=True)
    (folder / "data" / "train.csv").write_text("a,b\n" + "1,2\n" * 5000)
    (folder / "model.bin").write_bytes(bytes(range(256)) * 2000)
    run("ada", "init")
    run("ada", "snapshot -m first --tag v1")
    (folder / "model.bin").write_bytes(bytes(reversed(range(256))) * 2000)
    run("ada", "snapshot -m second --tag v2")
    run("ada", "remote add origin oci:../history")
    return folder


def test_what_is_synced_can_be_cloned_and_rolled_back(run: Run, ada: Path, tmp_path: Path) -> None:
    assert run("ada", "sync")["action"] == "push"
    assert run("ada", "sync")["action"] == "none"
    cloned = run(".", "clone oci:history ben")
    assert cloned["status"]["clean"]
    assert (tmp_path / "ben" / "model.bin").read_bytes() == (ada / "model.bin").read_bytes()
    assert [entry["snapshot"]["message"] for entry in run("ben", "log")["entries"]] == ["second", "first"]
    run("ben", "rollback v1 --yes")  # The content of v1 comes now.
    assert (tmp_path / "ben" / "model.bin").read_bytes() == bytes(range(256)) * 2000
    assert run("ben", "check")["ok"]
    assert run("ben", "audit verify")["ok"]


def test_content_of_older_snapshots_stays_away_until_it_is_asked_for(run: Run, ada: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    assert run("ben", "check")["remote_bytes"] > 0
    run("ben", "pull --all")
    assert run("ben", "check")["remote_bytes"] == 0


def test_status_tells_how_far_both_sides_are(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    (tmp_path / "ben" / "notes.md").write_text("ben\n")
    run("ben", "snapshot -m notes")
    assert run("ben", "status")["remotes"] == [{"remote": "origin", "branch": "main", "ahead": 1, "behind": 0}]
    run("ben", "sync")
    assert run("ada", "sync")["action"] == "pull"
    assert (ada / "notes.md").read_text() == "ben\n"
    assert run("ada", "status")["remotes"][0]["behind"] == 0


def test_two_people_who_went_separate_ways_lose_nothing(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    (ada / "ada.md").write_text("ada\n")
    run("ada", "snapshot -m ada")
    run("ada", "sync")
    (tmp_path / "ben" / "ben.md").write_text("ben\n")
    run("ben", "snapshot -m ben")
    error = run("ben", "sync", fails=4)
    assert error["kind"] == "diverged"
    assert "--merge" in error["hint"]
    assert (tmp_path / "ben" / "ben.md").exists()
    assert run("ben", "sync --merge")["action"] == "merge"
    messages = {entry["snapshot"]["message"] for entry in run("ben", "log")["entries"]}
    assert {"ada", "ben", "first", "second"} <= messages
    assert run("ada", "sync")["action"] == "pull"


def test_a_folder_with_changes_is_not_written_over(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    (ada / "model.bin").write_text("new\n")
    run("ada", "snapshot -m third")
    run("ada", "sync")
    (tmp_path / "ben" / "model.bin").write_text("mine\n")
    assert run("ben", "sync", fails=4)["hint"]
    assert (tmp_path / "ben" / "model.bin").read_text() == "mine\n"
    assert run(".", "clone oci:history ben", fails=4)["kind"] == "conflict"


def test_one_file_comes_alone(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    (tmp_path / "ben").mkdir()
    run("ben", "init")
    run("ben", "remote add origin oci:../history")
    run("ben", "pull --only data/train.csv")
    assert (tmp_path / "ben" / "data" / "train.csv").read_bytes() == (ada / "data" / "train.csv").read_bytes()
    assert not (tmp_path / "ben" / "model.bin").exists()


def test_remotes_are_added_listed_and_removed(run: Run, ada: Path) -> None:
    run("ada", "remote add team ghcr.io/team/history:main")
    assert [remote["reference"] for remote in run("ada", "remote")["entries"]][1] == "ghcr.io/team/history"
    assert run("ada", "sync nothing", fails=3)["kind"] == "not-found"
    run("ada", "remote remove team")
    assert [remote["name"] for remote in run("ada", "remote")["entries"]] == ["origin"]
    for line in ("remote add team", "remote remove", "remote remove a b", "remote add team local-name"):
        assert run("ada", line, fails=2)["kind"] == "invalid-input"


def test_the_kitfile_that_fits_is_written_once(run: Run, ada: Path) -> None:
    written = run("ada", "init --kitfile")
    assert written["kitfile"]["datasets"][0]["path"]
    assert (ada / "Kitfile").read_text().startswith("manifestVersion")
    run("ada", "snapshot -m kitfile")
    assert run("ada", "init --kitfile", fails=4)["kind"] == "conflict"
    assert run("ada", "pack -t ada:v1")["layers"]
    (ada / "model.bin").write_text("another\n")
    run("ada", "snapshot -m another")
    run("ada", "pack -t ada:v2")
    difference = run("ada", "diff ada:v1 ada:v2")
    assert [change["path"] for change in difference["changes"]] == ["model.bin"]
    assert not difference["same"]
    assert run("ada", "diff ada:v1 ada:v1")["same"]
    assert run("ada", "diff ada:v1", fails=2)


def test_damage_is_mended_from_the_remote(run: Run, ada: Path) -> None:
    noise = random.Random(1).randbytes(300_000)
    (ada / "noise.bin").write_bytes(noise)
    run("ada", "snapshot -m third")
    run("ada", "sync")
    (segment,) = (ada / ".kit" / "store" / "segments").iterdir()
    data = bytearray(segment.read_bytes())
    data[data.index(noise[1000:1100])] ^= 0xFF
    segment.write_bytes(data)
    (ada / "noise.bin").unlink()
    repaired = run("ada", "check --repair")
    assert [damage["repaired"] for damage in repaired["damage"]] == [True]
    assert run("ada", "check")["ok"]


def test_what_a_remote_lost_is_sent_again(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    blobs = tmp_path / "history" / "blobs" / "sha256"
    for blob in blobs.iterdir():
        if blob.read_bytes()[:1] != b"{":
            blob.unlink()
    assert run("ada", "sync")["action"] == "none"
    assert run("ada", "sync --verify")["action"] == "push"
    run(".", "clone oci:history ben")
    assert (tmp_path / "ben" / "model.bin").read_bytes() == (ada / "model.bin").read_bytes()


def test_a_file_that_comes_alone_leaves_what_stood_there_in_a_snapshot_that_is_heard_of(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    (tmp_path / "ben" / "model.bin").write_bytes(b"mine")
    run("ben", "pull --only model.bin")
    assert (tmp_path / "ben" / "model.bin").read_bytes() == (ada / "model.bin").read_bytes()
    assert run("ben", "audit verify")["ok"]


def test_a_modelkit_brings_only_what_no_snapshot_here_has(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    for tag in ("v1", "v2"):
        run("ada", f"pack {tag} -t kit:{tag} --yes")
        run("ada", f"push kit:{tag} oci:../kits:{tag}")
    shutil.rmtree(tmp_path / "history")  # Whatever is only there is not asked for.
    second = run("ben", "pull oci:../kits:v2")
    assert second["copied"]["bytes_moved"] < 5000
    assert (second["copied"]["blobs_moved"], second["copied"]["blobs_skipped"]) == (2, 2)
    first = run("ben", "pull oci:../kits:v1")
    assert (first["copied"]["blobs_moved"], first["copied"]["blobs_skipped"]) == (3, 1)
    assert run("ben", "unpack oci:../kits:v1 -d out")["plan"]["digest"] == first["digest"]
    assert (tmp_path / "ben" / "out" / "model.bin").read_bytes() == bytes(range(256)) * 2000


def test_a_clone_from_a_wrong_place_leaves_its_folder_for_another_try(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    assert run(".", "clone oci:elsewhere ben", fails=3)["kind"] == "not-found"
    assert not any((tmp_path / "ben").iterdir())
    assert run(".", "clone oci:history ben")["status"]["clean"]


def test_a_clone_that_broke_off_says_how_it_goes_on(run: Run, ada: Path, tmp_path: Path) -> None:
    run("ada", "sync")
    run(".", "clone oci:history ben")
    (tmp_path / "ben" / "model.bin").unlink()
    assert "jupyter kit -C" in run(".", "clone oci:history ben", fails=4)["hint"]
