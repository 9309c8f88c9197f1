"""FORMAT.md against the code, and a reader written from FORMAT.md alone against a store that the package wrote."""

from __future__ import annotations

import base64
import json
import random
import re
import struct
from pathlib import Path

import lmdb
import zstandard
from blake3 import blake3
from xxhash import xxh3_64_intdigest

from jupyter_kit import store
from jupyter_kit.chunking.chunker import Encoding
from jupyter_kit.chunking.select import select
from jupyter_kit.store.disk import appender, segments
from jupyter_kit.store.format import codec, journal, recipes, schema
from jupyter_kit.store.format.tags import _NAME
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing import writer

DOCUMENT = (Path(store.__file__).parent / "FORMAT.md").read_text("utf-8")


def rows(heading: str) -> list[list[str]]:
    """The rows of the table whose first header cell is ``heading``."""
    lines = DOCUMENT[DOCUMENT.index(f"| {heading} |") :].split("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def offsets(heading: str) -> list[int]:
    return [int(row[1]) for row in rows(heading)]


def test_names_and_numbers() -> None:
    assert [row[0].strip("`") for row in rows("feature")] == list(schema.FEATURES)
    named = {row[0].strip("`"): row[3] for row in rows("table")}
    assert list(named) == [table.value for table in schema.Table]
    assert {name: int(number) for name, number in named.items() if number} == {table.value: n for n, table in enumerate(schema.JOURNALED)}
    assert f"`max_dbs` {len(schema.Table)}" in DOCUMENT
    assert [int(row[0].split()[0]) for row in rows("codec")] == [kind.value for kind in schema.Codec]
    assert [int(row[0]) for row in rows("encoding")] == [kind.value for kind in Encoding]
    assert f"`{_NAME.pattern}`".replace("\\", "") in DOCUMENT.replace("\\", "")
    for number in (segments.SEGMENT_BYTES, writer.INLINE_BYTES_MAX, codec.DELTA_BYTES_MAX, recipes.INLINE_LIST_MAX):
        assert re.search(rf"\b{number}\b", DOCUMENT), number
    assert f"at most {codec.DEPTH_MAX};" in DOCUMENT


def test_layouts() -> None:
    assert offsets("segment header") == [0, 8]
    assert segments.HEADER.size == 16
    assert offsets("record header") == [0, 4, 5, 6, 7, 8, 12, 16, 24]
    assert segments.RECORD.size == 24 + 32
    assert segments.RECORD_MAGIC == b"KREC"
    assert segments.MAGIC == b"KITSEG\x00\x01"
    assert offsets("chunk row")[:6] == [0, 1, 2, 3, 4, 8]
    assert offsets("payload") == [0, 1, 9, 41, 42]
    assert journal._HEAD.size == 42
    assert appender.segment_key(1, 2) == struct.pack(">BQ", 1, 2)


class Reader:
    """Reads a store with what FORMAT.md says, and none of the package's code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = lmdb.open(str(folder / "index"), max_dbs=14, readonly=True, lock=False)
        self.tables = {name: self.index.open_db(name.encode(), create=False) for name in ("chunks", "recipes", "blobs")}

    def get(self, table: str, key: bytes) -> bytes:
        with self.index.begin(db=self.tables[table]) as transaction:
            value = transaction.get(key)
        assert value is not None
        return bytes(value)

    def chunk(self, identity: bytes) -> bytes:
        row = self.get("chunks", identity)
        place, kind, _, raw_length, stored_length = struct.unpack_from("<BBBxII", row)
        if place == 1:
            (check,) = struct.unpack_from("<Q", row, 12)
            stored = row[20:]
        else:
            number, offset = struct.unpack_from("<QQ", row, 12)
            data = (self.folder / "segments" / f"{number:016x}.segment").read_bytes()
            assert data[:16] == b"KITSEG\x00\x01" + struct.pack("<Q", number)
            magic, record, also, _, length, also_raw, check, found = struct.unpack_from("<4sBBBxIIQ32s", data, offset)
            assert (magic, record, also, length, also_raw, found) == (b"KREC", 1, kind, stored_length, raw_length, identity)
            stored = data[offset + 56 : offset + 56 + stored_length]
        assert xxh3_64_intdigest(stored) == check
        content = stored
        if kind == 1:
            content = zstandard.ZstdDecompressor().decompress(stored, max_output_size=raw_length)
        elif kind == 2:
            base = zstandard.ZstdCompressionDict(self.chunk(stored[:32]), dict_type=zstandard.DICT_TYPE_RAWCONTENT)
            content = zstandard.ZstdDecompressor(dict_data=base).decompress(stored[32:], max_output_size=raw_length)
        assert len(content) == raw_length
        assert blake3(content).digest() == identity
        return content

    def content(self, root: bytes) -> bytes:
        row = self.get("recipes", root)
        version, form, size, name_length = struct.unpack_from("<BBQB", row)
        assert version == 1
        name, listing = row[11 : 11 + name_length], row[11 + name_length :]
        if form == 1:
            listing = self.spelled(listing)
        assert blake3(b"jupyter-kit recipe 1\n" + name + b"\n" + listing).digest() == root
        content = self.spelled(listing)
        assert len(content) == size
        return content

    def spelled(self, listing: bytes) -> bytes:
        named: list[bytes] = []
        parts = []
        at = 0
        while at < len(listing):
            entry = listing[at]
            if entry in (0, 2):
                identity = listing[at + 1 : at + 33]
                named.append(identity)
                at += 33
            else:
                identity = named[struct.unpack_from("<I", listing, at + 1)[0]]
                at += 5
            if entry in (0, 1):
                start, encoding = 0, 0
                (length,) = struct.unpack_from("<I", listing, at)
                at += 4
            else:
                start, length, encoding = struct.unpack_from("<IIB", listing, at)
                at += 9
            run = self.chunk(identity)[start : start + length]
            if encoding:
                line = base64.b64encode(run)
                cut = [line[first : first + 76] for first in range(0, len(line), 76)] if encoding == 2 else [line]
                run = line if encoding == 1 else b"".join(part + b"\\n" for part in cut)
            parts.append(run)
        return b"".join(parts)


def test_a_reader_written_from_the_document(tmp_path: Path) -> None:
    noise = random.Random(1)
    figure = base64.b64encode(noise.randbytes(5000)).decode()
    lines = base64.encodebytes(noise.randbytes(5000)).decode()
    outputs = [{"output_type": "display_data", "metadata": {}, "data": {"image/png": image}} for image in (figure, figure + "\n", lines)]

    def notebook(run: int) -> bytes:
        cells = [{"cell_type": "code", "execution_count": run, "metadata": {}, "source": f"run({run})" * 200, "outputs": outputs}]
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}, indent=1).encode()

    files = [
        ("a.bin", noise.randbytes(3_000_000)),
        ("b.txt", b"".join(b"line %d\n" % noise.randrange(10**9) for _ in range(5_000))),
        ("c.txt", b"short"),
        ("n.ipynb", notebook(1)),
        ("n.ipynb", notebook(2)),
        ("empty", b""),
    ]
    store = Store.create(tmp_path / "store")
    roots: list[str] = []
    with store.writer() as adding:
        for path, data in files:
            base = roots[-1] if path == "n.ipynb" and roots else None
            selection = select(path, len(data), lambda offset, length, data=data: data[offset : offset + length])
            roots.append(adding.add_bytes(data, selection, base).root)
            with adding.transaction():
                pass
        digest = adding.add_blob(files[1][1])
        with adding.transaction():
            pass
    kinds = {schema.decode_chunk_row(value).codec for _, value in store.environment.rows(schema.Table.CHUNKS)}
    assert kinds == {0, 1, 2}  # Every codec, and with the notebooks every encoding but the plain one, is read below.
    store.close()
    reader = Reader(tmp_path / "store")
    for (path, data), root in zip(files, roots, strict=True):
        assert reader.content(bytes.fromhex(root)) == data, path
    size, root = struct.unpack("<Q32s", reader.get("blobs", bytes.fromhex(digest)))
    assert reader.content(root) == files[1][1]
    assert size == len(files[1][1])
    reader.index.close()
