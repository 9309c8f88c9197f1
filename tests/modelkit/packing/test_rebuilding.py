"""Layers made of what snapshots have: a pull moves only what is new, and nobody can make it wait, fail or keep what is not so."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.modelkit.kitfile import Code, Dataset, Kitfile, Model
from jupyter_kit.modelkit.layer_types import KIT_CONFIG, KIT_MANIFEST
from jupyter_kit.modelkit.layers import TarEntry, layers_at, tar_parts, tar_size
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.modelkit.packing.rebuilding import ATTEMPTS_MAX, SNAPSHOTS_MAX, candidates, rebuild
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.reference import parse_references
from jupyter_kit.progress import Silent
from jupyter_kit.snapshot.records import read_snapshot, reference_reader
from jupyter_kit.snapshot.snapshot import FileEntry
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.store.writing.writer import Writer
from jupyter_kit.transfer import Copied, copy
from tests.modelkit.packing.test_pack import packed
from tests.modelkit.shelf import Shelf
from tests.registry.wrapped import Counting
from tests.snapshot.conftest import Box, boxed
from tests.store.keeping import noise

FILES = {
    "model.bin": noise(1, 300_000),
    "src/run.py": b"print(1)\n",
    "src/deep/more.py": b"print(2)\n",
    "src/data/inner.csv": b"1,2\n" * 100,
    "a name with é.txt": b"x",
}
KITFILE = Kitfile(
    "1.0.0", model=Model(path="model.bin"), code=(Code(path="src"), Code(path="./a name with é.txt")), datasets=(Dataset(path="src/data"),)
)
LAYERS = 4
NAME = "ghcr.io/team/model"


@pytest.fixture
def there(tmp_path: Path) -> Iterator[Box]:
    """Somebody else's workspace, with the same files and no snapshot yet."""
    with boxed(tmp_path / "there") as made:
        made.write(FILES)
        yield made


@pytest.fixture
def kept(box: Box) -> Counting:
    """A place with a ModelKit of the files, and what is fetched from it."""
    box.write(FILES)
    packed(box, KITFILE, parse_references(f"{NAME}:v1"))
    return Counting(Blobs(box.store, NAME))


def pulled(kept: Counting, there: Box, tag: str = "v1") -> Copied:
    """A pull as the workspace does it; everything in the store is sound afterwards."""
    place = Blobs(there.store, NAME)
    with there.store.shared():
        rebuild(there.store, kept, tag)
        copied = copy(kept, place, kept.resolve(tag), tag=tag)
    for layer in read_modelkit(place, tag).manifest.children:
        expected = b"".join(map(bytes, kept.target.fetch(layer)))
        assert b"".join(map(bytes, place.fetch(layer))) == expected
    assert check(there.store, reference_reader(there.store), Silent())[0].ok
    return copied


def documents(kept: Counting, tag: str = "v1") -> int:
    """Bytes of manifest and config."""
    found = read_modelkit(kept.target, tag)
    return found.descriptor.size + found.manifest.config.size


def fetched_layers(kept: Counting, tag: str = "v1") -> list[str]:
    """Paths of the layers that were fetched."""
    return [layer.path for layer in read_modelkit(kept.target, tag).layers if kept.fetched[layer.descriptor.digest]]


def test_a_modelkit_of_files_that_a_snapshot_has_moves_only_manifest_and_config(kept: Counting, there: Box) -> None:
    there.snap()
    copied = pulled(kept, there)
    assert (copied.bytes_moved, copied.blobs_moved, copied.blobs_skipped) == (documents(kept), 2, LAYERS)
    assert not fetched_layers(kept)


def test_without_a_snapshot_everything_moves(kept: Counting, there: Box) -> None:
    assert pulled(kept, there).bytes_moved == documents(kept) + sum(
        layer.descriptor.size for layer in read_modelkit(kept.target, "v1").layers
    )


@pytest.mark.parametrize(
    ("path", "content", "layer"),
    [
        ("model.bin", noise(2, 300_000), "model.bin"),  # Of the same size.
        ("src/deep/more.py", b"print(3)\n", "src"),
        ("src/data/inner.csv", b"1\n", "src/data"),
        ("src/new.py", b"", "src"),
    ],
)
def test_a_changed_file_moves_its_layer_and_no_other(kept: Counting, there: Box, path: str, content: bytes, layer: str) -> None:
    there.write({path: content})
    there.snap()
    assert pulled(kept, there).blobs_skipped == LAYERS - 1
    assert fetched_layers(kept) == [layer]


def test_a_file_that_is_missing_and_a_mode_that_differs_move_their_layers(kept: Counting, there: Box) -> None:
    (there.folder / "model.bin").unlink()
    (there.folder / "src/run.py").chmod(0o755)
    there.snap()
    pulled(kept, there)
    assert fetched_layers(kept) == ["model.bin", "src"]


def test_layers_may_come_from_several_snapshots_and_symlinks_are_in_none(kept: Counting, there: Box) -> None:
    there.write({"src/link.py": "run.py"})
    there.snap()
    there.write({"model.bin": b"trained"})
    there.snap()
    shutil.rmtree(there.folder / "src")
    there.snap()
    assert pulled(kept, there).bytes_moved == documents(kept)


def test_a_tagged_snapshot_is_looked_into_however_old_and_untagged_ones_only_while_they_are_new(kept: Counting, there: Box) -> None:
    there.snap(tags=("good",))
    for number in range(SNAPSHOTS_MAX):
        there.write(dict.fromkeys(FILES, b"%d" % number))
        there.snap()
    assert pulled(kept, there).blobs_skipped == LAYERS


def test_untagged_snapshots_are_looked_into_only_while_they_are_new(kept: Counting, there: Box) -> None:
    there.snap()
    for number in range(SNAPSHOTS_MAX):
        there.write(dict.fromkeys(FILES, b"%d" % number))
        there.snap()
    assert not pulled(kept, there).blobs_skipped


def test_a_modelkit_that_was_pulled_before_is_not_even_read(kept: Counting, there: Box) -> None:
    pulled(kept, there)
    kept.fetched.clear()
    there.snap()
    assert rebuild(there.store, kept, "v1") == ()
    assert not kept.fetched


def test_a_modelpack_is_rebuilt_and_compressed_layers_move(box: Box, kept: Counting, there: Box) -> None:
    packed(box, KITFILE, parse_references(f"{NAME}:pack"), modelpack=True)
    packed(box, KITFILE, parse_references(f"{NAME}:zipped"), compression="gzip")
    there.snap()
    assert pulled(kept, there, "zipped").blobs_skipped == 0
    assert pulled(kept, there, "pack").blobs_skipped == LAYERS


def test_what_was_hashed_in_vain_is_not_hashed_again(kept: Counting, there: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    there.write({"model.bin": noise(2, 300_000)})
    there.snap()
    with there.store.shared():
        assert len(rebuild(there.store, kept, "v1")) == LAYERS - 1
        monkeypatch.setattr("jupyter_kit.store.writing.writer.computed", lambda *_: pytest.fail("it was hashed again"))
        assert rebuild(there.store, kept, "v1") == ()


def test_a_layer_is_not_made_of_damaged_content(kept: Counting, there: Box) -> None:
    there.snap()
    for segment in there.store.segments.iterdir():
        data = bytearray(segment.read_bytes())
        data[len(data) // 2] ^= 1  # In the weights, which are nearly all of it.
        segment.write_bytes(data)
    with there.store.shared():
        rebuild(there.store, kept, "v1")
        copy(kept, Blobs(there.store, NAME), kept.resolve("v1"), tag="v1")
    assert fetched_layers(kept) == ["model.bin"]


def test_a_snapshot_that_cannot_be_read_is_passed_over(kept: Counting, there: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    there.snap()
    there.write({"src/new.py": b""})
    newest = there.snap().id

    def reading(store: object, digest: str) -> object:
        if digest == newest:
            raise ContentCorrupt("It is damaged.")
        return read_snapshot(there.store, digest)

    monkeypatch.setattr("jupyter_kit.modelkit.packing.rebuilding.read_snapshot", reading)
    assert len(rebuild(there.store, kept, "v1")) == LAYERS


class Composing:
    """Counts what is composed, which is what is hashed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        compose = Writer.compose

        def counting(writer: Writer, *arguments: object) -> object:
            self.count += 1
            return compose(writer, *arguments)  # type: ignore[arg-type]

        monkeypatch.setattr(Writer, "compose", counting)


@pytest.mark.parametrize("size", [0, 1024, (1 << 62) - 1])
def test_a_manifest_that_lies_about_sizes_hashes_nothing(there: Box, size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    there.snap()
    shelf = Shelf()
    lying = Descriptor("application/vnd.kitops.modelkit.model.v1.tar", "sha256:" + "0" * 64, size)
    shelf.put_kit("v1", Kitfile("1.0.0", model=Model(path="model.bin")), [lying])
    composing = Composing(monkeypatch)
    assert rebuild(there.store, shelf, "v1") == ()
    assert composing.count == 0


def test_thousands_of_layers_at_one_path_hash_it_once(there: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    there.snap()
    size = tar_size(layers_at(there.entries(there.head or "").values(), ["model.bin"], frozenset())["model.bin"])
    count = 3000
    codes = tuple(Code(path="./" * (number % 9) + "model.bin") for number in range(count))
    layers = [Descriptor("application/vnd.kitops.modelkit.code.v1.tar", f"sha256:{number:064x}", size) for number in range(count)]
    shelf = Shelf()
    shelf.put_kit("v1", Kitfile("1.0.0", code=codes), layers)
    composing = Composing(monkeypatch)
    assert rebuild(there.store, shelf, "v1") == ()
    assert composing.count == 1


@pytest.mark.parametrize("path", ["../../etc/passwd", "/etc/passwd", "..", "Kitfile", "src/\0", "."])
def test_no_path_leads_out_of_the_snapshot(there: Box, path: str) -> None:
    there.snap()
    shelf = Shelf()
    shelf.put_kit("v1", Kitfile("1.0.0", code=(Code(path=path),)), [shelf.put(bytes(1024), "application/vnd.kitops.modelkit.code.v1.tar")])
    rebuild(there.store, shelf, "v1")
    assert copy(shelf, Blobs(there.store, NAME), shelf.resolve("v1"), tag="v1").blobs_moved >= 2


def test_what_is_no_modelkit_is_left_to_the_pull(there: Box) -> None:
    there.snap()
    shelf = Shelf()
    shelf.put_manifest("image", shelf.put(b"{}", "application/vnd.oci.image.config.v1+json"), [])
    shelf.put_manifest("damaged", shelf.put(b"[]", KIT_CONFIG), [], artifactType=KIT_MANIFEST)
    for name in ("image", "damaged", "missing"):
        assert rebuild(there.store, shelf, name) == ()


def test_one_path_is_tried_a_few_times_only_and_each_archive_once() -> None:
    lists = [[FileEntry("w", "file", 0o644, 600, 0, f"{number % 5:064x}")] for number in (0, 0, 1, 1, 2, 3, 4)]
    found = list(candidates(lists, {"w": {"0" * 64: 2560}}, frozenset({"w"})))
    assert [member.root for _, (member,) in found] == [f"{number:064x}" for number in range(ATTEMPTS_MAX)]


def test_once_everything_is_found_no_further_snapshot_is_read() -> None:
    sought = {"w": {"0" * 64: 2560}}

    def lists() -> Iterator[list[FileEntry]]:
        yield [FileEntry("w", "file", 0o644, 600, 0, "0" * 64)]
        pytest.fail("another was read")

    for path, _ in candidates(lists(), sought, frozenset({"w"})):
        sought[path].clear()


def test_after_many_files_no_further_snapshot_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.modelkit.packing.rebuilding.ENTRIES_MAX", 4)

    def lists() -> Iterator[list[FileEntry]]:
        for _ in range(2):
            yield [FileEntry(path, "file", 0o644, 600, 0, "0" * 64) for path in "vw"]
        pytest.fail("another was read")

    assert not list(candidates(lists(), {"w": {"0" * 64: 1}}, frozenset({"w"})))


def test_the_size_of_an_archive_is_known_without_it() -> None:
    names = ["a", "é", "x" * 99, "d/" * 60 + "long", "y" * 200]
    for size in (None, 0, 1, 511, 512, 513):
        members = [TarEntry(name, 0o644, size, "root" if size else "") for name in names]
        parts = [part if isinstance(part, bytes) else bytes(size or 0) for part in tar_parts(members)]
        assert tar_size(members) == sum(map(len, parts))
