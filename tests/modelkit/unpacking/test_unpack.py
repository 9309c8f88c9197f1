"""Unpacking: all of it or nothing, from every generation of kit."""

from __future__ import annotations

import gzip
import os
import signal
import stat
import subprocess
import sys
import tarfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import zstandard

from jupyter_kit.errors import Conflict, ContentCorrupt, InvalidInput, KitError
from jupyter_kit.modelkit.kitfile import Code, Dataset, Docs, Kitfile, Model, ModelPart, entries, to_json, with_entries
from jupyter_kit.modelkit.layer_types import CNCF_CONFIG, CNCF_MANIFEST, FILE_METADATA, FILEPATH, KIT_CONFIG
from jupyter_kit.modelkit.modelkit import ModelKit, read_modelkit
from jupyter_kit.modelkit.unpacking.filters import parse_filter
from jupyter_kit.modelkit.unpacking.plan import UnpackPlan
from jupyter_kit.modelkit.unpacking.unpack import Unpacking
from jupyter_kit.modelkit.yaml.reading import read_yaml
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.target import Target
from jupyter_kit.registry.layout import Layout
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.store import Store
from tests.modelkit import golden
from tests.modelkit.shelf import Shelf, entry, tar, tree
from tests.modelkit.unpacking.conftest import CODE, MODEL, one_layer, unpack, unpacking


def in_the_store(folder: Path) -> Target:
    return Blobs(Store.create(folder / "store"), "localhost/tiny")


def in_a_layout(folder: Path) -> Target:
    return Layout(folder / "layout")


@pytest.mark.parametrize("make", [in_the_store, in_a_layout])
@pytest.mark.parametrize("name", ["kit-2025", "kit-2026", "kit-2026-gzip", "kit-2026-modelpack"])
def test_every_generation_unpacks_from_every_place_to_the_project_that_was_packed(
    shelf: Shelf, out: Path, tmp_path: Path, name: str, make: Callable[[Path], Target]
) -> None:
    shelf.put_golden(name)
    place = make(tmp_path)
    descriptor = shelf.resolve(name)
    for child in (*read_modelkit(shelf, name).manifest.children, descriptor):
        place.push(child, lambda start, child=child: shelf.fetch(child, start))  # type: ignore[misc]
    place.tag(descriptor, "v1")
    Unpacking(place, read_modelkit(place, "v1"), out).apply()
    with tarfile.open(golden.GOLDEN / "tiny-project.tar") as archive:
        archive.extractall(tmp_path / "project", filter="tar")
    (tmp_path / "project/src/link.py").unlink()
    kitfile = (out / "Kitfile").read_bytes()
    (out / "Kitfile").unlink()
    (tmp_path / "project/Kitfile").unlink()
    assert tree(out) == tree(tmp_path / "project")
    assert read_yaml(kitfile) == golden.kitfile()
    assert stat.S_IMODE((out / "src/train.py").stat().st_mode) == 0o755


def test_a_plan_says_everything_and_writes_nothing(shelf: Shelf, out: Path) -> None:
    shelf.put_golden("kit-2026")
    plan = unpacking(shelf, "kit-2026", out, "docs").plan()
    assert isinstance(plan, UnpackPlan)
    assert [(step.action, step.path, step.exists) for step in plan.steps] == [
        ("folder", "docs", False),
        ("write", "README.md", False),
        ("write", "docs/usage.md", False),
    ]
    assert (plan.written, plan.bytes) == (2, 13)
    assert plan.layers == ("docs[0] of shelf:kit-2026", "docs[1] of shelf:kit-2026")
    assert not out.exists()


@pytest.mark.parametrize(
    ("filters", "files"),
    [
        (["model"], {"model/weights.bin", "model/tokenizer.json"}),
        (["model:tokenizer"], {"model/tokenizer.json"}),
        (["datasets:train,eval", "docs:README.md"], {"data/train/part1.csv", "data/eval.csv", "README.md"}),
        (["datasets:data/eval.csv"], {"data/eval.csv"}),  # cleaned, where kit wants ./data/eval.csv
        (["datasets:./data/eval.csv"], {"data/eval.csv"}),
        (["datasets,docs:*README*"], {"README.md"}),
        (["code,kitfile"], {"Kitfile", "src/train.py"}),
        (["datasets:nothing"], set()),
    ],
)
def test_filters_choose_layers(shelf: Shelf, out: Path, filters: list[str], files: set[str]) -> None:
    shelf.put_golden("kit-2026")
    unpack(shelf, "kit-2026", out, *filters)
    assert {path for path, content in tree(out).items() if content is not None} == files


@pytest.mark.parametrize("text", ["", "models", "model:", "model:a:b", "docs:a,,b", "model,what"])
def test_what_is_no_filter_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no filter"):
        parse_filter(text)


def test_files_that_exist_are_an_error_before_anything_is_written(shelf: Shelf, out: Path) -> None:
    shelf.put_golden("kit-2026")
    (out / "src").mkdir(parents=True)
    (out / "src/train.py").write_text("mine")
    with pytest.raises(Conflict, match=r"src/train\.py"):
        unpack(shelf, "kit-2026", out)
    assert tree(out) == {"src": None, "src/train.py": b"mine"}


def test_files_that_exist_are_replaced_or_ignored_as_asked(shelf: Shelf, out: Path) -> None:
    shelf.put_golden("kit-2026")
    (out / "src").mkdir(parents=True)
    (out / "src/train.py").write_text("mine")
    (out / "own").write_text("stays")
    unpack(shelf, "kit-2026", out, existing="ignore")
    assert (out / "src/train.py").read_text() == "mine"
    (out / "README.md").write_text("changed")
    unpack(shelf, "kit-2026", out, existing="overwrite")
    assert (out / "src/train.py").read_bytes() == b'print("hi")\n'
    assert (out / "README.md").read_bytes() == b"# readme\n"
    assert (out / "own").read_text() == "stays"


def test_an_equal_kitfile_is_no_conflict_and_another_is_even_where_files_are_ignored(shelf: Shelf, out: Path) -> None:
    shelf.put_golden("kit-2026")
    unpack(shelf, "kit-2026", out, "kitfile")
    unpack(shelf, "kit-2026", out, "kitfile", "docs")
    (out / "Kitfile").write_text("manifestVersion: 1.0.0\n")
    with pytest.raises(Conflict, match="Kitfile"):
        unpack(shelf, "kit-2026", out, "kitfile", existing="ignore")


@pytest.mark.parametrize("existing", ["error", "overwrite"])
def test_something_else_in_the_place_of_a_file_or_folder_is_a_conflict(shelf: Shelf, out: Path, existing: str) -> None:
    shelf.put_golden("kit-2026")
    out.mkdir(parents=True)
    (out / "docs").write_text("a file")
    with pytest.raises(Conflict, match="“docs” would have to be a folder"):
        unpack(shelf, "kit-2026", out, existing=existing)
    (out / "docs").unlink()
    (out / "README.md").symlink_to("elsewhere")
    with pytest.raises(Conflict, match=r"“README\.md” is no file"):
        unpack(shelf, "kit-2026", out, existing=existing)


def test_nothing_is_written_through_a_symlinked_folder(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    shelf.put_golden("kit-2026")
    (tmp_path / "outside").mkdir()
    out.mkdir(parents=True)
    (out / "src").symlink_to(tmp_path / "outside")
    with pytest.raises(Conflict, match="“src”"):
        unpack(shelf, "kit-2026", out, existing="overwrite")
    assert tree(tmp_path / "outside") == {}
    assert tree(out).keys() == {"src"}


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_other_tools_unpack(shelf: Shelf, out: Path, form: int) -> None:
    long = "d" * 90 + "/" + "f" * 90
    names = [("a/b", b"1"), ("./c", b""), (long, b"2")]
    if form != tarfile.USTAR_FORMAT:
        names += [("é" * 80, b"3"), ("x" * 150, b"4")]
    one_layer(shelf, tar(entry("a/", tarfile.DIRTYPE, mode=0o755), *names, form=form))
    unpack(shelf, "x", out, "code")
    found = tree(out)
    assert {path: content for path, content in found.items() if content is not None} == {
        name.removeprefix("./"): content for name, content in names
    }


@pytest.mark.parametrize("compress", [lambda data: gzip.compress(data[:700]) + gzip.compress(data[700:]), gzip.compress])
def test_gzip_in_several_members_is_one_content(shelf: Shelf, out: Path, compress: Callable[[bytes], bytes]) -> None:
    one_layer(shelf, compress(tar(("a", b"x" * 2000))), CODE + "+gzip")
    unpack(shelf, "x", out, "code")
    assert (out / "a").read_bytes() == b"x" * 2000


@pytest.mark.parametrize("frames", [1, 3])
def test_zstd_unpacks_and_is_refused_where_it_is_cut_off(shelf: Shelf, out: Path, frames: int) -> None:
    data = tar(("a", os.urandom(9000)))
    step = len(data) // frames + 1
    stored = b"".join(zstandard.compress(data[start : start + step]) for start in range(0, len(data), step))
    one_layer(shelf, stored[:-5], CODE + "+zstd")
    with pytest.raises(ContentCorrupt, match="too early"):
        unpack(shelf, "x", out, "code")
    one_layer(shelf, stored, CODE + "+zstd")
    unpack(shelf, "x", out, "code")
    assert (out / "a").stat().st_size == 9000


@pytest.mark.parametrize(("ending", "store"), [("", bytes), ("+gzip", gzip.compress), ("+zstd", zstandard.compress)])
def test_a_raw_layer_is_its_file(shelf: Shelf, out: Path, ending: str, store: Callable[[bytes], bytes]) -> None:
    metadata = '{"name":"w.bin","mode":493,"uid":0,"gid":0,"size":7,"mtime":"2026-01-31T12:00:00Z","typeflag":0}'
    layer = shelf.put(store(b"content"), MODEL.replace(".tar", ".raw") + ending, {FILEPATH: "m/w.bin", FILE_METADATA: metadata})
    shelf.put_kit("x", Kitfile(model=Model(path="./m/w.bin")), [layer])
    unpack(shelf, "x", out)
    assert (out / "m/w.bin").read_bytes() == b"content"
    assert stat.S_IMODE((out / "m/w.bin").stat().st_mode) == 0o755


def test_data_that_lies_elsewhere_is_named(shelf: Shelf, out: Path) -> None:
    kitfile = Kitfile(datasets=(Dataset(path="big", remote_path="s3://bucket/key"),))
    shelf.put_manifest("x", shelf.put(to_json(kitfile), KIT_CONFIG), None)
    assert [(each.path, each.reason) for each in unpacking(shelf, "x", out).plan().skipped] == [
        ("big", "data that lies at s3://bucket/key")
    ]
    assert unpacking(shelf, "x", out, "model").plan().skipped == ()


def test_one_layer_for_two_entries_is_unpacked_once_and_raw_ones_each_where_they_belong(shelf: Shelf, out: Path) -> None:
    one = shelf.put(tar(("a", b"1")), CODE)
    raw = [shelf.put(b"2", MODEL.replace("model.v1.tar", "modelpart.v1.raw"), {FILEPATH: path}) for path in ("x", "y")]
    kitfile = Kitfile(model=Model(parts=(ModelPart(path="x"), ModelPart(path="y"))), code=(Code(path="./a"), Code(path="a")))
    digests = ["", raw[0].digest, raw[1].digest, one.digest, one.digest]
    named = [replace(each, digest=digest) for (_, each), digest in zip(entries(kitfile), digests, strict=True)]
    config = with_entries(kitfile, named)
    shelf.put_manifest("x", shelf.put(to_json(config), KIT_CONFIG), [*raw, one, one])
    unpack(shelf, "x", out, "code,model")
    assert tree(out) == {"a": b"1", "x": b"2", "y": b"2"}


def test_a_kit_from_before_digests_unpacks_under_the_folder_of_its_layer(shelf: Shelf, out: Path) -> None:
    kitfile = Kitfile(model=Model(path="deep/model"), datasets=(Dataset(path="one.csv"), Dataset(path="d/two.csv")))
    dataset = CODE.replace("code", "dataset")
    layers = [
        shelf.put(tar(entry("model", tarfile.DIRTYPE, mode=0o755), ("model/w", b"w")), MODEL),
        shelf.put(tar(("one.csv", b"1")), dataset),
        shelf.put(tar(("two.csv", b"2")), dataset),
    ]
    shelf.put_kit("old", kitfile, layers, digests=False)
    unpack(shelf, "old", out, "model,datasets")
    assert {path: content for path, content in tree(out).items() if content} == {"deep/model/w": b"w", "one.csv": b"1", "d/two.csv": b"2"}


def test_a_modelpack_without_a_kitfile_unpacks_by_its_annotations_and_gets_none(shelf: Shelf, out: Path) -> None:
    weight, doc = "application/vnd.cncf.model.weight.v1", "application/vnd.cncf.model.doc.v1.tar"
    layers = [
        shelf.put(b"one", f"{weight}.raw", {FILEPATH: "m/1.safetensors"}),
        shelf.put(b"two", f"{weight}.raw", {FILEPATH: "m/2.safetensors"}),
        shelf.put(tar(("README.md", b"doc")), doc, {FILEPATH: "README.md"}),
        shelf.put(b"?", "application/vnd.example.unknown", {}),
    ]
    shelf.put_manifest("pack", shelf.put(b"{}", CNCF_CONFIG), layers, artifactType=CNCF_MANIFEST)
    plan = unpack(shelf, "pack", out).plan
    assert {path: content for path, content in tree(out).items() if content} == {
        "m/1.safetensors": b"one",
        "m/2.safetensors": b"two",
        "README.md": b"doc",
    }
    assert [(each.path, each.reason) for each in plan.skipped] == [
        ("layers[3]", "a layer of the unknown type application/vnd.example.unknown")
    ]


def child_of(shelf: Shelf, name: str, parent: str, parts: str = "", *layers: Descriptor) -> None:
    """A ModelKit whose model is another's."""
    config = b'{"manifestVersion":"1.0.0","package":{},"model":{"path":"shelf/%s:v1"%s}}' % (parent.encode(), parts.encode())
    shelf.put_manifest(name, shelf.put(config, KIT_CONFIG), layers)


def test_the_models_of_parents_come_first_and_only_their_models(shelf: Shelf, out: Path) -> None:
    files = [shelf.put(tar(("w", b"w")), MODEL), shelf.put(tar(("d", b"d")), CODE.replace("code", "docs"))]
    shelf.put_kit("root", Kitfile(model=Model(path="w"), docs=(Docs(path="d"),)), files)
    part = shelf.put(tar(("p", b"p")), MODEL.replace("model.v1", "modelpart.v1"))
    child_of(shelf, "base", "root", f',"parts":[{{"path":"p","digest":"{part.digest}"}}]', part)
    child_of(shelf, "child", "base")
    with pytest.raises(InvalidInput, match="shelf/base:v1"):
        unpacking(shelf, "child", out)

    def parent(reference: str) -> tuple[Shelf, ModelKit]:
        return shelf, read_modelkit(shelf, reference.removeprefix("shelf/").removesuffix(":v1"))

    plan = unpack(shelf, "child", out, parent=parent).plan
    assert plan.layers == ("model of shelf:root", "model.parts[0] of shelf:base")
    assert tree(out).keys() == {"Kitfile", "w", "p"}
    assert unpacking(shelf, "child", out, "docs", parent=parent).plan().steps == ()


def test_parents_in_a_circle_are_refused(shelf: Shelf, out: Path) -> None:
    child_of(shelf, "x", "x")
    with pytest.raises(InvalidInput, match="circle"):
        unpacking(shelf, "x", out, parent=lambda _: (shelf, read_modelkit(shelf, "x")))


def test_contents_of_a_layer_that_is_only_looked_at_are_jumped_over(shelf: Shelf, out: Path) -> None:
    one_layer(shelf, tar(("big", bytes(20 << 20)), ("after", b"1")))
    before = shelf.fetched
    assert len(unpacking(shelf, "x", out, "code").plan().steps) == 2
    assert shelf.fetched - before < 1 << 16


def test_a_folder_without_permission_is_told_before_anything_is_written(shelf: Shelf, unprivileged: Callable[[], Path]) -> None:
    shelf.put_golden("kit-2026")
    home = unprivileged()
    (home / "src").mkdir()
    (home / "src").chmod(0o555)
    with pytest.raises(KitError, match="src"):
        unpack(shelf, "kit-2026", home)
    assert tree(home) == {"src": None}


KILLED = """
import os, sys
from pathlib import Path
from jupyter_kit.snapshot.disk import Disk
from tests.modelkit.shelf import Shelf
from tests.modelkit.unpacking.conftest import unpack
left = int(sys.argv[2])
move = Disk.move
def die(self, number, path):
    global left
    if left == 0:
        os.kill(os.getpid(), 9)
    left -= 1
    move(self, number, path)
Disk.move = die
shelf = Shelf()
shelf.put_golden("kit-2026")
unpack(shelf, "kit-2026", Path(sys.argv[1]))
"""


@pytest.mark.parametrize("moves", [0, 3])
def test_killed_half_way_it_leaves_whole_files_and_finishes_when_run_again(shelf: Shelf, out: Path, moves: int) -> None:
    shelf.put_golden("kit-2026")
    died = subprocess.run([sys.executable, "-c", KILLED, str(out), str(moves)], check=False, cwd=Path(__file__).parents[3])
    assert died.returncode == -signal.SIGKILL
    there = {path: content for path, content in tree(out).items() if content is not None and not path.startswith(".kit-")}
    assert len(there) == moves
    unpack(shelf, "kit-2026", out, existing="overwrite")
    found = tree(out)
    assert there.items() <= found.items()
    assert not any(path.startswith(".kit-") for path in found)
    assert len(found) == 14
