"""FORMAT.md against the documents that are written."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jupyter_kit.snapshot import filelist, provenance, records
from jupyter_kit.snapshot.filelist import FILES_SCHEMA, MODE_MAX, encode_files
from jupyter_kit.snapshot.records import SNAPSHOT_SCHEMA, encode_snapshot
from jupyter_kit.snapshot.snapshot import FileEntry, Snapshot

DOCUMENT = (Path(filelist.__file__).parent / "FORMAT.md").read_text("utf-8")


def test_the_record_has_these_keys() -> None:
    snapshot = Snapshot("", "2026-01-01T00:00:00.000000Z", "Ada", "", "manual", (), (), "w", "0" * 64, 0, 0)
    document = json.loads(encode_snapshot(snapshot)[1])
    assert sorted(re.findall(r"^\| `(\w+)` \|", DOCUMENT, re.MULTILINE)) == sorted(document)
    assert f"`{SNAPSHOT_SCHEMA}`" in DOCUMENT
    assert all(f"`{kind}`" in DOCUMENT for kind in records.KINDS)


def test_the_file_list_has_these_columns() -> None:
    header, line, _ = encode_files([FileEntry("a", "file", 0o644, 1, 2, "0" * 64)]).decode().split("\n")
    assert f"`{header}`" in DOCUMENT
    assert FILES_SCHEMA in header
    assert len(re.findall(r"^\| \d \|", DOCUMENT, re.MULTILINE)) == len(json.loads(line))
    assert f"0 to {MODE_MAX}" in DOCUMENT


def test_the_environment_has_its_schema() -> None:
    assert f"`{json.loads(provenance.environment_document())['schema']}`" in DOCUMENT
