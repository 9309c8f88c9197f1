"""What holds damaged chunks still, and so mends them."""

from __future__ import annotations

from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.snapshot.repair import repair
from jupyter_kit.store.format.schema import Table
from tests.snapshot.conftest import Box


def chunks(box: Box, root: str) -> frozenset[bytes]:
    return frozenset(identity for identity, _ in box.store.chunk_ids(root))


def blob_chunks(box: Box, digest: str) -> frozenset[bytes]:
    row = box.store.blob_row(digest)
    assert row is not None
    return chunks(box, row.root.hex())


def test_files_their_list_and_the_environment_are_kept_anew(box: Box) -> None:
    box.write({"a": bytes(range(256)) * 1000, "b": b"small", "gone": b"only in the snapshot"})
    taken = box.snap()
    record, entries = read_snapshot(box.store, taken.id), box.entries(taken.id)
    files = chunks(box, entries["a"].root) | chunks(box, entries["b"].root)
    lost = chunks(box, entries["gone"].root)
    documents = blob_chunks(box, record.files) | blob_chunks(box, record.environment or "")
    assert repair(box.store, box.folder, files | documents, Silent()) == files | documents
    (box.folder / "gone").unlink()
    assert repair(box.store, box.folder, files | lost, Silent()) == files
    assert repair(box.store, box.folder, blob_chunks(box, record.files), Silent()) == frozenset()
    assert box.content(taken.id, "a") == bytes(range(256)) * 1000


def test_no_document_is_kept_that_was_not(box: Box) -> None:
    box.write({"a": b"1"})
    taken = box.snap()
    box.write({"a": b"2"})
    blobs = box.store.environment.entries(Table.BLOBS)
    repair(box.store, box.folder, chunks(box, box.entries(taken.id)["a"].root), Silent())
    assert box.store.environment.entries(Table.BLOBS) == blobs
