"""Settings, and the only place that reads the environment and configuration files.

Setting ``x`` is ``x:`` in ``.kit/config.yaml`` of the workspace or in the user's file, and ``JUPYTER_KIT_X`` in the environment. The
environment wins over the workspace, the workspace over the user.
"""

from __future__ import annotations

import getpass
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime, timezone
from pathlib import Path

from jupyter_kit.errors import InvalidInput, Kind, StoreUnavailable
from jupyter_kit.version import __version__

PREFIX = "JUPYTER_KIT_"

ANY_HOST = "*"
"""In ``plain_http``: every registry."""


@dataclass(frozen=True)
class Settings:
    """What can be set. Every field has the type that its text is read as; ``None`` means not set."""

    store: Path | None = None
    """Folder of the store, for workspaces on a network file system. Relative to the workspace; its default is ``.kit/store``."""
    author: str | None = None
    """Name in snapshots. Its default is git's ``user.name``, then the name of the OS user."""
    keep_last: int | None = None
    """Prune: how many of the newest snapshots stay."""
    keep_hourly: int | None = None
    """Prune: for how many hours that have a snapshot the newest of each stays."""
    keep_daily: int | None = None
    """Prune: for how many days that have a snapshot the newest of each stays."""
    auto_snapshot: bool | None = None
    """Take a snapshot after files were saved in Jupyter, where something has changed. Its default is what the server is set to."""
    auto_quiet_seconds: float | None = None
    """How long nothing may be saved before such a snapshot is taken."""
    auto_keep_last: int | None = None
    """How many of the newest snapshots that were taken by themselves stay."""
    auto_keep_hourly: int | None = None
    """For how many hours that have such a snapshot the newest of each stays."""
    auto_keep_daily: int | None = None
    """For how many days that have such a snapshot the newest of each stays."""
    kit_cli_version: str = f"jupyter-kit-{__version__}"
    """What the manifests of ModelKits name as the version of kit. With the same text as a kit's, they are its manifests byte for byte."""
    kitops_home: Path | None = None
    """Folder of an installed kit. Its default is ``KITOPS_HOME``, then where kit has it on this system."""
    plain_http: tuple[str, ...] = ()
    """Registries, with their port, that are spoken to without encryption. This machine always may be."""
    ca_file: Path | None = None
    """Certificates (PEM) that are trusted besides the system's."""
    client_cert: Path | None = None
    """This user's certificate for registries, PEM. Its default is ``KITOPS_CLIENT_CERT``."""
    client_key: Path | None = None
    """The key of ``client_cert``, PEM. Its default is ``KITOPS_CLIENT_KEY``."""
    proxy: str | None = field(default=None, repr=False)
    """URL of the proxy for all registries. Its default are the usual variables (``HTTPS_PROXY``, ``NO_PROXY``)."""
    concurrency: int = 5
    """Blobs in flight at once."""
    debug: bool = False
    """Show where an unexpected error came from."""


@dataclass(frozen=True)
class Identity:
    """Who does something, and where. ``jupyter_user`` is the JupyterHub user, None elsewhere."""

    actor: str
    jupyter_user: str | None
    host: str


def identity(environment: Mapping[str, str] = os.environ) -> Identity:
    """Who runs this process."""
    try:
        actor = getpass.getuser()
    except (OSError, KeyError):
        actor = f"uid {os.getuid()}" if hasattr(os, "getuid") else "unknown"  # A container's user may have no name.
    return Identity(actor, environment.get("JUPYTERHUB_USER"), socket.gethostname())


def user_file(environment: Mapping[str, str] = os.environ) -> Path:
    """The user's configuration file (XDG Base Directory Specification; its counterparts on macOS and Windows)."""
    home = Path(environment.get("HOME") or Path.home())
    if sys.platform == "win32":
        folder = Path(environment.get("APPDATA") or home)
    elif sys.platform == "darwin":
        folder = home / "Library" / "Application Support"
    else:
        folder = Path(environment.get("XDG_CONFIG_HOME") or home / ".config")
    return folder / "jupyter-kit" / "config.yaml"


def kitops_folder(settings: Settings, environment: Mapping[str, str] = os.environ) -> Path:
    """Where an installed kit keeps its things (kitops.md 5.1)."""
    home = Path(environment.get("HOME") or Path.home())
    if settings.kitops_home or environment.get("KITOPS_HOME"):
        return settings.kitops_home or Path(environment["KITOPS_HOME"])
    if sys.platform == "win32":
        return Path(environment.get("LOCALAPPDATA") or home) / "kitops"
    if sys.platform == "darwin":
        return home / "Library" / "Caches" / "kitops"
    return Path(environment.get("XDG_DATA_HOME") or home / ".local" / "share") / "kitops"


def source_date(environment: Mapping[str, str] = os.environ) -> str | None:
    """The time that reproducible builds set for everything they make (``SOURCE_DATE_EPOCH``), RFC 3339; None where it is not set.

    Raises InvalidInput where it is no number of seconds (reproducible-builds.org, “SOURCE_DATE_EPOCH”).
    """
    text = environment.get("SOURCE_DATE_EPOCH")
    if not text:
        return None
    try:
        return datetime.fromtimestamp(int(text), timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    except (ValueError, OverflowError, OSError):
        raise InvalidInput(
            f"“{text[:40]}” in SOURCE_DATE_EPOCH is not a time.",
            kind=Kind.INVALID_SETTINGS,
            hint="Set whole seconds since 1970, or unset it.",
        ) from None


def load(workspace: Path | None = None, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings in force for a workspace. Raises InvalidInput (invalid-settings) naming the file or variable, StoreUnavailable."""
    values: dict[str, object] = {}
    files = [user_file(environment)] + ([workspace / ".kit" / "config.yaml"] if workspace else [])
    for file in files:
        values.update(_from_file(file))
    known = {one.name for one in fields(Settings)}
    for name, text in environment.items():
        if name.startswith(PREFIX) and name[len(PREFIX) :].lower() in known and text:
            setting = name[len(PREFIX) :].lower()
            values[setting] = _convert(setting, text, name)
    return Settings(**values)  # type: ignore[arg-type]  # _convert gave every value its field's type.


def _from_file(file: Path) -> dict[str, object]:
    try:
        text = file.read_text()
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be read: {error.strerror}.", kind=Kind.PERMISSION_DENIED, hint="Check its permissions.", path=str(file)
        ) from error
    # Imported where there is a file to read, which is seldom: it takes 15 ms, a twentieth of what `status` may take.
    import yaml  # noqa: PLC0415

    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise InvalidInput(
            f"{file}{line} is not YAML.", kind=Kind.INVALID_SETTINGS, hint="Write lines like “keep_last: 10”.", path=str(file)
        ) from error
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise InvalidInput(
            f"{file} is not a list of settings.", kind=Kind.INVALID_SETTINGS, hint="Write lines like “keep_last: 10”.", path=str(file)
        )
    return {str(name): _convert(str(name), value, str(file)) for name, value in document.items()}


def _convert(name: str, value: object, place: str) -> object:
    """A value as its field's type. ``place`` is the file or variable it stands in."""
    try:
        if name.removeprefix("auto_") in ("keep_last", "keep_hourly", "keep_daily"):
            return _count(value)
        if name == "auto_quiet_seconds":
            return _seconds(value)
        if name == "concurrency":
            return max(1, _count(value))
        if name in ("debug", "auto_snapshot"):
            return _truth(value)
        if name in ("store", "kitops_home", "ca_file", "client_cert", "client_key"):
            return Path(str(value)).expanduser()
        if name in ("author", "kit_cli_version", "proxy"):
            return str(value)
        if name == "plain_http":
            return tuple(map(str, value)) if isinstance(value, list) else tuple(str(value).replace(",", " ").split())
    except ValueError:
        raise InvalidInput(
            f"“{value}” in {place} is not a value for {name}.",
            kind=Kind.INVALID_SETTINGS,
            hint="Numbers are 0 or more; switches are true or false.",
            path=place,
        ) from None
    known = ", ".join(one.name for one in fields(Settings))
    raise InvalidInput(
        f"There is no setting “{name}” ({place}).", kind=Kind.INVALID_SETTINGS, hint=f"The settings are {known}.", path=place
    )


def _count(value: object) -> int:
    number = int(str(value))
    if number < 0:
        raise ValueError("negative")
    return number


def _seconds(value: object) -> float:
    number = float(str(value))
    if not 0 <= number < float("inf"):
        raise ValueError("no span of time")
    return number


def _truth(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
    if str(value).lower() not in words:
        raise ValueError("neither yes nor no")
    return words[str(value).lower()]
