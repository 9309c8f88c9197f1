"""A registry in this process, for what docker-registry cannot do: referrers, redirects, throttling, and answers that are wrong on purpose.

It follows the distribution specification 1.1. A test changes what it can do by its attributes, and single answers by :meth:`Double.reply`.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit


class Asked(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Reply:
    """An answer. ``length`` is announced where it differs from the body's; ``delay`` is in seconds."""

    status: int
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None
    delay: float = 0.0
    close: bool = False


NO_ANSWER = Reply(0)
"""The connection is closed instead."""

Answering = Callable[[Asked], Reply | None]


@dataclass
class Fault:
    """Answers of its own to the next ``times`` requests that match."""

    method: str
    path: str
    answer: Answering
    times: int


class _Listener(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is what some tests are about."""


class Server:
    """Answers each request with what :meth:`answer` says; keeps what was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.faults: list[Fault] = []
        self.connections = 0
        self.before: Callable[[Asked], None] = lambda _: None
        """Sees each request before it is answered."""
        self.lock = threading.RLock()
        self._server = _Listener(("127.0.0.1", 0), handler_of(self))
        self.host = f"127.0.0.1:{self._server.server_port}"

    def answer(self, asked: Asked) -> Reply:
        """What to say to a request."""
        return Reply(404)

    def reply(self, method: str, path: str, answer: Reply | Answering, times: int = 1) -> None:
        """Answer so the next requests whose method and path (a regular expression, found anywhere) match; None goes the usual way."""
        fixed: Answering = (lambda _: answer) if isinstance(answer, Reply) else answer
        self.faults.append(Fault(method, path, fixed, times))

    def requests(self, method: str, path: str = "") -> list[Asked]:
        """Those that arrived so far."""
        return [asked for asked in self.asked if asked.method == method and re.search(path, asked.path)]

    def faulty(self, asked: Asked) -> Reply | None:
        """The answer of the first fault that matches."""
        with self.lock:
            self.asked.append(asked)
            for fault in self.faults:
                if fault.times and fault.method == asked.method and re.search(fault.path, asked.path):
                    fault.times -= 1
                    return fault.answer(asked)
        return None

    def __enter__(self) -> Server:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()


class Double(Server):
    """A registry with every part of the specification. Repositories are one: their names are not told apart."""

    def __init__(self) -> None:
        super().__init__()
        self.blobs: dict[str, bytes] = {}
        self.manifests: dict[str, tuple[str, bytes]] = {}
        self.tags: dict[str, str] = {}
        self.uploads: dict[str, bytearray] = {}
        self.referrers_api = True
        self.takes_subjects = True
        self.ranges = True
        self.page = 1000
        self.chunk_min = 0
        self.storage: Storage | None = None
        """Where blobs are redirected to."""

    def __enter__(self) -> Double:
        super().__enter__()
        return self

    def answer(self, asked: Asked) -> Reply:
        if asked.path == "/v2/":
            return Reply(200, b"{}")
        for pattern, answer in (
            (r"/blobs/uploads/(.*)$", self._upload),
            (r"/blobs/(.+)$", self._blob),
            (r"/manifests/(.+)$", self._manifest),
            (r"/tags/list$", self._tags),
            (r"/referrers/(.+)$", self._referrers),
        ):
            if match := re.search(pattern, asked.path):
                with self.lock:
                    return answer(asked, match[1] if match.groups() else "")
        return refusal(404, "NAME_UNKNOWN")

    def _blob(self, asked: Asked, digest: str) -> Reply:
        if digest not in self.blobs:
            return refusal(404, "BLOB_UNKNOWN")
        if asked.method == "DELETE":
            del self.blobs[digest]
            return Reply(202)
        if self.storage:
            return Reply(307, headers={"Location": self.storage.signed(digest)})
        return ranged(asked, self.blobs[digest]) if self.ranges else Reply(200, self.blobs[digest])

    def _upload(self, asked: Asked, session: str) -> Reply:
        if asked.method == "POST":
            digest = asked.query.get("mount", [""])[0]
            if digest in self.blobs:
                return Reply(201, headers={"Location": "/x"})
            session = f"s{len(self.uploads)}"
            self.uploads[session] = bytearray()
            minimum = {"OCI-Chunk-Min-Length": str(self.chunk_min)} if self.chunk_min else {}
            return Reply(202, headers=self._progress(session) | minimum)
        if session not in self.uploads:
            return refusal(404, "BLOB_UPLOAD_UNKNOWN")
        data = self.uploads[session]
        if asked.method == "GET":
            return Reply(204, headers=self._progress(session))
        if asked.method == "DELETE":
            del self.uploads[session]
            return Reply(204)
        if asked.method == "PATCH":
            first = asked.headers.get("content-range", "0-").partition("-")[0]
            if int(first) != len(data):
                return Reply(416, headers=self._progress(session))
            data += asked.body
            return Reply(202, headers=self._progress(session))
        data += asked.body
        digest = asked.query["digest"][0]
        del self.uploads[session]
        if digest_of(bytes(data), digest.partition(":")[0]) != digest:
            return refusal(400, "DIGEST_INVALID")
        self.blobs[digest] = bytes(data)
        return Reply(201, headers={"Location": f"/v2/x/blobs/{digest}"})

    def _progress(self, session: str) -> dict[str, str]:
        size = len(self.uploads[session])
        location = f"/v2/x/blobs/uploads/{session}?_state=secret{size}"
        return {"Location": location, "Range": f"0-{size - 1}" if size else "0-0"}

    def _manifest(self, asked: Asked, name: str) -> Reply:
        digest = self.tags.get(name, name)
        if asked.method == "PUT":
            return self._put_manifest(asked, name)
        if digest not in self.manifests:
            return refusal(404, "MANIFEST_UNKNOWN")
        if asked.method == "DELETE":
            if name in self.tags:
                del self.tags[name]
            else:
                del self.manifests[digest]
                self.tags = {tag: kept for tag, kept in self.tags.items() if kept != digest}
            return Reply(202)
        media_type, data = self.manifests[digest]
        return Reply(200, data, {"Content-Type": media_type, "Docker-Content-Digest": digest})

    def _put_manifest(self, asked: Asked, name: str) -> Reply:
        digest = digest_of(asked.body)
        document = json.loads(asked.body)
        parts = [*document.get("layers", []), *([document["config"]] if "config" in document else [])]
        if any(part["digest"] not in self.blobs for part in parts):
            return refusal(404, "MANIFEST_BLOB_UNKNOWN")
        if name.startswith("sha256:") and name != digest:
            return refusal(400, "DIGEST_INVALID")
        if "subject" in document and not self.takes_subjects:
            return refusal(400, "MANIFEST_INVALID")
        self.manifests[digest] = (asked.headers["content-type"], asked.body)
        if not name.startswith("sha256:"):
            self.tags[name] = digest
        subject = {"OCI-Subject": document["subject"]["digest"]} if self.referrers_api and "subject" in document else {}
        return Reply(201, headers={"Location": "/x", "Docker-Content-Digest": digest} | subject)

    def _tags(self, asked: Asked, _: str) -> Reply:
        last = asked.query.get("last", [""])[0]
        tags = [tag for tag in sorted(self.tags) if tag > last]
        more = {"Link": f'</v2/x/tags/list?last={tags[self.page - 1]}>; rel="next"'} if len(tags) > self.page else {}
        return Reply(200, json.dumps({"name": "x", "tags": tags[: self.page] or None}).encode(), more)

    def _referrers(self, asked: Asked, digest: str) -> Reply:
        if not self.referrers_api:
            return Reply(404, b"404 page not found\n", {"Content-Type": "text/plain"})
        found = []
        for kept, (media_type, data) in self.manifests.items():
            document = json.loads(data)
            if document.get("subject", {}).get("digest") == digest:
                artifact_type = document.get("artifactType") or document.get("config", {}).get("mediaType")
                found.append({"mediaType": media_type, "digest": kept, "size": len(data), "artifactType": artifact_type})
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": found}
        return Reply(200, json.dumps(index).encode(), {"Content-Type": INDEX})


class Storage(Server):
    """Object storage behind a registry, as S3 does it: addresses are signed for GET, end soon, and bear no Authorization besides."""

    def __init__(self, registry: Double) -> None:
        super().__init__()
        self._registry = registry
        self.signature = 0
        self.expired: set[str] = set()

    def signed(self, digest: str) -> str:
        """The address of a blob, signed anew."""
        self.signature += 1
        return f"http://{self.host}/{digest}?X-Amz-Signature=s{self.signature}"

    def answer(self, asked: Asked) -> Reply:
        if "authorization" in asked.headers:
            return Reply(400, b"<Error>Only one auth mechanism allowed</Error>")
        if asked.method != "GET" or asked.query["X-Amz-Signature"][0] in self.expired:
            return Reply(403, b"<Error>SignatureDoesNotMatch</Error>")
        return ranged(asked, self._registry.blobs[asked.path[1:]])


INDEX = "application/vnd.oci.image.index.v1+json"


def refusal(status: int, code: str, message: str = "") -> Reply:
    """An error as the specification writes it."""
    return Reply(status, json.dumps({"errors": [{"code": code, "message": message or code.lower()}]}).encode())


def ranged(asked: Asked, data: bytes) -> Reply:
    """All of it, or the range asked for."""
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", asked.headers.get("range", ""))
    if not match:
        return Reply(200, data, {"Accept-Ranges": "bytes"})
    first, last = int(match[1]), min(int(match[2] or len(data) - 1), len(data) - 1)
    if first >= len(data):
        return Reply(416, b"no such range", length=len(data), close=True)
    return Reply(206, data[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(data)}"})


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def handler_of(server: Server) -> type[BaseHTTPRequestHandler]:
    """What http.server makes for each connection."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            super().setup()
            server.connections += 1

        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            asked = Asked(self.command, parts.path, parse_qs(parts.query), headers, body)
            server.before(asked)
            self.send(server.faulty(asked) or server.answer(asked))

        do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = answer  # noqa: N815 - http.server calls them so

        def send(self, reply: Reply) -> None:
            if reply.status == 0:
                self.close_connection = True
                return
            time.sleep(reply.delay)
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.status not in (204, 304):
                self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(reply.body)
            self.close_connection |= reply.close

        def log_message(self, *_: object) -> None: ...

    return Handler
