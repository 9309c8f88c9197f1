"""A TCP proxy that lets connections suffer: what a network, a kernel or a machine that dies can do to one."""

from __future__ import annotations

import socket
import struct
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Literal

Direction = Literal["up", "down"]
Harm = Literal["fin", "rst", "stall", "flip"]

BLOCK = 1 << 16


@dataclass
class Fault:
    """After ``after`` bytes of one connection in one direction, that harm; to the next ``times`` connections.

    ``fin`` ends the connection as a program does that exits, ``rst`` as a machine that forgot it, ``stall`` goes silent, ``flip`` changes
    the byte that follows.
    """

    direction: Direction
    after: int
    harm: Harm
    times: int = 1


class FaultProxy:
    """Passes connections to ``127.0.0.1:port``. ``latency`` is in seconds, for each run of bytes in each direction."""

    def __init__(self, port: int, *, latency: float = 0.0) -> None:
        self.faults: list[Fault] = []
        self.latency = latency
        self.connections = 0
        self.bytes = {"up": 0, "down": 0}
        self._target = port
        self._stalled: list[socket.socket] = []
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.host = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def harm(self, direction: Direction, after: int, harm: Harm, times: int = 1) -> None:
        """Let the next ``times`` connections that get so far suffer."""
        with self._lock:
            self.faults.append(Fault(direction, after, harm, times))

    def heal(self) -> None:
        """Let no connection suffer from now on."""
        with self._lock:
            self.faults.clear()

    @property
    def harmless(self) -> bool:
        """Whether everything that was to happen has happened."""
        return not any(fault.times for fault in self.faults)

    def __enter__(self) -> FaultProxy:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        # Closing alone would not wake the thread that waits in accept().
        _shut(self._listener)
        self._listener.close()
        for one in self._stalled:
            _shut(one)
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                far = socket.create_connection(("127.0.0.1", self._target), timeout=10)
                far.settimeout(None)
            except OSError:
                near.close()  # The registry is down.
                continue
            threading.Thread(target=self._carry, args=(near, far), daemon=True).start()

    def _carry(self, near: socket.socket, far: socket.socket) -> None:
        up = threading.Thread(target=self._pump, args=("up", near, far), daemon=True)
        up.start()
        self._pump("down", far, near)
        up.join()
        if near not in self._stalled:
            near.close()
            far.close()

    def _pump(self, direction: Direction, source: socket.socket, target: socket.socket) -> None:
        passed = 0
        try:
            while data := source.recv(BLOCK):
                if self.latency:
                    time.sleep(self.latency)
                fault = self._due(direction, passed, len(data))
                if fault and fault.harm == "flip":
                    place = fault.after - passed
                    data = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
                elif fault:
                    target.sendall(data[: fault.after - passed])
                    self._break(fault.harm, source, target)
                    return
                target.sendall(data)
                passed += len(data)
                self.bytes[direction] += len(data)
        except OSError:
            pass  # The other direction broke it off.
        _shut(target, socket.SHUT_WR)

    def _due(self, direction: Direction, passed: int, count: int) -> Fault | None:
        with self._lock:
            for fault in self.faults:
                if fault.times and fault.direction == direction and passed <= fault.after < passed + count:
                    fault.times -= 1
                    return fault
        return None

    def _break(self, harm: Harm, *sockets: socket.socket) -> None:
        if harm == "stall":
            self._stalled += sockets
            return
        for one in sockets:
            # The other thread sits in recv() on it: only a shutdown wakes that one, and only then does close() reset the connection.
            _shut(one, socket.SHUT_RD if harm == "rst" else socket.SHUT_RDWR)
            if harm == "rst":
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            one.close()


def _shut(one: socket.socket, how: int = socket.SHUT_RDWR) -> None:
    try:
        one.shutdown(how)
    except OSError:
        pass  # It was shut already.
