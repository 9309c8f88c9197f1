"""FORMAT.md against the code, and a reader written from FORMAT.md alone against what a push made."""

from __future__ import annotations

import hashlib
import json
import re
import struct
from pathlib import Path

import zstandard
from blake3 import blake3

from jupyter_kit.store.format.codec import DEPTH_MAX
from jupyter_kit.sync import push
from jupyter_kit.sync.format import catalogue, published
from jupyter_kit.sync.outgoing import consignment, protection
from tests.faults.project import FIRST, SECOND, noise
from tests.snapshot.conftest import boxed
from tests.sync.memory import Memory

DOCUMENT = (Path(push.__file__).parent / "FORMAT.md").read_text("utf-8")


def test_names_and_numbers() -> None:
    for name in (
        published.SNAPSHOT_TYPE,
        published.RECORD_TYPE,
        published.CATALOGUE_TYPE,
        published.SEGMENT_TYPE,
        published.PARENTS,
        published.AUDIT,
        published.MAIN,
        protection.PROTECTION_TYPE,
        published.snapshot_tag("a" * 64)[:2],
    ):
        assert f"`{name}`" in DOCUMENT
    for number in (
        published.LAYERS_MAX,
        published.RECORD_BYTES_MAX,
        published.MANIFEST_BYTES_MAX,
        catalogue.REMOTE_SEGMENT_BYTES_MAX,
        catalogue.UNPACKED_BYTES_MAX,
        catalogue.CHUNK_BYTES_MAX,
        consignment.SEGMENT_BYTES,
        push.CATALOGUES_MAX,
        push.MERGED_BYTES_MAX,
        DEPTH_MAX,
    ):
        assert re.search(rf"\b{number}\b", DOCUMENT), number
    sections = re.findall(r"^\| (\d) \| `(\w+)` \|", DOCUMENT, re.MULTILINE)
    assert [(int(number), name) for number, name in sections] == list(enumerate(catalogue.SECTIONS, 1))


class Reader:
    """Reads a branch with what FORMAT.md says, and none of the package's code."""

    def __init__(self, remote: Memory, tag: str) -> None:
        document = json.loads(remote.manifests[remote.named[tag]])
        self.blobs = remote.blobs
        self.record = json.loads(self.blob(document["config"]["digest"]))
        self.chunks: dict[bytes, tuple[int, int, bytes]] = {}
        self.recipes: dict[bytes, bytes] = {}
        self.documents: dict[str, bytes] = {}
        self.history: dict[str, list[str]] = {}
        listed = {layer["digest"] for layer in document["layers"] if layer["mediaType"].endswith("segment.v1")}
        for layer in document["layers"]:
            if layer["mediaType"].endswith("catalogue.v1+zstd"):
                self.read(zstandard.ZstdDecompressor().decompress(self.blob(layer["digest"])), listed)

    def blob(self, digest: str) -> bytes:
        assert f"sha256:{hashlib.sha256(self.blobs[digest]).hexdigest()}" == digest
        return self.blobs[digest]

    def read(self, data: bytes, listed: set[str]) -> None:
        assert data[:8] == b"KITCAT\x00\x01"
        sections, at = {}, 8
        for number in range(1, 7):
            found, length = struct.unpack_from("<BI", data, at)
            assert found == number
            sections[number] = data[at + 5 : at + 5 + length]
            at += 5 + length
        assert at == len(data)
        segments = [f"sha256:{digest.hex()}" for digest, _ in struct.iter_unpack("<32sI", sections[1])]
        for identity, segment, offset, stored, raw, codec, _, _ in struct.iter_unpack("<32sIIIIBB32s", sections[2]):
            if segments[segment] in listed:
                self.chunks[identity] = (codec, raw, self.blob(segments[segment])[offset : offset + stored])
        at = 0
        while at < len(sections[3]):
            identity, stored, raw, codec, _ = struct.unpack_from("<32sIIBB", sections[3], at)
            at += 42
            self.chunks[identity] = (codec, raw, sections[3][at : at + stored])
            at += stored
        at = 0
        while at < len(sections[4]):
            root, length = struct.unpack_from("<32sI", sections[4], at)
            self.recipes[root] = sections[4][at + 36 : at + 36 + length]
            at += 36 + length
        for digest, size, root in struct.iter_unpack("<32sQ32s", sections[5]):
            self.documents[digest.hex()] = self.content(root)
            assert len(self.documents[digest.hex()]) == size
            assert hashlib.sha256(self.documents[digest.hex()]).digest() == digest
        at = 0
        while at < len(sections[6]):
            identity, count = struct.unpack_from("<32sB", sections[6], at)
            at += 33
            self.history[identity.hex()] = [sections[6][at + 32 * n : at + 32 * n + 32].hex() for n in range(count)]
            at += 32 * count

    def chunk(self, identity: bytes) -> bytes:
        codec, raw, stored = self.chunks[identity]
        content = stored
        if codec == 1:
            content = zstandard.ZstdDecompressor().decompress(stored, max_output_size=raw)
        elif codec == 2:
            base = zstandard.ZstdCompressionDict(self.chunk(stored[:32]), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            content = zstandard.ZstdDecompressor(dict_data=base).decompress(stored[32:], max_output_size=raw)
        assert blake3(content).digest() == identity
        return content

    def content(self, root: bytes) -> bytes:
        row = self.recipes[root]
        length = row[10]
        listing = row[11 + length :]
        if row[1] == 1:
            listing = self.spelled(listing)
        return self.spelled(listing)

    def spelled(self, listing: bytes) -> bytes:
        """Lists of whole chunks only, which all files but notebooks have."""
        named: list[bytes] = []
        parts = []
        at = 0
        while at < len(listing):
            if listing[at] == 0:
                named.append(listing[at + 1 : at + 33])
                parts.append(self.chunk(named[-1]))
                at += 37
            else:
                assert listing[at] == 1
                parts.append(self.chunk(named[struct.unpack_from("<I", listing, at + 1)[0]]))
                at += 9
        return b"".join(parts)


def test_a_reader_written_from_the_document(tmp_path: Path) -> None:
    remote = Memory()
    with boxed(tmp_path) as box:
        states = [{**FIRST, "large.bin": noise(9, 5_000_000)}, {**SECOND, "large.bin": noise(9, 5_000_000) + b"more"}]
        ids = []
        for state in states:
            box.write(state)
            ids.append(box.snap().id)
            push.push(box.store, "origin", remote)
    for snapshot, state in zip(ids, states, strict=True):
        reader = Reader(remote, f"s-{snapshot[:12]}")
        entries = [json.loads(line) for line in reader.documents[reader.record["files"]].splitlines()[1:]]
        roots = {entry[0]: bytes.fromhex(entry[5]) for entry in entries}
        for path, data in state.items():
            if not path.endswith(".ipynb"):
                assert reader.content(roots[path]) == data
    assert Reader(remote, "main").history == {ids[0]: [], ids[1]: [ids[0]]}
