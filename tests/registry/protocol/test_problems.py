"""A registry's refusals become errors with a sentence and a next step."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from jupyter_kit.errors import BlobMissing, Denied, KitError, NotFound, RegistryError, RegistryUnavailable, Unauthorized
from jupyter_kit.registry.http.client import Client
from jupyter_kit.registry.http.exchange import Answer, Request
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.protocol.problems import parse_refusals, problem
from tests.registry.servers.double import Double, Reply

DIGEST = "sha256:" + "0" * 64


@pytest.fixture
def refuse(double: Double, open_host: Callable[..., Host]) -> Callable[[Reply], Answer]:
    def ask(reply: Reply) -> Answer:
        client: Client = open_host(double.host).client
        double.reply("GET", "/refused", reply, times=9)
        return client.send(Request("GET", f"http://{double.host}/refused", repeatable=False))

    return ask


def body(code: str, message: str = "no", detail: object = None) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message, "detail": detail}]}).encode()


@pytest.mark.parametrize(
    ("status", "data", "kind", "code"),
    [
        (401, body("UNAUTHORIZED"), Unauthorized, "UNAUTHORIZED"),
        (403, body("DENIED"), Denied, "DENIED"),
        (404, body("BLOB_UNKNOWN"), NotFound, None),
        (404, body("NAME_UNKNOWN"), NotFound, None),
        (404, b"404 page not found", NotFound, None),
        (400, body("MANIFEST_BLOB_UNKNOWN"), BlobMissing, None),
        (404, body("MANIFEST_BLOB_UNKNOWN"), BlobMissing, None),
        (400, body("MANIFEST_INVALID"), RegistryError, "MANIFEST_INVALID"),
        (400, b"<html>Bad Request</html>", RegistryError, ""),
        (405, body("UNSUPPORTED"), RegistryError, "UNSUPPORTED"),
        (413, b"", RegistryError, ""),
        (418, b"[" * 10_000, RegistryError, ""),
        (429, body("TOOMANYREQUESTS"), RegistryUnavailable, "TOOMANYREQUESTS"),
        (503, b"", RegistryUnavailable, ""),
    ],
)
def test_each_refusal_has_its_error(
    refuse: Callable[[Reply], Answer], status: int, data: bytes, kind: type[KitError], code: str | None
) -> None:
    found = problem(refuse(Reply(status, data)), "testing")
    assert type(found) is kind
    assert "testing" in found.message
    assert found.hint
    if isinstance(found, RegistryError):
        assert found.code == code


def test_missing_blobs_are_named_as_far_as_the_registry_names_them(refuse: Callable[[Reply], Answer]) -> None:
    data = json.dumps({"errors": [{"code": "MANIFEST_BLOB_UNKNOWN", "detail": DIGEST}, {"code": "MANIFEST_BLOB_UNKNOWN",
                                   "detail": {"digest": DIGEST.replace("0", "1")}}, "text", 3]}).encode()  # fmt: skip
    found = problem(refuse(Reply(400, data)), "testing")
    assert isinstance(found, BlobMissing)
    assert found.digests == (DIGEST, DIGEST.replace("0", "1"))


def test_a_time_to_wait_is_told(refuse: Callable[[Reply], Answer]) -> None:
    found = problem(refuse(Reply(429, headers={"Retry-After": "90"})), "testing")
    assert "90 s" in found.hint


def test_what_a_registry_says_is_cleaned(refuse: Callable[[Reply], Answer]) -> None:
    found = problem(refuse(Reply(400, body("X\x1b[2J", "see https://x/?token=S3CRET " + "y" * 5000))), "testing")
    assert "S3CRET" not in str(found)
    assert "\x1b" not in str(found)
    assert len(str(found)) < 1000


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"errors": 3}', b'{"errors": [3, null]}', b"\xff", b"[" * 100_000])
def test_bodies_that_are_no_errors_say_nothing(data: bytes) -> None:
    assert parse_refusals(data) == ()
