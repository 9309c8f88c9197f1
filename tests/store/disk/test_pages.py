"""The free pages of an LMDB file, told without LMDB; and no file that is cut short ends the process."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit.store.disk.pages import KNOWN, Pages
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store

pytestmark = pytest.mark.skipif(not KNOWN, reason="the layout is that of other machines")


def pages(path: Path) -> Pages:
    with path.open("rb") as file:
        found = Pages(file.fileno())
        found.unused()
        return found


def change(store: Store, chance: random.Random) -> None:
    """Some rows of all sizes, put and deleted in one transaction: LMDB then counts pages that it never writes."""
    with store.environment.write() as transaction:
        table = store.environment.tables[Table.VALUES]
        keys = [b"%d" % chance.randrange(500) for _ in range(chance.choice([2, 50]))]
        for key in keys:
            transaction.put(key, chance.randbytes(chance.choice([10, 300, 3_000, 30_000])), db=table)
        for key in chance.sample(keys, chance.choice([len(keys), len(keys) // 2])):
            transaction.delete(key, db=table)


def test_pages_that_were_never_written_are_free(store: Store) -> None:
    chance = random.Random(1)
    data = store.folder / "index" / "data.mdb"
    short = 0
    for _ in range(100):
        change(store, chance)
        with data.open("rb") as file:
            found = Pages(file.fileno())
            assert set(found.missing) <= found.unused()
            assert max(found.unused(), default=0) <= found.last
            short += bool(found.missing)
    assert short > 3


def test_a_file_that_is_short_without_harm_opens(store: Store) -> None:
    chance = random.Random(1)
    data = store.folder / "index" / "data.mdb"
    while not pages(data).missing:
        change(store, chance)
    rows = store.environment.rows(Table.VALUES)
    store.close()
    with_pages = pages(data).last + 1
    again = Store.open(store.folder)
    assert again.environment.rows(Table.VALUES) == rows
    assert data.stat().st_size == with_pages * pages(data).page_bytes
    change(again, chance)
    again.close()


CUT = """
import os, random, sys
from pathlib import Path
from jupyter_kit.errors import ContentCorrupt
from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store

def use(folder):
    try:
        store = Store.open(folder)
    except ContentCorrupt as error:
        assert "--rebuild" in error.hint, error
        return
    for table in Table:
        store.environment.rows(table)
    with store.environment.write() as transaction:
        for table in Table:
            transaction.drop(store.environment.tables[table], delete=False)

folder = Path(sys.argv[1])
data = folder / "index" / "data.mdb"
whole = data.read_bytes()
chance = random.Random(5)
told = []
for number in range(60):
    cut = chance.randrange(1, len(whole))
    data.write_bytes(whole[: cut if number % 2 else cut // 4096 * 4096 or 4096])
    child = os.fork()
    if not child:
        use(folder)
        os._exit(0)
    told.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
print(set(told))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="Windows does not fork")
def test_no_cut_ends_the_process(store: Store) -> None:
    """LMDB ends it where a neighbour that it walks to is no page. Each cut is looked at in a process of its own, which may die."""
    chance = random.Random(2)
    for table in (Table.VALUES, Table.CHUNKS, Table.BLOBS):
        for _ in range(5):
            with store.environment.write() as transaction:
                for _ in range(100):
                    size = chance.choice([10, 300, 9_000])
                    transaction.put(chance.randbytes(8), chance.randbytes(size), db=store.environment.tables[table])
    store.close()
    look = subprocess.run([sys.executable, "-c", CUT, str(store.folder)], capture_output=True, text=True, check=False)
    assert (look.stdout, look.stderr) == ("{0}\n", "")


@pytest.mark.parametrize("content", [b"", b"x", bytes(8192), b"\xff" * 8192])
def test_what_is_no_such_file_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(ValueError, match=r"head|ends"):
        pages(tmp_path / "file")


def test_a_list_of_free_pages_that_is_damaged_is_told_or_read(store: Store) -> None:
    chance = random.Random(3)
    for _ in range(30):
        change(store, chance)
    whole = (store.folder / "index" / "data.mdb").read_bytes()
    copy = store.folder / "copy"
    for _ in range(300):
        place = chance.randrange(len(whole) - 8)
        copy.write_bytes(whole[:place] + chance.randbytes(8) + whole[place + 8 :])
        try:
            pages(copy)
        except ValueError as error:
            assert str(error)
