"""FORMAT.md against the documents that are written."""

from __future__ import annotations

import json
import re
from pathlib import Path

from jupyter_kit.snapshot import filelist, provenance, records
from jupyter_kit.snapshot.filelist import FILES_SCHEMA, MODE_MAX, decode_files, encode_files
from jupyter_kit.snapshot.records import SNAPSHOT_SCHEMA, decode_snapshot, encode_snapshot
from jupyter_kit.snapshot.snapshot import FileEntry, Snapshot

DOCUMENT = (Path(filelist.__file__).parent / "FORMAT.md").read_text("utf-8")


def fields(heading: str) -> list[str]:
    """The names in the first column of the table under a heading."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    return sorted(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE))


def test_the_record_has_these_keys() -> None:
    snapshot = Snapshot("", "2026-01-01T00:00:00.000000Z", "Ada", "", "manual", (), (), "w", "0" * 64, 0, 0, new_bytes=0)
    document = json.loads(encode_snapshot(snapshot)[1])
    assert fields("The record") == sorted(document)
    assert f"`{SNAPSHOT_SCHEMA}`" in DOCUMENT
    assert all(f"`{kind}`" in DOCUMENT for kind in records.KINDS)


def test_the_file_list_has_these_columns() -> None:
    header, line, _ = encode_files([FileEntry("a", "file", 0o644, 1, 2, "0" * 64)]).decode().split("\n")
    assert f"`{header}`" in DOCUMENT
    assert FILES_SCHEMA in header
    assert len(re.findall(r"^\| \d \|", DOCUMENT, re.MULTILINE)) == len(json.loads(line))
    assert f"0 to {MODE_MAX}" in DOCUMENT


def test_the_environment_has_these_keys() -> None:
    document = json.loads(provenance.environment_document())
    assert fields("The environment") == sorted(document)
    assert f"`{document['schema']}`" in DOCUMENT


def test_the_examples_are_what_is_written() -> None:
    record, listing = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    document = record.replace("\n", "").replace('"0000…"', f'"{"0" * 64}"').replace('"9f86…"', f'"{"9f86" * 16}"').encode()
    assert encode_snapshot(decode_snapshot(document))[1] == document
    entries = decode_files(listing.encode())
    assert encode_files(entries) == listing.encode()
    assert {entry.kind for entry in entries} == {"file", "symlink", "folder"}
