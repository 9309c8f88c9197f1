"""The store as a place for OCI graphs: one repository of it, behind the seam at which everything moves (``oci.target``).

Blobs belong to the store as a whole; manifests belong to the repository whose references name them: one for each tag, and for a manifest
without a tag one by its digest. A blob is committed by itself, and nothing leads to it yet; a manifest is committed together with its
reference once everything below it is there, so nobody ever finds half a graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress

from jupyter_kit.chunking.chunker import MIB
from jupyter_kit.errors import BlobMissing, ContentCorrupt, NotFound
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import verified
from jupyter_kit.oci.manifest import Index, Manifest, decode, media_type_of, pushed_manifest, referrer_of
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.oci.reference import LOCAL, check_tag
from jupyter_kit.oci.target import Content, Piece
from jupyter_kit.store.format.references import check_reference, hexadecimal, with_algorithm
from jupyter_kit.store.format.schema import BlobRow, Table
from jupyter_kit.store.reading.digests import remembered
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.arrival import Arrival
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.store.writing.writer import Writer

TAR_SUFFIX = ".tar"
"""How the media type of an uncompressed layer ends (image-spec, layer.md; kit's and ModelPack's layers)."""

RAW_SUFFIX = ".raw"
"""How the media type of a layer ends that is one file as it is (model-spec, “Layer Media Types”)."""

PATH_ANNOTATION = "org.cncf.model.filepath"
"""The path of that file (model-spec, annotations)."""

ARRIVAL_BLOCK_BYTES = 2 * MIB
"""Read at once from a blob that arrives: several do at the same time, from a network that is slower than a disk."""


class Blobs:
    """One repository of a store. Safe for several threads; each push has a writer of its own.

    Whoever moves a graph holds ``store.shared()`` meanwhile, so that prune does not take what nothing leads to yet. It would do no harm,
    the manifest would be refused, but the work would be lost.
    """

    def __init__(self, store: Store, repository: str) -> None:
        """``repository`` with its registry: ``ghcr.io/team/model``, ``localhost/model``. Raises InvalidInput where it is none."""
        check_reference(f"{repository}:latest")
        self._store = store
        self._repository = repository

    @property
    def name(self) -> str:
        """The repository with its registry."""
        return self._repository

    def resolve(self, name: str) -> Descriptor:
        """The manifest that a tag or digest names. Raises NotFound, ContentCorrupt."""
        named = self._named(self._store.references())
        digest = hexadecimal(name) if ":" in name else named.get(name, "")
        if digest not in named.values():
            shown = self.name.removeprefix(f"{LOCAL}/") + ("@" if ":" in name else ":") + name
            raise NotFound(f"There is no ModelKit “{shown}” here.", hint="See what there is: jupyter kit list.")
        return self._manifest(digest)[0]

    def exists(self, descriptor: Descriptor) -> bool:
        """Whether the store has a blob, or the repository a manifest."""
        digest = hexadecimal(descriptor.digest)
        if is_manifest(descriptor.media_type) and digest not in self._named(self._store.references()).values():
            return False
        row = self._store.blob_row(digest)
        return row is not None and row.size == descriptor.size

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        """The bytes, or ``length`` of them from ``start``. Raises NotFound, ContentCorrupt."""
        digest = hexadecimal(descriptor.digest)
        row = self._store.blob_row(digest)
        if row is None:
            raise NotFound(f"The store has no blob {descriptor.short} for {self.name}.", hint="Pull or pack it again.")
        name = f"{descriptor.short} of {self.name}"
        pieces = (memoryview(piece) for piece in self._store.read(row.root.hex(), start, length, name))
        # Every chunk is compared with its id's record, the recipe with its root, and the root with the digest that was once computed.
        bound = row.size == descriptor.size and remembered(self._store.chunks, row.root) == bytes.fromhex(digest)
        whole = start == 0 and (length is None or length >= descriptor.size)
        return verified(descriptor.digest, descriptor.size, pieces, name) if whole and not bound else pieces

    def tags(self) -> tuple[str, ...]:
        """Every tag, sorted."""
        return tuple(sorted(name for name in self._named(self._store.references()) if ":" not in name))

    def referrers(self, descriptor: Descriptor, artifact_type: str | None = None) -> tuple[Descriptor, ...]:
        """Manifests of the repository whose subject it is, with their type and annotations. Raises ContentCorrupt."""
        found = []
        for digest in dict.fromkeys(self._named(self._store.references()).values()):
            plain, manifest = self._manifest(digest)
            referrer = referrer_of(plain, manifest)
            if manifest.subject and manifest.subject.digest == descriptor.digest and artifact_type in (None, referrer.artifact_type):
                found.append(referrer)
        return tuple(found)

    def push(self, descriptor: Descriptor, content: Content) -> None:
        """Keep a blob or manifest, whole or not at all; what is there already and reads back is left as it is.

        Raises ContentCorrupt where the content is not what the descriptor says, BlobMissing where a manifest comes before its children,
        InvalidInput and UnsupportedFormat for a manifest that is none, StoreFull, StoreUnavailable.
        """
        if is_manifest(descriptor.media_type):
            self._push_manifest(descriptor, content)
        else:
            self._push_blob(descriptor, content)

    def _manifest(self, digest: str) -> tuple[Descriptor, Manifest | Index]:
        data = self._store.blob(digest)
        manifest = decode(data, f"{digest[:12]} of {self.name}")
        return Descriptor(media_type_of(manifest), with_algorithm(digest), len(data)), manifest

    def _push_blob(self, descriptor: Descriptor, content: Content) -> None:
        with self._store.writer(ARRIVAL_BLOCK_BYTES) as writer:
            self._keep(writer, descriptor, content)
            with writer.transaction():
                pass

    def _push_manifest(self, descriptor: Descriptor, content: Content) -> None:
        data, manifest = pushed_manifest(descriptor, content, self.name)
        digest = hexadecimal(descriptor.digest)
        with self._store.writer() as writer:
            self._keep(writer, descriptor, lambda start: iter((data[start:],)))
            with writer.transaction() as transaction:
                self._check_children(transaction, manifest, descriptor.short)
                if digest not in self._named(transaction.references()).values():
                    transaction.set_reference(self._untagged(digest), digest)

    def _keep(self, writer: Writer, descriptor: Descriptor, content: Content) -> None:
        digest = hexadecimal(descriptor.digest)
        row = self._store.blob_row(digest)
        if row is not None:
            if self._reads_back(descriptor):
                return
            writer.heal(self._chunks_of(row))
        writer.doubt()  # What it shares with damaged content would be damaged from the start.
        arrival = Arrival(descriptor, content, self.name)
        added = writer.add_arrival(arrival, _path_of(descriptor))
        arrival.end()
        writer.put_blob(bytes.fromhex(digest), BlobRow(added.size, bytes.fromhex(added.root)))

    def _reads_back(self, descriptor: Descriptor) -> bool:
        try:
            for _ in self.fetch(descriptor):
                pass
        except (ContentCorrupt, NotFound):  # Damaged, or only promised by a remote.
            return False
        return True

    def _chunks_of(self, row: BlobRow) -> frozenset[bytes]:
        """What may be damaged of a blob: all that can still be told of what it is made of."""
        chunks: set[bytes] = set()
        with suppress(ContentCorrupt, NotFound):
            chunks.update(self._store.chunks.listing_chunks(row.root))
            chunks.update(chunk for chunk, _ in self._store.chunk_ids(row.root.hex()))
        return frozenset(chunks)

    def _check_children(self, transaction: Transaction, manifest: Manifest | Index, name: str) -> None:
        children = {child.digest: child for child in manifest.children}
        missing = [child for child in children.values() if transaction.get(Table.BLOBS, bytes.fromhex(hexadecimal(child.digest))) is None]
        if missing:
            shown = missing[0].short + (f" and {len(missing) - 1} more" if len(missing) > 1 else "")
            raise BlobMissing(
                f"{self.name} lacks {shown}, which the manifest {name} refers to.", digests=tuple(child.digest for child in missing)
            )

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        """Let ``tag`` name a manifest of the repository. What it named before stays, by its digest. Raises NotFound, InvalidInput."""
        check_tag(tag)
        digest = hexadecimal(descriptor.digest)
        with self._store.writer() as writer, writer.transaction() as transaction:
            named = self._named(transaction.references())
            if digest not in named.values():
                raise NotFound(f"There is no {descriptor.short} of {self.name} in the store.", hint="Push it first.")
            transaction.set_reference(f"{self.name}:{tag}", digest)
            transaction.delete_reference(self._untagged(digest))
            self._keep_untagged(transaction, named.get(tag))

    def untag(self, tag: str) -> None:
        """Remove a tag; what it named stays, by its digest. Raises NotFound."""
        with self._store.writer() as writer, writer.transaction() as transaction:
            digest = self._named(transaction.references()).get(tag)
            if digest is None:
                raise NotFound(f"{self.name} has no tag {tag}.", hint="Look at the list.")
            transaction.delete_reference(f"{self.name}:{tag}")
            self._keep_untagged(transaction, digest)

    def delete(self, descriptor: Descriptor) -> None:
        """Let go of a manifest, with every tag that names it. What only it needed goes with the next prune. Raises NotFound."""
        digest = hexadecimal(descriptor.digest)
        with self._store.writer() as writer, writer.transaction() as transaction:
            named = [name for name, found in self._named(transaction.references()).items() if found == digest]
            if not named:
                raise NotFound(f"There is no {descriptor.short} of {self.name} in the store.", hint="Look at the list.")
            for name in named:
                transaction.delete_reference(f"{self.name}{'@' if ':' in name else ':'}{name}")

    def _keep_untagged(self, transaction: Transaction, digest: str | None) -> None:
        """A manifest that lost a tag keeps a reference by its digest, where it has none left."""
        if digest is not None and digest not in self._named(transaction.references()).values():
            transaction.set_reference(self._untagged(digest), digest)

    def _untagged(self, digest: str) -> str:
        return f"{self.name}@{with_algorithm(digest)}"

    def _named(self, references: Mapping[str, str]) -> dict[str, str]:
        """Tags, and digests with their algorithm, of the repository, with the manifests they name."""
        return {
            text[len(self.name) + 1 :]: digest for text, digest in references.items() if text.startswith((f"{self.name}:", f"{self.name}@"))
        }


def _path_of(descriptor: Descriptor) -> str | None:
    """What a blob is cut as: a file of this path, or with None a tar."""
    if descriptor.media_type.endswith(TAR_SUFFIX):
        return None
    return descriptor.annotations.get(PATH_ANNOTATION, "") if descriptor.media_type.endswith(RAW_SUFFIX) else ""
