"""Mending damaged chunks from what still holds them: the files of the workspace, their list, and the environment."""

from __future__ import annotations

import hashlib
import os
import stat
from contextlib import suppress
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.chunking.select import select
from jupyter_kit.errors import Conflict
from jupyter_kit.progress import Progress, phase
from jupyter_kit.snapshot.provenance import environment_document
from jupyter_kit.snapshot.scan import Scan
from jupyter_kit.snapshot.survey import Survey
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer


def repair(store: Store, folder: Path, damaged: frozenset[bytes], progress: Progress) -> frozenset[bytes]:
    """Read every file of the workspace again and keep anew what it holds of the damaged chunks; returns the chunks that were mended.

    So are the file list and the environment, where they are still what a snapshot has: the next one would name the damaged ones again.

    A file that is gone or cannot be read mends nothing. What is kept is hashed from the bytes that were read, so a file that has changed
    since cannot put wrong content under a damaged chunk's id. Raises StoreFull, StoreUnavailable.
    """
    scan = Scan(folder, lambda keys: [None for _ in keys])  # The stat cache would leave out what it knows, which is what is wanted here.
    paths = [f"{place.prefix}{found.name}" for place in scan.folders for found in place.found]
    with store.writer() as writer:
        writer.heal(damaged)
        with phase(progress, "Repairing", total=len(paths), unit="files"):
            for path in paths:
                with suppress(OSError):  # The store's own errors are told as ours, so this one is the file's.
                    _take(writer, folder, path)
                progress.advance(1, path=path)
        with suppress(Conflict):  # A file that does not hold still now is not in a list as it was then.
            _again(store, writer, Survey(store, folder, writer, progress, lasting=False, head=None).listing.document)
        _again(store, writer, environment_document())
        with writer.transaction():
            pass
        return frozenset(writer.healed)


def _again(store: Store, writer: Writer, document: bytes) -> None:
    """Keep a document anew, if it is one that was kept."""
    if store.blob_row(hashlib.sha256(document).hexdigest()) is not None:
        writer.add_blob(document)


def _take(writer: Writer, folder: Path, path: str) -> None:
    descriptor = os.open(folder / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            selection = select(path, status.st_size, lambda offset, length: system.read_bytes_at(descriptor, length, offset))
            writer.add_file(descriptor, status.st_size, selection)
    finally:
        os.close(descriptor)
