"""One list of verbs: the workspace's methods, the words of the command line, what carries them out, and what documents them."""

from __future__ import annotations

import inspect
import re
from pathlib import Path
from typing import Any

import pytest

from jupyter_kit import Workspace
from jupyter_kit.errors import Conflict, InvalidInput, Kind, NotFound
from jupyter_kit.frontends import arguments, exits, verbs
from jupyter_kit.frontends.arguments import parse
from jupyter_kit.frontends.cli import Terminal
from jupyter_kit.frontends.render.lines import View, plain
from jupyter_kit.frontends.render.text import forms
from jupyter_kit.frontends.replies import Events, Exported, Log
from jupyter_kit.frontends.server import ways
from jupyter_kit.frontends.verbs import run
from jupyter_kit.frontends.verbs.versions import metrics, named_value

NOT_VERBS = {
    "open", "close", "names", "paths", "plan_rollback", "plan_prune", "plan_pack", "plan_unpack", "tags", "audit_verify", "audit_export",
    "inspect_modelkit", "tag_modelkit", "remove_modelkits", "diff_modelkits", "info_field", "write_kitfile", "pull_history", "remotes",
    "add_remote", "remove_remote", "modelkit_names", "tree", "entries", "open_file", "keeps", "versions",
    "generation", "standing", "ignore", "ignored",
}  # fmt: skip
"""Methods that serve a verb of another name, or none."""

OF_THE_PROGRAM = {"version", "completion"}
"""Verbs about the program, which no workspace has."""

JSON_DOCUMENT = Path(exits.__file__).with_name("JSON.md").read_text("utf-8")


def test_the_lists_of_verbs_are_one() -> None:
    methods = {name for name, _ in inspect.getmembers(Workspace, inspect.isroutine) if not name.startswith("_")} - NOT_VERBS
    typed = set(arguments.VERBS)
    carried_out = set(verbs.WITHOUT_WORKSPACE) | set(verbs.IN_WORKSPACE)
    assert typed - OF_THE_PROGRAM == methods
    assert carried_out == typed | {"help"}
    assert set(ways.ROUTED) == typed - {"completion"}


def test_the_json_document_tells_every_verb() -> None:
    table = JSON_DOCUMENT.partition("## Answers")[2].partition("## Objects")[0]
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\|", table, re.MULTILINE)
    assert {verb for row in rows for verb in re.findall(r"`(\w+)`", row)} == set(arguments.VERBS) | {"help"}


def test_progress_is_never_asked_for() -> None:
    for name in verbs.IN_WORKSPACE:
        taken = inspect.signature(getattr(Workspace, name)).parameters.get("progress")
        assert taken is None or taken.default is None


def answer(line: str) -> Any:
    """What a line answers in a terminal where nobody sits."""
    options = parse(line.split())
    return run(options, Terminal(options))


@pytest.mark.parametrize("word", ["accuracy", "=1", "accuracy=", " = "])
def test_a_metric_has_a_name_and_a_value(word: str) -> None:
    with pytest.raises(InvalidInput, match="is not a metric"):
        named_value(word)


def test_metrics_are_numbers() -> None:
    host = Terminal(parse(["status"]))
    assert metrics(["a=1", "b = -2e3", "a=3"], host) == {"a": 3.0, "b": -2000.0}
    with pytest.raises(InvalidInput, match="“acc” is not a number, so a cannot be recorded"):
        metrics(["a=acc"], host)


def test_the_log_is_cut_and_says_so(folder: Path) -> None:
    with Workspace.init() as workspace:
        for number in range(4):
            Path("a.txt").write_text(str(number))
            workspace.snapshot(f"number {number}")
    log = answer("log -n 3")
    assert isinstance(log, Log)
    assert [entry.snapshot.message for entry in log] == ["number 3", "number 2", "number 1"]
    assert log.cut
    assert log.before
    assert log.before.snapshot.message == "number 0"
    for line in ("log", "log -n 4", "log -n 1 --all"):
        log = answer(line)
        assert isinstance(log, Log)
        assert (len(log), log.cut, log.before) == (4, False, None)


def test_the_log_goes_on_where_a_page_ended(folder: Path) -> None:
    with Workspace.init() as workspace:
        for number in range(5):
            Path("a.txt").write_text(str(number))
            workspace.snapshot(f"number {number}")
    page = answer("log -n 2 --before HEAD~1")
    assert isinstance(page, Log)
    assert [entry.snapshot.message for entry in page] == ["number 2", "number 1"]
    assert page.cut
    last = answer(f"log --before {page.entries[-1].snapshot.id}")
    assert isinstance(last, Log)
    assert [entry.snapshot.message for entry in last] == ["number 0"]
    assert not last.cut
    with pytest.raises(NotFound):
        answer("log --before v9")


def test_the_log_finds_words(folder: Path) -> None:
    with Workspace.init() as workspace:
        for number, message in enumerate(("random forest", "Forest, tuned", "linear")):
            Path("a.txt").write_text(str(number))
            workspace.snapshot(message, tags=[f"tag-{number}"], metrics={f"loss{number}": 1.0}, notebook="Trees.ipynb")
        ids = [entry.snapshot.id for entry in workspace.log()]
    for words, messages in (
        ("FOREST", ["Forest, tuned", "random forest"]),
        ("forest random", ["random forest"]),
        ("forest linear", []),
        ("tag-1", ["Forest, tuned"]),
        ("loss2 trees.ipynb", ["linear"]),
        (ids[2][:8], ["random forest"]),
        ("manual", ["linear", "Forest, tuned", "random forest"]),
    ):
        with Workspace.open() as workspace:
            found = workspace.log(find=words)
        assert [entry.snapshot.message for entry in found] == messages, words
    page = answer("log --find forest -n 1")
    assert isinstance(page, Log)
    assert (page.cut, [entry.snapshot.message for entry in page]) == (True, ["Forest, tuned"])


def test_the_audit_shows_the_newest_events_oldest_first(folder: Path) -> None:
    with Workspace.init() as workspace:
        for number in range(3):
            Path("a.txt").write_text(str(number))
            workspace.snapshot()
    events = answer("audit -n 2")
    assert isinstance(events, Events)
    assert [event.verb for event in events] == ["snapshot", "snapshot"]
    assert events[0].sequence + 1 == events[1].sequence
    assert events.cut
    everything = answer("audit")
    assert isinstance(everything, Events)
    assert not everything.cut
    assert everything[0].sequence == 1
    assert everything[-1] == events[-1]
    since = answer("audit --since now")
    assert isinstance(since, Events)
    assert len(since) == 0


@pytest.mark.parametrize(
    "line", ["audit verify --actor ada", "audit export a.csv -n 3", "audit verify a.csv", "audit export", "audit export - --json"]
)
def test_options_of_the_audit_that_would_be_ignored_are_refused(folder: Path, line: str) -> None:
    Workspace.init().close()
    with pytest.raises(InvalidInput):
        answer(line)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_goes_to_a_new_file(folder: Path, form: str) -> None:
    Workspace.init().close()
    exported = answer(f"audit export out --format {form}")
    assert isinstance(exported, Exported)
    assert exported.events >= 1
    lines = Path("out").read_text().splitlines()
    assert len(lines) == exported.events + (form == "csv")
    with pytest.raises(Conflict, match="out exists already"):
        answer("audit export out")
    with pytest.raises(InvalidInput, match="cannot be written"):
        answer("audit export gone/out")
    assert Path("out").read_text().splitlines() == lines


def test_questions_are_refused_where_nobody_can_answer(folder: Path) -> None:
    with Workspace.init() as workspace:
        Path("a.txt").write_text("1")
        workspace.snapshot(tags=("v1",))
    Path("a.txt").write_text("2")
    with pytest.raises(InvalidInput, match="nobody to ask") as caught:
        answer("rollback v1")
    assert "--yes" in caught.value.hint
    assert "--dry-run" in caught.value.hint
    assert Path("a.txt").read_text() == "2"
    with pytest.raises(InvalidInput, match="nobody to ask") as caught:
        answer("remove v1")
    assert "--dry-run" not in caught.value.hint
    with pytest.raises(NotFound):
        answer("remove v9")
    assert answer("rollback v1 --dry-run").written == 1  # type: ignore[attr-defined]
    assert Path("a.txt").read_text() == "2"


def test_paths_are_typed_from_the_folder_one_is_in(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("data/raw").mkdir(parents=True)
    files = [Path(name).absolute() for name in ("a.txt", "data/a.txt", "data/raw/a.txt")]
    with Workspace.init() as workspace:
        for file in files:
            file.write_text("one")
        workspace.snapshot(tags=("v1",))
    for file in files:
        file.write_text("two!")
    Path("data/train.ipynb").write_text("{}")
    monkeypatch.chdir("data")
    assert [change.path for change in answer("diff --path a.txt").changes] == ["data/a.txt"]
    assert [change.path for change in answer("-C raw diff -- a.txt").changes] == ["data/raw/a.txt"]
    answer("rollback v1 a.txt --yes")
    assert [file.read_text() for file in files] == ["two!", "one", "two!"]
    answer("rollback v1 ../a.txt --yes")
    assert [file.read_text() for file in files] == ["one", "one", "two!"]
    assert [event.paths for event in answer("audit --verb rollback")] == [("data/a.txt",), ("a.txt",)]
    assert [event.paths for event in answer("audit --verb rollback --file a.txt")] == [("data/a.txt",)]
    answer("snapshot --notebook train.ipynb")
    assert answer("show").snapshot.notebook == "data/train.ipynb"
    assert len(answer("log --path train.ipynb")) == 1
    answer("-C raw audit export out.jsonl")
    assert Path("raw/out.jsonl").exists()
    with pytest.raises(InvalidInput, match=r"“\.\./elsewhere” is outside") as caught:
        answer("rollback v1 ../../elsewhere --yes")
    assert caught.value.kind is Kind.OUTSIDE_WORKSPACE


def test_a_rollback_says_how_it_is_undone(folder: Path) -> None:
    with Workspace.init() as workspace:
        for text in ("one", "two"):
            Path("a.txt").write_text(text)
            workspace.snapshot(tags=(text,))
    for undo in (2, 2):  # The second rollback finds its state kept already, and takes no safety snapshot.
        back = answer("rollback one --yes")
        assert Path("a.txt").read_text() == "one"
        words = plain(forms.lines(back, View())).splitlines()[1].removeprefix("Undo: jupyter kit ").split()
        assert len(words) == undo
        run(parse([*words, "--yes"]), Terminal(parse(["status"])))
        assert Path("a.txt").read_text() == "two"


def test_a_rollback_with_nothing_to_do_asks_nothing(folder: Path) -> None:
    with Workspace.init() as workspace:
        Path("a.txt").write_text("1")
        workspace.snapshot(tags=("v1",))
    assert answer("rollback v1").written_bytes == 0  # type: ignore[attr-defined]
