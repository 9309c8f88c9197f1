"""Content that arrives once, from front to back, and is hashed on the way."""

from __future__ import annotations

from collections.abc import Iterator

from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.digest import verified
from jupyter_kit.oci.target import Content, Piece


class Arrival:
    """The bytes of one blob. What was taken counts only when :meth:`end` did not raise."""

    def __init__(self, descriptor: Descriptor, content: Content, name: str) -> None:
        """``name`` says in messages where the content goes. Raises InvalidInput for a digest that is none."""
        self._pieces: Iterator[Piece] = verified(descriptor.digest, descriptor.size, content(0), f"{descriptor.short} for {name}")
        self._piece = memoryview(b"")
        self._ahead = memoryview(b"")
        self.left = descriptor.size
        """Bytes not taken yet."""

    def peek(self, length: int) -> bytes:
        """Up to ``length`` of the bytes that come next, without taking them; fewer only at the end."""
        wanted = min(length, self.left)
        if len(self._ahead) < wanted:
            ahead = bytearray(wanted)
            self.read_into(memoryview(ahead))
            self.left += wanted
            self._ahead = memoryview(ahead)
        return bytes(self._ahead[:wanted])

    def read(self, length: int) -> bytes:
        """The next bytes; fewer only at the end. Raises ContentCorrupt where less comes than was promised."""
        data = bytearray(min(length, self.left))
        self.read_into(memoryview(data))
        return bytes(data)

    def read_into(self, buffer: memoryview) -> int:
        """Fill the buffer; returns how many bytes came, fewer only at the end. Raises ContentCorrupt where less comes than was promised."""
        wanted = min(len(buffer), self.left)
        done = min(wanted, len(self._ahead))
        buffer[:done] = self._ahead[:done]
        self._ahead = self._ahead[done:]
        while done < wanted:
            if not self._piece:
                self._piece = memoryview(next(self._pieces)).cast("B")
            count = min(wanted - done, len(self._piece))
            buffer[done : done + count] = self._piece[:count]
            self._piece = self._piece[count:]
            done += count
        self.left -= done
        return done

    def end(self) -> None:
        """All was taken: compare. Raises ContentCorrupt where it is not what the descriptor says, or more comes than was promised."""
        for _ in self._pieces:
            pass
