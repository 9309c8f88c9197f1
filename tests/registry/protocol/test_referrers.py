"""What refers to a manifest, on registries that list it, that do not, and that answer something else."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from jupyter_kit.errors import Conflict, RegistryUnavailable
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Index, Manifest, encode_index, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_INDEX, OCI_MANIFEST
from jupyter_kit.registry.protocol.referrers import fallback_tag
from jupyter_kit.registry.repository import Repository
from tests.registry.servers.docker import needs_docker_registry
from tests.registry.servers.double import INDEX, Asked, Double, Reply
from tests.registry.targets import content_of, modelkit, push

CONFIG = descriptor_of(b"{}", EMPTY)


def refer(repository: Repository, subject: Descriptor, artifact_type: str = "application/x.signature", note: str = "") -> Descriptor:
    """Push a manifest that refers to ``subject``; the result is how a list describes it."""
    manifest = Manifest(CONFIG, (CONFIG,), artifact_type, OCI_MANIFEST, subject, {"note": note})
    data = encode_manifest(manifest)
    repository.push(CONFIG, content_of(b"{}"))
    repository.push(descriptor_of(data, OCI_MANIFEST), content_of(data))
    return replace(descriptor_of(data, OCI_MANIFEST), artifact_type=artifact_type, annotations={"note": note})


@pytest.fixture(params=["the registry's list", "the tag"])
def repository(request: pytest.FixtureRequest, double: Double, double_repository: Repository) -> Repository:
    double.referrers_api = request.param == "the registry's list"
    return double_repository


def digests(listed: tuple[Descriptor, ...]) -> set[str]:
    return {referrer.digest for referrer in listed}


def test_referrers_are_listed_and_filtered(repository: Repository) -> None:
    subject = push(repository, modelkit(b"one"))
    assert repository.referrers(subject) == ()
    first, second = refer(repository, subject), refer(repository, subject, "application/x.report")
    assert digests(repository.referrers(subject)) == digests((first, second))
    assert digests(repository.referrers(subject, "application/x.report")) == digests((second,))
    assert repository.referrers(subject, "application/x.none") == ()


def test_a_deleted_referrer_is_listed_no_more(repository: Repository) -> None:
    subject = push(repository, modelkit(b"one"))
    first, second = refer(repository, subject), refer(repository, subject, note="second")
    repository.delete(first)
    assert digests(repository.referrers(subject)) == digests((second,))


def test_the_tag_tells_type_and_annotations(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    referrer = refer(double_repository, subject, note="kept")
    assert double_repository.referrers(subject) == (referrer,)
    assert double_repository.capabilities.referrers is False
    assert fallback_tag(subject.digest) in double.tags


def test_pushing_twice_lists_once(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    for _ in range(2):
        refer(double_repository, subject)
    assert len(double_repository.referrers(subject)) == 1


def test_without_an_artifact_type_the_configs_media_type_counts(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    push(double_repository, modelkit(b"two", subject=subject))
    (listed,) = double_repository.referrers(subject)
    assert listed.artifact_type == "application/vnd.example.config+json"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(303, headers={"Location": "https://github.com/web/page"}),
        Reply(404, b"404 page not found"),
        Reply(400),
        Reply(405),
        Reply(200, b"<html></html>", {"Content-Type": "text/html"}),
        Reply(200, b"garbage", {"Content-Type": INDEX}),
        Reply(200, b'{"schemaVersion": 2, "layers": []}', {"Content-Type": INDEX}),
    ],
)
def test_whatever_is_no_list_means_that_there_is_none(double: Double, double_repository: Repository, reply: Reply) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    referrer = refer(double_repository, subject)
    double_repository.capabilities.referrers = None
    double.reply("GET", "/referrers/", reply)
    assert double_repository.referrers(subject) == (referrer,)
    assert double_repository.referrers(subject) == (referrer,)
    assert len(double.requests("GET", "/referrers/")) == 1


def test_a_registry_that_is_busy_still_has_its_list(double: Double, double_repository: Repository) -> None:
    subject = push(double_repository, modelkit(b"one"))
    double.reply("GET", "/referrers/", Reply(503), times=99)
    with pytest.raises(RegistryUnavailable):
        double_repository.referrers(subject)
    assert double_repository.capabilities.referrers is None


def test_a_tag_that_names_the_subject_itself_is_no_list(double: Double, double_repository: Repository) -> None:
    """GitLab resolves the tag of a digest to the manifest of that digest (oci.md 1.3)."""
    double.referrers_api = False
    child = push(double_repository, modelkit(b"one"))
    data = encode_index(Index((child,)))
    for subject in (child, descriptor_of(data, OCI_INDEX)):
        if subject is not child:
            double_repository.push(subject, content_of(data))
        double.tags[fallback_tag(subject.digest)] = subject.digest
        assert double_repository.referrers(subject) == ()


def test_what_anybody_wrote_into_the_tag_is_not_believed(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject, other = push(double_repository, modelkit(b"one")), push(double_repository, modelkit(b"two"))
    referrer, foreign = refer(double_repository, subject), refer(double_repository, other)
    absent = descriptor_of(b"{}", OCI_MANIFEST)
    data = encode_index(Index((referrer, foreign, other, absent)))
    double_repository.push(descriptor_of(data, OCI_INDEX), content_of(data))
    double.tags[fallback_tag(subject.digest)] = descriptor_of(data, OCI_INDEX).digest
    assert double_repository.referrers(subject) == (referrer,)


def test_many_refer_at_once_and_none_is_lost(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    with ThreadPoolExecutor(3) as threads:
        made = list(threads.map(lambda number: refer(double_repository, subject, note=str(number)), range(3)))
    assert digests(double_repository.referrers(subject)) == digests(tuple(made))


def test_what_somebody_else_wrote_last_is_joined(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    foreign = refer(double_repository, subject, note="foreign")
    theirs = double.tags[fallback_tag(subject.digest)]

    def overwritten(asked: Asked) -> Reply:
        reply = double.answer(asked)
        double.tags[fallback_tag(subject.digest)] = theirs
        return reply

    double.reply("PUT", fallback_tag(subject.digest), overwritten, times=2)
    ours = refer(double_repository, subject, note="ours")
    assert digests(double_repository.referrers(subject)) == digests((foreign, ours))


def test_who_never_comes_through_is_told(double: Double, double_repository: Repository) -> None:
    double.referrers_api = False
    subject = push(double_repository, modelkit(b"one"))
    double.reply("PUT", fallback_tag(subject.digest), Reply(201), times=99)
    with pytest.raises(Conflict, match="keep changing"):
        refer(double_repository, subject)


def test_a_list_of_several_pages_is_read_whole(double: Double, double_repository: Repository) -> None:
    subject = push(double_repository, modelkit(b"one"))
    first, second = refer(double_repository, subject), refer(double_repository, subject, note="second")

    def listing(referrer: Descriptor, link: str) -> Reply:
        entry = {"mediaType": referrer.media_type, "digest": referrer.digest, "size": referrer.size, "artifactType": referrer.artifact_type}
        data = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]}).encode()
        return Reply(200, data, {"Content-Type": INDEX, "Link": link})

    double.reply("GET", "/referrers/", listing(first, '</v2/x/referrers/more?page=2>; rel="next"'))
    double.reply("GET", "/referrers/", listing(second, ""))
    assert digests(double_repository.referrers(subject)) == digests((first, second))


@needs_docker_registry
def test_docker_registry_lists_referrers_under_a_tag(docker_repository: Repository) -> None:
    subject = push(docker_repository, modelkit(b"one"))
    first, second = refer(docker_repository, subject), refer(docker_repository, subject, note="second")
    assert docker_repository.referrers(subject) == (first, second)
    docker_repository.delete(first)
    assert docker_repository.referrers(subject) == (second,)
