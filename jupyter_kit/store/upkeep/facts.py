"""A store in numbers."""

from __future__ import annotations

from jupyter_kit.store.format.schema import FEATURES, FORMAT_VERSION, Table, decode_chunk_row
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.prune import disk_bytes
from jupyter_kit.store.upkeep.reports import StoreFacts


def facts(store: Store, files: int, bytes_kept: int) -> StoreFacts:
    """Count what the store holds. ``files`` and ``bytes_kept`` are those of all snapshots, which the store does not know."""
    environment = store.environment
    chunks = [decode_chunk_row(value) for _, value in environment.rows(Table.CHUNKS)]
    return StoreFacts(
        folder=str(store.folder),
        format=FORMAT_VERSION,
        features=FEATURES,
        snapshots=store.snapshot_count(),
        files=files,
        blobs=environment.entries(Table.BLOBS),
        recipes=environment.entries(Table.RECIPES),
        chunks=len(chunks),
        segments=environment.entries(Table.SEGMENTS),
        events=environment.entries(Table.AUDIT),
        bytes_kept=bytes_kept,
        bytes_unique=sum(row.raw_length for row in chunks),
        bytes_stored=sum(row.stored_length for row in chunks),
        bytes_on_disk=disk_bytes(store),
    )
