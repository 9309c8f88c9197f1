"""Reading one file of the workspace so that what is kept is a state the file really had.

A file is looked at before and after it is read: where size or times moved, it is read again, and after :data:`ATTEMPTS` refused by name.
That shows every write but one in the same tick of the file system's clock as the last write before, so a file that was written just now
is given a moment first. Where that does not help, because the clock is too coarse or the writing goes on, it is read twice and has to be
the same, and its stamp is not trusted: next time it is read again.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from jupyter_kit import system
from jupyter_kit.chunking.chunker import MIB, Selection
from jupyter_kit.chunking.select import select
from jupyter_kit.errors import Conflict, Kind
from jupyter_kit.progress import Progress
from jupyter_kit.snapshot.statcache import NEVER, Stamp, stamp_of
from jupyter_kit.store.writing.intake import Added

ATTEMPTS = 3
"""How often a file that changes is read before it is refused: a save in an editor passes, a file under constant writing is told."""

SMALL_BYTES = MIB
"""Up to this, a file is read at once: handing a file descriptor down costs more than the copy."""

FINE_NS = 50_000_000
"""How far apart two writes must be to be sure of different times, where times are finer than a second: the kernel's tick is at most
10 ms on Linux and 16 ms on Windows, and a virtual machine may miss a few."""

COARSE_NS = 2_000_000_000
"""The same where times are whole seconds: FAT counts every other one."""

_SECOND_NS = 1_000_000_000


class Sink(Protocol):
    """What takes contents: the store's writer, or its measure, which only counts."""

    def add_file(
        self, descriptor: int, size: int, selection: Selection, base: str | None = None, progress: Progress | None = None
    ) -> Added:
        """Take an open file."""

    def add_bytes(self, data: bytes, selection: Selection, base: str | None = None) -> Added:
        """Take a file that was read whole."""


class Clock:
    """The clock that dates the workspace's files. On a network share it is another machine's."""

    def __init__(self, offset_ns: int, granularity_ns: int) -> None:
        self._offset_ns = offset_ns
        self.granularity_ns = granularity_ns

    @classmethod
    def of(cls, workspace: Path) -> Clock:
        """Asks the file system by touching a file in ``.kit``; where that is not possible, this machine's clock has to do."""
        probe = workspace / ".kit" / "clock"
        try:
            probe.touch()
            touched_ns = probe.stat().st_mtime_ns
        except OSError:
            return cls(0, FINE_NS)
        return cls(touched_ns - time.time_ns(), COARSE_NS if touched_ns % _SECOND_NS == 0 else FINE_NS)

    def is_settled(self, stamp: Stamp) -> bool:
        """Whether a write from now on shows in the stamp."""
        now_ns = time.time_ns() + self._offset_ns
        first_ns, last_ns = now_ns - self.granularity_ns, now_ns + self.granularity_ns
        # A time in the future was set by hand: a write now would move it.
        return not (first_ns <= stamp.mtime_ns <= last_ns or first_ns <= stamp.ctime_ns <= last_ns)

    def let_settle(self, stamp: Stamp) -> None:
        """Wait until it is, where that takes no time anybody feels."""
        if self.granularity_ns == FINE_NS and not self.is_settled(stamp):
            time.sleep(FINE_NS / _SECOND_NS)


NO_HURRY = Clock(0, 0)
"""For looking only: what is missed now is seen the next time."""


@dataclass(frozen=True)
class Read:
    """A file that was read: what the store made of it, and its stamp then. ``trusted`` where every later write shows in the stamp."""

    added: Added
    stamp: Stamp
    trusted: bool


@dataclass(frozen=True)
class Refused:
    """A file that was not read, and why, as a fragment for people; None where it is gone."""

    reason: str | None


class FileReader:
    """Reads files of one workspace into one sink."""

    def __init__(self, workspace: Path, sink: Sink, clock: Clock, progress: Progress) -> None:
        self._workspace = workspace
        self._sink = sink
        self._clock = clock
        self._progress = progress

    def read(self, path: str, base: str | None) -> Read | Refused:
        """Read the file at ``path``. Raises Conflict (file-changed) where it does not hold still, and what the sink raises."""
        try:
            descriptor = os.open(os.path.join(self._workspace, path), system.OPEN_FILE)
        except (FileNotFoundError, NotADirectoryError):
            return Refused(None)
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise _changed(path, "became a symlink") from error
            return Refused(f"cannot be read: {error.strerror}")
        try:
            return self._read_open(descriptor, path, base)
        except OSError as error:  # The store tells its own errors as ours, so this is the file's.
            return Refused(f"cannot be read: {error.strerror}")
        finally:
            os.close(descriptor)

    def _read_open(self, descriptor: int, path: str, base: str | None) -> Read:
        for _ in range(ATTEMPTS):
            before = stamp_of(os.fstat(descriptor))
            if not self._clock.is_settled(before):
                self._clock.let_settle(before)
                before = stamp_of(os.fstat(descriptor))
            if not stat.S_ISREG(before.mode):
                raise _changed(path, "became something that is no file")
            settled = self._clock.is_settled(before)
            added = self._add(descriptor, path, before.size, base)
            if not settled and self._add(descriptor, path, before.size, base).root != added.root:
                continue
            if added.size == before.size and stamp_of(os.fstat(descriptor)) == before:
                return Read(added, before if settled else before._replace(ctime_ns=NEVER), settled)
        raise _changed(path, "keeps changing while it is read")

    def _add(self, descriptor: int, path: str, size: int, base: str | None) -> Added:
        if size > SMALL_BYTES:
            self._progress.advance(0, path=path)
            selection = select(path, size, lambda offset, length: system.read_bytes_at(descriptor, length, offset))
            return self._sink.add_file(descriptor, size, selection, base, self._progress)
        data = system.read_bytes_at(descriptor, size + 1, 0)
        selection = select(path, len(data), lambda offset, length: data[offset : offset + length])
        added = self._sink.add_bytes(data, selection, base)
        self._progress.advance(len(data), path=path)
        return added


def _changed(path: str, how: str) -> Conflict:
    return Conflict(
        f"The file “{path}” {how}.", kind=Kind.FILE_CHANGED, hint="Wait until nothing writes to it, or ignore it in .kitignore.", path=path
    )
