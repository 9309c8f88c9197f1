"""The verbs that make ModelKits of snapshots and files of ModelKits, and that show them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from jupyter_kit.errors import Conflict, InvalidInput, UnsupportedFormat
from jupyter_kit.modelkit.infer import infer
from jupyter_kit.modelkit.inference.formats import HEAD_BYTES
from jupyter_kit.modelkit.kitfile import Kitfile, find_kitfile
from jupyter_kit.modelkit.modelkit import ModelKit, read_modelkit
from jupyter_kit.modelkit.pack import Compression, PackResult, pack
from jupyter_kit.modelkit.unpacking.filters import parse_filter
from jupyter_kit.modelkit.unpacking.plan import Existing, UnpackPlan, UnpackResult
from jupyter_kit.modelkit.unpacking.unpack import Unpacking
from jupyter_kit.modelkit.validation import load
from jupyter_kit.oci.manifest import Manifest
from jupyter_kit.oci.reference import parse_references
from jupyter_kit.oci.target import Deleter, Source
from jupyter_kit.places import Spot, untagged
from jupyter_kit.progress import Progress
from jupyter_kit.settings import source_date
from jupyter_kit.snapshot.records import read_files
from jupyter_kit.snapshot.snapshot import Skipped, Snapshot
from jupyter_kit.store.references import hexadecimal
from jupyter_kit.store.tags import HEAD
from jupyter_kit.store.transaction import Transaction
from jupyter_kit.transfer import copy
from jupyter_kit.workspace.opened import Opened

KITFILE_BYTES_MAX = 1 << 20
"""Bytes of a Kitfile: real ones have a few hundred."""


@dataclass(frozen=True)
class PackPlan:
    """What :meth:`ModelKits.pack` would pack: the snapshot, its Kitfile, and the files that no layer holds.

    ``origin`` is the path of the Kitfile; empty where it was inferred.
    """

    snapshot: str
    kitfile: Kitfile
    origin: str
    left_out: tuple[Skipped, ...] = ()


@dataclass(frozen=True)
class ModelKitEntry:
    """One line of ``list``: a ModelKit by one reference. ``size`` is that of config and layers, in bytes, as stored."""

    reference: str
    digest: str
    name: str
    author: str
    format: str
    size: int
    created: str | None


@dataclass(frozen=True)
class ModelKitDetail:
    """A ModelKit whole: its Kitfile as its config has it, and its manifest."""

    reference: str
    digest: str
    format: str
    size: int
    cli_version: str
    created: str | None
    kitfile: Kitfile
    manifest: Manifest


class ModelKits(Opened):
    """Pack, unpack, list, info."""

    def plan_pack(self, name: str = HEAD, *, kitfile: Path | str | None = None) -> PackPlan:
        """The Kitfile that a snapshot would be packed by: a file given here, the one that the snapshot holds, or an inferred one.

        Raises NotFound, Conflict (ambiguous), InvalidInput (invalid-kitfile).
        """
        with self._store.shared():
            snapshot = self._history.read(self._history.resolve(name))
            if kitfile is not None:
                return PackPlan(snapshot.id, load(_read_given(Path(kitfile)), str(kitfile)), str(kitfile))
            return self._plan_pack(snapshot)

    def pack(
        self,
        name: str = HEAD,
        references: Sequence[str] = (),
        *,
        plan: PackPlan | None = None,
        compression: Compression = "none",
        modelpack: bool = False,
        progress: Progress | None = None,
    ) -> PackResult:
        """Make a ModelKit of a snapshot, by ``plan`` if it was planned. Each reference may have further tags after commas.

        No content is copied and the workspace is not read. Raises what :meth:`plan_pack` and :func:`~jupyter_kit.modelkit.pack.pack` do.
        """
        with self._trail.recorded("pack"):
            parsed = [reference for text in references for reference in parse_references(text)]
            plan = plan or self.plan_pack(name)

            def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("pack", (plan.snapshot, *ids), detail=" ".join(map(str, parsed))))

            return pack(
                self._store,
                self._history.read(plan.snapshot),
                plan.kitfile,
                parsed,
                cli_version=self.settings.kit_cli_version,
                compression=compression,
                modelpack=modelpack,
                created=source_date(),
                parent=self.info,
                progress=progress,
                record=record,
            )

    def plan_unpack(self, reference: str, folder: Path | str, *, filters: Sequence[str] = (), existing: Existing = "error") -> UnpackPlan:
        """What :meth:`unpack` would do; nothing is written into ``folder``. What is not in the store is pulled first. Raises as it does."""
        with self._store.shared():
            return self._unpacking(reference, Path(folder), filters, existing, None).plan()

    def unpack(
        self,
        reference: str,
        folder: Path | str,
        *,
        filters: Sequence[str] = (),
        existing: Existing = "error",
        progress: Progress | None = None,
    ) -> UnpackResult:
        """Write the files of a ModelKit into a folder: all of them, or those that a filter of kit's grammar names (``datasets:train``).

        The store's ModelKit is taken; one that only a registry, layout or kit's own store has is pulled first, and so are the parents whose
        model it has. Every byte is verified, and the whole plan checked before the first file is in its place.
        Raises NotFound, InvalidInput, Conflict for files that exist, ContentCorrupt, StoreFull, RegistryError.
        """
        with self._trail.recorded("unpack"), self._store.shared():
            done = self._unpacking(reference, Path(folder), filters, existing, progress).apply(progress)
            self._trail.append(self._trail.draft("unpack", (done.plan.digest,), detail=f"{reference} to {done.plan.folder}"))
            return done

    def list(self, repository: str | None = None, *, kitops: bool = False) -> tuple[ModelKitEntry, ...]:
        """ModelKits of this store; or of a repository in a registry or layout; or of kit's own store. Raises as its place does."""
        with self._store.shared():
            if repository is not None:
                place = self._places.outside(repository).place
                named: Iterable[Spot] = (Spot(place, tag, f"{untagged(repository)}:{tag}") for tag in place.tags())
            else:
                named = self._places.kept_by_kit() if kitops else self._places.kept_here()
            found = []
            for spot in named:
                with suppress(UnsupportedFormat):  # Images and synced snapshots lie in registries as well.
                    found.append(_entry(read_modelkit(spot.place, spot.name), spot.text))
            return tuple(found)

    def info(self, reference: str, *, remote: bool = False) -> Kitfile:
        """The Kitfile of a ModelKit; with ``remote`` of the one in its registry. Raises as :meth:`inspect_modelkit`."""
        return self.inspect_modelkit(reference, remote=remote).kitfile

    def inspect_modelkit(self, reference: str, *, remote: bool = False) -> ModelKitDetail:
        """Manifest and Kitfile of a ModelKit, from the store or wherever the reference says; with ``remote`` never from the store.

        Raises NotFound, InvalidInput and ContentCorrupt for what is malformed, UnsupportedFormat for what is no ModelKit, RegistryError.
        """
        with self._store.shared():
            spot = self._places.outside(reference) if remote else self._places.nearest(reference)
            found = read_modelkit(spot.place, spot.name)
            return ModelKitDetail(
                reference,
                found.descriptor.digest,
                found.format,
                found.size,
                found.cli_version,
                found.created,
                found.kitfile,
                found.manifest,
            )

    def tag_modelkit(self, reference: str, existing: str, *, force: bool = False) -> str:
        """Let ``reference`` name the ModelKit that ``existing`` names; returns its digest.

        Raises Conflict where it names another and ``force`` is not given, NotFound, InvalidInput.
        """
        with self._trail.recorded("tag"):
            wanted = self._places.held(reference)
            if ":" in wanted.name:
                raise InvalidInput(f"“{reference}” names a digest.", hint="Give a tag: model:v1.")
            with self._store.writer() as writer:
                digest = self._places.held(existing).resolve().digest
                with writer.transaction() as transaction:
                    name = f"{wanted.place.name}:{wanted.name}"
                    now = transaction.references().get(name)
                    if now not in (None, hexadecimal(digest)) and not force:
                        raise Conflict(f"{reference} names another ModelKit already.", hint="Choose another tag, or move it with --force.")
                    transaction.set_reference(name, hexadecimal(digest))
                    transaction.append_event(self._trail.draft("tag", (digest,), detail=reference))
            return digest

    def remove_modelkits(self, references: Sequence[str], *, remote: bool = False) -> tuple[str, ...]:
        """Forget references, and with its last one a ModelKit; with ``remote`` in their registries. Returns what went.

        Content stays until :meth:`prune`. Raises NotFound, InvalidInput, UnsupportedFormat where a registry cannot.
        """
        with self._trail.recorded("remove"), self._store.shared():
            for reference in references:
                spot = self._places.outside(reference) if remote or self._places.is_outside(reference) else self._places.held(reference)
                found = spot.resolve()
                if not isinstance(spot.place, Deleter):
                    raise InvalidInput(f"{spot.place.name} lets nobody remove anything.")
                if ":" in spot.name or not self._has_other_tags(spot, found.digest):
                    spot.place.delete(found)
                else:
                    spot.place.untag(spot.name)
                self._trail.append(self._trail.draft("remove", (found.digest,), detail=reference))
            return tuple(references)

    def _has_other_tags(self, spot: Spot, digest: str) -> bool:
        return any(spot.place.resolve(tag).digest == digest for tag in spot.place.tags() if tag != spot.name)

    def _unpacking(self, reference: str, folder: Path, filters: Sequence[str], existing: Existing, progress: Progress | None) -> Unpacking:
        wanted = tuple(map(parse_filter, filters))

        def kept(reference: str) -> tuple[Source, ModelKit]:
            spot = self._kept(reference, progress)
            return spot.place, read_modelkit(spot.place, spot.name)

        place, found = kept(reference)
        return Unpacking(place, found, folder, filters=wanted, existing=existing, parent=kept)

    def _kept(self, reference: str, progress: Progress | None) -> Spot:
        """Where the store has a ModelKit; it is pulled first where it does not have it yet."""
        spot = self._places.nearest(reference)
        held = self._places.held(self._places.local_name(reference))
        if spot.place.name != held.place.name:
            copy(spot.place, held.place, spot.resolve(), tag=None if ":" in held.name else held.name, progress=progress)
        return held

    def _plan_pack(self, snapshot: Snapshot) -> PackPlan:
        files = read_files(self._store, snapshot)
        roots = {entry.path: entry for entry in files if entry.kind == "file"}
        if (path := find_kitfile(roots)) is not None:
            if roots[path].size > KITFILE_BYTES_MAX:
                raise InvalidInput(
                    f"{path} is larger than {KITFILE_BYTES_MAX >> 20} MiB.", hint="A Kitfile names files; it holds none.", path=path
                )
            return PackPlan(snapshot.id, load(self._store.read_bytes(roots[path].root, path), path), path)

        def read_head(path: str) -> bytes:
            return b"".join(map(bytes, self._store.read(roots[path].root, 0, HEAD_BYTES, path)))

        found = infer(files, read_head, name=self.folder.name, author=snapshot.author, metrics=snapshot.metrics)
        return PackPlan(snapshot.id, found.kitfile, "", found.left_out)


def _entry(found: ModelKit, reference: str) -> ModelKitEntry:
    package = found.kitfile.package
    return ModelKitEntry(
        reference, found.descriptor.digest, package.name, ", ".join(package.authors), found.format, found.size, found.created
    )


def _read_given(file: Path) -> bytes:
    try:
        with file.open("rb") as stream:
            document = stream.read(KITFILE_BYTES_MAX + 1)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", hint="Check its path.", path=str(file)) from error
    if len(document) > KITFILE_BYTES_MAX:
        raise InvalidInput(
            f"{file} is larger than {KITFILE_BYTES_MAX >> 20} MiB.", hint="A Kitfile names files; it holds none.", path=str(file)
        )
    return document
