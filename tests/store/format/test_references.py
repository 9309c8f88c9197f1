"""References: what they may look like, and that prune, check and rebuild keep to the graphs that they lead to."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Index, Manifest, encode_index, encode_manifest
from jupyter_kit.oci.media_types import OCI_INDEX, OCI_MANIFEST
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk.segments import segment_numbers, segment_path
from jupyter_kit.store.format.schema import Table, decode_blob_row
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.store.upkeep.reach import References
from jupyter_kit.store.upkeep.rebuild import rebuild
from jupyter_kit.store.writing.writer import Writer
from tests.store.keeping import add, keep, noise

V1 = "localhost/model:v1"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def nothing(_: str) -> References:
    """What a record refers to where records are single blobs."""
    return References((), ())


def modelkit(writer: Writer, *roots: str, config: bytes = b"{}") -> bytes:
    """Keep a manifest over composed layers, one for each root; the manifest's bytes."""
    described = descriptor_of(config, "application/vnd.kitops.modelkit.config.v1+json")
    writer.add_blob(config)
    layers = []
    for root in roots:
        digest, row = writer.compose([b"head" * 128, root, b"\0" * 1024])
        layers.append(Descriptor("application/vnd.kitops.modelkit.model.v1.tar", f"sha256:{digest}", row.size))
    manifest = encode_manifest(Manifest(described, tuple(layers)))
    writer.add_blob(manifest)
    return manifest


def pack(store: Store, reference: str, *roots: str, config: bytes = b"{}") -> str:
    """A ModelKit with a reference; its digest."""
    with store.writer() as writer:
        digest = writer.add_blob(modelkit(writer, *roots, config=config))
        with writer.transaction() as transaction:
            transaction.set_reference(reference, digest)
    return digest


def prune(store: Store) -> None:
    with store.exclusive():
        apply_sweep(store, plan_sweep(store, nothing), lambda _: None, Silent())


def chunks_of(store: Store, digest: str) -> set[bytes]:
    row = store.blob_row(digest)
    assert row is not None
    return {chunk for chunk, _ in store.chunk_ids(row.root.hex())}


def test_a_reference_names_a_manifest_and_moves(store: Store) -> None:
    (root,) = keep(store, noise(1, 100_000))
    first = pack(store, V1, root)
    assert store.references() == {V1: first}
    second = pack(store, V1, root, config=b"{ }")
    untagged = f"ghcr.io/team/model@sha256:{first}"
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.set_reference(untagged, first)
    assert store.references() == {untagged: first, V1: second}
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_reference(V1)
        transaction.delete_reference("localhost/never:there")
    assert store.references() == {untagged: first}


WRONG = [
    "",
    "model",
    "model:v1",
    "localhost/model",
    "ghcr.io/m",
    "localhost/ghcr.io/model:v1",
    "ghcr.io/Model:v1",
    "ghcr.io/m:.x",
    "ghcr.io/a b:1",
    "ghcr.io/model@sha256:12",
    f"sha256:{'0' * 64}",
    f"ghcr.io/model:v1@sha256:{'0' * 64}",
]
"""Texts that are no references, lack a part, or are not in the store's own form."""


@pytest.mark.parametrize("text", WRONG)
def test_texts_that_are_no_whole_references(store: Store, text: str) -> None:
    digest = pack(store, V1)
    with store.writer() as writer, pytest.raises(InvalidInput), writer.transaction() as transaction:
        transaction.set_reference(text, digest)
    assert store.references() == {V1: digest}


def test_a_reference_names_only_what_is_there_and_what_it_says(store: Store) -> None:
    digest = pack(store, V1)
    with store.writer() as writer:
        for reference, named, error in [
            ("localhost/model:v2", "0" * 64, NotFound),
            (f"localhost/model@sha256:{'0' * 64}", digest, InvalidInput),
            (f"localhost/model@sha512:{'0' * 128}", digest, InvalidInput),
        ]:
            with pytest.raises(error), writer.transaction() as transaction:
                transaction.set_reference(reference, named)
    assert store.references() == {V1: digest}


def test_prune_keeps_exactly_what_a_referenced_modelkit_needs(store: Store) -> None:
    snapshotted, packed, both, neither = keep(store, *(noise(seed, 300_000) for seed in range(4)))
    with store.writer() as writer:
        record = writer.add_blob(b"a record")
        with writer.transaction() as transaction:
            transaction.add_snapshot(record, "2026-01-31T12:00:00Z")
    digest = pack(store, V1, packed, both)
    gone = pack(store, "localhost/other:v1", neither)
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_reference("localhost/other:v1")

    def read(_: str) -> References:
        return References((), (("a.bin", snapshotted), ("b.bin", both)))

    needed = {chunk for root in (snapshotted, packed, both) for chunk, _ in store.chunk_ids(root)} | chunks_of(store, digest)
    layers = [blob for blob, _ in store.environment.rows(Table.BLOBS)]
    with store.exclusive():
        apply_sweep(store, plan_sweep(store, read), lambda _: None, Silent())
    assert store.blob_row(gone) is None
    assert not {chunk for chunk, _ in store.environment.rows(Table.CHUNKS)} & {neither}
    assert needed <= {chunk for chunk, _ in store.environment.rows(Table.CHUNKS)}
    with pytest.raises(NotFound):
        store.read_bytes(neither)
    report, damaged = check(store, read, Silent())
    assert report.ok
    assert not damaged
    assert len(store.environment.rows(Table.BLOBS)) == len(layers) - 2  # Of the ModelKit that goes: its layer and its manifest.


def test_an_index_keeps_the_manifests_below_it(store: Store) -> None:
    roots = keep(store, noise(1, 50_000), noise(2, 50_000))
    with store.writer() as writer:
        manifests = [modelkit(writer, root) for root in roots]
        inner = encode_index(Index((descriptor_of(manifests[1], OCI_MANIFEST),)))
        writer.add_blob(inner)
        outer = writer.add_blob(encode_index(Index((descriptor_of(manifests[0], OCI_MANIFEST), descriptor_of(inner, OCI_INDEX)))))
        with writer.transaction() as transaction:
            transaction.set_reference(V1, outer)
    before = len(store.environment.rows(Table.BLOBS))
    prune(store)
    assert len(store.environment.rows(Table.BLOBS)) == before
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_reference(V1)
    prune(store)
    assert [table for table in (Table.BLOBS, Table.CHUNKS, Table.RECIPES, Table.DIGESTS) if store.environment.rows(table)] == []
    assert segment_numbers(store.segments) == [] or all(
        segment_path(store.segments, number).stat().st_size < 10_000 for number in segment_numbers(store.segments)
    )


def test_check_names_the_layer_that_is_damaged(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    first, second = keep(store, noise(1, 50_000)), keep(store, noise(2, 50_000))
    pack(store, V1, *first, *second)
    row = store.chunks.find([store.chunk_ids(second[0])[0][0]])[0]
    assert row is not None
    with segment_path(store.segments, row.segment).open("r+b") as file:
        file.seek(row.offset + 100)
        file.write(b"damage")
    store.close()
    store = Store.open(store.folder)  # Content that this store has decoded and still has at hand would hide the damage.
    report, damaged = check(store, nothing, Silent())
    store.close()
    assert [damage.files for damage in report.damage] == [(f"{V1} layer 2",)]
    assert len(damaged) == 1


@pytest.mark.parametrize("manifest", [b"no manifest", b'{"schemaVersion":1}', b'{"schemaVersion":2,"config":{}}', b"[" * 100_000])
def test_prune_leaves_all_as_it_is_where_a_manifest_cannot_be_read(store: Store, manifest: bytes) -> None:
    keep(store, noise(1, 50_000))
    with store.writer() as writer:
        digest = writer.add_blob(manifest)
        with writer.transaction() as transaction:
            transaction.set_reference(V1, digest)
    with pytest.raises(ContentCorrupt, match=V1):
        plan_sweep(store, nothing)
    report, _ = check(store, nothing, Silent())
    assert [damage.what for damage in report.damage] == [V1]


def test_check_tells_what_a_manifest_lacks(store: Store) -> None:
    lacking = Descriptor("application/vnd.kitops.modelkit.model.v1.tar", f"sha256:{'1' * 64}", 10)
    config = descriptor_of(b"{}", "application/json")
    with store.writer() as writer:
        writer.add_blob(b"{}")
        digest = writer.add_blob(encode_manifest(Manifest(config, (lacking,))))
        with writer.transaction() as transaction:
            transaction.set_reference(V1, digest)
    report, _ = check(store, nothing, Silent())
    assert [damage.what for damage in report.damage] == [f"{V1} layer 1"]


def test_a_rebuilt_index_has_the_references(tmp_path: Path) -> None:
    store = Store.create(tmp_path / "store")
    with store.writer() as writer:
        root = add(writer, "a.bin", noise(1, 200_000))
        with writer.transaction():
            pass
    digest = pack(store, V1, root)
    pack(store, "localhost/other:v1")
    with store.writer() as writer, writer.transaction() as transaction:
        transaction.delete_reference("localhost/other:v1")
    prune(store)
    again = pack(store, "localhost/model:v2", *keep(store, noise(1, 200_000)))
    store.close()
    shutil.rmtree(tmp_path / "store" / "index")
    os.mkdir(tmp_path / "store" / "index")
    assert rebuild(tmp_path / "store", Silent()) == []
    store = Store.open(tmp_path / "store")
    assert store.references() == {V1: digest, "localhost/model:v2": again}
    assert digest == again
    assert all(store.digest_of(decode_blob_row(row).root.hex()) == blob.hex() for blob, row in store.environment.rows(Table.BLOBS))
    assert len(store.environment.rows(Table.DIGESTS)) == len(store.environment.rows(Table.BLOBS))
    assert check(store, nothing, Silent())[0].ok
    store.close()
