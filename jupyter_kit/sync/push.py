"""Pushing snapshots: what the remote lacks of them, then their manifests, and the branch's tag last.

Order (each step needs the ones before it to be there): segments, catalogues, records, manifests with the tags that never move, the branch.
A push that stops anywhere leaves the branch where it was. Registries cannot compare and swap a tag, so the branch is read again right
before it moves and right after. What somebody else pushed in between is reported, and not lost: each snapshot has a tag of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jupyter_kit.errors import BlobMissing, Conflict, NotFound
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Target
from jupyter_kit.progress import Progress, Silent, phase
from jupyter_kit.snapshot.ancestry import Ancestry
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.store.store import Store
from jupyter_kit.sync.fetch import Record, accept, distance, diverged, remote_tag
from jupyter_kit.sync.format.catalogue import Catalogue, CatalogueWriter, Segment
from jupyter_kit.sync.format.published import (
    AUDIT,
    CATALOGUE_TYPE,
    LAYERS_MAX,
    MAIN,
    PARENTS,
    RECORD_TYPE,
    Published,
    check_branch,
    encode_published,
    read_whole,
    snapshot_tag,
)
from jupyter_kit.sync.incoming.contact import contact
from jupyter_kit.sync.incoming.ledger import Ledger
from jupyter_kit.sync.outgoing.consignment import SEGMENT_BYTES, Consignment
from jupyter_kit.sync.outgoing.grouping import Grouping
from jupyter_kit.sync.outgoing.protection import Protection
from jupyter_kit.sync.outgoing.shelf import Shelf, is_there
from jupyter_kit.sync.outgoing.uploads import Uploads
from jupyter_kit.sync.remotes import remotes, set_head

CATALOGUES_MAX = 64
"""With more catalogues than this, the newest are merged: each is a request to whoever fetches."""

MERGED_BYTES_MAX = 4 << 20
"""How much of the newest catalogues a merge takes, in bytes: it is sent again each time."""

SPARSE_MARGIN = 64
"""Segments more than half as many again as would do, and these, before the sparsest are sent anew."""

REPACKED_BYTES_MAX = 64 << 20
"""How much content a push sends again for that, in bytes."""


@dataclass(frozen=True)
class PushResult:
    """What a push did. ``snapshots`` are those that the remote did not have, oldest first; bytes are on the wire, sent and received."""

    remote: str
    branch: str
    snapshot: str
    manifest: str
    snapshots: tuple[str, ...]
    segments: int
    sent_bytes: int
    received_bytes: int


def push(
    store: Store,
    remote: str,
    target: Target,
    *,
    branch: str = MAIN,
    snapshot: str | None = None,
    verify: bool = False,
    progress: Progress | None = None,
    record: Record | None = None,
    layers_max: int = LAYERS_MAX,
) -> PushResult:
    """Send a snapshot (its whole id; HEAD) with all that came before it, as far as the remote lacks it, and move the branch to it.

    ``verify`` touches what the remote should have already. ``layers_max`` is what one manifest may list.
    Raises Conflict (diverged) where the branch stands on a snapshot that does not come before this one: its history is in the store then,
    tagged ``REMOTE.BRANCH``. Raises NotFound, InvalidInput, ContentCorrupt, and what the target raises. Running it again goes on where it
    stopped.
    """
    check_branch(branch)
    progress = progress or Silent()
    with store.writer() as writer:
        snapshot = snapshot or store.tags().get(HEAD)
        if snapshot is None:
            raise NotFound("There is no snapshot to push yet.", hint="Take one: jupyter kit snapshot -m first.")
        attempt = _Push(Ledger(store, writer, remote), target, branch, snapshot, progress, layers_max=layers_max)
        try:
            result = attempt.run(record, verify=verify)
        except BlobMissing:
            result = attempt.run(record, verify=True)  # The registry lost something that it had; now it is found out what.
        with writer.transaction() as transaction:
            transaction.set_tag(remote_tag(remote, branch), snapshot)
            set_head(transaction, remote, branch, snapshot)
            if record is not None and result.snapshots:
                record(transaction, result.snapshots)
        return result


class _Push:
    """One push, which may be tried twice."""

    def __init__(self, ledger: Ledger, target: Target, branch: str, snapshot: str, progress: Progress, *, layers_max: int) -> None:
        self._layers_max = layers_max
        self._ledger = ledger
        self._store = ledger.store
        self._remote = ledger.remote
        self._target = target
        self._branch = branch
        self._snapshot = snapshot
        self._progress = progress
        self._received = 0
        self._new_segments = 0

    def run(self, record: Record | None, *, verify: bool) -> PushResult:
        """See :func:`push`. Raises BlobMissing where the remote has lost what it should have."""
        ancestry = Ancestry(self._store)
        line = ancestry.line(self._snapshot)
        head = self._ask(self._branch)
        if head is not None and head.snapshot not in line:
            accept(self._ledger, self._branch, head.snapshot, record)
            raise diverged(self._remote, self._branch, *distance(self._store, head.snapshot, self._snapshot))
        base = head or self._relative(line)
        if base is not None and verify and not all(is_there(self._target, catalogue) for catalogue in base.catalogues):
            base = None
        there = set(ancestry.line(base.snapshot)) if base is not None else set()
        missing = [digest for digest in line if digest not in there]
        if not missing and head is not None and not verify:
            return self._result(head.manifest, (), 0)
        new = tuple(filter(ancestry.is_listed, missing))
        ids = filter(ancestry.is_listed, line) if verify else new or (self._snapshot,)
        sending = [read_snapshot(self._store, digest) for digest in ids]
        uploads = Uploads(self._target, self._progress)
        try:
            consignment, protection = self._consignment(base, uploads, verify=verify)
            with phase(self._progress, "Pushing", total=consignment.measure(sending)):
                for digest in missing:
                    consignment.add_ancestor(digest, ancestry.parents(digest))
                known = there if verify else {base.snapshot} if base else set()
                for digest in filter(ancestry.is_listed, known):
                    consignment.know(read_snapshot(self._store, digest))
                grouping = Grouping(base.groups if base and not verify else (), uploads, self._layers_max)
                manifest = self._send(consignment, sending, base, uploads, grouping)
                protection.end()
                self._move(head, manifest)
        finally:
            uploads.stop()
        return self._result(manifest, new, uploads.sent)

    def _ask(self, name: str) -> Published | None:
        published, received = contact(self._ledger, self._target, name)
        self._received += received
        return published

    def _relative(self, line: Sequence[str]) -> Published | None:
        """A snapshot of the same history that the remote has, where the branch is new."""
        heads = dict.fromkeys(snapshot for known in remotes(self._store) if known.name == self._remote for _, snapshot in known.heads)
        for snapshot in (self._snapshot, *heads):
            if snapshot in line and (published := self._ask(snapshot_tag(snapshot))) is not None and published.snapshot == snapshot:
                return published
        return None

    def _consignment(self, base: Published | None, uploads: Uploads, *, verify: bool) -> tuple[Consignment, Protection]:
        self._shelf = Shelf(self._ledger, self._target, [base] if base else [], verify=verify)
        protection = Protection(self._target, layers_max=self._layers_max)

        def arrived(segment: Segment) -> None:
            self._new_segments += 1
            protection.cover(segment)

        return Consignment(self._ledger, self._shelf, uploads, arrived), protection

    def _send(
        self, consignment: Consignment, snapshots: list[Snapshot], base: Published | None, uploads: Uploads, grouping: Grouping
    ) -> Descriptor:
        """Everything but the branch's tag; returns the manifest of the newest snapshot, which is the last."""
        for snapshot in snapshots:
            consignment.add(snapshot)
        newest = snapshots[-1]
        if consignment.width(newest) > SPARSE_MARGIN and (sparse := sparsest(consignment.live_bytes(newest))):
            self._shelf.leave(sparse)
            consignment.again(newest)
        consignment.close()
        self._ledger.forget(self._shelf.lost)
        catalogues = self._merged((*(base.catalogues if base else ()), *consignment.catalogues), uploads)
        records = [self._store.blob(snapshot.id) for snapshot in snapshots]
        for record in records:
            uploads.send(descriptor_of(record, RECORD_TYPE), [record])
        uploads.finish()
        for snapshot, record in zip(snapshots, records, strict=True):
            segments, groups = grouping.place(consignment.segments_of(snapshot), len(catalogues))
            data = encode_published(descriptor_of(record, RECORD_TYPE), catalogues, segments, self._annotations(snapshot), groups)
            manifest = descriptor_of(data, OCI_MANIFEST)
            uploads.send(manifest, [data], tag=snapshot_tag(snapshot.id))
        uploads.finish()
        return manifest

    def _annotations(self, snapshot: Snapshot) -> dict[str, str]:
        annotations = {PARENTS: " ".join(snapshot.parents)} if snapshot.parents else {}
        if snapshot.id == self._snapshot:
            head = self._store.audit_head()
            annotations[AUDIT] = f"{head.sequence}:{head.hash}:{self._store.audit_log()}"
        return annotations

    def _merged(self, catalogues: tuple[Descriptor, ...], uploads: Uploads) -> tuple[Descriptor, ...]:
        """The same catalogues, the newest of them in one where there are too many."""
        count = mergeable([catalogue.size for catalogue in catalogues])
        if count < 2:
            return catalogues
        writer = CatalogueWriter()
        for descriptor in catalogues[-count:]:
            writer.add_all(Catalogue(read_whole(self._target, descriptor)))
            self._received += descriptor.size
        packed = writer.encode()
        merged = descriptor_of(packed, CATALOGUE_TYPE)
        uploads.send(merged, [packed])
        self._ledger.learn_catalogue(merged, Catalogue(packed))
        return (*catalogues[:-count], merged)

    def _move(self, head: Published | None, manifest: Descriptor) -> None:
        """Let the branch name the manifest. Raises Conflict where somebody else has moved it since it was asked."""
        expected = head.manifest.digest if head is not None else None
        if self._stands() == expected:
            self._target.tag(manifest, self._branch)
            if self._stands() == manifest.digest:
                return
        raise Conflict(
            f"Somebody else pushed to {self._target.name} (branch {self._branch}) at the same time.",
            hint="Nothing is lost. Run “jupyter kit sync” again.",
        )

    def _stands(self) -> str | None:
        try:
            return self._target.resolve(self._branch).digest
        except NotFound:
            return None

    def _result(self, manifest: Descriptor, snapshots: tuple[str, ...], sent: int) -> PushResult:
        return PushResult(self._remote, self._branch, self._snapshot, manifest.digest, snapshots, self._new_segments, sent, self._received)


def mergeable(sizes: Sequence[int]) -> int:
    """How many of the newest catalogues (sizes in bytes, oldest first) should become one; 0 for none."""
    if len(sizes) <= CATALOGUES_MAX:
        return 0
    count = total = 0
    for size in reversed(sizes):
        total += size
        if total > MERGED_BYTES_MAX:
            break
        count += 1
    return count


def sparsest(live: Mapping[Segment, int]) -> frozenset[Segment]:
    """The segments to do without, given the bytes that a snapshot needs of each: none while they are few for what they hold.

    The margin bounds how often: after it, as many small pushes as the margin is wide fit before the next time.
    """
    ideal = -(-sum(live.values()) // SEGMENT_BYTES)
    if len(live) <= ideal + ideal // 2 + SPARSE_MARGIN:
        return frozenset()
    chosen: list[Segment] = []
    total = 0
    for segment in sorted(live, key=lambda segment: (live[segment], segment)):
        total += live[segment]
        if total > REPACKED_BYTES_MAX or len(live) - len(chosen) <= ideal:
            break
        chosen.append(segment)
    return frozenset(chosen)
