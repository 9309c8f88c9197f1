"""Graphs that travel between every kind of place, and arrive as they left."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit import system
from jupyter_kit.errors import Cancelled, NotFound, TransferError
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Piece, Target
from jupyter_kit.registry.layout import Layout
from jupyter_kit.registry.repository import Repository
from jupyter_kit.transfer import copy

from .servers.docker import needs_docker_registry
from .targets import TARGETS, Graph, assert_holds, content_of, index, modelkit, push, read, same
from .test_kitops import MODELKITS, golden
from .wrapped import Told, Wrapped


@needs_docker_registry
@pytest.mark.parametrize("name", MODELKITS)
def test_a_modelkit_goes_through_every_kind_of_place_and_comes_home(
    tmp_path: Path, docker_repository: Repository, double_repository: Repository, name: str
) -> None:
    graph = golden(name)
    start, home = Layout(tmp_path / "start"), Layout(tmp_path / "home")
    push(start, graph, "v1")
    folders = [make(tmp_path) for make in TARGETS.values()]
    here: Target = start
    for place in (docker_repository, *folders, double_repository, home):
        copied = copy(here, place, here.resolve("v1"), tag="v1")
        assert copied.blobs_moved == len(graph.blobs)
        assert same(place.resolve("v1"), graph.root)
        here = place
    assert_holds(home, graph)
    assert read(home, home.resolve("v1")) == graph.blobs[-1].data


@needs_docker_registry
def test_cancelling_a_push_to_a_registry_tags_nothing_and_it_goes_on(tmp_path: Path, docker_repository: Repository) -> None:
    source = Layout(tmp_path / "source")
    for stop_at in (2, 5, 9):  # Each its own layers: what a push before has finished would leave this one fewer steps to be stopped at.
        graph = modelkit(bytes([stop_at]) * (3 << 20), bytes([stop_at + 100]) * (3 << 20), bytes([stop_at]))
        push(source, graph)
        with pytest.raises(Cancelled, match="Stop"):
            copy(source, docker_repository, graph.root, tag=f"v{stop_at}", progress=Told(stop_at))
        with pytest.raises(NotFound):
            docker_repository.resolve(f"v{stop_at}")
        copy(source, docker_repository, graph.root, tag=f"v{stop_at}")
        assert_holds(docker_repository, graph)


LAYERS = st.lists(st.binary(max_size=40), max_size=4)

GRAPHS = st.recursive(
    st.builds(lambda layers: modelkit(*layers), LAYERS),
    lambda graphs: st.lists(graphs, max_size=3).map(lambda below: index(*below)),
    max_leaves=5,
)
"""ModelKits and indexes of them, which share layers now and then."""


class Breaking(Wrapped):
    """A source whose connection breaks at the fetch ``left`` from now."""

    def __init__(self, target: Target, left: int) -> None:
        super().__init__(target)
        self.left = left

    def fetch(self, descriptor: Descriptor, start: int = 0, length: int | None = None) -> Iterator[Piece]:
        self.left -= 1
        if self.left == 0:
            raise ConnectionResetError(104, "Connection reset by peer")
        return super().fetch(descriptor, start, length)


@pytest.mark.parametrize("kind", ["layout", "kitops"])
@given(graph=GRAPHS, there=st.sets(st.integers(0, 20)), broken_at=st.integers(1, 12))
@settings(max_examples=20)
def test_any_graph_arrives_whole_whatever_was_there_and_wherever_it_broke_off(
    kind: str, graph: Graph, there: set[int], broken_at: int
) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for call in ("sync_data", "sync_folder"):  # Nothing here loses power.
            patch.setattr(system, call, lambda place: None)
        source, target = Layout(Path(name) / "source"), TARGETS[kind](Path(name))
        push(source, graph, "v1")
        children = [part for part in graph.blobs[:-1] if not part.descriptor.media_type.startswith("application/vnd.oci")]
        for number in there & set(range(len(children))):
            target.push(children[number].descriptor, content_of(children[number].data))
        try:
            copy(Breaking(source, broken_at), target, graph.root, tag="v1")
        except TransferError:
            assert target.tags() == ()
            copied = copy(source, target, graph.root, tag="v1")
        else:
            copied = copy(source, target, graph.root, tag="v1")
            assert (copied.blobs_moved, copied.blobs_skipped) == (0, 1)
        assert copied.blobs_moved + copied.blobs_skipped <= len({part.descriptor.digest for part in graph.blobs})
        assert_holds(target, graph)
        assert target.tags() == ("v1",)
        assert same(target.resolve("v1"), graph.root)
