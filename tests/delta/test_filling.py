"""Later versions of a ModelKit pulled as differences, from every kind of place; and whatever recipes say, the layer is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from jupyter_kit.chunking.chunker import MIB, Encoding
from jupyter_kit.delta import attaching
from jupyter_kit.delta.attaching import LAYER, RECIPE_TYPE, RECIPES_TYPE, attach
from jupyter_kit.delta.filling import Filled
from jupyter_kit.delta.recipe import LITERAL, LayerRecipe, decode, encode
from jupyter_kit.incoming import bring
from jupyter_kit.modelkit.kitfile import Code, Kitfile, Model
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.oci.descriptor import Descriptor, descriptor_of
from jupyter_kit.oci.manifest import Manifest, encode_manifest
from jupyter_kit.oci.media_types import EMPTY, OCI_MANIFEST
from jupyter_kit.oci.reference import Reference, parse_references
from jupyter_kit.oci.target import Target
from jupyter_kit.places import Spot
from jupyter_kit.progress import Silent
from jupyter_kit.registry.auth.keychain import Keychain, Places
from jupyter_kit.registry.http.connection import Connection, Patience
from jupyter_kit.registry.layout import Layout
from jupyter_kit.registry.registries import Registries
from jupyter_kit.registry.repository import Repository
from jupyter_kit.snapshot.records import reference_reader
from jupyter_kit.store.blobs import Blobs
from jupyter_kit.store.format.recipes import Span
from jupyter_kit.store.upkeep.check import check
from jupyter_kit.transfer import Copied, copy
from tests.modelkit.packing.test_pack import packed
from tests.registry.servers.docker import DockerRegistry, needs_docker_registry
from tests.registry.servers.double import Double
from tests.registry.servers.faults import FaultProxy
from tests.snapshot.conftest import Box, boxed
from tests.store.keeping import noise

KITFILE = Kitfile("1.0.0", model=Model(path="model"), code=(Code(path="run.py"),))

NAME = "ghcr.io/team/model"

WEIGHTS = 6 * MIB


@pytest.fixture
def ada(tmp_path: Path) -> Iterator[Box]:
    with boxed(tmp_path / "ada") as made:
        yield made


@pytest.fixture
def ben(tmp_path: Path) -> Iterator[Box]:
    with boxed(tmp_path / "ben") as made:
        yield made


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Callable[[str], Repository]]:
    opened = Registries(
        Connection(patience=Patience(attempts=4, first=0.01, longest=0.05)), Keychain(Places(tmp_path / "credentials.json"))
    )
    yield lambda host: opened.repository(Reference(host, "team/model"))
    opened.close()


def weights(changed: int | None = None, size: int = WEIGHTS) -> bytes:
    """Weights, with one byte of them changed."""
    data = bytearray(noise(7, size))
    if changed is not None:
        data[changed] ^= 255
    return bytes(data)


def send(box: Box, tag: str, content: bytes, place: Target, *, recipes: bool = True) -> Descriptor:
    """Pack, push, and attach recipes as a push does."""
    box.write({"model/weights.bin": content, "model/vocabulary.txt": b"a b c\n", "run.py": b"print(1)\n"})
    packed(box, KITFILE, parse_references(f"{NAME}:{tag}"))
    held = Blobs(box.store, NAME)
    root = held.resolve(tag)
    copy(held, place, root, tag=tag)
    if recipes:
        assert attach(box.store, held, root, place) < 0.02 * len(content)
    return root


def take(box: Box, tag: str, place: Target) -> tuple[Copied, Filled]:
    """Pull, as the workspace does; everything in the store is sound afterwards, and the layers are those of the place."""
    held = Blobs(box.store, NAME)
    with box.store.shared():
        moved = bring(box.store, Spot(place, tag, tag), Spot(held, tag, tag))
    for child in read_modelkit(held, tag).manifest.children:
        assert b"".join(map(bytes, held.fetch(child))) == b"".join(map(bytes, place.fetch(child)))
    assert check(box.store, reference_reader(box.store), Silent())[0].ok
    return moved


@needs_docker_registry
def test_one_changed_byte_in_a_large_layer_moves_about_a_chunk(
    ada: Box, ben: Box, tmp_path: Path, repository: Callable[[str], Repository]
) -> None:
    size = 64 * MIB
    with DockerRegistry(tmp_path / "registry") as registry, FaultProxy(registry.port) as proxy:
        send(ada, "v1", weights(size=size), repository(registry.host))
        take(ben, "v1", repository(proxy.host))
        send(ada, "v2", weights(40_000_000, size), repository(registry.host))
        held = Blobs(ben.store, NAME)
        before = proxy.bytes["down"]
        with ben.store.shared():
            copied, filled = bring(ben.store, Spot(repository(proxy.host), "v2", "v2"), Spot(held, "v2", "v2"))
        on_the_wire = proxy.bytes["down"] - before
        layer = read_modelkit(held, "v2").layers[0].descriptor
        assert (filled.layers, filled.bytes) == (1, layer.size)
        assert layer.size > size
        assert b"".join(map(bytes, held.fetch(layer)))[-size // 2 :] == b"".join(
            map(bytes, repository(registry.host).fetch(layer, layer.size - size // 2, size // 2))
        )
        assert on_the_wire < 300_000
        assert filled.received_bytes + copied.bytes_moved < on_the_wire


def test_a_layout_keeps_recipes_too(ada: Box, ben: Box, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "exports")
    send(ada, "v1", weights(), layout)
    assert take(ben, "v1", layout)[1] == Filled()
    root = send(ada, "v2", weights(3_000_000), layout)
    assert layout.tags() == ("v1", "v2")
    filled = take(ben, "v2", layout)[1]
    assert filled.layers == 1
    assert filled.received_bytes < 300_000
    held = Blobs(ada.store, NAME)
    assert attach(ada.store, held, root, layout) == 0  # They are there already.


@pytest.fixture
def double() -> Iterator[Double]:
    with Double() as running:
        yield running


@pytest.mark.parametrize("referrers", [True, False])
def test_a_registry_with_and_without_a_list_of_referrers(
    ada: Box, ben: Box, double: Double, repository: Callable[[str], Repository], *, referrers: bool
) -> None:
    double.referrers_api = referrers
    place = repository(double.host)
    send(ada, "v1", weights(), place)
    take(ben, "v1", place)
    send(ada, "v2", weights(3_000_000), place)
    assert take(ben, "v2", place)[1].layers == 1


def test_only_ranges_that_differ_are_asked_for_one_at_a_time(
    ada: Box, ben: Box, double: Double, repository: Callable[[str], Repository]
) -> None:
    place = repository(double.host)
    send(ada, "v1", weights(), place)
    take(ben, "v1", place)
    content = bytearray(weights())
    for position in (10, 1_000_000, 1_020_000, 5_000_000):
        content[position] ^= 255
    layer = read_modelkit(Blobs(ada.store, NAME), send(ada, "v2", bytes(content), place).digest).layers[0].descriptor
    double.requests("GET").clear()
    before = len(double.requests("GET", f"/blobs/{layer.digest}"))
    filled = take(ben, "v2", repository(double.host))[1]
    asked = [request.headers.get("range", "") for request in double.requests("GET", f"/blobs/{layer.digest}")][before:]
    ranges = [text for text in asked if text and text != "bytes=0-0"]
    assert filled.layers == 1
    assert len(ranges) == 3  # The two in the middle lie close together.
    assert all("," not in text for text in ranges)


def test_a_registry_without_ranges_gives_the_whole_layer_once(
    ada: Box, ben: Box, double: Double, repository: Callable[[str], Repository]
) -> None:
    double.ranges = False
    place = repository(double.host)
    send(ada, "v1", weights(), place)
    take(ben, "v1", place)
    send(ada, "v2", weights(3_000_000), place)
    copied, filled = take(ben, "v2", place)
    assert filled.layers == 0
    assert copied.bytes_moved > WEIGHTS


def test_a_registry_that_refuses_what_refers_takes_the_modelkit_all_the_same(
    ada: Box, ben: Box, double: Double, repository: Callable[[str], Repository]
) -> None:
    double.takes_subjects = False
    place = repository(double.host)
    send(ada, "v1", weights(), place)
    take(ben, "v1", place)
    send(ada, "v2", weights(3_000_000), place)
    assert take(ben, "v2", place)[1].layers == 0


def test_a_store_that_holds_nothing_asks_for_no_recipe(ada: Box, ben: Box, double: Double, repository: Callable[[str], Repository]) -> None:
    place = repository(double.host)
    send(ada, "v1", weights(), place)
    take(ben, "v1", place)
    assert not double.requests("GET", "/referrers/")


def test_small_and_compressed_layers_have_no_recipe(ada: Box, tmp_path: Path) -> None:
    ada.write({"model/weights.bin": noise(1, 100_000), "run.py": b"1\n"})
    packed(ada, KITFILE, parse_references(f"{NAME}:v1"))
    ada.write({"model/weights.bin": noise(1, 3 * MIB)})
    packed(ada, KITFILE, parse_references(f"{NAME}:v2"), compression="gzip")
    held, layout = Blobs(ada.store, NAME), Layout(tmp_path / "exports")
    for tag in ("v1", "v2"):
        root = held.resolve(tag)
        copy(held, layout, root, tag=tag)
        assert attach(ada.store, held, root, layout) == 0
        assert layout.referrers(root) == ()


@dataclass(frozen=True)
class Lie:
    """What a hostile recipe says instead."""

    name: str
    change: Callable[[LayerRecipe], bytes | None]


def swapped(recipe: LayerRecipe) -> bytes | None:
    """Chunks of the same length in another order, so that everything adds up."""
    spans = list(recipe.spans)
    lengths: dict[int, int] = {}
    for number, span in enumerate(spans):
        if span.chunk != LITERAL and span.length in lengths:
            spans[number], spans[lengths[span.length]] = spans[lengths[span.length]], span
            return encode(replace(recipe, spans=tuple(spans)))
        lengths[span.length] = number
    first, second = spans[1:3]
    return encode(replace(recipe, spans=(spans[0], second, first, *spans[3:])))


def literal_lies(recipe: LayerRecipe) -> bytes | None:
    """Another header, that names another file."""
    return encode(replace(recipe, literals=recipe.literals.replace(b"model", b"../..")))


def outside(recipe: LayerRecipe) -> bytes | None:
    """A range behind the end of a chunk."""
    spans = list(recipe.spans)
    number = next(number for number, span in enumerate(spans) if span.chunk != LITERAL)
    spans[number] = Span(spans[number].chunk, 1 << 30, spans[number].length, whole=False)
    return encode(replace(recipe, spans=tuple(spans)))


def shorter(recipe: LayerRecipe) -> bytes | None:
    """A chunk that is said to be whole, and is longer than that."""
    spans = list(recipe.spans)
    number = next(number for number, span in enumerate(spans) if span.chunk != LITERAL)
    span = spans[number]
    spans[number : number + 1] = [span._replace(length=1), span._replace(length=span.length - 1)]
    return encode(replace(recipe, spans=tuple(spans)))


def laborious(recipe: LayerRecipe) -> bytes | None:
    """Byte by byte, of the longest chunk there is."""
    longest = max((span for span in recipe.spans if span.chunk != LITERAL), key=lambda span: span.length)
    return encode(replace(recipe, spans=(Span(longest.chunk, 0, 1, whole=False),) * recipe.size))


def encoded(recipe: LayerRecipe) -> bytes | None:
    """Content in base64 that is none."""
    spans = [span._replace(encoding=Encoding.BASE64, whole=False) if span.chunk != LITERAL else span for span in recipe.spans]
    return encode(replace(recipe, spans=tuple(spans)))


LIES = [
    Lie("swapped", swapped),
    Lie("literal", literal_lies),
    Lie("outside", outside),
    Lie("shorter", shorter),
    Lie("laborious", laborious),
    Lie("encoded", encoded),
    Lie("garbage", lambda _: b"\x28\xb5\x2f\xfd garbage"),
    Lie("empty", lambda _: b""),
    Lie("nothing", lambda _: None),
]


@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.name)
def test_a_recipe_that_lies_costs_time_and_nothing_else(ada: Box, ben: Box, tmp_path: Path, lie: Lie) -> None:
    layout = Layout(tmp_path / "exports")
    send(ada, "v1", weights(), layout, recipes=False)
    take(ben, "v1", layout)
    root = send(ada, "v2", weights(3_000_000), layout, recipes=False)
    layer = read_modelkit(layout, "v2").layers[0].descriptor
    row = ada.store.blob_row(layer.digest.removeprefix("sha256:"))
    assert row is not None
    honest = attaching.describe(ada.store, row.root.hex())
    assert honest is not None
    lying = lie.change(decode(honest, layer.size))
    recipe = descriptor_of(b"not there" if lying is None else lying, RECIPE_TYPE, {LAYER: layer.digest})
    config = descriptor_of(b"{}", EMPTY)
    manifest = encode_manifest(Manifest(config, (recipe,), RECIPES_TYPE, OCI_MANIFEST, root))
    for descriptor, data in ((config, b"{}"), (recipe, lying), (descriptor_of(manifest, OCI_MANIFEST), manifest)):
        layout.push(descriptor, lambda start, data=data: iter([(b"not there" if data is None else data)[start:]]))  # type: ignore[misc]
    if lying is None:
        (tmp_path / "exports" / "blobs" / "sha256" / recipe.digest[7:]).unlink()
    copied, filled = take(ben, "v2", layout)
    assert filled.layers == 0
    assert copied.bytes_moved > WEIGHTS
    assert ben.store.blob_row(layer.digest.removeprefix("sha256:")) is not None


def test_a_chunk_that_is_damaged_here_is_no_reason_to_fail(ada: Box, ben: Box, tmp_path: Path) -> None:
    layout = Layout(tmp_path / "exports")
    send(ada, "v1", weights(), layout)
    take(ben, "v1", layout)
    segment = max(ben.store.segments.iterdir(), key=lambda path: path.stat().st_size)
    with segment.open("r+b") as stream:
        stream.seek(2_000_000)
        stream.write(bytes(100))
    send(ada, "v2", weights(5_000_000), layout)
    held = Blobs(ben.store, NAME)
    with ben.store.shared():
        _, filled = bring(ben.store, Spot(layout, "v2", "v2"), Spot(held, "v2", "v2"))
    assert filled.layers == 0
    layer = read_modelkit(held, "v2").layers[0].descriptor
    assert b"".join(map(bytes, held.fetch(layer))) == b"".join(map(bytes, layout.fetch(layer)))  # What it shares was mended.
