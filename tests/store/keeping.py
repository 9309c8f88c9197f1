"""Small contents, and the shortest way into a store and out of it, for the tests of this room."""

from __future__ import annotations

import base64
import json
import os
import random
from collections.abc import Iterable, Mapping
from pathlib import Path

from jupyter_kit.chunking.chunker import Selection
from jupyter_kit.chunking.fastcdc import FASTCDC_64K
from jupyter_kit.chunking.select import select
from jupyter_kit.chunking.whole import WHOLE
from jupyter_kit.store.disk.segments import segment_numbers, segment_path
from jupyter_kit.store.format.schema import ChunkRow, Table, decode_chunk_row
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.reach import Reader, References
from jupyter_kit.store.writing.writer import Writer

BINARY = Selection(FASTCDC_64K, "never")
TEXT = Selection(WHOLE, "delta")


def noise(seed: int, length: int) -> bytes:
    return random.Random(seed).randbytes(length)


def text(seed: int, *, changed: int = 0) -> bytes:
    """18,000 characters that do not compress below a kilobyte; ``changed`` says how many times 40 bytes in a row are others."""
    data = bytearray(noise(seed, 9_000).hex().encode())
    for number in range(changed):
        data[number * 90 : number * 90 + 40] = noise(seed + number + 1, 20).hex().encode()
    return bytes(data)


def notebook(seed: int) -> bytes:
    image = base64.b64encode(noise(seed, 4_000)).decode()
    cell = {"cell_type": "code", "execution_count": seed, "metadata": {}, "source": "x" * 300, "outputs": [{"data": {"image/png": image}}]}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()


def add(writer: Writer, path: str, data: bytes, base: str | None = None) -> str:
    return writer.add_bytes(data, select(path, len(data), lambda offset, length: data[offset : offset + length]), base).root


def commit(writer: Writer) -> None:
    with writer.transaction():
        pass


def keep(store: Store, *contents: bytes, path: str = "data.bin", base: str | None = None) -> list[str]:
    """Keep contents in one step; returns their roots."""
    with store.writer() as writer:
        roots = [add(writer, path, content, base) for content in contents]
        commit(writer)
    return roots


def created(number: int) -> str:
    return f"2026-01-01T00:{number // 60:02}:{number % 60:02}Z"


def take(store: Store, number: int, contents: Mapping[str, str], blobs: Iterable[str] = ()) -> str:
    """Put a record into the history that names contents, by root, and blobs; returns its digest."""
    with store.writer() as writer:
        digest = writer.add_blob(json.dumps({"number": number, "contents": dict(contents), "blobs": [*blobs]}).encode())
        with writer.transaction() as transaction:
            transaction.add_snapshot(digest, created(number))
    return digest


def reader(store: Store) -> Reader:
    """Reads the records that :func:`take` wrote."""

    def read(digest: str) -> References:
        document = json.loads(store.blob(digest))
        return References(tuple(document["blobs"]), tuple(document["contents"].items()))

    return read


def chunk_rows(store: Store) -> dict[bytes, ChunkRow]:
    return {identity: decode_chunk_row(value) for identity, value in store.environment.rows(Table.CHUNKS)}


def row_of(store: Store, root: str) -> ChunkRow:
    """Where the only chunk of a content is."""
    ((identity, _),) = store.chunk_ids(root)
    return chunk_rows(store)[identity]


def put_row(store: Store, table: Table, key: bytes, value: bytes) -> None:
    """Put a row behind the package's back."""
    with store.environment.write() as transaction:
        transaction.put(key, value, db=store.environment.tables[table])


def segments(store: Store) -> list[Path]:
    return [segment_path(store.segments, number) for number in segment_numbers(store.segments)]


def flip(path: Path, offset: int) -> None:
    """Change a byte in place."""
    descriptor = os.open(path, os.O_RDWR)
    try:
        (byte,) = os.pread(descriptor, 1, offset)
        os.pwrite(descriptor, bytes([byte ^ 0xFF]), offset)
    finally:
        os.close(descriptor)


def damage(store: Store, root: str) -> None:
    """Flip a byte of the only chunk of a content, which lies in a segment."""
    row = row_of(store, root)
    assert row.inline is None
    flip(segment_path(store.segments, row.segment), row.offset + 56 + row.stored_length - 1)
