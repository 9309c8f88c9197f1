"""Rolling back: the plan, and carrying it out.

Order of writes: a safety snapshot of what stands there now; every new content to the staging folder, made durable; then renames, which
are one step each, so that every file is old or new whenever this stops; deletions after them; and HEAD last. Running it again finishes it.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path

from jupyter_kit.errors import Conflict, InvalidInput, Kind, NotFound
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot.capture import Record, Request, keep, utc_now
from jupyter_kit.snapshot.disk import Disk
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.snapshot.rollback import Rollback
from jupyter_kit.snapshot.snapshot import Snapshot
from jupyter_kit.snapshot.steps import FileTree, Trees, decide
from jupyter_kit.snapshot.survey import Survey, head_of
from jupyter_kit.store.format.tags import HEAD
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.writer import Writer

SUGGESTIONS_MAX = 10_000
"""Paths compared for a suggestion: more would make a typing error wait."""


def plan(
    store: Store, folder: Path, snapshot_id: str, paths: Iterable[str | Path] = (), *, progress: Progress | None = None
) -> RollbackPlan:
    """What rolling back to a snapshot (its whole id) would do to the workspace ``folder``. Writes nothing.

    ``paths`` are files and folders, relative to the workspace or absolute; none means everything. Raises NotFound (with what was probably
    meant), InvalidInput (outside-workspace), Conflict, ContentCorrupt.
    """
    with store.measure() as measure:
        snapshot = read_snapshot(store, snapshot_id)
        survey = Survey(store, folder, measure, progress or Silent(), lasting=False, head=head_of(store))
        return _plan(store, folder, snapshot, paths, survey)[0]


def apply(
    store: Store,
    folder: Path,
    snapshot_id: str,
    paths: Iterable[str | Path] = (),
    *,
    former: str | None = None,
    author: str | None = None,
    workspace: str | None = None,
    created: Callable[[], str] | None = None,
    progress: Progress | None = None,
    record: Record | None = None,
    record_safety: Record | None = None,
    open_disk: Callable[[Path], Disk] = Disk,
) -> RollbackResult:
    """Roll back to a snapshot (its whole id). The workspace may be in whatever state: what it holds is kept first.

    With ``former``, the one path becomes what the path ``former`` was in the snapshot.
    ``record`` is called in the last transaction with the id of the snapshot, and behind it that of the safety snapshot where one was
    taken; ``record_safety`` in the safety snapshot's. HEAD moves where everything was rolled back.

    Raises as :func:`plan`, StoreUnavailable (permission-denied) before anything is written where that can be known, StoreFull, and Conflict
    (file-changed) where somebody else writes to the same files.
    """
    started = time.monotonic()
    progress = progress or Silent()
    with open_disk(folder) as disk, store.writer() as writer:
        snapshot = read_snapshot(store, snapshot_id)
        request = Request(
            message=f"Before rolling back to {snapshot.short}",
            kind="safety",
            author=author,
            workspace=workspace if workspace is not None else folder.resolve().name,
            created=created or utc_now,
            record=record_safety,
        )
        before, survey = _keep_first(store, writer, folder, request, progress)
        safety = None if survey.head is not None and before == survey.head.id else before
        planned, trees = _plan(store, folder, snapshot, paths, survey, former=former)
        if planned.steps:
            Rollback(store, disk, planned, trees, survey.stamps).run(progress)
        written = {step.path: trees.target.entries[step.path] for step in planned.steps if step.action == "write"}
        stands_on = snapshot if not planned.paths else read_snapshot(store, before) if before else None
        try:
            after = Survey(store, folder, writer, progress, lasting=True, head=stands_on, written=written)
        except Conflict:
            after = None  # Somebody writes to a file already. The rollback is done; only the stat cache stays behind.
        with writer.transaction() as transaction:
            if not planned.paths:
                transaction.set_tag(HEAD, snapshot.id)
            if after is not None:
                after.put_rows(transaction)
            if record is not None:
                record(transaction, (snapshot.id,) if safety is None else (snapshot.id, safety))
    return RollbackResult(planned, safety, planned.bytes, time.monotonic() - started, before)


def _keep_first(store: Store, writer: Writer, folder: Path, request: Request, progress: Progress) -> tuple[str | None, Survey]:
    """The snapshot of what stands in the folder now, and what that is; an empty folder before the first snapshot needs none."""
    if head_of(store) is None:
        survey = Survey(store, folder, writer, progress, lasting=True, head=None)
        if not survey.entries:
            return None, survey
    kept, survey = keep(store, writer, folder, request, progress)
    return kept.id, survey


def _plan(
    store: Store, folder: Path, snapshot: Snapshot, paths: Iterable[str | Path], survey: Survey, *, former: str | None = None
) -> tuple[RollbackPlan, Trees]:
    asked = tuple(dict.fromkeys(inside(folder, path) for path in paths))
    if "" in asked:
        asked = ()
    trees = Trees(FileTree(survey.entries), FileTree(read_files(store, snapshot)))
    if former is not None:
        trees = trees._replace(target=_renamed(snapshot, trees, inside(folder, former), asked))
    for path in asked:
        if path not in trees.current and path not in trees.target:
            raise _unknown(path, snapshot, trees)
    beginnings = tuple(f"{path}/" for path in asked)
    steps = decide(trees, lambda path: not asked or f"{path}/".startswith(beginnings), _stands(folder, trees.current))
    return RollbackPlan(snapshot.id, asked, steps.steps, steps.kept, steps.left), trees


def _renamed(snapshot: Snapshot, trees: Trees, former: str, asked: tuple[str, ...]) -> FileTree:
    """The files of a snapshot as if the file ``former`` had had the path that was asked for."""
    if len(asked) != 1:
        raise InvalidInput("One path can have one former name.", hint="Name one file.")
    entry = trees.target.leaf(former)
    if entry is None:
        raise _unknown(former, snapshot, trees)
    others = (other for path, other in trees.target.entries.items() if path not in asked)
    return FileTree([*others, replace(entry, path=asked[0])])


def inside(folder: Path, path: str | Path) -> str:
    """A path as file lists have it, the workspace itself as an empty one. Raises InvalidInput (outside-workspace)."""
    place = os.path.join(os.path.abspath(folder), path)
    for root in (os.path.abspath(folder), os.path.realpath(folder)):
        relative = os.path.relpath(os.path.normpath(place), root)
        if relative != os.pardir and not relative.startswith(os.pardir + os.sep) and not os.path.isabs(relative):
            return "" if relative == os.curdir else relative.replace(os.sep, "/")
    raise InvalidInput(
        f"“{path}” is outside of the workspace {folder}.",
        kind=Kind.OUTSIDE_WORKSPACE,
        hint="Name files by their path in the workspace.",
        path=str(path),
    )


def _unknown(path: str, snapshot: Snapshot, trees: Trees) -> NotFound:
    known = [*trees.target.entries, *trees.target.folders, *trees.current.entries]
    close = get_close_matches(path, known[:SUGGESTIONS_MAX], n=1)
    hint = f"Did you mean “{close[0]}”?" if close else f"Run “jupyter kit show {snapshot.short}” to see its files."
    return NotFound(f"“{path}” is neither in the snapshot {snapshot.short} nor among the files it is kept with now.", hint=hint, path=path)


def _stands(folder: Path, current: FileTree) -> Callable[[str], bool]:
    """See :func:`decide`."""
    ways: dict[str, bool | None] = {"": True}

    def status(path: str) -> os.stat_result | None:
        try:
            return os.lstat(folder / path)
        except (FileNotFoundError, NotADirectoryError):
            return None

    def is_clear(path: str) -> bool | None:
        """Whether the way to what is in the folder ``path`` is clear; None where there is no such folder yet. Each is looked at once."""
        if path not in ways:
            ways[path] = is_clear(path.rpartition("/")[0])
            if ways[path]:
                found = None if current.leaf(path) else status(path)
                ways[path] = None if found is None else stat.S_ISDIR(found.st_mode)
        return ways[path]

    def stands(path: str) -> bool:
        way = is_clear(path.rpartition("/")[0])
        if not way:
            return way is False
        found = status(path)
        if found is None:
            return False
        return not stat.S_ISDIR(found.st_mode) or _holds_other(folder, path, current)

    return stands


def _holds_other(folder: Path, path: str, current: FileTree) -> bool:
    """Whether a folder holds, or is, something that is not in the file list."""
    ahead = [path]
    while ahead:
        here = ahead.pop()
        if here not in current.folders:
            return True
        try:
            with os.scandir(folder / here) as entries:
                for entry in entries:
                    inner = f"{here}/{entry.name}"
                    if entry.is_dir(follow_symlinks=False):
                        ahead.append(inner)
                    elif current.leaf(inner) is None:
                        return True
        except OSError:
            return True
    return False
