"""What verbs answer where the workspace gives plain tuples and dicts: one type an answer, so that each has its forms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from jupyter_kit.compare.changes import Status
from jupyter_kit.snapshot.snapshot import LogEntry, Snapshot
from jupyter_kit.store.format.audit import AuditEvent

if TYPE_CHECKING:
    from jupyter_kit.modelkit.kitfile import Kitfile
    from jupyter_kit.modelkit.summary import ModelKitSummary  # noqa: F401 — named in text, as the base of a class
    from jupyter_kit.sync.remotes import Remote

T = TypeVar("T")


@dataclass(frozen=True)
class _Listing(Sequence[T], Generic[T]):
    """Entries in order. ``cut`` where there are more than were asked for."""

    entries: tuple[T, ...]
    cut: bool = False

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self.entries[index]

    def __len__(self) -> int:
        return len(self.entries)


@dataclass(frozen=True)
class Log(_Listing[LogEntry]):
    """``log``: snapshots, newest first. ``before`` is the next older one, which the oldest shown is compared with."""

    before: LogEntry | None = None


@dataclass(frozen=True)
class Events(_Listing[AuditEvent]):
    """``audit``: events, oldest first."""


@dataclass(frozen=True)
class Made:
    """``init``: the folder that is a workspace now."""

    workspace: str


@dataclass(frozen=True)
class Tags:
    """``tag`` without a name: each tag and the id of its snapshot."""

    tags: dict[str, str]


@dataclass(frozen=True)
class Tagged:
    """``tag``: the tag given, and the snapshot it names."""

    tag: str
    entry: LogEntry


@dataclass(frozen=True)
class RemovalPlan:
    """What ``remove`` shows before it asks: the snapshots that would go."""

    snapshots: tuple[Snapshot, ...]


@dataclass(frozen=True)
class Names:
    """What ``remove`` shows before it asks: the references that would go."""

    names: tuple[str, ...]


@dataclass(frozen=True)
class Removed:
    """``remove``: the snapshots and tags that are gone."""

    removed: tuple[str, ...]


@dataclass(frozen=True)
class ModelKitList(_Listing["ModelKitSummary"]):
    """``list``: ModelKits, by reference. ``place`` is where they are, empty for this workspace."""

    place: str = ""


@dataclass(frozen=True)
class ModelKitTagged:
    """``tag`` with references: the name given, and the digest of the ModelKit."""

    reference: str
    digest: str


@dataclass(frozen=True)
class Field:
    """``info`` with a field: what the Kitfile says there, as JSON has it."""

    field: str
    value: object


@dataclass(frozen=True)
class KitfileWritten:
    """``init --kitfile``: where it is, and what it says."""

    file: str
    kitfile: Kitfile


@dataclass(frozen=True)
class Cloned:
    """``clone``: the folder that was made, where its history came from, and what is in it."""

    workspace: str
    reference: str
    status: Status


@dataclass(frozen=True)
class RemoteList(_Listing["Remote"]):
    """``remote``: every remote."""


@dataclass(frozen=True)
class RemoteChanged:
    """``remote add`` and ``remote remove``."""

    remote: Remote
    added: bool


@dataclass(frozen=True)
class SignedIn:
    """``login``: where the password is kept, None where only this session has it."""

    registry: str
    username: str
    kept: str | None


@dataclass(frozen=True)
class SignedOut:
    """``logout``: where the password was."""

    registry: str
    places: tuple[str, ...]


@dataclass(frozen=True)
class Noted:
    """``metric``: all numbers noted for the next snapshot."""

    metrics: dict[str, float]


@dataclass(frozen=True)
class Exported:
    """``audit export``: how many events went where."""

    events: int
    file: str
    format: str


@dataclass(frozen=True)
class Version:
    """``version``: of the program, and of the Python that runs it."""

    version: str
    python: str


@dataclass(frozen=True)
class Text:
    """``help`` and ``completion``: text to show as it is."""

    text: str
