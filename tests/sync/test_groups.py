"""A snapshot with more segments than one manifest can list: groups hold them, are kept by their tags, and are read like any other."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput, NotFound
from jupyter_kit.oci.digest import digest_of
from jupyter_kit.oci.reference import Reference
from jupyter_kit.oci.target import Target
from jupyter_kit.progress import Silent
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection
from jupyter_kit.registry.registries import Registries
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.format import groups as format_groups
from jupyter_kit.sync.format.catalogue import Segment
from jupyter_kit.sync.format.groups import divided
from jupyter_kit.sync.format.published import GROUPS, SEGMENT_TYPE, find_published
from jupyter_kit.sync.outgoing import consignment, protection
from jupyter_kit.sync.pull import bring
from jupyter_kit.sync.push import push
from tests.faults.project import noise
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.snapshot.conftest import Box, boxed
from tests.sync.memory import Memory

LAYERS_MAX = 6

SEGMENTS = st.integers(0, 40).map(lambda number: Segment(number.to_bytes(32, "big"), 1))


@pytest.fixture
def ada(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """A workspace whose segments are short."""
    monkeypatch.setattr(consignment, "SEGMENT_BYTES", 100_000)
    with boxed(tmp_path / "ada") as made:
        made.write({"weights.bin": noise(1, 3_000_000)})
        made.snap("first")
        yield made


def assert_comes(remote: Target, folder: Path, expected: list[str]) -> None:
    """The history comes whole into a new store."""
    with boxed(folder) as box:
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: remote)
        assert list(fetch(box.store, "origin", remote).snapshots) == expected
        bring(box.store, expected)
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes == 0


def group_tags(remote: Target) -> list[str]:
    return [tag for tag in remote.tags() if tag.startswith("g-")]


def test_what_a_manifest_has_no_room_for_is_in_groups(ada: Box, tmp_path: Path) -> None:
    remote = Memory()
    result = push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    main = remote.manifest("main")
    assert result.segments > 2 * LAYERS_MAX
    assert len(main.layers) <= LAYERS_MAX
    named = main.annotations[GROUPS].split()
    assert [remote.named[tag] for tag in group_tags(remote)] == sorted(named, key=lambda digest: digest[7:])
    assert all(len(remote.manifest(tag).layers) == LAYERS_MAX for tag in group_tags(remote))
    published = find_published(remote, "main")
    assert published is not None
    assert len(published.segments) == result.segments
    remote.collect()
    assert_comes(remote, tmp_path / "ben", ada.store.snapshot_ids())


def test_a_later_snapshot_names_the_groups_that_are_there(ada: Box, tmp_path: Path) -> None:
    remote = Memory()
    push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    before = group_tags(remote)
    ada.write({"more.bin": noise(2, 400_000)})
    ada.snap("second")
    sent = remote.sent
    push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    assert set(before) <= set(group_tags(remote))
    assert len(group_tags(remote)) <= len(before) + 1
    assert remote.sent - sent < 420_000
    remote.collect()
    assert_comes(remote, tmp_path / "ben", ada.store.snapshot_ids())
    assert push(ada.store, "origin", remote, layers_max=LAYERS_MAX, verify=True).sent_bytes < 20_000


def test_with_room_for_all_there_is_no_group(ada: Box) -> None:
    remote = Memory()
    push(ada.store, "origin", remote)
    assert not group_tags(remote)
    assert GROUPS not in remote.manifest("main").annotations


def test_a_long_push_is_protected_by_several_manifests(ada: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protection, "PROTECTED_BYTES", 250_000)
    remote = Memory()
    widths: dict[str, int] = {}
    tag = remote.tag

    def noting(descriptor: Any, name: str) -> None:
        tag(descriptor, name)
        widths[name] = len(remote.manifest(name).layers)

    monkeypatch.setattr(remote, "tag", noting)
    result = push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    protecting = [width for name, width in widths.items() if name.startswith("wip-")]
    assert len(protecting) > 1
    assert max(protecting) <= LAYERS_MAX
    assert sum(protecting) > result.segments - LAYERS_MAX
    assert not [name for name in remote.tags() if name.startswith("wip-")]


@needs_docker_registry
def test_groups_live_through_the_garbage_collection_of_a_registry(ada: Box, tmp_path: Path) -> None:
    with DockerRegistry(tmp_path / "registry") as registry:
        registries = Registries(Connection(), Keychain(Places(tmp_path / "credentials.json")))
        repository = registries.repository(Reference(registry.host, "team/digits"))
        push(ada.store, "origin", repository, layers_max=LAYERS_MAX)
        assert len(group_tags(repository)) > 1
        registry.collect_garbage()
        assert_comes(repository, tmp_path / "ben", ada.store.snapshot_ids())
        registries.close()


def no_digest(document: dict[str, Any]) -> None:
    document["annotations"][GROUPS] = "sha256:nonsense"


def many(document: dict[str, Any]) -> None:
    document["annotations"][GROUPS] = " ".join([f"sha256:{'1' * 64}"] * (format_groups.GROUPS_MAX + 1))


def missing(document: dict[str, Any]) -> None:
    document["annotations"][GROUPS] = f"sha256:{'1' * 64}"


@pytest.mark.parametrize("change", [no_digest, many, missing])
def test_groups_that_are_none_are_refused(ada: Box, change: Callable[[dict[str, Any]], None]) -> None:
    remote = Memory()
    push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    document = json.loads(remote.manifests[remote.named["main"]])
    change(document)
    data = json.dumps(document).encode()
    remote.manifests[digest_of(data)] = data
    remote.named["main"] = digest_of(data)
    with pytest.raises((InvalidInput, NotFound, ContentCorrupt)):
        find_published(remote, "main")


@pytest.mark.parametrize("fields", [{"artifactType": "application/vnd.example"}, {"layers": "others"}])
def test_a_group_of_other_things_is_refused(ada: Box, fields: dict[str, str]) -> None:
    remote = Memory()
    push(ada.store, "origin", remote, layers_max=LAYERS_MAX)
    main = json.loads(remote.manifests[remote.named["main"]])
    group = json.loads(remote.manifests[main["annotations"][GROUPS].split()[0]])
    if "layers" in fields:
        group["layers"][0]["mediaType"] = main["layers"][0]["mediaType"]
        assert group["layers"][0]["mediaType"] != SEGMENT_TYPE
    else:
        group |= fields
    data = json.dumps(group).encode()
    remote.manifests[digest_of(data)] = data
    main["annotations"][GROUPS] = digest_of(data)
    changed = json.dumps(main).encode()
    remote.manifests[digest_of(changed)] = changed
    remote.named["main"] = digest_of(changed)
    with pytest.raises(InvalidInput):
        find_published(remote, "main")


@given(st.sets(SEGMENTS), st.lists(st.lists(SEGMENTS, min_size=3, max_size=3, unique=True).map(tuple), max_size=4), st.integers(0, 5))
def test_every_segment_is_in_one_place(segments: set[Segment], known: list[tuple[Segment, ...]], room: int) -> None:
    groups, rest = divided(segments, known, room, 3)
    placed = [segment for group in groups for segment in group] + list(rest)
    assert sorted(placed) == sorted(segments)
    assert len(rest) <= max(room, 0)
    assert not groups or len(segments) > room
