"""ModelKits from a terminal: packed, listed, moved, unpacked, in a real workspace and a real layout."""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends import cli
from jupyter_kit.registry.layout import Layout
from tests.modelkit.golden import GOLDEN

Run = Callable[..., Any]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with a model, data and code, as the current folder; the homes of people and of kit are elsewhere and empty."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "KITOPS_HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    folder = tmp_path / "digits"
    (folder / "model").mkdir(parents=True)
    (folder / "data").mkdir()
    (folder / "model" / "digits.safetensors").write_bytes(bytes(range(256)) * 4096)
    (folder / "data" / "train.csv").write_text("digit,pixel\n" + "3,7\n" * 1000)
    (folder / "train.py").write_text("print('training')\n")
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def run(project: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("pack -t a:v1")`` gives what ``--json`` prints; with ``fails`` the exit code, after which the error can be read."""

    def verb(line: str, *, fails: int = 0) -> Any:
        assert cli.main([*line.split(), "--json"]) == fails
        document = json.loads(capsys.readouterr().out)
        return document["error"] if fails else document

    verb("init")
    verb("snapshot -m first --metric accuracy=0.9")
    return verb


def test_a_reference_is_given_to_a_modelkit_only(run: Run) -> None:
    for line in ("tag digits:v2", "tag digits:v2 HEAD"):
        assert run(line, fails=2)["message"] == "Which ModelKit is to be called “digits:v2”?"


def test_a_repository_with_many_tags_is_listed_in_their_order(run: Run, project: Path) -> None:
    run("pack -t digits:v1 --yes")
    run("push digits:v1 oci:../exports:v1")
    layout = Layout(project.parent / "exports")
    for number in range(20):
        layout.tag(layout.resolve("v1"), f"t{number}")
    layout.tag(layout.resolve("v1"), f"sha256-{'0' * 64}")  # Where clients list what refers to a manifest.
    listed = [entry["reference"] for entry in run("list oci:../exports")["entries"]]
    assert listed == [f"oci:../exports:{tag}" for tag in [*sorted(f"t{number}" for number in range(20)), "v1"]]


def test_a_snapshot_is_packed_with_the_kitfile_that_fits_it(run: Run) -> None:
    plan = run("pack --dry-run")
    assert plan["origin"] == ""
    assert plan["kitfile"]["model"]["path"] == "model/digits.safetensors"
    assert plan["kitfile"]["model"]["parameters"] == {"metrics": {"accuracy": 0.9}}
    packed = run("pack -t digits:v1,latest --yes")
    assert packed["references"] == ["localhost/digits:v1", "localhost/digits:latest"]
    assert [layer["kind"] for layer in packed["layers"]] == ["model", "code", "dataset"]
    assert {"mediaType", "digest", "size"} <= set(packed["layers"][0]) & set(packed["config"])
    assert packed["new_bytes"] < 20_000
    assert run("pack -t digits:again --yes")["new_bytes"] == 0


def test_an_inferred_kitfile_is_shown_before_it_is_used(run: Run) -> None:
    assert "nobody to ask" in run("pack -t digits:v1", fails=2)["message"]
    assert run("list")["entries"] == []


def test_the_kitfile_of_the_snapshot_needs_no_question(run: Run, project: Path) -> None:
    (project / "Kitfile").write_text("manifestVersion: 1.0.0\npackage:\n  name: mine\ncode:\n- path: train.py\n")
    run("snapshot -m kitfile")
    packed = run("pack -t digits:v1")
    assert [layer["path"] for layer in packed["layers"]] == ["train.py"]
    (project / "other.yaml").write_text("manifestVersion: 1.0.0\ndatasets:\n- path: data\n")
    assert [layer["path"] for layer in run("pack -t digits:v2 -f other.yaml")["layers"]] == ["data"]
    (project / "other.yaml").write_text("manifestVersion: 1.0.0\ncolour: red\n")
    assert "line 2" in run("pack -t digits:v2 -f other.yaml", fails=2)["message"]


def test_a_modelkit_travels_through_a_layout_and_comes_out_as_it_went_in(run: Run, project: Path) -> None:
    digest = run("pack -t digits:v1 --yes")["digest"]
    pushed = run("push digits:v1 oci:../exports:v1")
    assert (pushed["digest"], pushed["copied"]["blobs_skipped"]) == (digest, 0)
    assert run("push digits:v1 oci:../exports:v1")["copied"]["bytes_moved"] == 0
    assert [entry["reference"] for entry in run("list oci:../exports")["entries"]] == ["oci:../exports:v1"]
    run("-C .. unpack oci:exports:v1 -d served -f model")
    served = project.parent / "served"
    assert sorted(path.relative_to(served).as_posix() for path in served.rglob("*") if path.is_file()) == ["model/digits.safetensors"]
    assert (served / "model" / "digits.safetensors").read_bytes() == (project / "model" / "digits.safetensors").read_bytes()
    assert run("pull oci:../exports:v1 pulled:v1")["digest"] == digest


def test_unpacking_into_a_folder_with_files_asks_what_to_do_with_them(run: Run, project: Path) -> None:
    run("pack -t digits:v1 --yes")
    (project / "train.py").write_text("mine\n")
    assert run("unpack digits:v1", fails=4)["kind"] == "conflict"
    assert (project / "train.py").read_text() == "mine\n"
    plan = run("unpack digits:v1 -i --dry-run")
    assert {step["path"] for step in plan["steps"] if step["action"] == "write"} == {"Kitfile"}
    run("unpack digits:v1 -o")
    assert (project / "train.py").read_text() == "print('training')\n"


def test_an_installed_kit_sees_what_is_pushed_to_its_store(run: Run) -> None:
    run("pack -t digits:v1 --yes")
    run("push digits:v1 kitops:digits:v1")
    assert [entry["reference"] for entry in run("list --kitops")["entries"]] == ["kitops:digits:v1"]
    run("remove digits:v1 --yes")
    assert run("pull kitops:digits:v1")["reference"] == "digits:v1"


def test_modelkits_are_shown_named_and_forgotten(run: Run) -> None:
    digest = run("pack -t digits:v1 --yes")["digest"]
    assert run("info digits:v1")["package"]["name"] == "digits"
    assert run("info digits:v1 --filter .Model.Path")["value"] == "model/digits.safetensors"
    assert run("info digits:v1 --filter .model.nothing", fails=3)["kind"] == "not-found"
    detail = run("inspect digits:v1")
    assert detail["digest"] == digest
    assert [layer["annotations"] for layer in detail["manifest"]["layers"]][1] == {"org.cncf.model.filepath": "train.py"}
    run("tag ghcr.io/team/digits:v1 digits:v1")
    run("snapshot -m second")
    run("pack -t digits:v1 --use-model-pack --yes")
    assert run("tag ghcr.io/team/digits:v1 digits:v1", fails=4)["kind"] == "conflict"
    assert run("remove ghcr.io/team/digits:v1 --yes")["removed"] == ["ghcr.io/team/digits:v1"]
    assert run("remove HEAD ghcr.io/team/digits:v1 --yes", fails=2)
    assert run("inspect ghcr.io/team/digits:v1 --proxy http://127.0.0.1:1 --tls-cert /nothing", fails=2)


def test_a_modelkit_is_unpacked_where_there_is_no_workspace(run: Run, project: Path) -> None:
    run("pack -t digits:v1 --yes")
    run("push digits:v1 oci:../exports:v1")
    run("-C .. unpack oci:exports:v1 -d served")
    assert run("-C .. info oci:exports:v1")["package"]["name"] == "digits"
    assert run("-C .. pack -t digits:v1", fails=3)["kind"] == "no-workspace"
    assert sorted(path.name for path in project.parent.iterdir() if path.name != "home") == ["digits", "exports", "served"]


def test_a_modelkit_that_is_nowhere_is_said_to_be_nowhere(run: Run) -> None:
    for line in (
        "unpack nothing:v1",
        "info nothing:v1",
        "push nothing:v1 oci:../exports:v1",
        "tag a:v1 nothing:v1",
        "remove nothing:v1 --yes",
    ):
        assert run(line, fails=3)["kind"] == "not-found"
    run("pack -t digits:v1 --yes")
    assert "names no registry" in run("push digits:v1", fails=2)["message"]


def test_a_password_is_never_taken_from_nowhere(run: Run) -> None:
    assert "nobody to ask" in run("login localhost:1 -u jo", fails=2)["message"]
    assert run("logout localhost:1", fails=3)["kind"] == "not-found"


def test_everything_is_in_the_audit_log(run: Run) -> None:
    run("pack -t digits:v1 --yes")
    run("push digits:v1 oci:../exports:v1")
    run("unpack nothing:v1", fails=3)
    told = [(event["verb"], event["result"]) for event in run("audit")["entries"]]
    assert told[-3:] == [("pack", "ok"), ("push", "ok"), ("unpack", "not-found")]


def test_kits_own_version_string_gives_kits_own_manifest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTER_KIT_KIT_CLI_VERSION", "unknown")
    folder = tmp_path / "tiny"
    subprocess.run(["tar", "-xpf", GOLDEN / "tiny-project.tar", "--one-top-level=" + str(folder)], check=True)
    (folder / "src" / "link.py").unlink()  # What kit loses without a word, we refuse.
    for line in ("init", "snapshot -m first", "pack -t x:y"):
        capsys.readouterr()
        assert cli.main(["-C", str(folder), *line.split(), "--json"]) == 0
    packed = json.loads(capsys.readouterr().out)
    expected = (GOLDEN / "kit-2026" / "manifest.json").read_bytes()
    assert packed["digest"] == f"sha256:{hashlib.sha256(expected).hexdigest()}"


def test_each_mistake_of_a_kitfile_is_on_a_line_of_its_own(run: Run, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "Kitfile").write_text("manifestVersion: 1.0.0\nmodel: {foo: 1}\ncode: [{bar: 2}]\n")
    run("snapshot -m wrong")
    assert cli.main(["pack", "-t", "a:v1"]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert [line[:10] for line in lines[1:3]] == ["  * line 2", "  * line 3"]
