"""kit's own store: byte for byte what kit writes, and safe beside a kit that writes it too."""

from __future__ import annotations

import json
import os
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.oci.manifest import decode
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.registry import kitops
from jupyter_kit.registry.kitops import Kept, KitOps, kept_by_kit
from jupyter_kit.registry.layout import Layout
from jupyter_kit.transfer import copy

from .targets import Graph, assert_holds, blob, modelkit, push, same

GOLDEN = Path(__file__).parents[1] / "golden"
MODELKITS = ("kit-2025", "kit-2026", "kit-2026-gzip", "kit-2026-modelpack")

PLACE = "localhost/team/model"
INDEX = "bG9jYWxob3N0L3RlYW0vbW9kZWw=-index.json"
TAGS = "bG9jYWxob3N0L3RlYW0vbW9kZWw=-tags.json"


def golden(name: str) -> Graph:
    """A ModelKit that kit wrote."""
    data = (GOLDEN / name / "manifest.json").read_bytes()
    manifest = decode(data, name)
    found = [path.read_bytes() for path in ((GOLDEN / name / "config.json"), *sorted((GOLDEN / name / "layers").iterdir()))]
    parts = tuple(blob(part, child.media_type) for child, part in zip(manifest.children, found, strict=True))
    return Graph((*parts, blob(data, OCI_MANIFEST)))


def documents(home: Path) -> dict[str, str]:
    """Every JSON document in the store."""
    return {path.name: path.read_text() for path in (home / "storage").iterdir() if path.is_file()}


def kits_documents(name: str) -> dict[str, str]:
    """What kit wrote: ``--- name`` before each document."""
    parts = (GOLDEN / name / "store-jsons.txt").read_text().split("--- ")[1:]
    return {part.split("\n")[0]: part.split("\n")[1] for part in parts}


@pytest.mark.parametrize("name", MODELKITS)
def test_documents_are_byte_for_byte_kits(tmp_path: Path, name: str) -> None:
    graph = golden(name)
    place = KitOps(tmp_path, f"127.0.0.1:5055/samples/{name}")
    push(place, graph, "v1")
    assert documents(tmp_path) == kits_documents(name)
    assert_holds(place, graph)


@pytest.mark.parametrize("name", MODELKITS)
def test_what_kit_wrote_is_read_and_copied(tmp_path: Path, name: str) -> None:
    graph = golden(name)
    pool = tmp_path / "storage/blobs/sha256"
    pool.mkdir(parents=True)
    for part in graph.blobs:
        (pool / part.descriptor.digest.removeprefix("sha256:")).write_bytes(part.data)
    for document, text in kits_documents(name).items():
        (tmp_path / "storage" / document).write_text(text)
    place = KitOps(tmp_path, f"127.0.0.1:5055/samples/{name}")
    target = Layout(tmp_path / "layout")
    copy(place, target, place.resolve("v1"), tag="v1")
    assert_holds(target, graph)
    (kept,) = kept_by_kit(tmp_path)
    assert kept == Kept(f"127.0.0.1:5055/samples/{name}", place.resolve("v1"), ("v1",))


@pytest.fixture
def place(tmp_path: Path) -> KitOps:
    return KitOps(tmp_path, PLACE)


def other(tmp_path: Path) -> KitOps:
    return KitOps(tmp_path, "ghcr.io/team/other")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_blobs_are_private_and_no_folder_has_an_index(place: KitOps, tmp_path: Path) -> None:
    push(place, modelkit(b"one"), "v1")
    blobs = list((tmp_path / "storage/blobs/sha256").iterdir())
    assert {stat.S_IMODE(path.stat().st_mode) for path in blobs} == {0o600}
    assert [path.parent.name for path in tmp_path.rglob("index.json")] == ["storage"]
    assert [path.name for path in (tmp_path / "storage/.jupyter-kit").iterdir()] == ["lock"]


def test_one_pool_serves_all_repositories(place: KitOps, tmp_path: Path) -> None:
    graph = modelkit(b"one")
    push(place, graph, "v1")
    there = other(tmp_path)
    assert not there.exists(graph.root)
    assert there.exists(graph.blobs[0].descriptor)
    with pytest.raises(NotFound):
        there.tag(graph.root, "v1")
    copied = copy(place, there, graph.root, tag="v2")
    assert (copied.blobs_moved, copied.blobs_skipped) == (1, 2)
    root = place.resolve("v1")
    assert kept_by_kit(tmp_path) == (Kept("ghcr.io/team/other", root, ("v2",)), Kept(PLACE, root, ("v1",)))


def test_a_manifest_of_two_repositories_is_deleted_with_the_second(place: KitOps, tmp_path: Path) -> None:
    graph = modelkit(b"one")
    push(place, graph, "v1")
    there = other(tmp_path)
    push(there, graph, "v2")
    with pytest.raises(NotFound):
        KitOps(tmp_path, "localhost/third").delete(graph.root)
    place.delete(graph.root)
    assert not {INDEX, TAGS} & set(documents(tmp_path))
    assert_holds(there, graph)
    there.delete(graph.root)
    assert json.loads(documents(tmp_path)["index.json"])["manifests"] == []
    assert set(documents(tmp_path)) == {"index.json", "oci-layout"}
    assert list((tmp_path / "storage/blobs/sha256").iterdir()) == []
    assert kept_by_kit(tmp_path) == ()


def test_the_last_tag_takes_its_document_along(place: KitOps, tmp_path: Path) -> None:
    root = push(place, modelkit(b"one"), "v1")
    place.untag("v1")
    assert TAGS not in documents(tmp_path)
    assert kept_by_kit(tmp_path) == (Kept(PLACE, place.resolve(root.digest), ()),)


def test_a_store_that_is_not_there_is_empty(place: KitOps, tmp_path: Path) -> None:
    assert kept_by_kit(tmp_path) == ()
    assert place.tags() == ()
    with pytest.raises(NotFound, match="localhost/team/model in kit's store"):
        place.resolve("v1")
    assert list(tmp_path.iterdir()) == []


def test_documents_of_others_are_no_repositories(place: KitOps, tmp_path: Path) -> None:
    push(place, modelkit(b"one"), "v1")
    for name in ("notes-index.json", "bG9j YWxob3N0-index.json", "_w==-index.json", "-index.json", "ü-index.json"):
        (tmp_path / "storage" / name).write_text("[]")
    assert [kept.place for kept in kept_by_kit(tmp_path)] == [PLACE]


@pytest.mark.parametrize("document", [INDEX, TAGS, "index.json"])
def test_a_document_that_kit_is_writing_is_read_again(
    place: KitOps, tmp_path: Path, document: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """kit writes in place: half of a document is there, until the second time that the reader waits."""
    first, second = modelkit(b"one"), modelkit(b"two")
    push(place, first, "v1")
    path = tmp_path / "storage" / document
    for use in (lambda: place.resolve("v1"), place.tags, lambda: kept_by_kit(tmp_path), lambda: push(place, second, "v2")):
        whole = path.read_text()
        half = whole[: len(whole) // 2]
        path.write_text(half)
        pauses = iter([half, whole])
        monkeypatch.setattr(kitops.time, "sleep", lambda seconds, pauses=pauses: path.write_text(next(pauses)))
        use()
        if path.read_text() == half:  # It was not asked for.
            path.write_text(whole)
    assert place.tags() == ("v1", "v2")
    assert [kept.descriptor.digest for kept in kept_by_kit(tmp_path)] == [first.root.digest, second.root.digest]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"v1": 1}', '{"v1": {"mediaType": "a", "digest": "sha256:../x", "size": 1}}'])
@pytest.mark.parametrize("use", [KitOps.tags, lambda place: place.resolve("v1"), lambda place: place.untag("v1")])
def test_a_hostile_document_is_refused_by_name(
    place: KitOps, tmp_path: Path, text: str, use: Callable[[KitOps], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kitops, "READ_PAUSE_SECONDS", 0)
    push(place, modelkit(b"one"), "v1")
    (tmp_path / "storage" / TAGS).write_text(text)
    with pytest.raises(InvalidInput, match=r"-tags\.json|not a digest"):
        use(place)
    assert (tmp_path / "storage" / TAGS).read_text() == text


def test_two_repositories_are_written_at_once(tmp_path: Path) -> None:
    graphs = {f"localhost/m{number}": modelkit(b"shared", b"%d" % number) for number in range(4)}
    threads = [threading.Thread(target=push, args=(KitOps(tmp_path, place), graph, "v1")) for place, graph in graphs.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [(kept.place, kept.tags) for kept in kept_by_kit(tmp_path)] == [(place, ("v1",)) for place in sorted(graphs)]
    for place, graph in graphs.items():
        assert same(KitOps(tmp_path, place).resolve("v1"), graph.root)
        assert_holds(KitOps(tmp_path, place), graph)
    assert len(json.loads(documents(tmp_path)["index.json"])["manifests"]) == 4
