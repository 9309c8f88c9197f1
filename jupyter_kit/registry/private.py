"""Small JSON files that only their owner may read: credentials, and the addresses of uploads."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

from jupyter_kit.errors import InvalidInput, Kind, StoreUnavailable
from jupyter_kit.system import sync_folder

FILE_BYTES_MAX = 1 << 20
"""Bytes: real ones have a few thousand."""


def read_text(file: Path) -> str:
    """The file's text, empty where there is none. Raises InvalidInput, StoreUnavailable."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise InvalidInput(f"{file} is larger than {FILE_BYTES_MAX >> 20} MiB.", hint="Move it away.", path=str(file))
        return file.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except UnicodeDecodeError:
        raise _damaged(file) from None
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be read: {error.strerror}.", kind=Kind.PERMISSION_DENIED, hint="Check its permissions.", path=str(file)
        ) from error


def read_document(file: Path) -> dict[str, object]:
    """The object in the file, empty where there is none. Raises InvalidInput, StoreUnavailable."""
    return parse_document(read_text(file), str(file))


def parse_document(text: str, name: str) -> dict[str, object]:
    """The object in the text of a file. Raises InvalidInput naming it."""
    try:
        document = json.loads(text or "{}")
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):  # Not chained: an error of the parser repeats the text, which holds secrets.
        raise _damaged(Path(name))
    return document


def write_document(file: Path, document: Mapping[str, object]) -> None:
    """Replace the file at once. Raises StoreUnavailable, the old file then being whole."""
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # 0600 from the start
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:
                json.dump(document, stream, indent=2)
                stream.flush()
                os.fsync(stream.fileno())
            Path(name).replace(file.resolve())
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        sync_folder(file.parent)
    except OSError as error:
        raise StoreUnavailable(
            f"{file} cannot be written: {error.strerror}.", kind=Kind.PERMISSION_DENIED, hint="Check its permissions.", path=str(file)
        ) from error


def _damaged(file: Path) -> InvalidInput:
    return InvalidInput(f"{file} is not a JSON object.", hint="Mend it, or move it away.", path=str(file))
