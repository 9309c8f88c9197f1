"""The record of a snapshot as a document."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.errors import ContentCorrupt, InvalidInput, UnsupportedFormat
from jupyter_kit.snapshot.records import canonical, check_metrics, decode_snapshot, encode_snapshot, read_environment, reference_reader
from jupyter_kit.snapshot.snapshot import Anchor, GitState, Snapshot
from tests.snapshot.conftest import Box
from tests.snapshot.strategies import DIGESTS

TEXT = st.one_of(st.text(max_size=20), st.just("lone \udcff surrogate"), st.just("数据 🚀 “quoted”\n\0"))
MOMENTS = st.just("2026-01-31T12:00:00.000001Z")

RECORDS = st.builds(
    Snapshot,
    id=st.just(""),
    created=MOMENTS,
    author=TEXT,
    message=TEXT,
    kind=st.sampled_from(["manual", "auto", "safety"]),
    parents=st.lists(DIGESTS, max_size=2).map(tuple),
    tags=st.lists(TEXT, max_size=2).map(tuple),
    workspace=TEXT,
    files=DIGESTS,
    file_count=st.integers(0, 2**40),
    bytes=st.integers(0, 2**60),
    environment=st.none() | DIGESTS,
    git=st.none() | st.builds(GitState, commit=TEXT, branch=st.none() | TEXT, dirty=st.none() | st.booleans()),
    notebook=st.none() | TEXT,
    kernel=st.none() | TEXT,
    metrics=st.dictionaries(TEXT, st.floats(allow_nan=False, allow_infinity=False) | st.integers(), max_size=3),
    audit=st.none() | st.builds(Anchor, sequence=st.integers(0, 2**40), hash=DIGESTS),
    new_bytes=st.none() | st.integers(0, 2**60),
)


@given(RECORDS)
def test_what_is_written_is_read(record: Snapshot) -> None:
    identity, document = encode_snapshot(record)
    read = decode_snapshot(document)
    assert encode_snapshot(read) == (identity, document)
    assert read.id == identity == hashlib.sha256(document).hexdigest()
    assert (read.message, read.metrics, read.git, read.audit) == (record.message, record.metrics, record.git, record.audit)
    assert read.new_bytes == record.new_bytes
    document.decode("ascii")


def fields(**changed: Any) -> bytes:
    record = Snapshot("", "2026-01-31T12:00:00.000001Z", "Ada", "", "manual", (), (), "w", "ab" * 32, 1, 2)
    return canonical({**json.loads(encode_snapshot(record)[1]), **changed})


@pytest.mark.parametrize(
    "changed",
    [
        {"created": "yesterday"},
        {"created": "2026-01-31T12:00:00Z"},
        {"author": None},
        {"message": 1},
        {"kind": "other"},
        {"kind": ["manual"]},
        {"parents": "x"},
        {"parents": ["x"]},
        {"parents": {}},
        {"tags": [1]},
        {"files": "ab"},
        {"files": None},
        {"file_count": -1},
        {"file_count": True},
        {"bytes": 1.5},
        {"new_bytes": None},
        {"new_bytes": -1},
        {"environment": "x"},
        {"git": []},
        {"git": "x"},
        {"git": {"commit": "a"}},
        {"git": {"commit": "a", "branch": None, "dirty": 1}},
        {"metrics": []},
        {"metrics": {"a": "1"}},
        {"metrics": {"a": True}},
        {"audit": {"sequence": 1}},
        {"audit": {"sequence": -1, "hash": "ab" * 32}},
        {"unknown": 1},
    ],
)
def test_what_is_no_record_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ContentCorrupt):
        decode_snapshot(fields(**changed))


@pytest.mark.parametrize("name", sorted(json.loads(fields())))
def test_no_field_may_be_missing(name: str) -> None:
    left = json.loads(fields())
    del left[name]
    with pytest.raises(ContentCorrupt):
        decode_snapshot(canonical(left))


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"\xff",
        b"[]",
        b"1",
        b'"x"',
        b"null",
        b"{}",
        b"[" * 100_000,
        fields()[:-1],
        fields().replace(b'"metrics":{}', b'"metrics":{"a":NaN}'),
    ],
)
def test_what_is_no_document_is_refused(document: bytes) -> None:
    with pytest.raises(ContentCorrupt):
        decode_snapshot(document)


def test_a_newer_format_says_what_to_do() -> None:
    with pytest.raises(UnsupportedFormat, match="snapshot/2") as caught:
        decode_snapshot(fields(schema="jupyter-kit/snapshot/2"))
    assert "Upgrade" in caught.value.hint


@given(RECORDS, st.data())
def test_damage_is_told_or_harmless(record: Snapshot, data: st.DataObject) -> None:
    document = bytearray(encode_snapshot(record)[1])
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(document) - 1))
        document[at] ^= data.draw(st.integers(1, 255))
    try:
        decode_snapshot(bytes(document))
    except (ContentCorrupt, UnsupportedFormat):
        pass


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, True, "1", None])
def test_a_metric_is_a_finite_number(value: Any) -> None:
    with pytest.raises(InvalidInput, match="accuracy"):
        check_metrics({"accuracy": value})


def test_metrics_keep_their_type() -> None:
    assert check_metrics({"steps": 2**70, "loss": 0.5}) == {"steps": 2**70, "loss": 0.5}


def test_what_a_snapshot_refers_to(box: Box) -> None:
    box.write({"a.txt": b"a", "sub/b.txt": b"b", "empty": None, "link": "a.txt"})
    taken = box.snap()
    references = reference_reader(box.store)(taken.id)
    assert [name for name, _ in references.contents] == ["a.txt", "sub/b.txt"]
    assert box.entries(taken.id)["a.txt"].root == dict(references.contents)["a.txt"]
    assert len(references.blobs) == 2
    assert all(box.store.blob(blob) for blob in references.blobs)


def test_an_environment_that_is_none_is_told(box: Box) -> None:
    with box.store.writer() as writer:
        digests = [writer.add_blob(document) for document in (b"[]", b"{", b"1")]
        with writer.transaction():
            pass
    for digest in digests:
        record = Snapshot("", "", "", "", "manual", (), (), "", "", 0, 0, environment=digest)
        with pytest.raises(ContentCorrupt):
            read_environment(box.store, record)
