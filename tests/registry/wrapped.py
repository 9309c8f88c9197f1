"""Targets with one thing changed, and a progress that remembers."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator

from jupyter_kit.errors import Cancelled
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Content, Piece, Target
from jupyter_kit.progress import Silent, Unit


class Wrapped:
    """A target, and each method that a subclass changes."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.name = target.name

    def resolve(self, name: str) -> Descriptor:
        return self.target.resolve(name)

    def exists(self, descriptor: Descriptor) -> bool:
        return self.target.exists(descriptor)

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        return self.target.fetch(descriptor, start, length)

    def tags(self) -> tuple[str, ...]:
        return self.target.tags()

    def push(self, descriptor: Descriptor, content: Content) -> None:
        self.target.push(descriptor, content)

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        self.target.tag(descriptor, tag)


class Counting(Wrapped):
    """Counts what is fetched and pushed, and keeps the order of all that changes it."""

    def __init__(self, target: Target) -> None:
        super().__init__(target)
        self.fetched: Counter[str] = Counter()
        self.pushed: Counter[str] = Counter()
        self.order: list[str] = []

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        self.fetched[descriptor.digest] += 1
        return super().fetch(descriptor, start, length)

    def push(self, descriptor: Descriptor, content: Content) -> None:
        super().push(descriptor, content)
        self.pushed[descriptor.digest] += 1
        self.order.append(descriptor.digest)

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        super().tag(descriptor, tag)
        self.order.append(tag)


class Slow(Wrapped):
    """A source that gives a byte at a time, and does ``at_first`` once it was asked."""

    def __init__(self, target: Target, at_first: Callable[[], object] = lambda: None) -> None:
        super().__init__(target)
        self.at_first = at_first
        self.first = threading.Lock()

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        data = b"".join(bytes(piece) for piece in super().fetch(descriptor, start, length))
        if descriptor.media_type == OCI_MANIFEST:
            yield data
            return
        if self.first.acquire(blocking=False):
            self.at_first()
        for position in range(len(data)):
            time.sleep(0.002)
            yield data[position : position + 1]


class Failing(Wrapped):
    """Its system fails: at the fetch of a blob, or at the push of one."""

    def __init__(self, target: Target, *, fetching: bool = False, pushing: bool = False) -> None:
        super().__init__(target)
        self.fetching = fetching
        self.pushing = pushing

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        for piece in super().fetch(descriptor, start, length):
            if self.fetching and descriptor.media_type != OCI_MANIFEST:
                raise ConnectionResetError(104, "Connection reset by peer")
            yield piece

    def push(self, descriptor: Descriptor, content: Content) -> None:
        if self.pushing:
            raise BrokenPipeError(32, "Broken pipe")
        super().push(descriptor, content)


class Told(Silent):
    """Adds up what each blob told, and stops at the step ``stop_at``."""

    def __init__(self, stop_at: int | None = None) -> None:
        self.phases: list[tuple[str, int | None, Unit]] = []
        self.done: list[int] = []
        self.blobs: dict[str, tuple[int, int | None]] = {}
        self.left = stop_at

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        self.phases.append((phase, total, unit))
        self.done.append(0)

    def advance(self, amount: int, *, path: str | None = None, of: int | None = None) -> None:
        if self.left is not None:
            self.left -= 1
            if self.left == 0:
                raise Cancelled("Stop.")
        if self.done:
            self.done[-1] += amount
        if path and of is not None:
            self.blobs[path] = (self.blobs.get(path, (0, of))[0] + amount, of)
