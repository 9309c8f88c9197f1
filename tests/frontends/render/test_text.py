"""The text form of every answer."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timezone

import pytest

from jupyter_kit.compare.changes import Change, Changes, Diff, FileFacts, Status, TextDiff
from jupyter_kit.errors import KitError
from jupyter_kit.frontends.render.lines import View, coloured, plain
from jupyter_kit.frontends.render.text import forms, modelkits, remotes
from jupyter_kit.frontends.replies import Log, ModelKitList
from jupyter_kit.snapshot.plan import RollbackStep
from jupyter_kit.snapshot.snapshot import LogEntry, unreadable
from jupyter_kit.sync.exchange import Synced
from tests.frontends.hostile import TERMINAL_DANGERS, hostile
from tests.frontends.samples import ANSWERS, FETCHED, HOSTILE, LOG, PLAN, PULLED_MODELKIT, QUIET_ONES, STATUS, SUMMARY, snapshot

PERSON = View(now=datetime(2026, 3, 1, 15, 7, tzinfo=timezone.utc), width=60, rows=3)


def text(answer: object, view: View | None = None) -> str:
    return plain(forms.lines(answer, view or View()))


def test_every_answer_has_every_form() -> None:
    kinds = {type(answer) for answer in ANSWERS}
    assert kinds == {*forms.FORMS, *modelkits.FORMS, *remotes.FORMS} == {*forms.BRIEF, *modelkits.BRIEF, *remotes.BRIEF}


@pytest.mark.parametrize("answer", ANSWERS + QUIET_ONES, ids=lambda answer: type(answer).__name__)
def test_every_answer_says_something_and_nothing_strange(answer: object) -> None:
    for view in (View(), PERSON):
        told = text(answer, view)
        assert told.strip()
        assert "None" not in told
        assert "()" not in told
        assert not re.search(r" \n|\n\n\n", told)
        assert not TERMINAL_DANGERS.search(told)


@pytest.mark.parametrize("answer", [hostile(answer) for answer in ANSWERS], ids=lambda answer: type(answer).__name__)
def test_foreign_names_drive_no_terminal_and_forge_no_line(answer: object) -> None:
    told = text(answer)
    assert not TERMINAL_DANGERS.search(told)
    assert not re.search("^&", told, re.MULTILINE), "a name's line feed began a line of its own"
    stripped = re.sub(r"\x1b\[[\d;]*m", "", coloured(forms.lines(answer, PERSON)))
    assert not TERMINAL_DANGERS.search(stripped)
    assert not TERMINAL_DANGERS.search(plain(forms.brief(answer)))
    told.encode()


def test_a_pull_tells_what_it_spared_and_which_parents_came() -> None:
    told = text(PULLED_MODELKIT).splitlines()
    assert told[1].endswith("2.56 kB in 2 blobs moved, 4 blobs there already; 1.2 s")
    assert told[2:] == [
        "  1 layer of 67.1 MB made of what is here and 65.5 kB fetched",
        "  with its parent ghcr.io/team/base:v1  1.00 MB in 4 blobs moved",
    ]


def test_a_merge_says_whose_files_are_there() -> None:
    (merged,) = [answer for answer in ANSWERS if isinstance(answer, Synced)]
    theirs = FETCHED.snapshot[:10]
    assert f"The files are yours. Theirs are in {theirs}: jupyter kit diff {theirs} HEAD" in text(merged)


def test_a_list_that_is_wider_than_the_terminal_takes_two_lines_each() -> None:
    long = replace(SUMMARY, reference="registry.example.com:5000/team/handwriting/digits:2026-03-01")
    wide, narrow = (text(ModelKitList((long, SUMMARY)), View(width=width)).splitlines() for width in (200, 100))
    assert len(wide) == 3
    assert narrow == [
        long.reference,
        "  sha256:89abcdef89ab  digits, Ada Lovelace, 15.0 MB, 2026-03-01 13:05:12",
        "digits:v1",
        "  sha256:89abcdef89ab  digits, Ada Lovelace, 15.0 MB, 2026-03-01 13:05:12",
    ]


def test_errors_are_safe_too() -> None:
    told = plain(forms.error(KitError(f"{HOSTILE} is not there.", hint=f"Look at {HOSTILE}.")))
    assert not TERMINAL_DANGERS.search(told)
    assert len(told.splitlines()) == 2
    assert plain(forms.error(KitError("No."))) == "error: No.\n"


def test_status_groups_changes_and_says_what_is_next() -> None:
    told = text(STATUS)
    assert "Changed since: 1 added, 3 modified, 1 renamed, 1 mode changed, 1 removed  (2.14 MB new)" in told
    headings = [line for line in told.splitlines() if line in {"notebooks", "data", "models", "code", "other", "left out"}]
    assert headings == ["notebooks", "data", "models", "code", "other", "left out"]
    assert "  modified  train.ipynb               14.2 kB → 15.0 kB, 2.10 kB new" in told
    assert "644 → 755" in told
    assert "from plan.md" in told
    assert "file → symlink" in told
    assert 'jupyter kit snapshot -m "…"' in told
    assert '%kit snapshot -m "…"' in text(STATUS, View(program="%kit"))


def test_files_get_everything_and_people_what_they_can_read() -> None:
    many = replace(STATUS, changes=Changes(tuple(Change("added", f"data/{index}.csv", new_size=1, new_bytes=1) for index in range(100))))
    assert text(many).count(".csv") == 100
    assert text(many, PERSON).count(".csv") == 3
    assert "… and 97 more" in text(many, PERSON)
    four = replace(STATUS, changes=Changes(many.changes.entries[:4]))
    assert text(four, PERSON).count(".csv") == 4, "a line that counts one more row is longer than the row"


def test_people_read_ages_and_files_times() -> None:
    assert "2 hours ago" in text(STATUS, PERSON)
    assert re.search(r"2026-03-01 \d\d:\d\d:12", text(STATUS))


def test_the_log_compares_metrics_with_the_nearest_ancestor_that_has_them() -> None:
    told = text(LOG)
    assert "accuracy 0.9712 (+0.0612)  loss 0.081 (\u22120.039)" in told
    assert "14 files, 12.3 MB (+1.35 MB)" in told
    assert "HEAD  v2  best" in told
    assert "… older ones: jupyter kit log --all" in told


def test_the_log_says_where_history_branched() -> None:
    first, second, side = (digit * 64 for digit in "abc")
    entries = [
        LogEntry(snapshot(side, parents=(first,)), (), head=True),
        LogEntry(snapshot(second, parents=(first,)), (), head=False),
        LogEntry(snapshot(first), (), head=False),
    ]
    told = text(Log(tuple(entries)))
    assert told.count("after aaaaaaaaaa") == 1
    assert told.index("after aaaaaaaaaa") < told.index("○ bbbbbbbbbb")


def test_the_log_tells_a_damaged_record_in_full_and_no_numbers_of_it() -> None:
    lost = unreadable("d" * 64, "2026-03-01T08:00:00.000000Z")
    told = text(Log((LogEntry(lost, (), head=False), LogEntry(snapshot("a" * 64), (), head=False))), PERSON)
    assert "○ dddddddddd" in told
    assert "jupyter kit remove dddddddddd" in told
    assert "0 files" not in told
    assert "○ aaaaaaaaaa" in told


def test_long_messages_are_cut_for_people_only() -> None:
    long = Log((LogEntry(snapshot("a" * 64, text="x" * 500), (), head=False),))
    assert "x" * 500 in text(long)
    assert max(map(len, text(long, PERSON).splitlines())) <= 60


def test_a_text_diff_reads_as_a_patch() -> None:
    lines = ("--- a/f.py", "+++ b/f.py", "@@ -1 +1 @@", "-\told", "+\tnew")
    diff = Diff("a" * 64, "workspace", Changes((Change("modified", "f.py", old_size=1, new_size=2),)), (TextDiff("f.py", lines),))
    assert "\n".join(lines) in text(diff)


def test_a_plan_tells_what_it_leaves() -> None:
    assert "stays as it is\n  cache/x.bin  an ignored file stands there\n" in text(PLAN)
    assert "delete  empty\n" in text(replace(PLAN, steps=(RollbackStep("delete", "empty", 0, exists=True),)))


def test_facts_are_told_where_they_say_more_than_the_list() -> None:
    changes = Changes((Change("renamed", "b", old_path="a", old_size=9, new_size=9), Change("removed", "c", old_size=9)))
    renamed, removed, changed = FileFacts("b", 9, 9, 9), FileFacts("c", 9, None, 0), FileFacts("d", 9_000, 8_000, 7_000)
    told = text(Diff("a" * 64, "workspace", changes, (renamed, removed, changed)))
    assert told.endswith("\n\nd\n  9.00 kB → 8.00 kB, 7.00 kB of it as before\n")
    assert "as before" not in told.replace("7.00 kB of it as before", "")


def test_brief_forms_are_one_word_a_line() -> None:
    assert plain(forms.brief(STATUS)).splitlines() == [change.path for change in STATUS.changes]
    assert plain(forms.brief(LOG)).splitlines() == [entry.snapshot.id for entry in LOG]


def test_a_status_before_the_first_snapshot() -> None:
    fresh = Status("/p", None, None, None, (), 0, Changes((Change("added", "a.py", new_size=1),)), (), {})
    assert text(fresh).startswith("No snapshot yet. 1 file here would be in the first.")
