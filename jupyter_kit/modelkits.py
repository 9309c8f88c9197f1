"""The ModelKits of one open workspace: packed from its snapshots, unpacked, listed, compared, named and forgotten.

What each method raises is told at the method of Workspace that calls it.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit import system
from jupyter_kit.delta.attaching import RECIPES_TYPE
from jupyter_kit.errors import Conflict, InvalidInput, KitError, UnsupportedFormat
from jupyter_kit.modelkit.inference.proposal import propose_kitfile
from jupyter_kit.modelkit.kitfile import FILE_NAMES, KITFILE_BYTES_MAX, Kitfile
from jupyter_kit.modelkit.modelkit import ModelKit, read_modelkit
from jupyter_kit.modelkit.packing.pack import Compression, PackResult, pack
from jupyter_kit.modelkit.summary import ModelKitSummary, kitfile_field, summarise
from jupyter_kit.modelkit.validation import load
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.reference import parse_references
from jupyter_kit.oci.target import Deleter, Referrers, Source
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.places import Places, Spot, untagged
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.settings import Settings, source_date
from jupyter_kit.shown import ModelKitDetail, PackPlan
from jupyter_kit.snapshot.history import History
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.disk.environment import foreign_errors
from jupyter_kit.store.format.references import hexadecimal
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.trail import Trail

if TYPE_CHECKING:
    from jupyter_kit.modelkit.difference import ModelKitDifference
    from jupyter_kit.modelkit.unpacking.plan import Existing, UnpackPlan, UnpackResult
    from jupyter_kit.modelkit.unpacking.unpack import Unpacking

# What only some verbs need is imported where they begin: all of it takes longer to import than a small change to pack.

REFERRERS_TAG = re.compile(r"sha(256|512)-[0-9a-f]{64}(\..*)?")
"""Tags under which clients list what refers to a manifest, and cosign its signatures: no ModelKit has one."""


class ModelKits:
    """See the module."""

    def __init__(self, store: Store, history: History, trail: Trail, places: Places, settings: Settings) -> None:
        self._store = store
        self._history = history
        self._trail = trail
        self._places = places
        self._settings = settings

    def plan_pack(self, name: str, kitfile: Path | str | None = None) -> PackPlan:
        """The Kitfile that a snapshot would be packed by."""
        with self._store.shared():
            snapshot = self._history.read(self._history.resolve(name))
            if kitfile is not None:
                return PackPlan(snapshot.id, load(_read_given(Path(kitfile)), str(kitfile)), str(kitfile))
            proposal = propose_kitfile(self._store, snapshot)
            return PackPlan(snapshot.id, proposal.kitfile, proposal.path or "", proposal.left_out)

    def pack(
        self,
        plan: PackPlan,
        references: Sequence[str],
        compression: Compression,
        *,
        modelpack: bool,
        progress: Progress | None,
    ) -> PackResult:
        """Make a ModelKit as planned."""
        with self._trail.recorded("pack"):
            parsed = [reference for text in references for reference in parse_references(text)]

            def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
                transaction.append_event(self._trail.draft("pack", (plan.snapshot, *ids), detail=" ".join(map(str, parsed))))

            return pack(
                self._store,
                self._history.read(plan.snapshot),
                plan.kitfile,
                parsed,
                cli_version=self._settings.kit_cli_version,
                compression=compression,
                modelpack=modelpack,
                created=source_date(),
                parent=lambda text: self.inspect(text, remote=False).kitfile,
                progress=progress,
                record=record,
            )

    def write_kitfile(self, folder: Path, name: str) -> tuple[Path, Kitfile]:
        """Write the Kitfile that fits a snapshot into the workspace. One that is there stays."""
        plan = self.plan_pack(name)
        file = folder / FILE_NAMES[0]
        taken = [there for there in FILE_NAMES if (folder / there).exists()]
        if plan.origin or taken:
            there = plan.origin or taken[0]
            raise Conflict(f"There is a {there} already.", hint="Edit it, or move it away first.", path=there)
        temporary = file.with_name(f".{file.name}.new")
        with foreign_errors(file):
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
            try:
                system.write(descriptor, [write_yaml(plan.kitfile)])
            except BaseException:
                os.close(descriptor)
                temporary.unlink(missing_ok=True)
                raise
            system.publish(descriptor, temporary, file)
        return file, plan.kitfile

    def plan_unpack(self, reference: str, folder: Path, filters: Sequence[str], existing: Existing) -> UnpackPlan:
        """What unpacking would do."""
        with self._store.shared():
            return self._unpacking(reference, folder, filters, existing, None).plan()

    def unpack(self, reference: str, folder: Path, filters: Sequence[str], existing: Existing, progress: Progress | None) -> UnpackResult:
        """Write the files of a ModelKit into a folder."""
        with self._trail.recorded("unpack"), self._store.shared():
            done = self._unpacking(reference, folder, filters, existing, progress).apply(progress)
            self._trail.append(self._trail.draft("unpack", (done.plan.digest,), detail=f"{reference} to {done.plan.folder}"))
            return done

    def list(self, repository: str | None, *, kitops: bool, progress: Progress | None) -> tuple[ModelKitSummary, ...]:
        """ModelKits of the store, of a repository, or of kit's own store."""
        with self._store.shared():
            if repository is not None:
                place = self._places.outside(repository).place
                tags = [tag for tag in place.tags() if not REFERRERS_TAG.fullmatch(tag)]
                named: Iterable[Spot] = (Spot(place, tag, f"{untagged(repository)}:{tag}") for tag in tags)
            else:
                named = self._places.kept_by_kit() if kitops else self._places.kept_here()
            spots = list(named)
            found: dict[str, ModelKitSummary] = {}

            def look(spot: Spot, advance: Advance) -> None:
                with suppress(UnsupportedFormat):  # Images and synced snapshots lie in registries as well.
                    found[spot.text] = summarise(spot.text, read_modelkit(spot.place, spot.name))
                advance(1, path=spot.name)

            with phase(progress or Silent(), "Reading ModelKits", total=len(spots), unit="blobs"):
                in_parallel(look, spots, progress or Silent(), concurrency=self._settings.concurrency if repository else 1)
            return tuple(found[spot.text] for spot in spots if spot.text in found)

    def inspect(self, reference: str, *, remote: bool) -> ModelKitDetail:
        """Manifest and Kitfile of a ModelKit, wherever it is."""
        with self._store.shared():
            spot = self._places.outside(reference) if remote else self._places.nearest(reference)
            found = read_modelkit(spot.place, spot.name)
            return ModelKitDetail(
                reference=reference,
                digest=found.descriptor.digest,
                format=found.format,
                size=found.size,
                cli_version=found.cli_version,
                created=found.created,
                kitfile=found.kitfile,
                manifest=found.manifest,
            )

    def field(self, reference: str, path: str, *, remote: bool) -> object:
        """One field of a Kitfile."""
        return kitfile_field(self.inspect(reference, remote=remote).kitfile, path)

    def difference(self, before: str, after: str) -> ModelKitDifference:
        """Two ModelKits compared, down to files and cells where the store holds both."""
        from jupyter_kit.modelkit.difference import difference  # noqa: PLC0415 — see above

        with self._store.shared():
            old, new = self._places.nearest(before), self._places.nearest(after)
            return difference(self._store, read_modelkit(old.place, old.name), read_modelkit(new.place, new.name))

    def tag(self, reference: str, existing: str, *, force: bool) -> str:
        """Let a reference name the ModelKit that another names; returns its digest."""
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

    def remove(self, references: Sequence[str], *, remote: bool) -> tuple[str, ...]:
        """Forget references, and with its last one a ModelKit; with ``remote`` in their registries."""
        with self._trail.recorded("remove"), self._store.shared():
            spots = [
                self._places.outside(text) if remote or self._places.is_outside(text) else self._places.held(text) for text in references
            ]
            for spot, found in [(spot, spot.resolve()) for spot in spots]:
                if not isinstance(spot.place, Deleter):
                    raise InvalidInput(f"{spot.place.name} lets nobody remove anything.", hint="Remove it with the tools of that place.")
                others = [tag for tag in spot.place.tags() if tag != spot.name]
                if ":" in spot.name or all(spot.place.resolve(tag).digest != found.digest for tag in others):
                    _delete(spot.place, found)
                else:
                    spot.place.untag(spot.name)
                self._trail.append(self._trail.draft("remove", (found.digest,), detail=spot.text))
            return tuple(references)

    def _unpacking(self, reference: str, folder: Path, filters: Sequence[str], existing: Existing, progress: Progress | None) -> Unpacking:
        from jupyter_kit.modelkit.unpacking.filters import parse_filter  # noqa: PLC0415 — see above
        from jupyter_kit.modelkit.unpacking.unpack import Unpacking  # noqa: PLC0415

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
        if not isinstance(spot.place, Blobs):
            from jupyter_kit.incoming import bring  # noqa: PLC0415 — see above

            bring(self._store, spot, held, progress)
        return held


def _delete(place: Deleter, found: Descriptor) -> None:
    """Remove a ModelKit, and before it the recipes that were attached to it: they are of no use without."""
    if isinstance(place, Referrers):
        with suppress(KitError):
            for recipes in place.referrers(found, RECIPES_TYPE):
                place.delete(recipes)
    place.delete(found)


def _read_given(file: Path) -> bytes:
    """A Kitfile that somebody names; one that is too long is refused by whoever reads it."""
    try:
        with file.open("rb") as stream:
            return stream.read(KITFILE_BYTES_MAX + 1)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be read: {error.strerror}.", hint="Check its path.", path=str(file)) from error
