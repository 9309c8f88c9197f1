"""Unpacking: the layers of a ModelKit become files in a folder, all of them or none.

Order: the whole plan, from the headers of every wanted layer and what stands in the folder; every content to a staging folder, each layer
verified against its digest and diffId; all made durable; then renames, one step each. A death before those leaves nothing; one between
them leaves whole files, and unpacking again with ``overwrite`` finishes.
"""

from __future__ import annotations

import os
import shutil
import stat
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from jupyter_kit import system
from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, NotFound, StoreFull
from jupyter_kit.modelkit.archive.reading import Member
from jupyter_kit.modelkit.kitfile import FILE_NAMES
from jupyter_kit.modelkit.modelkit import ModelKit
from jupyter_kit.modelkit.packing.pack import PARENTS_MAX
from jupyter_kit.modelkit.unpacking.contents import LayerContents
from jupyter_kit.modelkit.unpacking.filters import Filter, of_parent, wants_kitfile, wants_layer, wants_remote
from jupyter_kit.modelkit.unpacking.placement import PlacedFile, Placement, checked_path
from jupyter_kit.modelkit.unpacking.plan import Existing, UnpackPlan, UnpackResult, UnpackStep, decide
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.oci.reference import LOCAL
from jupyter_kit.oci.target import Source
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.snapshot.disk import Disk, changed_meanwhile, not_permitted, told
from jupyter_kit.snapshot.scan import USUAL_FOLDER_MODE
from jupyter_kit.snapshot.snapshot import Skipped
from jupyter_kit.system import Buffer

KITFILE = FILE_NAMES[0]
"""What the Kitfile is called where it is unpacked, whatever it was called where it was packed."""

MB = 1_000_000

Parent = Callable[[str], tuple[Source, ModelKit]]
"""Where the ModelKit is that a ``model.path`` refers to, and what it says."""


class Unpacking:
    """One ModelKit, and where it goes. ``plan`` looks, ``apply`` writes; both may be asked for again.

    ``source`` is a place on this machine: layers are read twice. ``parent`` answers ModelKits that ``model.path`` refers to; their models
    come first, and without it a ModelKit with a parent is refused. Files are written with the permissions of their entries, less the
    process's umask.
    """

    def __init__(
        self,
        source: Source,
        modelkit: ModelKit,
        folder: Path,
        *,
        filters: Sequence[Filter] = (),
        existing: Existing = "error",
        parent: Parent | None = None,
    ) -> None:
        """Raises InvalidInput for a chain of parents without end, and what ``parent`` raises."""
        self._modelkit, self._folder, self._existing = modelkit, folder, existing
        self._skipped: list[Skipped] = []
        chosen = [
            contents
            for place, kit, wanted in reversed(list(_chain(source, modelkit, filters, parent)))
            for contents in self._wanted(place, kit, wanted)
        ]
        # kit up to 1.11 packs “./a” and “a” both: the same layer twice is no conflict with itself.
        self._layers = list({contents.identity: contents for contents in reversed(chosen)}.values())[::-1]
        self._kitfile = write_yaml(modelkit.kitfile) if modelkit.written and wants_kitfile(filters) else None

    def plan(self) -> UnpackPlan:
        """What it would do. Writes nothing.

        Raises InvalidInput for entries that must not be unpacked, ContentCorrupt for damaged layers, Conflict for files that exist.
        """
        placement = Placement()
        if self._kitfile is not None:
            placement.add(Member(KITFILE, "file", 0o644, len(self._kitfile)), KITFILE)
        for contents in self._layers:
            for member in contents.members():
                placement.add(member, contents.title)
        steps = decide(placement, self._look, self._stays, overwrite=self._existing == "overwrite")
        titles = tuple(contents.title for contents in self._layers)
        return UnpackPlan(self._modelkit.name, self._modelkit.descriptor.digest, str(self._folder), steps, titles, tuple(self._skipped))

    def apply(self, progress: Progress | None = None) -> UnpackResult:
        """Do it. Raises as :meth:`plan`, ContentCorrupt where a layer is not what its digests say, StoreFull, StoreUnavailable."""
        started = time.monotonic()
        planned = self.plan()
        with _made(self._folder), Disk(self._folder) as disk:
            self._check_room(planned)
            _check_permissions(disk, planned)
            writes = {step.path: step for step in planned.steps if step.action == "write"}
            disk.expect(len(writes))
            with phase(progress or Silent(), "Unpacking", total=planned.bytes) as under_way:
                staged = self._stage(disk, writes, under_way)
            disk.sync()
            _put_in_place(disk, planned, staged)
        return UnpackResult(planned, time.monotonic() - started)

    def _wanted(self, source: Source, modelkit: ModelKit, filters: Sequence[Filter]) -> Iterator[LayerContents]:
        name = f"{source.name}:{modelkit.name}" if ":" not in modelkit.name else f"{source.name}@{modelkit.name[:19]}"
        for layer in modelkit.layers:
            if layer.type is None:
                self._skipped.append(Skipped(layer.path or layer.name, f"a layer of the unknown type {layer.descriptor.media_type[:100]}"))
            elif wants_layer(filters, layer):
                yield LayerContents(source, layer, layer.type, f"{layer.name} of {name}")
        if wants_remote(filters):
            remote = [dataset for dataset in modelkit.kitfile.datasets if dataset.remote_path]
            self._skipped += [Skipped(dataset.path, f"data that lies at {dataset.remote_path}") for dataset in remote]

    def _look(self, path: str) -> int | None:
        try:
            return os.lstat(self._folder / path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise told(error, path) from error

    def _stays(self, file: PlacedFile, mode: int) -> bool:
        """As in kit: a Kitfile stays only where it is equal, whatever becomes of other files."""
        if file.origin != KITFILE:
            return self._existing == "ignore"
        try:
            return stat.S_ISREG(mode) and (self._folder / file.path).read_bytes() == self._kitfile
        except OSError as error:
            raise told(error, file.path) from error

    def _check_room(self, planned: UnpackPlan) -> None:
        free = shutil.disk_usage(self._folder).free
        if planned.bytes > free:
            raise StoreFull(
                f"{self._folder} has room for {free / MB:,.1f} MB, not for the {planned.bytes / MB:,.1f} MB to unpack.",
                hint="Free some space, then try again.",
            )

    def _stage(self, disk: Disk, writes: dict[str, UnpackStep], progress: Progress) -> dict[str, int]:
        """Write every content beside its place, reading every wanted layer to its end; returns their numbers by path."""
        mask, now_ns = system.umask(), time.time_ns()
        staged: dict[str, int] = {}

        def stage(path: str, content: Iterator[Buffer]) -> None:
            step = writes[path]

            def fill(descriptor: int) -> None:
                left = step.size
                for piece in content:
                    left -= len(piece)
                    if left < 0:
                        break
                    system.write(descriptor, [piece])
                    progress.advance(len(piece), path=path)
                if left:
                    raise ContentCorrupt(f"“{path}” is not as long as the {step.origin} says.", hint="Ask whoever packed it.", path=path)

            staged[path] = disk.stage_file(path, step.mode & ~mask, now_ns, fill)

        if self._kitfile is not None and KITFILE in writes:
            stage(KITFILE, iter([self._kitfile]))
        for contents in self._layers:
            for member, content in contents.read():
                path = checked_path(member, contents.title)
                if member.kind == "file" and path in writes and path not in staged and writes[path].origin == contents.title:
                    stage(path, content)
        missing = writes.keys() - staged.keys()
        if missing:
            raise ContentCorrupt(f"“{min(missing)}” went away while it was unpacked.", hint="Try again.", path=min(missing))
        return staged


def _chain(
    source: Source, modelkit: ModelKit, filters: Sequence[Filter], parent: Parent | None
) -> Iterator[tuple[Source, ModelKit, Sequence[Filter]]]:
    """The ModelKit and its parents, each with what is wanted of it. Raises InvalidInput, and what ``parent`` raises."""
    yield source, modelkit, filters
    narrowed = of_parent(filters)
    met: list[str] = []
    while modelkit.parent and narrowed:
        following = modelkit.parent
        if parent is None:
            raise InvalidInput(f"The model of {modelkit.name} is that of {following}.", hint="Pull that first.")
        if following in met or len(met) == PARENTS_MAX:
            what = "goes in a circle" if following in met else f"is longer than {PARENTS_MAX}"
            raise InvalidInput(f"The chain of parent ModelKits {what}: {' → '.join([*met, following])}.", hint="Ask whoever packed it.")
        met.append(following)
        try:
            place, modelkit = parent(following)
        except NotFound as error:
            child = f"{source.name.removeprefix(f'{LOCAL}/')}:{modelkit.name}"
            raise NotFound(
                f"The model of {child} is that of {following}. {error.message}",
                kind=error.kind,
                hint=f"Pull or pack {following}, or unpack the rest alone: --filter code, --filter datasets.",
            ) from error
        source = place
        yield place, modelkit, narrowed


def _check_permissions(disk: Disk, planned: UnpackPlan) -> None:
    """Raises StoreUnavailable (permission-denied) for the first folder in which nothing may be made."""
    made = {step.path for step in planned.steps if step.action == "folder"}
    for folder in sorted({step.path.rpartition("/")[0] for step in planned.steps if step.action != "keep"} - made):
        if not disk.is_writable(folder):
            raise not_permitted(folder or ".")


def _put_in_place(disk: Disk, planned: UnpackPlan, staged: dict[str, int]) -> None:
    folders = [step for step in planned.steps if step.action == "folder"]
    mask = system.umask()
    for step in planned.steps:
        if step.action == "write" and not step.exists and disk.look(step.path) is not None:
            raise changed_meanwhile(step.path)
    for step in folders:
        disk.make_folder(step.path)
    for path, number in staged.items():
        disk.move(number, path)
    for step in reversed(folders):
        disk.set_mode(step.path, step.mode & ~mask)
    disk.sync_moved()


@contextmanager
def _made(folder: Path) -> Iterator[None]:
    """Make the folder that is unpacked to, and those above it; where unpacking fails, they go again."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    try:
        for place in reversed(missing):
            place.mkdir(USUAL_FOLDER_MODE)
    except OSError as error:
        raise told(error, str(folder)) from error
    if not folder.is_dir():
        raise Conflict(f"{folder} is no folder.", hint="Name another.", path=str(folder))
    try:
        yield
    except BaseException:
        for place in missing:
            with suppress(OSError):  # Something is in it.
                place.rmdir()
        raise
