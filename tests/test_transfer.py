from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit import transfer
from jupyter_kit.errors import BlobMissing, Cancelled, InvalidInput, NotFound, TransferError
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Index, Manifest, encode_index, encode_manifest
from jupyter_kit.oci.media_types import OCI_INDEX, OCI_MANIFEST
from jupyter_kit.oci.target import Content, Piece, Source, Target
from jupyter_kit.registry.layout import Layout
from jupyter_kit.transfer import Copied, copy
from tests.registry.targets import Graph, assert_holds, blob, index, modelkit, push, same
from tests.registry.wrapped import Counting, Failing, Slow, Told, Wrapped

LAYERS = (b"a" * 5000, b"b" * 3000, b"", b"c")


@pytest.fixture
def source(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "source")


@pytest.fixture
def target(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "target")


def unfinished(tmp_path: Path) -> list[str]:
    return [path.name for path in tmp_path.glob("target/.jupyter-kit/*") if path.name != "lock"]


def test_everything_arrives_children_first_and_the_tag_last(source: Layout, target: Layout) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph, "v1")
    there = Counting(target)
    told = Told()
    size = sum(part.descriptor.size for part in graph.blobs)
    assert copy(source, there, source.resolve("v1"), tag="v2", progress=told) == Copied(size, len(graph.blobs), 0, 0)
    assert there.order[-2:] == [graph.root.digest, "v2"]
    assert target.tags() == ("v2",)
    assert_holds(target, graph)
    blobs = size - graph.root.size
    assert told.phases == [(f"Looking into {target.name}", 5, "blobs"), (f"Copying to {target.name}", blobs, "bytes")]
    assert told.done == [5, blobs]
    assert told.blobs == {part.descriptor.short: (part.descriptor.size,) * 2 for part in graph.blobs[:-1]}


def test_what_is_there_is_not_fetched(source: Layout, target: Layout) -> None:
    push(source, modelkit(*LAYERS), "v1")
    copy(source, target, source.resolve("v1"), tag="v1")
    changed = modelkit(*LAYERS[:-1], b"new")
    push(source, changed, "v2")
    counting = Counting(source)
    copied = copy(counting, target, changed.root, tag="v2")
    moved = {part.descriptor.digest for part in (changed.blobs[-2], changed.blobs[-1])}
    assert set(counting.fetched) == moved
    assert (copied.blobs_moved, copied.blobs_skipped) == (2, 4)
    assert copy(counting, target, changed.root, tag="v3") == Copied(0, 0, 0, 1)
    assert target.tags() == ("v1", "v2", "v3")


def test_one_digest_met_twice_moves_once(source: Layout, target: Layout) -> None:
    shared = index(modelkit(b"x" * 5000, b"x" * 5000, b"one"), modelkit(b"x" * 5000, b"two"))
    push(source, shared, "v1")
    here, there = Counting(source), Counting(target)
    copy(here, there, shared.root)
    assert set(here.fetched.values()) == set(there.pushed.values()) == {1}
    assert_holds(target, shared)


def test_a_copy_that_broke_off_goes_on(source: Layout, target: Layout) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph, "v1")
    with pytest.raises(TransferError) as caught:
        copy(Failing(source, fetching=True), target, graph.root, tag="v1", concurrency=1)
    assert (caught.value.origin, caught.value.operation[:5]) == (source.name, "fetch")
    assert "Connection reset" in caught.value.message
    assert target.tags() == ()
    target.push(graph.blobs[1].descriptor, lambda start: iter([graph.blobs[1].data[start:]]))
    copied = copy(source, target, graph.root, tag="v1")
    assert copied.blobs_skipped == 1
    assert_holds(target, graph)


def test_an_error_of_the_target_names_the_target(source: Layout, target: Layout) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph)
    with pytest.raises(TransferError) as caught:
        copy(source, Failing(target, pushing=True), graph.root, tag="v1")
    assert (caught.value.origin, caught.value.operation[:4]) == (target.name, "push")


def test_our_own_errors_pass(source: Layout, target: Layout) -> None:
    graph = modelkit(b"one")
    push(source, graph)
    source.delete(graph.root)
    with pytest.raises(NotFound):
        copy(source, target, graph.root)


class Lying(Counting):
    """Says that it has what garbage collection took, as registries with a cache do."""

    refused = 0

    def exists(self, descriptor: Descriptor) -> bool:
        return True

    def push(self, descriptor: Descriptor, content: Content) -> None:
        try:
            super().push(descriptor, content)
        except BlobMissing:
            self.refused += 1
            raise


class Deaf(Lying):
    """Does not say which blobs it lacks, as many registries."""

    def push(self, descriptor: Descriptor, content: Content) -> None:
        try:
            super().push(descriptor, content)
        except BlobMissing as error:
            raise BlobMissing(error.message) from error


class Trusting(Lying):
    """Looks at what it has when it is tagged, and then says as registries do what it lacks."""

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        try:
            super().tag(descriptor, tag)
        except NotFound as error:
            raise BlobMissing(error.message) from error


class HalfLying(Lying):
    """Knows which manifests it has."""

    def exists(self, descriptor: Descriptor) -> bool:
        return descriptor.media_type not in (OCI_MANIFEST, OCI_INDEX)


def test_blobs_that_are_not_there_after_all_go_once_more(source: Layout, target: Layout) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph)
    kept = graph.blobs[1]
    target.push(kept.descriptor, lambda start: iter([kept.data[start:]]))
    there = HalfLying(target)
    copy(source, there, graph.root, tag="v1")
    assert_holds(target, graph)
    assert kept.descriptor.digest not in there.pushed


def test_where_the_target_does_not_say_which_all_go_once_more(source: Layout, target: Layout) -> None:
    class Registry(HalfLying, Deaf):
        pass

    graph = modelkit(*LAYERS)
    push(source, graph)
    copy(source, Registry(target), graph.root, tag="v1")
    assert_holds(target, graph)


def test_below_an_index_the_same_happens(source: Layout, target: Layout) -> None:
    class Registry(Lying):
        def exists(self, descriptor: Descriptor) -> bool:
            return descriptor.media_type != OCI_INDEX

    graph = index(modelkit(b"one"), modelkit(b"two"))
    push(source, graph)
    copy(source, Registry(target), graph.root, tag="v1")
    assert_holds(target, graph)


@pytest.mark.parametrize("kind", [Lying, Trusting])
def test_a_manifest_that_is_gone_when_it_is_tagged_goes_again_whole(source: Layout, target: Layout, kind: type[Lying]) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph)
    push(target, modelkit(b"other"))
    there = kind(target)
    copy(source, there, graph.root, tag="v1")
    assert_holds(target, graph)
    assert same(target.resolve("v1"), graph.root)
    assert there.refused == 0  # Nothing that it says is believed any more: some take a manifest without looking.


def test_a_target_that_never_has_them_is_not_asked_for_ever(source: Layout, target: Layout) -> None:
    class Never(Counting):
        def push(self, descriptor: Descriptor, content: Content) -> None:
            if descriptor.media_type == OCI_MANIFEST:
                raise BlobMissing("It lacks something.")
            super().push(descriptor, content)

    graph = modelkit(b"one")
    push(source, graph)
    there = Never(target)
    with pytest.raises(BlobMissing):
        copy(source, there, graph.root, tag="v1")
    assert set(there.pushed.values()) == {2}
    assert target.tags() == ()


def test_blobs_are_mounted_where_the_target_can(source: Layout, target: Layout) -> None:
    class Mounting(Counting):
        def mount(self, descriptor: Descriptor, origin: Source) -> bool:
            assert origin is source
            if descriptor.size == 5000:
                push(target, Graph((graph.blobs[1],)))
                return True
            return False

    graph = modelkit(*LAYERS)
    push(source, graph)
    there = Mounting(target)
    told = Told()
    copied = copy(source, there, graph.root, progress=told)
    assert (copied.blobs_mounted, copied.blobs_moved) == (1, len(graph.blobs) - 1)
    assert graph.blobs[1].descriptor.digest not in there.pushed
    assert told.done[-1] == told.phases[-1][1]
    assert_holds(target, graph)


def test_referrers_come_along_when_asked(source: Layout, target: Layout) -> None:
    graph = modelkit(b"one")
    push(source, graph, "v1")
    signature = modelkit(b"signature", subject=graph.root)
    countersignature = modelkit(b"countersignature", subject=signature.root)
    push(source, signature)
    push(source, countersignature)
    copy(source, target, graph.root, tag="v1")
    assert target.referrers(graph.root) == ()
    copy(source, target, graph.root, tag="v1", referrers=True)
    assert [found.digest for found in target.referrers(graph.root)] == [signature.root.digest]
    assert_holds(target, signature)
    assert_holds(target, countersignature)


def test_a_blob_alone_is_copied(source: Layout, target: Layout) -> None:
    kept = blob(b"x" * 3000)
    push(source, Graph((kept,)))
    assert copy(source, target, kept.descriptor) == Copied(3000, 1, 0, 0)
    assert_holds(target, Graph((kept,)))


def test_progress_counts_an_upload_that_begins_again_once(source: Layout, target: Layout) -> None:
    class Restarting(Wrapped):
        def push(self, descriptor: Descriptor, content: Content) -> None:
            next(iter(content(0)), None)
            next(iter(content(descriptor.size // 2)), None)
            super().push(descriptor, content)

    graph = modelkit(*LAYERS)
    push(source, graph)
    told = Told()
    copy(source, Restarting(target), graph.root, progress=told)
    assert told.done[-1] == told.phases[-1][1]
    assert told.blobs == {part.descriptor.short: (part.descriptor.size,) * 2 for part in graph.blobs[:-1]}


@pytest.mark.parametrize("stop_at", range(1, 14))
def test_cancelled_at_any_step_nothing_is_half_named_and_a_rerun_goes_on(
    source: Layout, target: Layout, tmp_path: Path, stop_at: int
) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph)
    with pytest.raises(Cancelled, match="Stop"):
        copy(source, target, graph.root, tag="v1", progress=Told(stop_at))
    assert target.tags() == ()
    assert not unfinished(tmp_path)
    copied = copy(source, target, graph.root, tag="v1")
    assert copied.blobs_moved + copied.blobs_skipped in (len(graph.blobs), 1)
    assert_holds(target, graph)
    assert target.tags() == ("v1",)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no signals to oneself")
def test_an_interrupt_stops_all_threads_at_once(source: Layout, target: Layout, tmp_path: Path) -> None:
    graph = modelkit(*LAYERS)
    push(source, graph)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        copy(Slow(source, lambda: os.kill(os.getpid(), signal.SIGINT)), target, graph.root, tag="v1")
    assert time.monotonic() - started < 3
    assert target.tags() == ()
    assert not unfinished(tmp_path)
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("kit-")]
    copy(source, target, graph.root, tag="v1")
    assert_holds(target, graph)


class Hostile(Wrapped):
    """A source whose manifests are made up: nothing is looked up, everything is answered."""

    def __init__(self, target: Target, manifests: dict[str, bytes]) -> None:
        super().__init__(target)
        self.manifests = manifests

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        yield self.manifests[descriptor.digest]


def hostile(source: Layout, *manifests: tuple[bytes, str]) -> tuple[Hostile, Descriptor]:
    made = [blob(data, media_type) for data, media_type in manifests]
    return Hostile(source, {part.descriptor.digest: part.data for part in made}), made[-1].descriptor


def refused(source: Source, target: Layout, root: Descriptor, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        copy(source, target, root, tag="v1")
    assert target.tags() == ()


def test_a_graph_too_deep_is_refused(source: Layout, target: Layout) -> None:
    graph = modelkit(b"one")
    for _ in range(9):
        graph = index(graph)
    push(source, graph)
    refused(source, target, graph.root, "deep")


def test_a_graph_with_too_many_blobs_is_refused(source: Layout, target: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "NODES_MAX", 10)
    graph = modelkit(*(b"%d" % number for number in range(10)))
    push(source, graph)
    refused(source, target, graph.root, "more than 10 blobs")


def test_a_graph_too_large_is_refused(source: Layout, target: Layout) -> None:
    layers = tuple(Descriptor("a/b", f"sha256:{number:064}", 1 << 50) for number in range(3))
    data = encode_manifest(Manifest(blob(b"{}").descriptor, layers))
    found, root = hostile(source, (data, OCI_MANIFEST))
    refused(found, target, root, "PiB")


def test_manifests_too_large_in_sum_are_refused(source: Layout, target: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "MANIFESTS_BYTES_MAX", 1000)
    graph = index(modelkit(b"one"), modelkit(b"two"))
    push(source, graph)
    refused(source, target, graph.root, "MiB of manifests")


def test_a_manifest_too_large_is_not_even_fetched(source: Layout, target: Layout) -> None:
    root = Descriptor(OCI_MANIFEST, f"sha256:{0:064}", MANIFEST_BYTES_MAX + 1)
    refused(Hostile(source, {}), target, root, "larger than 4 MiB")


def test_a_digest_with_two_sizes_is_refused(source: Layout, target: Layout) -> None:
    config = blob(b"{}").descriptor
    data = encode_manifest(Manifest(config, (Descriptor("a/b", config.digest, 3),)))
    found, root = hostile(source, (data, OCI_MANIFEST))
    refused(found, target, root, "two sizes")


def test_a_layer_that_says_it_is_a_manifest_is_a_blob(source: Layout, target: Layout) -> None:
    layer = blob(b"not a manifest", OCI_MANIFEST)
    config = blob(b"{}")
    top = blob(encode_manifest(Manifest(config.descriptor, (layer.descriptor,))), OCI_MANIFEST)
    bytes_only = blob(layer.data)
    graph = Graph((config, bytes_only, top))
    push(source, graph)
    copy(source, target, top.descriptor, tag="v1")
    assert_holds(target, graph)


def test_too_many_referrers_are_refused(source: Layout, target: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transfer, "REFERRERS_MAX", 2)
    graph = modelkit(b"one")
    push(source, graph)
    for number in range(2):
        push(source, modelkit(b"%d" % number, subject=graph.root))
    with pytest.raises(InvalidInput, match="refer to"):
        copy(source, target, graph.root, tag="v1", referrers=True)
    assert target.tags() == ()


def test_an_empty_index_is_copied(source: Layout, target: Layout) -> None:
    top = blob(encode_index(Index(())), OCI_INDEX)
    push(source, Graph((top,)))
    assert copy(source, target, top.descriptor, tag="v1").blobs_moved == 1
    assert target.tags() == ("v1",)
