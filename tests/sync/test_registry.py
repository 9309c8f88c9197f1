"""Snapshots on Debian's docker-registry, with its garbage collection and its memory of what that took."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.reference import Reference
from jupyter_kit.progress import Silent
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection, Patience
from jupyter_kit.registry.registries import Registries
from jupyter_kit.registry.repository import Repository
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.sync.download import Fetcher
from jupyter_kit.sync.exchange import sync
from jupyter_kit.sync.fetch import fetch
from jupyter_kit.sync.format.published import SEGMENT_TYPE, read_published
from jupyter_kit.sync.pull import bring, follow
from jupyter_kit.sync.push import push
from tests.faults.project import FIRST, SECOND, noise
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.wrapped import Wrapped
from tests.snapshot.conftest import boxed, on_disk

pytestmark = needs_docker_registry


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[DockerRegistry]:
    with DockerRegistry(tmp_path / "registry") as running:
        yield running


@pytest.fixture
def repository(registry: DockerRegistry, tmp_path: Path) -> Iterator[Repository]:
    quick = Connection(patience=Patience(attempts=4, first=0.01, longest=0.05))
    registries = Registries(quick, Keychain(Places(tmp_path / "credentials.json")))
    yield registries.repository(Reference(registry.host, "team/digits"))
    registries.close()


def assert_whole(repository: Repository, folder: Path, expected: list[str]) -> None:
    with boxed(folder) as box:
        box.store.chunks.fetcher = Fetcher(box.store, lambda name: repository)
        assert list(fetch(box.store, "origin", repository).snapshots) == expected
        bring(box.store, expected)
        report, _ = check(box.store, reference_reader(box.store), Silent())
        assert report.ok
        assert report.remote_bytes == 0


def test_two_people_share_a_history(repository: Repository, tmp_path: Path) -> None:
    with boxed(tmp_path / "ada") as ada, boxed(tmp_path / "bob") as bob:
        bob.store.chunks.fetcher = Fetcher(bob.store, lambda name: repository)
        for state in (FIRST, SECOND, {"weights.bin": noise(5, 3_000_000)}):
            ada.write(state)
            ada.snap()
            assert sync(ada.store, "origin", repository).action == "push"
            done = sync(bob.store, "origin", repository)
            assert done.action == "pull"
            follow(bob.store, bob.folder, done.snapshot)
            assert on_disk(bob.folder) == on_disk(ada.folder)
        assert sync(ada.store, "origin", repository).action == "none"
        assert_whole(repository, tmp_path / "eve", ada.store.snapshot_ids())


class NoManifests(Wrapped):
    """Breaks before the first manifest."""

    def tag(self, descriptor: Descriptor, tag: str) -> None:
        raise RegistryUnavailable("cut")


def test_a_push_goes_on_after_the_collection_took_what_it_had_sent(
    registry: DockerRegistry, repository: Repository, tmp_path: Path
) -> None:
    with boxed(tmp_path / "ada") as ada:
        for state in (FIRST, SECOND):
            ada.write(state)
            ada.snap()
        with pytest.raises(RegistryUnavailable):
            push(ada.store, "origin", NoManifests(repository))
        registry.collect_garbage()
        push(ada.store, "origin", repository)
        assert_whole(repository, tmp_path / "eve", ada.store.snapshot_ids())


@pytest.mark.parametrize("verify", [False, True])
def test_blobs_that_only_the_registrys_memory_holds_are_sent_again(
    registry: DockerRegistry, repository: Repository, tmp_path: Path, *, verify: bool
) -> None:
    with boxed(tmp_path / "ada") as ada:
        ada.write(FIRST)
        ada.snap()
        pushed = push(ada.store, "origin", repository)
        layers = [layer for layer in manifest_of(repository, pushed.manifest) if layer.media_type == SEGMENT_TYPE]
        if not verify:
            registry.stop()  # A registry that starts anew knows what it lacks.
        for layer in layers:
            digits = layer.digest.removeprefix("sha256:")
            for data in (registry.folder / "blobs").rglob(f"{digits}/data"):
                data.unlink()
        if not verify:
            registry.start()
        ada.write(SECOND)
        ada.snap()
        push(ada.store, "origin", repository, verify=verify)
        if verify:
            assert_whole(repository, tmp_path / "eve", ada.store.snapshot_ids())


def manifest_of(repository: Repository, digest: str) -> tuple[Descriptor, ...]:
    published = read_published(repository, repository.resolve(digest), digest)
    return (*published.catalogues, *published.segments)
