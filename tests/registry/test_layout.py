"""The OCI layout as others write it, and as others read ours."""

from __future__ import annotations

import errno
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit import system
from jupyter_kit.errors import ContentCorrupt, InvalidInput, Kind, KitError, NotFound, StoreUnavailable, UnsupportedFormat
from jupyter_kit.oci.descriptor import descriptor_fields
from jupyter_kit.oci.manifest import MANIFEST_BYTES_MAX
from jupyter_kit.oci.media_types import OCI_INDEX, OCI_MANIFEST
from jupyter_kit.registry import folder as folder_module
from jupyter_kit.registry import layout as layout_module
from jupyter_kit.registry import listing
from jupyter_kit.registry.layout import Layout
from jupyter_kit.registry.listing import LISTING_BYTES_MAX, REF_NAME

from .targets import Graph, assert_holds, blob, content_of, index, modelkit, push, read, same

FIELDS = ["schemaVersion", "mediaType", "manifests", "digest", "size", "annotations", "artifactType", REF_NAME]
"""Names that a layout reads."""


@pytest.fixture
def layout(tmp_path: Path) -> Layout:
    return Layout(tmp_path / "layout")


def document(tmp_path: Path) -> dict[str, Any]:
    parsed = json.loads((tmp_path / "layout/index.json").read_bytes())
    assert isinstance(parsed, dict)
    return parsed


def rewrite(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change ``index.json`` as a foreign program would."""
    fields = document(tmp_path)
    change(fields)
    (tmp_path / "layout/index.json").write_text(json.dumps(fields, indent=2), "utf-8")


def test_a_new_layout_is_what_the_specification_says(layout: Layout, tmp_path: Path) -> None:
    root = push(layout, modelkit(b"one"), "v1")
    made = tmp_path / "layout"
    assert json.loads((made / "oci-layout").read_bytes()) == {"imageLayoutVersion": "1.0.0"}
    assert document(tmp_path) == {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [{**descriptor_fields(root), "annotations": {REF_NAME: "v1"}}],
    }
    assert sorted(path.name for path in made.iterdir()) == [".jupyter-kit", "blobs", "index.json", "oci-layout"]
    assert [path.name for path in (made / ".jupyter-kit").iterdir()] == ["lock"]
    assert {len(path.name) for path in (made / "blobs/sha256").iterdir()} == {64}
    assert layout.name == f"oci:{made}"


def test_nothing_is_made_by_reading(layout: Layout, tmp_path: Path) -> None:
    assert layout.tags() == ()
    with pytest.raises(NotFound, match=r"has no index\.json"):
        layout.resolve("v1")
    with pytest.raises(NotFound):
        layout.untag("v1")
    with pytest.raises(NotFound):
        layout.delete(modelkit().root)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_other_things_is_not_made_a_layout(layout: Layout, tmp_path: Path) -> None:
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout/thesis.tex").write_text("x")
    with pytest.raises(InvalidInput, match="no OCI layout and not empty"):
        push(layout, modelkit(b"one"))
    assert [path.name for path in (tmp_path / "layout").iterdir()] == ["thesis.tex"]


@pytest.mark.skipif(os.name == "nt", reason="Windows wants a privilege for symlinks")
@pytest.mark.parametrize("inside", ["blobs", "blobs/sha256", ".jupyter-kit"])
def test_nothing_is_pushed_through_a_symlink(layout: Layout, tmp_path: Path, inside: str) -> None:
    push(layout, modelkit(b"one"), "v1")
    elsewhere = tmp_path / "elsewhere"
    (tmp_path / "layout" / inside).rename(elsewhere)
    (tmp_path / "layout" / inside).symlink_to(elsewhere)
    before = sorted(elsewhere.rglob("*"))
    again = Layout(tmp_path / "layout")
    assert again.tags() == ("v1",)
    with pytest.raises(InvalidInput, match="is a symlink"):
        push(again, modelkit(b"two"), "v2")
    assert sorted(elsewhere.rglob("*")) == before


def test_manifests_without_a_name_are_read(layout: Layout, tmp_path: Path) -> None:
    root = push(layout, modelkit(b"one"), "v1")
    rewrite(tmp_path, lambda fields: fields["manifests"][0].pop("annotations"))
    assert layout.tags() == ()
    assert same(layout.resolve(root.digest), root)


def test_of_several_manifests_with_one_name_the_first_counts(layout: Layout, tmp_path: Path) -> None:
    first, second = push(layout, modelkit(b"one"), "v1"), push(layout, modelkit(b"two"), "v2")
    rewrite(tmp_path, lambda fields: fields["manifests"][1].update(annotations={REF_NAME: "v1"}))
    assert layout.tags() == ("v1",)
    assert same(layout.resolve("v1"), first)
    layout.tag(second, "v1")
    assert same(layout.resolve("v1"), second)
    assert [entry.get("annotations") for entry in document(tmp_path)["manifests"]] == [None, {REF_NAME: "v1"}]


def test_names_in_indexes_are_found_and_given_anew(layout: Layout, tmp_path: Path) -> None:
    graph = modelkit(b"one")
    push(layout, graph)
    named = {**descriptor_fields(graph.root), "annotations": {REF_NAME: "inside"}}
    top = blob(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": [named]}).encode(), OCI_INDEX)
    push(layout, Graph((top,)))
    rewrite(tmp_path, lambda fields: fields["manifests"].pop(0))
    assert layout.tags() == ("inside",)
    assert same(layout.resolve("inside"), graph.root)
    with pytest.raises(UnsupportedFormat, match="inside of an index"):
        layout.untag("inside")
    layout.tag(graph.root, "v1")
    assert layout.tags() == ("inside", "v1")
    layout.delete(graph.root)
    assert layout.tags() == ("inside",)
    assert_holds(layout, graph)


def test_an_index_may_name_what_is_not_there(layout: Layout, tmp_path: Path) -> None:
    push(layout, index(modelkit(b"one")), "v1")
    absent = descriptor_fields(index(modelkit(b"two")).root)
    rewrite(tmp_path, lambda fields: fields["manifests"].append(absent))
    assert layout.tags() == ("v1",)
    with pytest.raises(NotFound):
        layout.resolve("v2")


def test_what_others_wrote_into_an_entry_stays(layout: Layout, tmp_path: Path) -> None:
    root = push(layout, modelkit(b"one"), "v1")
    platform = {"architecture": "amd64", "os": "linux"}
    rewrite(tmp_path, lambda fields: (fields.update(annotations={"a": "b"}), fields["manifests"][0].update(platform=platform, data="e30=")))
    layout.tag(root, "v2")
    layout.untag("v1")
    assert document(tmp_path)["annotations"] == {"a": "b"}
    assert [entry["platform"] for entry in document(tmp_path)["manifests"]] == [platform]
    assert document(tmp_path)["manifests"][0]["annotations"] == {REF_NAME: "v2"}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", InvalidInput),
        ("[]", InvalidInput),
        ("{", InvalidInput),
        ("{}", UnsupportedFormat),
        ('{"schemaVersion": 3}', UnsupportedFormat),
        ('{"schemaVersion": 2, "manifests": {"a": 1}}', InvalidInput),
        ('{"schemaVersion": 2, "manifests": [1]}', InvalidInput),
        ('{"schemaVersion": 2, "manifests": [{"mediaType": "a", "digest": "sha256:../../etc/passwd", "size": 1}]}', InvalidInput),
        ('{"schemaVersion": 2, "manifests": [{"mediaType": "a", "digest": "sha256:%s", "size": 1e999}]}' % ("a" * 64), InvalidInput),
        ("[" * 100_000, InvalidInput),
    ],
)
def test_a_hostile_index_is_refused_by_name(layout: Layout, tmp_path: Path, text: str, error: type[KitError]) -> None:
    graph = modelkit(b"one")
    push(layout, graph, "v1")
    (tmp_path / "layout/index.json").write_text(text)
    for use in (lambda: layout.resolve("v1"), layout.tags, lambda: layout.tag(graph.root, "v2"), lambda: push(layout, modelkit(b"two"))):
        with pytest.raises(error, match=r"index\.json|not a digest"):
            use()
    assert (tmp_path / "layout/index.json").read_text() == text


TEXT = st.text(st.characters(), max_size=5)
"""Lone surrogates are among them: JSON can hold them and UTF-8 cannot."""

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(st.sampled_from(FIELDS) | TEXT, values, max_size=4),
    max_leaves=10,
)

ENTRY = st.fixed_dictionaries(
    {
        "mediaType": st.sampled_from([OCI_MANIFEST, OCI_INDEX]) | TEXT,
        "digest": st.sampled_from([modelkit(b"one").root.digest, modelkit().root.digest]) | TEXT,
        "size": st.sampled_from([modelkit(b"one").root.size, modelkit().root.size]) | st.integers(),
    },
    optional={"annotations": st.dictionaries(st.just(REF_NAME) | TEXT, st.just("v1") | TEXT, max_size=2), "platform": JSON},
)
"""Nearly what an entry is."""


@given(manifests=st.lists(ENTRY | JSON, max_size=3), fields=st.dictionaries(TEXT, JSON, max_size=3), cut=st.sampled_from([0, 0, 0, 1]))
@settings(max_examples=100)
def test_no_index_makes_a_layout_crash(manifests: list[object], fields: dict[str, object], cut: int) -> None:
    with tempfile.TemporaryDirectory() as name, pytest.MonkeyPatch.context() as patch:
        for call in ("sync_data", "sync_folder"):  # Nothing here loses power.
            patch.setattr(system, call, lambda place: None)
        text = json.dumps({"schemaVersion": 2, "manifests": manifests, **fields})
        (Path(name) / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (Path(name) / "index.json").write_text(text[: len(text) - cut], "utf-8")
        layout = Layout(name)
        for use in (layout.tags, lambda: layout.resolve("v1"), lambda: push(layout, modelkit(b"one"), "v1"), lambda: layout.untag("v1")):
            with suppress(KitError):
                use()


def test_a_list_of_one_name_without_manifests_is_empty(layout: Layout, tmp_path: Path) -> None:
    push(layout, modelkit(b"one"), "v1")
    rewrite(tmp_path, lambda fields: fields.update(manifests=None))
    assert layout.tags() == ()


def test_an_index_past_the_limit_is_refused(layout: Layout, tmp_path: Path) -> None:
    push(layout, modelkit(b"one"), "v1")
    os.truncate(tmp_path / "layout/index.json", LISTING_BYTES_MAX + 1)
    with pytest.raises(InvalidInput, match="larger than 32 MiB"):
        layout.resolve("v1")


def test_indexes_nested_without_end_are_refused(layout: Layout) -> None:
    graph = modelkit(b"one")
    for _ in range(9):
        graph = index(graph)
    push(layout, graph)
    with pytest.raises(InvalidInput, match="nests them too deeply"):
        layout.resolve("v1")


@pytest.mark.parametrize("text", ['{"imageLayoutVersion": "2.0.0"}', '{"imageLayoutVersion": 1}', "{}"])
def test_another_version_is_refused(layout: Layout, tmp_path: Path, text: str) -> None:
    push(layout, modelkit(b"one"), "v1")
    (tmp_path / "layout/oci-layout").write_text(text)
    for use in (layout.tags, lambda: push(Layout(tmp_path / "layout"), modelkit(b"two"))):
        with pytest.raises(UnsupportedFormat, match="layout version"):
            use()


def test_a_layout_without_its_version_file_is_read_and_mended(tmp_path: Path) -> None:
    push(Layout(tmp_path / "layout"), modelkit(b"one"), "v1")
    (tmp_path / "layout/oci-layout").unlink()
    again = Layout(tmp_path / "layout")
    assert again.tags() == ("v1",)
    push(again, modelkit(b"two"), "v2")
    assert (tmp_path / "layout/oci-layout").exists()


@pytest.mark.parametrize("damage", ["flip", "cut", "grow", "folder", "pipe"])
def test_a_damaged_blob_is_never_handed_out_whole_and_is_mended_by_pushing(layout: Layout, tmp_path: Path, damage: str) -> None:
    kept = blob(b"x" * 5000)
    layout.push(kept.descriptor, content_of(kept.data))
    path = tmp_path / "layout/blobs/sha256" / kept.descriptor.digest.removeprefix("sha256:")
    if damage == "flip":
        path.write_bytes(kept.data[:-1] + b"y")
    elif damage == "cut":
        os.truncate(path, 100)
    elif damage == "grow":
        os.truncate(path, 5001)
    else:
        path.unlink()
        if damage == "pipe":
            os.mkfifo(path)
        else:
            path.mkdir()
    assert layout.exists(kept.descriptor) == (damage == "flip")
    with pytest.raises(ContentCorrupt):
        read(layout, kept.descriptor)
    if damage != "flip":
        with pytest.raises(ContentCorrupt):
            read(layout, kept.descriptor, 10, 20)
    if damage == "folder":
        with pytest.raises(StoreUnavailable):
            layout.push(kept.descriptor, content_of(kept.data))
    else:
        layout.push(kept.descriptor, content_of(kept.data))
        assert_holds(layout, Graph((kept,)))
    assert [path.name for path in (tmp_path / "layout/.jupyter-kit").iterdir()] == ["lock"]


def test_deleting_frees_the_disk_and_spares_what_others_use(layout: Layout, tmp_path: Path) -> None:
    first, second = modelkit(b"shared", b"one"), modelkit(b"shared", b"two")
    push(layout, first, "v1")
    push(layout, second, "v2")
    layout.delete(first.root)
    left = {path.name for path in (tmp_path / "layout/blobs/sha256").iterdir()}
    assert left == {part.descriptor.digest.removeprefix("sha256:") for part in second.blobs}


def test_deleting_beside_a_damaged_manifest_frees_nothing(layout: Layout, tmp_path: Path) -> None:
    first, second = modelkit(b"one"), modelkit(b"two")
    push(layout, first, "v1")
    push(layout, second, "v2")
    path = tmp_path / "layout/blobs/sha256" / second.root.digest.removeprefix("sha256:")
    path.write_bytes(b"x" * second.root.size)
    layout.delete(first.root)
    assert layout.tags() == ("v2",)
    left = {path.name for path in (tmp_path / "layout/blobs/sha256").iterdir()}
    assert left == {part.descriptor.digest.removeprefix("sha256:") for part in (*first.blobs, *second.blobs)}


def test_referrers_are_those_whose_subject_it_is(layout: Layout) -> None:
    graph = modelkit(b"one")
    push(layout, graph, "v1")
    signature = modelkit(b"signature", subject=graph.root, annotations={"by": "Ada"})
    push(layout, signature)
    (found,) = layout.referrers(graph.root)
    assert same(found, signature.root)
    assert found.annotations == {"by": "Ada"}
    assert layout.referrers(graph.root, "application/vnd.example.config+json") == (found,)
    assert layout.referrers(graph.root, "application/other") == ()
    assert layout.referrers(signature.root) == ()


def test_only_dead_writers_files_are_swept(tmp_path: Path) -> None:
    push(Layout(tmp_path / "layout"), modelkit(b"one"), "v1")
    dead = tmp_path / "layout/.jupyter-kit/dead"
    dead.write_bytes(b"half")
    living = folder_module.Folder(tmp_path / "layout", "it")

    def slowly() -> Any:
        yield b"x" * 10
        push(Layout(tmp_path / "layout"), modelkit(b"two"), "v2")
        yield b"x" * 10

    kept = blob(b"x" * 20)
    living.keep(kept.descriptor, slowly())
    assert living.holds(kept.descriptor)
    assert not dead.exists()


def test_a_folder_locked_for_long_says_so(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = push(layout, modelkit(b"one"), "v1")
    monkeypatch.setattr(folder_module, "LOCK_TIMEOUT_SECONDS", 0.05)
    with folder_module.Folder(tmp_path / "layout", "it").locked(), pytest.raises(KitError) as caught:
        layout.tag(root, "v2")
    assert caught.value.kind is Kind.STORE_BUSY
    assert layout.tags() == ("v1",)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, Kind.STORE_FULL),
        (errno.EDQUOT, Kind.STORE_FULL),
        (errno.EACCES, Kind.PERMISSION_DENIED),
        (errno.EROFS, Kind.PERMISSION_DENIED),
        (errno.EIO, Kind.STORE_UNAVAILABLE),
    ],
)
def test_errors_of_the_system_become_ours(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, kind: Kind) -> None:
    push(layout, modelkit(b"one"), "v1")

    def fail(descriptor: int, buffers: object) -> None:
        raise OSError(number, "It failed")

    monkeypatch.setattr(system, "write", fail)
    with pytest.raises(StoreUnavailable) as caught:
        push(layout, modelkit(b"two"), "v2")
    assert caught.value.kind is kind
    assert str(tmp_path / "layout") in caught.value.message
    assert layout.tags() == ("v1",)


def test_a_blob_that_shrinks_while_it_is_read_is_damaged(layout: Layout, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folder_module, "READ_BYTES", 100)
    kept = blob(b"x" * 1000)
    layout.push(kept.descriptor, content_of(kept.data))
    reading = layout.fetch(kept.descriptor)
    next(reading)
    os.truncate(tmp_path / "layout/blobs/sha256" / kept.descriptor.digest.removeprefix("sha256:"), 500)
    with pytest.raises(ContentCorrupt, match="is not 1000 bytes long"):
        list(reading)


def test_a_manifest_that_is_said_to_be_huge_is_not_read(layout: Layout, tmp_path: Path) -> None:
    root = push(layout, modelkit(b"one"), "v1")
    os.truncate(tmp_path / "layout/blobs/sha256" / root.digest.removeprefix("sha256:"), MANIFEST_BYTES_MAX + 1)
    rewrite(tmp_path, lambda fields: fields["manifests"][0].update(size=MANIFEST_BYTES_MAX + 1, mediaType=OCI_INDEX))
    with pytest.raises(InvalidInput, match="larger than 4 MiB"):
        layout.resolve("v2")


def test_too_many_indexes_are_not_looked_into(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layout_module, "INDEXES_MAX", 1)
    push(layout, index(modelkit(b"one")), "v1")
    push(layout, index(modelkit(b"two")), "v2")
    assert layout.resolve("v2")
    with pytest.raises(InvalidInput, match="too many indexes"):
        layout.resolve("v3")
    monkeypatch.setattr(layout_module, "INDEXES_MAX", 2)
    with pytest.raises(NotFound):
        layout.resolve("v3")
    monkeypatch.setattr(layout_module, "INDEXES_BYTES_MAX", 300)
    with pytest.raises(InvalidInput, match="too many indexes"):
        layout.resolve("v3")


def test_a_list_does_not_grow_past_what_is_read(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    push(layout, modelkit(b"one"), "v1")
    monkeypatch.setattr(listing, "LISTING_BYTES_MAX", 400)
    with pytest.raises(InvalidInput, match="too many manifests"):
        push(layout, modelkit(b"two"), "v2")
    assert layout.tags() == ("v1",)
