"""Layers that somebody hostile or broken made: refused by name, with nothing written."""

from __future__ import annotations

import gzip
import stat
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest
import zstandard

from jupyter_kit.errors import ContentCorrupt, InvalidInput, StoreFull
from jupyter_kit.modelkit.kitfile import Code, Docs, Kitfile, Model
from jupyter_kit.modelkit.layer_types import FILE_METADATA, FILEPATH
from jupyter_kit.modelkit.modelkit import read_modelkit
from jupyter_kit.oci.descriptor import Descriptor
from tests.modelkit.shelf import Shelf, entry, tar, tree
from tests.modelkit.unpacking.conftest import CODE, MODEL, one_layer, unpack

HOSTILE: dict[str, tuple[tarfile.TarInfo | tuple[str, bytes], ...]] = {
    "leads outside": (("a/../../evil", b"x"),),
    "is an absolute path": (("/evil", b"x"),),
    "is a symlink": (entry("evil", tarfile.SYMTYPE, target="/etc/passwd"),),
    "is a hard link": (entry("evil", tarfile.LNKTYPE, target="../../evil"),),
    "is a device": (entry("evil", tarfile.CHRTYPE),),
    "is a pipe": (entry("evil", tarfile.FIFOTYPE),),
    "is a unknown entry": (entry("evil", b"Z"),),
    "is also in": (("evil", b"x"), ("./evil", b"y")),
    "is a file in": (("a", b"x"), ("a/evil", b"y")),
    "is a folder, too": (("evil/a", b"x"), ("evil", b"y")),
    "setuid": (entry("evil", mode=0o4755),),
    "belongs to workspaces": ((".KIT/store/evil", b"x"),),
    "more than 128 folders deep": (("evil/" * 130 + "x", b"x"),),
    "is too long": (("evil" + "x" * 300, b"x"),),
    "has no name": (("./", b"evil"),),
}


@pytest.mark.parametrize("reason", HOSTILE)
@pytest.mark.parametrize("compressed", [False, True])
def test_hostile_entries_are_refused_by_name_and_nothing_is_written(
    shelf: Shelf, out: Path, tmp_path: Path, reason: str, *, compressed: bool
) -> None:
    data = tar(("fine.txt", b"fine"), *HOSTILE[reason])
    one_layer(shelf, gzip.compress(data) if compressed else data, CODE + ("+gzip" if compressed else ""))
    with pytest.raises(InvalidInput, match=reason) as caught:
        unpack(shelf, "x", out, existing="overwrite")
    assert "code[0] of shelf:x" in str(caught.value)
    assert tree(tmp_path) == {}


def test_two_layers_with_one_file_are_refused_by_both_names(shelf: Shelf, out: Path) -> None:
    kitfile = Kitfile(code=(Code(path="a"),), docs=(Docs(path="./a"),))
    shelf.put_kit("x", kitfile, [shelf.put(tar(("a", b"1")), CODE), shelf.put(tar(("a", b"2")), CODE.replace("code", "docs"))])
    with pytest.raises(InvalidInput, match=r"“a” in the docs\[0\] of shelf:x is also in the code\[0\]"):
        unpack(shelf, "x", out)


def test_a_layer_that_brings_its_own_kitfile_is_refused(shelf: Shelf, out: Path) -> None:
    one_layer(shelf, tar(("Kitfile", b"manifestVersion: evil")))
    with pytest.raises(InvalidInput, match="Kitfile"):
        unpack(shelf, "x", out)
    unpack(shelf, "x", out, "code")
    assert (out / "Kitfile").read_bytes() == b"manifestVersion: evil"


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:700],  # in the middle of a file
        lambda data: data[:300],  # in the middle of a header
        lambda data: b"evil" + data[4:],  # the checksum is another
        lambda data: data[:1024] + b"x" * 512 + data[1024:],
        lambda data: b"this is no archive at all",
        lambda data: data[:1024] + bytes(512) + b"x" * 512,
    ],
)
def test_damaged_archives_are_told_and_nothing_is_written(
    shelf: Shelf, out: Path, tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    one_layer(shelf, damage(tar(("a", b"content"))))
    with pytest.raises(ContentCorrupt, match=r"code\[0\] of shelf:x"):
        unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_a_layer_that_is_not_what_its_diff_id_says_is_never_in_place(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    layer = shelf.put(gzip.compress(tar(("a", b"content"))), CODE + "+gzip")
    kitfile = Kitfile(code=(Code(path="a", digest=layer.digest, diff_id="sha256:" + "0" * 64),))
    shelf.put_kit("x", kitfile, [layer])
    with pytest.raises(ContentCorrupt, match="diffId"):
        unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_an_uncompressed_layer_whose_diff_id_is_another_is_refused(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    layer = shelf.put(tar(("a", b"content")), CODE)
    shelf.put_kit("x", Kitfile(code=(Code(path="a", digest=layer.digest, diff_id="sha256:" + "0" * 64),)), [layer])
    with pytest.raises(ContentCorrupt, match="diffId"):
        unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_a_damaged_layer_is_found_before_a_file_is_in_place(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    shelf.put_kit("x", Kitfile(code=(Code(path="a"),)), [shelf.put(tar(("a", b"content")), CODE)])
    layer = read_modelkit(shelf, "x").layers[0].descriptor
    shelf.blobs[layer.digest] = shelf.blobs[layer.digest].replace(b"content", b"CONTENT")
    with pytest.raises(ContentCorrupt):
        unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_a_bomb_is_refused_while_it_grows(shelf: Shelf, out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.modelkit.archive.decompression.EXPANSION_FREE", 1 << 20)
    big = tar(entry("zeros", size=4 << 20))
    for name, data in (("gzip", gzip.compress(big)), ("zstd", zstandard.compress(big))):
        one_layer(shelf, data, f"{CODE}+{name}")
        with pytest.raises(InvalidInput, match="times as long"):
            unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_a_size_that_lies_allocates_nothing(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    honest = tar(("a", b"x" * 600))
    for size in (b"77777777777", b"\x80" + bytes(3) + b"\xff" * 8):
        lie = bytearray(honest)
        lie[124 : 124 + len(size)] = size
        lie[148:156] = b"%06o\0 " % (sum(lie[:148]) + 8 * 32 + sum(lie[156:512]))
        one_layer(shelf, bytes(lie))
        with pytest.raises(ContentCorrupt):
            unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


def test_more_entries_than_anybody_has_are_refused(shelf: Shelf, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.modelkit.archive.reading.ENTRIES_MAX", 5)
    one_layer(shelf, tar(*((f"{number}", b"") for number in range(6))))
    with pytest.raises(InvalidInput, match="more than 5 entries"):
        unpack(shelf, "x", out)
    one_layer(shelf, tar(*((f"{number}", b"") for number in range(5))))
    assert unpack(shelf, "x", out, "code").plan.written == 5


def test_more_than_fits_on_the_disk_is_refused_before_it_is_written(shelf: Shelf, out: Path, tmp_path: Path) -> None:
    layer = shelf.put(b"small", CODE.replace(".tar", ".raw"), {FILEPATH: "big"})
    shelf.put_kit("x", Kitfile(code=(Code(path="big"),)), [Descriptor(layer.media_type, layer.digest, 1 << 49, layer.annotations)])
    with pytest.raises(StoreFull, match="room"):
        unpack(shelf, "x", out)
    assert tree(tmp_path) == {}


@pytest.mark.parametrize("name", ["gzip", "zstd"])
def test_what_is_not_compressed_as_it_says_is_told(shelf: Shelf, out: Path, name: str) -> None:
    for data in (b"", tar(("a", b"1"))):
        one_layer(shelf, data, f"{CODE}+{name}")
        with pytest.raises(ContentCorrupt, match=name):
            unpack(shelf, "x", out)


@pytest.mark.parametrize("metadata", ["", "[", "[]", '{"mode":"x"}', '{"mode":-1}', "[" * 100_000])
def test_a_raw_layer_with_broken_metadata_is_a_usual_file(shelf: Shelf, out: Path, metadata: str) -> None:
    layer = shelf.put(b"content", MODEL.replace(".tar", ".raw"), {FILEPATH: "w.bin", FILE_METADATA: metadata})
    shelf.put_kit("x", Kitfile(model=Model(path="w.bin")), [layer])
    unpack(shelf, "x", out)
    assert stat.S_IMODE((out / "w.bin").stat().st_mode) == 0o644


def test_a_raw_layer_may_not_lead_outside(shelf: Shelf, out: Path) -> None:
    layer = shelf.put(b"content", MODEL.replace(".tar", ".raw"), {FILEPATH: "../evil"})
    shelf.put_kit("x", Kitfile(model=Model(path="../evil")), [layer])
    with pytest.raises(InvalidInput, match="leads outside"):
        unpack(shelf, "x", out)
