"""Listing the folders of a workspace: the names in them, what the file system says of each, and one fingerprint for it all.

In an unchanged workspace this is all the work there is: one system call for each file. Threads do not help, because Python takes its lock
back after each of them, so of a large workspace a second process lists half. That process is this very file, run as a program: it imports
nothing but the standard library, and so is there within 10 ms.
"""

from __future__ import annotations

import hashlib
import marshal
import os
import stat
import struct
import subprocess
import sys
from contextlib import suppress
from typing import Any, NamedTuple

HELPED_FILES = 20_000
"""A workspace with this many files takes 60 ms to list: from here on a second process is worth starting."""

BATCH_FOLDERS = 64
"""Folders listed between two exchanges: few enough to share the work evenly, enough that the exchanges cost nothing."""

ENVIRONMENT_MARK = "pyvenv.cfg"
"""Stands in the root of each virtual environment (PEP 405)."""

_FINGERPRINT_BYTES = 16
_UINT64 = (1 << 64) - 1
_OPEN_FOLDER = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_DIRECTORY", 0)


class Listed(NamedTuple):
    """Names in a folder, sorted, and the stat result of each."""

    names: list[str]
    stats: list[os.stat_result]


class Summary(NamedTuple):
    """A folder in short: its fingerprint, whether it is a virtual environment, and the folders in it with their modes."""

    fingerprint: bytes
    environment: bool
    folders: list[tuple[str, int]]


def list_folder(root: str, path: str) -> Listed:
    """List the folder ``path`` of the workspace ``root`` (empty: itself). Symlinks are not followed. Raises OSError."""
    place = os.path.join(root, path)
    if os.scandir not in os.supports_fd:
        return _entries(place)
    # By its descriptor: the system then finds each file by its name alone, and no symlink has taken the folder's place.
    descriptor = os.open(place, _OPEN_FOLDER if path else os.O_RDONLY)
    try:
        return _entries(descriptor)
    finally:
        os.close(descriptor)


def summarise(path: str, listed: Listed, rules: bytes) -> Summary:
    """The folder ``path`` in short.

    The fingerprint covers the folder's path, names and stat results, and ``rules``, what stands for the ignore rules, because they decide
    anew what is kept. Of folders inside only name and mode count: what else changes with their content has its place in their own.
    """
    names, stats = listed
    columns = (
        [found.st_mode for found in stats],
        [found.st_size for found in stats],
        [found.st_mtime_ns for found in stats],
        [found.st_ctime_ns for found in stats],
        [found.st_ino for found in stats],
    )
    inner = [position for position, mode in enumerate(columns[0]) if mode & 0o170000 == stat.S_IFDIR]
    for position in inner:
        for column in columns[1:]:
            column[position] = 0
    text = os.fsencode("\0".join([path, *names]))
    digest = hashlib.blake2b(b"%b%b\0\0%b" % (rules, text, pack(*columns)), digest_size=_FINGERPRINT_BYTES)
    return Summary(digest.digest(), ENVIRONMENT_MARK in names, [(names[position], stats[position].st_mode) for position in inner])


def pack(*columns: list[int]) -> bytes:
    """Columns of numbers as 64 bits each."""
    count = sum(map(len, columns))
    try:
        return struct.pack(f"<{count}q", *[number for column in columns for number in column])
    except struct.error:  # Inodes of 64 bits on Windows, and years after 2262.
        return struct.pack(f"<{count}Q", *[number & _UINT64 for column in columns for number in column])


class SecondProcess:
    """Lists folders while we list others: 100,000 files take 0.19 s instead of 0.30 on two cores, and git 0.16.

    Where it cannot be started, or fails, it answers None, and the asker lists those folders itself.
    """

    def __init__(self, root: str, rules: bytes, *, worthwhile: bool) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        if worthwhile and sys.executable and sys.platform != "win32" and (os.cpu_count() or 1) > 1:
            command = [sys.executable, "-I", "-S", __file__, root, rules.hex()]
            with suppress(OSError):
                self._process = subprocess.Popen(
                    command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True
                )

    @property
    def runs(self) -> bool:
        """Whether it is worth asking."""
        return self._process is not None

    def ask(self, paths: list[str]) -> None:
        """Begin to list these folders."""
        try:
            if self._process is not None and self._process.stdin is not None:
                marshal.dump(paths, self._process.stdin)
                self._process.stdin.flush()
        except OSError:
            self.close()

    def answer(self, count: int) -> list[Summary | None]:
        """The folders last asked for, in that order."""
        try:
            if self._process is not None and self._process.stdout is not None:
                answers: list[Any] = marshal.load(self._process.stdout)  # noqa: S302 — our own program's words.
                return [None if answer is None else Summary(*answer) for answer in answers]
        except (OSError, EOFError, ValueError, TypeError):
            self.close()
        return [None] * count

    def close(self) -> None:
        """Let it go."""
        if self._process is not None:
            process, self._process = self._process, None
            process.kill()
            with suppress(OSError):  # What was not flushed when it died.
                process.communicate()


def _entries(place: str | int) -> Listed:
    with os.scandir(place) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
        try:
            return Listed([entry.name for entry in listed], [entry.stat(follow_symlinks=False) for entry in listed])
        except FileNotFoundError:  # One is gone since it was listed.
            left: list[tuple[str, os.stat_result]] = []
            for entry in listed:
                with suppress(FileNotFoundError):
                    left.append((entry.name, entry.stat(follow_symlinks=False)))
            return Listed([name for name, _ in left], [found for _, found in left])


def _serve(root: str, rules: bytes) -> None:
    """Answer one list of paths after another, until there are no more."""
    while True:
        try:
            paths: list[str] = marshal.load(sys.stdin.buffer)  # noqa: S302 — the words of the process that started this one.
        except EOFError:
            return
        answers: list[tuple[object, ...] | None] = []  # Plain tuples, because marshal knows no other.
        for path in paths:
            try:
                answers.append(tuple(summarise(path, list_folder(root, path), rules)))
            except OSError:
                answers.append(None)  # Told by the asker, who meets the same error.
        marshal.dump(answers, sys.stdout.buffer)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    _serve(sys.argv[1], bytes.fromhex(sys.argv[2]))
