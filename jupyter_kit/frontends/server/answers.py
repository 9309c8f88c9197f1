"""What the server answers beside the verbs' own documents, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from jupyter_kit.compare.changes import NotebookDiff

State = Literal["queued", "running", "done", "failed", "cancelled"]

Reason = Literal["snapshot", "rollback", "tag", "remove", "sync", "modelkit", "outside", "files"]


@dataclass(frozen=True)
class ErrorReply:
    """What went wrong. ``kind`` is one of ``errors.Kind``, or ``unexpected``, ``signed-out`` or ``forbidden``, which only a server says."""

    kind: str
    message: str
    hint: str
    path: str | None


@dataclass(frozen=True)
class JobEvent:
    """Long work, as it is told while it goes on. ``done`` and ``total`` are in ``unit``; ``message`` is one line that says how it ended.

    ``folder`` is an API path; ``started`` is UTC in RFC 3339.
    """

    id: str
    verb: str
    folder: str
    state: State
    phase: str
    done: int
    total: int | None
    unit: str
    path: str | None
    started: str
    seconds: float
    error: ErrorReply | None
    message: str


@dataclass(frozen=True)
class Job(JobEvent):
    """Long work. ``result`` is the verb's document once it is done; where it may be long, it is None until the job itself is asked for."""

    result: object = None


@dataclass(frozen=True)
class JobReply:
    """What a long verb is answered with, at once."""

    job: Job


@dataclass(frozen=True)
class JobsReply:
    """Jobs, newest first: those that are not over, and the last that are."""

    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Looking:
    """How far an answer is that somebody waits for: ``done`` of ``total`` (None where it is not known), in ``unit``."""

    folder: str
    verb: str
    phase: str
    done: int
    total: int | None
    unit: str


@dataclass(frozen=True)
class WorkspaceReply:
    """The workspace that a folder is in, by API path; None where it is in none. ``kitfile``: it has one on disk."""

    folder: str | None
    name: str
    version: str
    kitfile: bool


@dataclass(frozen=True)
class WorkspaceEvent:
    """Something changed in a workspace. ``head`` is the id of the snapshot it stands on."""

    folder: str
    head: str | None
    snapshots: int
    reason: Reason


@dataclass(frozen=True)
class AutoReply:
    """Whether snapshots are taken by themselves, how long after a save, and which of them stay; null where a number limits nothing.

    ``fixed``: the workspace's settings say whether, so that it cannot be switched from here.
    """

    on: bool
    fixed: bool
    quiet_seconds: float
    keep_last: int | None
    keep_hourly: int | None
    keep_daily: int | None


@dataclass(frozen=True)
class IgnoredReply:
    """What a workspace's snapshots leave out, beside what they never keep: the text of its ignore file, empty where there is none."""

    text: str


@dataclass(frozen=True)
class HtmlReply:
    """The HTML form of an answer, for verbs without a view of their own."""

    html: str


@dataclass(frozen=True)
class NotebookDiffReply:
    """The change of a notebook. ``base`` is the version before, and ``diff`` what leads from it to the other, as nbdime has it.

    Where nbdime could not say it in time, both are null, ``reason`` is a sentence that says why, and ``cells`` is our own comparison, null
    where a version is no notebook.
    """

    base: dict[str, object] | None
    diff: list[dict[str, object]] | None
    cells: NotebookDiff | None
    reason: str
