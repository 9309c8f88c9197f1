"""A real docker-registry from a terminal: signing in and out, a ModelKit whose model is another's, and no password left behind."""

from __future__ import annotations

import base64
import io
import json
import random
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit.frontends import cli
from tests.registry.servers.certificates import Authority
from tests.registry.servers.docker import HTPASSWD, PASSWORD, DockerRegistry, needs_docker_registry

pytestmark = needs_docker_registry

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DockerRegistry]:
    """docker-registry that knows ada by her password."""
    folder = tmp_path_factory.mktemp("registry")
    (folder / "htpasswd").write_text(HTPASSWD)
    with DockerRegistry(folder, auth={"htpasswd": {"realm": "tests", "path": str(folder / "htpasswd")}}) as running:
        yield running


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """``run("ada", "list")`` in Ada's workspace; with ``fails`` the exit code, after which the error can be read."""
    for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "KITOPS_HOME", "DOCKER_CONFIG"):
        monkeypatch.setenv(name, str(tmp_path / "home" / name))
    monkeypatch.chdir(tmp_path)

    def verb(who: str, line: str, *, password: str = "", fails: int = 0) -> Any:
        monkeypatch.setattr(sys, "stdin", io.StringIO(password))
        assert cli.main(["-C", who, *line.split(), "--json"]) == fails
        printed = capsys.readouterr()
        assert PASSWORD not in printed.out + printed.err
        document = json.loads(printed.out)
        return document["error"] if fails else document

    for who in ("ada", "ben"):
        (tmp_path / who).mkdir()
        (tmp_path / who / f"{who}.py").write_text(f"print('{who}')\n")
        verb(who, "init")
    return verb


def _pack(run: Run, folder: Path, kitfile: str, reference: str) -> str:
    (folder / "Kitfile").write_text(f"manifestVersion: 1.0.0\n{kitfile}")
    run(folder.name, "snapshot -m kept")
    return str(run(folder.name, f"pack -t {reference}")["digest"])


def test_who_signs_in_may_push_until_they_sign_out(run: Run, registry: DockerRegistry, tmp_path: Path) -> None:
    reference = f"{registry.host}/ada/signed:v1"
    digest = _pack(run, tmp_path / "ada", "code: [{path: ada.py}]\n", reference)
    assert run("ada", f"push {reference}", fails=10)["kind"] == "unauthorized"
    assert run("ada", f"login {registry.host} -u ada --password-stdin", password="wrong", fails=10)["kind"] == "unauthorized"
    run("ada", f"login {registry.host} -u ada --password-stdin", password=f"{PASSWORD}\n")
    assert run("ada", f"push {reference}")["digest"] == digest
    assert run("ada", f"inspect -r {reference}")["digest"] == digest
    run("ada", f"logout {registry.host}")
    assert run("ada", f"inspect -r {reference}", fails=10)["kind"] == "unauthorized"
    kept = [file for file in (tmp_path / "ada").rglob("*") if file.is_file()]
    assert kept
    assert not [file for file in kept if PASSWORD.encode() in file.read_bytes()]


def test_pulling_a_modelkit_brings_the_one_that_its_model_is(run: Run, registry: DockerRegistry, tmp_path: Path) -> None:
    base, tuned = f"{registry.host}/ada/base:v1", f"{registry.host}/ada/tuned:v1"
    (tmp_path / "ada" / "model.bin").write_bytes(bytes(range(256)) * 64)
    parent = _pack(run, tmp_path / "ada", "model: {name: base, path: model.bin}\n", base)
    _pack(run, tmp_path / "ada", f"model: {{name: tuned, path: '{base}'}}\ncode: [{{path: ada.py}}]\n", tuned)
    run("ada", f"login {registry.host} -u ada --password-stdin", password=PASSWORD)
    run("ada", f"push {base}")
    run("ada", f"push {tuned}")
    pulled = run("ben", f"pull {tuned}")
    assert [(came["reference"], came["digest"]) for came in pulled["parents"]] == [(base, parent)]
    assert pulled["parents"][0]["copied"]["bytes_moved"] > 256 * 64
    run("ada", f"logout {registry.host}")
    assert run("ben", f"inspect {base}")["digest"] == parent
    run("ben", f"unpack {tuned} -d here")
    assert (tmp_path / "ben" / "here" / "model.bin").read_bytes() == bytes(range(256)) * 64


def test_a_registry_with_an_authority_of_its_own_is_reached_by_an_option(run: Run, tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    auth = {"htpasswd": {"realm": "tests", "path": str(tmp_path / "htpasswd")}}
    with DockerRegistry(tmp_path / "tls", tls=authority.issue("registry"), auth=auth) as registry:
        reference, trusting = f"{registry.host}/ada/tls:v1", f"--tls-cert {authority.file}"
        digest = _pack(run, tmp_path / "ada", "code: [{path: ada.py}]\n", reference)
        error = run("ada", f"login {registry.host} -u ada --password-stdin", password=PASSWORD, fails=12)
        assert "--tls-cert" in error["hint"]
        refused = run("ada", f"login {registry.host} -u ada --password-stdin {trusting}", password="wrong", fails=10)
        assert refused["message"].endswith("does not accept this user name and password.")
        for who in ("ada", "."):  # In a workspace and outside of one.
            run(who, f"login {registry.host} -u ada --password-stdin {trusting}", password=PASSWORD)
        assert run("ada", f"push {reference} {trusting}")["digest"] == digest
        run("ada", f"remote add origin {registry.host}/ada/history")
        assert run("ada", f"sync {trusting}")["action"] == "push"
        assert run("ada", f"audit verify --remote origin {trusting}")["remote_anchors"] == 1
        # What only a registry has is pulled first, also where it would have the same name here.
        assert run("ben", f"unpack {reference} -d here {trusting}")["plan"]["written"] == 2
        assert (tmp_path / "ben" / "here" / "ada.py").exists()


def test_what_is_removed_from_a_registry_leaves_no_recipe_behind(run: Run, registry: DockerRegistry, tmp_path: Path) -> None:
    run("ada", f"login {registry.host} -u ada --password-stdin", password=PASSWORD)
    references = [f"{registry.host}/ada/gone:{version}" for version in ("v1", "v2")]
    for number, reference in enumerate(references):
        (tmp_path / "ada" / "model.bin").write_bytes(random.Random(number).randbytes(2_000_000))
        _pack(run, tmp_path / "ada", "model: {name: gone, path: model.bin}\n", reference)
        run("ada", f"push {reference}")
    answer = urllib.request.Request(f"http://{registry.host}/v2/ada/gone/tags/list")
    answer.add_header("Authorization", "Basic " + base64.b64encode(f"ada:{PASSWORD}".encode()).decode())
    assert len(json.load(urllib.request.urlopen(answer))["tags"]) == 4
    run("ada", f"remove -r {references[0]} --yes")
    left = json.load(urllib.request.urlopen(answer))["tags"]
    assert "v2" in left
    assert len(left) == 2
    run("ada", f"remove -r {references[1]} --yes")
    assert not json.load(urllib.request.urlopen(answer))["tags"]


def test_what_is_nowhere_is_told_as_people_write_it(run: Run, registry: DockerRegistry, tmp_path: Path) -> None:
    run("ada", f"login {registry.host} -u ada --password-stdin", password=PASSWORD)
    assert run("ada", "push digits:v9 127.0.0.1:1/x/y:v9", fails=3)["message"] == "There is no ModelKit “digits:v9” here."
    error = run("ada", f"unpack {registry.host}/ada/none:v1", fails=3)
    assert error["message"] == f"{registry.host}/ada/none has no “v1”, or does not show it to you."
    assert error["hint"].endswith(f"jupyter kit list {registry.host}/ada/none")


def test_a_parent_that_is_not_here_is_told_with_its_child(run: Run, tmp_path: Path) -> None:
    (tmp_path / "ada" / "model.bin").write_bytes(bytes(1000))
    _pack(run, tmp_path / "ada", "model: {name: base, path: model.bin}\n", "base:v1")
    _pack(run, tmp_path / "ada", "model: {name: tuned, path: 'base:v1'}\ncode: [{path: ada.py}]\n", "tuned:v1")
    run("ada", "remove base:v1 --yes")
    error = run("ada", "unpack tuned:v1 -d here", fails=3)
    assert error["message"] == "The model of tuned:v1 is that of base:v1. There is no ModelKit “base:v1” here."
    assert "--filter code" in error["hint"]
    assert run("ada", "unpack tuned:v1 -d here --filter code")["plan"]["steps"]


def test_a_later_version_of_a_modelkit_is_pulled_as_a_difference(run: Run, registry: DockerRegistry, tmp_path: Path) -> None:
    weights = bytearray(random.Random(3).randbytes(4_000_000))
    kitfile = "model: {name: digits, path: model.bin}\n"
    run("ada", f"login {registry.host} -u ada --password-stdin", password=PASSWORD)
    for version in ("v1", "v2"):
        weights[2_000_000] ^= 255
        (tmp_path / "ada" / "model.bin").write_bytes(weights)
        reference = f"{registry.host}/ada/delta:{version}"
        _pack(run, tmp_path / "ada", kitfile, reference)
        assert run("ada", f"push {reference}")["recipe_bytes"] > 0
        pulled = run("ben", f"pull {reference}")
    assert pulled["filled"]["layers"] == 1
    assert pulled["filled"]["received_bytes"] < 400_000
    run("ben", f"unpack {reference} -d here")
    assert (tmp_path / "ben" / "here" / "model.bin").read_bytes() == weights
    assert [kit["reference"] for kit in run("ada", f"list {registry.host}/ada/delta")["entries"]] == [
        f"{registry.host}/ada/delta:v1",
        f"{registry.host}/ada/delta:v2",
    ]
