"""How hosts are reached: proxies, certificates, patience. Values only; the settings make them."""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from jupyter_kit.errors import InvalidInput
from jupyter_kit.registry.http.secret import Secret

ANY_HOST = "*"
"""In ``plain_http``: every host."""

DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Patience:
    """When a broken or refused exchange is tried again. Times are in seconds."""

    attempts: int = 6
    """Tries in all, without any progress between them."""
    first: float = 0.25
    """The pause before the second try; each later one is twice as long."""
    longest: float = 20.0
    """No pause is longer, unless the registry asks for it."""
    total: float = 300.0
    """All pauses together, those that the registry asks for included: longer, and a person had better decide."""


@dataclass(frozen=True)
class Connection:
    """How registries are reached. ``plain_http`` names hosts (with their port) that may be spoken to without encryption."""

    plain_http: frozenset[str] = frozenset()
    ca_file: Path | None = None
    """Certificates in PEM form that are trusted besides the system's."""
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxies: tuple[tuple[str, Secret], ...] = ()
    """Scheme (``http``, ``https``, ``all``) and the URL of the proxy for it, which may hold a password."""
    no_proxy: str = ""
    """Hosts that are reached without the proxy, as the variable of that name lists them."""
    connect_seconds: float = 15.0
    read_seconds: float = 60.0
    """How long a host may stay silent in the middle of an answer."""
    patience: Patience = field(default_factory=Patience)

    def proxy_for(self, origin: Origin) -> Secret | None:
        """The proxy through which ``origin`` is reached. This machine itself never is."""
        proxies = dict(self.proxies)
        proxy = proxies.get(origin.scheme) or proxies.get("all")
        if not proxy or is_loopback(origin.host):
            return None
        return None if bypasses(self.no_proxy, origin) else proxy


@dataclass(frozen=True)
class Origin:
    """Scheme, host and port: what a credential is given to (RFC 6454)."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


def joined(url: str, location: str) -> str:
    """Where a Location header leads from ``url``. Raises InvalidInput as :func:`origin_of` does."""
    try:
        return urljoin(url, location)
    except ValueError:
        raise _no_address() from None


def origin_of(url: str) -> Origin:
    """Raises InvalidInput where it is no http or https URL; the message leaves out what may be secret."""
    try:
        parts = urlsplit(url)
        scheme, host, port = parts.scheme.lower(), parts.hostname, parts.port
    except ValueError:
        scheme, host, port = "", None, None
    if scheme not in DEFAULT_PORTS or not host or "@" in parts.netloc:
        raise _no_address()
    return Origin(scheme, host.lower(), DEFAULT_PORTS[scheme] if port is None else port)


def _no_address() -> InvalidInput:
    return InvalidInput("A registry named an address that is no http or https URL.", hint="Ask whoever runs it.")


def bypasses(no_proxy: str, origin: Origin) -> bool:
    """Whether a list of hosts, domains, addresses and networks, as the variable NO_PROXY holds it, covers ``origin``."""
    for text in no_proxy.replace(",", " ").split():
        name, _, port = text.rpartition(":") if re.fullmatch(r"[^:]+:\d+|\[.*\]:\d+", text) else (text, "", "")
        domain = name.lower().lstrip("*").lstrip(".")
        if port and int(port) != origin.port:
            continue
        if text == "*" or origin.host == domain.strip("[]") or (domain and origin.host.endswith(f".{domain}")):
            return True
        with suppress(ValueError):
            if ipaddress.ip_address(origin.host) in ipaddress.ip_network(name.strip("[]"), strict=False):
                return True
    return False


def is_loopback(host: str) -> bool:
    """Whether a host name or address, without a port, is this machine itself."""
    if host == "localhost" or host.endswith(".localhost"):  # RFC 6761, 6.3
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
