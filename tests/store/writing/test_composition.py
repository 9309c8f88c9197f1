"""Blobs put together: always the bytes that were given, and one recipe however the literal ones came."""

from __future__ import annotations

import hashlib
import tempfile
from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_kit.store.format.schema import Table
from jupyter_kit.store.store import Store
from jupyter_kit.store.writing.composition import LITERAL_BYTES
from tests.store.keeping import keep, noise

CONTENTS = [b"", b"small", noise(1, 300_000)]


def composed(store: Store, parts: list[bytes | str]) -> tuple[str, str]:
    """Digest and root of a blob that is kept."""
    with store.writer() as writer:
        digest, row = writer.compose(parts)
        with writer.transaction():
            pass
    return digest, row.root.hex()


@given(
    parts=st.lists(st.one_of(st.integers(0, 2), st.binary(max_size=50), st.sampled_from([bytes(512), noise(2, 200_000)])), max_size=12),
    cut=st.integers(1, 700),
)
@settings(max_examples=30)
def test_a_composed_blob_is_its_parts_and_has_one_root_however_literal_bytes_come(parts: list[int | bytes], cut: int) -> None:
    with tempfile.TemporaryDirectory() as place, closing(Store.create(Path(place) / "store")) as store:
        roots = keep(store, *CONTENTS)
        whole = b"".join(CONTENTS[part] if isinstance(part, int) else part for part in parts)
        digest, root = composed(store, [roots[part] if isinstance(part, int) else part for part in parts])
        assert digest == hashlib.sha256(whole).hexdigest()
        assert store.read_bytes(root) == whole
        pieces: list[bytes | str] = []
        for part in parts:
            if isinstance(part, int):
                pieces.append(roots[part])
            else:
                pieces += [part[:cut], part[cut : 2 * cut], b"", part[2 * cut :]]
        assert composed(store, pieces) == (digest, root)


def test_literal_bytes_of_many_parts_take_few_chunks(store: Store) -> None:
    [root] = keep(store, noise(3, 20_000))
    before = store.environment.entries(Table.CHUNKS)
    headers = [b"%06d" % number + bytes(506) for number in range(5_000)]
    assert sum(map(len, headers)) > LITERAL_BYTES
    composed(store, [part for header in headers for part in (header, root)])
    assert store.environment.entries(Table.CHUNKS) - before < 250
