"""Reading ModelKits: every generation, other tools' ModelPacks, and what is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput, KitError, NotFound, UnsupportedFormat
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model, ModelPart, Prompt
from jupyter_kit.modelkit.layer_types import (
    CNCF_CONFIG,
    CNCF_MANIFEST,
    FILEPATH,
    KIT_CONFIG,
    KIT_MANIFEST,
    LayerType,
    layer_type,
    media_type,
)
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.media_types import OCI_INDEX
from tests.modelkit.shelf import Shelf

CODE = "application/vnd.kitops.modelkit.code.v1.tar"
DATASET = "application/vnd.kitops.modelkit.dataset.v1.tar"


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.mark.parametrize("name", ["kit-2025", "kit-2026", "kit-2026-gzip", "kit-2026-modelpack"])
def test_every_generation_of_kit_is_read(shelf: Shelf, name: str) -> None:
    shelf.put_golden(name)
    modelkit = read_modelkit(shelf, name)
    assert [layer.name for layer in modelkit.layers] == [
        "model",
        "model.parts[0]",
        "code[0]",
        "datasets[0]",
        "datasets[1]",
        "docs[0]",
        "docs[1]",
    ]
    assert {layer.type.compression for layer in modelkit.layers if layer.type} == {"gzip" if "gzip" in name else "none"}
    assert all(layer.diff_id and not layer.folder for layer in modelkit.layers)
    assert (modelkit.format, modelkit.cli_version, modelkit.written) == ("modelpack" if "pack" in name else "modelkit", "unknown", True)
    assert modelkit.created == ("2026-11-22T21:22:54.596121845Z" if "pack" in name else None)
    assert modelkit.size == sum(layer.descriptor.size for layer in modelkit.layers) + modelkit.manifest.config.size


def test_a_layer_is_found_by_its_digest_whatever_its_place(shelf: Shelf) -> None:
    one, two = shelf.put(b"1", CODE), shelf.put(b"2", CODE)
    kitfile = Kitfile(code=(Code(path="one", digest=one.digest), Code(path="two", digest=two.digest)))
    shelf.put_kit("x", kitfile, [one, two])
    config = read_modelkit(shelf, "x").manifest.config
    shelf.put_manifest("turned", config, [two, one])
    assert [layer.path for layer in read_modelkit(shelf, "turned").layers] == ["two", "one"]


def test_entries_with_equal_layers_each_have_their_own(shelf: Shelf) -> None:
    data, code = shelf.put(b"", DATASET), shelf.put(b"", CODE)
    shelf.put_kit("x", Kitfile(code=(Code(path="a"),), datasets=(Dataset(path="b"), Dataset(path="c"))), [code, data, data])
    assert [layer.path for layer in read_modelkit(shelf, "x").layers] == ["a", "b", "c"]
    config = read_modelkit(shelf, "x").manifest.config
    shelf.put_manifest("y", config, [data, data, code])
    assert [layer.path for layer in read_modelkit(shelf, "y").layers] == ["b", "c", "a"]


def test_entries_without_digests_go_by_position_and_remote_ones_have_no_layer(shelf: Shelf) -> None:
    kitfile = Kitfile(
        model=Model(path="team/base:v1"),
        datasets=(Dataset(path="far", remote_path="s3://b/k"), Dataset(path="in/near")),
        code=(Code(path="c"),),
        prompts=(Prompt(path="p"),),
    )
    layers = [shelf.put(b"1", CODE), shelf.put(b"2", DATASET), shelf.put(b"3", CODE, {"ml.kitops.modelkit.layer-subtype": "prompt"})]
    shelf.put_kit("old", kitfile, layers, digests=False)
    modelkit = read_modelkit(shelf, "old")
    assert [(layer.name, layer.folder) for layer in modelkit.layers] == [("code[0]", ""), ("datasets[1]", "in"), ("prompts[0]", "")]
    assert modelkit.parent == "team/base:v1"


def test_a_layer_that_the_config_names_and_the_manifest_lacks_is_told(shelf: Shelf) -> None:
    one, two = shelf.put(b"1", CODE), shelf.put(b"2", CODE)
    shelf.put_kit("x", Kitfile(code=(Code(path="one"), Code(path="two"))), [one, two])
    shelf.put_manifest("less", read_modelkit(shelf, "x").manifest.config, [one])
    with pytest.raises(ContentCorrupt, match=r"shelf:less lacks the layer of code\[1\]"):
        read_modelkit(shelf, "less")


def test_layers_of_unknown_types_are_named_and_those_that_no_entry_is_for_keep_their_path(shelf: Shelf) -> None:
    layers = [shelf.put(b"1", "application/vnd.kitops.modelkit.hologram.v1.tar"), shelf.put(b"2", CODE, {FILEPATH: "extra"})]
    shelf.put_manifest("x", shelf.put(b'{"manifestVersion":"1.0.0","package":{}}', KIT_CONFIG), layers)
    found = read_modelkit(shelf, "x").layers
    assert [(layer.name, layer.path, layer.type is None) for layer in found] == [("layers[0]", "", True), ("layers[1]", "extra", False)]


def test_a_manifest_may_say_null_and_nothing_of_types(shelf: Shelf) -> None:
    shelf.put_manifest("x", shelf.put(b'{"manifestVersion":"","package":{}}', KIT_CONFIG), None)
    assert read_modelkit(shelf, "x").layers == ()


def test_the_time_in_the_manifest_counts(shelf: Shelf) -> None:
    annotations = {"org.opencontainers.image.created": "2026-07-01T00:00:00Z", "ml.kitops.modelkit.cli-version": "1.12.0"}
    shelf.put_manifest("x", shelf.put(b'{"manifestVersion":"","package":{}}', KIT_CONFIG), [], annotations=annotations)
    assert (read_modelkit(shelf, "x").created, read_modelkit(shelf, "x").cli_version) == ("2026-07-01T00:00:00Z", "1.12.0")


def test_a_modelpack_without_a_kitfile_gets_one_from_its_layers(shelf: Shelf) -> None:
    def layer(word: str, path: str) -> Descriptor:
        return shelf.put(path.encode(), f"application/vnd.cncf.model.{word}.v1.raw", {FILEPATH: path})

    layers = [layer("weight", "1"), layer("weight", "2"), layer("weight.config", "3"), layer("code", "4"), layer("dataset", "5")]
    config = shelf.put(b'{"descriptor":{"createdAt":"2026-01-01T00:00:00Z"}}', CNCF_CONFIG)
    shelf.put_manifest("pack", config, layers, artifactType=CNCF_MANIFEST)
    modelkit = read_modelkit(shelf, "pack")
    parts = (ModelPart(path="2"), ModelPart(path="3"))
    assert modelkit.kitfile == Kitfile("1.0.0", model=Model(path="1", parts=parts), code=(Code(path="4"),), datasets=(Dataset(path="5"),))
    assert (modelkit.written, modelkit.created) == (False, "2026-01-01T00:00:00Z")
    shelf.put_manifest("bare", config, [shelf.put(b"", "application/vnd.cncf.model.weight.v1.tar")], artifactType=CNCF_MANIFEST)
    with pytest.raises(UnsupportedFormat, match="layer 1 does not say"):
        read_modelkit(shelf, "bare")


def test_what_is_no_modelkit_is_told(shelf: Shelf) -> None:
    config = shelf.put(b"{}", "application/vnd.oci.image.config.v1+json")
    shelf.put_manifest("image", config, [])
    with pytest.raises(UnsupportedFormat, match=r"no ModelKit, but application/vnd\.oci\.image\.config"):
        read_modelkit(shelf, "image")
    shelf.names["index"] = shelf.put(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}).encode(), OCI_INDEX)
    with pytest.raises(UnsupportedFormat, match="several manifests"):
        read_modelkit(shelf, "index")
    with pytest.raises(NotFound):
        read_modelkit(shelf, "nothing")


@pytest.mark.parametrize(
    "config", [b"", b"{", b"[]", b'{"package":[]}', b'{"model":{"parts":{}}}', b"[" * 99_999, b'{"code":[{"path":1}]}']
)
def test_a_config_that_is_no_kitfile_is_told(shelf: Shelf, config: bytes) -> None:
    shelf.put_manifest("x", shelf.put(config, KIT_CONFIG), [])
    with pytest.raises(KitError) as caught:
        read_modelkit(shelf, "x")
    assert isinstance(caught.value, ContentCorrupt | UnsupportedFormat)


def test_sizes_that_lie_are_refused_before_anything_is_fetched(shelf: Shelf) -> None:
    config = shelf.put(b"{}", KIT_CONFIG)
    shelf.put_manifest("x", Descriptor(KIT_CONFIG, config.digest, 1 << 40), [])
    with pytest.raises(InvalidInput, match="The config of shelf:x has 1099511627776 bytes"):
        read_modelkit(shelf, "x")
    shelf.names["y"] = Descriptor("", config.digest, 1 << 40)
    with pytest.raises(InvalidInput, match="The manifest of shelf:y"):
        read_modelkit(shelf, "y")


KEYS = st.sampled_from(["path", "digest", "size", "name", "mediaType"])
WORDS = st.sampled_from(["", "x", "a/b:v1", "sha256:" + "0" * 64, CODE, KIT_CONFIG])
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-1, 3), WORDS),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=3)),
    max_leaves=8,
)


@given(
    config=st.dictionaries(st.sampled_from(["manifestVersion", "package", "model", "code", "datasets", "docs", "prompts"]), VALUES),
    manifest=st.dictionaries(st.sampled_from(["mediaType", "layers", "subject", "annotations", "config"]), VALUES, max_size=2),
)
@hypothesis_settings(max_examples=200)
def test_no_document_makes_the_reader_crash(config: dict[str, Any], manifest: dict[str, Any]) -> None:
    shelf = Shelf()
    descriptor = shelf.put(json.dumps(config).encode(), KIT_CONFIG)
    fields = {"mediaType": KIT_CONFIG, "digest": descriptor.digest, "size": descriptor.size}
    document = {"schemaVersion": 2, "artifactType": KIT_MANIFEST, "config": fields} | manifest
    shelf.names["x"] = shelf.put(json.dumps(document).encode())
    try:
        read_modelkit(shelf, "x")
    except (InvalidInput, ContentCorrupt, UnsupportedFormat, NotFound) as error:
        assert error.message


@pytest.mark.parametrize("modelpack", [False, True])
@pytest.mark.parametrize("kind", ["model", "modelpart", "code", "dataset", "docs", "prompt"])
@pytest.mark.parametrize(("form", "compression"), [("tar", "none"), ("tar", "gzip"), ("tar", "zstd"), ("raw", "none")])
def test_media_types_read_back(kind: Any, form: Any, compression: Any, *, modelpack: bool) -> None:
    one = LayerType(kind, form, compression)
    annotations = {"ml.kitops.modelkit.layer-subtype": "prompt"} if kind == "prompt" else {}
    assert layer_type(media_type(one, modelpack=modelpack), annotations) == one


@pytest.mark.parametrize(
    "text", ["", CODE + "x", CODE + "+lzma", "x" + CODE, "application/vnd.cnai.model.weight.v1.tar", CODE.replace("tar", "zip")]
)
def test_other_media_types_are_unknown(text: str) -> None:
    assert layer_type(text, {}) is None
