"""The verbs that make ModelKits of snapshots and files of ModelKits, and that show them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_kit.oci.reference import LOCAL
from jupyter_kit.progress import Progress
from jupyter_kit.shown import ModelKitDetail, PackPlan
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.workspace.opened import Opened

if TYPE_CHECKING:
    from jupyter_kit.modelkit.difference import ModelKitDifference
    from jupyter_kit.modelkit.kitfile import Kitfile
    from jupyter_kit.modelkit.packing.pack import Compression, PackResult
    from jupyter_kit.modelkit.summary import ModelKitSummary
    from jupyter_kit.modelkit.unpacking.plan import Existing, UnpackPlan, UnpackResult
    from jupyter_kit.modelkits import ModelKits


class ModelKitVerbs(Opened):
    """Pack, unpack, list, info; and what inspect, diff, tag and remove do with ModelKits."""

    @cached_property
    def _modelkits(self) -> ModelKits:
        # Imported on first use: ModelKits take longer to import than most verbs take.
        from jupyter_kit.modelkits import ModelKits  # noqa: PLC0415

        return ModelKits(self._store, self._history, self._trail, self._places, self.settings)

    def plan_pack(self, name: str = HEAD, *, kitfile: Path | str | None = None) -> PackPlan:
        """The Kitfile that a snapshot would be packed by: a file given here, the one that the snapshot holds, or an inferred one.

        Raises NotFound, Conflict (ambiguous), InvalidInput (invalid-kitfile).
        """
        return self._modelkits.plan_pack(name, kitfile)

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

        No content is copied and the workspace is not read. Raises what :meth:`plan_pack` and
        :func:`~jupyter_kit.modelkit.packing.pack.pack` do.
        """
        return self._modelkits.pack(plan or self.plan_pack(name), references, compression, modelpack=modelpack, progress=progress)

    def write_kitfile(self, name: str = HEAD) -> tuple[Path, Kitfile]:
        """Write the Kitfile that fits a snapshot into the workspace, to be edited and packed by from the next snapshot on.

        Raises Conflict where there is a Kitfile already, NotFound where there is no snapshot.
        """
        return self._modelkits.write_kitfile(self.folder, name)

    def plan_unpack(self, reference: str, folder: Path | str, *, filters: Sequence[str] = (), existing: Existing = "error") -> UnpackPlan:
        """What :meth:`unpack` would do; nothing is written into ``folder``. What is not in the store is pulled first. Raises as it does."""
        return self._modelkits.plan_unpack(reference, Path(folder), filters, existing)

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
        return self._modelkits.unpack(reference, Path(folder), filters, existing, progress)

    def list(self, repository: str | None = None, *, kitops: bool = False, progress: Progress | None = None) -> tuple[ModelKitSummary, ...]:
        """ModelKits of this store; or of a repository in a registry or layout; or of kit's own store. Raises as its place does."""
        return self._modelkits.list(repository, kitops=kitops, progress=progress)

    def modelkit_names(self) -> Sequence[str]:
        """The references of the store's ModelKits, as people write them, sorted."""
        return sorted(name.removeprefix(f"{LOCAL}/") for name in self._store.references())

    def info(self, reference: str, *, remote: bool = False) -> Kitfile:
        """The Kitfile of a ModelKit; with ``remote`` of the one in its registry. Raises as :meth:`inspect_modelkit`."""
        return self.inspect_modelkit(reference, remote=remote).kitfile

    def info_field(self, reference: str, path: str, *, remote: bool = False) -> object:
        """One field of a Kitfile by kit's path (``.model.framework``), as JSON has it. Raises NotFound, and as :meth:`info`."""
        return self._modelkits.field(reference, path, remote=remote)

    def inspect_modelkit(self, reference: str, *, remote: bool = False) -> ModelKitDetail:
        """Manifest and Kitfile of a ModelKit, from the store or wherever the reference says; with ``remote`` never from the store.

        Raises NotFound, InvalidInput and ContentCorrupt for what is malformed, UnsupportedFormat for what is no ModelKit, RegistryError.
        """
        return self._modelkits.inspect(reference, remote=remote)

    def diff_modelkits(self, before: str, after: str) -> ModelKitDifference:
        """Two ModelKits compared: Kitfiles, layers, and files and cells where the store holds them. Raises as :meth:`inspect_modelkit`."""
        return self._modelkits.difference(before, after)

    def tag_modelkit(self, reference: str, existing: str, *, force: bool = False) -> str:
        """Let ``reference`` name the ModelKit that ``existing`` names; returns its digest.

        Raises Conflict where it names another and ``force`` is not given, NotFound, InvalidInput.
        """
        return self._modelkits.tag(reference, existing, force=force)

    def remove_modelkits(self, references: Sequence[str], *, remote: bool = False) -> tuple[str, ...]:
        """Forget references, and with its last one a ModelKit; with ``remote`` in their registries. Returns what went.

        Content stays until :meth:`prune`. Raises NotFound, InvalidInput, UnsupportedFormat where a registry cannot.
        """
        return self._modelkits.remove(references, remote=remote)
