"""Credentials are found in their order, kept where somebody can find them again, and forgotten."""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, KitError, Unauthorized
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.secret import Secret

HOST = "registry.example:5000"
ADA = Credential("ada", Secret("pass:word"), origin="a test")

PROGRAM = """#!{python}
import json, os, sys
path = {path!r}
kept = json.load(open(path)) if os.path.exists(path) else {{}}
action, text = sys.argv[1], sys.stdin.read()
if action == "store":
    entry = json.loads(text)
    kept[entry["ServerURL"]] = entry
elif text not in kept:
    print("credentials not found in native keychain")
    sys.exit(1)
elif action == "get":
    print(json.dumps(kept[text]))
else:
    del kept[text]
json.dump(kept, open(path, "w"))
"""


@pytest.fixture
def places(tmp_path: Path) -> Places:
    home = tmp_path / "home"
    return Places(home / "own" / "credentials.json", home / "kitops" / "credentials.json", (home / "docker.json", home / "podman.json"))


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A credential program named ``safe``; the result is the file that it keeps things in."""
    folder, kept = tmp_path / "bin", tmp_path / "safe.json"
    folder.mkdir()
    script = folder / "docker-credential-safe"
    script.write_text(PROGRAM.format(python=sys.executable, path=str(kept)))
    script.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return kept


def write(file: Path, document: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(document))


def auths(user: str, password: str = "secret", key: str = HOST) -> dict[str, object]:
    return {"auths": {key: {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}}}


def found(places: Places, host: str = HOST, repository: str = "") -> str | None:
    credential = Keychain(places).find(host, repository)
    return credential.username if credential else None


def test_each_place_is_asked_in_its_order(places: Places) -> None:
    assert found(places) is None
    assert places.kit
    for file, user in [(places.others[1], "podman"), (places.others[0], "docker"), (places.kit, "kit"), (places.own, "own")]:
        write(file, auths(user))
        assert found(places) == user
    keychain = Keychain(places)
    keychain.remember(HOST, ADA)
    assert keychain.find(HOST) == Credential("ada", Secret("pass:word"), origin="this session")
    assert Keychain(places, Credential("env", Secret("x"))).find(HOST) == Credential("env", Secret("x"))


def test_the_environments_credential_may_be_for_one_registry_only(places: Places) -> None:
    keychain = Keychain(places, ADA, HOST)
    assert keychain.find(HOST) == ADA
    assert keychain.find("evil.example") is None


def test_a_text_in_the_environment_is_such_a_file_too(places: Places) -> None:
    assert found(Places(places.own, text=json.dumps(auths("gitlab")))) == "gitlab"
    assert "secret" not in repr(Places(places.own, text="secret"))


@pytest.mark.parametrize(
    ("key", "host", "repository", "fits"),
    [
        ("registry.example", "registry.example", "", True),
        ("https://registry.example", "registry.example", "", True),
        ("https://registry.example/v1/", "registry.example", "", True),
        ("https://registry.example/v2/", "registry.example", "", True),
        ("https://index.docker.io/v1/", "docker.io", "", True),
        ("registry.example/team", "registry.example", "team/model", True),
        ("registry.example/team", "registry.example", "teams/model", False),
        ("registry.example/team", "registry.example", "", False),
        ("registry.example", "registry.example:5000", "", False),
        ("registry.example.evil", "registry.example", "", False),
    ],
)
def test_keys_may_be_urls_and_beginnings_of_repositories(places: Places, key: str, host: str, repository: str, fits: bool) -> None:
    write(places.own, auths("ada", key=key))
    assert found(places, host, repository) == ("ada" if fits else None)


def test_the_longest_key_fits_best(places: Places) -> None:
    document = {"auths": {**_auths("host", "h.example"), **_auths("team", "h.example/team"), **_auths("model", "h.example/team/model")}}
    write(places.own, document)
    assert [found(places, "h.example", name) for name in ("", "team", "team/other", "team/model")] == ["host", "team", "team", "model"]


def _auths(user: str, key: str) -> dict[str, object]:
    entries = auths(user, key=key)["auths"]
    assert isinstance(entries, dict)
    return entries


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"auth": base64.b64encode(b"ada:pass:word").decode()}, Credential("ada", Secret("pass:word"))),
        ({"auth": base64.b64encode(b"ada:secret\0\0").decode()}, Credential("ada", Secret("secret"))),
        ({"username": "ada", "password": "secret"}, Credential("ada", Secret("secret"))),
        ({"auth": base64.b64encode(b"ada:").decode(), "identitytoken": "idt"}, Credential("ada", None, Secret("idt"))),
        ({"registrytoken": "ready"}, Credential("", None, None, Secret("ready"))),
        ({}, None),
        ({"email": "a@b"}, None),
        ("text", None),
    ],
)
def test_entries_in_each_of_dockers_forms(places: Places, entry: object, expected: Credential | None) -> None:
    write(places.own, {"auths": {HOST: entry}})
    credential = Keychain(places).find(HOST)
    assert (credential and (credential.username, credential.password or None, credential.identity_token, credential.bearer)) == (
        expected and (expected.username, expected.password, expected.identity_token, expected.bearer)
    )


@pytest.mark.parametrize("text", ["{", "[]", '{"auths": {"registry.example:5000": {"auth": "!"}}}', "\udcff", "[" * 100_000])
def test_a_damaged_file_is_named_and_not_repeated(places: Places, text: str) -> None:
    places.own.parent.mkdir(parents=True)
    places.own.write_bytes(text.encode(errors="surrogateescape"))
    with pytest.raises(InvalidInput, match=r"credentials\.json") as refused:
        Keychain(places).find(HOST)
    assert refused.value.__cause__ is None


@pytest.mark.skipif(sys.platform == "win32", reason="credential programs there are no scripts")
def test_a_credential_program_beats_the_file_that_names_it(places: Places, program: Path) -> None:
    write(program, {HOST: {"Username": "safe", "Secret": "s"}})
    write(places.others[0], auths("file") | {"credsStore": "safe"})
    assert found(places) == "safe"
    write(places.others[0], auths("file") | {"credHelpers": {HOST: "safe"}, "credsStore": "absent"})
    assert found(places) == "safe"
    write(program, {})
    assert found(places) == "file"  # what it does not know may still be in the file
    write(program, {HOST: {"Username": "<token>", "Secret": "idt"}})
    credential = Keychain(places).find(HOST)
    assert credential
    assert credential.identity_token == Secret("idt")


@pytest.mark.skipif(sys.platform == "win32", reason="credential programs there are no scripts")
def test_credential_programs_keep_and_forget(places: Places, program: Path) -> None:
    write(places.others[0], {"credsStore": "safe"})
    keychain = Keychain(places)
    assert keychain.keep(HOST, ADA) == "docker-credential-safe"
    assert not places.own.exists()
    assert json.loads(program.read_text())[HOST]["Secret"] == "pass:word"
    assert found(places) == "ada"
    assert keychain.forget(HOST) == ("docker-credential-safe",)
    assert found(places) is None
    assert keychain.forget(HOST) == ()


@pytest.mark.skipif(sys.platform == "win32", reason="credential programs there are no scripts")
@pytest.mark.parametrize(
    ("script", "error"),
    [
        ("echo not json", InvalidInput),
        ('echo \'{"Username": 3, "Secret": "S3CRETS3CRET"}\'', InvalidInput),
        ("echo token=S3CRETS3CRET; exit 1", Unauthorized),
        ("exit 3", Unauthorized),
    ],
)
def test_a_program_that_fails_is_named_without_what_it_said(places: Places, program: Path, script: str, error: type[KitError]) -> None:
    (program.parent / "bin" / "docker-credential-safe").write_text(f"#!/bin/sh\ncat > /dev/null\n{script}\n")
    write(places.others[0], {"credsStore": "safe"})
    with pytest.raises(error, match="docker-credential-safe") as refused:
        Keychain(places).find(HOST)
    assert "S3CRET" not in str(refused.value)
    assert refused.value.__context__ is None


@pytest.mark.parametrize("name", ["absent-program", "../evil", "a b", "a;b", 3])
def test_a_program_that_is_missing_or_no_name_is_refused(places: Places, name: object) -> None:
    write(places.others[0], {"credsStore": name})
    with pytest.raises(InvalidInput):
        Keychain(places).find(HOST)


def test_what_is_kept_is_kits_or_ours_and_only_its_owners(places: Places) -> None:
    keychain = Keychain(places)
    assert keychain.keep(HOST, ADA) == str(places.own)
    assert found(places) == "ada"
    if sys.platform != "win32":
        assert stat.S_IMODE(places.own.stat().st_mode) == 0o600
    assert places.kit
    write(places.kit, {"auths": {"other": {"auth": "YTpi"}}, "unknown": 1})
    assert keychain.keep(HOST, ADA) == str(places.kit)
    kept = json.loads(places.kit.read_text())
    assert kept["unknown"] == 1
    assert set(kept["auths"]) == {"other", HOST}
    assert [path.name for path in places.kit.parent.iterdir()] == ["credentials.json"]


def test_identity_and_bearer_tokens_are_kept_too(places: Places) -> None:
    for credential in (Credential("ada", None, Secret("idt")), Credential(bearer=Secret("ready"))):
        Keychain(places).keep(HOST, credential)
        kept = Keychain(places).find(HOST)
        assert kept
        assert (kept.identity_token, kept.bearer) == (credential.identity_token, credential.bearer)


def test_what_is_forgotten_is_forgotten_everywhere_we_write(places: Places) -> None:
    assert places.kit
    write(places.kit, auths("kit", key=f"https://{HOST}"))
    write(places.own, auths("own"))
    write(places.others[0], auths("docker"))
    keychain = Keychain(places)
    keychain.remember(HOST, ADA)
    assert keychain.forget(HOST) == ("this session", str(places.kit), str(places.own))
    assert found(places) == "docker"


def test_a_failed_write_leaves_the_old_file_whole(places: Places, monkeypatch: pytest.MonkeyPatch) -> None:
    keychain = Keychain(places)
    keychain.keep(HOST, ADA)
    before = places.own.read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KitError, match="No space left"):
        keychain.keep("other", ADA)
    assert places.own.read_bytes() == before
    assert [path.name for path in places.own.parent.iterdir()] == ["credentials.json"]
