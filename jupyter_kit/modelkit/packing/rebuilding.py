"""Layers of a ModelKit that is about to be pulled, made here from snapshots that have its files, so that they need not move.

A layer is a pure function of paths, permissions and contents (see ``layers``): where a snapshot of this store has what the packer's had,
the archive made of it is the layer, to the last byte. Only the layer's digest decides that; what a manifest or Kitfile claims is a hint.

An attempt never fails a pull, and is bounded whatever a manifest says: few snapshots and files are looked at, an archive is hashed only
where its size is the layer's, each one once and few for one path, and content that is only on a remote is not fetched for it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import suppress

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.modelkit.kitfile import Model, entries
from jupyter_kit.modelkit.layers import TarEntry, clean, is_reference, layers_at, tar_parts, tar_size
from jupyter_kit.modelkit.modelkit import ModelKit, read_modelkit
from jupyter_kit.oci.target import Source
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.store.format.references import hexadecimal
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.store.store import Store

SNAPSHOTS_MAX = 8
"""Snapshots that are looked into: HEAD, those with a tag, then the others, newest first."""

ENTRIES_MAX = 100_000
"""Files of all these snapshots; once there were more, no further one is looked into. So many take two or three seconds."""

ATTEMPTS_MAX = 3
"""Archives hashed for one path. Weights that were trained further have the same size, and each attempt reads them whole."""

Sought = dict[str, dict[str, int]]
"""Clean path → digest in hexadecimal → bytes, of the layers that may be made at this path."""


def rebuild(store: Store, source: Source, name: str, progress: Progress | None = None) -> tuple[str, ...]:
    """Make what can be made of the layers that the store lacks of a ModelKit elsewhere; returns their digests.

    Whoever copies it from there then finds them in the store. What is wrong with the ModelKit is left for that copy to tell. The caller
    holds ``store.shared()``. Raises RegistryError where a registry does, StoreFull, StoreUnavailable.
    """
    progress = progress or Silent()
    modelkit = _read(store, source, name)
    sought = _lacking(store, sought_layers(modelkit)) if modelkit else {}
    if modelkit is None or not sought:
        return ()
    made = []
    with store.writer() as writer, phase(progress, "Looking for layers in snapshots"):
        for path, members in candidates(_file_lists(store), sought, layer_paths(modelkit)):
            progress.advance(0, path=path)
            with suppress(ContentCorrupt, NotFound):
                if all(_is_here(store, member.root) for member in members if member.size):
                    digest, _ = writer.compose(tar_parts(members), progress)
                    if sought[path].pop(digest, None) is not None:
                        made.append(f"sha256:{digest}")
        with writer.transaction():  # What is no layer, too: its digest is remembered, so that another pull does not hash it again.
            pass
    return tuple(made)


def candidates(
    file_lists: Iterable[Sequence[FileEntry]], sought: Sought, elsewhere: Set[str]
) -> Iterator[tuple[str, tuple[TarEntry, ...]]]:
    """Archives worth hashing, with their paths: of a size that is sought there, each once, few for one path.

    The caller takes out of ``sought`` what it found; once nothing is left, or enough was looked at, no further file list is asked for.
    """
    met: set[tuple[TarEntry, ...]] = set()
    attempts: Counter[str] = Counter()
    entries_met = 0
    for files in file_lists:
        open_paths = [path for path, sizes in sought.items() if sizes and attempts[path] < ATTEMPTS_MAX]
        for path, members in layers_at(files, open_paths, elsewhere).items():
            if members not in met and tar_size(members) in sought[path].values():
                met.add(members)
                attempts[path] += 1
                yield path, members
        entries_met += len(files)
        if entries_met >= ENTRIES_MAX or not any(sought.values()):
            return


def sought_layers(modelkit: ModelKit) -> Sought:
    """The layers that could be made of files: uncompressed archives with a sha256, by path."""
    sought: Sought = {}
    for layer in modelkit.layers:
        algorithm, _, digest = layer.descriptor.digest.partition(":")
        if layer.type and (layer.type.form, layer.type.compression, algorithm) == ("tar", "none", "sha256"):
            sought.setdefault(clean(layer.path), {})[digest] = layer.descriptor.size
    return sought


def layer_paths(modelkit: ModelKit) -> frozenset[str]:
    """Clean paths of everything that the Kitfile names: what lies at one is in no layer around it. Parents are not asked."""
    everything = (entry for _, entry in entries(modelkit.kitfile))
    return frozenset(
        clean(entry.path) for entry in everything if not isinstance(entry, Model) or (entry.path and not is_reference(entry.path))
    )


def _read(store: Store, source: Source, name: str) -> ModelKit | None:
    """The ModelKit; None where the store has its manifest, and where it is none or cannot be read."""
    with suppress(InvalidInput, NotFound, ContentCorrupt, UnsupportedFormat, OSError):
        if store.blob_row(hexadecimal(source.resolve(name).digest)) is None:
            return read_modelkit(source, name)
    return None


def _lacking(store: Store, sought: Sought) -> Sought:
    lacking = {path: {digest: size for digest, size in layers.items() if store.blob_row(digest) is None} for path, layers in sought.items()}
    return {path: layers for path, layers in lacking.items() if layers}


def _file_lists(store: Store) -> Iterator[tuple[FileEntry, ...]]:
    """The file lists of the likeliest snapshots, each once, as far as they can be read here."""
    tags = store.tags()
    named = set(tags.values())
    newest = store.snapshot_ids()[::-1]
    head = [tags[HEAD]] if HEAD in tags else []
    read: set[str] = set()
    for identity in list(dict.fromkeys([*head, *(identity for identity in newest if identity in named), *newest]))[:SNAPSHOTS_MAX]:
        files: tuple[FileEntry, ...] = ()
        with suppress(ContentCorrupt, NotFound, UnsupportedFormat):
            snapshot = read_snapshot(store, identity)
            kept = store.blob_row(snapshot.files)
            if snapshot.files not in read and kept is not None and _is_here(store, kept.root.hex()):
                read.add(snapshot.files)
                files = read_files(store, snapshot)
        if files:
            yield files


def _is_here(store: Store, root: str) -> bool:
    """Whether the store has every chunk of a content itself."""
    chunks, identity = store.chunks, bytes.fromhex(root)
    if not all(chunks.known(chunks.listing_chunks(identity))):
        return False
    recipe = chunks.recipe(identity)
    return recipe is not None and all(chunks.known([span.chunk for span in recipe.spans]))
