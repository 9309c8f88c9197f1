"""Packing: what kit wrote, written again from a snapshot, without reading the workspace or keeping anything twice."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from jupyter_kit.errors import Cancelled, InvalidInput, NotFound
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model, ModelPart, Package, Prompt
from jupyter_kit.modelkit.packing.pack import PackResult, pack
from jupyter_kit.oci.reference import Reference, parse_references
from jupyter_kit.progress import Silent, Unit
from jupyter_kit.snapshot.history import History
from jupyter_kit.snapshot.records import read_snapshot, reference_reader
from jupyter_kit.snapshot.removal import of_snapshots
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.store.writing.writer import Writer
from tests.modelkit import golden
from tests.snapshot.conftest import Box

TAGGED = parse_references("localhost:5000/team/tiny:v1,latest")


def packed(box: Box, kitfile: Kitfile, references: tuple[Reference, ...] = (), **options: Any) -> PackResult:
    """A ModelKit of the workspace as it is now."""
    snapshot = read_snapshot(box.store, box.snap().id)
    return pack(box.store, snapshot, kitfile, references, cli_version="unknown", **options)


def blob(box: Box, digest: str) -> bytes:
    return box.store.blob(digest.removeprefix("sha256:"))


def manifest(box: Box, result: PackResult) -> dict[str, Any]:
    document = json.loads(blob(box, result.digest))
    assert isinstance(document, dict)
    return document


def test_layers_config_and_manifest_are_kits_byte_for_byte(tiny: Box) -> None:
    result = packed(tiny, golden.kitfile(), TAGGED)
    assert [blob(tiny, layer.digest) for layer in result.layers] == golden.layers("kit-2026")
    assert blob(tiny, result.config.digest) == golden.config("kit-2026")
    assert blob(tiny, result.digest) == golden.manifest("kit-2026")
    assert result.references == ("localhost:5000/team/tiny:v1", "localhost:5000/team/tiny:latest")
    assert tiny.store.references() == dict.fromkeys(result.references, result.digest.removeprefix("sha256:"))


def test_the_first_generation_has_the_same_layers_and_config(tiny: Box) -> None:
    result = packed(tiny, golden.kitfile())
    assert [blob(tiny, layer.digest) for layer in result.layers] == golden.layers("kit-2025")
    assert blob(tiny, result.config.digest) == golden.config("kit-2025")


def test_the_published_vector(box: Box) -> None:
    box.write({"model/w.bin": b"hello\n"})
    (box.folder / "model").chmod(0o755)
    kitfile = Kitfile("1.0.0", Package(name="demo"), Model(name="m", path="./model/w.bin"))
    snapshot = read_snapshot(box.store, box.snap().id)
    result = pack(box.store, snapshot, kitfile, cli_version="1.11.0")
    assert (result.config.size, result.config.digest) == (263, "sha256:7d5cba655f01adcd9a808f704fc54a63ef03314eb435dc3b4bc7be8a7c644d39")
    assert (result.size, result.digest) == (532, "sha256:a440d80aa59eea42fa18b1c7f402682a5bfc779bbb5c4a67f0cb5450c9d68ab7")


@pytest.mark.parametrize(("compression", "fastest"), [("gzip", 0), ("gzip-fastest", 4)])
def test_gzip_layers_hold_what_kits_hold(tiny: Box, compression: str, fastest: int) -> None:
    result = packed(tiny, golden.kitfile(), compression=compression)
    theirs = golden.layers("kit-2026-gzip")
    for layer, other in zip(result.layers, theirs, strict=True):
        data = blob(tiny, layer.digest)
        assert gzip.decompress(data) == gzip.decompress(other)
        assert layer.diff_id == "sha256:" + hashlib.sha256(gzip.decompress(other)).hexdigest()
        assert data[:8] + data[9:10] == other[:8] + other[9:10]
        assert data[8] == fastest
        assert layer.size == len(data)
    assert [layer.media_type for layer in result.layers] == [
        layer["mediaType"] for layer in json.loads(golden.manifest("kit-2026-gzip"))["layers"]
    ]
    diff_ids = [entry["diffId"] for entry in json.loads(golden.config("kit-2026-gzip"))["datasets"]]
    assert [entry.diff_id for entry in result.kitfile.datasets] == diff_ids
    assert packed(tiny, golden.kitfile(), compression=compression).digest == result.digest


def test_a_layer_that_was_compressed_before_is_not_compressed_again(tiny: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    first = packed(tiny, golden.kitfile(), compression="gzip")
    fastest = packed(tiny, golden.kitfile(), compression="gzip-fastest")
    assert [layer.digest for layer in fastest.layers] != [layer.digest for layer in first.layers]

    def refuse(*_: object) -> None:
        raise AssertionError("compressed again")

    monkeypatch.setattr("jupyter_kit.modelkit.packing.pack.Gzipped", refuse)
    again = packed(tiny, golden.kitfile(), compression="gzip")
    assert (again.digest, again.new_bytes) == (first.digest, 0)
    tiny.write({"docs/more.md": b"more\n"})
    with pytest.raises(AssertionError, match="compressed again"):
        packed(tiny, golden.kitfile(), compression="gzip")


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_a_layer_that_was_pruned_is_made_again(tiny: Box, compression: str) -> None:
    first = packed(tiny, golden.kitfile(), compression=compression)
    with tiny.store.writer() as writer, writer.transaction() as transaction:
        for layer in first.layers:
            transaction.delete(Table.BLOBS, bytes.fromhex(layer.digest.removeprefix("sha256:")))
    assert packed(tiny, golden.kitfile(), compression=compression).digest == first.digest
    assert blob(tiny, first.layers[0].digest)


def test_a_modelpack_is_kits_but_for_its_time_and_correct_diff_ids(tiny: Box) -> None:
    theirs = json.loads(golden.config("kit-2026-modelpack"))
    result = packed(tiny, golden.kitfile(), modelpack=True, created=theirs["descriptor"]["createdAt"])
    ours = blob(tiny, result.config.digest)
    layers = golden.layers("kit-2026-modelpack")
    theirs["modelfs"]["diffIds"] = ["sha256:" + hashlib.sha256(layer).hexdigest() for layer in layers]
    assert ours == json.dumps(theirs, separators=(",", ":")).encode()
    expected = json.loads(golden.manifest("kit-2026-modelpack"))
    expected["config"] = {"mediaType": expected["config"]["mediaType"], "digest": result.config.digest, "size": result.config.size}
    assert blob(tiny, result.digest) == json.dumps(expected, separators=(",", ":")).encode()


def test_a_modelpack_of_one_snapshot_is_always_the_same_and_tells_the_snapshots_time(tiny: Box) -> None:
    snapshot = read_snapshot(tiny.store, tiny.snap().id)
    first, second = (pack(tiny.store, snapshot, golden.kitfile(), cli_version="1", modelpack=True) for _ in range(2))
    assert first.digest == second.digest
    assert json.loads(blob(tiny, first.config.digest))["descriptor"]["createdAt"] == snapshot.created


def test_the_licences_of_a_modelpack_are_all_that_are_named(box: Box) -> None:
    box.write({"m": b"1", "p": b"2", "c": b"3", "d": b"4"})
    kitfile = Kitfile(
        package=Package(license="MIT"),
        model=Model(path="m", license="Apache-2.0", format="onnx", parts=(ModelPart(path="p", license="MIT"),)),
        code=(Code(path="c", license="BSD-3-Clause"),),
        datasets=(Dataset(path="d", license="CC0-1.0"),),
    )
    config = json.loads(blob(box, packed(box, kitfile, modelpack=True).config.digest))
    assert config["descriptor"]["licenses"] == ["Apache-2.0", "BSD-3-Clause", "CC0-1.0", "MIT"]
    assert config["config"] == {"format": "onnx"}


def test_a_prompt_is_a_code_layer_that_says_so(box: Box) -> None:
    box.write({"agents.md": b"Be kind."})
    (layer,) = manifest(box, packed(box, Kitfile(prompts=(Prompt(path="./agents.md"),))))["layers"]
    assert layer["mediaType"] == "application/vnd.kitops.modelkit.code.v1.tar"
    assert list(layer["annotations"].items()) == [("ml.kitops.modelkit.layer-subtype", "prompt"), ("org.cncf.model.filepath", "agents.md")]


def test_a_modelkit_without_layers_says_null(box: Box) -> None:
    assert b'"layers":null' in blob(box, packed(box, Kitfile("1.0.0")).digest)


def test_a_modelkit_without_a_name_is_found_by_its_digest(tiny: Box) -> None:
    result = packed(tiny, golden.kitfile())
    assert result.references == (f"localhost/_@{result.digest}",)
    assert tiny.store.references() == {result.references[0]: result.digest.removeprefix("sha256:")}


def test_a_reference_without_a_tag_is_latest_and_one_with_a_digest_is_refused(tiny: Box) -> None:
    assert packed(tiny, golden.kitfile(), (Reference("localhost", "tiny"),)).references == ("localhost/tiny:latest",)
    with pytest.raises(InvalidInput, match="digest"):
        packed(tiny, golden.kitfile(), (Reference("localhost", "tiny", digest="sha256:" + "0" * 64),))


def test_the_workspace_is_not_read(tiny: Box) -> None:
    snapshot = read_snapshot(tiny.store, tiny.snap().id)
    for place in ("model", "src", "data", "docs"):
        shutil.rmtree(tiny.folder / place)
    result = pack(tiny.store, snapshot, golden.kitfile(), cli_version="unknown")
    assert blob(tiny, result.digest) == golden.manifest("kit-2026")


def test_no_content_is_kept_twice(box: Box) -> None:
    content = hashlib.shake_128(b"weights").digest(4 << 20)
    box.write({"model.bin": content})
    box.snap()
    before = sum(place.stat().st_size for place in box.store.segments.iterdir())
    result = packed(box, Kitfile(model=Model(path="model.bin")))
    assert sum(place.stat().st_size for place in box.store.segments.iterdir()) - before < len(content) // 100
    assert (result.bytes, result.new_bytes) == (len(content) + 1536, 1536)
    assert packed(box, Kitfile(model=Model(path="model.bin"))).new_bytes == 0


def test_a_layer_that_did_not_change_is_not_read_again(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    kitfile = Kitfile(model=Model(path="model.bin"), code=(Code(path="train.py"),))
    box.write({"model.bin": bytes(1 << 20), "train.py": b"1"})
    first = packed(box, kitfile)
    box.write({"train.py": b"2"})
    model = box.entries(box.snap().id)["model.bin"].root
    chunks = {chunk for chunk, _ in box.store.chunk_ids(model)}
    met: list[bytes] = []
    content = box.store.chunks.content

    def counted(identity: bytes, *others: Any, **named: Any) -> bytes:
        met.append(identity)
        return content(identity, *others, **named)

    monkeypatch.setattr(box.store.chunks, "content", counted)
    second = packed(box, kitfile)
    assert second.layers[0] == replace(first.layers[0], new_bytes=0)
    assert second.layers[1].digest != first.layers[1].digest
    assert not chunks & set(met)


def test_a_layer_that_did_not_change_is_not_put_together_again(tiny: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    first = packed(tiny, golden.kitfile())

    def refuse(*_: object) -> None:
        raise AssertionError("put together again")

    monkeypatch.setattr(Writer, "compose", refuse)
    again = packed(tiny, golden.kitfile())
    assert (again.digest, again.bytes, again.new_bytes) == (first.digest, first.bytes, 0)


def test_the_references_and_the_event_are_one_step(tiny: Box) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("no event, no ModelKit")

    with pytest.raises(RuntimeError, match="no event"):
        packed(tiny, golden.kitfile(), TAGGED, record=fail)
    assert tiny.store.references() == {}
    told: list[tuple[str, ...]] = []
    result = packed(tiny, golden.kitfile(), TAGGED, record=lambda transaction, ids: told.append(ids))
    assert told == [(result.digest,)]


def test_a_packed_modelkit_outlives_its_snapshot_in_prune_and_check(tiny: Box) -> None:
    result = packed(tiny, golden.kitfile(), TAGGED)
    shutil.rmtree(tiny.folder / "model")
    tiny.snap()
    going = of_snapshots(tiny.store, History(tiny.store), [result.snapshot])
    with tiny.store.exclusive():
        sweep = plan_sweep(tiny.store, reference_reader(tiny.store), going.ids)
        apply_sweep(tiny.store, sweep, going.carry_out, Silent())
    report, _ = check(tiny.store, reference_reader(tiny.store), Silent())
    assert report.ok
    assert result.snapshot not in tiny.store.snapshot_ids()
    assert blob(tiny, result.digest) == golden.manifest("kit-2026")
    assert [blob(tiny, layer.digest) for layer in result.layers] == golden.layers("kit-2026")


def test_layers_of_parents_are_in_no_layer_of_the_child(box: Box) -> None:
    box.write({"base/w.bin": b"1", "adapter.bin": b"2", "run.py": b"3"})
    parents = {
        "ghcr.io/team/base:v1": Kitfile(model=Model(path="ghcr.io/team/root:v1"), code=(Code(path="run.py"),)),
        "ghcr.io/team/root:v1": Kitfile(model=Model(path="./base")),
    }
    kitfile = Kitfile(model=Model(path="ghcr.io/team/base:v1"), code=(Code(path="."),))
    result = packed(box, kitfile, parent=parents.__getitem__)
    (layer,) = result.layers
    assert b"adapter.bin" in blob(box, layer.digest)
    assert b"w.bin" not in blob(box, layer.digest)
    assert b"run.py" not in blob(box, layer.digest)
    assert json.loads(blob(box, result.config.digest))["model"] == {"path": "ghcr.io/team/base:v1"}


@pytest.mark.parametrize(
    ("parent", "problem"),
    [(lambda text: Kitfile(model=Model(path=text)), "circle"), (lambda text: Kitfile(model=Model(path=f"{text}x")), "longer than 10")],
)
def test_parents_without_end_are_refused(box: Box, parent: Callable[[str], Kitfile], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        packed(box, Kitfile(model=Model(path="base:v")), parent=parent)


def test_nothing_is_packed_where_a_path_is_missing(box: Box) -> None:
    box.write({"a": b"1"})
    with pytest.raises(NotFound, match="“b”"):
        packed(box, Kitfile(code=(Code(path="a"),), model=Model(path="b")), TAGGED)
    assert box.store.references() == {}


class Told(Silent):
    """Remembers how much it was told of."""

    def __init__(self) -> None:
        self.total = self.done = 0

    def begin(self, phase: str, *, total: int | None = None, unit: Unit = "bytes") -> None:
        self.total = total or 0

    def advance(self, amount: int, *, path: str | None = None) -> None:
        self.done += amount


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_progress_tells_every_byte_of_content_the_first_time_and_again(tiny: Box, compression: str) -> None:
    for _ in range(2):
        progress = Told()
        packed(tiny, golden.kitfile(), compression=compression, progress=progress)
        assert progress.done == progress.total > 0


@pytest.mark.parametrize("compression", ["none", "gzip"])
def test_cancelled_it_leaves_no_reference(tiny: Box, compression: str) -> None:
    class Stopped(Told):
        def advance(self, amount: int, *, path: str | None = None) -> None:
            if amount:
                raise Cancelled("The user said stop.")

    with pytest.raises(Cancelled):
        packed(tiny, golden.kitfile(), TAGGED, compression=compression, progress=Stopped())
    assert tiny.store.references() == {}
