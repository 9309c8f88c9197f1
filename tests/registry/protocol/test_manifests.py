"""Manifests by tag and digest, on registries that are right, wrong, or no registries."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from jupyter_kit.errors import BlobMissing, ContentCorrupt, InvalidInput, NotFound, RegistryError, RegistryUnavailable, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Manifest, encode_manifest
from jupyter_kit.oci.media_types import DOCKER_MANIFEST, EMPTY, MANIFESTS, OCI_INDEX, OCI_MANIFEST
from jupyter_kit.registry.protocol.manifests import RECENT_BYTES_MAX, Recent
from jupyter_kit.registry.repository import Repository
from tests.registry.servers.docker import needs_docker_registry
from tests.registry.servers.double import NO_ANSWER, Asked, Double, Reply
from tests.registry.servers.faults import Direction, FaultProxy
from tests.registry.targets import Graph, content_of, modelkit, push, read, same

KIT = modelkit(b"one", b"two")
DATA = KIT.blobs[-1].data


@pytest.fixture
def repository(double_repository: Repository) -> Repository:
    """Holds a ModelKit, tagged v1."""
    push(double_repository, KIT, "v1")
    return double_repository


def test_each_request_accepts_every_kind_of_manifest(double: Double, repository: Repository) -> None:
    repository.resolve("v1")
    read(repository, KIT.root)
    for asked in (double.requests("HEAD")[-1], double.requests("GET", "/manifests/")[-1]):
        assert all(kind in asked.headers["accept"] for kind in MANIFESTS)


@pytest.mark.parametrize(
    "reply",
    [
        Reply(405),
        Reply(500),
        Reply(200, length=len(DATA), headers={"Content-Type": OCI_MANIFEST}),
        Reply(200, length=len(DATA), headers={"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": "garbage"}),
    ],
)
def test_what_a_head_does_not_tell_a_get_does(double: Double, repository: Repository, reply: Reply) -> None:
    double.reply("HEAD", "/manifests/", reply, times=9)
    assert same(repository.resolve("v1"), KIT.root)
    assert same(repository.resolve(KIT.root.digest), KIT.root)


def test_a_head_that_names_another_digest_is_not_believed(double: Double, repository: Repository) -> None:
    other = descriptor_of(b"{}", OCI_MANIFEST).digest
    double.reply("HEAD", "/manifests/", Reply(200, length=2, headers={"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": other}))
    assert same(repository.resolve(KIT.root.digest), KIT.root)


@pytest.mark.parametrize("media_type", ["text/html", "", "application/vnd.docker.distribution.manifest.v1+prettyjws"])
def test_what_is_no_manifest_is_refused(double: Double, repository: Repository, media_type: str) -> None:
    for method in ("HEAD", "GET"):
        double.reply(method, "/manifests/", Reply(200, DATA, {"Content-Type": media_type}), times=9)
    with pytest.raises(UnsupportedFormat, match="no OCI manifest"):
        repository.resolve("v1")


def test_a_manifest_is_what_it_calls_itself(double: Double, repository: Repository) -> None:
    data = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode()
    double.manifests[descriptor_of(data, OCI_INDEX).digest] = (OCI_MANIFEST, data)
    with pytest.raises(ContentCorrupt, match="inside"):
        read(repository, descriptor_of(data, OCI_MANIFEST))


def test_a_manifest_is_as_it_was_described(repository: Repository) -> None:
    for wrong in (
        Descriptor(OCI_MANIFEST, KIT.root.digest, KIT.root.size + 1),
        Descriptor(DOCKER_MANIFEST, KIT.root.digest, KIT.root.size),
    ):
        with pytest.raises(ContentCorrupt):
            read(repository, wrong)


def test_a_manifest_that_arrives_damaged_is_fetched_once_more(double: Double, repository: Repository) -> None:
    bad = Reply(200, DATA[:-1] + b" ", {"Content-Type": OCI_MANIFEST})
    double.reply("GET", "/manifests/", bad)
    assert read(repository, KIT.root) == DATA
    double.reply("GET", "/manifests/", bad, times=2)
    with pytest.raises(ContentCorrupt, match="not what its digest says"):
        read(repository, KIT.root)


def test_a_digest_that_the_registry_tells_wrongly_is_noticed(double: Double, repository: Repository) -> None:
    headers = {"Content-Type": OCI_MANIFEST, "Docker-Content-Digest": "sha256:" + "0" * 64}
    double.reply("HEAD", "/manifests/", Reply(405))
    double.reply("GET", "/manifests/", Reply(200, DATA, headers))
    with pytest.raises(ContentCorrupt):
        repository.resolve("v1")
    double.reply("PUT", "/manifests/", Reply(201, headers=headers))
    with pytest.raises(ContentCorrupt, match="another manifest than was sent"):
        push(repository, KIT)


def test_a_manifest_without_end_is_cut(double: Double, repository: Repository) -> None:
    double.reply("GET", "/manifests/", Reply(200, bytes(MANIFEST_BYTES_MAX + 1), {"Content-Type": OCI_MANIFEST}), times=9)
    with pytest.raises(RegistryError, match="more than"):
        read(repository, KIT.root)
    with pytest.raises(InvalidInput, match="larger than"):
        read(repository, Descriptor(OCI_MANIFEST, KIT.root.digest, 1 << 40))


def test_a_manifest_larger_than_registries_take_is_not_sent(double: Double, repository: Repository) -> None:
    before = len(double.asked)
    with pytest.raises(InvalidInput, match="registries take 4 MiB"):
        repository.push(Descriptor(OCI_MANIFEST, KIT.root.digest, MANIFEST_BYTES_MAX + 1), content_of(b""))
    assert len(double.asked) == before


@pytest.mark.parametrize("status", [400, 413])
def test_a_manifest_too_large_for_this_registry_is_told(double: Double, repository: Repository, status: int) -> None:
    double.reply("PUT", "/manifests/", Reply(status), times=9)
    with pytest.raises(RegistryError, match=str(status)):
        push(repository, KIT)


def test_a_lost_answer_is_asked_for_again(double: Double, double_repository: Repository) -> None:
    def answer_nothing(asked: Asked) -> Reply:
        double.answer(asked)
        return NO_ANSWER

    double.reply("PUT", "/manifests/", answer_nothing)
    push(double_repository, KIT, "v1")
    assert same(double_repository.resolve("v1"), KIT.root)


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_what_passes_is_tried_again(double: Double, double_repository: Repository, status: int) -> None:
    double.reply("PUT", "/manifests/", Reply(status), times=2)
    push(double_repository, KIT, "v1")
    assert double_repository.tags() == ("v1",)


def test_a_tag_that_cannot_be_written_is_not_there(double: Double, repository: Repository) -> None:
    double.reply("PUT", "/manifests/v2", Reply(503), times=99)
    with pytest.raises(RegistryUnavailable):
        repository.tag(KIT.root, "v2")
    assert repository.tags() == ("v1",)


def test_tagging_what_was_just_pushed_costs_one_request(double: Double, repository: Repository) -> None:
    before = len(double.asked)
    repository.tag(KIT.root, "v2")
    assert [asked.method for asked in double.asked[before:]] == ["PUT"]


def test_recent_manifests_keep_within_their_memory() -> None:
    recent = Recent()
    for number in range(9):
        recent.keep(str(number), bytes(RECENT_BYTES_MAX // 4))
    assert [recent.find(str(number)) is not None for number in range(9)] == [False] * 5 + [True] * 4
    recent.drop("8")
    assert recent.find("8") is None


def kit_of(layers: int) -> Graph:
    """A manifest of so many layers, all of them the same two bytes."""
    config = descriptor_of(b"{}", EMPTY)
    manifest = Manifest(config, (config,) * layers, "application/x", OCI_MANIFEST)
    data = encode_manifest(manifest)
    return Graph((type(KIT.blobs[0])(config, b"{}"), type(KIT.blobs[0])(descriptor_of(data, OCI_MANIFEST), data)))


@needs_docker_registry
def test_docker_registry_takes_manifests_up_to_its_limit(docker_repository: Repository) -> None:
    graph = kit_of(10_000)
    assert 1 << 20 < graph.root.size < MANIFEST_BYTES_MAX
    push(docker_repository, graph, "many")
    assert same(docker_repository.resolve("many"), graph.root)


@needs_docker_registry
def test_docker_registry_does_not_check_the_size_of_layers_and_a_pull_does(docker_repository: Repository) -> None:
    config = descriptor_of(b"{}", EMPTY)
    docker_repository.push(config, content_of(b"{}"))
    lying = Descriptor(EMPTY, config.digest, 3)
    data = encode_manifest(Manifest(config, (lying,), None, OCI_MANIFEST))
    docker_repository.push(descriptor_of(data, OCI_MANIFEST), content_of(data))
    with pytest.raises(ContentCorrupt):
        read(docker_repository, lying)
    assert not docker_repository.exists(lying)


@needs_docker_registry
def test_docker_registry_names_the_blobs_it_lacks(docker_repository: Repository) -> None:
    docker_repository.push(KIT.blobs[0].descriptor, content_of(KIT.blobs[0].data))
    with pytest.raises(BlobMissing) as refused:
        docker_repository.push(KIT.root, content_of(DATA))
    assert set(refused.value.digests) == {blob.descriptor.digest for blob in KIT.blobs[1:-1]}
    with pytest.raises(NotFound):
        docker_repository.resolve(KIT.root.digest)


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("after", [0, 1, 100, 300, 500])
def test_a_manifest_arrives_through_cuts(
    double: Double, repository: Repository, open_repository: Callable[..., Repository], direction: Direction, after: int
) -> None:
    with FaultProxy(int(double.host.partition(":")[2])) as proxy:
        through = open_repository(proxy.host, plain_http=frozenset({proxy.host}))
        proxy.harm(direction, after, "rst")
        assert read(through, KIT.root) == DATA
        push(through, KIT, "v2")
        assert through.tags() == ("v1", "v2")
        assert proxy.harmless
