"""Folders that are written to while something goes wrong: the old state stays, nothing half is named, running it again finishes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, InvalidInput, KitError, NotFound, StoreFull
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Deleter, Piece, Target
from jupyter_kit.registry import kitops
from jupyter_kit.registry.layout import Layout
from jupyter_kit.transfer import copy
from tests.faults.killed import dies_at

from .targets import TARGETS, assert_holds, modelkit, push, same
from .wrapped import Wrapped

FOLDERS = {"layout": "layout", "kitops": "kitops/storage"}
"""The kinds of targets that are folders, and where in a test's folder each is."""

OLD = modelkit(b"shared" * 500, b"old")
NEW = modelkit(b"shared" * 500, b"new" * 1000)

STEPS_MAX = 100
"""More than a copy of three blobs takes; reaching it would mean that nothing counts."""


@pytest.fixture(params=FOLDERS)
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def unsynced(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that dies loses nothing that it wrote, so waiting for the disk would only take time."""
    for name in ("sync_data", "sync_folder"):
        monkeypatch.setattr(system, name, lambda place: None)


@pytest.fixture
def source(tmp_path: Path) -> Layout:
    """Holds the new ModelKit."""
    made = Layout(tmp_path / "source")
    push(made, NEW, "v1")
    return made


@pytest.fixture
def template(tmp_path: Path, kind: str) -> Path:
    """A folder with a target that holds the old ModelKit as v0 and v1."""
    folder = tmp_path / "template"
    folder.mkdir()
    target = TARGETS[kind](folder)
    push(target, OLD, "v0")
    target.tag(OLD.root, "v1")
    return folder


def assert_sound(folder: Path) -> None:
    """Whatever has its name is what the name says."""
    for path in folder.glob("blobs/*/*"):
        assert hashlib.new(path.parent.name, path.read_bytes()).hexdigest() == path.name
    for path in folder.iterdir():
        if path.is_file():
            assert isinstance(json.loads(path.read_bytes()), dict)


def assert_old_or_new(target: Target, folder: Path) -> None:
    """The old ModelKit is whole, and v1 names it or the new one, which then is whole as well."""
    assert_sound(folder)
    assert target.tags() == ("v0", "v1")
    assert same(target.resolve("v0"), OLD.root)
    assert_holds(target, OLD)
    named = next(graph for graph in (OLD, NEW) if graph.root.digest == target.resolve("v1").digest)
    assert_holds(target, named)


def assert_finished(target: Target, folder: Path) -> None:
    """v1 names the new ModelKit, and nothing unfinished is left."""
    assert_old_or_new(target, folder)
    assert same(target.resolve("v1"), NEW.root)
    assert [path.name for path in (folder / ".jupyter-kit").iterdir()] == ["lock"]


def fresh(template: Path, kind: str) -> tuple[Target, Path]:
    """A copy of the template to spoil."""
    place = template.parent / "work"
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(template, place)
    return TARGETS[kind](place), place / FOLDERS[kind]


def every_step(fails_at: Callable[[int], bool]) -> int:
    """Call ``fails_at`` with 1, 2, 3 until nothing fails any more; returns how often something did."""
    for step in range(1, STEPS_MAX):
        if not fails_at(step):
            return step - 1
    raise AssertionError("it never ended well")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_killed_at_any_step_of_a_copy(kind: str, template: Path, source: Layout, unsynced: None) -> None:
    def dies(step: int) -> bool:
        target, folder = fresh(template, kind)
        died = dies_at(step, lambda: copy(source, target, NEW.root, tag="v1", concurrency=1))
        assert_old_or_new(target, folder)
        copy(source, TARGETS[kind](template.parent / "work"), NEW.root, tag="v1")
        assert_finished(target, folder)
        return died

    assert every_step(dies) > 15


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_killed_at_any_step_of_the_first_copy(kind: str, tmp_path: Path, source: Layout, unsynced: None) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()

    def dies(step: int) -> bool:
        target, folder = fresh(empty, kind)
        died = dies_at(step, lambda: copy(source, target, NEW.root, tag="v1", concurrency=1))
        if folder.exists():
            assert_sound(folder)
        copy(source, TARGETS[kind](tmp_path / "work"), NEW.root, tag="v1")
        assert_holds(target, NEW)
        assert target.tags() == ("v1",)
        assert [path.name for path in (folder / ".jupyter-kit").iterdir()] == ["lock"]
        return died

    assert every_step(dies) > 20


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_killed_at_any_step_of_a_deletion(kind: str, template: Path, unsynced: None) -> None:
    push(TARGETS[kind](template), NEW, "v2")

    def delete(target: Target) -> None:
        assert isinstance(target, Deleter)
        target.delete(OLD.root)

    def dies(step: int) -> bool:
        target, folder = fresh(template, kind)
        died = dies_at(step, lambda: delete(target))
        assert_sound(folder)
        assert_holds(target, NEW)
        assert same(target.resolve("v2"), NEW.root)
        for tag in set(target.tags()) - {"v2"}:
            assert same(target.resolve(tag), OLD.root)
            assert_holds(target, OLD)
        with suppress(NotFound):
            delete(TARGETS[kind](template.parent / "work"))
        assert target.tags() == ("v2",)
        assert_holds(target, NEW)
        assert {path.name for path in folder.glob("blobs/sha256/*")} == {part.descriptor.digest[7:] for part in NEW.blobs}
        return died

    assert every_step(dies) > 5


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows has no fork")
def test_processes_that_copy_at_once_lose_nothing(kind: str, template: Path, source: Layout, unsynced: None) -> None:
    target, folder = fresh(template, kind)
    graphs = {f"p{number}": modelkit(b"shared" * 500, b"%d" % number) for number in range(4)}
    for tag, graph in graphs.items():
        push(source, graph, tag)
    children = [started(lambda tag=tag: copy(source, target, source.resolve(tag), tag=tag)) for tag in graphs]  # type: ignore[misc]
    assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * len(graphs)
    assert target.tags() == (*graphs, "v0", "v1")
    for tag, graph in graphs.items():
        assert same(target.resolve(tag), graph.root)
        assert_holds(target, graph)
    assert_holds(target, OLD)
    assert_sound(folder)


def started(work: Callable[[], object]) -> int:
    """A child that does ``work``, by its process id; its exit code is 0 where that ended well."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of threads; those of pytest hold nothing of ours.
        child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    return child


class Full:
    """A disk with room for ``writes`` more of them; half of the next fits."""

    def __init__(self, writes: int) -> None:
        self.left = writes
        self.whole = system.write

    def write(self, descriptor: int, buffers: Sequence[Any]) -> None:
        self.left -= 1
        if self.left < 0:
            data = b"".join(bytes(buffer) for buffer in buffers)
            self.whole(descriptor, [data[: len(data) // 2]])
            raise OSError(errno.ENOSPC, "No space left on device")
        self.whole(descriptor, buffers)


def test_a_disk_that_is_full_at_any_write(
    kind: str, template: Path, source: Layout, unsynced: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fills(step: int) -> bool:
        target, folder = fresh(template, kind)
        failed = False
        with monkeypatch.context() as patch:
            patch.setattr(system, "write", Full(step - 1).write)
            try:
                copy(source, target, NEW.root, tag="v1")
            except StoreFull as error:
                failed = True
                assert target.name.rpartition(" in ")[2] in error.message
        assert_old_or_new(target, folder)
        assert [path.name for path in (folder / ".jupyter-kit").iterdir()] == ["lock"]
        copy(source, target, NEW.root, tag="v1")
        assert_finished(target, folder)
        return failed

    assert every_step(fills) == {"layout": 4, "kitops": 5}[kind]  # layer, manifest, documents


class Flipping(Wrapped):
    """A source that flips a bit of one blob on the way, and believes in it."""

    def __init__(self, target: Target, digest: str) -> None:
        super().__init__(target)
        self.digest = digest

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        data = b"".join(bytes(piece) for piece in super().fetch(descriptor, start, length))
        yield data if descriptor.digest != self.digest else bytes([data[0] ^ 1]) + data[1:]


@pytest.mark.parametrize("number", [2, 3])
def test_a_bit_that_flips_on_the_way(kind: str, template: Path, source: Layout, number: int) -> None:
    target, folder = fresh(template, kind)
    with pytest.raises(KitError) as caught:
        copy(Flipping(source, NEW.blobs[number].descriptor.digest), target, NEW.root, tag="v1")
    assert isinstance(caught.value, ContentCorrupt) or number == 3  # A manifest is read before it is pushed, and is no JSON any more.
    assert_old_or_new(target, folder)
    assert same(target.resolve("v1"), OLD.root)
    copy(source, target, NEW.root, tag="v1")
    assert_finished(target, folder)


def test_a_bit_that_flipped_in_the_source(kind: str, template: Path, source: Layout) -> None:
    target, folder = fresh(template, kind)
    path = template.parent / "source/blobs/sha256" / NEW.blobs[2].descriptor.digest.removeprefix("sha256:")
    path.write_bytes(b"N" + path.read_bytes()[1:])
    with pytest.raises(ContentCorrupt, match=source.name):
        copy(source, target, NEW.root, tag="v1")
    assert same(target.resolve("v1"), OLD.root)
    push(source, NEW)
    copy(source, target, NEW.root, tag="v1")
    assert_finished(target, folder)


def test_an_index_that_is_torn_is_refused_and_nothing_is_lost(
    kind: str, template: Path, source: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kitops, "READ_PAUSE_SECONDS", 0)
    target, folder = fresh(template, kind)
    whole = (folder / "index.json").read_bytes()
    for length in (0, 1, len(whole) // 2, len(whole) - 1):
        (folder / "index.json").write_bytes(whole[:length])
        with pytest.raises(InvalidInput, match=r"index\.json"):
            copy(source, target, NEW.root, tag="v1")
        assert (folder / "index.json").read_bytes() == whole[:length]
    (folder / "index.json").write_bytes(whole)
    assert_old_or_new(target, folder)
    copy(source, target, NEW.root, tag="v1")
    assert_finished(target, folder)


def test_a_folder_that_vanishes_is_said_to(kind: str, template: Path, source: Layout) -> None:
    target, folder = fresh(template, kind)
    target.push(NEW.blobs[0].descriptor, lambda start: iter([NEW.blobs[0].data[start:]]))
    shutil.rmtree(folder)
    with pytest.raises(KitError) as caught:
        copy(source, target, NEW.root, tag="v1")
    assert str(folder) in (caught.value.path or "")
    copy(source, TARGETS[kind](template.parent / "work"), NEW.root, tag="v1")
    assert_holds(TARGETS[kind](template.parent / "work"), NEW)
