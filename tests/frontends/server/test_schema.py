"""The schema of replies is the one that the code has now, and every answer is as it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator, ValidationError

from jupyter_kit.frontends.render.json import as_plain
from jupyter_kit.frontends.replies import Names, RemovalPlan, Text
from jupyter_kit.frontends.server import events
from jupyter_kit.frontends.server.documents import Window, document, windowed
from jupyter_kit.frontends.server.schema import FILE, text
from jupyter_kit.frontends.server.ways import ROUTED
from tests.frontends.samples import ANSWERS, QUIET_ONES

SCHEMA = json.loads(FILE.read_text("utf-8"))

OF_THE_TERMINAL = (Names, RemovalPlan, Text)
"""Shown where somebody is asked, or for shells alone."""


def test_the_file_is_what_the_code_says() -> None:
    assert FILE.read_text("utf-8") == text(), "run: python -m jupyter_kit.frontends.server.schema"


def test_the_schema_is_one_and_names_every_verb() -> None:
    Draft7Validator.check_schema(SCHEMA)
    assert set(ROUTED) <= set(SCHEMA["properties"])


@pytest.mark.parametrize(("event", "reply"), list(zip(events.SCHEMAS, ("JobEvent", "Looking", "WorkspaceEvent"), strict=True)))
def test_the_event_bus_is_told_the_same(event: dict[str, Any], reply: str) -> None:
    told, known = event["properties"], SCHEMA["definitions"][reply]["properties"]
    assert set(told) == set(known)
    for words in ("state", "reason"):
        assert told.get(words) == known.get(words)


SHOWN = [answer for answer in ANSWERS + QUIET_ONES if not isinstance(answer, OF_THE_TERMINAL)]


@pytest.mark.parametrize("answer", SHOWN, ids=lambda answer: type(answer).__name__)
def test_every_answer_is_as_the_schema_says(answer: object) -> None:
    definition = {"$ref": f"#/definitions/{type(answer).__name__}", "definitions": SCHEMA["definitions"]}
    plain = as_plain(answer)
    Draft7Validator(definition).validate(json.loads(document(plain)))
    Draft7Validator(definition).validate(windowed(answer, Window(limit=1)))
    if isinstance(plain, dict) and "properties" in SCHEMA["definitions"][type(answer).__name__]:
        with pytest.raises(ValidationError):
            Draft7Validator(definition).validate({**plain, "more": 1})
