"""Long lists are shown in part, and JSON is the same however it is written."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_kit.compare.changes import Change, Changes, Diff, FileFacts, Status
from jupyter_kit.frontends.render.json import Plain, as_plain
from jupyter_kit.frontends.server.documents import Window, document, windowed
from jupyter_kit.snapshot.plan import RollbackPlan, RollbackResult, RollbackStep
from tests.frontends.samples import ANSWERS, QUIET_ONES

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(PLAIN)
def test_json_written_in_pieces_is_json(plain: Plain) -> None:
    assert json.loads(document(plain)) == plain
    assert document(plain).decode("ascii") == json.dumps(plain)


def test_no_number_is_written_that_json_does_not_have() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        document({"metrics": [float("nan")]})


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES, ids=lambda answer: type(answer).__name__)
def test_short_answers_are_the_documents_of_the_command_line(answer: object) -> None:
    assert windowed(answer) == as_plain(answer)


def status(count: int) -> Status:
    changes = Changes(tuple(Change("added", f"{number}.txt", new_size=1) for number in range(count)))
    return Status("/work", None, None, None, ("v1", "v2"), 0, changes, (), {})


def test_a_long_list_is_cut_and_says_how_long_it_is() -> None:
    shown = windowed(status(10), Window(limit=4))
    assert isinstance(shown, dict)
    assert [change["path"] for change in shown["changes"]] == ["0.txt", "1.txt", "2.txt", "3.txt"]
    assert shown["lengths"] == {"changes": 10}
    assert (shown["clean"], shown["head_tags"]) == (False, ["v1", "v2"])


def test_pages_make_up_the_whole() -> None:
    pages = [windowed(status(10), Window(limit=4, offset=offset)) for offset in (0, 4, 8, 12)]
    assert [len(page["changes"]) for page in pages] == [4, 4, 2, 0]
    assert [change for page in pages for change in page["changes"]] == as_plain(status(10))["changes"]


def test_lists_within_parts_are_cut_as_well() -> None:
    plan = RollbackPlan("1" * 64, (), tuple(RollbackStep("write", f"{number}.txt", 5, True) for number in range(10)), 0)
    shown = windowed(RollbackResult(plan, None, 50, 0.1), Window(limit=3))
    assert isinstance(shown, dict)
    assert len(shown["plan"]["steps"]) == 3
    assert shown["lengths"] == {"plan.steps": 10}
    assert (shown["plan"]["written"], shown["plan"]["bytes"]) == (10, 50)


def test_each_list_has_its_length() -> None:
    changes = Changes(tuple(Change("modified", f"{number}.txt") for number in range(5)))
    shown = windowed(Diff("a", "workspace", changes, tuple(FileFacts(f"{number}.txt", 1, 2, 0) for number in range(4))), Window(limit=2))
    assert isinstance(shown, dict)
    assert shown["lengths"] == {"changes": 5, "files": 4}
