from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_kit.errors import InvalidInput, KitError, UnsupportedFormat
from jupyter_kit.oci.descriptor import descriptor_of
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX, Index, Manifest, decode, encode_index, encode_manifest, media_type_of
from jupyter_kit.oci.media_types import DOCKER_LIST, OCI_INDEX, OCI_MANIFEST

GOLDEN = Path(__file__).parent.parent / "golden"
CONFIG, LAYER = descriptor_of(b"{}", "application/x.config"), descriptor_of(b"layer", "application/x.layer")


@pytest.mark.parametrize("kit", ["kit-2025", "kit-2026", "kit-2026-gzip", "kit-2026-modelpack"])
def test_what_kit_wrote_is_written_again_byte_for_byte(kit: str) -> None:
    data = (GOLDEN / kit / "manifest.json").read_bytes()
    manifest = decode(data, kit)
    assert isinstance(manifest, Manifest)
    assert len(manifest.layers) == 7
    assert encode_manifest(manifest) == data


def test_a_manifest_with_everything_reads_back() -> None:
    subject = descriptor_of(b"subject", OCI_MANIFEST)
    manifest = Manifest(CONFIG, (LAYER, LAYER), "application/x", OCI_MANIFEST, subject, {"b": "<2>", "a": "é"})
    assert decode(encode_manifest(manifest), "it") == manifest
    assert list(json.loads(encode_manifest(manifest))) == [
        "schemaVersion", "mediaType", "artifactType", "config", "layers", "subject", "annotations",
    ]  # fmt: skip
    assert manifest.children == (CONFIG, LAYER, LAYER)


def test_no_layers_are_written_as_kit_writes_them_and_read_either_way() -> None:
    data = encode_manifest(Manifest(CONFIG, ()))
    assert b'"layers":null' in data
    for document in (data, data.replace(b"null", b"[]"), data.replace(b',"layers":null', b"")):
        found = decode(document, "it")
        assert isinstance(found, Manifest)
        assert found.layers == ()


def test_an_index_reads_back_whatever_it_calls_itself() -> None:
    child = descriptor_of(b"child", OCI_MANIFEST)
    for media_type in (OCI_INDEX, DOCKER_LIST, None):
        index = Index((child,), media_type=media_type, annotations={"a": "1"})
        assert decode(encode_index(index), "it") == index
        assert media_type_of(index) == (media_type or OCI_INDEX)
    assert media_type_of(Manifest(CONFIG, ())) == OCI_MANIFEST


@pytest.mark.parametrize(
    "change",
    [
        {"config": None},
        {"config": []},
        {"layers": {}},
        {"layers": [None]},
        {"layers": [{"mediaType": "a", "digest": "sha256:00", "size": 1}]},
        {"annotations": {"a": 1}},
        {"mediaType": 1},
        {"artifactType": []},
        {"subject": 7},
    ],
)
def test_a_malformed_manifest_is_refused_by_name(change: dict[str, object]) -> None:
    document = {**json.loads(encode_manifest(Manifest(CONFIG, (LAYER,)))), **change}
    with pytest.raises(InvalidInput):
        decode(json.dumps(document).encode(), "ghcr.io/a:v1")


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000, b"<html>"])
def test_what_is_no_json_is_refused_by_name(data: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"ghcr\.io/a:v1"):
        decode(data, "ghcr.io/a:v1")


@pytest.mark.parametrize("data", [b"null", b"[]", b"{}", b'{"schemaVersion":1}', b'{"schemaVersion":"2"}'])
def test_another_schema_is_not_supported(data: bytes) -> None:
    with pytest.raises(UnsupportedFormat, match=r"ghcr\.io/a:v1"):
        decode(data, "ghcr.io/a:v1")


def test_a_manifest_is_bounded() -> None:
    data = encode_manifest(Manifest(CONFIG, ()))
    assert decode(data + b" " * (MANIFEST_BYTES_MAX - len(data)), "it") == Manifest(CONFIG, ())
    with pytest.raises(KitError, match="4 MiB"):
        decode(data + b" " * (MANIFEST_BYTES_MAX - len(data) + 1), "it")
