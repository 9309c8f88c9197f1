"""A snapshot is packed by its own Kitfile, or by one that fits it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from jupyter_kit.errors import InvalidInput, Kind
from jupyter_kit.modelkit.inference.proposal import Proposal, propose_kitfile
from jupyter_kit.modelkit.kitfile import KITFILE_BYTES_MAX, Code, Dataset, Docs, Kitfile, Model, ModelPart, Package
from jupyter_kit.modelkit.packing.pack import pack
from jupyter_kit.snapshot.records import read_snapshot
from jupyter_kit.snapshot.snapshot import Skipped
from tests.modelkit import golden
from tests.snapshot.conftest import Box


def proposed(box: Box, **options: object) -> Proposal:
    """The Kitfile for the workspace as it is now."""
    return propose_kitfile(box.store, read_snapshot(box.store, box.snap(**options).id))


def test_its_own_kitfile_is_used_as_it_is_and_packs_as_kit_packs_it(tiny: Box) -> None:
    found = proposed(tiny)
    assert (found.path, found.left_out) == ("Kitfile", ())
    snapshot = read_snapshot(tiny.store, tiny.snap().id)
    packed = pack(tiny.store, snapshot, found.kitfile, cli_version="unknown")
    assert tiny.store.blob(packed.config.digest.removeprefix("sha256:")) == golden.config("kit-2026")
    assert tiny.store.blob(packed.digest.removeprefix("sha256:")) == golden.manifest("kit-2026")


def test_without_one_it_is_inferred_and_packs(tiny: Box) -> None:
    (tiny.folder / "Kitfile").unlink()
    found = proposed(tiny, metrics={"accuracy": 0.5})
    assert found.path is None
    assert found.kitfile == Kitfile(
        "1.0.0",
        Package(tiny.folder.name, authors=("Ada",)),
        Model(
            tiny.folder.name,
            "model/weights.bin",
            parts=(ModelPart("tokenizer", "model/tokenizer.json", type="tokenizer"),),
            parameters={"metrics": {"accuracy": 0.5}},
        ),
        (Code("src"),),
        (Dataset("eval", "data/eval.csv"), Dataset("train", "data/train")),
        (Docs("README.md"), Docs("docs")),
    )
    assert found.left_out == (Skipped(".kitignore", "travels as the Kitfile, or tells what to leave out"),)
    packed = pack(tiny.store, read_snapshot(tiny.store, tiny.snap().id), found.kitfile, cli_version="unknown")
    assert [layer.path for layer in packed.layers] == [
        *("model/weights.bin", "model/tokenizer.json", "src", "data/eval.csv", "data/train", "README.md", "docs")
    ]


def test_what_is_wrong_with_its_own_is_told_with_its_name(tiny: Box) -> None:
    (tiny.folder / "Kitfile").rename(tiny.folder / ".kitfile")
    (tiny.folder / ".kitfile").write_text("code:\n  - path: ../x\n")
    with pytest.raises(InvalidInput, match=r"^\.kitfile, line 2: code\[0\] has the path “\.\./x”, which is outside") as caught:
        proposed(tiny)
    assert caught.value.kind is Kind.INVALID_KITFILE


def test_a_kitfile_that_is_too_large_is_not_read_to_its_end(tiny: Box) -> None:
    (tiny.folder / "Kitfile").write_bytes(b"#" * (KITFILE_BYTES_MAX * 2))
    with pytest.raises(InvalidInput, match="is larger than 4 MiB"):
        proposed(tiny)


def test_a_kitfile_that_is_a_symlink_is_refused(tiny: Box) -> None:
    (tiny.folder / "Kitfile").rename(tiny.folder / "other")
    tiny.write({"Kitfile": "other"})
    with pytest.raises(InvalidInput, match="Kitfile is a symlink"):
        proposed(tiny)


def test_an_empty_workspace_has_a_kitfile(box: Box) -> None:
    found = proposed(box)
    assert replace(found.kitfile, package=Package()) == Kitfile("1.0.0")
    assert json.loads(json.dumps(found.left_out)) == []
