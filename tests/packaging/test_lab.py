"""What the two halves of Jupyter Kit say of each other: their version, and replies that the TypeScript tests take for real."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from jupyter_kit.version import __version__

HOME = Path(__file__).parents[2]
SOURCE = HOME / "labextension" / "src"
SCHEMA = json.loads((HOME / "jupyter_kit" / "frontends" / "server" / "replies.schema.json").read_text("utf-8"))


def test_both_halves_have_one_version() -> None:
    package = json.loads((HOME / "labextension" / "package.json").read_text("utf-8"))
    told = re.search(r"VERSION = '(.*)'", (SOURCE / "version.ts").read_text("utf-8"))
    assert told
    assert package["version"] == told[1] == __version__


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("payloads/*.json")), ids=lambda path: path.stem)
def test_payloads_of_the_typescript_tests_are_what_the_server_answers(path: Path) -> None:
    verb = path.stem.removesuffix("-plan")  # A plan is what a dry run of the verb answers.
    Draft7Validator({**SCHEMA["properties"][verb], "definitions": SCHEMA["definitions"]}).validate(json.loads(path.read_text("utf-8")))


def test_the_lock_file_names_no_machine() -> None:
    """Where an address got in, ``::__archiveUrl=`` and what follows can be cut off."""
    assert not re.search(r"__archiveUrl|%3A%2F%2F|https?://", (HOME / "labextension" / "yarn.lock").read_text("utf-8"))
