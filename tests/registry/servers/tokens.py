"""A token server as docker-registry trusts it: JWTs, signed ES256, with the certificate in their header (distribution, jwt.md)."""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.x509 import load_pem_x509_certificate

from tests.registry.servers.certificates import Pair

SERVICE = "registry of the tests"
ISSUER = "token server of the tests"


class TokenServer:
    """Hands out tokens to ``ada`` (password ``pass:word``), to whoever knows the identity token, and to anybody for pulling.

    ``life`` is the life of a token in seconds, as told; ``early`` how many seconds sooner it really ends.
    """

    password = "pass:word"
    identity_token = "identity-of-ada"

    def __init__(self, pair: Pair) -> None:
        self.pair = pair
        self.life = 300
        self.early = 0
        self.takes_forms = True
        self.requests: list[tuple[str, dict[str, list[str]], bool]] = []
        """Method, fields, and whether a password came along."""
        key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        self._key = key
        certificate = load_pem_x509_certificate(pair.certificate.read_bytes())
        self._x5c = base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.realm = f"http://127.0.0.1:{self._server.server_port}/token"

    @property
    def auth(self) -> dict[str, object]:
        """What a registry's configuration says of it."""
        return {"token": {"realm": self.realm, "service": SERVICE, "issuer": ISSUER, "rootcertbundle": str(self.pair.certificate)}}

    def token(self, user: str, scopes: list[str], pulls_only: bool) -> str:
        """A signed token."""
        now = int(time.time())
        access = []
        for scope in " ".join(scopes).split():
            kind, name, actions = scope.split(":")
            allowed = [action for action in actions.split(",") if action == "pull" or not pulls_only]
            access.append({"type": kind, "name": name, "actions": allowed})
        claims = {
            "iss": ISSUER, "sub": user, "aud": SERVICE, "exp": now + self.life - self.early, "nbf": now - 900, "iat": now - 900,
            "jti": secrets.token_hex(8), "access": access,
        }  # fmt: skip
        signed = f"{_coded({'typ': 'JWT', 'alg': 'ES256', 'x5c': [self._x5c]})}.{_coded(claims)}"
        r, s = utils.decode_dss_signature(self._key.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
        return f"{signed}.{_base64(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"

    def __enter__(self) -> TokenServer:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the request's handler below has the name self
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                fields = parse_qs(urlsplit(self.path).query)
                _, _, coded = self.headers.get("Authorization", "").partition(" ")
                user, _, password = base64.b64decode(coded).decode().partition(":")
                server.requests.append(("GET", fields, bool(password)))
                if user and password not in (server.password, server.identity_token):
                    return self.reply(401, {"details": "wrong password"})
                return self.grant(user, fields.get("scope", []))

            def do_POST(self) -> None:
                fields = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                server.requests.append(("POST", fields, False))
                if not server.takes_forms:
                    return self.reply(404, {})
                if fields["refresh_token"] != [server.identity_token]:
                    return self.reply(401, {"details": "wrong token"})
                return self.grant("ada", fields.get("scope", []))

            def grant(self, user: str, scopes: list[str]) -> None:
                token = server.token(user, scopes, pulls_only=not user)
                self.reply(200, {"token": token, "expires_in": server.life})

            def reply(self, status: int, document: dict[str, object]) -> None:
                data = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, *_: object) -> None: ...

        return Handler


def _coded(document: dict[str, object]) -> str:
    return _base64(json.dumps(document).encode())


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
