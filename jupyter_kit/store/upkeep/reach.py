"""What a store must keep: everything that can be reached from its history, its tags and its references.

The store does not know what a record says. Whoever does hands in a :data:`Reader`, which names what a record refers to; the roots of
every walk are the store's own tables, never arguments.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from jupyter_kit.errors import ContentCorrupt, NotFound, UnsupportedFormat
from jupyter_kit.store.disk.promises import promises_of
from jupyter_kit.store.format.recipes import Recipe
from jupyter_kit.store.format.schema import ID_LENGTH, Codec, Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.graph import graph


@dataclass(frozen=True)
class References:
    """What a record refers to: further blobs (digests), and content by (name, root)."""

    blobs: tuple[str, ...]
    contents: tuple[tuple[str, str], ...]


Reader = Callable[[str], References]
"""``read(digest)``: what the record with that digest refers to. Raises ContentCorrupt, NotFound, UnsupportedFormat."""


@dataclass
class Reached:
    """Everything reachable: digests of blobs, roots of recipes, ids of chunks; and what stood in the way, as (what, reason)."""

    blobs: set[bytes] = field(default_factory=set)
    roots: set[bytes] = field(default_factory=set)
    chunks: set[bytes] = field(default_factory=set)
    names: int = 0
    """File entries met, counted once for each distinct content."""
    broken: list[tuple[str, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    """Deltas whose base is not known, because they cannot be read; as (what, reason)."""
    bytes: int = 0


def reach(store: Store, records: Iterable[str], read: Reader) -> Reached:
    """Walk from the references, and from the records (digests). Never raises for damage: it is listed in ``broken``."""
    reached = Reached()
    for reference, manifest in store.references().items():
        _reach_graph(store, reference, manifest, reached)
    for digest in records:
        _reach_blob(store, digest, f"snapshot {digest[:10]}", reached)
        try:
            references = read(digest)
        except (ContentCorrupt, NotFound, UnsupportedFormat) as error:
            reached.broken.append((f"snapshot {digest[:10]}", error.message))
            continue
        for blob in references.blobs:
            _reach_blob(store, blob, f"snapshot {digest[:10]}", reached)
        for name, root in references.contents:
            _reach_root(store, bytes.fromhex(root), f"{digest[:10]}:{name}", reached)
    _reach_bases(store, reached)
    return reached


def _reach_graph(store: Store, reference: str, manifest: str, reached: Reached) -> None:
    try:
        for what, digest in graph(store, manifest, reference):
            _reach_blob(store, digest, what, reached)
    except ContentCorrupt as error:
        reached.broken.append((reference, error.message))


def _reach_blob(store: Store, digest: str, what: str, reached: Reached) -> None:
    identity = bytes.fromhex(digest)
    if identity not in reached.blobs:
        reached.blobs.add(identity)
        try:
            row = store.blob_row(digest)
        except ContentCorrupt as error:
            reached.broken.append((what, error.message))
            return
        if row is None:
            reached.broken.append((what, f"its blob {digest[:16]} is missing"))
        else:
            _reach_root(store, row.root, what, reached)


def _reach_root(store: Store, root: bytes, what: str, reached: Reached) -> None:
    if root in reached.roots:
        return
    reached.roots.add(root)
    reached.names += 1
    try:
        reached.chunks.update(store.chunks.listing_chunks(root))
        recipe: Recipe | None = store.chunks.recipe(root)
    except ContentCorrupt as error:
        reached.broken.append((what, error.message))
        return
    if recipe is None:
        reached.broken.append((what, f"its recipe {root.hex()[:16]} is missing"))
        return
    reached.bytes += recipe.size
    reached.chunks.update(span.chunk for span in recipe.spans)


def _reach_bases(store: Store, reached: Reached) -> None:
    """A delta keeps its base: follow the chains."""
    ahead = list(reached.chunks)
    while ahead:
        bases = {base for identity in ahead if (base := _base_of(store, identity, reached)) is not None}
        ahead = list(bases - reached.chunks)
        reached.chunks.update(ahead)


def _base_of(store: Store, identity: bytes, reached: Reached) -> bytes | None:
    """The chunk that a delta was made against; None for other chunks, and for those that cannot be read."""
    try:
        row = store.chunks.find([identity])[0]
        if row is None:
            promises = promises_of(store.environment, [identity])[identity]
            return promises[0].base if promises else None
        if row.codec != Codec.DELTA:
            return None
        return bytes(store.chunks.stored(identity, row)[:ID_LENGTH])
    except ContentCorrupt as error:
        reached.unread.append((f"chunk {identity.hex()[:16]}", error.message))
        return None


def records_of(store: Store) -> list[str]:
    """The digests that everything is reached from: the history, and what tags name besides."""
    return list(dict.fromkeys([*store.snapshot_ids(), *(digest.hex() for _, digest in store.environment.rows(Table.TAGS))]))
