"""Files that change while they are read."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit.chunking.chunker import MIB, Selection
from jupyter_kit.errors import Conflict, Kind
from jupyter_kit.progress import Progress, Silent
from jupyter_kit.snapshot.reading import COARSE_NS, FINE_NS, NO_HURRY, Clock, FileReader, Read, Refused
from jupyter_kit.snapshot.statcache import NEVER, Stamp
from jupyter_kit.store.writing.intake import Added

LONG_AGO_NS = 10**18


class Meddler:
    """A sink that does something to the file after it was read, the first ``times`` times."""

    def __init__(self, meddle: Callable[[], object], times: int = 1) -> None:
        self.meddle = meddle
        self.times = times
        self.taken: list[bytes] = []

    def add_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> Added:
        self.taken.append(data)
        if self.times > 0:
            self.times -= 1
            self.meddle()
        return Added(data.hex()[:64], len(data), 0, 0)

    def add_file(
        self, descriptor: int, size: int, selection: Selection, base: str | None = None, progress: Progress | None = None
    ) -> Added:
        return self.add_bytes(os.pread(descriptor, size + MIB, 0), selection, base)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    made = tmp_path / "file.bin"
    made.write_bytes(b"before")
    os.utime(made, ns=(LONG_AGO_NS, LONG_AGO_NS))
    return made


def read(place: Path, sink: Meddler, clock: Clock = NO_HURRY) -> Read | Refused:
    return FileReader(place.parent, sink, clock, Silent()).read(place.name, None)


@pytest.mark.parametrize("new", [b"afterwards", b"", b"AFTER!"])
@pytest.mark.parametrize("large", [False, True])
def test_a_file_that_changes_is_read_again(place: Path, new: bytes, large: bool) -> None:
    tail = bytes(2 * MIB) if large else b""
    place.write_bytes(b"before" + tail)
    sink = Meddler(lambda: place.write_bytes(new + tail))
    outcome = read(place, sink)
    assert isinstance(outcome, Read)
    assert sink.taken == [b"before" + tail, new + tail]
    assert outcome.added.size == len(new + tail) == outcome.stamp.size


def test_a_file_that_keeps_changing_is_refused_by_name(place: Path) -> None:
    counter = iter(range(100))
    with pytest.raises(Conflict, match=r"file\.bin.*keeps changing") as caught:
        read(place, Meddler(lambda: place.write_bytes(b"%d" % next(counter) * 5), times=100))
    assert caught.value.kind is Kind.FILE_CHANGED
    assert caught.value.hint
    assert caught.value.path == "file.bin"


def test_a_change_of_time_alone_counts(place: Path) -> None:
    sink = Meddler(lambda: os.utime(place, ns=(1, 1)))
    read(place, sink)
    assert len(sink.taken) == 2


def test_a_file_that_is_replaced_while_it_is_read_was_a_state(place: Path) -> None:
    def replace() -> None:
        other = place.with_name("other")
        other.write_bytes(b"new file")
        other.rename(place)

    outcome = read(place, Meddler(replace))
    assert isinstance(outcome, Read)  # The old file, which stood there when it was opened; its links changed, so it is read twice.
    assert outcome.added.root == b"before".hex()


def test_a_file_that_vanishes_is_left_out(place: Path) -> None:
    place.unlink()
    assert read(place, Meddler(lambda: None)) == Refused(None)


def test_a_folder_above_that_vanishes_is_left_out(place: Path) -> None:
    reader = FileReader(place.parent, Meddler(lambda: None), NO_HURRY, Silent())
    assert reader.read("file.bin/inner", None) == Refused(None)
    assert reader.read("gone/inner", None) == Refused(None)


def test_a_file_that_becomes_something_else_is_refused(place: Path) -> None:
    place.unlink()
    place.symlink_to("/etc/hostname")
    with pytest.raises(Conflict, match="became a symlink"):
        read(place, Meddler(lambda: None))
    place.unlink()
    os.mkfifo(place)
    with pytest.raises(Conflict, match="no file"):
        read(place, Meddler(lambda: None))


def test_an_unreadable_file_is_told(unprivileged: Callable[[], Path]) -> None:
    place = unprivileged() / "file.bin"
    place.write_bytes(b"x")
    place.chmod(0)
    assert read(place, Meddler(lambda: None)) == Refused("cannot be read: Permission denied")


def stamp(mtime_ns: int, ctime_ns: int) -> Stamp:
    return Stamp(0o100644, 1, mtime_ns, ctime_ns, 1)


def test_a_stamp_is_trusted_when_every_later_write_shows() -> None:
    clock = Clock(0, FINE_NS)
    now_ns = time.time_ns()
    assert clock.is_settled(stamp(LONG_AGO_NS, LONG_AGO_NS))
    assert not clock.is_settled(stamp(LONG_AGO_NS, now_ns))
    assert not clock.is_settled(stamp(now_ns, LONG_AGO_NS))
    assert clock.is_settled(stamp(now_ns - 2 * FINE_NS, now_ns - 2 * FINE_NS))
    assert clock.is_settled(stamp(now_ns + 10**15, LONG_AGO_NS))  # Set by hand to the future: a write would move it.
    assert not Clock(0, COARSE_NS).is_settled(stamp(now_ns - 10**9, LONG_AGO_NS))
    assert not Clock(-(10**15), FINE_NS).is_settled(stamp(now_ns - 10**15, LONG_AGO_NS))


def test_a_file_written_just_now_is_given_a_moment(place: Path) -> None:
    place.write_bytes(b"just now")
    sink = Meddler(lambda: None)
    outcome = read(place, sink, Clock(0, FINE_NS))
    assert isinstance(outcome, Read)
    assert outcome.trusted
    assert outcome.stamp.ctime_ns != NEVER
    assert len(sink.taken) == 1


def test_where_the_clock_is_coarse_it_is_read_twice_and_not_trusted(place: Path) -> None:
    place.write_bytes(b"just now")
    sink = Meddler(lambda: None)
    outcome = read(place, sink, Clock(0, COARSE_NS))
    assert isinstance(outcome, Read)
    assert not outcome.trusted
    assert outcome.stamp.ctime_ns == NEVER
    assert len(sink.taken) == 2


def test_a_write_that_leaves_no_trace_is_found_by_reading_twice(place: Path) -> None:
    """As where the times of files are whole seconds: the same size, and times set back."""
    place.write_bytes(b"before")

    def unseen() -> None:
        found = place.stat()
        place.write_bytes(b"AFTER!")
        os.utime(place, ns=(found.st_atime_ns, found.st_mtime_ns))

    sink = Meddler(unseen)
    outcome = read(place, sink, Clock(0, COARSE_NS))
    assert isinstance(outcome, Read)
    assert outcome.added.root == b"AFTER!".hex()


def test_the_clock_is_the_file_systems(tmp_path: Path) -> None:
    (tmp_path / ".kit").mkdir()
    clock = Clock.of(tmp_path)
    (tmp_path / "x").write_bytes(b"")
    found = (tmp_path / "x").stat()
    assert not clock.is_settled(stamp(found.st_mtime_ns, found.st_ctime_ns))
    assert Clock.of(tmp_path / "nowhere").granularity_ns == FINE_NS


def test_progress_counts_bytes_with_names(place: Path) -> None:
    told: list[tuple[int, str | None]] = []

    class Told(Silent):
        def advance(self, amount: int, *, path: str | None = None) -> None:
            told.append((amount, path))

    FileReader(place.parent, Meddler(lambda: None), NO_HURRY, Told()).read("file.bin", None)
    assert told == [(6, "file.bin")]
