"""A repository beside what registries get wrong: lost blobs, tags that cannot be deleted, uploads nobody asked for, sudden deaths."""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import Denied, NotFound, RegistryUnavailable, UnsupportedFormat
from jupyter_kit.oci.descriptor import descriptor_of
from jupyter_kit.oci.media_types import OCI_MANIFEST
from jupyter_kit.oci.target import Deleter, Mounter, Piece, Referrers, Target
from jupyter_kit.registry.auth.credential import Credential
from jupyter_kit.registry.http.connection import Patience
from jupyter_kit.registry.http.secret import Secret
from jupyter_kit.registry.layout import Layout
from jupyter_kit.registry.repository import Repository
from jupyter_kit.transfer import copy
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import Double, Reply, Storage, refusal
from tests.registry.servers.tokens import TokenServer
from tests.registry.targets import assert_holds, blob, content_of, modelkit, push, read, same

DATA = random.Random(3).randbytes(500_000)
KIT = modelkit(b"one", DATA)

Opener = Callable[..., Repository]


def test_it_is_every_kind_of_place(double_repository: Repository) -> None:
    target: Target = double_repository
    assert isinstance(target, Mounter)
    assert isinstance(target, Deleter)
    assert isinstance(target, Referrers)
    assert target.name.endswith(tuple(f"/team/model-{number}" for number in range(1000)))


# What is there.


def test_a_head_that_lies_is_seen_through(double: Double, double_repository: Repository) -> None:
    kept = blob(DATA)
    double.reply("HEAD", "/blobs/", Reply(200, length=len(DATA)), times=9)
    assert not double_repository.exists(kept.descriptor)
    double_repository.push(kept.descriptor, content_of(DATA))
    assert double_repository.exists(kept.descriptor)


def test_an_address_signed_for_get_only_tells_nothing_to_a_head(double: Double, double_repository: Repository) -> None:
    kept = blob(DATA)
    double_repository.push(kept.descriptor, content_of(DATA))
    with Storage(double) as storage:
        double.storage = storage
        assert double_repository.exists(kept.descriptor)
        assert not double_repository.exists(descriptor_of(b"absent", "text/plain"))
        assert storage.requests("HEAD")
        assert read(double_repository, kept.descriptor) == DATA


def test_a_blob_of_another_size_is_not_the_blob(double: Double, double_repository: Repository) -> None:
    kept = blob(DATA)
    double.blobs[kept.descriptor.digest] = DATA[:-1]
    assert not double_repository.exists(kept.descriptor)


@pytest.mark.parametrize(("status", "error"), [(403, Denied), (503, RegistryUnavailable)])
def test_not_being_told_is_not_being_absent(double: Double, double_repository: Repository, status: int, error: type[Exception]) -> None:
    double.reply("HEAD", "/blobs/", Reply(status), times=9)
    with pytest.raises(error):
        double_repository.exists(blob(DATA).descriptor)


@needs_docker_registry
def test_docker_registry_believes_in_what_garbage_collection_took_and_a_push_mends_it(tmp_path: Path, open_repository: Opener) -> None:
    with DockerRegistry(tmp_path / "registry") as registry:
        repository = open_repository(registry.host)
        layer, later = blob(DATA), modelkit(DATA)
        repository.push(layer.descriptor, content_of(DATA))
        push(repository, modelkit(b"kept"), "kept")
        registry.collect_garbage()
        with repository._host.send("HEAD", f"/v2/{repository._repository}/blobs/{layer.descriptor.digest}") as answer:
            assert answer.status == 200  # the lie
        assert not repository.exists(layer.descriptor)
        source = open_repository(registry.host)
        push(source, later, "v1")
        copy(source, repository, later.root, tag="v1")
        assert_holds(repository, later)


def test_blobs_that_a_manifest_lacks_are_pushed_again_once(double: Double, double_repository: Repository, open_repository: Opener) -> None:
    with Double() as other:
        source = open_repository(other.host, plain_http=frozenset({other.host}))
        push(source, KIT, "v1")
        double.reply("PUT", "/manifests/", refusal(404, "MANIFEST_BLOB_UNKNOWN"))
        copy(source, double_repository, KIT.root, tag="v1")
        assert_holds(double_repository, KIT)


# Tags.


@needs_docker_registry
def test_docker_registry_deletes_a_tag_alone_and_lists_them_sorted(docker_repository: Repository) -> None:
    push(docker_repository, KIT)
    for tag in ("v10", "v2", "latest", "Z"):
        docker_repository.tag(KIT.root, tag)
    assert docker_repository.tags() == ("Z", "latest", "v10", "v2")
    docker_repository.untag("latest")
    assert docker_repository.capabilities.untag is False
    docker_repository.untag("v2")
    assert docker_repository.tags() == ("Z", "v10")
    assert_holds(docker_repository, KIT)
    with pytest.raises(NotFound):
        docker_repository.untag("v2")


def test_where_nothing_can_be_deleted_a_tag_stays_as_it_was(double: Double, double_repository: Repository) -> None:
    push(double_repository, KIT, "v1")
    double.reply("DELETE", "/manifests/", Reply(405), times=99)
    with pytest.raises(UnsupportedFormat, match="does not delete"):
        double_repository.untag("v1")
    with pytest.raises(UnsupportedFormat, match="does not delete"):
        double_repository.delete(KIT.root)
    assert same(double_repository.resolve("v1"), KIT.root)


def test_who_may_not_delete_is_denied_and_the_tag_stays(double: Double, double_repository: Repository) -> None:
    push(double_repository, KIT, "v1")
    double.reply("DELETE", "/manifests/", refusal(403, "DENIED"), times=99)
    for remove in (lambda: double_repository.untag("v1"), lambda: double_repository.delete(KIT.root)):
        with pytest.raises(Denied):
            remove()
    assert same(double_repository.resolve("v1"), KIT.root)


def test_a_blob_is_deleted_too(double_repository: Repository) -> None:
    kept = blob(DATA)
    double_repository.push(kept.descriptor, content_of(DATA))
    double_repository.delete(kept.descriptor)
    assert not double_repository.exists(kept.descriptor)


def test_what_is_deleted_is_not_tagged_from_memory(double_repository: Repository) -> None:
    root = push(double_repository, KIT, "v1")
    double_repository.delete(root)
    with pytest.raises(NotFound):
        double_repository.tag(root, "v2")


# Mounts.


def pair(double: Double, open_repository: Opener) -> tuple[Repository, Repository]:
    """Two repositories on one connection."""
    first = open_repository(double.host, plain_http=frozenset({double.host}))
    return first, Repository(first._host, "team/second", {})


def test_a_blob_of_another_repository_needs_no_bytes(double: Double, open_repository: Opener) -> None:
    first, second = pair(double, open_repository)
    kept = blob(DATA)
    first.push(kept.descriptor, content_of(DATA))
    assert second.mount(kept.descriptor, first)
    assert double.requests("POST")[-1].query == {"mount": [kept.descriptor.digest], "from": [first.name.partition("/")[2]]}


def test_an_upload_that_nobody_asked_for_is_cancelled(double: Double, open_repository: Opener) -> None:
    first, second = pair(double, open_repository)
    assert not second.mount(blob(DATA).descriptor, first)
    assert not double.uploads


def test_what_cannot_be_mounted_is_not_tried(double: Double, double_repository: Repository, open_repository: Opener) -> None:
    with Double() as other:
        foreign = open_repository(other.host, plain_http=frozenset({other.host}))
        assert not double_repository.mount(blob(DATA).descriptor, foreign)
        assert not double_repository.mount(descriptor_of(b"{}", OCI_MANIFEST), double_repository)
        assert not double.asked


def test_who_may_not_read_the_other_repository_pushes_instead(double: Double, open_repository: Opener) -> None:
    first, second = pair(double, open_repository)
    double.reply("POST", "/blobs/uploads/", refusal(403, "DENIED"))
    assert not second.mount(blob(DATA).descriptor, first)


@needs_docker_registry
def test_docker_registry_mounts_with_a_token_for_both(
    token_registry: DockerRegistry, token_server: TokenServer, open_repository: Opener
) -> None:
    first = open_repository(token_registry.host, credential=Credential("ada", Secret(TokenServer.password)))
    second = Repository(first._host, f"{first._repository}-second", {})
    kept = blob(DATA)
    first.push(kept.descriptor, content_of(DATA))
    assert second.mount(kept.descriptor, first)
    assert read(second, kept.descriptor) == DATA
    scopes = {scope for _, fields, _ in token_server.requests for scope in fields["scope"]}
    assert f"repository:{second._repository}:pull,push" in scopes
    assert not second.mount(blob(b"absent").descriptor, first)


# Other tools.


def skopeo(*arguments: str) -> None:
    subprocess.run(["skopeo", "--insecure-policy", "copy", "--quiet", *arguments], check=True, capture_output=True)


@needs_docker_registry
@pytest.mark.skipif(shutil.which("skopeo") is None, reason="skopeo is not on PATH: apt-get install skopeo")
def test_skopeo_pulls_what_we_pushed_and_we_pull_what_it_pushed(
    plain_registry: DockerRegistry, docker_repository: Repository, open_repository: Opener, tmp_path: Path
) -> None:
    push(docker_repository, KIT, "v1")
    skopeo("--src-tls-verify=false", f"docker://{docker_repository.name}:v1", f"oci:{tmp_path}/layout:v1")
    assert_holds(Layout(tmp_path / "layout"), KIT)
    theirs = open_repository(plain_registry.host)
    skopeo("--dest-tls-verify=false", f"oci:{tmp_path}/layout:v1", f"docker://{theirs.name}:v2")
    assert same(theirs.resolve("v2"), KIT.root)
    assert_holds(theirs, KIT)


# Deaths.


@needs_docker_registry
def test_a_registry_that_dies_during_a_push_gets_it_all_after_its_restart(tmp_path: Path, open_repository: Opener) -> None:
    with DockerRegistry(tmp_path / "registry") as registry:
        repository = open_repository(registry.host, patience=Patience(attempts=8, first=0.05))
        repository.ping()
        deaths = 0

        def deadly(start: int) -> Iterator[Piece]:
            nonlocal deaths
            for number, piece in enumerate(content_of(DATA)(start)):
                if number == 100 and deaths < 2:
                    deaths += 1
                    registry.stop()
                    registry.start()
                yield piece

        for part in KIT.blobs[:-1]:
            repository.push(part.descriptor, deadly if part.data == DATA else content_of(part.data))
        assert deaths == 2
        assert repository.tags() == ()
        push(repository, KIT, "v1")
        assert_holds(repository, KIT)


@needs_docker_registry
@pytest.mark.parametrize("fixture", ["password_registry", "token_registry"])
def test_a_graph_goes_up_and_comes_down_signed_in(
    request: pytest.FixtureRequest, token_server: TokenServer, open_repository: Opener, fixture: str
) -> None:
    registry: DockerRegistry = request.getfixturevalue(fixture)
    ada = open_repository(registry.host, credential=Credential("ada", Secret(TokenServer.password)))
    push(ada, KIT, "v1")
    assert_holds(ada, KIT)
    assert same(ada.resolve("v1"), KIT.root)
