"""The Kitfile that a snapshot is packed by: its own as it is, or one that is inferred, to be shown before it is used."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.modelkit.inference.formats import HEAD_BYTES
from jupyter_kit.modelkit.kitfile import KITFILE_BYTES_MAX, Kitfile, find_kitfile
from jupyter_kit.modelkit.validation import load
from jupyter_kit.snapshot.records import read_files
from jupyter_kit.snapshot.snapshot import Skipped, Snapshot
from jupyter_kit.store.store import Store


@dataclass(frozen=True)
class Proposal:
    """A Kitfile: the snapshot's own, at ``path``; or an inferred one, with None and with what no layer of it holds."""

    kitfile: Kitfile
    path: str | None
    left_out: tuple[Skipped, ...] = ()


def propose_kitfile(store: Store, snapshot: Snapshot) -> Proposal:
    """The snapshot's own Kitfile, or one that its files, its author and its metrics give.

    Raises InvalidInput (invalid-kitfile) naming all that is wrong with its own; NotFound and ContentCorrupt for damage of the store.
    """
    entries = {entry.path: entry for entry in read_files(store, snapshot)}

    def head(path: str, length: int = HEAD_BYTES) -> bytes:
        return b"".join(bytes(piece) for piece in store.read(entries[path].root, 0, length, path))

    path = find_kitfile(entry.path for entry in entries.values() if entry.kind != "folder")
    if path is None:
        # Imported on first use: what knows formats and licences takes longer to import than a small change to pack.
        from jupyter_kit.modelkit.inference.infer import infer  # noqa: PLC0415

        name = PurePath(snapshot.workspace).name
        inferred = infer(entries.values(), head, name=name, author=snapshot.author, metrics=snapshot.metrics)
        return Proposal(inferred.kitfile, None, inferred.left_out)
    if entries[path].kind == "symlink":
        raise InvalidInput(
            f"{path} is a symlink, whose target is no part of the snapshot.",
            kind=Kind.INVALID_KITFILE,
            hint="Put a file in its place, then take a snapshot.",
            path=path,
        )
    return Proposal(load(head(path, KITFILE_BYTES_MAX + 1), path), path)
