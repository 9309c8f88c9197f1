"""Every registry that this process talks to: connections, credentials and what was learned of a host are shared by its repositories."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, MutableMapping

from jupyter_kit.oci.reference import Reference
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.auth.keychain import Keychain
from jupyter_kit.registry.http.client import Client
from jupyter_kit.registry.http.connection import Connection
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.repository import Repository


class Registries:
    """Opens repositories, and signs in and out. Close it when the process has no more to do with registries.

    ``tell`` receives each warning of a registry once. ``sessions`` remembers uploads that were cut off, by blob; kept on disk between
    processes, with mode 0600, it lets them go on.
    """

    def __init__(
        self,
        connection: Connection,
        keychain: Keychain,
        *,
        sessions: MutableMapping[str, str] | None = None,
        tell: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.keychain = keychain
        self._client = Client(connection, tell=tell, sleep=sleep)
        self._sessions = {} if sessions is None else sessions
        self._hosts: dict[str, Host] = {}
        self._lock = threading.Lock()

    def repository(self, reference: Reference) -> Repository:
        """The repository that a reference names, whatever its tag. Nothing is sent before it is used."""
        return Repository(self._host(reference.registry), reference.repository, self._sessions)

    def login(self, host: str, credential: Credential, *, keep: bool = True) -> str | None:
        """Try a credential, then use it; with ``keep``, also after this process. Returns where it is kept.

        Raises Unauthorized, Denied, RegistryUnavailable, RegistryError; and what :meth:`Keychain.keep` raises.
        """
        Host(host, self._client, lambda _: credential).ping()
        with self._lock:
            self._hosts.pop(host, None)
        if keep:
            return self.keychain.keep(host, credential)
        self.keychain.remember(host, credential)
        return None

    def logout(self, host: str) -> tuple[str, ...]:
        """Forget the credential for a registry; says where it was. Raises what :meth:`Keychain.forget` raises."""
        with self._lock:
            self._hosts.pop(host, None)
        return self.keychain.forget(host)

    def close(self) -> None:
        """Close all connections."""
        self._client.close()

    def _host(self, name: str) -> Host:
        with self._lock:
            if name not in self._hosts:
                self._hosts[name] = Host(name, self._client, lambda repository: self.keychain.find(name, repository))
            return self._hosts[name]
