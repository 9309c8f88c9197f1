"""The three tables of kinds, and what is told of anything that was raised."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from jupyter_kit.errors import Cancelled, Kind, NotFound
from jupyter_kit.frontends import exits
from jupyter_kit.store.format.audit import AuditReport
from jupyter_kit.store.upkeep.reports import CheckReport
from tests.frontends.samples import ANSWERS, DAMAGE, QUIET_ONES

JSON_DOCUMENT = Path(exits.__file__).with_name("JSON.md")


@pytest.mark.parametrize("table", [exits.EXIT_CODE, exits.HTTP_STATUS, exits.SEVERITY], ids=["exit codes", "statuses", "severities"])
def test_no_kind_is_missing(table: dict[Kind, object]) -> None:
    assert set(table) == set(Kind)


def test_exit_codes_are_those_a_shell_can_tell_apart() -> None:
    taken = {exits.UNEXPECTED, exits.BROKEN_PIPE, 0, 1, 126, 127}
    assert not taken & set(exits.EXIT_CODE.values())
    assert all(0 < code < 256 for code in exits.EXIT_CODE.values())
    assert exits.EXIT_CODE[Kind.CANCELLED] == 130


def test_statuses_are_errors_and_never_those_jupyter_means_otherwise() -> None:
    assert all(400 <= status < 600 for status in exits.HTTP_STATUS.values())
    assert not {401, 403} & set(exits.HTTP_STATUS.values())


def test_the_document_lists_the_same_exit_codes() -> None:
    rows = re.findall(r"^\| (\d+) \| (.*) \|$", JSON_DOCUMENT.read_text("utf-8"), re.MULTILINE)
    listed = {kind: int(code) for code, kinds in rows for kind in re.findall(r"`([a-z-]+)`", kinds) if kind != "check"}
    assert listed == {kind.value: code for kind, code in exits.EXIT_CODE.items()}


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES)
def test_answers_are_successes_unless_they_tell_damage(answer: object) -> None:
    bad = isinstance(answer, CheckReport | AuditReport) and not answer.ok
    assert exits.exit_code(answer) == (7 if bad else 0)


def test_mended_damage_is_a_success() -> None:
    assert exits.exit_code(CheckReport(1, 1, 1, 1, 0.1, DAMAGE[1:])) == 0


def test_what_is_told_of_what_was_raised() -> None:
    ours = NotFound("No snapshot is named v9.")
    assert exits.told(ours) is ours
    assert isinstance(exits.told(KeyboardInterrupt()), Cancelled)
    mistake = exits.told(ZeroDivisionError("division by zero"))
    assert "ZeroDivisionError: division by zero" in mistake.message
    assert "JUPYTER_KIT_DEBUG=1" in mistake.hint
