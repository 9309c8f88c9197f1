"""Checking a store: everything reachable is read, hashed again, and compared; damage is told with the files it hurts."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice, repeat

from blake3 import blake3

from jupyter_kit.errors import ContentCorrupt, KitError
from jupyter_kit.progress import Progress, phase
from jupyter_kit.store.disk.promises import promises_of
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.format.schema import ChunkRow
from jupyter_kit.store.reading.chunks import RUN_BYTES
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.graph import graph
from jupyter_kit.store.upkeep.reach import Reached, Reader, reach, records_of
from jupyter_kit.store.upkeep.reports import CheckReport, Damage

FILES_NAMED_MAX = 20
"""Files named for one damaged chunk; the rest are counted. A report is read by a person."""

BATCH = 256
"""Chunks verified between two reports of progress: some 20 MB."""


def check(store: Store, read: Reader, progress: Progress) -> tuple[CheckReport, frozenset[bytes]]:
    """Verify everything reachable: the report, and the ids of the chunks that are damaged or missing.

    Reports damage, raises only where the store cannot be used at all.
    """
    started = time.monotonic()
    with store.shared():
        records = records_of(store)
        reached = reach(store, records, read)
        damage = [Damage(what, reason) for what, reason in reached.broken]
        hurt, remote_bytes = _damaged_chunks(store, reached, progress)
        damage.extend(_named(store, records, read, hurt))
        report = CheckReport(
            snapshots=store.snapshot_count(),
            files=reached.names,
            chunks=len(reached.chunks),
            bytes=reached.bytes,
            seconds=time.monotonic() - started,
            damage=tuple(damage),
            remote_bytes=remote_bytes,
        )
        return report, frozenset(hurt)


def _damaged_chunks(store: Store, reached: Reached, progress: Progress) -> tuple[dict[bytes, str], int]:
    """Damaged chunks with the reason, found by reading the segments from front to back; and the bytes that are only on a remote."""
    damaged: dict[bytes, str] = {}
    missing: list[bytes] = []
    remote_bytes = 0
    placed: list[tuple[bytes, ChunkRow]] = []
    for identity in reached.chunks:
        try:
            row = store.chunks.find([identity])[0]
        except ContentCorrupt as error:
            damaged[identity] = error.message
            continue
        if row is None:
            missing.append(identity)
        else:
            placed.append((identity, row))
    for identity, promises in promises_of(store.environment, missing).items():
        if promises:
            remote_bytes += promises[0].raw_length
        else:
            damaged[identity] = "the chunk is missing"
    placed.sort(key=lambda entry: (entry[1].segment, entry[1].offset))
    with phase(progress, "Checking", total=sum(row.stored_length for _, row in placed)):
        remaining = iter(placed)
        while batch := list(islice(remaining, BATCH)):
            damaged.update(_verify(store, batch))
            progress.advance(sum(row.stored_length for _, row in batch))
    return damaged, remote_bytes


def _verify(store: Store, batch: Sequence[tuple[bytes, ChunkRow]]) -> Iterator[tuple[bytes, str]]:
    """Read a batch in runs; where a run has damage, chunk by chunk."""
    spans = [Span(identity, 0, row.raw_length) for identity, row in batch]
    buffers = repeat(memoryview(bytearray(2 * RUN_BYTES)))
    try:
        hashes = [blake3(content).digest() for run in store.chunks.stream(spans, buffers) for content in run]
        if hashes == [span.chunk for span in spans]:
            return
    except KitError:
        pass  # The chunks are asked one by one, and each tells its own damage.
    for span in spans:
        try:
            content = b"".join(bytes(buffer) for run in store.chunks.stream([span], buffers) for buffer in run)
            if blake3(content).digest() != span.chunk:
                yield span.chunk, "its content is not what was kept"
        except KitError as error:
            yield span.chunk, error.message


def _named(store: Store, records: Sequence[str], read: Reader, hurt: dict[bytes, str]) -> Iterator[Damage]:
    """Each damaged chunk with the files it is part of. History is walked only where there is damage."""
    if not hurt:
        return
    files: dict[bytes, list[str]] = {identity: [] for identity in hurt}
    holds: dict[str, list[bytes]] = {}
    for name, root in _everything(store, records, read):
        if root not in holds:
            holds[root] = _hurt_in(store, root, hurt)
        for identity in holds[root]:
            files[identity].append(name)
    for identity, reason in hurt.items():
        names = files[identity]
        yield Damage(
            f"chunk {identity.hex()[:16]}", reason, tuple(names[:FILES_NAMED_MAX]), more_files=max(0, len(names) - FILES_NAMED_MAX)
        )


def _everything(store: Store, records: Sequence[str], read: Reader) -> Iterator[tuple[str, str]]:
    """(name, root) of everything that can be reached: references with the part (``localhost/model:v1 layer 2``), ``SNAPSHOT:PATH``."""
    for reference, manifest in store.references().items():
        with suppress(KitError):  # Told already, as a broken reference.
            for what, blob in graph(store, manifest, reference):
                row = store.blob_row(blob)
                if row is not None:
                    yield what, row.root.hex()
    for digest in reversed(records):
        yield from ((f"{digest[:10]}:{name}", root) for name, root in _contents(store, digest, read))


def _contents(store: Store, digest: str, read: Reader) -> Iterator[tuple[str, str]]:
    """(name, root) of everything a record refers to, its own blobs among them."""
    row = store.blob_row(digest)
    if row is not None:
        yield "(record)", row.root.hex()
    try:
        references = read(digest)
    except KitError:
        return  # Told already, as a broken snapshot.
    for blob in references.blobs:
        row = store.blob_row(blob)
        if row is not None:
            yield "(file list or environment)", row.root.hex()
    yield from references.contents


def _hurt_in(store: Store, root: str, hurt: dict[bytes, str]) -> list[bytes]:
    try:
        spans = store.recipe(root).spans
        named = {span.chunk for span in spans} | set(store.chunks.listing_chunks(bytes.fromhex(root)))
    except KitError:
        named = set(store.chunks.listing_chunks(bytes.fromhex(root)))
    return [identity for identity in named if identity in hurt]
