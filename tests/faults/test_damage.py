"""Flipped, cut off and swapped bytes: never wrong content, always found by check, mended from the workspace where it still holds them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit.errors import ContentCorrupt, KitError
from jupyter_kit.snapshot import provenance
from jupyter_kit.snapshot.records import read_files, read_snapshot
from jupyter_kit.store.disk.segments import RECORD
from jupyter_kit.store.format.schema import Table, decode_chunk_row
from jupyter_kit.workspace import Workspace

from .project import FIRST, SECOND, assert_whole, copied, data_segments, kept, notebook, on_disk, overwrite, put

FLIPS = 60
"""Places of a segment that are flipped, evenly spread: every kind of record is hit several times."""

INDEX_FLIPS = 40
"""Places of the index that are overwritten, evenly spread; each costs starting a process."""


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A workspace with two snapshots, standing on the second."""
    folder = tmp_path / "two"
    folder.mkdir()
    put(folder, FIRST)
    with Workspace.init(folder) as workspace:
        workspace.snapshot("first")
        put(folder, SECOND)
        workspace.snapshot("second")
    return folder


def chunk_bytes(folder: Path) -> set[int]:
    """The offsets in the one segment that belong to chunks, headers included."""
    with Workspace.open(folder) as workspace:
        rows = [decode_chunk_row(value) for _, value in workspace._store.environment.rows(Table.CHUNKS)]
    return {offset for row in rows if row.inline is None for offset in range(row.offset, row.offset + RECORD.size + row.stored_length)}


def read_or_refuse(folder: Path, name: str, expected: dict[str, bytes]) -> bool:
    """Read a snapshot back; True where every file came back right, False where one was refused. Wrong bytes fail."""
    right = True
    with Workspace.open(folder) as workspace:
        try:
            entries = workspace.show(name).entries
        except ContentCorrupt:
            return False
        for entry in entries:
            if entry.kind == "file":
                try:
                    assert workspace._store.read_bytes(entry.root, entry.path) == expected[entry.path]
                except ContentCorrupt as error:
                    assert entry.path in error.message or "ecipe" in error.message
                    right = False
    return right


def test_every_flip_in_a_segment_is_found(two: Path, tmp_path: Path) -> None:
    (segment,) = data_segments(two)
    size = segment.stat().st_size
    chunks = chunk_bytes(two)
    found = 0
    for number in range(FLIPS):
        offset = 16 + number * (size - 17) // FLIPS
        folder = copied(two, tmp_path / "work")
        (damaged,) = data_segments(folder)
        overwrite(damaged, offset, bytes([damaged.read_bytes()[offset] ^ 0x10]))
        right = [read_or_refuse(folder, "HEAD~1", FIRST), read_or_refuse(folder, "HEAD", SECOND)]
        with Workspace.open(folder) as workspace:
            report = workspace.check()
            assert report.ok is all(right), f"flip at {offset}: {report.damage}"
            if offset not in chunks:
                assert report.ok  # The journal is a second copy; rebuild compares it.
            else:
                found += not report.ok
                repaired = workspace.check(repair=True)
                after = workspace.check()
                assert {damage.what for damage in repaired.damage if not damage.repaired} == {damage.what for damage in after.damage}
        if read_or_refuse(folder, "HEAD", SECOND):
            with Workspace.open(folder) as workspace:
                assert kept(workspace, "HEAD") == SECOND
    assert found > FLIPS // 2


def test_what_the_workspace_holds_is_mended(two: Path) -> None:
    (segment,) = data_segments(two)
    place = segment.read_bytes().index(SECOND["model/weights.bin"][300_000:300_032])
    overwrite(segment, place, b"\0" * 32)
    with Workspace.open(two) as workspace:
        report = workspace.check()
        assert any("model/weights.bin" in name for damage in report.damage for name in damage.files)
        assert all(damage.repaired for damage in workspace.check(repair=True).damage)
    assert assert_whole(two) == ["first", "second"]


def test_what_is_beyond_repair_is_said(two: Path) -> None:
    (segment,) = data_segments(two)
    place = segment.read_bytes().index(FIRST["model/weights.bin"][300_000:300_032])  # Only the first snapshot has it.
    overwrite(segment, place, b"\0" * 32)
    with Workspace.open(two) as workspace:
        (damage,) = workspace.check(repair=True).damage
        assert not damage.repaired
        assert [name.split(":")[1] for name in damage.files] == ["model/weights.bin"]
        with pytest.raises(ContentCorrupt, match=r"model/weights\.bin"):
            workspace.rollback("HEAD~1")
    assert on_disk(two) == SECOND


@pytest.mark.parametrize("repair", [True, False])
@pytest.mark.parametrize("packages", [1, 400])  # The list of installed packages lies in the index, or in the segment.
def test_damage_is_no_reason_to_lose_the_next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packages: int, repair: bool) -> None:
    names = {f"package-{number}": hashlib.sha256(bytes([number % 256, number // 256])).hexdigest() for number in range(packages)}
    monkeypatch.setattr(provenance, "installed", lambda path: names)
    put(tmp_path, FIRST)
    with Workspace.init(tmp_path) as workspace:
        workspace.snapshot("first")
        (segment,) = data_segments(tmp_path)
        os.truncate(segment, 16)
        put(tmp_path, {**FIRST, "train.py": FIRST["train.py"] + b"more\n", "train.ipynb": notebook(9)})
        if repair:
            workspace.check(repair=True)
        workspace.snapshot("next")
        now = read_files(workspace._store, read_snapshot(workspace._store, workspace.log()[0].snapshot.id))
        # Without repair, a chunk that is damaged and unchanged (the notebook's figure) is named again; check tells it.
        whole = [entry for entry in now if repair or entry.path == "train.py"]
        for entry in whole:
            assert workspace._store.read_bytes(entry.root, entry.path) == (tmp_path / entry.path).read_bytes()
        assert len(whole) == (len(FIRST) if repair else 1)
        assert workspace.check().ok is repair


@pytest.mark.parametrize("victim", [0, 1])  # What the workspace stands on, and the snapshot before.
@pytest.mark.parametrize("table", [Table.BLOBS, Table.RECIPES])
def test_a_record_beyond_repair_can_be_taken_out(two: Path, table: Table, victim: int) -> None:
    """It names everything a snapshot has; as long as it is there, nothing can be pruned. The next snapshot succeeds all the same."""
    with Workspace.open(two) as workspace:
        damaged = workspace.log()[victim].snapshot.id
        row = workspace._store.blob_row(damaged)
        assert row is not None
        with workspace._store.environment.write() as transaction:
            key = row.root if table is Table.RECIPES else bytes.fromhex(damaged)
            transaction.put(key, b"damaged", db=workspace._store.environment.tables[table])
        older = workspace.log(before=damaged)
        assert [entry.snapshot.message for entry in older] == ["first"][victim:]
        for entries in (workspace.log(), workspace.log(kind="auto"), workspace.log(path="none"), workspace.log(find="none")):
            assert [entry.snapshot.id for entry in entries if not entry.snapshot.readable] == [damaged]
        shown = [entry.snapshot for entry in workspace.log()]
        assert len(shown) == 2
        assert f"jupyter kit remove {damaged[:10]}" in shown[victim].message
        assert shown[0].created > shown[1].created
        assert workspace.inspect().snapshots == 2
        with pytest.raises(ContentCorrupt, match=damaged[:10]) as told:
            workspace.prune()
        assert f"jupyter kit remove {damaged[:10]}" in told.value.hint
        with pytest.raises(ContentCorrupt, match=damaged[:10]):
            workspace.prune(keep_last=0, kind="auto")
        if victim == 1:
            assert workspace.plan_prune(keep_last=1).remove == (damaged,)
        assert any(damaged[:10] in damage.what for damage in workspace.check().damage)
        workspace.snapshot("after")
        assert kept(workspace, "HEAD") == SECOND
        assert workspace.remove([damaged[:10]]) == (damaged,)
        assert [entry.snapshot.message for entry in workspace.log()] == ["after", ["first", "second"][victim]]
        workspace.prune(keep_last=1)
    assert assert_whole(two) == ["after"]


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_segment_that_is_cut_off(two: Path, share: float) -> None:
    (segment,) = data_segments(two)
    os.truncate(segment, int(segment.stat().st_size * share))
    right = [read_or_refuse(two, "HEAD~1", FIRST), read_or_refuse(two, "HEAD", SECOND)]
    with Workspace.open(two) as workspace:
        assert workspace.check().ok is all(right)
        workspace.check(repair=True)
        workspace.snapshot("after")
        assert kept(workspace, "HEAD") == SECOND


def test_a_segment_that_is_gone(two: Path) -> None:
    data_segments(two)[0].unlink()
    with Workspace.open(two) as workspace:
        assert not workspace.check().ok
        with pytest.raises(ContentCorrupt):
            workspace.rollback("HEAD~1")
    assert on_disk(two) == SECOND


def test_two_chunks_that_changed_places(two: Path) -> None:
    """Both records are whole, each in the other's place: the id in the header tells."""
    with Workspace.open(two) as workspace:
        rows = [decode_chunk_row(value) for _, value in workspace._store.environment.rows(Table.CHUNKS)]
    placed = [row for row in rows if row.inline is None]
    (segment,) = data_segments(two)
    data = segment.read_bytes()
    one, other = sorted(placed, key=lambda row: row.stored_length)[-2:]
    length = RECORD.size + min(one.stored_length, other.stored_length)
    overwrite(segment, one.offset, data[other.offset : other.offset + length])
    overwrite(segment, other.offset, data[one.offset : one.offset + length])
    assert not (read_or_refuse(two, "HEAD~1", FIRST) and read_or_refuse(two, "HEAD", SECOND))
    with Workspace.open(two) as workspace:
        assert not workspace.check().ok


LOOK = """
import sys
from pathlib import Path
from jupyter_kit.errors import KitError
from tests.faults.project import FIRST, SECOND, kept
from jupyter_kit.workspace import Workspace
try:
    with Workspace.open(sys.argv[1]) as workspace:
        report = workspace.check()
        for name, tree in (("HEAD~1", FIRST), ("HEAD", SECOND)):
            found = kept(workspace, name)
            assert found == tree, "wrong bytes"
        print("ok" if report.ok else "found")
except KitError as error:
    print("refused")
"""


def test_flips_in_the_index(two: Path, tmp_path: Path) -> None:
    """In a process of its own, since LMDB trusts its pages. Content is right or refused, and rebuilding brings everything back."""
    index = two / ".kit/store/index/data.mdb"
    size = index.stat().st_size
    told: dict[str, int] = {}
    for number in range(INDEX_FLIPS):
        folder = copied(two, tmp_path / "work")
        offset = 8_192 + number * (size - 8_193) // INDEX_FLIPS
        damaged = folder / ".kit/store/index/data.mdb"
        overwrite(damaged, offset, bytes(byte ^ 0xFF for byte in damaged.read_bytes()[offset : offset + 8]))
        look = subprocess.run(
            [sys.executable, "-c", LOOK, str(folder)], capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2]
        )
        answer = look.stdout.strip() or f"signal {-look.returncode}"
        assert "wrong bytes" not in look.stderr, f"at {offset}"
        assert answer in ("ok", "found", "refused") or look.returncode < 0, look.stderr
        told[answer] = told.get(answer, 0) + 1
        with Workspace.open(folder, rebuild=True):
            pass
        assert assert_whole(folder) == ["first", "second"]
    print(told)
    assert told.get("found", 0) + told.get("refused", 0) > 0


def test_a_lost_index_is_made_anew(two: Path) -> None:
    for path in (two / ".kit/store/index").iterdir():
        path.unlink()
    with pytest.raises(KitError) as told:
        Workspace.open(two)
    assert "--rebuild" in told.value.hint
    with Workspace.open(two, rebuild=True) as workspace:
        assert workspace.check().rebuilt
        assert workspace.names()[:2] == ["HEAD", "latest"]
    assert assert_whole(two) == ["first", "second"]
