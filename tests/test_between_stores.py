"""A ModelKit on its way from one store to another: packed here, pulled there, where the files are known already."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import NotFound
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model
from jupyter_kit.modelkit.packing.pack import pack
from jupyter_kit.oci.manifest import Manifest, decode
from jupyter_kit.oci.reference import parse_reference
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.capture import capture
from jupyter_kit.snapshot.records import read_snapshot, reference_reader
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.store import Store
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.upkeep.prune import apply_sweep, plan_sweep
from jupyter_kit.transfer import copy
from tests.store.keeping import chunk_rows, noise, notebook

FILES = {
    "weights.bin": noise(1, 3_000_000),
    "run.ipynb": notebook(2),
    "data/a.csv": b"".join(b"%d,%d\n" % (number, number**2) for number in range(20_000)),
    "data/deep/b.txt": b"text\n" * 40,
    "data/empty": b"",
}
KITFILE = Kitfile("1.0.0", model=Model(path="weights.bin"), code=(Code(path="run.ipynb"),), datasets=(Dataset(path="data"),))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for path, data in FILES.items():
        (tmp_path / "work" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "work" / path).write_bytes(data)
    return tmp_path / "work"


@pytest.fixture
def stores(tmp_path: Path) -> Iterator[tuple[Store, Store]]:
    made = Store.create(tmp_path / "here"), Store.create(tmp_path / "there")
    yield made
    for store in made:
        store.close()


def content_bytes(store: Store) -> int:
    return sum(row.raw_length for row in chunk_rows(store).values())


def roots(store: Store, place: Blobs) -> list[str]:
    """The roots of the layers of the ModelKit ``v1``."""
    manifest = decode(b"".join(bytes(piece) for piece in place.fetch(place.resolve("v1"))), "v1")
    assert isinstance(manifest, Manifest)
    rows = [store.blob_row(layer.digest.removeprefix("sha256:")) for layer in manifest.layers]
    return [row.root.hex() for row in rows if row is not None]


def test_what_is_pulled_is_what_was_packed_and_costs_what_is_new(folder: Path, stores: tuple[Store, Store]) -> None:
    here, there = stores
    snapshot = read_snapshot(here, capture(here, folder, message="", author="Ada").id)
    packed = pack(here, snapshot, KITFILE, [parse_reference("ghcr.io/team/model:v1")], cli_version="1")
    capture(there, folder, message="", author="Bob")
    origin, place = Blobs(here, "ghcr.io/team/model"), Blobs(there, "ghcr.io/team/model")
    before = content_bytes(there)
    with there.shared():
        copied = copy(origin, place, origin.resolve("v1"), tag="v1")
    assert copied.blobs_moved == len(KITFILE.datasets + KITFILE.code) + 3  # The model’s layer, config and manifest besides.
    assert content_bytes(there) - before < 20_000
    assert there.references() == {"ghcr.io/team/model:v1": packed.digest.removeprefix("sha256:")}
    assert roots(there, place) == roots(here, origin)
    again = pack(there, read_snapshot(there, there.snapshot_ids()[0]), KITFILE, cli_version="1")
    assert [layer.digest for layer in again.layers] == [layer.digest for layer in packed.layers]
    with there.exclusive():
        read = reference_reader(there)
        apply_sweep(there, plan_sweep(there, read), lambda transaction: None, Silent())
    assert check(here, reference_reader(here), Silent())[0].ok
    assert check(there, read, Silent())[0].ok


def test_a_pull_into_an_empty_store_is_whole_and_prune_takes_it_with_its_reference(folder: Path, stores: tuple[Store, Store]) -> None:
    here, there = stores
    snapshot = read_snapshot(here, capture(here, folder, message="", author="Ada").id)
    pack(here, snapshot, KITFILE, [parse_reference("model:v1")], cli_version="1")
    origin, place = Blobs(here, "localhost/model"), Blobs(there, "localhost/model")
    copy(origin, place, origin.resolve("v1"), tag="v1")
    assert [there.read_bytes(root) for root in roots(there, place)] == [here.read_bytes(root) for root in roots(here, origin)]
    place.delete(place.resolve("v1"))
    with there.exclusive():
        apply_sweep(there, plan_sweep(there, reference_reader(there)), lambda transaction: None, Silent())
    assert content_bytes(there) == 0
    with pytest.raises(NotFound):
        place.resolve("v1")
