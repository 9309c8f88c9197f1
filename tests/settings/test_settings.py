from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, Kind, StoreUnavailable
from jupyter_kit.settings import Settings, identity, kitops_folder, load, source_date, user_file
from jupyter_kit.version import __version__


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """An environment of nobody: its home is empty."""
    return {"HOME": str(tmp_path / "home"), "APPDATA": str(tmp_path / "home")}


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace" / ".kit").mkdir(parents=True)
    return tmp_path / "workspace"


def write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


def test_without_files_and_variables_everything_has_its_default(workspace: Path, environment: dict[str, str]) -> None:
    assert load(workspace, environment) == Settings()
    assert Settings().kit_cli_version == f"jupyter-kit-{__version__}"


def test_the_environment_wins_over_the_workspace_and_the_workspace_over_the_user(workspace: Path, environment: dict[str, str]) -> None:
    write(user_file(environment), "keep_last: 1\nkeep_daily: 2\nauthor: user\n")
    write(workspace / ".kit" / "config.yaml", "keep_last: 3\nauthor: workspace\n")
    found = load(workspace, environment | {"JUPYTER_KIT_AUTHOR": "environment", "JUPYTER_KIT_UNRELATED": "x"})
    assert (found.keep_daily, found.keep_last, found.author) == (2, 3, "environment")


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("STORE", "/mnt/store", Path("/mnt/store")),
        ("KEEP_HOURLY", "7", 7),
        ("DEBUG", "yes", True),
        ("DEBUG", "Off", False),
        ("KIT_CLI_VERSION", "unknown", "unknown"),
        ("KITOPS_HOME", "/opt/kitops", Path("/opt/kitops")),
        ("CA_FILE", "/etc/ca.pem", Path("/etc/ca.pem")),
        ("PLAIN_HTTP", "one:5000, two:80", ("one:5000", "two:80")),
        ("CONCURRENCY", "0", 1),
        ("PROXY", "http://proxy:3128", "http://proxy:3128"),
    ],
)
def test_a_variable_is_read_as_its_settings_type(environment: dict[str, str], name: str, text: str, expected: object) -> None:
    assert getattr(load(None, environment | {f"JUPYTER_KIT_{name}": text}), name.lower()) == expected


def test_lists_in_files_are_lists(workspace: Path, environment: dict[str, str]) -> None:
    write(workspace / ".kit" / "config.yaml", "plain_http:\n- one:5000\n- two\nstore: ~/store\n")
    found = load(workspace, environment)
    assert found.plain_http == ("one:5000", "two")
    assert found.store == Path("~/store").expanduser()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("keep_last: -1\n", "keep_last"),
        ("debug: maybe\n", "debug"),
        ("colour: red\n", "colour"),
        ("- a\n", "not a list"),
        ("a: [\n", "line 2"),
    ],
)
def test_what_is_no_setting_is_refused(workspace: Path, environment: dict[str, str], text: str, said: str) -> None:
    write(workspace / ".kit" / "config.yaml", text)
    with pytest.raises(InvalidInput, match=said) as caught:
        load(workspace, environment)
    assert caught.value.kind is Kind.INVALID_SETTINGS
    assert caught.value.path == str(workspace / ".kit" / "config.yaml")


def test_a_variable_that_does_not_parse_is_refused_by_name(environment: dict[str, str]) -> None:
    with pytest.raises(InvalidInput, match="JUPYTER_KIT_KEEP_LAST"):
        load(None, environment | {"JUPYTER_KIT_KEEP_LAST": "many"})


def test_a_file_that_cannot_be_read_says_so(workspace: Path, environment: dict[str, str]) -> None:
    (workspace / ".kit" / "config.yaml").mkdir()
    with pytest.raises(StoreUnavailable, match="cannot be read"):
        load(workspace, environment)


def test_a_proxy_with_a_password_is_not_shown() -> None:
    assert "secret" not in repr(Settings(proxy="http://me:secret@proxy"))


def test_the_jupyter_user_is_told_where_there_is_one() -> None:
    assert identity({"JUPYTERHUB_USER": "jo"}).jupyter_user == "jo"
    assert identity({}).jupyter_user is None
    assert identity({}).actor


@pytest.mark.skipif(sys.platform != "linux", reason="where kit keeps its things on Linux")
def test_kits_own_folder_is_found_as_kit_finds_it() -> None:
    assert kitops_folder(Settings(), {"HOME": "/home/jo"}) == Path("/home/jo/.local/share/kitops")
    assert kitops_folder(Settings(), {"HOME": "/home/jo", "XDG_DATA_HOME": "/data"}) == Path("/data/kitops")
    assert kitops_folder(Settings(), {"HOME": "/home/jo", "XDG_DATA_HOME": "/data", "KITOPS_HOME": "/kit"}) == Path("/kit")
    assert kitops_folder(Settings(kitops_home=Path("/mine")), {"KITOPS_HOME": "/kit"}) == Path("/mine")


def test_the_date_of_reproducible_builds_is_whole_seconds() -> None:
    assert source_date({}) is None
    assert source_date({"SOURCE_DATE_EPOCH": "1700000000"}) == "2023-11-14T22:13:20Z"
    for wrong in ("1.5", "soon", "9" * 30):
        with pytest.raises(InvalidInput, match="SOURCE_DATE_EPOCH"):
            source_date({"SOURCE_DATE_EPOCH": wrong})


def test_yaml_is_loaded_only_where_there_is_a_file(tmp_path: Path) -> None:
    question = "import sys; from jupyter_kit.settings import load; load(None, {'HOME': '.'}); print('yaml' in sys.modules)"
    asked = [sys.executable, "-c", question]
    assert subprocess.check_output(asked, cwd=tmp_path, text=True) == "False\n"
    write(user_file({"HOME": str(tmp_path)}), "keep_last: 3")
    assert subprocess.check_output(asked, cwd=tmp_path, text=True) == "True\n"
