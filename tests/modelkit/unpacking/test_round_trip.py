"""What is packed and unpacked again is what it was, through the store, whatever it was called and however it was compressed."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model, Prompt
from jupyter_kit.modelkit.modelkit import ModelKit, read_modelkit
from jupyter_kit.modelkit.packing.pack import Compression
from jupyter_kit.modelkit.unpacking.unpack import Unpacking
from jupyter_kit.modelkit.yaml.writing import write_yaml
from jupyter_kit.oci.reference import Reference
from jupyter_kit.store.blobs import Blobs
from tests.modelkit import golden
from tests.modelkit.packing.test_pack import packed
from tests.snapshot.conftest import Box, boxed, on_disk
from tests.snapshot.strategies import trees


def taken_along(box: Box, out: Path, kitfile: Kitfile, compression: Compression = "none", *, modelpack: bool = False) -> ModelKit:
    """Pack the workspace, and unpack that elsewhere."""
    packed(box, kitfile, (Reference("localhost", "taken", "along"),), compression=compression, modelpack=modelpack)
    place = Blobs(box.store, "localhost/taken")
    modelkit = read_modelkit(place, "along")
    Unpacking(place, modelkit, out).apply()
    return modelkit


@given(tree=trees(), compression=st.sampled_from(["none", "none", "gzip-fastest"]), modelpack=st.booleans())
@hypothesis_settings(max_examples=25)
def test_every_tree_comes_back(tree: dict[str, bytes | str | None], compression: Compression, *, modelpack: bool) -> None:
    with tempfile.TemporaryDirectory() as place, boxed(Path(place) / "work") as box:
        box.write({path: content for path, content in tree.items() if not isinstance(content, str)})
        out = Path(place) / "out"
        taken_along(box, out, Kitfile("1.0.0", code=(Code(path="."),)), compression, modelpack=modelpack)
        (out / "Kitfile").unlink()
        kept = box.entries(box.snap().id)
        expected = {
            path: found for path, found in on_disk(box.folder).items() if path in kept or any(each.startswith(f"{path}/") for each in kept)
        }
        assert on_disk(out) == expected


@pytest.mark.parametrize("compression", ["none", "gzip"])
@pytest.mark.parametrize("modelpack", [False, True])
def test_a_project_comes_back_with_its_kitfile(tiny: Box, tmp_path: Path, compression: Compression, *, modelpack: bool) -> None:
    modelkit = taken_along(tiny, tmp_path / "out", golden.kitfile(), compression, modelpack=modelpack)
    expected = on_disk(tiny.folder)
    for own in (".kitignore", "src/link.py"):
        del expected[own]
    expected["Kitfile"] = (0o644, write_yaml(golden.kitfile()))
    assert on_disk(tmp_path / "out") == expected
    assert modelkit.format == ("modelpack" if modelpack else "modelkit")
    assert [layer.path for layer in modelkit.layers if layer.name == "datasets[1]"] == ["./data/eval.csv"]


def test_layers_of_prompts_and_of_one_content_twice_come_back(box: Box, tmp_path: Path) -> None:
    box.write({"a/same": b"1", "agents.md": b"Be kind.", "b.csv": b"", "m": b"", "m2": b"x" * 300_000})
    kitfile = Kitfile(model=Model(path="m2"), prompts=(Prompt(path="agents.md"),), datasets=(Dataset(path="b.csv"), Dataset(path="a")))
    modelkit = taken_along(box, tmp_path / "out", kitfile)
    assert [layer.name for layer in modelkit.layers] == ["model", "datasets[0]", "datasets[1]", "prompts[0]"]
    assert on_disk(tmp_path / "out").keys() == {"Kitfile", "a", "a/same", "agents.md", "b.csv", "m2"}
