"""The store as a place for graphs, beyond what every target does (tests/registry/test_targets.py): references, damage, prune, deaths."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest, encode_manifest
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.progress import Silent
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.disk.segments import segment_numbers, segment_path
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from tests.store.format.test_references import nothing, prune
from tests.store.writing.test_layers import TAR, in_pieces, tar

from .keeping import keep, noise, put_row

PLACE = "ghcr.io/team/model"
CONFIG = b'{"manifestVersion":"1.0.0"}'


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def graph(*layers: bytes) -> list[tuple[Descriptor, bytes]]:
    """A ModelKit's blobs, the manifest last."""
    blobs = [(descriptor_of(CONFIG, "application/vnd.kitops.modelkit.config.v1+json"), CONFIG)]
    blobs += [(descriptor_of(layer, TAR), layer) for layer in layers]
    manifest = encode_manifest(Manifest(blobs[0][0], tuple(descriptor for descriptor, _ in blobs[1:])))
    return [*blobs, (descriptor_of(manifest, OCI_MANIFEST), manifest)]


def push(place: Blobs, blobs: list[tuple[Descriptor, bytes]]) -> Descriptor:
    for descriptor, data in blobs:
        place.push(descriptor, in_pieces(data))
    return blobs[-1][0]


def fetched(place: Blobs, descriptor: Descriptor) -> bytes:
    return b"".join(bytes(piece) for piece in place.fetch(descriptor))


def test_a_manifest_has_a_reference_for_each_tag_or_else_one_by_its_digest(store: Store) -> None:
    place = Blobs(store, PLACE)
    first, second = push(place, graph(tar({"a": b"1"}))), push(place, graph(tar({"a": b"2"})))

    def names() -> set[str]:
        return {reference.removeprefix(PLACE) for reference in store.references()}

    assert names() == {f"@{first.digest}", f"@{second.digest}"}
    place.tag(first, "v1")
    place.tag(first, "latest")
    assert names() == {":v1", ":latest", f"@{second.digest}"}
    place.tag(second, "latest")
    assert names() == {":v1", ":latest"}
    place.tag(second, "v1")
    assert names() == {":v1", ":latest", f"@{first.digest}"}
    push(place, graph(tar({"a": b"2"})))
    assert names() == {":v1", ":latest", f"@{first.digest}"}
    place.untag("v1")
    place.untag("latest")
    assert names() == {f"@{first.digest}", f"@{second.digest}"}
    place.delete(first)
    assert names() == {f"@{second.digest}"}


def test_repositories_share_blobs_and_no_manifests(store: Store) -> None:
    blobs = graph(tar({"a": noise(1, 100_000)}))
    one, other = Blobs(store, PLACE), Blobs(store, f"{PLACE}/more")
    root = push(one, blobs)
    one.tag(root, "v1")
    assert other.tags() == ()
    assert [other.exists(descriptor) for descriptor, _ in blobs] == [True, True, False]
    for name in ("v1", root.digest):
        with pytest.raises(NotFound):
            other.resolve(name)
    with pytest.raises(NotFound):
        other.tag(root, "v1")
    other.push(root, in_pieces(blobs[-1][1]))
    one.delete(root)
    assert other.resolve(root.digest) == root


def test_referrers_are_those_of_the_repository_whose_subject_it_is(store: Store) -> None:
    place, other = Blobs(store, PLACE), Blobs(store, f"{PLACE}/more")
    root = push(place, graph(b"layer"))
    config = descriptor_of(CONFIG, "application/vnd.example.signature")
    manifest = encode_manifest(Manifest(config, (), subject=root, annotations={"by": "Ada"}))
    signature = descriptor_of(manifest, OCI_MANIFEST)
    place.push(signature, in_pieces(manifest))
    place.tag(signature, "signed")
    place.tag(signature, "again")
    (found,) = place.referrers(root)
    assert (found.digest, found.annotations, found.artifact_type) == (signature.digest, {"by": "Ada"}, config.media_type)
    assert place.referrers(root, config.media_type) == (found,)
    assert place.referrers(root, "application/other") == place.referrers(signature) == other.referrers(root) == ()


@pytest.mark.parametrize("repository", ["model", "ghcr.io/", "ghcr.io/Model", "ghcr.io/model:v1", ""])
def test_what_is_no_repository_is_refused(store: Store, repository: str) -> None:
    with pytest.raises(InvalidInput):
        Blobs(store, repository)


def test_a_layer_composed_elsewhere_adds_nothing_new(store: Store, tmp_path: Path) -> None:
    data = noise(2, 5_000_000)
    elsewhere = Store.create(tmp_path / "elsewhere")
    layer = tar({"weights.bin": data})
    (root,) = keep(elsewhere, data, path="weights.bin")
    with elsewhere.writer() as writer:
        writer.compose([layer[:512], root, layer[512 + len(data) :]])
        with writer.transaction():
            pass
    origin, descriptor = Blobs(elsewhere, PLACE), descriptor_of(layer, TAR)
    keep(store, data, path="weights.bin")
    before = sum(segment_path(store.segments, number).stat().st_size for number in segment_numbers(store.segments))
    place = Blobs(store, PLACE)
    place.push(descriptor, lambda start: origin.fetch(descriptor, start))
    assert sum(segment_path(store.segments, number).stat().st_size for number in segment_numbers(store.segments)) - before < 5_000
    assert fetched(place, descriptor) == layer
    elsewhere.close()


@pytest.mark.parametrize("media_type", [TAR, "application/vnd.kitops.modelkit.model.v1.tar+gzip"])
@pytest.mark.parametrize("length", [3_000, 30_000_000])
@pytest.mark.parametrize("wrong", ["other", "short", "long", "nothing"])
def test_wrong_content_is_refused_and_nothing_is_kept(store: Store, media_type: str, length: int, wrong: str) -> None:
    layer = tar({"a.bin": noise(3, length)})
    said = {"other": layer[:-1] + b"x", "short": layer[:-1000], "long": layer + b"x", "nothing": b""}[wrong]
    with pytest.raises(ContentCorrupt):
        Blobs(store, PLACE).push(descriptor_of(layer, media_type), in_pieces(said))
    assert [
        table for table in (Table.BLOBS, Table.RECIPES, Table.CHUNKS, Table.REFERENCES, Table.DIGESTS) if store.environment.rows(table)
    ] == []


def test_pushing_again_mends_what_is_damaged(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    blobs = graph(tar({"a.bin": noise(4, 2_000_000), "b.md": b"text\n" * 1_000}))
    push(Blobs(store, PLACE), blobs)
    for number in segment_numbers(store.segments):
        with segment_path(store.segments, number).open("r+b") as file:
            for offset in range(1_000, 2_000_000, 300_000):
                file.seek(offset)
                file.write(b"damage")
    store.close()
    store = Store.open(tmp_path / "store")
    place = Blobs(store, PLACE)
    layer = blobs[1][0]
    with pytest.raises(ContentCorrupt):
        fetched(place, layer)
    push(place, blobs)
    assert fetched(place, layer) == blobs[1][1]
    assert check(store, nothing, Silent())[0].ok
    store.close()


def test_a_new_layer_that_shares_damaged_content_mends_it(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    content = noise(4, 2_000_000)
    first = graph(tar({"a.bin": content, "b.md": b"text\n" * 1_000}))
    push(Blobs(store, PLACE), first)
    for number in segment_numbers(store.segments):
        with segment_path(store.segments, number).open("r+b") as file:
            for offset in range(1_000, 2_000_000, 300_000):
                file.seek(offset)
                file.write(b"damage")
    store.close()
    store = Store.open(tmp_path / "store")
    place = Blobs(store, PLACE)
    second = graph(tar({"a.bin": content[:-1] + b"x", "b.md": b"text\n" * 1_000}))
    push(place, second)
    assert fetched(place, second[1][0]) == second[1][1]
    assert fetched(place, first[1][0]) != b""  # All but the chunk that the second does not share.
    store.close()


@pytest.mark.parametrize("row", [b"", b"no recipe", b"\1\1" + bytes(40)])
def test_pushing_again_mends_a_recipe(store: Store, row: bytes) -> None:
    place = Blobs(store, PLACE)
    blobs = graph(tar({"a.bin": noise(4, 2_000_000)}))
    push(place, blobs)
    layer = store.blob_row(blobs[1][0].digest[7:])
    assert layer is not None
    put_row(store, Table.RECIPES, layer.root, row)
    with pytest.raises(ContentCorrupt):
        fetched(place, blobs[1][0])
    push(place, blobs)
    assert fetched(place, blobs[1][0]) == blobs[1][1]
    assert check(store, nothing, Silent())[0].ok


def test_a_descriptor_of_another_size_is_told(store: Store) -> None:
    place = Blobs(store, PLACE)
    blobs = graph(b"layer")
    push(place, blobs)
    lying = Descriptor(TAR, blobs[1][0].digest, 4)
    assert not place.exists(lying)
    with pytest.raises(ContentCorrupt):
        fetched(place, lying)
    with pytest.raises(ContentCorrupt):
        place.push(lying, in_pieces(b"layer"))
    assert fetched(place, blobs[1][0]) == b"layer"


def test_a_blob_row_that_leads_elsewhere_is_noticed(store: Store) -> None:
    place = Blobs(store, PLACE)
    one, other = graph(noise(5, 3_000), noise(6, 3_000))[1:3]
    place.push(one[0], in_pieces(one[1]))
    place.push(other[0], in_pieces(other[1]))
    wrong = store.environment.get(Table.BLOBS, bytes.fromhex(other[0].digest[7:]))
    assert wrong is not None
    with store.environment.write() as transaction:
        transaction.put(bytes.fromhex(one[0].digest[7:]), wrong, db=store.environment.tables[Table.BLOBS])
    with pytest.raises(ContentCorrupt):
        fetched(place, one[0])


def test_prune_waits_for_a_pull(store: Store) -> None:
    place = Blobs(store, PLACE)
    blobs = graph(tar({"a": noise(7, 50_000)}))
    with ThreadPoolExecutor(1) as threads:
        with store.shared():
            place.push(*_as_pushed(blobs[0]))
            pruned = threads.submit(prune, store)
            push(place, blobs[1:])
            assert not pruned.done()
        pruned.result()
    assert fetched(place, blobs[1][0]) == blobs[1][1]
    assert check(store, nothing, Silent())[0].ok


def _as_pushed(blob: tuple[Descriptor, bytes]) -> tuple[Descriptor, Content]:
    return blob[0], in_pieces(blob[1])


def test_many_threads_push_one_graph(store: Store) -> None:
    place = Blobs(store, PLACE)
    blobs = graph(*(tar({f"{seed}.bin": noise(seed, 1_500_000), "same.bin": noise(0, 400_000)}) for seed in range(6)))
    with ThreadPoolExecutor(4) as threads:
        for future in [threads.submit(place.push, *_as_pushed(blob)) for blob in blobs[:-1]]:
            future.result()
    place.push(*_as_pushed(blobs[-1]))
    assert all(fetched(place, descriptor) == data for descriptor, data in blobs)
    assert check(store, nothing, Silent())[0].ok


def push_and_die(folder: Path, whole: int) -> None:
    """Push ``whole`` blobs of a graph, then die in the middle of the next."""
    blobs = graph(tar({"a": noise(8, 700_000)}), tar({"b": noise(9, 700_000)}))
    place = Blobs(Store.open(folder), PLACE)
    for blob in blobs[:whole]:
        place.push(*_as_pushed(blob))

    def dying(start: int) -> Iterator[Piece]:
        yield blobs[whole][1][: len(blobs[whole][1]) // 2]
        os.kill(os.getpid(), signal.SIGKILL)

    place.push(blobs[whole][0], dying)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system kills processes in other ways")
def test_a_pull_that_is_killed_leaves_nothing_visible_and_goes_on(tmp_path: Path) -> None:
    blobs = graph(tar({"a": noise(8, 700_000)}), tar({"b": noise(9, 700_000)}))
    Store.create(tmp_path / "store").close()
    for whole in range(len(blobs)):
        script = (
            f"from pathlib import Path; from store.test_blobs import push_and_die; push_and_die(Path({str(tmp_path / 'store')!r}), {whole})"
        )
        died = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1], capture_output=True, check=False)
        assert died.returncode == -signal.SIGKILL, died.stderr
        store = Store.open(tmp_path / "store")
        place = Blobs(store, PLACE)
        assert place.tags() == ()
        assert store.references() == {}
        assert [place.exists(descriptor) for descriptor, _ in blobs] == [number < whole for number in range(len(blobs))]
        assert check(store, nothing, Silent())[0].ok
        store.close()
    store = Store.open(tmp_path / "store")
    place = Blobs(store, PLACE)
    place.tag(push(place, [blob for blob in blobs if not place.exists(blob[0])]), "v1")
    assert all(fetched(place, descriptor) == data for descriptor, data in blobs)
    store.close()
