"""Which paths differ between two file lists, and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from operator import attrgetter

from jupyter_kit.compare.changes import Change, ChangeKind, Changes
from jupyter_kit.snapshot.snapshot import FileEntry

FOLDERS_WEIGHED = 8
"""Folder levels that decide which of several equal files was renamed to which. Bounds the work; real trees rarely go deeper."""

_DEPTHS = range(FOLDERS_WEIGHED, 0, -1)
_Pair = tuple[FileEntry, FileEntry]


def changes(before: Iterable[FileEntry], after: Iterable[FileEntry], new_bytes: Mapping[str, int] | None = None) -> Changes:
    """What differs between two file lists, in each of which a path stands once. Times are not compared: only content, kind and mode.

    A symlink with another target, and a path of another kind, are modified. The mode of a symlink means nothing and is not compared. An
    empty folder is added or removed only where no folder of that name was, or is, at all. ``new_bytes`` says for paths of ``after`` how
    many bytes of the content are not in the store yet.
    """
    if before is after:
        return Changes(())
    before, after = list(before), list(after)
    gone = {entry.path: entry for entry in before}
    added: list[FileEntry] = []
    found: list[Change] = []
    new_bytes = new_bytes or {}
    for entry in after:
        previous = gone.pop(entry.path, None)
        if previous is None:
            added.append(entry)
        elif previous is not entry:
            kind = _difference(previous, entry)
            if kind:
                found.append(_change(kind, previous, entry, new_bytes))
    removed = list(gone.values())
    if any(entry.kind == "folder" for entry in added):
        added = _without_folders(added, before)
    if any(entry.kind == "folder" for entry in removed):
        removed = _without_folders(removed, after)
    renamed = _renames(removed, added) if removed and added else []
    old_paths, new_paths = {old.path for old, _ in renamed}, {new.path for _, new in renamed}
    found += [_change("renamed", old, new, new_bytes) for old, new in renamed]
    found += [_change("removed", entry, None, new_bytes) for entry in removed if entry.path not in old_paths]
    found += [_change("added", None, entry, new_bytes) for entry in added if entry.path not in new_paths]
    return Changes(tuple(sorted(found, key=attrgetter("path"))))


def _difference(before: FileEntry, after: FileEntry) -> ChangeKind | None:
    """How two entries of one path differ."""
    if before.root != after.root or before.kind != after.kind or before.target != after.target:
        return "modified"
    if before.mode != after.mode and after.kind != "symlink":
        return "mode"
    return None


def _change(kind: ChangeKind, before: FileEntry | None, after: FileEntry | None, new_bytes: Mapping[str, int]) -> Change:
    """The change from one entry to another, either of which may be absent."""
    entry = after or before
    assert entry is not None
    return Change(
        kind=kind,
        path=entry.path,
        old_path=before.path if before and kind == "renamed" else None,
        old_size=before.size if before else None,
        new_size=after.size if after else None,
        old_mode=before.mode if before else None,
        new_mode=after.mode if after else None,
        new_bytes=new_bytes.get(after.path) if after else None,
        old_entry=before.kind if before else None,
        new_entry=after.kind if after else None,
    )


def _without_folders(entries: Iterable[FileEntry], others: Iterable[FileEntry]) -> list[FileEntry]:
    """``entries`` without the empty folders that hold something on the other side: those exist on both."""
    parents: set[str] = set()
    for entry in others:
        folder = entry.path.rpartition("/")[0]
        while folder and folder not in parents:
            parents.add(folder)
            folder = folder.rpartition("/")[0]
    return [entry for entry in entries if entry.kind != "folder" or entry.path not in parents]


def _renames(removed: list[FileEntry], added: list[FileEntry]) -> list[_Pair]:
    """Pairs of a removed and an added entry with the same content, each in one pair at most.

    Empty files are not paired: that they are equal says nothing. Among several of the same content the same base name goes first; then
    those whose last folders agree, as after a folder was renamed; then those whose first folders agree.
    """
    olds, old_repeated = _by_content(removed)
    news, new_repeated = _by_content(added)
    repeated = {content for content in old_repeated | new_repeated if content in olds and content in news}
    pairs = [(olds[content], news[content]) for content in olds.keys() & news.keys() - repeated]
    if repeated:
        rivals = [[entry for entry in entries if _content(entry) in repeated] for entries in (removed, added)]
        for old_rivals, new_rivals in _groups(rivals[0], rivals[1], _content):
            pairs += _among_rivals(old_rivals, new_rivals)
    return pairs


def _content(entry: FileEntry) -> str:
    """What two entries share that hold the same; empty where there is nothing to share."""
    if entry.kind == "symlink":
        return f"symlink {entry.target}"
    return entry.root if entry.size else ""


def _by_content(entries: Iterable[FileEntry]) -> tuple[dict[str, FileEntry], set[str]]:
    """One entry of each content, and the contents that more than one has. Makes no lists: nearly all contents occur once."""
    found: dict[str, FileEntry] = {}
    repeated = set()
    for entry in entries:
        content = _content(entry)
        if content and found.setdefault(content, entry) is not entry:
            repeated.add(content)
    return found, repeated


def _among_rivals(olds: list[FileEntry], news: list[FileEntry]) -> list[_Pair]:
    """Pairs among entries that all have the same content."""
    pairs: list[_Pair] = []
    for old_alike, new_alike in _groups(olds, news, lambda entry: entry.path.rpartition("/")[2]):
        pairs += _nearest(old_alike, new_alike, [*map(_last_names, _DEPTHS), *map(_first_folders, _DEPTHS)])
    paired = {entry.path for pair in pairs for entry in pair}
    left = [[entry for entry in entries if entry.path not in paired] for entries in (olds, news)]
    return pairs + _nearest(left[0], left[1], map(_first_folders, _DEPTHS))


def _groups(
    olds: Iterable[FileEntry], news: Iterable[FileEntry], key: Callable[[FileEntry], Hashable]
) -> Iterator[tuple[list[FileEntry], list[FileEntry]]]:
    """The entries of both sides that agree in ``key``, where both sides have some."""
    groups: defaultdict[Hashable, list[FileEntry]] = defaultdict(list)
    for entry in news:
        groups[key(entry)].append(entry)
    partners: defaultdict[Hashable, list[FileEntry]] = defaultdict(list)
    for entry in olds:
        name = key(entry)
        if name in groups:
            partners[name].append(entry)
    for name, alike in partners.items():
        yield alike, groups[name]


def _nearest(olds: list[FileEntry], news: list[FileEntry], rounds: Iterable[Callable[[FileEntry], Hashable]]) -> list[_Pair]:
    """Pair entries in rounds, whatever agrees in the round's key, at last the rest; in the order of the paths. Linear for each round."""
    if len(olds) == len(news) == 1:
        return [(olds[0], news[0])]
    pairs: list[_Pair] = []
    olds, news = sorted(olds, key=attrgetter("path")), sorted(news, key=attrgetter("path"))
    for key in (*rounds, lambda entry: None):
        if not olds or not news:
            break
        found = [pair for alike in _groups(olds, news, key) for pair in zip(*alike, strict=False)]
        pairs += found
        paired = {entry.path for pair in found for entry in pair}
        olds, news = ([entry for entry in entries if entry.path not in paired] for entries in (olds, news))
    return pairs


def _last_names(depth: int) -> Callable[[FileEntry], Hashable]:
    """Groups paths that agree in their base name and the last ``depth`` folders."""
    return lambda entry: tuple(entry.path.split("/")[-depth - 1 :])


def _first_folders(depth: int) -> Callable[[FileEntry], Hashable]:
    """Groups paths that agree in their first ``depth`` folders."""
    return lambda entry: tuple(entry.path.split("/")[:-1][:depth])
