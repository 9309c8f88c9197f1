"""Blobs that arrive: layers share chunks with snapshotted files and with composed layers, and always give back the same bytes."""

from __future__ import annotations

import io
import json
import struct
import tarfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.arrival import Arrival
from tests.store.keeping import keep, noise, notebook

TAR = "application/vnd.kitops.modelkit.model.v1.tar"
GOLDEN = Path(__file__).parents[2] / "golden"
RAW = "application/vnd.cncf.model.weight.v1.raw"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store")
    yield made
    made.close()


def in_pieces(data: bytes, length: int = 50_000) -> Content:
    def content(start: int) -> Iterator[Piece]:
        for first in range(start, len(data), length):
            yield memoryview(data)[first : first + length]

    return content


def tar(files: Mapping[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


def safetensors(seed: int) -> bytes:
    shapes = [("a", 200_000), ("b", 70_000), ("norm", 500), ("c", 300_000)]
    fields, offset = {}, 0
    for name, length in shapes:
        fields[name] = {"dtype": "U8", "shape": [length], "data_offsets": [offset, offset + length]}
        offset += length
    text = json.dumps(fields).encode()
    return struct.pack("<Q", len(text)) + text + noise(seed, offset)


def gguf(seed: int) -> bytes:
    name = struct.pack("<Q", 6) + b"tensor" + struct.pack("<IQIQ", 1, 400_000, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 0) + name
    return head + bytes(-len(head) % 32) + noise(seed, 400_000)


FILES = {
    "weights.safetensors": safetensors(1),
    "model.gguf": gguf(2),
    "named-like-nothing": gguf(3),
    "run.ipynb": notebook(4) + b" " * 7,
    "large.ipynb": json.dumps({"cells": [json.loads(notebook(n)) for n in range(40)], "nbformat": 4}).encode(),
    "table.csv": b"".join(b"%d,%d\n" % (n, n * n) for n in range(40_000)),
    "notes.md": b"# Notes\n" * 30,
    "data.bin": noise(5, 3_000_000),
    "empty": b"",
    "photo.png": b"\x89PNG" + noise(6, 90_000),
}
"""One for every way of being cut, longer than one piece, shorter and longer than what is streamed."""


def push(store: Store, data: bytes, media_type: str = TAR, annotations: Mapping[str, str] | None = None) -> Descriptor:
    descriptor = descriptor_of(data, media_type, annotations or {})
    Blobs(store, "localhost/model").push(descriptor, in_pieces(data))
    return descriptor


def root_of(store: Store, descriptor: Descriptor) -> str:
    row = store.blob_row(descriptor.digest.partition(":")[2])
    assert row is not None
    return row.root.hex()


def content_bytes(store: Store) -> int:
    return sum(struct.unpack_from("<I", row, 4)[0] for _, row in store.environment.rows(Table.CHUNKS))


@pytest.mark.parametrize("snapshotted_first", [True, False])
def test_a_layer_and_snapshotted_files_share_their_chunks(store: Store, snapshotted_first: bool) -> None:
    layer = tar(FILES)
    if snapshotted_first:
        for path, data in FILES.items():
            keep(store, data, path=path)
        before = content_bytes(store)
        descriptor = push(store, layer)
    else:
        descriptor = push(store, layer)
        before = content_bytes(store)
        for path, data in FILES.items():
            keep(store, data, path=path)
    assert content_bytes(store) - before < 20_000  # Headers and lists.
    assert store.read_bytes(root_of(store, descriptor)) == layer


def test_the_recipe_of_a_member_is_a_range_of_the_layers(store: Store) -> None:
    layer = tar(FILES)
    spans = list(store.recipe(root_of(store, push(store, layer))).spans)
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        members = [(entry.name, entry.offset_data, entry.size) for entry in archive]
    borders = {0: 0}
    for number, span in enumerate(spans, 1):
        borders[max(borders) + span.appears] = number
    for path, start, size in members:
        if size:
            (root,) = keep(store, FILES[path], path=path)
            assert spans[borders[start] : borders[start + size]] == list(store.recipe(root).spans), path


def test_a_pulled_layer_is_the_composed_one(store: Store) -> None:
    layer = tar(FILES)
    with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
        members = [(entry.name, entry.offset_data, entry.size) for entry in archive]
    parts: list[bytes | str] = []
    done = 0
    for path, start, size in members:
        parts.append(layer[done:start])
        parts.extend(keep(store, FILES[path], path=path))
        done = start + size
    with store.writer() as writer:
        digest, row = writer.compose([*parts, layer[done:]])
        with writer.transaction():
            pass
    assert digest == descriptor_of(layer, TAR).digest.partition(":")[2]
    before = store.environment.rows(Table.CHUNKS)
    with store.writer() as writer:
        arrival = Arrival(descriptor_of(layer, TAR), in_pieces(layer), "here")
        added = writer.add_arrival(arrival, None)
        arrival.end()
        with writer.transaction():
            pass
    assert added.root == row.root.hex()
    assert store.environment.rows(Table.CHUNKS) == before


@pytest.mark.parametrize("path", FILES)
def test_a_raw_layer_is_the_file(store: Store, path: str) -> None:
    (root,) = keep(store, FILES[path], path=path)
    descriptor = push(store, FILES[path], RAW, {"org.cncf.model.filepath": f"folder/{path}"})
    assert root_of(store, descriptor) == root


@pytest.mark.parametrize("media_type", ["application/vnd.kitops.modelkit.model.v1.tar+gzip", "application/json", ""])
@pytest.mark.parametrize("data", [b"", b"\x1f\x8b\x08" + noise(7, 2_000_000), b'{"a": 1}'])
def test_other_blobs_are_kept_as_they_are(store: Store, media_type: str, data: bytes) -> None:
    assert store.read_bytes(root_of(store, push(store, data, media_type))) == data


def test_many_headers_without_content_are_cut_into_blocks(store: Store) -> None:
    layer = tar({f"folder/{number}": b"" for number in range(1_000)} | {"last": b"x" * 100})
    descriptor = push(store, layer)
    assert store.read_bytes(root_of(store, descriptor)) == layer
    with store.writer() as writer:
        (root,) = keep(store, b"x" * 100, path="last")
        start = layer.index(b"x" * 100)
        row = writer.compose([layer[:1000], layer[1000:start], root, layer[start + 100 :]])[1]
    assert row.root.hex() == root_of(store, descriptor)


@pytest.mark.parametrize("kit", ["kit-2025", "kit-2026", "kit-2026-modelpack"])
def test_what_an_installed_kit_packed_shares_its_chunks_with_the_files(store: Store, kit: str) -> None:
    with tarfile.open(GOLDEN / "tiny-project.tar") as project:
        for entry in project:
            if entry.isfile():
                keep(store, _read(project, entry), path=entry.name)
    around = 0
    before = content_bytes(store)
    for path in sorted((GOLDEN / kit / "layers").iterdir()):
        layer = path.read_bytes()
        with tarfile.open(fileobj=io.BytesIO(layer)) as archive:
            around += len(layer) - sum(entry.size for entry in archive)
        assert store.read_bytes(root_of(store, push(store, layer))) == layer
    assert content_bytes(store) - before <= around


def _read(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> bytes:
    file = archive.extractfile(entry)
    assert file is not None
    return file.read()


CONTENTS = st.sampled_from([b"", b"short", *(data for data in FILES.values() if len(data) < 1_000_000)])


@settings(max_examples=25)
@given(
    files=st.dictionaries(st.sampled_from(sorted(FILES)), CONTENTS, max_size=3),
    cut=st.integers(0, 11_000),
    flips=st.lists(st.tuples(st.integers(0, 1 << 24), st.integers(0, 255)), max_size=3),
    tail=st.binary(max_size=2_000),
    length=st.sampled_from([1_000, 65_536, 10_000_000]),
)
def test_any_layer_comes_back(
    tmp_path_factory: pytest.TempPathFactory, files: dict[str, bytes], cut: int, flips: list[tuple[int, int]], tail: bytes, length: int
) -> None:
    data = bytearray(tar(files))
    for place, value in flips:
        data[place % len(data)] = value
    layer = bytes(data[: max(0, len(data) - cut)]) + tail
    store = Store.create(tmp_path_factory.mktemp("any") / "store")
    descriptor = descriptor_of(layer, TAR)
    Blobs(store, "localhost/model").push(descriptor, in_pieces(layer, length))
    assert store.read_bytes(root_of(store, descriptor)) == layer
    store.close()
