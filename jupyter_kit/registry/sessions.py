"""Uploads that were cut off, remembered between processes: the name of the blob, and the address at which the registry goes on with it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, MutableMapping
from contextlib import suppress
from pathlib import Path

from jupyter_kit.errors import InvalidInput, StoreUnavailable
from jupyter_kit.registry.private import read_document, write_document

SESSIONS_MAX = 100
"""Uploads that are remembered; the oldest make room. Registries forget theirs after a week."""


class SessionFile(MutableMapping[str, str]):
    """A mapping in a file that only its owner may read: an address lets whoever has it write to the upload.

    To forget an upload costs its first part, sent again, and nothing else. So a file that is damaged counts as empty, one that cannot be
    written stays as it is, and of two processes that write at the same time one may lose its entry.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._lock = threading.Lock()

    def __getitem__(self, name: str) -> str:
        return self._read()[name]

    def __setitem__(self, name: str, address: str) -> None:
        with self._lock:
            kept = self._read()
            kept.pop(name, None)
            kept[name] = address
            self._write(dict(list(kept.items())[-SESSIONS_MAX:]))

    def __delitem__(self, name: str) -> None:
        with self._lock:
            kept = self._read()
            del kept[name]
            self._write(kept)

    def __iter__(self) -> Iterator[str]:
        return iter(self._read())

    def __len__(self) -> int:
        return len(self._read())

    def _write(self, kept: dict[str, str]) -> None:
        with suppress(StoreUnavailable):
            write_document(self._file, kept)

    def _read(self) -> dict[str, str]:
        try:
            document = read_document(self._file)
        except (InvalidInput, StoreUnavailable):
            return {}
        return {name: address for name, address in document.items() if isinstance(address, str)}
