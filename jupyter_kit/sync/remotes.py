"""The remotes of a store: their names and references, and where their branches stood when they were last asked."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from jupyter_kit.errors import Conflict, InvalidInput, NotFound
from jupyter_kit.store.disk.promises import places_of, remote_segments
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.transaction import Transaction

ORIGIN = "origin"
"""The remote where none is named, and the one that clone makes."""

KEY = "remotes"
"""The store's value with all of them, as JSON."""

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")


@dataclass(frozen=True)
class Remote:
    """``reference`` is as the user gave it; ``heads`` are (branch, id of the newest snapshot), as of the last contact."""

    name: str
    reference: str
    heads: tuple[tuple[str, str], ...] = ()


def remotes(store: Store) -> tuple[Remote, ...]:
    """Every remote, by name."""
    return tuple(
        Remote(name, entry["reference"], tuple(sorted(entry["heads"].items())))
        for name, entry in sorted(_decoded(store.value(KEY)).items())
    )


def remote(store: Store, name: str) -> Remote:
    """Raises NotFound."""
    for known in remotes(store):
        if known.name == name:
            return known
    names = ", ".join(known.name for known in remotes(store))
    hint = f"There is {names}." if names else "Add one: jupyter kit remote add origin REFERENCE."
    raise NotFound(f"There is no remote “{name}”.", hint=hint)


def add_remote(transaction: Transaction, name: str, reference: str) -> Remote:
    """Raises Conflict where there is one of that name with another reference, InvalidInput for a name that none may have."""
    if not _NAME.fullmatch(name):
        raise InvalidInput(f"“{name[:140]}” cannot be a remote's name.", hint="Use letters, digits, “_” and “-”.")
    entries = _decoded(transaction.get(Table.VALUES, KEY.encode()))
    if name in entries and entries[name]["reference"] != reference:
        raise Conflict(f"The remote {name} is {entries[name]['reference']} already.", hint="Remove it first, or choose another name.")
    entries.setdefault(name, {"reference": reference, "heads": {}})
    _write(transaction, entries)
    return Remote(name, reference)


def remove_remote(store: Store, transaction: Transaction, name: str, *, force: bool = False) -> None:
    """Forget a remote with all that is known of it. Raises NotFound; Conflict where only it has some content, unless forced."""
    remote(store, name)
    numbers = {number for number, segment in remote_segments(store.environment).items() if segment.remote == name}
    rows = [key for key, _ in store.environment.rows(Table.REMOTE_CHUNKS) if int.from_bytes(key[-4:], "big") in numbers]
    here = store.chunks.known([key[:-4] for key in rows])
    missing = [key[:-4] for key, known in zip(rows, here, strict=True) if not known]
    for promises in places_of(store.environment, missing).values() if not force else ():
        if numbers.issuperset(promise.segment for promise in promises):
            raise Conflict(
                f"Some content of the history is on the remote {name} only.",
                hint=f"Bring it here with “jupyter kit pull {name} --all” first, or remove the remote with --force.",
            )
    for key in rows:
        transaction.delete(Table.REMOTE_CHUNKS, key)
    for number in numbers:
        transaction.delete(Table.REMOTE_SEGMENTS, number.to_bytes(4, "big"))
    entries = _decoded(transaction.get(Table.VALUES, KEY.encode()))
    del entries[name]
    _write(transaction, entries)


def set_head(transaction: Transaction, name: str, branch: str, snapshot: str) -> None:
    """Remember where a branch stands. A remote that was never added is not remembered."""
    entries = _decoded(transaction.get(Table.VALUES, KEY.encode()))
    if name in entries:
        entries[name]["heads"][branch] = snapshot
        _write(transaction, entries)


def _decoded(value: bytes | None) -> dict[str, Any]:
    return dict(json.loads(value)) if value else {}


def _write(transaction: Transaction, entries: dict[str, Any]) -> None:
    transaction.set_value(KEY, json.dumps(entries, sort_keys=True).encode())
