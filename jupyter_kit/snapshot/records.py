"""The record of a snapshot as a document, and what a record refers to in the store.

Canonical JSON: sorted keys, no spaces, ASCII only, so equal records have equal bytes and their sha256 is the snapshot's id. The files are
not in it: it names the digest of their list (see ``filelist``), so that a history is read without its files.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, cast

from jupyter_kit.errors import ContentCorrupt, InvalidInput, UnsupportedFormat
from jupyter_kit.snapshot.filelist import decode_files
from jupyter_kit.snapshot.snapshot import Anchor, FileEntry, GitState, Snapshot, SnapshotKind
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.reach import References

SNAPSHOT_SCHEMA = "jupyter-kit/snapshot/1"

KINDS: tuple[SnapshotKind, ...] = ("manual", "auto", "safety")

_DIGEST = re.compile(r"[0-9a-f]{64}")
_CREATED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)


def encode_snapshot(snapshot: Snapshot) -> tuple[str, bytes]:
    """The id and the document of a record. ``snapshot.id`` is not looked at: it follows from the rest."""
    git, audit = snapshot.git, snapshot.audit
    counted = {} if snapshot.new_bytes is None else {"new_bytes": snapshot.new_bytes}
    document = canonical(
        {
            **counted,
            "schema": SNAPSHOT_SCHEMA,
            "created": snapshot.created,
            "author": snapshot.author,
            "message": snapshot.message,
            "kind": snapshot.kind,
            "parents": list(snapshot.parents),
            "tags": list(snapshot.tags),
            "workspace": snapshot.workspace,
            "files": snapshot.files,
            "file_count": snapshot.file_count,
            "bytes": snapshot.bytes,
            "environment": snapshot.environment,
            "git": {"commit": git.commit, "branch": git.branch, "dirty": git.dirty} if git else None,
            "notebook": snapshot.notebook,
            "kernel": snapshot.kernel,
            "metrics": snapshot.metrics,
            "audit": {"sequence": audit.sequence, "hash": audit.hash} if audit else None,
        }
    )
    return hashlib.sha256(document).hexdigest(), document


def decode_snapshot(document: bytes) -> Snapshot:
    """The record in a document. Raises ContentCorrupt, and UnsupportedFormat for a schema this version does not know."""
    try:
        fields = json.loads(document)
        schema = fields.pop("schema")
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
        raise _corrupt("it is no JSON object with a schema") from error
    if schema != SNAPSHOT_SCHEMA:
        raise UnsupportedFormat(f"A snapshot has the format {schema!r}, which this version does not know.", hint="Upgrade jupyter-kit.")
    try:
        return _snapshot(hashlib.sha256(document).hexdigest(), fields)
    except (ValueError, TypeError, KeyError) as error:
        raise _corrupt(f"{error}") from error


def canonical(document: Mapping[str, object]) -> bytes:
    """The one way these documents are written."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False).encode()


def check_metrics(metrics: Mapping[str, float]) -> dict[str, float]:
    """The same metrics. Raises InvalidInput for a value that is not a finite number."""
    for name, value in metrics.items():
        if not _is_finite(value):
            raise InvalidInput(
                f"The metric “{name}” is {value!r}, which is not a finite number.", hint="Record a number, for example accuracy=0.93."
            )
    return dict(metrics)


def read_snapshot(store: Store, digest: str) -> Snapshot:
    """A record of the store by its whole id. Raises NotFound, ContentCorrupt, UnsupportedFormat."""
    return decode_snapshot(store.blob(digest))


def read_files(store: Store, snapshot: Snapshot) -> tuple[FileEntry, ...]:
    """The entries of a snapshot, sorted by path. Raises NotFound, ContentCorrupt, UnsupportedFormat."""
    return decode_files(store.blob(snapshot.files))


def read_environment(store: Store, snapshot: Snapshot) -> dict[str, object] | None:
    """The environment document of a snapshot, None where none was recorded. Raises NotFound, ContentCorrupt."""
    if snapshot.environment is None:
        return None
    try:
        document = json.loads(store.blob(snapshot.environment))
    except (ValueError, RecursionError) as error:
        raise _corrupt("its environment is no JSON") from error
    if not isinstance(document, dict):
        raise _corrupt("its environment is no JSON object")
    return cast(dict[str, object], document)


def reference_reader(store: Store) -> Callable[[str], References]:
    """What records of this store refer to: the reader that check and prune ask."""

    @lru_cache(maxsize=1)  # Neighbours in a history often share their list.
    def contents(files: str) -> tuple[tuple[str, str], ...]:
        return tuple((entry.path, entry.root) for entry in decode_files(store.blob(files)) if entry.kind == "file")

    def read(digest: str) -> References:
        snapshot = read_snapshot(store, digest)
        blobs = (snapshot.files,) if snapshot.environment is None else (snapshot.files, snapshot.environment)
        return References(blobs, contents(snapshot.files))

    return read


def _snapshot(identity: str, fields: dict[str, Any]) -> Snapshot:
    """A record from the fields of its document. Raises ValueError, TypeError, KeyError."""
    snapshot = Snapshot(
        id=identity,
        created=_text(fields.pop("created"), _CREATED),
        author=_text(fields.pop("author")),
        message=_text(fields.pop("message")),
        kind=_kind(fields.pop("kind")),
        parents=tuple(_text(parent, _DIGEST) for parent in _list(fields.pop("parents"))),
        tags=tuple(_text(tag) for tag in _list(fields.pop("tags"))),
        workspace=_text(fields.pop("workspace")),
        files=_text(fields.pop("files"), _DIGEST),
        file_count=_count(fields.pop("file_count")),
        bytes=_count(fields.pop("bytes")),
        environment=_optional(fields.pop("environment"), _DIGEST),
        git=_git(fields.pop("git")),
        notebook=_optional(fields.pop("notebook")),
        kernel=_optional(fields.pop("kernel")),
        metrics=_metrics(fields.pop("metrics")),
        audit=_anchor(fields.pop("audit")),
        new_bytes=_count(fields.pop("new_bytes")) if "new_bytes" in fields else None,
    )
    if fields:
        raise ValueError(f"it has unknown fields: {', '.join(map(str, fields))}")
    return snapshot


def _text(value: Any, pattern: re.Pattern[str] | None = None) -> str:
    if type(value) is not str or (pattern and not pattern.fullmatch(value)):
        raise ValueError(f"{value!r:.80} is not what it should be")
    return value


def _optional(value: Any, pattern: re.Pattern[str] | None = None) -> str | None:
    return None if value is None else _text(value, pattern)


def _list(value: Any) -> list[Any]:
    if type(value) is not list:
        raise TypeError(f"{value!r:.80} is no array")
    return value


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError(f"{value!r:.80} is no count")
    return value


def _kind(value: Any) -> SnapshotKind:
    if value not in KINDS:
        raise ValueError(f"{value!r:.80} is no kind of snapshot")
    return cast(SnapshotKind, value)


def _git(value: Any) -> GitState | None:
    if value is None:
        return None
    dirty = value["dirty"]
    if dirty is not None and type(dirty) is not bool:
        raise TypeError("dirty is neither true, false nor null")
    return GitState(_text(value["commit"]), _optional(value["branch"]), dirty)


def _anchor(value: Any) -> Anchor | None:
    return None if value is None else Anchor(_count(value["sequence"]), _text(value["hash"], _DIGEST))


def _metrics(value: Any) -> dict[str, float]:
    if type(value) is not dict:
        raise TypeError("the metrics are no object")
    for number in value.values():
        if not _is_finite(number):
            raise ValueError(f"{number!r:.80} is no finite number")
    return value


def _is_finite(value: object) -> bool:
    return type(value) is int or (type(value) is float and math.isfinite(value))


def _corrupt(reason: str) -> ContentCorrupt:
    return ContentCorrupt(f"The record of a snapshot is damaged: {reason}.", hint="Run “jupyter kit check”.")
