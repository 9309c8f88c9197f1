"""urllib3's pools, with answers whose head has to be whole, and in time.

The time that urllib3 allows is that between two bytes, so a host that sends one a minute would hold us for ever. And a head that breaks off
passes for a shorter one in http.client: an answer without a media type would then be no manifest, where the connection was to blame.
"""

from __future__ import annotations

import http.client
import socket
import threading
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse as Urllib3Response

SEND_SECONDS_MAX = 120.0
"""How long one block may take to send: a megabyte at 9 kB/s, which is a slow line shared by several uploads."""

HEAD_SECONDS_MAX = 30.0
"""How long the head of an answer may take beyond the silence that is allowed before it. It is a kilobyte."""


def _cut(connected: socket.socket) -> None:
    """Wake the thread that reads. The plain socket's own method: that of a TLS socket may not be called beside a read."""
    try:
        socket.socket.shutdown(connected, socket.SHUT_RDWR)
    except OSError:
        return  # It was closed just now.


class _Lines:
    """The stream that a head is read from; remembers its last line."""

    def __init__(self, stream: Any) -> None:
        self.last = b""
        self._stream = stream
        self.close = stream.close

    def readline(self, limit: int = -1) -> bytes:
        """The next line."""
        self.last = self._stream.readline(limit)
        return self.last


class _WholeHead(http.client.HTTPResponse):
    def begin(self) -> None:
        """Read the head. Raises ConnectionResetError where it ends without an empty line."""
        stream, lines = self.fp, _Lines(self.fp)
        self.fp = lines  # type: ignore[assignment]  # http.client reads lines of it, and nothing else, until the head ends.
        try:
            super().begin()
        finally:
            if self.fp is not None:  # It is gone where no body follows.
                self.fp = stream
        if lines.last not in (b"\r\n", b"\n"):
            self.close()
            raise ConnectionResetError("the head of the answer breaks off")


class _Connection(HTTPConnection):
    response_class = _WholeHead

    def send(self, data: Any) -> None:
        """Send a block. urllib3 would allow it the time of making a connection, too short for a megabyte on a slow line."""
        if self.sock is None:
            self.connect()
        if self.sock is not None:
            self.sock.settimeout(SEND_SECONDS_MAX)
        super().send(data)

    def getresponse(self) -> Urllib3Response:  # type: ignore[override]  # urllib3's own differs from http.client's.
        """The answer, when its head has arrived; a connection that broke where it takes too long."""
        connected = self.sock
        if connected is None:
            return super().getresponse()
        silence = self.timeout or 0.0  # What urllib3 allows from here on.
        timer = threading.Timer(silence + HEAD_SECONDS_MAX, _cut, (connected,))
        timer.daemon = True
        timer.start()
        try:
            return super().getresponse()
        finally:
            timer.cancel()


class _ConnectionOverTls(_Connection, HTTPSConnection):
    """The same over TLS."""


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _PoolOverTls(HTTPSConnectionPool):
    ConnectionCls = _ConnectionOverTls


def limited(pools: urllib3.PoolManager) -> urllib3.PoolManager:
    """The same pools, with such connections."""
    pools.pool_classes_by_scheme = {"http": _Pool, "https": _PoolOverTls}
    return pools
