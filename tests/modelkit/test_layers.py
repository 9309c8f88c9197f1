"""Layers: what goes into which, byte for byte as kit does it, and what is refused where kit would lose it."""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Mapping

import pytest

from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.modelkit.kitfile import Code, Dataset, Docs, Kitfile, McpServer, Model, ModelPart, Prompt
from jupyter_kit.modelkit.layers import Layer, clean, is_reference, plan_layers, tar_parts
from jupyter_kit.snapshot.snapshot import FileEntry
from tests.modelkit import golden
from tests.snapshot.conftest import Box


def file_list(*paths: str, modes: Mapping[str, int] | None = None) -> list[FileEntry]:
    """Files whose content is their own path; with a slash at the end a folder, with an arrow a symlink."""
    found = []
    for path in paths:
        name, arrow, target = path.partition(" -> ")
        mode = (modes or {}).get(name.rstrip("/"), 0o755 if path.endswith("/") else 0o644)
        if arrow:
            found.append(FileEntry(name, "symlink", 0o777, 0, 0, "", target))
        elif path.endswith("/"):
            found.append(FileEntry(path[:-1], "folder", mode, 0, 0))
        else:
            found.append(FileEntry(path, "file", mode, len(path.encode("utf-8", "surrogateescape")), 0, path))
    return found


def archive(layer: Layer) -> bytes:
    """The archive of a layer made of such files."""
    return b"".join(part if isinstance(part, bytes) else part.encode() for part in tar_parts(layer.members))


def names(layer: Layer) -> list[str]:
    """What tarfile finds in a layer's archive, each entry checked to have its content."""
    with tarfile.open(fileobj=io.BytesIO(archive(layer))) as opened:
        for member in opened:
            content = opened.extractfile(member)
            assert content is None or content.read() == member.name.encode()
        return opened.getnames()


def planned(kitfile: Kitfile, *paths: str) -> dict[str, list[str]]:
    return {layer.name: names(layer) for layer in plan_layers(kitfile, file_list(*paths))}


@pytest.mark.parametrize("name", ["kit-2025", "kit-2026", "kit-2026-modelpack"])
def test_every_layer_is_what_kit_wrote_byte_for_byte(tiny: Box, name: str) -> None:
    files = tiny.entries(tiny.snap().id).values()
    layers = plan_layers(golden.kitfile(), files)
    made = [
        b"".join(part if isinstance(part, bytes) else tiny.store.read_bytes(part) for part in tar_parts(layer.members)) for layer in layers
    ]
    assert made == golden.layers(name)


def test_the_published_vector() -> None:
    files = [FileEntry("model/w.bin", "file", 0o644, 6, 0, "root")]
    (layer,) = plan_layers(Kitfile("1.0.0", model=Model(name="m", path="./model/w.bin")), files)
    data = b"".join(part if isinstance(part, bytes) else b"hello\n" for part in tar_parts(layer.members))
    assert (len(data), hashlib.sha256(data).hexdigest()) == (2560, "29cdf6272176a3bcba34eeaacaeba2863713eaa748887a9a5563277cd8c95671")


def test_entries_stand_in_the_order_in_which_go_walks() -> None:
    paths = ("a.txt", "a/x", "a-b", "B", "é", "a/b/c", "z", "empty/", "\udcff", "🚀")
    expected = ["B", "a", "a/b", "a/b/c", "a/x", "a-b", "a.txt", "empty", "z", "é", "🚀", "\udcff"]
    (layer,) = plan_layers(Kitfile(code=(Code(path="."),)), file_list(*paths[:-2]))
    assert names(layer) == [name for name in expected if name not in ("🚀", "\udcff")]
    (layer,) = plan_layers(Kitfile(code=(Code(path="."),)), file_list(*paths))
    assert [member.name for member in layer.members] == expected  # by bytes: 0xff is behind the four bytes of a rocket


def test_a_layer_has_the_folders_above_it_and_everything_below() -> None:
    found = planned(Kitfile(code=(Code(path="a/b/"),)), "a/b/c/d", "a/b/e", "a/f", "g")
    assert found == {"code[0]": ["a", "a/b", "a/b/c", "a/b/c/d", "a/b/e"]}


def test_the_order_of_layers_is_kits() -> None:
    kitfile = Kitfile(
        model=Model(path="m", parts=(ModelPart(path="p"),)),
        docs=(Docs(path="d"),),
        datasets=(Dataset(path="s"),),
        code=(Code(path="c"),),
        prompts=(Prompt(path="q"),),
    )
    layers = plan_layers(kitfile, file_list("m", "p", "d", "s", "c", "q"))
    assert [(layer.kind, layer.path) for layer in layers] == [
        ("model", "m"),
        ("modelpart", "p"),
        ("code", "c"),
        ("dataset", "s"),
        ("docs", "d"),
        ("prompt", "q"),
    ]


def test_a_file_belongs_to_the_innermost_layer_and_siblings_are_not_taken_along() -> None:
    kitfile = Kitfile(model=Model(path="model"), code=(Code(path="."),), datasets=(Dataset(path="model/data"),))
    found = planned(kitfile, "model/w", "model/data/1", "model_utils.py", "modelx/y", "model.csv", "v1..2.csv")
    assert found == {
        "model": ["model", "model/w"],
        "code[0]": ["model.csv", "model_utils.py", "modelx", "modelx/y", "v1..2.csv"],
        "datasets[0]": ["model", "model/data", "model/data/1"],
    }


def test_a_file_layer_inside_leaves_its_folders_to_the_layer_around_it() -> None:
    found = planned(Kitfile(model=Model(path="m/a/w.bin"), code=(Code(path=""),)), "m/a/w.bin", "m/a/t.json")
    assert found == {"model": ["m", "m/a", "m/a/w.bin"], "code[0]": ["m", "m/a", "m/a/t.json"]}


def test_the_kitfile_and_the_ignore_file_are_never_packed_but_for_those_further_down() -> None:
    found = planned(Kitfile(code=(Code(path="."),)), "Kitfile", "kitfile", ".kitfile", ".kitignore", "a/Kitfile", "b")
    assert found == {"code[0]": ["a", "a/Kitfile", "b"]}


def test_folders_keep_the_bits_that_were_recorded() -> None:
    files = file_list("a/b", "a/", modes={"a": 0o2775, "a/b": 0o4755})
    (layer,) = plan_layers(Kitfile(code=(Code(path="a"),)), files)
    assert [(member.name, member.mode) for member in layer.members] == [("a", 0o2775), ("a/b", 0o4755)]


def test_a_parent_model_and_remote_data_have_no_layer_and_nobody_else_gets_what_lies_there() -> None:
    kitfile = Kitfile(
        model=Model(path="ghcr.io/team/base:v1", parts=(ModelPart(path="adapter"),)),
        code=(Code(path="."),),
        datasets=(Dataset(path="big", remote_path="s3://bucket/key"),),
    )
    layers = plan_layers(kitfile, file_list("adapter/x", "base/w.bin", "big/1", "run.py"), elsewhere=["base"])
    assert {layer.name: names(layer) for layer in layers} == {"model.parts[0]": ["adapter", "adapter/x"], "code[0]": ["run.py"]}


def test_a_model_without_a_path_has_no_layer() -> None:
    assert plan_layers(Kitfile(model=Model(name="only a name")), file_list("a")) == ()


@pytest.mark.parametrize("path", ["../x", "/etc", "a/../../x", ".."])
def test_paths_outside_are_refused_by_name(path: str) -> None:
    with pytest.raises(InvalidInput, match=r"datasets\[0\].*outside"):
        plan_layers(Kitfile(datasets=(Dataset(path=path),)), file_list("x"))


def test_one_path_written_in_two_ways_is_refused_by_both_names() -> None:
    with pytest.raises(InvalidInput, match=r"docs\[0\] and code\[0\].*“a”"):
        plan_layers(Kitfile(code=(Code(path="./a"),), docs=(Docs(path="a/"),)), file_list("a/b"))


@pytest.mark.parametrize("path", ["nowhere", "a/b/c", "Kitfile"])
def test_a_path_that_is_not_there_is_refused_by_name(path: str) -> None:
    with pytest.raises(NotFound, match=rf"“{path}”, code\[0\]"):
        plan_layers(Kitfile(code=(Code(path=path),)), file_list("a/b", "Kitfile"))


def test_symlinks_are_refused_all_at_once_and_only_where_a_layer_would_have_them() -> None:
    files = file_list("a/x", "a/l -> x", "b/m -> y", "c/n -> z")
    kitfile = Kitfile(code=(Code(path="a"),), docs=(Docs(path="b"),))
    with pytest.raises(InvalidInput, match=r"symlinks: “a/l”, “b/m”\.") as caught:
        plan_layers(kitfile, files)
    assert ".kitignore" in caught.value.hint
    many = file_list(*(f"l{number:02} -> x" for number in range(12)))
    with pytest.raises(InvalidInput, match=r"“l09” and 2 more"):
        plan_layers(Kitfile(code=(Code(path="."),)), many)


def test_a_layer_path_that_is_a_symlink_is_refused() -> None:
    with pytest.raises(InvalidInput, match="“model”"):
        plan_layers(Kitfile(model=Model(path="model")), file_list("model -> other"))


def test_an_mcp_bundle_is_refused_by_name() -> None:
    with pytest.raises(InvalidInput, match=r"mcpServers\[0\]"):
        plan_layers(Kitfile(mcp_servers=(McpServer(name="x", path="x.mcpb"),)), file_list("x.mcpb"))


@pytest.mark.parametrize(
    ("path", "cleaned"),
    [("", "."), (".", "."), ("./", "."), ("./a//b/", "a/b"), ("a/../b", "b"), ("a/..", "."), ("../a", "../a"), ("/a/./b", "/a/b")],
)
def test_paths_are_cleaned_as_go_does(path: str, cleaned: str) -> None:
    assert clean(path) == cleaned


@pytest.mark.parametrize(
    ("path", "expected"),
    [("model/w.bin", False), ("ghcr.io/a/b:v1", True), ("base:v1", True), ("C:\\model", False), ("a@b", False), ("Model:v1", False)],
)
def test_a_reference_is_told_from_a_path_by_kits_rule(path: str, *, expected: bool) -> None:
    assert is_reference(path) is expected
