"""Pushing a blob through everything that a network and a registry can do to it."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable, Iterator, MutableMapping

import pytest
from hypothesis import given, settings
from hypothesis.strategies import binary, integers, lists, tuples

from jupyter_kit.errors import ContentCorrupt, Denied, RegistryError, RegistryUnavailable
from jupyter_kit.oci.descriptor import descriptor_of
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.connection import Patience
from jupyter_kit.registry.http.exchange import BLOCK_BYTES
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.protocol.capabilities import initial
from jupyter_kit.registry.protocol.downloads import Blob
from jupyter_kit.registry.protocol.host import Host
from jupyter_kit.registry.protocol.uploads import Reading, Upload
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import NO_ANSWER, Asked, Double, Reply, Server, refusal
from tests.registry.servers.faults import Direction, FaultProxy, Harm
from tests.registry.servers.tokens import TokenServer
from tests.registry.targets import content_of

CHUNK = 100_000
DATA = random.Random(2).randbytes(7 * CHUNK + 77)
BLOB = descriptor_of(DATA, "application/octet-stream")
SESSION = "/blobs/uploads/."

OpenHost = Callable[..., Host]

names = (f"team/upload-{number}" for number in itertools.count())


def whole(host: Host, content: Content | None = None) -> None:
    Upload(host, "team/model", BLOB, content or content_of(DATA), {}).run()


def chunked(
    host: Host,
    sessions: MutableMapping[str, str] | None = None,
    content: Content | None = None,
    name: str = "team/model",
    *,
    longest: int = CHUNK,
) -> None:
    kept = {} if sessions is None else sessions
    Upload(host, name, BLOB, content or content_of(DATA), kept, chunked_from=CHUNK, chunk=CHUNK, longest=longest).run()


def stored(double: Double) -> bool:
    return double.blobs.get(BLOB.digest) == DATA


@pytest.fixture
def proxy(double: Double) -> Iterator[FaultProxy]:
    with FaultProxy(int(double.host.partition(":")[2])) as running:
        yield running


@pytest.fixture
def docker_proxy(plain_registry: DockerRegistry) -> Iterator[FaultProxy]:
    with FaultProxy(plain_registry.port) as running:
        yield running


def test_a_blob_goes_in_one_request_after_the_first(double: Double, open_host: OpenHost) -> None:
    whole(open_host(double.host))
    assert stored(double)
    assert [asked.method for asked in double.asked] == ["POST", "PUT"]
    assert double.asked[0].headers["content-length"] == "0"
    assert double.asked[1].headers["content-type"] == "application/octet-stream"
    assert double.asked[1].headers["content-length"] == str(len(DATA))


@pytest.mark.parametrize("piece", [1000, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES])
def test_content_is_sent_in_large_blocks(double: Double, open_host: OpenHost, piece: int) -> None:
    data = bytes(5 * BLOCK_BYTES)

    def content(start: int) -> Iterator[Piece]:
        return (memoryview(data)[first : first + piece] for first in range(start, len(data), piece))

    upload = Upload(open_host(double.host), "x", descriptor_of(data, "x"), content, {})
    blocks = [bytes(block) for block in upload._blocks(Reading(content), 0, len(data))]
    assert b"".join(blocks) == data
    assert all(len(block) >= BLOCK_BYTES for block in blocks[:-1])


def test_the_address_of_an_upload_is_used_as_it_is(double: Double, open_host: OpenHost) -> None:
    with Server() as storage:
        storage.reply("PUT", "/put", Reply(201))
        location = f"http://{storage.host}/put?sig=a%2Fb&x=1"
        double.reply("POST", "/blobs/uploads/", Reply(202, headers={"Location": location}))
        whole(open_host(double.host, Credential("ada", Secret("p"))))
        (asked,) = storage.asked
        assert asked.query == {"sig": ["a/b"], "x": ["1"], "digest": [BLOB.digest]}
        assert "authorization" not in asked.headers


@pytest.mark.parametrize("harm", ["fin", "rst"])
@pytest.mark.parametrize("after", [10, 1000, len(DATA) // 2, len(DATA) - 1])
def test_a_cut_begins_the_blob_anew(double: Double, proxy: FaultProxy, open_host: OpenHost, after: int, harm: Harm) -> None:
    proxy.harm("up", after, harm)
    whole(open_host(proxy.host))
    assert stored(double)
    assert proxy.harmless


def test_silence_begins_the_blob_anew(double: Double, proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("up", len(DATA) // 2, "stall")
    whole(open_host(proxy.host, read_seconds=0.2))
    assert stored(double)
    assert proxy.harmless


def test_a_lost_answer_is_no_lost_blob(double: Double, open_host: OpenHost) -> None:
    def answer_nothing(asked: Asked) -> Reply:
        double.answer(asked)
        return NO_ANSWER

    double.reply("PUT", SESSION, answer_nothing)
    whole(open_host(double.host))
    assert stored(double)
    assert len(double.requests("PUT")) == 1


def test_a_byte_that_changes_on_its_way_is_sent_again(double: Double, proxy: FaultProxy, open_host: OpenHost) -> None:
    proxy.harm("up", len(DATA) // 2, "flip")
    whole(open_host(proxy.host))
    assert stored(double)
    assert len(double.requests("PUT")) == 2


def test_content_that_is_not_what_it_says_is_refused(double: Double, open_host: OpenHost) -> None:
    with pytest.raises(ContentCorrupt, match=BLOB.short):
        whole(open_host(double.host), content_of(DATA[:-1] + b"x"))
    assert not stored(double)


@pytest.mark.parametrize("content", [DATA[:-1], DATA + b"x", b""], ids=["short", "long", "none"])
def test_content_of_another_size_never_becomes_a_blob(double: Double, open_host: OpenHost, content: bytes) -> None:
    with pytest.raises(ContentCorrupt, match="bytes long"):
        whole(open_host(double.host), content_of(content))
    assert not double.blobs
    assert not double.uploads  # its sessions are cancelled


def test_a_source_that_fails_cancels_the_upload(double: Double, open_host: OpenHost) -> None:
    def failing(start: int) -> Iterator[Piece]:
        yield DATA[start:1000]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        whole(open_host(double.host), failing)
    assert double.requests("DELETE", SESSION)


@pytest.mark.parametrize("status", [404, 408, 416, 429, 500, 502, 503, 504])
def test_a_session_that_fails_is_followed_by_another(double: Double, open_host: OpenHost, status: int) -> None:
    double.reply("PUT", SESSION, Reply(status))
    whole(open_host(double.host))
    assert stored(double)
    assert len(double.requests("POST")) == 2


def test_a_registry_that_stays_broken_is_told(double: Double, open_host: OpenHost) -> None:
    double.reply("PUT", SESSION, Reply(500), times=100)
    with pytest.raises(RegistryUnavailable, match="500"):
        whole(open_host(double.host))
    assert not double.blobs


def test_who_may_not_push_is_told_at_once(double: Double, open_host: OpenHost) -> None:
    double.reply("POST", "/blobs/uploads/", refusal(403, "DENIED", "read only"), times=9)
    with pytest.raises(Denied, match="read only"):
        whole(open_host(double.host))
    assert len(double.asked) == 1


def test_a_blob_that_is_too_large_is_told(double: Double, open_host: OpenHost) -> None:
    double.reply("PUT", SESSION, Reply(413), times=9)
    with pytest.raises(RegistryError, match="413") as refused:
        whole(open_host(double.host))
    assert "larger than this registry takes" in refused.value.hint


def test_an_early_refusal_is_heard_while_sending(double: Double, open_host: OpenHost) -> None:
    big = bytes(64 << 20)
    double.reply("PUT", SESSION, Reply(403))
    with pytest.raises(Denied):
        Upload(open_host(double.host), "x", descriptor_of(big, "x"), lambda start: iter([memoryview(big)[start:]]), {}).run()


# Chunks.


def test_a_large_blob_goes_in_chunks_each_from_the_newest_address(double: Double, open_host: OpenHost) -> None:
    sessions: dict[str, str] = {}
    host = open_host(double.host)
    chunked(host, sessions)
    assert stored(double)
    patches = double.requests("PATCH")
    assert [asked.headers["content-range"] for asked in patches[:2]] == ["0-99999", "100000-199999"]
    assert [asked.query["_state"] for asked in patches[:2]] == [["secret0"], ["secret100000"]]
    assert not sessions
    assert host.capabilities.chunks is True


def test_the_registrys_minimum_is_heeded(double: Double, open_host: OpenHost) -> None:
    double.chunk_min = 3 * CHUNK
    chunked(open_host(double.host))
    assert stored(double)
    assert [len(asked.body) for asked in double.requests("PATCH")] == [3 * CHUNK, 3 * CHUNK, CHUNK + 77]


@pytest.mark.parametrize("harm", ["fin", "rst"])
def test_a_cut_costs_a_chunk_at_most(double: Double, proxy: FaultProxy, open_host: OpenHost, harm: Harm) -> None:
    proxy.harm("up", int(3.5 * CHUNK), harm)
    chunked(open_host(proxy.host))
    assert stored(double)
    assert proxy.harmless
    assert sum(len(asked.body) for asked in double.requests("PATCH")) <= len(DATA)
    assert len(double.requests("POST")) == 1


def test_an_upload_outlives_its_process(double: Double, open_host: OpenHost) -> None:
    sessions: dict[str, str] = {}

    def dying(start: int) -> Iterator[Piece]:
        yield from content_of(DATA[: 4 * CHUNK])(start)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        chunked(open_host(double.host), sessions, dying)
    assert list(sessions) == [f"{double.host}/team/model@{BLOB.digest}"]
    before = len(double.asked)
    chunked(open_host(double.host), sessions)
    assert stored(double)
    assert sum(len(asked.body) for asked in double.asked[before:]) == len(DATA) - 4 * CHUNK
    assert not sessions


def test_a_remembered_upload_that_is_gone_begins_anew(double: Double, open_host: OpenHost) -> None:
    sessions = {f"{double.host}/team/model@{BLOB.digest}": f"http://{double.host}/v2/team/model/blobs/uploads/old"}
    chunked(open_host(double.host), sessions)
    assert stored(double)
    assert not sessions


def test_a_gap_is_closed_by_asking_where_it_is(double: Double, open_host: OpenHost) -> None:
    def lose(asked: Asked) -> Reply | None:
        session = asked.path.rpartition("/")[2]
        del double.uploads[session][CHUNK + 5 :]  # it lost a part of what it had
        return None

    double.reply("PATCH", SESSION, lambda _: None, times=2)
    double.reply("PATCH", SESSION, lose)
    chunked(open_host(double.host))
    assert stored(double)
    assert len(double.requests("POST")) == 1


@pytest.mark.parametrize("status", [201, 400, 405, 413, 416, 501])
def test_a_registry_that_takes_no_chunks_gets_one_piece_and_is_remembered(double: Double, open_host: OpenHost, status: int) -> None:
    """ECR says 201 after the first piece, GHCR 416 to more than 4 MiB, Google's registries have no PATCH (oci.md 1.3)."""
    double.reply("PATCH", SESSION, Reply(status), times=99)
    host = open_host(double.host)
    chunked(host)
    assert stored(double)
    assert host.capabilities.chunks is False
    del double.blobs[BLOB.digest]
    chunked(host)
    assert stored(double)
    assert len(double.requests("PATCH")) == 1


def test_chunks_grow_to_a_limit(double: Double, open_host: OpenHost) -> None:
    chunked(open_host(double.host), longest=3 * CHUNK)
    assert stored(double)
    assert [len(asked.body) // CHUNK for asked in double.requests("PATCH")] == [1, 2, 3, 1]


def test_a_chunk_that_is_too_long_for_somebody_on_the_way_goes_in_short_ones(double: Double, open_host: OpenHost) -> None:
    def refusing(asked: Asked) -> Reply | None:
        return Reply(413) if len(asked.body) > 2 * CHUNK else None

    double.reply("PATCH", "/uploads/", refusing, times=99)
    chunked(open_host(double.host), longest=16 * CHUNK)
    assert stored(double)
    assert [len(asked.body) // CHUNK for asked in double.requests("PATCH")] == [1, 2, 4, 1, 1, 1, 1, 0]


@pytest.mark.parametrize(
    ("host", "chunks"),
    [("ghcr.io", False), ("europe-docker.pkg.dev", False), ("eu.gcr.io", False), ("gcr.io", False),
     ("1234.dkr.ecr.eu-west-1.amazonaws.com", False), ("1234.dkr.ecr.cn-north-1.amazonaws.com.cn", False),
     ("ghcr.io.evil.com", None), ("jozu.ml", None), ("localhost", None)],
)  # fmt: skip
def test_registries_known_to_break_chunks_get_none(host: str, chunks: bool | None) -> None:
    assert initial(host).chunks is chunks


@pytest.mark.parametrize("status", [404, 500, 503])
def test_a_session_that_dies_between_chunks_begins_anew(double: Double, open_host: OpenHost, status: int) -> None:
    double.reply("PATCH", SESSION, lambda _: None, times=3)
    double.reply("PATCH", SESSION, Reply(status))
    chunked(open_host(double.host))
    assert stored(double)
    assert len(double.requests("POST")) == 2


def test_a_registry_that_takes_nothing_is_given_up(double: Double, open_host: OpenHost) -> None:
    double.reply("PATCH", SESSION, lambda asked: Reply(202, headers={"Location": asked.path, "Range": "0-0"}), times=999)
    with pytest.raises(RegistryUnavailable, match="took nothing"):
        chunked(open_host(double.host))


def test_a_registry_that_claims_more_than_was_sent_is_not_believed(double: Double, open_host: OpenHost) -> None:
    double.reply("PATCH", SESSION, lambda asked: Reply(202, headers={"Location": asked.path, "Range": "0-99999999"}))
    chunked(open_host(double.host))
    assert stored(double)


# docker-registry.


@needs_docker_registry
def test_docker_registry_takes_chunks(plain_registry: DockerRegistry, open_host: OpenHost) -> None:
    host, name = open_host(plain_registry.host), next(names)
    chunked(host, name=name)
    assert Blob(host, name, BLOB).holds()
    assert host.capabilities.chunks is True


@needs_docker_registry
@pytest.mark.parametrize("after", [3 * CHUNK, int(3.5 * CHUNK)])
def test_docker_registry_forgets_a_session_that_a_cut_hit_and_the_blob_still_arrives(
    docker_proxy: FaultProxy, open_host: OpenHost, after: int
) -> None:
    """It answers 404 for ever to a session of which half a chunk arrived (oci.md 1.2)."""
    docker_proxy.harm("up", after, "rst")
    host, name = open_host(docker_proxy.host), next(names)
    chunked(host, name=name)
    assert docker_proxy.harmless
    assert b"".join(bytes(piece) for piece in Blob(host, name, BLOB).fetch()) == DATA


@needs_docker_registry
def test_docker_registry_resumes_between_chunks(plain_registry: DockerRegistry, open_host: OpenHost) -> None:
    sessions: dict[str, str] = {}
    name, sent = next(names), 0

    def counted(start: int) -> Iterator[Piece]:
        nonlocal sent
        for piece in content_of(DATA)(start):
            sent += len(piece)
            yield piece

    def dying(start: int) -> Iterator[Piece]:
        for piece in counted(start):
            yield piece
            if sent > 3 * CHUNK:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        chunked(open_host(plain_registry.host), sessions, dying, name)
    assert sessions
    sent = 0
    chunked(open_host(plain_registry.host), sessions, counted, name)
    assert sent < len(DATA) - 2 * CHUNK
    assert Blob(open_host(plain_registry.host), name, BLOB).holds()


def test_chunks_that_follow_each_other_are_read_in_one_go(double: Double, open_host: OpenHost) -> None:
    opened: list[int] = []

    def content(start: int) -> Iterator[Piece]:
        opened.append(start)
        return content_of(DATA)(start)

    chunked(open_host(double.host), {}, content)
    assert stored(double)
    assert opened == [0]


@given(data=binary(max_size=40), piece=integers(1, 9), wanted=lists(tuples(integers(0, 40), integers(0, 20)), max_size=6))
@settings(max_examples=60)
def test_content_is_what_it_is_wherever_it_is_read(data: bytes, piece: int, wanted: list[tuple[int, int]]) -> None:
    reading = Reading(lambda start: (data[first : first + piece] for first in range(start, len(data), piece)))
    for first, count in wanted:
        assert b"".join(reading.read(first, count)) == data[first : first + count]
        if first + count == len(data) or first >= len(data):
            assert reading.ended()


@needs_docker_registry
@pytest.mark.parametrize("harm", ["fin", "rst"])
@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("after", [0, 400, len(DATA)])
def test_docker_registry_gets_the_blob_through_cuts(
    docker_proxy: FaultProxy, open_host: OpenHost, direction: Direction, after: int, harm: Harm
) -> None:
    host, name = open_host(docker_proxy.host, patience=Patience(attempts=6, first=0.02)), next(names)
    docker_proxy.harm(direction, after, harm)
    Upload(host, name, BLOB, content_of(DATA), {}).run()
    assert Blob(host, name, BLOB).holds()


@needs_docker_registry
def test_a_token_that_ends_during_a_long_upload_is_replaced(
    token_registry: DockerRegistry, token_server: TokenServer, open_host: OpenHost
) -> None:
    token_server.early = token_server.life + 56  # The registry allows its clock 60 s, so the first token lives for four: enough to be used.
    host, name = open_host(token_registry.host, Credential("ada", Secret(TokenServer.password))), next(names)
    opened: list[int] = []

    def slow(start: int) -> Iterator[Piece]:
        opened.append(start)
        for piece in content_of(DATA)(start):
            start += len(piece)
            if token_server.early and start > 2.5 * CHUNK:
                time.sleep(4.6)
                token_server.early = 0
            yield piece

    sessions: dict[str, str] = {}
    chunked(host, sessions, slow, name)
    assert Blob(host, name, BLOB).holds()
    assert len(token_server.requests) == 2
    assert opened == [0, 3 * CHUNK]  # The chunk after the one that took so long was sent twice.
