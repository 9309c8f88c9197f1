"""Fetching a blob through everything that a network and a registry can do to it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from jupyter_kit.errors import ContentCorrupt, Denied, NotFound, RegistryError, RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.connection import Patience
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.protocol.downloads import LANES, PART_BYTES, Blob
from jupyter_kit.registry.protocol.host import PARTS_IN_FLIGHT_MAX, Host
from jupyter_kit.registry.protocol.uploads import Upload
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import Asked, Double, Reply, Storage, refusal
from tests.registry.servers.faults import FaultProxy, Harm
from tests.registry.targets import content_of

PART = 1 << 16
DATA = random.Random(1).randbytes(20 * PART + 77)
BLOB = descriptor_of(DATA, "application/octet-stream")
PATH = "/blobs/sha256"

OpenHost = Callable[..., Host]


@pytest.fixture
def double(double: Double) -> Double:
    """The double, with a blob."""
    double.blobs[BLOB.digest] = DATA
    return double


@pytest.fixture
def proxy(double: Double) -> Iterator[FaultProxy]:
    with FaultProxy(int(double.host.partition(":")[2])) as running:
        yield running


def whole(host: Host, descriptor: Descriptor = BLOB, part: int = PART) -> bytes:
    return b"".join(bytes(piece) for piece in Blob(host, "team/model", descriptor).fetch(part=part))


def range_of(host: Host, start: int, length: int | None) -> bytes:
    return b"".join(bytes(piece) for piece in Blob(host, "team/model", BLOB).fetch(start, length))


def ranges(double: Double) -> list[str]:
    return [asked.headers["range"] for asked in double.requests("GET", PATH) if "range" in asked.headers]


def test_a_large_blob_is_fetched_in_ranges_of_which_each_is_one(double: Double, open_host: OpenHost) -> None:
    host = open_host(double.host)
    assert whole(host) == DATA
    assert host.capabilities.ranges is True
    assert len(ranges(double)) == 21
    assert not any("," in text for text in ranges(double))  # several ranges in a request are a dead end (oci.md 1.3)


def test_a_small_blob_is_fetched_whole(double: Double, open_host: OpenHost) -> None:
    small = b"x" * 1000
    descriptor = descriptor_of(small, "text/plain")
    double.blobs[descriptor.digest] = small
    assert whole(open_host(double.host), descriptor) == small
    assert not ranges(double)


def test_parts_arrive_side_by_side_within_their_memory(double: Double, open_host: OpenHost) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(_: Asked) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        with lock:
            running -= 1

    double.before = slow
    host = open_host(double.host)
    assert whole(host) == DATA
    assert 2 <= most <= LANES + 1
    assert host.parts._value == PARTS_IN_FLIGHT_MAX  # everything was given back


def test_without_memory_for_parts_the_blob_still_comes(double: Double, open_host: OpenHost) -> None:
    host = open_host(double.host)
    for _ in range(PARTS_IN_FLIGHT_MAX):
        host.parts.acquire()
    assert whole(host) == DATA


def test_parts_keep_within_the_memory_that_is_promised() -> None:
    assert PARTS_IN_FLIGHT_MAX * PART_BYTES <= 128 << 20


def test_a_download_that_is_dropped_gives_back_its_memory(double: Double, open_host: OpenHost) -> None:
    host = open_host(double.host)
    pieces = Blob(host, "team/model", BLOB).fetch(part=PART)
    for _ in range(3):
        next(pieces)
    del pieces
    deadline = time.monotonic() + 5
    while host.parts._value != PARTS_IN_FLIGHT_MAX and time.monotonic() < deadline:
        time.sleep(0.01)
    assert host.parts._value == PARTS_IN_FLIGHT_MAX


@pytest.mark.parametrize(("start", "length"), [(0, 10), (5, 10), (len(DATA) - 3, 3), (len(DATA) - 3, 100), (100, None), (0, len(DATA))])
def test_a_part_is_asked_for_as_a_range(double: Double, open_host: OpenHost, start: int, length: int | None) -> None:
    end = None if length is None else start + length
    assert range_of(open_host(double.host), start, length) == DATA[start:end]


def test_a_registry_without_ranges_is_asked_for_one_once(double: Double, open_host: OpenHost) -> None:
    double.ranges = False
    host = open_host(double.host)
    assert range_of(host, 1000, 50) == DATA[1000:1050]
    assert whole(host) == DATA
    assert range_of(host, 5, 5) == DATA[5:10]
    assert host.capabilities.ranges is False
    assert len(ranges(double)) == 1


def test_a_large_blob_comes_from_a_registry_without_ranges(double: Double, open_host: OpenHost) -> None:
    double.ranges = False
    assert whole(open_host(double.host)) == DATA


@pytest.mark.parametrize(
    "reply",
    [
        Reply(206, DATA[:10], {"Content-Range": f"bytes 0-9/{len(DATA)}"}),
        Reply(206, DATA[1000:1050], {"Content-Range": f"bytes 1000-1049/{len(DATA) + 1}"}),
        Reply(206, DATA[1000:1040], {"Content-Range": f"bytes 1000-1039/{len(DATA)}"}),
        Reply(206, DATA[1000:1050], {"Content-Range": "garbage"}),
        Reply(206, DATA[1000:1050]),
        Reply(416, b"short", length=len(DATA), close=True),
        Reply(501),
    ],
)
def test_a_range_that_was_not_asked_for_is_not_taken(double: Double, open_host: OpenHost, reply: Reply) -> None:
    double.reply("GET", PATH, reply)
    assert range_of(open_host(double.host), 1000, 50) == DATA[1000:1050]


@pytest.mark.parametrize("harm", ["fin", "rst"])
@pytest.mark.parametrize("after", [0, 1, 500, 5 * PART])
def test_a_cut_costs_only_what_was_on_its_way(proxy: FaultProxy, open_host: OpenHost, after: int, harm: Harm) -> None:
    proxy.harm("down", after, harm, times=2 if after > 1 else 1)
    assert whole(open_host(proxy.host), part=len(DATA)) == DATA
    assert proxy.harmless
    assert proxy.bytes["down"] < len(DATA) * 1.5


def test_the_last_byte_may_be_lost(proxy: FaultProxy, open_host: OpenHost) -> None:
    host = open_host(proxy.host)
    assert range_of(host, 0, None) == DATA
    header = proxy.bytes["down"] - len(DATA)
    proxy.harm("down", header + len(DATA) - 1, "fin")
    assert whole(open_host(proxy.host), part=len(DATA)) == DATA
    assert proxy.harmless


def test_every_part_may_be_cut(proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("down", PART // 2, "rst", times=10)
    assert whole(open_host(proxy.host)) == DATA
    assert proxy.harmless


def test_silence_is_cut_and_tried_again(proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("down", 3 * PART, "stall")
    assert range_of(open_host(proxy.host, read_seconds=0.2), 0, None) == DATA
    assert proxy.harmless


def test_a_cut_without_end_is_told(proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("down", 0, "rst", times=1000)
    with pytest.raises(RegistryUnavailable, match="broke the connection"):
        whole(open_host(proxy.host))


def test_a_changed_byte_is_noticed(proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("down", PART // 2, "flip")
    with pytest.raises(ContentCorrupt, match=BLOB.short):
        whole(open_host(proxy.host))


@pytest.mark.parametrize("data", [DATA[:-1], DATA + b"x", b""], ids=["short", "long", "empty"])
def test_a_blob_of_another_size_is_noticed(double: Double, open_host: OpenHost, data: bytes) -> None:
    double.blobs[BLOB.digest] = data
    with pytest.raises(ContentCorrupt):
        whole(open_host(double.host))


def test_an_answer_that_is_packed_is_noticed(double: Double, open_host: OpenHost) -> None:
    descriptor = descriptor_of(b"x" * 100, "text/plain")
    packed = Reply(200, b"\x1f\x8b" + b"y" * 98, {"Content-Encoding": "gzip"})
    double.reply("GET", PATH, packed, times=9)
    with pytest.raises(ContentCorrupt):
        whole(open_host(double.host), descriptor)
    assert double.requests("GET", PATH)[0].headers["accept-encoding"] == "identity"


def test_a_blob_that_is_not_there_is_named(double: Double, open_host: OpenHost) -> None:
    with pytest.raises(NotFound, match="BLOB_UNKNOWN"):
        whole(open_host(double.host), descriptor_of(b"absent", "text/plain"))


def test_a_blob_one_may_not_read_is_denied(double: Double, open_host: OpenHost) -> None:
    double.reply("GET", PATH, refusal(403, "DENIED", "not yours"))
    with pytest.raises(Denied, match="not yours"):
        whole(open_host(double.host))


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_is_waited_for(double: Double, open_host: OpenHost, status: int) -> None:
    double.reply("GET", PATH, Reply(status), times=2)
    assert whole(open_host(double.host, patience=Patience(attempts=4, first=0.01))) == DATA


def test_object_storage_gets_no_credential_and_its_addresses_may_end(double: Double, open_host: OpenHost) -> None:
    with Storage(double) as storage:
        double.storage = storage
        storage.expired = {"s2", "s5", "s6"}
        challenge = {"WWW-Authenticate": 'Basic realm="x"'}
        double.reply("GET", PATH, lambda asked: None if "authorization" in asked.headers else Reply(401, headers=challenge), times=100)
        host = open_host(double.host, Credential("ada", Secret("secret")))
        assert whole(host) == DATA
        assert not any("authorization" in asked.headers for asked in storage.asked)
        assert len(double.requests("GET", PATH)) == len(storage.asked) + 1  # each range had an address of its own


def test_an_address_that_never_works_is_told(double: Double, open_host: OpenHost) -> None:
    with Storage(double) as storage:
        double.storage = storage
        storage.expired = {f"s{number}" for number in range(100)}
        with pytest.raises(RegistryError, match="answered 403"):
            whole(open_host(double.host))


def test_holding_is_having_the_first_byte(double: Double, open_host: OpenHost) -> None:
    host, absent, empty = open_host(double.host), descriptor_of(b"absent", "text/plain"), descriptor_of(b"", "text/plain")
    double.blobs[empty.digest] = b""
    assert [Blob(host, "x", descriptor).holds() for descriptor in (BLOB, empty, absent)] == [True, True, False]


@needs_docker_registry
def test_docker_registry_gives_ranges_and_a_broken_416(plain_registry: DockerRegistry, open_host: OpenHost) -> None:
    host, name = open_host(plain_registry.host, read_seconds=2.0), "team/ranges"
    Upload(host, name, BLOB, content_of(DATA), {}).run()
    assert b"".join(bytes(piece) for piece in Blob(host, name, BLOB).fetch(part=PART)) == DATA
    assert host.capabilities.ranges is True
    longer = Descriptor(BLOB.media_type, BLOB.digest, len(DATA) + 1000)
    began = time.monotonic()
    with pytest.raises(ContentCorrupt, match=f"{len(DATA)} bytes instead of"):
        list(Blob(host, name, longer).fetch(len(DATA) + 10, 10))
    assert time.monotonic() - began < 2
