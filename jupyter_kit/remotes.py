"""What one open workspace exchanges with other places: ModelKits by reference, and its history with its remotes.

What each method raises is told at the method of Workspace that calls it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from jupyter_kit.delta.attaching import attach
from jupyter_kit.errors import InvalidInput, NotFound, UnsupportedFormat
from jupyter_kit.incoming import bring
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.modelkit.packing.pack import PARENTS_MAX
from jupyter_kit.oci.reference import LAYOUT_PREFIX, parse_layout_reference
from jupyter_kit.oci.target import Target
from jupyter_kit.places import Places, Spot, untagged
from jupyter_kit.progress import Progress
from jupyter_kit.settings import Settings
from jupyter_kit.shown import Moved
from jupyter_kit.snapshot.capture import Record
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction
from jupyter_kit.sync import remotes as named
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.exchange import Synced, sync
from jupyter_kit.sync.pull import Pulled, follow, pull
from jupyter_kit.sync.pull import bring as bring_content
from jupyter_kit.sync.remotes import ORIGIN, Remote
from jupyter_kit.trail import Trail
from jupyter_kit.transfer import copy


class Remotes:
    """See the module."""

    def __init__(self, store: Store, trail: Trail, places: Places, settings: Settings, folder: Path) -> None:
        self._store = store
        self._trail = trail
        self._places = places
        self._settings = settings
        self._folder = folder
        self.fetcher = Fetcher(store, self._open)
        """What the store asks for content that only a remote has."""

    def push(self, reference: str, destination: str | None, progress: Progress | None) -> Moved:
        """Send a ModelKit of the store elsewhere."""
        started = time.monotonic()
        with self._trail.recorded("push"), self._store.shared():
            held = self._places.held(reference)
            root = held.resolve()
            outside = self._places.outside(destination or reference)
            tag = None if ":" in outside.name else outside.name
            copied = copy(held.place, outside.place, root, tag=tag, progress=progress, concurrency=self._settings.concurrency)
            self._record_move("push", held, outside, root.digest)
            recipe_bytes = attach(self._store, held.place, root, outside.place, progress)
            return Moved(outside.text, root.digest, copied, time.monotonic() - started, recipe_bytes=recipe_bytes)

    def pull(self, reference: str, name: str | None, progress: Progress | None) -> Moved:
        """Bring a ModelKit into the store."""
        started = time.monotonic()
        with self._trail.recorded("pull"), self._store.shared():
            outside = self._places.outside(reference)
            held = self._places.held(name or self._places.local_name(reference))
            lacking = reversed(self._lacking_parents(outside))
            parents = tuple(self._pull(parent, self._places.held(parent.text), progress) for parent in lacking)
            moved = self._pull(outside, held, progress)
            return replace(moved, seconds=time.monotonic() - started, parents=parents)

    def all(self) -> tuple[Remote, ...]:
        """Every remote."""
        return named.remotes(self._store)

    def find(self, name: str | None) -> Remote:
        """A remote; without a name the only one, or ``origin``."""
        known = self.all()
        if name is None and len(known) > 1 and ORIGIN not in {remote.name for remote in known}:
            raise InvalidInput(f"There are {len(known)} remotes.", hint=f"Name one: {', '.join(remote.name for remote in known)}.")
        if name is None:
            name = known[0].name if len(known) == 1 else ORIGIN
        return named.remote(self._store, name)

    def add(self, name: str, reference: str) -> Remote:
        """Name a place for the history."""
        with self._trail.recorded("remote"):
            if reference.startswith(LAYOUT_PREFIX):
                layout = os.path.abspath(parse_layout_reference(reference).path)
                reference = f"{LAYOUT_PREFIX}{layout}"
            else:
                self._places.outside(reference)
                reference = untagged(reference)
            with self._store.writer() as writer, writer.transaction() as transaction:
                added = named.add_remote(transaction, name, reference)
                transaction.append_event(self._trail.draft("remote", detail=f"add {name} {reference}"))
            return added

    def remove(self, name: str, *, force: bool) -> Remote:
        """Forget a remote."""
        with self._trail.recorded("remote"):
            going = named.remote(self._store, name)
            with self._store.writer() as writer, writer.transaction() as transaction:
                named.remove_remote(self._store, transaction, name, force=force)
                transaction.append_event(self._trail.draft("remote", detail=f"remove {name}"))
            return going

    def sync(self, name: str | None, *, merge: bool, verify: bool, progress: Progress | None) -> Synced:
        """Exchange snapshots; a folder without changes is brought to what came."""
        with self._trail.recorded("sync"):
            remote = self.find(name)
            done = sync(
                self._store,
                remote.name,
                self._open(remote.name),
                merge=merge,
                verify=verify,
                author=self._settings.author,
                progress=progress,
                record=self._record("sync", remote),
                record_merge=self._record("snapshot", remote),
            )
            if done.action == "pull":
                follow(self._store, self._folder, done.snapshot, author=self._settings.author, progress=progress)
            return done

    def pull_history(self, name: str | None, paths: Sequence[str], *, everything: bool, progress: Progress | None) -> Pulled:
        """Fetch the history, and bring files to its newest snapshot."""
        with self._trail.recorded("pull", paths):
            remote = self.find(name)
            pulled = pull(
                self._store,
                self._folder,
                remote.name,
                self._open(remote.name),
                paths=paths,
                author=self._settings.author,
                progress=progress,
                record=self._record("pull", remote),
                record_safety=self._record("snapshot", remote),
            )
            if everything:
                bring_content(self._store, list(reversed(self._store.snapshot_ids())), progress)
            return pulled

    def _record(self, verb: str, remote: Remote) -> Record:
        def record(transaction: Transaction, ids: tuple[str, ...]) -> None:
            transaction.append_event(self._trail.draft(verb, ids, detail=f"{remote.name} {remote.reference}"))

        return record

    def _open(self, name: str) -> Target:
        """The place of a remote."""
        try:
            reference = named.remote(self._store, name).reference
        except NotFound as error:
            raise NotFound(f"Content of this is on the remote “{name}” only, which is not known.", hint=error.hint) from error
        return self._places.outside(reference).place

    def _pull(self, outside: Spot, held: Spot, progress: Progress | None) -> Moved:
        started = time.monotonic()
        copied, filled = bring(self._store, outside, held, progress, concurrency=self._settings.concurrency)
        digest = held.resolve().digest
        self._record_move("pull", outside, held, digest)
        return Moved(held.text, digest, copied, time.monotonic() - started, filled)

    def _lacking_parents(self, spot: Spot) -> list[Spot]:
        """The ModelKits that ``model.path`` refers to, and theirs, which a registry has and the store has not; the nearest first.

        A parent that names no registry is nowhere to be had: like a chain without end, it is for unpacking to refuse.
        """
        met: list[str] = []
        lacking = []
        following = _parent(spot)
        while following and following not in met and len(met) < PARENTS_MAX:
            met.append(following)
            try:
                spot = self._places.nearest(following)
            except NotFound:
                break
            if not isinstance(spot.place, Blobs):
                lacking.append(spot)
            following = _parent(spot)
        return lacking

    def _record_move(self, verb: str, source: Spot, target: Spot, digest: str) -> None:
        self._trail.append(self._trail.draft(verb, (digest,), detail=f"{source.text} to {target.text}"))


def _parent(spot: Spot) -> str | None:
    """What the model of a ModelKit refers to; images and the like have none."""
    try:
        return read_modelkit(spot.place, spot.name).parent
    except UnsupportedFormat:
        return None
