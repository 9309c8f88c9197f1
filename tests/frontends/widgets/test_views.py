"""Views, clicked at in this process: states are set as a browser's message sets them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ipywidgets import Widget

from jupyter_kit import Workspace
from jupyter_kit.compare.changes import Diff
from jupyter_kit.errors import InvalidInput, NotFound
from jupyter_kit.frontends.arguments import NOTEBOOK, SYNONYMS, TERMINAL, VERBS, overview, parse, words
from jupyter_kit.frontends.arguments.views import ANSWERED_BY
from jupyter_kit.frontends.cli import Terminal
from jupyter_kit.frontends.completion import candidates
from jupyter_kit.frontends.replies import Log, ModelKitList
from jupyter_kit.frontends.views import answer
from jupyter_kit.frontends.widgets.compare import Compare
from jupyter_kit.frontends.widgets.history import History
from jupyter_kit.frontends.widgets.pack import PackForm
from jupyter_kit.frontends.widgets.push import PushForm
from jupyter_kit.shown import PackPlan

HOSTILE = '<img src=x onerror="alert(1)">\u202e&'

View = Callable[[str], Any]


@pytest.fixture
def project(folder: Path) -> Iterator[Workspace]:
    """Three snapshots of a script, a model, and a file whose name means harm."""
    with Workspace.init() as workspace:
        Path("fit.py").write_text("rate = 0.1\n")
        Path("model.safetensors").write_bytes(bytes(100))
        workspace.snapshot("first", tags=("v1",), metrics={"accuracy": 0.78, "loss": 0.5})
        Path("fit.py").write_text("rate = 0.05\n")
        Path(HOSTILE).write_text("harm")
        workspace.snapshot(HOSTILE, metrics={"accuracy": 0.91, "rows": 10})
        Path("model.safetensors").write_bytes(bytes(200))
        workspace.snapshot("third", tags=("v3",), kind="auto")
        yield workspace


@pytest.fixture
def view(project: Workspace) -> Iterator[View]:
    """``view("history")`` is what ``%kit history`` shows in a notebook."""

    def shown(line: str, *, clickable: bool = True) -> Any:
        options = parse(line.split(), NOTEBOOK)
        return answer(options, Terminal(options), clickable=clickable)

    yield shown
    Widget.close_all()


def choose(widget: Any, position: int) -> None:
    """What a browser sends where somebody picks from a list."""
    widget.set_state({"index": position})


def text(html: str) -> str:
    return re.sub(r"<style>.*?</style>|<[^>]*>", "", html, flags=re.DOTALL)


def states(widget: Any) -> list[dict[str, Any]]:
    """The state of a widget and of all in it, as a browser gets it."""
    return [widget.get_state(), *(state for child in getattr(widget, "children", ()) for state in states(child))]


def test_views_are_words_of_the_notebook_alone() -> None:
    assert set(words(NOTEBOOK)) - set(VERBS) == {"history", "compare"}
    assert words(TERMINAL) == VERBS
    assert {view: SYNONYMS[view] for view in ANSWERED_BY} == ANSWERED_BY, "what a terminal suggests is what answers here"
    with pytest.raises(InvalidInput, match="Did you mean: jupyter kit log"):
        parse(["history"])
    assert "  history  " in overview(NOTEBOOK)
    assert "  history  " not in overview(TERMINAL)
    assert candidates(["his"], prog=NOTEBOOK) == ["history"]
    assert candidates(["his"]) == []
    assert candidates(["pack", "--fo"], prog=NOTEBOOK) == ["--form"]
    assert candidates(["pack", "--fo"]) == []


def test_a_view_takes_the_options_of_the_verb_that_answers() -> None:
    for name, verb in ANSWERED_BY.items():
        taken = [{action.dest for action in words(NOTEBOOK)[word](NOTEBOOK)._actions} for word in (name, verb)]
        assert taken[0] >= taken[1]
        help_of_it = parse([name, "--help"], NOTEBOOK).text
        for example in re.findall(r"^  %kit (.*)$", help_of_it, re.MULTILINE):
            assert parse(example.split(), NOTEBOOK).verb == name


@pytest.mark.parametrize(
    ("line", "kind"), [("history", Log), ("compare v1 v3", Diff), ("pack --form", PackPlan), ("push --form", ModelKitList)]
)
def test_without_widgets_the_answer_is_shown(view: View, monkeypatch: pytest.MonkeyPatch, line: str, kind: type) -> None:
    assert isinstance(view(line, clickable=False), kind)
    assert isinstance(view(f"{line} --json"), kind)
    assert not isinstance(view(line), kind)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert isinstance(view(line), kind)


def test_a_push_without_a_form_names_what_to_push(view: View) -> None:
    with pytest.raises(InvalidInput, match="missing REFERENCE"):
        view("push")


def test_mistakes_fail_the_cell_and_open_nothing(view: View) -> None:
    with pytest.raises(NotFound):
        view("compare v9")
    with pytest.raises(InvalidInput):
        view("history --kind odd")


def test_an_empty_history_says_what_to_do(view: View, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    Workspace.init(tmp_path / "new").close()
    assert isinstance(view(f"-C {tmp_path}/new history"), Log)


def test_the_page_of_a_view_is_for_readers_without_widgets(view: View) -> None:
    shown = view("history")
    assert "third" in shown.page
    assert "third\n" in shown.text
    mark = f"jupyter-kit-{shown.box.model_id}"
    assert f'<div class="{mark}">' in shown.page
    assert f".{mark}{{display:none}}" in states(shown.box)[-1]["value"], "while the widgets live, they alone are seen"


def test_what_was_asked_for_is_asked_for_again(view: View, project: Workspace) -> None:
    shown: History = view("history --find first")
    shown.work.wait()
    Path("fit.py").write_text("rate = 0.2\n")
    project.snapshot("first of another kind")
    project.snapshot("something else")
    shown.again.click()
    shown.work.wait()
    assert [label.split("  ")[2] for label, _ in shown.snapshots.options] == ["first of another kind", "first"]
    project.remove([entry.snapshot.id for entry in project.log(find="first")])
    shown.again.click()
    assert shown.snapshots.options == ()
    assert "No such snapshot is left." in text(shown.facts.html)
    assert (shown.rollback.button.disabled, shown.difference.html) == (True, "")


def test_what_is_chosen_is_what_is_shown(view: View) -> None:
    shown: History = view("history")
    shown.work.wait()
    assert [label.split("  ")[2] for label, _ in shown.snapshots.options[::2]] == ["third", "first"]
    assert shown.snapshots.options[0][0].endswith("[HEAD, v3, auto]")
    assert "model.safetensors" in text(shown.difference.html)
    choose(shown.snapshots, 1)
    shown.work.wait()
    assert "accuracy 0.91 (+0.13)" in text(shown.facts.html)
    assert "+rate = 0.05" in shown.difference.html
    choose(shown.compared, 1)
    shown.work.wait()
    assert "model.safetensors" in text(shown.difference.html)
    assert "rate" not in shown.difference.html
    choose(shown.compared, 0)
    choose(shown.snapshots, 2)
    shown.work.wait()
    assert "first snapshot" in shown.difference.html


def test_one_file_can_be_looked_at(view: View) -> None:
    shown: History = view("history")
    choose(shown.compared, 1)
    choose(shown.snapshots, 2)
    shown.work.wait()
    paths = [path for _, path in shown.file.options]
    assert set(paths) == {"", "fit.py", "model.safetensors", HOSTILE}
    choose(shown.file, paths.index("fit.py"))
    shown.work.wait()
    assert "rate = 0.05" in shown.difference.html
    assert "model.safetensors" not in shown.difference.html
    shown.rollback.button.click()
    shown.rollback.work.wait()
    assert text(shown.rollback.pane.html).count("fit.py") == 1
    assert "model.safetensors" not in shown.rollback.pane.html


def test_a_path_that_was_asked_for_limits_everything(view: View) -> None:
    shown: History = view("history --path fit.py")
    shown.work.wait()
    assert [label.split("  ")[2] for label, _ in shown.snapshots.options][-1] == "first"
    assert len(shown.snapshots.options) == 2
    assert shown.file.options[0] == ("all of fit.py", "")
    assert "fit.py" in shown.difference.html
    assert "harm" not in shown.difference.html


def test_going_back_shows_the_plan_asks_and_can_be_undone(view: View, project: Workspace) -> None:
    Path("fit.py").write_text("rate = 9\n")
    shown: History = view("history")
    choose(shown.snapshots, 2)
    shown.rollback.button.click()
    shown.rollback.work.wait()
    assert "replace" in shown.rollback.pane.html
    assert Path("fit.py").read_text() == "rate = 9\n", "nothing is done before yes"
    shown.rollback.yes.click()
    shown.rollback.work.wait()
    assert Path("fit.py").read_text() == "rate = 0.1\n"
    assert not Path(HOSTILE).exists()
    assert "Back at" in shown.rollback.pane.html
    assert "reload it from disk" in shown.rollback.pane.html
    assert any("safety" in label for label, _ in shown.snapshots.options), "the list is read again"
    shown.rollback.undo.click()
    shown.rollback.work.wait()
    assert Path("fit.py").read_text() == "rate = 9\n"
    assert Path(HOSTILE).exists()
    shown.rollback.undo.click()
    shown.rollback.work.wait()
    assert Path("fit.py").read_text() == "rate = 0.1\n"


def test_a_question_that_is_declined_does_nothing(view: View) -> None:
    shown: History = view("history")
    choose(shown.snapshots, 2)
    shown.rollback.button.click()
    shown.rollback.work.wait()
    shown.rollback.no.click()
    assert shown.rollback.box.layout.display == "none"
    assert Path("fit.py").read_text() == "rate = 0.05\n"


def test_what_was_not_shown_is_not_done(view: View) -> None:
    shown: History = view("history")
    choose(shown.snapshots, 2)
    shown.rollback.button.click()
    shown.rollback.work.wait()
    Path("later.py").write_text("written while the question stood there\n")
    shown.rollback.yes.click()
    shown.rollback.work.wait()
    assert "have changed since" in shown.rollback.pane.html
    assert "later.py" in shown.rollback.pane.html
    assert Path("fit.py").read_text() == "rate = 0.05\n"
    shown.rollback.yes.click()
    shown.rollback.work.wait()
    assert Path("fit.py").read_text() == "rate = 0.1\n"


def test_where_everything_already_is_so_there_is_nothing_to_press(view: View) -> None:
    shown: History = view("history")
    shown.rollback.button.click()
    shown.rollback.work.wait()
    assert "already is" in text(shown.rollback.pane.html)
    assert shown.rollback.yes not in shown.rollback.box.children[-1].children


def test_a_snapshot_is_named(view: View, project: Workspace) -> None:
    shown: History = view("history")
    choose(shown.snapshots, 1)
    shown.name.set_state({"value": "best"})
    shown.tag.click()
    assert project.tags()["best"] == shown.snapshots.value
    assert "[best]" in {value: label for label, value in shown.snapshots.options}[shown.snapshots.value]
    assert "best" in text(shown.facts.html)
    shown.name.set_state({"value": "v1"})
    shown.tag.click()
    assert "names" in text(shown.facts.html)
    assert "error:" in shown.facts.html


def test_older_snapshots_come_when_asked_for(view: View, project: Workspace) -> None:
    shown: History = view("history -n 2")
    assert len(shown.snapshots.options) == 2
    assert shown.older.layout.display != "none"
    shown.older.click()
    assert len(shown.snapshots.options) == 3
    assert shown.older.layout.display == "none"
    chosen = shown.snapshots.value
    project.snapshot("fourth")
    shown.again.click()
    assert shown.snapshots.options[0][0].split("  ")[2] == "fourth"
    assert shown.snapshots.value == chosen


def test_a_workspace_that_vanished_is_told_in_the_view(view: View, folder: Path, project: Workspace) -> None:
    shown: History = view("history")
    shown.work.wait()
    project.close()
    (folder / ".kit").rename(folder / "gone")
    shown.again.click()
    assert "is not in a workspace" in text(shown.facts.html)
    assert "%kit init" in text(shown.facts.html)
    choose(shown.snapshots, 1)
    shown.work.wait()
    assert "is not in a workspace" in text(shown.difference.html)


def test_two_versions_are_compared_with_their_metrics(view: View, project: Workspace) -> None:
    second = project.log()[1].snapshot.id
    shown: Compare = view(f"compare v1 {second}")
    rows = re.findall(r"<tr>(.*?)</tr>", shown.metrics.html)
    told = [[text(cell) for cell in re.findall(r"<t[dh].*?</t[dh]>", row)] for row in rows]
    assert told == [
        ["metric", "before", "after", "difference"],
        ["accuracy", "0.78", "0.91", "+0.13 ▲"],
        ["loss", "0.5", "—", ""],
        ["rows", "—", "10", ""],
    ]
    assert "+rate = 0.05" in shown.difference.html
    choose(shown.after, 0)
    shown.work.wait()
    assert "model.safetensors" in text(shown.difference.html), "now"
    choose(shown.file, [path for _, path in shown.file.options].index("fit.py"))
    shown.work.wait()
    assert "model.safetensors" not in shown.difference.html


def test_paths_and_old_versions_are_compared_as_asked(view: View, project: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jupyter_kit.frontends.widgets.compare.SNAPSHOTS_OFFERED", 1)
    shown: Compare = view("compare v1 --path fit.py")
    assert [path for _, path in shown.file.options] == ["", "fit.py"]
    assert shown.file.options[0][0] == "all of fit.py"
    assert len(shown.before.options) == 2
    assert shown.after.value == ""


def test_nothing_is_shown_that_was_not_escaped(view: View) -> None:
    shown = [view("history"), view("compare v1"), view("pack --form"), view("push --form")]
    choose(shown[0].snapshots, 1)
    shown[0].rollback.button.click()
    for part in (shown[0].work, shown[0].rollback.work):
        part.wait()
    choose(shown[1].before, 1)
    shown[1].work.wait()
    sent = [state for each in shown for state in states(each.box)]
    assert "onerror" in str(sent)
    assert "\u202e" not in json.dumps(sent, default=str, ensure_ascii=False)
    pages = [state["value"] for state in sent if state["_model_name"] == "HTMLModel"]
    assert len(pages) >= 10
    assert "<img" not in str(pages)
    assert not any(state.get("description_allow_html") for state in sent)


def test_a_kitfile_is_corrected_and_packed_by(view: View, project: Workspace) -> None:
    shown: PackForm = view("pack --form -t digits:v1")
    shown.package["name"].set_state({"value": "digits"})
    shown.authors.set_state({"value": "Ada, Ben ,"})
    shown.model["framework"].set_state({"value": "sklearn"})
    code = next(box for name, box in shown.kept.items() if name.startswith("code"))
    code.set_state({"value": False})
    assert "framework: sklearn" in text(shown.preview.html)
    assert "fit.py" not in text(shown.preview.html)
    shown.button.click()
    shown.work.wait()
    assert "Packed as" in shown.result.html
    kitfile = project.info("digits:v1")
    assert (kitfile.package.name, kitfile.package.authors) == ("digits", ("Ada", "Ben"))
    assert kitfile.model
    assert kitfile.model.framework == "sklearn"
    assert "fit.py" not in [entry.path for entry in kitfile.code]


def test_a_form_that_is_not_touched_packs_what_the_verb_packs(view: View, project: Workspace) -> None:
    shown: PackForm = view("pack --form")
    assert shown.kitfile == project.plan_pack().kitfile
    shown.reference.set_state({"value": "Not A Name"})
    shown.button.click()
    shown.work.wait()
    assert "error:" in shown.result.html
    shown.kept["model"].set_state({"value": False})
    assert shown.kitfile.model is None


def test_a_modelkit_is_pushed_where_the_form_says(view: View, project: Workspace, folder: Path) -> None:
    project.pack("v1", ["digits:v1"])
    shown: PushForm = view("push --form")
    assert shown.reference.value == "digits:v1"
    shown.button.click()
    shown.work.wait()
    assert "names no registry" in text(shown.result.html)
    shown.destination.set_state({"value": "oci:out:v1"})
    shown.button.click()
    shown.work.wait()
    assert "Now at" in shown.result.html
    assert (folder / "out" / "index.json").exists()
    assert not shown.button.disabled


def test_a_view_does_not_follow_the_cell_to_another_folder(
    view: View, project: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: History = view("history")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    shown.again.click()
    assert "error:" not in shown.facts.html
