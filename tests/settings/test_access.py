"""Settings of registries: what the environment says, and where credentials are looked for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.settings import load
from jupyter_kit.settings.access import registry_connection, registry_keychain


def test_credentials_of_the_environment_come_first(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "JUPYTER_KIT_USERNAME": "ada", "JUPYTER_KIT_PASSWORD": "pass:word"}
    settings = load(environment=environment)
    assert "pass:word" not in repr(settings)
    found = registry_keychain(settings, environment).find("registry.example")
    assert found
    assert (found.username, found.password, found.origin) == ("ada", Secret("pass:word"), "the environment")


def test_they_may_be_for_one_registry_only(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "JUPYTER_KIT_TOKEN": "t", "JUPYTER_KIT_REGISTRY": "registry.example"}
    keychain = registry_keychain(load(environment=environment), environment)
    assert keychain.find("registry.example")
    assert keychain.find("evil.example") is None


def test_a_password_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")
    environment = {"HOME": str(tmp_path), "JUPYTER_KIT_USERNAME": "ada", "JUPYTER_KIT_PASSWORD_FILE": str(tmp_path / "password")}
    found = registry_keychain(load(environment=environment), environment).find("registry.example")
    assert found
    assert found.password == Secret("secret")
    (tmp_path / "password").unlink()
    with pytest.raises(InvalidInput, match="password file"):
        registry_keychain(load(environment=environment), environment)


def test_settings_files_are_no_place_for_secrets(tmp_path: Path) -> None:
    (tmp_path / ".kit").mkdir()
    (tmp_path / ".kit" / "config.yaml").write_text("password: S3CRET\n")
    with pytest.raises(InvalidInput, match="no place") as refused:
        load(tmp_path, {"HOME": str(tmp_path)})
    assert refused.value.kind is Kind.INVALID_SETTINGS
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize("place", ["kit", "docker", "podman", "runtime", "config", "text"])
def test_each_tools_credentials_are_found(tmp_path: Path, place: str) -> None:
    text = json.dumps({"auths": {"registry.example": {"username": place, "password": "p"}}})
    file, variables = {
        "kit": (tmp_path / "kitops" / "credentials.json", {"KITOPS_HOME": str(tmp_path / "kitops")}),
        "docker": (tmp_path / ".docker" / "config.json", {}),
        "podman": (tmp_path / "auth.json", {"REGISTRY_AUTH_FILE": str(tmp_path / "auth.json")}),
        "runtime": (tmp_path / "run" / "containers" / "auth.json", {"XDG_RUNTIME_DIR": str(tmp_path / "run")}),
        "config": (tmp_path / ".config" / "containers" / "auth.json", {}),
        "text": (tmp_path / "unused", {"DOCKER_AUTH_CONFIG": text}),
    }[place]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    environment = {"HOME": str(tmp_path), **variables}
    found = registry_keychain(load(environment=environment), environment).find("registry.example")
    assert found
    assert found.username == place


def test_proxies_and_certificates_are_taken_over(tmp_path: Path) -> None:
    environment = {
        "HOME": str(tmp_path), "https_proxy": "http://u:S3CRET@proxy:3128", "HTTP_PROXY": "http://other", "NO_PROXY": "a,b",
        "JUPYTER_KIT_PLAIN_HTTP": "one:5000, two", "JUPYTER_KIT_CA_FILE": "/ca.pem",
        "KITOPS_CLIENT_CERT": "/c.pem", "KITOPS_CLIENT_KEY": "/k.pem",
    }  # fmt: skip
    connection = registry_connection(load(environment=environment), environment)
    assert dict(connection.proxies) == {"http": Secret("http://other"), "https": Secret("http://u:S3CRET@proxy:3128")}
    assert "S3CRET" not in repr(connection)
    assert connection.no_proxy == "a,b"
    assert connection.plain_http == {"one:5000", "two"}
    assert (connection.ca_file, connection.client_certificate, connection.client_key) == (
        Path("/ca.pem"), Path("/c.pem"), Path("/k.pem"),
    )  # fmt: skip


def test_a_proxy_that_is_set_is_for_all(tmp_path: Path) -> None:
    environment = {"HOME": str(tmp_path), "JUPYTER_KIT_PROXY": "http://mine", "https_proxy": "http://other"}
    assert dict(registry_connection(load(environment=environment), environment).proxies) == {"all": Secret("http://mine")}
