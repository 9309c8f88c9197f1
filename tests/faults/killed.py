"""A process that dies before its n-th durable step: the one fault that every order of writes is there for."""

from __future__ import annotations

import os
import signal
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from jupyter_kit import system
from jupyter_kit.store.disk.environment import Environment

STEPS = ("replace", "unlink", "mkdir", "rmdir", "symlink", "chmod", "ftruncate", "rename")
"""System calls of the package that change names or lengths; contents go through ``system.write``."""


class Countdown:
    """Kills this process at its n-th durable step: before it, or in the middle of it where it is a write."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def step(self) -> None:
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def install(self) -> None:
        """Wrap every durable step. Only for a process of its own: nothing is put back."""
        for name in STEPS:
            setattr(os, name, self._before(getattr(os, name)))
        for name in ("sync_data", "sync_folder", "sync_file_system"):
            setattr(system, name, self._before(getattr(system, name)))
        whole = system.write

        def write(descriptor: int, buffers: Any) -> None:
            if self.left == 1:
                data = b"".join(bytes(buffer) for buffer in buffers)
                whole(descriptor, [data[: len(data) // 2]])
            self.step()
            whole(descriptor, buffers)

        system.write = write
        committing = Environment.write

        @contextmanager
        def committed(environment: Environment) -> Iterator[Any]:
            with committing(environment) as transaction:
                yield transaction
                self.step()
            self.step()

        Environment.write = committed  # type: ignore[method-assign]

    def _before(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **options: Any) -> Any:
            self.step()
            return call(*arguments, **options)

        return wrapped


def dies_at(steps: int, work: Callable[[], object]) -> bool:
    """Run ``work`` in a child that dies at its n-th durable step. False where it ended before that, and well.

    Raises AssertionError where it ended in any other way.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads; those of pytest hold nothing of ours.
        child = os.fork()
    if child == 0:
        code = 1
        try:
            Countdown(steps).install()
            work()
            code = 0
        finally:
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the work failed by itself"
    return False
