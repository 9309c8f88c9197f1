"""One exchange over urllib3: connections are kept per host, and foreign errors become ours, here and once.

urllib3's own texts hold whole URLs, and URLs of registries hold secrets. So no text of urllib3 is repeated, its errors are not chained
to ours, and what it logs while we use it is redacted.
"""

from __future__ import annotations

import logging
import ssl
import threading
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import unquote, urlsplit, urlunsplit

import urllib3
from urllib3 import exceptions
from urllib3.response import BaseHTTPResponse

from jupyter_kit.errors import InvalidInput, RegistryError, RegistryUnavailable
from jupyter_kit.registry.http.connection import Connection, Origin
from jupyter_kit.registry.http.exchange import Answer, Request
from jupyter_kit.registry.http.pools import limited
from jupyter_kit.registry.http.secret import redact
from jupyter_kit.version import __version__

HOSTS_MAX = 32
"""Hosts to which connections are kept open."""

CONNECTIONS_PER_HOST = 16
"""Connections kept open to one host; more are made when needed and closed after use."""

NO_TLS = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE", "UNKNOWN_PROTOCOL")
"""Reasons that OpenSSL gives where the other side speaks something else than TLS."""

Result = TypeVar("Result")

_ours = threading.local()


class Interrupted(RegistryUnavailable):
    """The exchange broke off or never began: the same request may well succeed next time."""


class NotEncrypted(RegistryUnavailable):
    """The host answered a TLS greeting with something else."""


class Wire:
    """Sends requests, one at a time each, from any number of threads. Neither redirects nor statuses mean anything to it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._lock = threading.Lock()
        self._context: ssl.SSLContext | None = None

    def send(self, request: Request) -> Answer:
        """The answer, its body unread. Raises Interrupted, NotEncrypted, RegistryUnavailable, RegistryError."""
        headers = {"User-Agent": f"jupyter-kit/{__version__}", "Accept-Encoding": "identity", **request.headers}
        if request.authorization:
            headers["Authorization"] = request.authorization.reveal()
        if request.body or request.method in ("POST", "PUT", "PATCH"):
            headers["Content-Length"] = str(request.length)
        timeout = urllib3.Timeout(connect=self._connection.connect_seconds, read=request.read_seconds or self._connection.read_seconds)
        pool = self._pool(request.origin)
        response = _guarded(
            request.origin,
            lambda: pool.request(
                request.method,
                request.url,
                body=request.body() if request.body else None,  # type: ignore[arg-type]  # http.client sends any buffer.
                headers=headers,
                timeout=timeout,
                preload_content=False,
                decode_content=False,
                redirect=False,
                retries=False,
            ),
        )
        lower = {name.lower(): ", ".join(response.headers.getlist(name)) for name in response.headers}
        return Answer(response.status, lower, _Response(response, request.origin), request)

    def close(self) -> None:
        """Close every connection that is not in use."""
        with self._lock:
            for pool in self._pools.values():
                pool.clear()
            self._pools.clear()

    def _pool(self, origin: Origin) -> urllib3.PoolManager:
        proxy = self._connection.proxy_for(origin)
        url = proxy.reveal() if proxy else ""
        with self._lock:
            if url not in self._pools:
                self._pools[url] = self._new_pool(url)
            return self._pools[url]

    def _new_pool(self, proxy: str) -> urllib3.PoolManager:
        if self._context is None:
            self._context = tls_context(self._connection)
        if not proxy:
            return limited(urllib3.PoolManager(HOSTS_MAX, maxsize=CONNECTIONS_PER_HOST, ssl_context=self._context))
        parts = urlsplit(proxy if "://" in proxy else f"http://{proxy}")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise InvalidInput("The proxy in the settings is no http or https URL.", hint="Write it as http://host:port.")
        user, at, host = parts.netloc.rpartition("@")
        headers = urllib3.make_headers(proxy_basic_auth=unquote(user)) if at else None
        address = urlunsplit((parts.scheme, host, "", "", ""))
        proxied = urllib3.ProxyManager(
            address,
            HOSTS_MAX,
            proxy_headers=headers,
            maxsize=CONNECTIONS_PER_HOST,
            ssl_context=self._context,
            proxy_ssl_context=self._context,
        )
        return limited(proxied)


class _Response:
    """urllib3's answer as a Stream."""

    def __init__(self, response: BaseHTTPResponse, origin: Origin) -> None:
        self._response = response
        self._origin = origin

    def read(self, size: int) -> bytes:
        return _guarded(self._origin, lambda: self._response.read1(size))

    def release(self) -> None:
        self._response.release_conn()

    def close(self) -> None:
        if self._response.length_remaining == 0:  # Nothing is left to read: the connection is as good as new.
            self._response.drain_conn()
            self._response.release_conn()
        else:
            self._response.close()


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The system's certificates and the settings' own. Raises InvalidInput naming the file that cannot be used."""
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if connection.ca_file:
        try:
            context.load_verify_locations(connection.ca_file)
        except OSError as error:
            raise InvalidInput(f"{connection.ca_file} holds no certificates.", hint="It must be a file in PEM form.") from error
    if connection.client_certificate:
        try:
            context.load_cert_chain(connection.client_certificate, connection.client_key)
        except OSError as error:
            raise InvalidInput(
                f"{connection.client_certificate} is not a certificate with its key.", hint="Give certificate and key in PEM form."
            ) from error
    return context


def _guarded(origin: Origin, operation: Callable[[], Result]) -> Result:
    """The result of an operation of urllib3, its errors ours."""
    before = getattr(_ours, "busy", False)  # The body of a request may itself be an answer that is being read.
    _ours.busy = True
    try:
        return operation()
    except (exceptions.HTTPError, OSError) as error:
        problem = ours(error, origin)
    finally:
        _ours.busy = before
    raise problem  # Outside the handler, so that the foreign error with its URLs is not chained to it.


def ours(error: exceptions.HTTPError | OSError, origin: Origin) -> RegistryError:
    """What an error of urllib3, or of the system below it, means. It repeats no text that may hold an address."""
    cause = next((part for part in _causes(error) if isinstance(part, OSError)), None)
    if isinstance(cause, ssl.SSLCertVerificationError):
        return RegistryUnavailable(
            f"{origin} shows a certificate that is not trusted: {redact(cause.verify_message)}.",
            hint="If its authority is your own, name its certificate: --tls-cert FILE, or the setting ca_file.",
        )
    if isinstance(cause, ssl.SSLError) and cause.reason in (
        "WRONG_VERSION_NUMBER",
        "HTTP_REQUEST",
        "RECORD_LAYER_FAILURE",
        "UNKNOWN_PROTOCOL",
    ):
        return NotEncrypted(
            f"{origin} does not speak TLS.", hint="If you trust the network between, name the host in the setting plain_http."
        )
    if isinstance(error, exceptions.ProxyError):
        return Interrupted(f"The proxy does not lead to {origin}.", hint="Check the proxy in the environment, or add the host to no_proxy.")
    if isinstance(error, exceptions.NameResolutionError):
        return Interrupted(f"No address is known for {origin}.", hint="Check its spelling and the network.")
    if isinstance(error, exceptions.NewConnectionError | exceptions.ConnectTimeoutError | ConnectionRefusedError):
        return Interrupted(f"{origin} cannot be reached.", hint="Check its name, its port and the network.")
    if isinstance(error, exceptions.TimeoutError | TimeoutError):
        return Interrupted(f"{origin} stopped answering.", hint="Try again later.")
    if isinstance(error, exceptions.ProtocolError | exceptions.SSLError | OSError):
        return Interrupted(f"{origin} broke the connection.", hint="Try again.")
    return RegistryError(f"{origin} cannot be spoken to ({type(error).__name__}).", hint="Check that it is a registry.")


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised from, and what it carries as its argument, as urllib3 does it."""
    seen: list[BaseException] = [error]
    for part in seen:
        yield part
        for further in (part.__cause__, part.__context__, getattr(part, "original_error", None), *part.args):
            if isinstance(further, BaseException) and further not in seen:
                seen.append(further)


class _Redacting(logging.Filter):
    """urllib3 logs the addresses it asks for; those it asks for us are cleaned."""

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(_ours, "busy", False):
            record.msg, record.args = redact(record.getMessage()), ()
            record.exc_info = record.exc_text = None
        return True


for _name in ("urllib3.connectionpool", "urllib3.poolmanager", "urllib3.connection", "urllib3.response", "urllib3.util.retry"):
    logging.getLogger(_name).addFilter(_Redacting())
