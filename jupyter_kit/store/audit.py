"""The audit log: values (the chain itself follows in this module)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AuditEvent:
    """One event of the log.

    ``sequence`` counts from 1. ``time`` is UTC, RFC 3339 with microseconds. ``actor`` is the OS user, with ``jupyter_user`` where there
    is one. ``tool`` is the name and version of the program. ``ids`` are the snapshots concerned, ``paths`` the files named in the
    request, ``result`` is ``ok`` or the kind of the error. ``previous`` is the hash of the event before, ``hash`` this one's.
    """

    sequence: int
    time: str
    actor: str
    jupyter_user: str | None
    host: str
    tool: str
    verb: str
    ids: tuple[str, ...]
    paths: tuple[str, ...]
    detail: str
    result: str
    previous: str
    hash: str


@dataclass(frozen=True)
class AuditReport:
    """What verifying the log found. ``problems`` are sentences; none means that the chain and every anchor hold."""

    events: int
    anchors: int
    head: str
    problems: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """No problem was found."""
        return not self.problems
