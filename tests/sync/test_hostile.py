"""Remotes that lie: every digest is right, and what they describe is not. Nothing but our errors comes out, and nothing bad stays."""

from __future__ import annotations

import copy
import hashlib
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import zstandard
from blake3 import blake3
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.oci.digest import digest_of
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.format.recipes import Row, Span, encode_row, encode_spans, root_of
from jupyter_kit.store.format.schema import BlobRow
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.format.catalogue import Ancestor, CatalogueWriter, Kept
from jupyter_kit.sync.format.published import CATALOGUE_TYPE
from jupyter_kit.sync.pull import bring
from jupyter_kit.sync.push import push
from tests.faults.project import FIRST, SECOND
from tests.snapshot.conftest import Box, boxed
from tests.sync.memory import Memory

REFUSALS = (ContentCorrupt, InvalidInput, UnsupportedFormat, NotFound)


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Memory:
    remote = Memory()
    with boxed(tmp_path_factory.mktemp("good")) as box:
        for state in (FIRST, SECOND):
            box.write(state)
            box.snap()
            push(box.store, "origin", remote)
    return remote


def with_manifest(remote: Memory, change: Callable[[dict[str, Any]], None]) -> Memory:
    """The same remote, its branch changed."""
    remote = copy.deepcopy(remote)
    document = json.loads(remote.manifests[remote.named["main"]])
    change(document)
    data = json.dumps(document).encode()
    remote.manifests[digest_of(data)] = data
    remote.named["main"] = digest_of(data)
    return remote


def with_catalogue(remote: Memory, number: int, change: Callable[[bytes], bytes]) -> Memory:
    """The same remote, one of its catalogues changed, and the manifest with it."""
    packed = change(remote.blobs[[layer.digest for layer in remote.manifest("main").layers if layer.media_type == CATALOGUE_TYPE][number]])

    def exchange(document: dict[str, Any]) -> None:
        layer = [layer for layer in document["layers"] if layer["mediaType"] == CATALOGUE_TYPE][number]
        layer.update(digest=digest_of(packed), size=len(packed))

    changed = with_manifest(remote, exchange)
    changed.blobs[digest_of(packed)] = packed
    return changed


def assert_harmless(bad: Memory, good: Memory, box: Box) -> None:
    """The bad remote is refused or is good enough; then the good one brings everything all the same."""
    box.store.chunks.fetcher = Fetcher(box.store, lambda name: bad)
    try:
        bring(box.store, fetch(box.store, "origin", bad).snapshots)
    except REFUSALS:
        pass
    report, _ = check(box.store, reference_reader(box.store), Silent())
    assert report.ok
    box.store.chunks.fetcher = Fetcher(box.store, lambda name: good)
    fetch(box.store, "origin", good)
    bring(box.store, box.store.snapshot_ids())
    first, second = box.store.snapshot_ids()
    for snapshot, state in ((first, FIRST), (second, SECOND)):
        for path, data in state.items():
            assert box.content(snapshot, path) == data


@settings(max_examples=25)
@given(st.data())
def test_a_catalogue_with_any_byte_changed_does_no_harm(
    tmp_path_factory: pytest.TempPathFactory, good: Memory, data: st.DataObject
) -> None:
    def change(packed: bytes) -> bytes:
        unpacked = bytearray(zstandard.ZstdDecompressor().decompress(packed))
        at = data.draw(st.integers(8, len(unpacked) - 1))
        unpacked[at] ^= data.draw(st.integers(1, 255))
        return zstandard.ZstdCompressor().compress(bytes(unpacked))

    bad = with_catalogue(good, data.draw(st.integers(0, 1)), change)
    with boxed(tmp_path_factory.mktemp("hostile")) as box:
        assert_harmless(bad, good, box)


def resized(document: dict[str, Any]) -> None:
    document["layers"][0]["size"] += 1


def doubled(document: dict[str, Any]) -> None:
    document["layers"] = document["layers"][:1]


@pytest.mark.parametrize(
    "change",
    [
        lambda document: document.update(artifactType="application/vnd.example"),
        lambda document: document.update(layers=None),
        lambda document: document.update(layers=document["layers"][::-1]),
        lambda document: document["config"].update(mediaType="application/json"),
        lambda document: document["config"].update(size=1 << 40),
        lambda document: document["config"].update(digest=f"sha256:{'1' * 64}"),
        lambda document: document["config"].update(digest=f"sha512:{'1' * 128}"),
        lambda document: document["layers"][0].update(mediaType="application/vnd.example"),
        lambda document: document["layers"][0].update(size=1 << 40),
        lambda document: document["layers"][0].update(digest="sha256:nonsense"),
        lambda document: document["layers"][-1].update(size=1 << 40),
        resized,
        doubled,
    ],
)
def test_a_manifest_that_lies_does_no_harm(tmp_path: Path, good: Memory, change: Callable[[dict[str, Any]], None]) -> None:
    with boxed(tmp_path) as box:
        assert_harmless(with_manifest(good, change), good, box)


def refused(tmp_path: Path, good: Memory, write: Callable[[CatalogueWriter], None], match: str) -> None:
    """One more catalogue is refused for a reason."""
    writer = CatalogueWriter()
    write(writer)
    packed = writer.encode()

    def add(document: dict[str, Any]) -> None:
        document["layers"].insert(2, {"mediaType": CATALOGUE_TYPE, "digest": digest_of(packed), "size": len(packed)})

    bad = with_manifest(good, add)
    bad.blobs[digest_of(packed)] = packed
    with boxed(tmp_path) as box:
        with pytest.raises(ContentCorrupt, match=match):
            fetch(box.store, "origin", bad)
        assert not box.store.snapshot_ids()


def test_chunks_that_are_not_what_their_id_says_are_refused(tmp_path: Path, good: Memory) -> None:
    refused(tmp_path, good, lambda writer: writer.add_kept(Kept(bytes(32), 0, 0, 4, b"lies")), "not what its id says")


def test_chunks_that_are_deltas_of_each_other_are_refused(tmp_path: Path, good: Memory) -> None:
    one, other = b"1" * 32, b"2" * 32

    def write(writer: CatalogueWriter) -> None:
        writer.add_kept(Kept(one, 2, 1, 10, other + b"x"))
        writer.add_kept(Kept(other, 2, 2, 10, one + b"x"))

    refused(tmp_path, good, write, "base .* is missing")


def test_a_chunk_that_unpacks_to_more_than_it_says_is_refused(tmp_path: Path, good: Memory) -> None:
    bomb = zstandard.ZstdCompressor().compress(bytes(100 << 20))
    refused(tmp_path, good, lambda writer: writer.add_kept(Kept(bytes(32), 1, 0, 1 << 20, bomb)), "does not decode")


def test_recipes_and_blobs_that_lie_are_refused(tmp_path: Path, good: Memory) -> None:
    chunk = blake3(b"text").digest()
    listing = encode_spans([Span(chunk, 0, 4)])
    root = root_of("whole/1", listing)
    kept = Kept(chunk, 0, 0, 4, b"text")

    def recipe(root: bytes, size: int, *, blob: bytes | None = None) -> Callable[[CatalogueWriter], None]:
        def write(writer: CatalogueWriter) -> None:
            writer.add_kept(kept)
            writer.add_recipe(root, encode_row(Row("whole/1", size, listing, chunked=False)))
            if blob is not None:
                writer.add_blob(blob, BlobRow(size, root))

        return write

    refused(tmp_path / "1", good, recipe(bytes(32), 4), "not what its root says")
    refused(tmp_path / "2", good, recipe(root, 5), "not what its root says")
    refused(tmp_path / "3", good, recipe(root, 4, blob=bytes(32)), "not what its digest says")
    refused(tmp_path / "4", good, lambda writer: writer.add_recipe(root, b"\x07nonsense"), "does not decode")
    refused(tmp_path / "5", good, lambda writer: writer.add_blob(bytes(32), BlobRow(4, root)), "lacks its recipe")


def test_a_list_that_repeats_itself_into_terabytes_is_refused(tmp_path: Path, good: Memory) -> None:
    content = bytes(1 << 20)
    chunk = blake3(content).digest()
    listing = encode_spans([Span(chunk, 0, len(content))] * 1_000_000)
    stored = zstandard.ZstdCompressor().compress(content)
    root = root_of("whole/1", listing)

    def write(writer: CatalogueWriter) -> None:
        writer.add_kept(Kept(chunk, 1, 0, len(content), stored))
        writer.add_recipe(root, encode_row(Row("whole/1", 1_000_000 << 20, listing, chunked=False)))
        writer.add_blob(hashlib.sha256(b"").digest(), BlobRow(1_000_000 << 20, root))

    refused(tmp_path, good, write, "too long")


def test_a_line_of_descent_that_bites_its_own_tail_ends(tmp_path: Path, good: Memory) -> None:
    one, other = b"1" * 32, b"2" * 32
    writer = CatalogueWriter()
    writer.add_ancestor(Ancestor(one, (other,)))
    writer.add_ancestor(Ancestor(other, (one,)))
    packed = writer.encode()

    def add(document: dict[str, Any]) -> None:
        document["layers"].insert(2, {"mediaType": CATALOGUE_TYPE, "digest": digest_of(packed), "size": len(packed)})

    bad = with_manifest(good, add)
    bad.blobs[digest_of(packed)] = packed
    with boxed(tmp_path) as box:
        assert len(fetch(box.store, "origin", bad).snapshots) == 2


def test_a_place_that_a_liar_told_first_does_not_hide_the_right_one(tmp_path: Path, good: Memory) -> None:
    """The liar names a segment that is not there, and says that every chunk is at its beginning."""

    def change(packed: bytes) -> bytes:
        unpacked = bytearray(zstandard.ZstdDecompressor().decompress(packed))
        (segments,) = struct.unpack_from("<I", unpacked, 9)
        start = 8 + 5 + segments
        (length,) = struct.unpack_from("<I", unpacked, start + 1)
        unpacked[13] ^= 1  # Another segment: what the good one says will stand beside it.
        for at in range(start + 5, start + 5 + length, struct.calcsize("<32sIIIIBB32s")):
            struct.pack_into("<I", unpacked, at + 36, 0)
        return zstandard.ZstdCompressor().compress(bytes(unpacked))

    bad = with_catalogue(good, 0, change)
    with boxed(tmp_path) as box:
        assert_harmless(bad, good, box)
