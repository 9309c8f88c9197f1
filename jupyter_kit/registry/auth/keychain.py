"""Where credentials are looked for, in order, and where they are kept when somebody asks for it (oci.md 3)."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from jupyter_kit.errors import InvalidInput, Kind, StoreUnavailable
from jupyter_kit.registry.auth import programs
from jupyter_kit.registry.auth.credential import (
    Credential,
    ProgramNamed,
    entry_of,
    find_entry,
    find_in_auths,
    key_host,
    key_of,
    parse_file,
)
from jupyter_kit.system import sync_folder

FILE_BYTES_MAX = 1 << 20
"""Bytes: no file of credentials is larger."""


@dataclass(frozen=True)
class Places:
    """Files of credentials. ``own`` and ``kit`` are written when somebody asks for it, ``others`` (docker's, podman's) are only read."""

    own: Path
    kit: Path | None = None
    others: tuple[Path, ...] = ()
    text: str | None = field(default=None, repr=False)
    """The content of such a file itself, as GitLab hands it over in DOCKER_AUTH_CONFIG."""

    @property
    def files(self) -> tuple[Path, ...]:
        """All of them, in the order in which they are asked."""
        return (self.own, *([self.kit] if self.kit else []), *self.others)


class Keychain:
    """Finds, remembers, keeps and forgets credentials. ``environment`` is what the environment sets, for ``registry`` or for any."""

    def __init__(self, places: Places, environment: Credential | None = None, registry: str | None = None) -> None:
        self.places = places
        self._environment = environment
        self._registry = registry
        self._remembered: dict[str, Credential] = {}

    def find(self, host: str, repository: str = "") -> Credential | None:
        """The first credential for a registry, asking the environment, this process's memory, then the files.

        Raises InvalidInput for a damaged file and what :func:`programs.get` raises.
        """
        if self._environment and self._registry in (None, host):
            return self._environment
        if host in self._remembered:
            return self._remembered[host]
        for origin, text in self._texts():
            entry = find_entry(text, host, repository, origin)
            found = programs.get(entry) if isinstance(entry, ProgramNamed) else entry
            if found is None and isinstance(entry, ProgramNamed):
                found = find_in_auths(parse_file(text, origin), host, repository, origin)
            if found:
                return found
        return None

    def remember(self, host: str, credential: Credential) -> None:
        """Use a credential for as long as this process runs."""
        self._remembered[host] = replace(credential, origin="this session")

    def keep(self, host: str, credential: Credential) -> str:
        """Keep a credential for later, and say where: in the credential program that is configured, else in kit's file if there is one,
        else in our own. Raises StoreUnavailable, and what :func:`programs.store` raises."""
        if program := self._program(host):
            programs.store(program, credential)
            return f"docker-credential-{program.name}"
        file = self.places.kit if self.places.kit and self.places.kit.exists() else self.places.own
        document = _read_document(file)
        auths = document.setdefault("auths", {})
        if not isinstance(auths, dict):
            raise InvalidInput(f"{file} is not a file of credentials.", hint="Its “auths” must be an object.", path=str(file))
        auths[key_of(host)] = entry_of(credential)
        _write_document(file, document)
        return str(file)

    def forget(self, host: str) -> tuple[str, ...]:
        """Drop a credential from memory, from the configured program, kit's file and our own; says where it was.

        Files of docker and podman stay as they are. Raises as :meth:`keep` does.
        """
        places = ["this session"] if self._remembered.pop(host, None) else []
        if (program := self._program(host)) and programs.erase(program):
            places.append(f"docker-credential-{program.name}")
        for file in filter(None, (self.places.kit, self.places.own)):
            document = _read_document(file)
            auths = document.get("auths")
            keys = [key for key in auths if key_host(key) == key_host(key_of(host))] if isinstance(auths, dict) else []
            if isinstance(auths, dict) and keys:
                for key in keys:
                    del auths[key]
                _write_document(file, document)
                places.append(str(file))
        return tuple(places)

    def _program(self, host: str) -> ProgramNamed | None:
        entries = (find_entry(text, host, "", origin) for origin, text in self._texts())
        return next((entry for entry in entries if isinstance(entry, ProgramNamed)), None)

    def _texts(self) -> Iterator[tuple[str, str]]:
        for file in self.places.files:
            if text := _read(file):
                yield str(file), text
        if self.places.text:
            yield "DOCKER_AUTH_CONFIG", self.places.text


def _read(file: Path) -> str:
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise InvalidInput(f"{file} is too large for a file of credentials.", path=str(file))
        return file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError:
        raise InvalidInput(f"{file} is not a file of credentials.", hint="It must be JSON, as docker writes it.", path=str(file)) from None
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be read: {error.strerror}.", kind=Kind.PERMISSION_DENIED, hint="Check its permissions.", path=str(file)
        ) from error


def _read_document(file: Path) -> dict[str, object]:
    return parse_file(_read(file), str(file))


def _write_document(file: Path, document: dict[str, object]) -> None:
    """Replace the file at once, readable by its owner only."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600 from the start
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:
                json.dump(document, stream, indent=2)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file.resolve())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(file.parent)
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be written: {error.strerror}.", kind=Kind.PERMISSION_DENIED, hint="Check its permissions.", path=str(file)
        ) from error
