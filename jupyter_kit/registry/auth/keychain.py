"""Where credentials are looked for, in order, and where they are kept when somebody asks for it (oci.md 3)."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from jupyter_kit.errors import InvalidInput
from jupyter_kit.registry.auth import programs
from jupyter_kit.registry.auth.credential import (
    Credential,
    ProgramNamed,
    entry_of,
    find_entry,
    find_in_auths,
    key_host,
    key_of,
)
from jupyter_kit.registry.private import parse_document, read_document, read_text, write_document


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
    """Finds, remembers, keeps and forgets credentials. ``environment`` is what the environment sets, for ``registry`` or for any.

    ``memory`` holds what was signed in with for the life of the process; keychains that are given the same one share it.
    """

    def __init__(
        self,
        places: Places,
        environment: Credential | None = None,
        registry: str | None = None,
        memory: MutableMapping[str, Credential] | None = None,
    ) -> None:
        self.places = places
        self._environment = environment
        self._registry = registry
        self._remembered = {} if memory is None else memory

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
                found = find_in_auths(parse_document(text, origin), host, repository, origin)
            if found:
                return found
        return None

    def remember(self, host: str, credential: Credential) -> None:
        """Use a credential until it is forgotten, without keeping it."""
        self._remembered[host] = replace(credential, origin="this session")

    def keep(self, host: str, credential: Credential) -> str:
        """Keep a credential for later, and say where: in the credential program that is configured, else in kit's file if there is one,
        else in our own. Raises StoreUnavailable, and what :func:`programs.store` raises."""
        if program := self._program(host):
            programs.store(program, credential)
            return f"docker-credential-{program.name}"
        file = self.places.kit if self.places.kit and self.places.kit.exists() else self.places.own
        document = read_document(file)
        auths = document.setdefault("auths", {})
        if not isinstance(auths, dict):
            raise InvalidInput(f"{file} is not a file of credentials.", hint="Its “auths” must be an object.", path=str(file))
        auths[key_of(host)] = entry_of(credential)
        write_document(file, document)
        return str(file)

    def forget(self, host: str) -> tuple[str, ...]:
        """Drop a credential from memory, from the configured program, kit's file and our own; says where it was.

        Files of docker and podman stay as they are. Raises as :meth:`keep` does.
        """
        places = ["this session"] if self._remembered.pop(host, None) else []
        if (program := self._program(host)) and programs.erase(program):
            places.append(f"docker-credential-{program.name}")
        for file in filter(None, (self.places.kit, self.places.own)):
            document = read_document(file)
            auths = document.get("auths")
            keys = [key for key in auths if key_host(key) == key_host(key_of(host))] if isinstance(auths, dict) else []
            if isinstance(auths, dict) and keys:
                for key in keys:
                    del auths[key]
                write_document(file, document)
                places.append(str(file))
        return tuple(places)

    def _program(self, host: str) -> ProgramNamed | None:
        entries = (find_entry(text, host, "", origin) for origin, text in self._texts())
        return next((entry for entry in entries if isinstance(entry, ProgramNamed)), None)

    def _texts(self) -> Iterator[tuple[str, str]]:
        for file in self.places.files:
            if text := read_text(file):
                yield str(file), text
        if self.places.text:
            yield "DOCKER_AUTH_CONFIG", self.places.text
