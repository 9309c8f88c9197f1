"""Reading chunks back: what does not compare is ContentCorrupt, never content, and never an error of somebody else's."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, StoreUnavailable
from jupyter_kit.store.disk.segments import segment_path
from jupyter_kit.store.format.codec import DELTA_BYTES_MAX, check_of
from jupyter_kit.store.format.recipes import Row, Span, decode_row, encode_row, encode_spans, root_of
from jupyter_kit.store.format.schema import ChunkRow, Codec, Table, encode_chunk_row
from jupyter_kit.store.store import Store
from tests.store.keeping import chunk_rows, flip, keep, noise, put_row, row_of, segments, text


def inline(codec: int, stored: bytes, raw_length: int) -> bytes:
    return encode_chunk_row(ChunkRow(codec, 1, raw_length, len(stored), 0, 0, check_of(stored), stored))


@pytest.mark.parametrize("place", [0, 4, 5, 8, 12, 16, 24, 56, 3_000])  # Each field of the header that is compared, and the content.
def test_every_byte_of_a_record_is_compared(store: Store, place: int) -> None:
    (root,) = keep(store, noise(1, 5_000))
    row = row_of(store, root)
    offset = row.offset + place
    flip(segment_path(store.segments, row.segment), offset)
    if place == 4:  # The kind: a journal entry has another id, so comparing that is enough.
        assert store.read_bytes(root) == noise(1, 5_000)
        return
    with pytest.raises(ContentCorrupt, match=r"model\.bin"):
        store.read_bytes(root, "model.bin")


@pytest.mark.parametrize("length", [5_000, 3_000_000])  # A chunk alone, and neighbours that are read together.
@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES])
def test_a_disk_that_does_not_give_back_is_damage_and_other_errors_are_the_stores(
    store: Store, monkeypatch: pytest.MonkeyPatch, length: int, code: int
) -> None:
    (root,) = keep(store, noise(1, length))

    def refuse(*_: Any) -> None:
        raise OSError(code, os.strerror(code))

    with monkeypatch.context() as fault:
        fault.setattr(system, "read_bytes_at", refuse)
        fault.setattr(system, "read_at", refuse)
        with pytest.raises(ContentCorrupt if code == errno.EIO else StoreUnavailable):
            store.read_bytes(root)
    assert store.read_bytes(root) == noise(1, length)


@pytest.mark.parametrize("length", [5_000, 3_000_000])
def test_a_segment_that_is_gone_is_damage(store: Store, length: int) -> None:
    (root,) = keep(store, noise(1, length))
    for path in segments(store):
        path.unlink()
    store.chunks.forget()
    with pytest.raises(ContentCorrupt, match="missing"):
        store.read_bytes(root)


def shorter(value: bytes) -> bytes:
    return value[:2] + struct.pack("<Q", 10) + value[10:]


def longer(value: bytes) -> bytes:
    return value[:2] + struct.pack("<Q", 10_000) + value[10:]


def other_chunk(value: bytes) -> bytes:
    return value[:-4] + b"\1" + value[-3:]


def other_version(value: bytes) -> bytes:
    return b"\2" + value[1:]


def cut_off(value: bytes) -> bytes:
    return value[:5]


@pytest.mark.parametrize("harm", [shorter, longer, other_chunk, other_version, cut_off])
def test_a_recipe_is_compared_with_its_root_and_its_size(store: Store, harm: Callable[[bytes], bytes]) -> None:
    (root,) = keep(store, noise(8, 5_000))
    value = store.environment.get(Table.RECIPES, bytes.fromhex(root))
    assert value is not None
    put_row(store, Table.RECIPES, bytes.fromhex(root), harm(value))
    with pytest.raises(ContentCorrupt, match="ecipe"):
        store.read_bytes(root)


def test_the_list_of_a_recipe_may_be_any_spans(store: Store) -> None:
    """As FORMAT.md says; this package writes whole chunks there."""
    (root,) = keep(store, noise(8, 5_000))
    row = decode_row(store.environment.get(Table.RECIPES, bytes.fromhex(root)) or b"")
    (holder,) = keep(store, b"head" + row.listing + b"tail")
    ((chunk, _),) = store.chunk_ids(holder)
    listed = encode_spans([Span(chunk, 4, 20, whole=False), Span(chunk, 24, len(row.listing) - 20, whole=False)])
    put_row(store, Table.RECIPES, bytes.fromhex(root), encode_row(Row(row.chunker, row.size, listed, chunked=True)))
    assert store.read_bytes(root) == noise(8, 5_000)


def test_a_range_that_its_chunk_does_not_have_is_damage(store: Store) -> None:
    (holder,) = keep(store, b"0123456789")
    ((chunk, _),) = store.chunk_ids(holder)
    listing = encode_spans([Span(chunk, 5, 20, whole=False)])
    root = root_of("compose/1", listing)
    put_row(store, Table.RECIPES, root, encode_row(Row("compose/1", 20, listing, chunked=False)))
    with pytest.raises(ContentCorrupt, match="length"):
        store.read_bytes(root.hex())


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (b"x", "damaged row"),
        (inline(Codec.DELTA, b"", 10), "base"),
        (inline(Codec.DELTA, b"y" * 32, 10), "base"),
        (inline(Codec.DELTA, b"y" * 32 + b"frame", 10), "delta of itself"),
        (inline(Codec.DELTA, b"z" * 32 + b"frame", 10), "missing"),
        (inline(Codec.ZSTD, b"frame", 10), "decode"),
        (inline(Codec.RAW, b"frame", 10), "decode"),
        (inline(7, b"frame", 5), "codec"),
        (inline(Codec.RAW, b"frame", 5)[:-1] + b"E", "index"),
    ],
)
def test_a_row_that_says_something_impossible_is_damage(store: Store, row: bytes, says: str) -> None:
    put_row(store, Table.CHUNKS, b"y" * 32, row)
    with pytest.raises(ContentCorrupt, match=says if len(row) > 1 else "damaged"):
        store.chunks.content(b"y" * 32)


def test_a_file_that_another_thread_lets_go_of_stays_open_while_it_is_read(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    (small,), (large,) = keep(store, noise(1, 5_000)), keep(store, noise(2, 3_000_000))
    one, other = system.read_bytes_at, system.read_at

    def let_go_first(read: Callable[..., Any]) -> Callable[..., Any]:
        def reading(*arguments: Any) -> Any:
            store.chunks.segments.close()
            Path(os.devnull).open().close()  # Takes the number that was given back.
            return read(*arguments)

        return reading

    monkeypatch.setattr(system, "read_bytes_at", let_go_first(one))
    monkeypatch.setattr(system, "read_at", let_go_first(other))
    assert store.read_bytes(small) == noise(1, 5_000)
    assert store.read_bytes(large) == noise(2, 3_000_000)


def test_decoded_content_is_bounded_and_forgotten(store: Store) -> None:
    roots = keep(store, *[noise(number, 100_000) for number in range(100)], path="a.txt")
    for root in roots:
        store.read_bytes(root)
    assert 0 < store.chunks._decoded_bytes <= 8 * DELTA_BYTES_MAX
    assert store.chunks._decoded_bytes == sum(map(len, store.chunks._decoded.values()))
    store.chunks.forget()
    assert not store.chunks._decoded


def test_a_delta_reads_its_bases(store: Store) -> None:
    (one,) = keep(store, text(1), path="a.txt")
    (two,) = keep(store, text(1, changed=40), path="a.txt", base=one)
    (three,) = keep(store, text(1, changed=80), path="a.txt", base=two)
    assert [row_of(store, root).codec for root in (one, two, three)] == [Codec.ZSTD, Codec.DELTA, Codec.DELTA]
    assert store.read_bytes(three) == text(1, changed=80)
    assert set(map(len, chunk_rows(store))) == {32}
