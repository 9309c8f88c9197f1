"""kit:// as the libraries see it that open URLs: the bytes of every snapshot, and never a way to change them."""

from __future__ import annotations

import io
import json
import multiprocessing
import os
import pickle
import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from jupyter_kit import Workspace
from jupyter_kit.errors import Conflict, ContentCorrupt
from jupyter_kit.frontends.filesystem import KitFileSystem

NAMES = ["a b.txt", "#1 @home~.txt", "données/été ü.csv", "100%20?.txt", "q&a=[x].txt"]

LARGE = np.random.default_rng(3).integers(0, 256, 3_000_000, np.uint8).tobytes()


@pytest.fixture
def kept(workspace: Workspace, folder: Path) -> Workspace:
    """Two snapshots, v1 and v2; what is on disk is a third state."""
    (folder / "data").mkdir()
    (folder / "données").mkdir()
    (folder / "data/train.csv").write_text("x,y\n1,2\n3,4\n")
    (folder / "data/large.bin").write_bytes(LARGE)
    for name in NAMES:
        (folder / name).write_text(f"this is {name}")
    (folder / "latest.csv").symlink_to("data/train.csv")
    (folder / "here").symlink_to(".")
    (folder / "out").symlink_to("/etc/hostname")
    workspace.snapshot("first", tags=["v1"])
    (folder / "data/train.csv").write_text("x,y\n5,6\n")
    workspace.snapshot("second", tags=["v2"])
    (folder / "data/train.csv").write_text("not kept")
    return workspace


@pytest.fixture
def files(kept: Workspace) -> KitFileSystem:
    found: KitFileSystem = fsspec.filesystem("kit", workspace=str(kept.folder))
    return found


def test_a_snapshot_is_named_as_everywhere(kept: Workspace) -> None:
    first = kept.show("v1").snapshot.id
    for name in ("v1", first, first[:10], "HEAD~1", "latest~", "v2~1"):
        with fsspec.open(f"kit://{name}/data/train.csv") as file:
            assert file.read() == b"x,y\n1,2\n3,4\n"
    with fsspec.open("kit://HEAD/data/train.csv", "r") as file:
        assert file.read() == "x,y\n5,6\n"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_taken_as_it_is(files: KitFileSystem, name: str) -> None:
    with fsspec.open(f"kit://v1/{name}", "r", encoding="utf-8") as file:
        assert file.read() == f"this is {name}"
    assert files.cat_file(f"v1/{name}") == f"this is {name}".encode()
    assert f"v1/{name}" in files.find("v1")


def test_the_root_lists_the_snapshots(files: KitFileSystem, kept: Workspace) -> None:
    assert set(files.ls("kit:///", detail=False)) == set(kept.names())
    assert {"HEAD", "latest", "v1", "v2"} < set(kept.names())
    assert {entry["type"] for entry in files.ls("")} == {"directory"}
    assert files.info("")["type"] == "directory"
    assert files.info("v1")["id"] == kept.show("v1").snapshot.id


def test_folders_are_listed_walked_and_searched(files: KitFileSystem) -> None:
    assert files.ls("kit://v1/data", detail=False) == ["v1/data/large.bin", "v1/data/train.csv"]
    assert files.ls("/v1/data/train.csv", detail=False) == ["v1/data/train.csv"]
    assert set(files.glob("v1/**/*.csv")) == {"v1/data/train.csv", "v1/données/été ü.csv", "v1/latest.csv"}
    assert set(files.glob("v*/data/train.csv")) == {"v1/data/train.csv", "v2/data/train.csv"}
    folders = {path: names for path, names, _ in files.walk("v1")}
    assert folders == {"v1": ["data", "données"], "v1/data": [], "v1/données": []}
    assert files.du("v1/data") == 12 + len(LARGE)
    assert (files.isdir("v1/data"), files.isfile("v1/data"), files.isfile("v1/data/train.csv")) == (True, False, True)


def test_an_entry_tells_what_it_is(files: KitFileSystem, kept: Workspace) -> None:
    found = files.info("v1/data/train.csv")
    (entry,) = [entry for entry in kept.entries("v1") if entry.path == "data/train.csv"]
    assert (found["size"], found["type"], found["mode"], found["root"]) == (12, "file", entry.mode, entry.root)
    assert files.modified("v1/data/train.csv").timestamp() == pytest.approx(entry.mtime_ns / 1e9)
    assert files.checksum("v1/data/train.csv") != files.checksum("v2/data/train.csv")
    assert files.ukey("v1/data/large.bin") != files.ukey("v1/data/train.csv")


def test_symlinks_lead_on_as_in_local_files(files: KitFileSystem) -> None:
    link = files.info("v1/latest.csv")
    assert (link["type"], link["size"], link["islink"], link["destination"]) == ("file", 12, True, "data/train.csv")
    assert files.cat_file("v1/latest.csv") == files.cat_file("v1/here/data/train.csv") == b"x,y\n1,2\n3,4\n"
    assert files.isdir("v1/here")
    listed = {entry["name"]: entry["type"] for entry in files.ls("v1")}
    assert (listed["v1/latest.csv"], listed["v1/here"], listed["v1/out"]) == ("file", "other", "other")
    with pytest.raises(FileNotFoundError, match="leads out of the snapshot"):
        files.cat_file("v1/out")


@pytest.mark.parametrize(
    ("path", "error", "said"),
    [
        ("v9/data/train.csv", FileNotFoundError, "no snapshot or tag “v9”"),
        ("v1/data/trian.csv", FileNotFoundError, "Did you mean “data/train.csv”"),
        ("v1/../../etc/passwd", FileNotFoundError, "outside of the workspace"),
        ("v1//etc/passwd", FileNotFoundError, "not in the snapshot"),
        ("HEAD~9/x", FileNotFoundError, "beyond the first"),
        ("v1/data", IsADirectoryError, "is a folder"),
        ("v1", IsADirectoryError, "is a folder"),
        ("", IsADirectoryError, "name is empty"),
    ],
)
def test_what_cannot_be_opened_is_told(files: KitFileSystem, path: str, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=said):
        files.open(f"kit://{path}")


def test_what_is_not_there_does_not_exist(files: KitFileSystem) -> None:
    assert files.exists("v1/data/train.csv")
    assert not files.exists("v1/data/other.csv")
    with pytest.raises(FileNotFoundError):
        files.ls("v1/other")
    with pytest.raises(FileNotFoundError):
        files.info("v9")


WRITES: list[Callable[[KitFileSystem], object]] = [
    lambda files: files.open("v1/new.txt", "wb"),
    lambda files: files.open("v1/data/train.csv", "ab"),
    lambda files: files.open("v1/new.txt", "w"),
    lambda files: files.pipe_file("v1/new.txt", b"x"),
    lambda files: files.pipe("v1/new.txt", b"x"),
    lambda files: files.write_text("v1/new.txt", "x"),
    lambda files: files.put_file(__file__, "v1/new.txt"),
    lambda files: files.put(__file__, "v1/new.txt"),
    lambda files: files.touch("v1/new.txt"),
    lambda files: files.mkdir("v1/new"),
    lambda files: files.makedirs("v1/new", exist_ok=True),
    lambda files: files.rm("v1/data", recursive=True),
    lambda files: files.rm_file("v1/data/train.csv"),
    lambda files: files.delete("v1/data/train.csv"),
    lambda files: files.rmdir("v1/data"),
    lambda files: files.copy("v1/data/train.csv", "v1/b.csv"),
    lambda files: files.mv("v1/data/train.csv", "v1/b.csv"),
]


@pytest.mark.parametrize("write", WRITES)
def test_writing_is_refused(files: KitFileSystem, kept: Workspace, write: Callable[[KitFileSystem], object]) -> None:
    with pytest.raises(OSError, match="Snapshots do not change: write to a file of the workspace"):
        write(files)
    assert len(kept.log()) == 2


def test_damage_is_not_taken_for_absence(kept: Workspace) -> None:
    for place in (kept.folder / ".kit/store/segments").iterdir():
        os.truncate(place, 100)
    with pytest.raises(ContentCorrupt, match="cannot be read back"):
        fsspec.filesystem("kit").cat_file("v1/data/large.bin")


def test_a_name_of_many_snapshots_is_told(kept: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type(kept._store), "snapshot_ids", lambda _: ["aaaa" + "0" * 60, "aaaa" + "1" * 60])
    with pytest.raises(Conflict, match="beginning of 2 snapshots"):
        fsspec.filesystem("kit").open("aaaa/x")


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    start=st.one_of(st.none(), st.integers(-len(LARGE) - 5, len(LARGE) + 5)),
    end=st.one_of(st.none(), st.integers(-len(LARGE), len(LARGE) + 5)),
)
def test_any_slice_is_the_files(files: KitFileSystem, start: int | None, end: int | None) -> None:
    assert files.cat_file("v1/data/large.bin", start, end) == LARGE[start:end]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    block_size=st.sampled_from([1, 100, 1 << 16, 5 << 20]),
    steps=st.lists(st.tuples(st.integers(0, len(LARGE)), st.integers(0, 200_000)), max_size=6),
)
def test_reading_here_and_there_is_as_in_the_file(files: KitFileSystem, block_size: int, steps: list[tuple[int, int]]) -> None:
    like = io.BytesIO(LARGE)
    with files.open("v1/data/large.bin", block_size=block_size) as file:
        assert file.size == len(LARGE)
        for offset, length in steps:
            assert file.seek(offset) == like.seek(offset)
            assert file.read(length) == like.read(length)
        assert file.readline() == like.readline()


def test_many_ranges_are_read_at_once(files: KitFileSystem) -> None:
    paths = ["v1/data/large.bin", "v1/data/train.csv", "v1/none"]
    found = files.cat_ranges(paths, [100, 4, 0], [200, 7, 1])
    assert found[:2] == [LARGE[100:200], b"1,2"]
    assert isinstance(found[2], FileNotFoundError)


def test_pandas_reads_a_table(kept: Workspace) -> None:
    assert pd.read_csv("kit://v1/data/train.csv")["y"].tolist() == [2, 4]
    assert pd.read_csv("kit://HEAD/data/train.csv", storage_options={"workspace": str(kept.folder)})["y"].tolist() == [6]


def test_numpy_zip_and_safetensors_read_what_they_wrote(kept: Workspace, folder: Path) -> None:
    weights = {"layer": np.arange(300_000, dtype=np.float32), "bias": np.ones(7)}
    np.save(folder / "w.npy", weights["layer"])
    np.savez(folder / "w.npz", **weights)
    (folder / "w.safetensors").write_bytes(save(weights))
    with zipfile.ZipFile(folder / "w.zip", "w") as archive:  # what torch.save writes: an archive of stored members
        archive.writestr("archive/data/0", LARGE)
    kept.snapshot("weights", tags=["w"])
    for name in ("w.npy", "w.npz", "w.safetensors", "w.zip"):
        (folder / name).unlink()
    with fsspec.open("kit://w/w.npy") as file:
        assert np.array_equal(np.load(file), weights["layer"])
    with fsspec.open("kit://w/w.npz") as file, np.load(file) as found:
        assert np.array_equal(found["layer"], weights["layer"])
    with fsspec.open("kit://w/w.safetensors") as file:
        assert np.array_equal(load(file.read())["bias"], weights["bias"])
    with fsspec.open("kit://w/w.zip") as file, zipfile.ZipFile(file) as archive:
        assert archive.read("archive/data/0") == LARGE
    with fsspec.open("simplecache::kit://w/w.safetensors", kit={"workspace": str(folder)}) as file:
        assert Path(file.name).stat().st_size == len(save(weights))


def test_a_compressed_table_is_read(kept: Workspace, folder: Path) -> None:
    pd.DataFrame({"x": range(1000)}).to_csv(folder / "t.csv.gz", index=False)
    kept.snapshot("table")
    assert pd.read_csv("kit://HEAD/t.csv.gz")["x"].sum() == sum(range(1000))


def test_the_current_folder_says_which_workspace(kept: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "data")
    assert fsspec.filesystem("kit").cat_file("v1/latest.csv") == b"x,y\n1,2\n3,4\n"
    (folder / "other").mkdir()
    with Workspace.init(folder / "other") as other:
        (folder / "other/a.txt").write_text("other")
        other.snapshot("other", tags=["v1"])
        monkeypatch.chdir(folder / "other")
        assert fsspec.filesystem("kit").cat_file("v1/a.txt") == b"other"
    monkeypatch.chdir(folder / "data")
    assert fsspec.filesystem("kit").exists("v1/latest.csv")


def test_a_folder_in_no_workspace_is_told(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="is not in a workspace"):
        fsspec.open("kit://v1/a.txt", workspace=str(tmp_path)).open()


def test_a_copy_knows_its_workspace_anywhere(files: KitFileSystem, tmp_path_factory: pytest.TempPathFactory, monkeypatch: Any) -> None:
    pickled, described = pickle.dumps(files), files.to_json()
    opened = pickle.dumps(fsspec.open("kit://v1/latest.csv", workspace="."))
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    for again in (pickle.loads(pickled), fsspec.AbstractFileSystem.from_json(described)):
        assert again is files
    with pickle.loads(opened) as file:
        assert file.read() == b"x,y\n1,2\n3,4\n"
    code = "import pickle, sys; print(pickle.loads(sys.stdin.buffer.read()).cat_file('v1/latest.csv').decode(), end='')"
    answer = subprocess.run([sys.executable, "-c", code], input=pickled, capture_output=True, check=True)
    assert answer.stdout == b"x,y\n1,2\n3,4\n"


def test_threads_read_side_by_side(files: KitFileSystem) -> None:
    wrong: list[int] = []

    def read(number: int) -> None:
        for offset in range(number * 1_000, 2_000_000, 200_003):
            if files.cat_file("v1/data/large.bin", offset, offset + 70_000) != LARGE[offset : offset + 70_000]:
                wrong.append(number)

    threads = [threading.Thread(target=read, args=[number]) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@pytest.mark.skipif(sys.platform == "win32", reason="Windows does not fork")
def test_a_forked_process_reads_through_what_it_inherited(files: KitFileSystem) -> None:
    with files.open("v1/data/large.bin") as file:
        file.read(100)
        queue: multiprocessing.SimpleQueue[tuple[bool, bool]] = multiprocessing.get_context("fork").SimpleQueue()

        def read() -> None:
            file.seek(1_000_000)
            inherited = file.read(2_000) == LARGE[1_000_000:1_002_000]
            queue.put((inherited, fsspec.filesystem("kit").cat_file("v2/data/large.bin") == LARGE))

        process = multiprocessing.get_context("fork").Process(target=read)
        process.start()
        process.join(60)
        assert process.exitcode == 0
        assert queue.get() == (True, True)
        assert file.read(2_000) == LARGE[100:2_100]


def test_what_only_a_remote_has_is_fetched_as_it_is_read(kept: Workspace, tmp_path_factory: pytest.TempPathFactory) -> None:
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (kept.folder / "data/large.bin").write_bytes(LARGE[::-1])
    kept.snapshot("third")
    kept.add_remote("origin", f"oci:{elsewhere / 'history'}")
    kept.sync()
    with Workspace.clone(f"oci:{elsewhere / 'history'}", elsewhere / "ben") as ben:
        away = ben.check().remote_bytes
        assert away > 2_900_000
        files = fsspec.filesystem("kit", workspace=ben.folder)
        assert files.cat_file("v1/data/large.bin", 1_500_000, 1_500_010) == LARGE[1_500_000:1_500_010]
        assert 0 < away - ben.check().remote_bytes < 600_000
        assert files.cat_file("v1/data/large.bin") == LARGE
        assert (ben.folder / "data/large.bin").read_bytes() == LARGE[::-1]


def test_importing_the_package_does_not_import_it() -> None:
    code = "import sys, json, jupyter_kit.workspace; print(json.dumps('fsspec' in sys.modules))"
    assert json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout) is False
