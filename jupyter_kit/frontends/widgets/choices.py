"""Snapshots and files as a list to choose from. Labels are text, never HTML, and their invisible marks are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ipywidgets import Dropdown

from jupyter_kit.compare.changes import Change
from jupyter_kit.frontends.render.words import clip, clock, first_line, visible
from jupyter_kit.snapshot.snapshot import LogEntry

Choice = tuple[str, str]
"""A label, and what is chosen by it."""

NOW: Choice = ("now: the files in the folder", "")
"""The files on disk, beside snapshots. Its value is no name of a snapshot."""

MESSAGE_COLUMNS = 60
"""Of a message in a list: the rest of a line is for when, tags and kind."""


def snapshot_choices(entries: Iterable[LogEntry]) -> list[Choice]:
    """Each snapshot by its time, id, message and names."""
    return [(_label(entry), entry.snapshot.id) for entry in entries]


def _label(entry: LogEntry) -> str:
    snapshot = entry.snapshot
    names = [*(["HEAD"] if entry.head else []), *entry.tags, *([] if snapshot.kind == "manual" else [snapshot.kind])]
    message = clip(first_line(snapshot.message), MESSAGE_COLUMNS)
    told = f"{clock(snapshot.created)}  {snapshot.short}  {message}" + (f"  [{', '.join(names)}]" if names else "")
    return visible(told.rstrip())


def fill_with_files(choice: Dropdown, changes: Iterable[Change], asked: Sequence[str] = ()) -> None:
    """Offer every path that differs, after the choice of all: what was ``asked`` for, or everything. All is chosen."""
    whole = f"all of {', '.join(map(visible, asked))}" if asked else "all files"
    choice.options = [(whole, ""), *((visible(change.path), change.path) for change in changes)]
    choice.value = ""
