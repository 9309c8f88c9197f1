"""REST.md tells every route, every status and every setting, and none that is not there."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from jupyter_kit.errors import Kind
from jupyter_kit.frontends.arguments import parse
from jupyter_kit.frontends.arguments.values import options_of
from jupyter_kit.frontends.exits import HTTP_STATUS
from jupyter_kit.frontends.server import events, ways
from jupyter_kit.frontends.server.answers import AutoReply, Job, WorkspaceReply
from jupyter_kit.frontends.server.extension import KitServer
from jupyter_kit.frontends.server.routes.table import ROUTES
from jupyter_kit.frontends.server.schema import FILE

DOCUMENT = FILE.with_name("REST.md").read_text("utf-8")


def section(name: str) -> str:
    return DOCUMENT.partition(f"## {name}\n")[2].partition("\n## ")[0]


def words(text: str) -> set[str]:
    return set(re.findall(r"`([a-z_-]+)`", text))


def test_every_verb_is_in_the_table() -> None:
    row = next(line for line in section("Verbs").splitlines() if line.startswith("| `"))
    looking, changing = row.strip("| ").split("|")
    assert words(looking) | words(changing) == {*ways.ROUTED, "export"}
    assert words(looking) >= ways.LOOKING
    assert not words(changing) & ways.LOOKING


def test_every_other_route_is_told() -> None:
    rows = re.findall(r"^\| (?:GET|POST|DELETE) `([\w/-]+)`", section("Others"), re.MULTILINE)
    told = {route.replace("ID", "([0-9a-f]+)") for route in rows}
    assert told == {*ROUTES, "auto"}
    for kind in (Job, AutoReply, WorkspaceReply):
        assert {field.name for field in fields(kind)} <= words(section("Others")), kind


def test_statuses_are_those_of_the_table() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", section("Errors"), re.MULTILINE)
    assert {kind: int(status) for status, kinds in rows for kind in words(kinds)} == {kind.value: HTTP_STATUS[kind] for kind in Kind}


def test_events_and_settings_are_those_there_are() -> None:
    assert {schema["$id"] for schema in events.SCHEMAS} == set(re.findall(r"`(https://\S+)`", section("Events")))
    assert words(section("Settings")) == {name for name, trait in KitServer.class_own_traits(config=True).items()}


@pytest.mark.parametrize("verb", sorted(ways.LONG))
def test_the_long_verbs_are_named(verb: str) -> None:
    assert f"`{verb}`" in section("Verbs").partition("answered with 202")[2]


@pytest.mark.parametrize(
    "line",
    [
        "snapshot -m text --tag v1 --tag v2 --metric a=1",
        "log --all --path data",
        "rollback v1 a b --yes",
        "prune --keep-last 3 --kind auto",
        "unpack m:1 -d served -f model -o",
        "remote add team oci:x",
        "status",
    ],
)
def test_options_by_name_are_those_of_the_words(line: str) -> None:
    typed = {name: value for name, value in vars(parse(line.split())).items() if name != "help"}
    own = {name: value for name, value in typed.items() if name not in {"verb", "folder", "json", "quiet", "no_progress"}}
    assert vars(options_of(typed["verb"], own)) == typed
