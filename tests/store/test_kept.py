"""A kept file read at any place: the same bytes as the file, whatever is asked, and nothing but what was asked from the store."""

from __future__ import annotations

import gc
import io
import os
import threading
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, NotFound
from jupyter_kit.progress import Silent
from jupyter_kit.store.disk.segments import segment_path
from jupyter_kit.store.kept import KeptFile
from jupyter_kit.store.reading.chunks import Chunks
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep

from .keeping import damage, flip, keep, noise, notebook, reader, row_of, segments, take, text

CONTENTS = {
    "empty": b"",
    "tiny": b"a few words",
    "text": text(1),
    "notebook": notebook(2),
    "table": b"".join(b"%d,%d\n" % (number, number * number % 997) for number in range(150_000)),
    "small chunks": b"".join(noise(number % 7, 3_000) + bytes(50_000) for number in range(60)),
    "one chunk": noise(3, 50_000),
    "large": noise(4, 3_000_000),
    "larger": noise(5, 20_000_000),
}


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, dict[str, str]]:
    store = Store.create(tmp_path_factory.mktemp("shelf") / "store")
    paths = {"notebook": "n.ipynb", "text": "t.csv", "table": "t.csv"}
    return store, {name: keep(store, data, path=paths.get(name, "data.bin"))[0] for name, data in CONTENTS.items()}


@st.composite
def journeys(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, int]]]:
    name = draw(st.sampled_from(list(CONTENTS)))
    size = len(CONTENTS[name])
    offsets = st.one_of(st.integers(0, size + 10), st.sampled_from([0, size, max(size - 1, 0)]))
    lengths = st.one_of(st.integers(0, 200_000), st.sampled_from([0, 1, 65_536, 2 << 20, size, size + 1]))
    steps = st.tuples(st.sampled_from([-1, os.SEEK_SET]), offsets, lengths)
    return name, draw(st.lists(steps, max_size=8))


@given(journey=journeys())
def test_any_slice_is_the_files(shelf: tuple[Store, dict[str, str]], journey: tuple[str, list[tuple[int, int, int]]]) -> None:
    store, roots = shelf
    name, steps = journey
    like = io.BytesIO(CONTENTS[name])
    with KeptFile(store, roots[name], name) as kept:
        assert kept.size == len(CONTENTS[name])
        for whence, offset, length in steps:
            if whence >= 0:
                assert kept.seek(offset) == like.seek(offset)
            assert kept.read(length) == like.read(length)
            assert kept.tell() == like.tell()
        assert kept.read() == like.read()
        assert kept.tell() == like.tell()


def test_it_seeks_as_files_do(store: Store) -> None:
    (root,) = keep(store, b"0123456789")
    kept = KeptFile(store, root, "digits.txt")
    assert kept.readable()
    assert kept.seekable()
    assert not kept.writable()
    assert kept.seek(-3, os.SEEK_END) == 7
    assert kept.read(2) == b"78"
    assert kept.seek(-4, os.SEEK_CUR) == 5
    assert kept.read() == b"56789"
    assert kept.seek(100) == 100
    assert kept.read(5) == kept.read() == b""
    with pytest.raises(ValueError, match="before the file"):
        kept.seek(-1)
    with pytest.raises(ValueError, match="whence"):
        kept.seek(0, 7)
    kept.close()
    for use in (kept.tell, kept.read, lambda: kept.seek(0), lambda: kept.read(1)):
        with pytest.raises(ValueError, match="closed"):
            use()


def test_reads_on_and_on_and_back(shelf: tuple[Store, dict[str, str]]) -> None:
    """What is read ahead in other threads is taken where the reading goes on, and dropped where it does not."""
    store, roots = shelf
    data = CONTENTS["larger"]
    kept = KeptFile(store, roots["larger"], "data.bin")
    for start in (0, 11_000_000, 11_000_000 + 7 * (1 << 20), 5):
        kept.seek(start)
        for number in range(12):
            assert kept.read(1 << 20) == data[start + (number << 20) : start + ((number + 1) << 20)]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:.*use of fork.*:DeprecationWarning")
def test_a_fork_reads_on(store: Store) -> None:
    """As the workers of a loader of data do: the threads that read ahead are not in the child."""
    data = noise(8, 12_000_000)
    (root,) = keep(store, data)
    kept = KeptFile(store, root, "data.bin")
    assert b"".join(kept.read(1 << 20) for _ in range(5)) == data[: 5 << 20]
    child = os.fork()
    if not child:
        os._exit(0 if kept.read() == data[5 << 20 :] else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert kept.read() == data[5 << 20 :]


def test_damage_that_was_met_ahead_is_told_where_it_is(store: Store) -> None:
    data = noise(9, 16_000_000)
    (root,) = keep(store, data)
    chunks = store.chunk_ids(root)
    number = len(chunks) * 2 // 3
    victim, offset = chunks[number][0], sum(length for _, length in chunks[:number])
    (row,) = store.chunks.find([victim])
    assert row is not None
    flip(segment_path(store.segments, row.segment), row.offset + 56 + row.stored_length - 1)
    kept = KeptFile(store, root, "data.bin")
    read: list[bytes] = []
    with pytest.raises(ContentCorrupt):
        read.extend(iter(lambda: kept.read(1 << 16), b""))
    told = b"".join(read)
    assert told == data[: len(told)]
    assert 5_000_000 < len(told) == kept.tell() <= offset
    kept.seek(0)
    assert kept.read(1 << 20) == data[: 1 << 20]


def test_what_reads_archives_reads_it(store: Store) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for number in range(20):
            archive.writestr(f"part-{number}", noise(number, 200_000))
    (root,) = keep(store, packed.getvalue(), path="weights.bin")
    with zipfile.ZipFile(io.BufferedReader(KeptFile(store, root, "weights.bin"))) as archive:
        assert archive.read("part-13") == noise(13, 200_000)


class Counting:
    """Counts the bytes that are read from segments."""

    def __init__(self, chunks: Chunks, monkeypatch: pytest.MonkeyPatch) -> None:
        self.bytes = 0
        read, read_into, read_scattered = chunks.segments.read, chunks.segments.read_into, chunks.segments.read_scattered

        def counted(number: int, offset: int, length: int) -> bytes:
            self.bytes += length
            return read(number, offset, length)

        def counted_into(number: int, offset: int, buffer: memoryview) -> int:
            self.bytes += len(buffer)
            return read_into(number, offset, buffer)

        def counted_scattered(number: int, offset: int, buffers: Sequence[memoryview]) -> int:
            self.bytes += sum(map(len, buffers))
            return read_scattered(number, offset, buffers)

        monkeypatch.setattr(chunks.segments, "read", counted)
        monkeypatch.setattr(chunks.segments, "read_scattered", counted_scattered)
        monkeypatch.setattr(chunks.segments, "read_into", counted_into)


def test_a_read_takes_only_the_chunks_it_needs(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data = noise(6, 8_000_000)
    (root,) = keep(store, data)
    counting = Counting(store.chunks, monkeypatch)
    kept = KeptFile(store, root, "data.bin")
    listing = counting.bytes
    kept.seek(5_000_000)
    assert kept.read(10) == data[5_000_000:5_000_010]
    assert kept.read(10) == data[5_000_010:5_000_020]
    assert 10 < counting.bytes - listing < 600_000  # one chunk, of 256 KiB at most, or two where the edge was met


def test_reads_that_follow_on_each_other_read_ahead(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data = noise(7, 8_000_000)
    (root,) = keep(store, data)
    kept = KeptFile(store, root, "data.bin")
    shared: list[None] = []
    inner = store.shared
    monkeypatch.setattr(store, "shared", lambda: shared.append(None) or inner())  # type: ignore[func-returns-value]
    assert b"".join(iter(lambda: kept.read(1_000), b"")) == data
    assert len(shared) < 20


@pytest.mark.parametrize("name", ["larger", "table", "notebook"])
@pytest.mark.parametrize("cut", [False, True])
def test_no_wrong_byte_is_read_wherever_a_segment_is_hurt(tmp_path: Path, name: str, cut: bool) -> None:
    store = Store.create(tmp_path / "store")
    (root,) = keep(store, CONTENTS[name], path="n.ipynb" if name == "notebook" else "t.csv")
    refused = 0
    for place in sorted(segments(store)):
        size = place.stat().st_size
        for offset in range(size // 5, size, size // 4):
            whole = place.read_bytes()
            if cut:
                os.truncate(place, offset)
            else:
                flip(place, offset)
            store.chunks.forget()
            try:
                read = KeptFile(store, root, name).read()
            except ContentCorrupt as error:
                assert error.path in (name, None)  # A recipe that is hurt does not say which file's it was.
                refused += 1
            else:
                assert read == CONTENTS[name]  # What was hurt was the journal.
            place.write_bytes(whole)
    assert refused
    store.close()


@pytest.mark.parametrize("read", [lambda kept: kept.read(10), lambda kept: kept.read()])
def test_damage_is_told_with_the_file(store: Store, read: Callable[[KeptFile], bytes]) -> None:
    (root,) = keep(store, noise(8, 15_000))
    kept = KeptFile(store, root, "data/train.bin")
    damage(store, root)
    with pytest.raises(ContentCorrupt, match=r"data/train\.bin cannot be read back"):
        read(kept)
    assert kept.tell() == 0


def test_what_the_store_does_not_hold_is_not_found(store: Store) -> None:
    with pytest.raises(NotFound, match=r"data\.bin"):
        KeptFile(store, "00" * 32, "data.bin")


def test_what_was_pruned_meanwhile_is_told_as_that(store: Store) -> None:
    (root,) = keep(store, noise(9, 50_000))
    kept = KeptFile(store, root, "data.bin")
    apply_sweep(store, plan_sweep(store, reader(store)), lambda _: None, Silent())
    with pytest.raises(NotFound, match=r"data\.bin was pruned"):
        kept.read(1)


def test_what_was_moved_by_prune_is_read_where_it_is_now(store: Store) -> None:
    kept_data, lost = noise(10, 50_000), noise(11, 900_000)
    root, _ = keep(store, kept_data, lost)
    take(store, 1, {"data.bin": root})
    kept = KeptFile(store, root, "data.bin")
    place = row_of(store, root)
    apply_sweep(store, plan_sweep(store, reader(store)), lambda _: None, Silent())
    assert (row_of(store, root).segment, row_of(store, root).offset) != (place.segment, place.offset)
    assert kept.read() == kept_data


def test_handles_in_several_threads_do_not_disturb_each_other(store: Store) -> None:
    contents = [noise(number, 1_500_000) for number in range(3)]
    roots = keep(store, *contents)
    wrong: list[int] = []

    def read(number: int) -> None:
        with KeptFile(store, roots[number % 3], "data.bin") as kept:
            for offset in range(number, 1_400_000, 97_001):
                kept.seek(offset)
                if kept.read(5_000) != contents[number % 3][offset : offset + 5_000]:
                    wrong.append(number)

    threads = [threading.Thread(target=read, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_forgotten_handle_keeps_no_file_open(store: Store, tmp_path: Path) -> None:
    (root,) = keep(store, noise(12, 50_000))
    kept = KeptFile(store, root, "data.bin")
    kept.read(1)
    assert not [name for name in os.listdir("/dev/fd") if _leads_to(name).endswith(".segment")]
    del kept
    gc.collect()


def _leads_to(name: str) -> str:
    try:
        return os.readlink(f"/dev/fd/{name}")
    except OSError:
        return ""
