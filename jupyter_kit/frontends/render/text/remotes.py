"""What moves between places, as lines of text."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jupyter_kit.frontends.render.lines import Line, Part, View, table
from jupyter_kit.frontends.render.text.changes import short, status
from jupyter_kit.frontends.render.text.modelkits import DIGEST_SHOWN
from jupyter_kit.frontends.render.words import duration, plural, size
from jupyter_kit.frontends.replies import Cloned, RemoteChanged, RemoteList, SignedIn, SignedOut
from jupyter_kit.shown import Moved
from jupyter_kit.sync.exchange import Synced
from jupyter_kit.sync.pull import Pulled


def moved(value: Moved, view: View) -> list[Line]:
    """``push`` and ``pull``: where it is now, and how little had to move."""
    copied, filled = value.copied, value.filled
    there = copied.blobs_skipped + copied.blobs_mounted - (filled.layers if filled else 0)
    amount = f"{size(copied.bytes_moved)} in {plural(copied.blobs_moved, 'blob')} moved"
    known = f", {plural(there, 'blob')} there already" if there else ""
    lines: list[Line] = [
        (("Now at ", "good"), value.reference),
        ("  ", (value.digest[:DIGEST_SHOWN], "id"), (f"  {amount}{known}; {duration(value.seconds)}", "quiet")),
    ]
    if filled is not None and filled.layers:
        made = f"{plural(filled.layers, 'layer')} of {size(filled.bytes)} made of what is here and {size(filled.received_bytes)} fetched"
        lines.append(("  ", (made, "quiet")))
    for parent in value.parents:
        came = f"{size(parent.copied.bytes_moved)} in {plural(parent.copied.blobs_moved, 'blob')} moved"
        lines.append(("  with its parent ", parent.reference, (f"  {came}", "quiet")))
    return lines


def signed_in(value: SignedIn, view: View) -> list[Line]:
    """``login``: as whom, and where the password lies."""
    place = f"The password is kept in {value.kept}." if value.kept else "The password is forgotten with this session."
    return [(("Signed in", "good"), f" at {value.registry} as {value.username}."), ("  ", (place, "quiet"))]


def signed_out(value: SignedOut, view: View) -> list[Line]:
    """``logout``: where the password was."""
    return [(("Signed out", "good"), f" of {value.registry}: forgotten by {', '.join(value.places)}.")]


def synced(value: Synced, view: View) -> list[Line]:
    """``sync``: what went which way."""
    if value.action == "none":
        return [(("Level", "good"), ": both sides stand on ", (short(value.snapshot), "id"), ".")]
    lines: list[Line] = []
    if value.fetched and value.fetched.snapshots:
        come = f"{plural(len(value.fetched.snapshots), 'snapshot')} fetched, {size(value.fetched.received_bytes)}"
        lines.append(("  ", (come, "quiet")))
    if value.pushed:
        gone = f"{plural(len(value.pushed.snapshots), 'snapshot')} sent, {size(value.pushed.sent_bytes)}"
        lines.append(("  ", (gone, "quiet")))
    if value.action == "merge" and value.fetched:
        theirs = short(value.fetched.snapshot)
        lines.append(("  ", (f"The files are yours. Theirs are in {theirs}: {view.program} diff {theirs} HEAD", "quiet")))
    words = {"push": "Sent", "pull": "Brought here", "merge": "Merged, and sent"}
    return [((words[value.action], "good"), ": both sides stand on ", (short(value.snapshot), "id"), "."), *lines]


def pulled(value: Pulled, view: View) -> list[Line]:
    """``pull`` of a remote: where its branch stands, and what was written."""
    fetched = value.fetched
    come = f"{plural(len(fetched.snapshots), 'snapshot')} fetched, {size(fetched.received_bytes)} of history"
    written = value.rollback
    files = f"{plural(written.plan.written, 'path')} written, {size(written.written_bytes)}" if written else "files are as they were"
    return [
        ((f"{fetched.remote} ({fetched.branch})", "strong"), " is at ", (short(fetched.snapshot), "id")),
        ("  ", (f"{come}; {files}", "quiet")),
    ]


def cloned(value: Cloned, view: View) -> list[Line]:
    """``clone``: where it is, and where it stands."""
    return [(("Cloned", "good"), f" into {value.workspace}"), *status(value.status, view)]


def remote_list(value: RemoteList, view: View) -> list[Line]:
    """``remote``: name, reference, and where its branches stood."""
    if not value.entries:
        return [(f"There is no remote. Add one: {view.program} remote add origin REFERENCE",)]
    rows: list[tuple[Part, ...]] = [
        ((remote.name, "strong"), remote.reference, (", ".join(f"{branch} at {short(head)}" for branch, head in remote.heads), "quiet"))
        for remote in value.entries
    ]
    return table(rows, indent=0)


def remote_changed(value: RemoteChanged, view: View) -> list[Line]:
    """``remote add`` and ``remote remove``."""
    if value.added:
        told: Line = (("Added", "good"), f": {value.remote.name} is {value.remote.reference}")
        return [told, ((f"Exchange snapshots with it: {view.program} sync {value.remote.name}", "quiet"),)]
    return [(f"Forgotten: {value.remote.name} ({value.remote.reference})",)]


FORMS: dict[type, Callable[[Any, View], list[Line]]] = {
    Moved: moved,
    Synced: synced,
    Pulled: pulled,
    Cloned: cloned,
    RemoteList: remote_list,
    RemoteChanged: remote_changed,
    SignedIn: signed_in,
    SignedOut: signed_out,
}

BRIEF: dict[type, Callable[[Any], list[str]]] = {
    Moved: lambda value: [value.digest],
    Synced: lambda value: [value.snapshot],
    Pulled: lambda value: [value.fetched.snapshot],
    Cloned: lambda value: [value.workspace],
    RemoteList: lambda value: [remote.name for remote in value.entries],
    RemoteChanged: lambda value: [value.remote.name],
    SignedIn: lambda value: [value.registry],
    SignedOut: lambda value: [value.registry],
}
"""What ``--quiet`` prints."""
