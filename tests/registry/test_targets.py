"""What every target does, asked of each kind that there is."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_kit.errors import BlobMissing, ContentCorrupt, InvalidInput, KitError, NotFound, UnsupportedFormat
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Deleter, Piece, Target

from .servers.docker import needs_docker_registry
from .targets import TARGETS, Graph, assert_holds, blob, content_of, index, modelkit, push, read, same

DATA = bytes(range(256)) * 20


REGISTRIES = ("docker_repository", "double_repository")
"""Fixtures that give an empty repository of a registry."""


@pytest.fixture(params=[*TARGETS, *(pytest.param(name, marks=needs_docker_registry) for name in REGISTRIES[:1]), *REGISTRIES[1:]])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Target:
    if request.param in REGISTRIES:
        repository: Target = request.getfixturevalue(request.param)
        return repository
    return TARGETS[request.param](tmp_path)


def test_an_empty_one_has_nothing(target: Target) -> None:
    assert not target.exists(descriptor_of(DATA, "text/plain"))
    assert target.tags() == ()
    assert target.name
    for name in ("v1", descriptor_of(DATA, "text/plain").digest):
        with pytest.raises(NotFound):
            target.resolve(name)
    with pytest.raises(NotFound):
        read(target, descriptor_of(DATA, "text/plain"))


@pytest.mark.parametrize("size", [0, 1, 999, 1000, (1 << 20) + 1])
def test_a_blob_reads_back(target: Target, size: int) -> None:
    kept = blob((DATA * (size // len(DATA) + 1))[:size])
    target.push(kept.descriptor, content_of(kept.data))
    assert_holds(target, Graph((kept,)))


def test_a_blob_by_sha512_reads_back(target: Target) -> None:
    descriptor = Descriptor("text/plain", f"sha512:{hashlib.sha512(DATA).hexdigest()}", len(DATA))
    target.push(descriptor, content_of(DATA))
    assert target.exists(descriptor)
    assert read(target, descriptor) == DATA


@pytest.mark.parametrize(
    ("start", "length", "expected"),
    [
        (0, None, DATA),
        (0, 1, DATA[:1]),
        (0, len(DATA), DATA),
        (1, None, DATA[1:]),
        (700, 2500, DATA[700:3200]),
        (len(DATA) - 1, 1, DATA[-1:]),
        (len(DATA) - 1, None, DATA[-1:]),
    ],
)
def test_a_part_of_a_blob_is_fetched(target: Target, start: int, length: int | None, expected: bytes) -> None:
    kept = blob(DATA)
    target.push(kept.descriptor, content_of(DATA))
    assert read(target, kept.descriptor, start, length) == expected


def test_a_manifest_is_found_by_digest_and_tag(target: Target) -> None:
    graph = modelkit(b"one", DATA, b"")
    root = push(target, graph)
    assert target.tags() == ()
    assert same(target.resolve(root.digest), root)
    target.tag(root, "v1")
    assert same(target.resolve("v1"), root)
    assert target.tags() == ("v1",)
    assert_holds(target, graph)
    assert read(target, target.resolve("v1")) == graph.blobs[-1].data


def test_an_index_of_manifests_is_kept(target: Target) -> None:
    first, second = modelkit(b"one"), modelkit(b"two")
    both = index(first, second)
    push(target, both, "all")
    assert same(target.resolve("all"), both.root)
    for graph in (first, second):
        assert same(target.resolve(graph.root.digest), graph.root)
    assert_holds(target, both)


def test_a_manifest_may_refer_to_a_subject_that_is_not_there(target: Target) -> None:
    graph = modelkit(b"signature", subject=descriptor_of(b"{}", OCI_MANIFEST))
    push(target, graph)
    assert_holds(target, graph)


def test_annotations_keep_every_character(target: Target) -> None:
    graph = modelkit(b"one", annotations={"größe": "中 \u2028<&>", "a": "\U0001f40d", "": ""})
    push(target, graph, "v1")
    assert read(target, target.resolve("v1")) == graph.blobs[-1].data


def test_a_tag_moves(target: Target) -> None:
    first, second = modelkit(b"one"), modelkit(b"two")
    push(target, first, "v1")
    push(target, second, "v1")
    target.tag(second.root, "latest")
    target.tag(first.root, "Zebra_1")
    assert target.tags() == ("Zebra_1", "latest", "v1")
    assert same(target.resolve("v1"), second.root)
    assert same(target.resolve(first.root.digest), first.root)
    assert_holds(target, first)


def test_tagging_twice_is_tagging_once(target: Target) -> None:
    root = push(target, modelkit(b"one"), "v1")
    target.tag(root, "v1")
    assert target.tags() == ("v1",)
    assert same(target.resolve("v1"), root)


def test_only_what_is_there_is_tagged(target: Target) -> None:
    push(target, modelkit(b"one"), "v1")
    with pytest.raises(NotFound):
        target.tag(modelkit(b"two").root, "v2")
    assert target.tags() == ("v1",)


@pytest.mark.parametrize("tag", ["", "a b", "-a", "../up", "a" * 129])
def test_what_is_no_tag_is_refused(target: Target, tag: str) -> None:
    root = push(target, modelkit(b"one"))
    with pytest.raises(InvalidInput, match="is not a tag"):
        target.tag(root, tag)
    assert target.tags() == ()


def test_a_tag_is_removed_and_what_it_named_stays(target: Target) -> None:
    graph = modelkit(b"one")
    root = push(target, graph, "v1")
    target.tag(root, "v2")
    assert isinstance(target, Deleter)
    try:
        target.untag("v1")
    except UnsupportedFormat:
        assert target.tags() == ("v1", "v2")
        return
    assert target.tags() == ("v2",)
    target.untag("v2")
    assert target.tags() == ()
    assert same(target.resolve(root.digest), root)
    assert_holds(target, graph)
    with pytest.raises(NotFound):
        target.untag("v2")


def test_a_manifest_is_removed_with_its_tags_and_others_keep_what_they_share(target: Target) -> None:
    first, second = modelkit(b"shared", b"one"), modelkit(b"shared", b"two")
    push(target, first, "v1")
    target.tag(first.root, "also")
    push(target, second, "v2")
    assert isinstance(target, Deleter)
    target.delete(first.root)
    assert target.tags() == ("v2",)
    with pytest.raises(NotFound):
        target.resolve(first.root.digest)
    assert_holds(target, second)
    with pytest.raises(NotFound):
        target.delete(first.root)


@pytest.mark.parametrize(
    "said", [DATA[:-1], DATA[:-1] + b"x", DATA + b"x", b"", DATA * 300], ids=["short", "other", "long", "empty", "huge"]
)
@pytest.mark.parametrize("media_type", ["text/plain", OCI_MANIFEST])
def test_what_is_not_what_it_says_is_not_kept(target: Target, said: bytes, media_type: str) -> None:
    descriptor = descriptor_of(DATA, media_type)
    with pytest.raises(ContentCorrupt):
        target.push(descriptor, content_of(said))
    assert not target.exists(descriptor)
    with pytest.raises(NotFound):
        read(target, descriptor)


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"schemaVersion": 1}', b"\xff", b'{"schemaVersion":2,"config":{"digest":"../../x"}}']
)
def test_a_manifest_that_is_none_is_refused(target: Target, data: bytes) -> None:
    hostile = blob(data, OCI_MANIFEST)
    with pytest.raises(KitError):
        target.push(hostile.descriptor, content_of(data))
    with pytest.raises(NotFound):
        target.resolve(hostile.descriptor.digest)


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_manifest_does_not_come_before_its_children(target: Target, absent: int) -> None:
    graph = modelkit(b"one", b"two")
    for number, part in enumerate(graph.blobs[:-1]):
        if number != absent:
            target.push(part.descriptor, content_of(part.data))
    with pytest.raises(BlobMissing) as caught:
        target.push(graph.root, content_of(graph.blobs[-1].data))
    assert caught.value.digests in ((), (graph.blobs[absent].descriptor.digest,))
    with pytest.raises(NotFound):
        target.resolve(graph.root.digest)


def test_a_source_that_breaks_off_leaves_nothing(target: Target) -> None:
    def broken(start: int) -> Iterator[Piece]:
        yield DATA[start:1000]
        raise ZeroDivisionError

    kept = blob(DATA)
    with pytest.raises(ZeroDivisionError):
        target.push(kept.descriptor, broken)
    assert not target.exists(kept.descriptor)
    target.push(kept.descriptor, content_of(DATA))
    assert_holds(target, Graph((kept,)))


def test_one_blob_is_pushed_by_many_at_once(target: Target) -> None:
    kept = blob(DATA * 200)
    with ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(target.push, kept.descriptor, content_of(kept.data)) for _ in range(8)]:
            future.result()
    assert_holds(target, Graph((kept,)))


def test_many_tag_at_once_and_no_tag_is_lost(target: Target) -> None:
    graphs = [modelkit(b"%d" % number) for number in range(4)]

    def both(graph: Graph, tag: str) -> None:
        push(target, graph, tag)
        target.tag(graph.root, "latest")

    with ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(both, graph, f"v{number}") for number, graph in enumerate(graphs)]:
            future.result()
    assert target.tags() == ("latest", "v0", "v1", "v2", "v3")
    for number, graph in enumerate(graphs):
        assert same(target.resolve(f"v{number}"), graph.root)
    assert target.resolve("latest").digest in {graph.root.digest for graph in graphs}


def test_a_tag_is_read_while_it_moves(target: Target) -> None:
    first, second = modelkit(b"one"), modelkit(b"two")
    push(target, first, "v1")
    push(target, second)

    def move() -> None:
        for number in range(6):
            target.tag((first, second)[number % 2].root, "v1")

    with ThreadPoolExecutor(1) as threads:
        moving = threads.submit(move)
        while not moving.done():
            assert target.resolve("v1").digest in (first.root.digest, second.root.digest)
        moving.result()
