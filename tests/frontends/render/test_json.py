"""The JSON form of every answer: its keys are a promise."""

from __future__ import annotations

import json as standard
import re
from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest

from jupyter_kit.compare.changes import Changes
from jupyter_kit.errors import Kind, KitError, NotFound
from jupyter_kit.frontends import exits
from jupyter_kit.frontends.render import json
from jupyter_kit.modelkit.kitfile import Kitfile
from jupyter_kit.oci.descriptor import Descriptor
from jupyter_kit.oci.manifest import Manifest
from tests.frontends.hostile import hostile
from tests.frontends.samples import ANSWERS, DIFF, HOSTILE, PLAN, QUIET_ONES, RESULT, STATUS

DOCUMENT = Path(exits.__file__).with_name("JSON.md").read_text("utf-8")

PROMISED = {
    name: re.findall(r"^- `(\w+)`", keys, re.MULTILINE)
    for name, keys in re.findall(r"^### (\w+)\n\n((?:- .*\n?)+)", DOCUMENT, re.MULTILINE)
}
"""Keys of each object, as JSON.md lists them."""


FOREIGN = (Kitfile, Manifest, Descriptor)
"""Objects whose keys are promised by others: kit and OCI."""


def parts(value: object) -> list[object]:
    """A value and all values in it that are objects in JSON, under our own names."""
    if isinstance(value, FOREIGN):
        return []
    if isinstance(value, Changes):
        return [found for change in value for found in parts(change)]
    if is_dataclass(value) and not isinstance(value, type):
        return [value, *(found for field in fields(value) for found in parts(getattr(value, field.name)))]
    return [found for part in value for found in parts(part)] if isinstance(value, tuple | list) else []


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES, ids=lambda answer: type(answer).__name__)
def test_keys_are_those_promised(answer: object) -> None:
    for part in parts(answer):
        plain = json.as_plain(part)
        assert isinstance(plain, dict)
        assert list(plain) == PROMISED[type(part).__name__]


def test_nothing_is_promised_that_is_not_there() -> None:
    assert {type(part).__name__ for answer in ANSWERS for part in parts(answer)} == set(PROMISED)


def test_a_snapshot_says_what_scripts_need_most() -> None:
    plain = json.as_plain(RESULT)
    assert isinstance(plain, dict)
    assert {"id", "files", "bytes", "new_bytes", "stored_bytes", "seconds", "skipped"} <= set(plain)


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES + [hostile(answer) for answer in ANSWERS], ids=lambda answer: type(answer).__name__)
def test_documents_are_ascii_and_read_back(answer: object) -> None:
    plain = json.as_plain(answer)
    text = json.document(plain)
    assert text.isascii()
    assert standard.loads(text) == plain


def test_names_that_are_not_utf_8_survive() -> None:
    text = json.document(json.as_plain({"path": HOSTILE}))
    assert standard.loads(text)["path"] == HOSTILE


def test_properties_are_told_too() -> None:
    status, plan, diff = (standard.loads(json.document(json.as_plain(answer))) for answer in (STATUS, PLAN, DIFF))
    assert status["clean"] is False
    assert plan["deleted"] == 1
    assert [file["type"] for file in diff["files"]] == ["text", "notebook", "notebook", "tensors", "table", "facts"]


def test_errors_have_four_keys() -> None:
    plain = json.error(NotFound("No snapshot is named v9.", hint="See the log.", path="a.csv"))
    assert plain == {"error": {"kind": "not-found", "message": "No snapshot is named v9.", "hint": "See the log.", "path": "a.csv"}}
    told = json.error(KitError("x", kind=Kind.STORE_BUSY))
    assert standard.loads(json.document(told))["error"]["kind"] == "store-busy"


def test_what_has_no_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(TypeError, match="set has no JSON form"):
        json.as_plain({"a": {1}})
    with pytest.raises(ValueError, match="not JSON compliant"):
        json.document({"a": float("nan")})
