"""Copying a graph from one place to another: children first, what is there is skipped, the tag comes last.

So a tag never names an incomplete graph, and a copy that broke off goes on where it was when it is run again. Push and pull are its two
directions. The order of work is oras-go's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from jupyter_kit.errors import BlobMissing, InvalidInput, NotFound, TransferError
from jupyter_kit.oci.descriptor import PUSH_AGAIN, SIZE_MAX, Descriptor
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Index, Manifest, decode
from jupyter_kit.oci.media_types import is_manifest
from jupyter_kit.oci.target import Mounter, Piece, Referrers, Source, Target
from jupyter_kit.parallel import Advance, in_parallel
from jupyter_kit.progress import Progress, Silent, phase

CONCURRENCY = 5
"""Blobs that move at once, as in kit. Each holds some pieces in memory, never a whole blob."""

DEPTH_MAX = 8
"""Indexes in indexes: real ones have two."""

NODES_MAX = 100_000
"""Blobs and manifests of one graph: a manifest of 4 MiB holds 26,000 layers."""

MANIFESTS_BYTES_MAX = 64 << 20
"""Bytes of all manifests of one graph, which are kept in memory until they are pushed."""

REFERRERS_MAX = 1000
"""Referrers that come along: signatures and attestations of one ModelKit are a handful."""

BYTES = "application/octet-stream"


@dataclass(frozen=True)
class Copied:
    """What a copy did; manifests count as blobs."""

    bytes_moved: int
    blobs_moved: int
    blobs_mounted: int
    blobs_skipped: int


def copy(
    source: Source,
    target: Target,
    root: Descriptor,
    *,
    tag: str | None = None,
    progress: Progress | None = None,
    concurrency: int = CONCURRENCY,
    referrers: bool = False,
) -> Copied:
    """Copy ``root`` and everything below it, then let ``tag`` name it. With ``referrers``, copy also what refers to it, and to that.

    Raises TransferError where one side's system fails, InvalidInput for a graph past the limits, and what the two places raise.
    """
    run = _Copy(source, target, progress or Silent(), concurrency)
    run.graph(root)
    if referrers and isinstance(source, Referrers):
        for referrer in _referrers(source, root):
            run.graph(referrer)
    if tag is not None:
        try:
            run.tag(root, tag)
        except (BlobMissing, NotFound):
            run.graph(root, trusting=False)  # It said that it had the root, and does not.
            run.tag(root, tag)
    return run.copied


def _referrers(source: Referrers, root: Descriptor) -> list[Descriptor]:
    """What refers to ``root``, directly or not; each after its subject."""
    found = {root.digest: root}
    subjects = [root]
    while subjects:
        new = {referrer.digest: referrer for subject in subjects for referrer in source.referrers(subject) if referrer.digest not in found}
        if len(found) + len(new) > REFERRERS_MAX:
            raise InvalidInput(f"More than {REFERRERS_MAX:,} manifests refer to {root.short}.", hint="Copy it without them.")
        found.update(new)
        subjects = list(new.values())
    return list(found.values())[1:]


@dataclass(frozen=True)
class _Planned:
    """A manifest that has to be pushed."""

    descriptor: Descriptor
    data: bytes
    children: tuple[Descriptor, ...]


class _Plan:
    """What of a graph has to be looked at: manifests, children first, and blobs, each once."""

    def __init__(self) -> None:
        self.manifests: list[_Planned] = []
        self.blobs: dict[str, Descriptor] = {}
        self._met: dict[tuple[str, bool], int] = {}
        self._described = 0
        self._held = 0

    def meets(self, descriptor: Descriptor) -> bool:
        """Whether it is met for the first time. Raises InvalidInput past the limits."""
        key = (descriptor.digest, is_manifest(descriptor.media_type))
        known = self._met.get(key)
        if known is not None:
            if known != descriptor.size:
                raise InvalidInput(f"{descriptor.short} is described with two sizes, {known} and {descriptor.size} bytes.", hint=PUSH_AGAIN)
            return False
        self._met[key] = descriptor.size
        self._described += descriptor.size
        if len(self._met) > NODES_MAX or self._described > SIZE_MAX:
            raise InvalidInput(
                f"The graph has more than {NODES_MAX:,} blobs, or more than {SIZE_MAX >> 50} PiB.", hint="Name one of the ModelKits in it."
            )
        return True

    def add(self, manifest: _Planned) -> None:
        """A manifest whose children are planned. Raises InvalidInput past the limits."""
        self.manifests.append(manifest)
        self._held += len(manifest.data)
        if self._held > MANIFESTS_BYTES_MAX:
            raise InvalidInput(
                f"The graph has more than {MANIFESTS_BYTES_MAX >> 20} MiB of manifests.", hint="Name one of the ModelKits in it."
            )


class _Copy:
    """One run of :func:`copy`."""

    def __init__(self, source: Source, target: Target, progress: Progress, concurrency: int) -> None:
        self._source = source
        self._target = target
        self._progress = progress
        self._concurrency = concurrency
        self._moved: list[Descriptor] = []
        self._mounted: list[Descriptor] = []
        self._skipped: list[Descriptor] = []

    @property
    def copied(self) -> Copied:
        """What was done so far."""
        size = sum(descriptor.size for descriptor in self._moved)
        return Copied(size, len(self._moved), len(self._mounted), len(self._skipped))

    def graph(self, root: Descriptor, *, trusting: bool = True) -> None:
        """Copy what the target lacks; all of it where its word is not trusted."""
        plan = _Plan()
        self._walk(plan, root, trusting=trusting, depth=0)
        blobs = list(plan.blobs.values())
        self._move(self._absent(blobs) if trusting else blobs)
        for manifest in plan.manifests:
            self._push_manifest(manifest)

    def tag(self, root: Descriptor, tag: str) -> None:
        """Raises TransferError."""
        with self._system_errors(self._target, f"tag {tag}"):
            self._target.tag(root, tag)

    def _walk(self, plan: _Plan, descriptor: Descriptor, *, trusting: bool, depth: int) -> None:
        if not plan.meets(descriptor):
            return
        if not is_manifest(descriptor.media_type):
            plan.blobs[descriptor.digest] = descriptor
            return
        if depth == DEPTH_MAX:
            raise InvalidInput(f"{self._source.name} nests indexes more than {DEPTH_MAX} deep.", hint="Name one of the ModelKits in it.")
        if trusting and self._exists(descriptor):
            self._skipped.append(descriptor)
            return
        data = self._fetch_manifest(descriptor)
        children = _children(decode(data, f"{descriptor.short} in {self._source.name}"))
        for child in children:
            self._walk(plan, child, trusting=trusting, depth=depth + 1)
        plan.add(_Planned(descriptor, data, children))

    def _fetch_manifest(self, descriptor: Descriptor) -> bytes:
        if descriptor.size > MANIFEST_BYTES_MAX:
            raise InvalidInput(
                f"The manifest {descriptor.short} in {self._source.name} is larger than {MANIFEST_BYTES_MAX >> 20} MiB.",
                hint="Registries take none that large; ask who pushed it.",
            )
        return b"".join(bytes(piece) for piece in self._fetch(descriptor, 0))

    def _absent(self, blobs: list[Descriptor]) -> list[Descriptor]:
        """Those that the target lacks."""
        present: set[str] = set()

        def look(descriptor: Descriptor, advance: Advance) -> None:
            if self._exists(descriptor):
                present.add(descriptor.digest)
            advance(1, path=descriptor.short)

        with phase(self._progress, f"Looking into {self._target.name}", total=len(blobs), unit="blobs"):
            in_parallel(look, blobs, self._progress, concurrency=self._concurrency)
        self._skipped += [descriptor for descriptor in blobs if descriptor.digest in present]
        return [descriptor for descriptor in blobs if descriptor.digest not in present]

    def _move(self, blobs: Iterable[Descriptor]) -> None:
        """Large ones first: a large one begun last would be waited for alone."""
        ordered = sorted(blobs, key=lambda blob: blob.size, reverse=True)
        with phase(self._progress, f"Copying to {self._target.name}", total=sum(blob.size for blob in ordered)):
            in_parallel(self._move_one, ordered, self._progress, concurrency=self._concurrency)

    def _move_one(self, descriptor: Descriptor, advance: Advance) -> None:
        reached = 0

        def content(start: int) -> Iterator[Piece]:
            nonlocal reached
            position = start
            for piece in self._fetch(descriptor, start):
                position += len(piece)
                advance(max(position - reached, 0), path=descriptor.short, of=descriptor.size)
                reached = max(position, reached)
                yield piece

        with self._system_errors(self._target, f"push {descriptor.short}"):
            if isinstance(self._target, Mounter) and self._target.mount(descriptor, self._source):
                self._mounted.append(descriptor)
            else:
                self._target.push(descriptor, content)
                self._moved.append(descriptor)
        advance(descriptor.size - reached, path=descriptor.short, of=descriptor.size)

    def _push_manifest(self, manifest: _Planned) -> None:
        try:
            self._push_bytes(manifest)
        except BlobMissing as error:
            # What exists() said was not so: registries remember blobs that their garbage collection took. Once, the children go again.
            told = [child for child in manifest.children if child.digest in error.digests]
            doubtful = told or list(manifest.children)
            self._move(child for child in doubtful if not is_manifest(child.media_type))
            for child in doubtful:
                if is_manifest(child.media_type):
                    self.graph(child, trusting=False)
            self._push_bytes(manifest)

    def _push_bytes(self, manifest: _Planned) -> None:
        def content(start: int) -> Iterator[Piece]:
            yield manifest.data[start:]

        with self._system_errors(self._target, f"push {manifest.descriptor.short}"):
            self._target.push(manifest.descriptor, content)
        self._moved.append(manifest.descriptor)
        self._progress.advance(0)

    def _exists(self, descriptor: Descriptor) -> bool:
        with self._system_errors(self._target, f"look for {descriptor.short}"):
            return self._target.exists(descriptor)

    def _fetch(self, descriptor: Descriptor, start: int) -> Iterator[Piece]:
        with self._system_errors(self._source, f"fetch {descriptor.short}"):
            yield from self._source.fetch(descriptor, start)

    @contextmanager
    def _system_errors(self, place: Source, operation: str) -> Iterator[None]:
        """Errors that are not ours yet become so, with the side on which they happened."""
        try:
            yield
        except OSError as error:
            raise TransferError(
                f"Could not {operation} ({place.name}): {error.strerror or error}.",
                origin=place.name,
                operation=operation,
                hint="Nothing incomplete has got a name there; run it again.",
            ) from error


def _children(manifest: Manifest | Index) -> tuple[Descriptor, ...]:
    """What it refers to. In an image manifest these are blobs, whatever they say that they are (distribution-spec, “Pushing Manifests”)."""
    if isinstance(manifest, Index):
        return manifest.children
    return tuple(replace(child, media_type=BYTES) if is_manifest(child.media_type) else child for child in manifest.children)
