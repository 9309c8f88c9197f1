from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.settings import Settings, user_file
from jupyter_kit.settings.network import connection, keychain, sessions_file

FOR_GHCR = {"JUPYTER_KIT_REGISTRY": "ghcr.io"}


def auths(file: Path, user: str) -> None:
    """Write a file of credentials as docker does, for the user ``user`` with the password ``secret``."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps({"auths": {"ghcr.io": {"auth": base64.b64encode(f"{user}:secret".encode()).decode()}}}))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "HOME": str(tmp_path),
        "APPDATA": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "KITOPS_HOME": str(tmp_path / "kitops"),
    }


def test_settings_say_how_registries_are_reached() -> None:
    settings = Settings(plain_http=("one:5000",), ca_file=Path("/ca"), client_cert=Path("/cert"), client_key=Path("/key"))
    found = connection(settings, {"KITOPS_CLIENT_CERT": "/other"})
    assert found.plain_http == {"one:5000"}
    assert (found.ca_file, found.client_certificate, found.client_key) == (Path("/ca"), Path("/cert"), Path("/key"))
    assert found.proxies == ()


def test_kits_variables_stand_in_for_certificates() -> None:
    found = connection(Settings(), {"KITOPS_CLIENT_CERT": "/cert", "KITOPS_CLIENT_KEY": "/key"})
    assert (found.client_certificate, found.client_key) == (Path("/cert"), Path("/key"))


def test_proxies_come_from_the_setting_or_the_usual_variables() -> None:
    variables = {"HTTPS_PROXY": "http://upper", "https_proxy": "http://lower", "HTTP_PROXY": "http://plain", "no_proxy": "localhost"}
    found = connection(Settings(), variables)
    assert found.proxies == (("http", Secret("http://plain")), ("https", Secret("http://lower")))
    assert found.no_proxy == "localhost"
    assert connection(Settings(proxy="http://mine"), variables).proxies == (("all", Secret("http://mine")),)


def test_credentials_are_looked_for_in_order(environment: dict[str, str], tmp_path: Path) -> None:
    chain = keychain(Settings(), environment)
    assert chain.find("ghcr.io") is None
    for user, file in [
        ("podman", tmp_path / ".config" / "containers" / "auth.json"),
        ("podman-runtime", tmp_path / "run" / "containers" / "auth.json"),
        ("docker", tmp_path / ".docker" / "config.json"),
        ("kit", tmp_path / "kitops" / "credentials.json"),
        ("own", user_file(environment).parent / "credentials.json"),
    ]:
        auths(file, user)
        found = chain.find("ghcr.io")
        assert found is not None
        assert found.username == user
    found = keychain(Settings(), environment | FOR_GHCR | {"JUPYTER_KIT_USERNAME": "me", "JUPYTER_KIT_PASSWORD": "secret"}).find("ghcr.io")
    assert found is not None
    assert (found.username, found.password) == ("me", Secret("secret"))


def test_credentials_of_the_environment_are_for_one_registry_only(environment: dict[str, str]) -> None:
    chain = keychain(Settings(), environment | FOR_GHCR | {"JUPYTER_KIT_TOKEN": "secret"})
    found = chain.find("ghcr.io")
    assert found is not None
    assert found.bearer == Secret("secret")
    assert chain.find("quay.io") is None


def test_a_password_of_the_environment_is_for_one_registry_or_none(environment: dict[str, str]) -> None:
    for name in ("PASSWORD", "TOKEN"):
        with pytest.raises(InvalidInput, match="for which"):
            keychain(Settings(), environment | {f"JUPYTER_KIT_{name}": "secret"})


def test_a_password_may_stand_in_a_file(environment: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    found = keychain(Settings(), environment | FOR_GHCR | {"JUPYTER_KIT_PASSWORD_FILE": str(tmp_path / "password")}).find("ghcr.io")
    assert found is not None
    assert found.password == Secret("secret")
    assert "secret" not in repr(found)
    with pytest.raises(InvalidInput, match="PASSWORD_FILE"):
        keychain(Settings(), environment | FOR_GHCR | {"JUPYTER_KIT_PASSWORD_FILE": str(tmp_path / "nothing")})


def test_what_was_signed_in_with_lasts_as_long_as_the_process(environment: dict[str, str]) -> None:
    first, second = keychain(Settings(), environment), keychain(Settings(), environment)
    first.remember("session.example", Credential("me", Secret("secret")))
    found = second.find("session.example")
    assert found
    assert found.origin == "this session"
    assert second.forget("session.example") == ("this session",)
    assert first.find("session.example") is None


def test_uploads_are_remembered_beside_the_users_settings(environment: dict[str, str]) -> None:
    assert sessions_file(environment) == user_file(environment).with_name("uploads.json")
