"""Checking: every damage that is reachable is found, and named with the files it hurts."""

from __future__ import annotations

import errno
import os
import random
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk.segments import RECORD
from jupyter_kit.store.format.codec import check_of
from jupyter_kit.store.format.schema import ChunkRow, Table, encode_chunk_row
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import FILES_NAMED_MAX, check
from jupyter_kit.store.upkeep.reports import CheckReport
from tests.store.keeping import chunk_rows, damage, flip, keep, noise, put_row, reader, segments, take, text


def checked(store: Store) -> CheckReport:
    return check(store, reader(store), Silent())[0]


def test_a_whole_store_is_well(store: Store) -> None:
    (one,) = keep(store, noise(1, 3_000_000))
    (two,) = keep(store, text(1), path="a.txt")
    (three,) = keep(store, text(1, changed=2), path="a.txt", base=two)
    take(store, 1, {"one": one, "two": two, "three": three, "again": one})
    report = checked(store)
    assert report.ok
    assert (report.snapshots, report.files, report.chunks) == (1, 4, len(chunk_rows(store)))
    assert report.bytes > 3_000_000 + 2 * len(text(1))


def test_damage_is_found_although_the_content_is_still_in_memory(store: Store) -> None:
    (root,) = keep(store, noise(1, 5_000))
    take(store, 1, {"model.bin": root})
    assert store.read_bytes(root) == noise(1, 5_000)
    damage(store, root)
    (found,) = checked(store).damage
    assert [name.split(":")[1] for name in found.files] == ["model.bin"]


def test_damage_names_so_many_files_and_counts_the_rest(store: Store) -> None:
    (root,) = keep(store, noise(1, 5_000))
    take(store, 1, {f"copy {number}": root for number in range(FILES_NAMED_MAX + 7)})
    damage(store, root)
    (found,) = checked(store).damage
    assert (len(found.files), found.more_files) == (FILES_NAMED_MAX, 7)


def test_what_nothing_names_is_not_checked(store: Store) -> None:
    (root,) = keep(store, noise(1, 5_000))
    damage(store, root)
    assert checked(store).ok


def test_content_that_is_not_what_its_id_says_is_found(store: Store) -> None:
    """Its check holds: it was stored like that, or somebody made it so."""
    (root,) = keep(store, b"the content")
    take(store, 1, {"a": root})
    ((chunk, _),) = store.chunk_ids(root)
    put_row(store, Table.CHUNKS, chunk, encode_chunk_row(ChunkRow(0, 0, 11, 11, 0, 0, check_of(b"the CONTENT"), b"the CONTENT")))
    (found,) = checked(store).damage
    assert "not what was kept" in found.reason


def test_a_list_of_chunks_that_is_damaged_names_its_file(store: Store) -> None:
    (root,) = keep(store, noise(1, 4_000_000))
    take(store, 1, {"large.bin": root})
    (listing,) = store.chunks.listing_chunks(bytes.fromhex(root))
    row = chunk_rows(store)[listing]
    flip(next(path for path in segments(store) if int(path.stem, 16) == row.segment), row.offset + RECORD.size)
    found = checked(store).damage
    assert any("large.bin" in damage.what for damage in found)
    assert any("large.bin" in name for damage in found for name in damage.files)


def test_a_disk_that_does_not_give_back_is_damage_not_the_end(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (good,), (bad,) = keep(store, noise(1, 5_000)), keep(store, noise(2, 4_000_000))
    take(store, 1, {"good": good, "bad": bad})
    rows = chunk_rows(store)
    start = sorted(row.offset for row in rows.values() if row.raw_length > 20_000)[5]
    one, other = system.read_bytes_at, system.read_at

    def failing(read: Any) -> Any:
        def reading(descriptor: int, what: Any, offset: int) -> Any:
            length = what if isinstance(what, int) else len(what)
            if offset <= start + 100 < offset + length:
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return read(descriptor, what, offset)

        return reading

    monkeypatch.setattr(system, "read_bytes_at", failing(one))
    monkeypatch.setattr(system, "read_at", failing(other))
    (found,) = checked(store).damage
    assert [name.split(":")[1] for name in found.files] == ["bad"]
    assert "Input/output error" in found.reason


def test_every_flip_of_what_is_reachable_is_found(store: Store) -> None:
    (one,) = keep(store, noise(1, 300_000))
    (two,) = keep(store, text(1), path="a.txt")
    (three,) = keep(store, text(1, changed=40), path="a.txt", base=two)
    take(store, 1, {"one": one, "three": three})
    (segment,) = segments(store)
    chance = random.Random(1)
    for row in chunk_rows(store).values():
        places = [0, 5, 8, 12, 16, 24, RECORD.size, RECORD.size + row.stored_length - 1]  # Fields that are compared, and the content.
        for place in [] if row.inline is not None else chance.sample(places, 3):
            flip(segment, row.offset + place)
            assert not checked(store).ok, (row, place)
            for root, expected in ((one, noise(1, 300_000)), (three, text(1, changed=40))):
                try:
                    assert store.read_bytes(root) == expected
                except ContentCorrupt:
                    pass
            flip(segment, row.offset + place)
    assert checked(store).ok
