"""Catalogues: what goes in comes out, and whatever is none is refused."""

from __future__ import annotations

import contextlib
import struct

import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.schema import BlobRow
from jupyter_kit.sync.format import catalogue
from jupyter_kit.sync.format.catalogue import MAGIC, Ancestor, Catalogue, CatalogueWriter, Kept, Place, Segment

ids = st.binary(min_size=32, max_size=32)
segments = st.builds(Segment, ids, st.integers(1, catalogue.REMOTE_SEGMENT_BYTES_MAX))


@st.composite
def places(draw: st.DrawFn, segment: Segment) -> Place:
    codec = draw(st.integers(0, 2))
    stored = draw(st.integers(0, min(segment.size, 1000)))
    offset = draw(st.integers(0, segment.size - stored))
    raw = stored if codec == 0 else draw(st.integers(stored, 2000))
    return Place(draw(ids), 0, offset, stored, raw, codec, draw(st.integers(1, 31)) if codec == 2 else 0, draw(ids) if codec == 2 else None)


@st.composite
def contents(draw: st.DrawFn) -> tuple[list[tuple[Segment, Place]], list[Kept], list[tuple[bytes, bytes]], list[Ancestor]]:
    described = [(segment, draw(places(segment))) for segment in draw(st.lists(segments, max_size=4)) for _ in range(2)]
    kept = [Kept(draw(ids), 0, 0, len(data), data) for data in draw(st.lists(st.binary(max_size=50), max_size=3))]
    recipes = draw(st.lists(st.tuples(ids, st.binary(max_size=30)), max_size=3))
    return described, kept, recipes, draw(st.lists(st.builds(Ancestor, ids, st.lists(ids, max_size=3).map(tuple)), max_size=3))


def written(parts: tuple[list[tuple[Segment, Place]], list[Kept], list[tuple[bytes, bytes]], list[Ancestor]]) -> CatalogueWriter:
    writer = CatalogueWriter()
    described, kept, recipes, ancestors = parts
    for segment, place in described:
        writer.add_place(segment, place)
    for chunk in kept:
        writer.add_kept(chunk)
    for root, row in recipes:
        writer.add_recipe(root, row)
        writer.add_blob(root, BlobRow(len(row), root))
    for ancestor in ancestors:
        writer.add_ancestor(ancestor)
    return writer


def read(found: Catalogue) -> tuple[object, ...]:
    """Everything a catalogue says; places with the segment in place of its position."""
    listed = found.segments()
    described = [(listed[place.segment], place._replace(segment=0)) for place in found.places()]
    return described, list(found.kept()), list(found.recipes()), list(found.history()), list(found.blobs())


@settings(max_examples=50)
@given(contents(), contents())
def test_what_goes_in_comes_out_and_merges(one: tuple, other: tuple) -> None:  # type: ignore[type-arg]
    for parts in (one, other):
        described, kept, recipes, ancestors, blobs = read(Catalogue(written(parts).encode()))
        assert (described, kept, recipes, ancestors) == parts
        assert blobs == [(root, BlobRow(len(row), root)) for root, row in parts[2]]
    merged = CatalogueWriter()
    for parts in (one, other):
        merged.add_all(Catalogue(written(parts).encode()))
    first, second = (read(Catalogue(written(parts).encode())) for parts in (one, other))
    assert read(Catalogue(merged.encode())) == tuple([*left, *right] for left, right in zip(first, second, strict=True))


@settings(max_examples=200)
@given(contents(), st.data())
def test_damaged_catalogues_raise_nothing_but_our_error(parts: tuple, data: st.DataObject) -> None:  # type: ignore[type-arg]
    unpacked = bytearray(zstandard.ZstdDecompressor().decompress(written(parts).encode()))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(unpacked) - 1))
        match data.draw(st.sampled_from(["flip", "cut", "grow"])):
            case "flip":
                unpacked[at] = data.draw(st.integers(0, 255))
            case "cut":
                del unpacked[at : at + data.draw(st.integers(1, 40))]
            case _:
                unpacked[at:at] = data.draw(st.binary(max_size=40))
        unpacked = unpacked or bytearray(1)
    with contextlib.suppress(ContentCorrupt):
        read(Catalogue(zstandard.ZstdCompressor().compress(bytes(unpacked))))


@settings(max_examples=100)
@given(st.binary(max_size=300))
def test_noise_is_no_catalogue(noise: bytes) -> None:
    with pytest.raises(ContentCorrupt):
        Catalogue(noise)


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zstandard.ZstdCompressor().compress(MAGIC + bytes(catalogue.UNPACKED_BYTES_MAX))
    assert len(bomb) < 10_000
    with pytest.raises(ContentCorrupt, match="too long"):
        Catalogue(bomb)
    without_size = zstandard.ZstdCompressor(write_content_size=False).compress(MAGIC)
    with pytest.raises(ContentCorrupt, match="too long"):
        Catalogue(without_size)


SEGMENT = Segment(bytes(32), 1000)


@pytest.mark.parametrize(
    "place",
    [
        Place(bytes(32), 0, 990, 20, 20, 0, 0, None),  # Past the segment's end.
        Place(bytes(32), 0, 2**32 - 1, 20, 20, 0, 0, None),
        Place(bytes(32), 0, 0, 20, 30, 0, 0, None),  # Raw, and two lengths.
        Place(bytes(32), 0, 0, 20, 20, 3, 0, None),  # No such codec.
        Place(bytes(32), 0, 0, 20, 20, 1, 1, None),  # Depth without a base.
        Place(bytes(32), 0, 0, 20, 20, 2, 0, bytes(32)),  # A base without depth.
        Place(bytes(32), 0, 0, 20, 20, 2, 32, bytes(32)),  # Too deep.
        Place(bytes(32), 0, 0, 20, catalogue.CHUNK_BYTES_MAX + 1, 1, 0, None),  # Too long.
    ],
)
def test_places_that_cannot_be_are_refused(place: Place) -> None:
    writer = CatalogueWriter()
    writer.add_place(SEGMENT, place)
    with pytest.raises(ContentCorrupt):
        list(Catalogue(writer.encode()).places())


def test_a_segment_that_is_too_long_or_not_there_is_refused() -> None:
    writer = CatalogueWriter()
    writer.add_place(Segment(bytes(32), catalogue.REMOTE_SEGMENT_BYTES_MAX + 1), Place(bytes(32), 0, 0, 1, 1, 0, 0, None))
    with pytest.raises(ContentCorrupt, match="too long"):
        Catalogue(writer.encode()).segments()
    chunk = struct.pack("<32sIIIIBB32s", bytes(32), 7, 0, 1, 1, 0, 0, bytes(32))
    parts = b"".join(
        struct.pack("<BI", number, len(chunk) if number == 2 else 0) + (chunk if number == 2 else b"") for number in range(1, 7)
    )
    with pytest.raises(ContentCorrupt, match="outside"):
        list(Catalogue(zstandard.ZstdCompressor().compress(MAGIC + parts)).places())
