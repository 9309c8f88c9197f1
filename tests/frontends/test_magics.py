"""``%kit`` and ``%%kit`` in IPython, in this process."""

from __future__ import annotations

import atexit
import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import CapturedIO, capture_output
from traitlets.config import Config

from jupyter_kit import Workspace
from jupyter_kit.errors import Cancelled, InvalidInput, KitError, NotFound
from jupyter_kit.frontends.arguments import NOTEBOOK, words
from jupyter_kit.frontends.host import as_number
from jupyter_kit.frontends.magics import run_cell
from jupyter_kit.frontends.replies import Log
from jupyter_kit.snapshot.snapshot import SnapshotResult
from tests.frontends.samples import ANSWERS

ANSI = re.compile(r"\x1b\[[\d;]*m")


class Cells:
    """A notebook's cells, run one by one."""

    def __init__(self, shell: Any) -> None:
        self.shell = shell
        self.shown: CapturedIO

    def run(self, source: str) -> Any:
        """The value of a cell that must succeed."""
        result = self.attempt(source)
        assert result.success, self.told
        return result.result

    def attempt(self, source: str) -> Any:
        with capture_output() as self.shown:
            return self.shell.run_cell(source, store_history=True)

    def fail(self, source: str) -> KitError:
        """The error of a cell that must fail with one of ours."""
        result = self.attempt(source)
        assert isinstance(result.error_in_exec, KitError)
        return result.error_in_exec

    @property
    def told(self) -> str:
        """What the last cell printed, without colours."""
        return ANSI.sub("", self.shown.stdout + self.shown.stderr)

    def __getitem__(self, name: str) -> Any:
        return self.shell.user_ns[name]


@pytest.fixture
def cells(folder: Path) -> Iterator[Cells]:
    """A fresh IPython with the extension loaded, in an empty folder."""
    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.run_line_magic("load_ext", "jupyter_kit")
    yield Cells(shell)
    shell.run_line_magic("unload_ext", "jupyter_kit")
    shell.atexit_operations()
    atexit.unregister(shell.atexit_operations)
    InteractiveShell.clear_instance()


@pytest.fixture
def project(cells: Cells) -> Cells:
    """A workspace with one snapshot, v1."""
    cells.run("%kit init")
    Path("a.txt").write_text("one\n")
    cells.run('%kit snapshot -m "first" --tag v1')
    return cells


def test_answers_are_values(project: Cells) -> None:
    Path("a.txt").write_text("two\n")
    project.run('snap = %kit snapshot -m "two words" --metric accuracy=0.9')
    assert isinstance(project["snap"], SnapshotResult)
    assert project["snap"].message == "two words"
    assert project["snap"].metrics == {"accuracy": 0.9}
    assert project.shown.stdout == ""
    log = project.run("%kit log")
    assert isinstance(log, Log)
    assert log[0].snapshot.id == project["snap"].id
    assert project.run("%kit status").clean


def test_answers_have_a_text_and_an_html_form(project: Cells) -> None:
    project.run("%kit status")
    assert "Nothing has changed since." in project.shown.stdout
    status = project.run("%kit status")
    data, _ = project.shell.display_formatter.format(status)
    assert data["text/plain"].startswith("On ")
    assert '<div class="jupyter-kit">' in data["text/html"]
    nested, _ = project.shell.display_formatter.format([status])
    assert "Nothing has changed since." in nested["text/plain"]


def test_a_modelkit_is_a_value_with_forms(project: Cells) -> None:
    kit = project.run("kit = %kit pack -t a:v1 --yes\nkit")
    assert project["kit"].digest == kit.digest
    data, _ = project.shell.display_formatter.format(kit)
    assert data["text/plain"].startswith("Packed as a:v1\n")
    assert 'class="jupyter-kit"' in data["text/html"]
    (listed,) = project.run("%kit list")
    assert (listed.reference, listed.digest) == ("a:v1", kit.digest)


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: type(answer).__name__)
def test_no_answer_is_shown_as_its_python(project: Cells, answer: object) -> None:
    data, _ = project.shell.display_formatter.format(answer)
    assert f"{type(answer).__name__}(" not in data["text/plain"]
    assert {"text/plain", "text/html"} <= set(data)


def test_hints_speak_the_notebook_s_language(project: Cells) -> None:
    Path("a.txt").write_text("two\n")
    project.run("%kit status")
    assert "%kit snapshot" in project.told
    assert "jupyter kit" not in project.told


def test_a_semicolon_keeps_the_answer_from_being_shown(project: Cells) -> None:
    assert project.run("%kit status;") is None
    assert project.told == ""
    project.run('snap = %kit snapshot -m "kept";')
    assert project["snap"].message == "kept"
    assert project.told == ""
    project.run('snap = %kit snapshot -m "with; inside"')
    assert project["snap"].message == "with; inside"


def test_variables_can_be_used_in_a_line(project: Cells) -> None:
    project.run("name = 'v1'\nwords = 'from a variable'")
    assert project.run("%kit show {name}").snapshot.message == "first"
    assert project.run('%kit snapshot -m "{words}"').message == "from a variable"


def test_json_and_quiet_are_plain_python(project: Cells) -> None:
    assert project.run("%kit status --json")["clean"] is True
    (name,) = project.run("%kit log -q")
    assert re.fullmatch("[0-9a-f]{64}", name)


def test_help_is_printed(project: Cells) -> None:
    assert project.run("%kit --help") is None
    assert "usage: %kit VERB" in project.told
    assert project.run("%kit rollback --help") is None
    assert "%kit rollback HEAD train.ipynb" in project.told
    assert project.run("%kit") is None
    assert project.run("%%kit --help\nruined = True") is None
    assert "ruined" not in project.shell.user_ns


def test_errors_are_one_sentence_and_fail_the_cell(project: Cells) -> None:
    problem = project.fail("%kit show v9")
    assert isinstance(problem, NotFound)
    assert project.told.startswith("error: ")
    assert "v9" in project.told
    assert "%kit log" in project.told
    assert "jupyter kit" not in str(problem)
    assert "Traceback" not in project.told
    assert len(project.told.splitlines()) <= 2
    assert "Did you mean: %kit snapshot" in project.fail("%kit snapshto").hint
    assert isinstance(project.fail('%kit snapshot -m "unpaired'), InvalidInput)
    project.run("from jupyter_kit import KitError\ntry:\n    %kit show v9\nexcept KitError as problem:\n    kind = problem.kind.value")
    assert project["kind"] == "not-found"


def test_mistakes_of_ours_are_told_in_a_sentence_too(project: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(Workspace, "status", broken)
    assert "ZeroDivisionError: division by zero" in project.fail("%kit status").message
    assert "Traceback" not in project.told
    monkeypatch.setenv("JUPYTER_KIT_DEBUG", "1")
    assert isinstance(project.attempt("%kit status").error_in_exec, ZeroDivisionError)
    assert "Traceback" in project.told


def test_an_interrupt_is_told_in_a_sentence(project: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Workspace, "snapshot", interrupted)
    assert isinstance(project.fail("%kit snapshot"), Cancelled)
    assert project.told == "error: Cancelled; nothing half-done is left.\n"


def test_a_cell_runs_and_then_is_kept(project: Cells) -> None:
    answer = project.run(
        '%%kit snapshot -m "trained" --metric accuracy=acc --metric rows=len(data)\n'
        'data = [1, 2, 3]\nacc = 0.75\n__import__("pathlib").Path("a.txt").write_text("trained")'
    )
    assert answer.message == "trained"
    assert answer.metrics == {"accuracy": 0.75, "rows": 3.0}
    with Workspace.open() as workspace:
        assert workspace.status().clean
    assert project.run("%%kit metric accuracy=acc\nacc = 0.8").metrics == {"accuracy": 0.8}
    assert project.run("%kit metric loss=1-acc").metrics == {"accuracy": 0.8, "loss": pytest.approx(0.2)}


def test_a_cell_can_use_what_cells_can(project: Cells) -> None:
    project.run("%%kit snapshot -m x\n%time y = 1\n!true\nz = y + 1\nz")
    assert project["z"] == 2
    assert "2" in project.told


def test_a_cell_that_raises_is_not_kept_and_shows_its_own_traceback_once(project: Cells) -> None:
    source = '%%kit snapshot -m "never"\ndef fail():\n    return 1 / 0\nprint("before")\nfail()'
    result = project.attempt(source)
    assert isinstance(result.error_in_exec, ZeroDivisionError)
    assert project.told.count("Traceback") == 1
    assert project.told.count("ZeroDivisionError: division by zero") == 1
    assert "return 1 / 0" in project.told
    assert "magics.py" not in project.told
    assert "run_cell_magic" not in project.told
    assert project.told.startswith("before")
    assert "never" not in [entry.snapshot.message for entry in project.run("%kit log")]


def test_a_cell_that_is_no_python_is_not_kept(project: Cells) -> None:
    result = project.attempt("%%kit snapshot -m never\nif:")
    assert isinstance(result.error_in_exec, SyntaxError)
    assert project.told.count("SyntaxError: invalid syntax") == 1
    assert len(project.run("%kit log")) == 1


def test_a_cell_that_is_interrupted_is_not_kept(project: Cells) -> None:
    result = project.attempt("%%kit snapshot -m never\nraise KeyboardInterrupt")
    assert isinstance(result.error_in_exec, KeyboardInterrupt)
    assert len(project.run("%kit log")) == 1


def test_the_user_s_own_exception_handler_survives(project: Cells) -> None:
    seen = []

    def theirs(shell: object, kind: type, problem: BaseException, trace: object, tb_offset: object = None) -> None:
        seen.append(problem)

    project.shell.set_custom_exc((LookupError,), theirs)
    project.attempt("%%kit snapshot -m never\n{}[1]")
    project.attempt("{}[2]")
    assert [problem.args for problem in seen][-1] == (2,)
    project.shell.set_custom_exc((), None)


@pytest.mark.parametrize(
    "line",
    ["snapshot --mesage x", "snapshot --metric accuracy", "status", "rollback v1 --yes", "snapshto", "-C gone snapshot", 'snapshot -m "x'],
)
def test_a_line_that_is_wrong_fails_before_its_cell_runs(project: Cells, line: str) -> None:
    project.fail(f"%%kit {line}\nran = True")
    assert "ran" not in project.shell.user_ns


def test_a_cell_outside_a_workspace_does_not_run_for_nothing(cells: Cells) -> None:
    assert "init" in cells.fail("%%kit snapshot\nran = True").hint
    assert "ran" not in cells.shell.user_ns


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("0.5", 0.5),
        ("1", 1.0),
        ("True", 1.0),
        ("np.float32(0.5)", 0.5),
        ("np.float64(0.5)", 0.5),
        ("np.int8(3)", 3.0),
        ("np.array(0.5)", 0.5),
        ("history['accuracy'][-1]", 0.5),
        ("model.score", 0.5),
        ("1e-3", 0.001),
    ],
)
def test_numbers_of_all_sorts_are_metrics(project: Cells, value: str, number: float) -> None:
    project.shell.user_ns |= {"np": np, "history": {"accuracy": [0.1, 0.5]}, "model": SimpleNamespace(score=0.5)}
    assert project.run(f'%kit metric "accuracy={value}"').metrics == {"accuracy": number}


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("accurracy", "There is no variable “accurracy” for the metric m. Did you mean accuracy?"),
        ("nothing_like_it", "Set it first, or write a number."),
        ("'0.5'", "is a str, not a number"),
        ("b'0.5'", "is a bytes, not a number"),
        ("np.array([0.5])", "is a ndarray of 1 dimension, not a number"),
        ("np.zeros((2,2))", "is a ndarray of 2 dimensions, not a number"),
        ("None", "is a NoneType, not a number"),
        ("[1]", "is a list, not a number"),
        ("1j", "is a complex, not a number"),
        ("1/0", "“1/0” raises ZeroDivisionError: division by zero."),
        ("1+", "raises SyntaxError"),
        ("accuracy.x", "raises AttributeError"),
    ],
)
def test_what_is_no_number_is_refused(project: Cells, value: str, says: str) -> None:
    project.shell.user_ns |= {"np": np, "accuracy": 0.5}
    assert says in str(project.fail(f'%kit metric "m={value}"'))
    assert project.run("%kit metric").metrics == {}


def test_tensors_without_dimensions_are_numbers() -> None:
    class Tensor:
        ndim = 0

        def __float__(self) -> float:
            return 0.25

    assert as_number("m", "t", Tensor()) == 0.25


def test_the_notebook_is_named_in_the_snapshot(project: Cells) -> None:
    Path("train.ipynb").write_text("{}")
    project.run("%config KitMagics.notebook = 'train.ipynb'")
    project.run("%kit snapshot -m x")
    assert re.search(r"^With train\.ipynb as saved at \d\d:\d\d:\d\d\.$", project.told, re.MULTILINE)
    assert project.run("%kit show").snapshot.notebook == "train.ipynb"
    project.run("%kit snapshot -q")
    assert "as saved" not in project.told
    project.run("%config KitMagics.notebook = None")
    project.run(f"__vsc_ipynb_file__ = {str(Path('train.ipynb').absolute())!r}")
    project.run("%kit snapshot")
    assert project.run("%kit show").snapshot.notebook == "train.ipynb"


def test_the_folder_can_be_configured(cells: Cells, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    cells.run("%kit -C elsewhere init")
    cells.fail("%kit status")
    cells.run("%config KitMagics.folder = 'elsewhere'")
    assert cells.run("%kit status").workspace == str(tmp_path / "elsewhere")


def test_a_rollback_asks_in_the_cell(project: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("a.txt").write_text("two\n")
    questions = []

    def reply(question: str) -> str:
        questions.append(question)
        return "n" if len(questions) == 1 else "y"

    monkeypatch.setattr("builtins.input", reply)
    assert isinstance(project.fail("%kit rollback v1"), Cancelled)
    assert Path("a.txt").read_text() == "two\n"
    plan = project.shown.outputs[0].data
    assert "replace" in plan["text/plain"]
    assert project.run("%kit rollback v1").safety
    assert Path("a.txt").read_text() == "one\n"
    assert questions == ["Write and delete these? [y/N] "] * 2


def test_a_rollback_where_nobody_can_answer_needs_yes(project: Cells, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    Path("a.txt").write_text("two\n")
    assert "--yes" in project.fail("%kit rollback v1").hint
    assert Path("a.txt").read_text() == "two\n"
    assert project.run("%kit rollback v1 --yes").written_bytes


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("%kit sna", ["snapshot"]),
        ("x = %kit sna", ["snapshot"]),
        ("%%kit sna", ["snapshot"]),
        ("%kit ", [*words(NOTEBOOK), "help"]),
        ("%kit snapshot --mes", ["--message"]),
        ("%kit snapshot --kind=au", ["auto"]),
        ("%kit show v", ["v1"]),
        ("%kit rollback v1 a", ["a.txt"]),
        ("%kit rollback v1 folder/s", ["folder/sub/"]),
        ("%kit unpack dig", ["digits:v1"]),
        ("%kit unpack digits:v", ["v1"]),
        ("%kit unpack digits:v1 --filter mo", ["model"]),
        ("kit = %kit pack -t a:v1 --dr", ["--dry-run"]),
        ("%kit sync t", ["team"]),
        ('%kit snapshot -m "unpaired --ta', []),
    ],
)
def test_tab_completes(project: Cells, line: str, offered: list[str]) -> None:
    Path("folder/sub").mkdir(parents=True)
    Path("folder/sub/b.txt").write_text("b")
    project.run("%kit snapshot --tag w1")
    project.run("%kit tag v1 HEAD --force")
    project.run("%kit pack -t digits:v1 --yes")
    project.run("%kit remote add team ghcr.io/team/history")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", PendingDeprecationWarning)  # This way in is the one that every version of IPython has.
        _, matches = project.shell.complete(None, line, len(line))
    assert [match for match in matches if match in offered] == offered
    if offered:
        assert len(matches) == len(offered)


def test_unloading_leaves_nothing_behind(project: Cells) -> None:
    project.run("%unload_ext jupyter_kit")
    assert not project.attempt("%kit status").success
    assert "kit" not in project.shell.magics_manager.magics["cell"]
    data, _ = project.shell.display_formatter.format(Log(()))
    assert "text/html" not in data
    project.run("%load_ext jupyter_kit")
    assert project.run("%kit status").clean


def test_run_cell_passes_on_what_a_cell_raises(project: Cells) -> None:
    with pytest.raises(KeyError), capture_output():
        run_cell(project.shell, "{}['x']")
