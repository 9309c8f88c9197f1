"""Mending damaged chunks from the files of the workspace that still hold them."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.chunking.select import select
from jupyter_kit.progress import Progress, phase
from jupyter_kit.snapshot.scan import Scan
from jupyter_kit.store.store import Store
from jupyter_kit.store.writer import Writer


def repair(store: Store, folder: Path, damaged: frozenset[bytes], progress: Progress) -> frozenset[bytes]:
    """Read every file of the workspace again and keep anew what it holds of the damaged chunks; returns the chunks that were mended.

    A file that is gone or cannot be read mends nothing. What is kept is hashed from the bytes that were read, so a file that has changed
    since cannot put wrong content under a damaged chunk's id. Raises StoreFull, StoreUnavailable.
    """
    scan = Scan(folder, lambda keys: [None for _ in keys])  # The stat cache would leave out what it knows, which is what is wanted here.
    paths = [f"{place.prefix}{found.name}" for place in scan.folders for found in place.found]
    with store.writer() as writer, phase(progress, "Repairing", total=len(paths), unit="files"):
        writer.heal(damaged)
        for path in paths:
            with suppress(OSError):  # The store's own errors are told as ours, so this one is the file's.
                _take(writer, folder, path)
            progress.advance(1, path=path)
        with writer.transaction():
            pass
        return frozenset(writer.healed)


def _take(writer: Writer, folder: Path, path: str) -> None:
    descriptor = os.open(folder / path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    try:
        status = os.fstat(descriptor)
        if stat.S_ISREG(status.st_mode):
            selection = select(path, status.st_size, lambda offset, length: system.read_bytes_at(descriptor, length, offset))
            writer.add_file(descriptor, status.st_size, selection)
    finally:
        os.close(descriptor)
