"""``jupyter kit`` as a process: piped, in a terminal, and when things go wrong."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_kit import Workspace, __version__
from jupyter_kit.frontends import cli
from jupyter_kit.frontends.arguments import VERBS

if sys.platform != "win32":
    import pexpect

HOME = Path(__file__).parents[2]

ANSI = re.compile(r"\x1b\[[\d;?]*[A-Za-z]")


def environment(**more: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(HOME), "TERM": "xterm-256color", "COLUMNS": "100", **more}


def kit(*words: str, code: int = 0, **options: object) -> str:
    """Standard output of a run whose exit code must be ``code``; standard error must be empty where that is 0."""
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_kit", *words], capture_output=True, text=True, env=environment(), check=False, **options
    )
    assert done.returncode == code, done.stderr
    assert (done.stderr == "") == (code == 0 or "--json" in words), done.stderr
    return done.stdout


def told(*words: str, code: int) -> str:
    """Standard error of a run that fails with ``code`` and prints nothing else."""
    done = subprocess.run([sys.executable, "-m", "jupyter_kit", *words], capture_output=True, text=True, env=environment(), check=False)
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.stderr


def terminal(*words: str, **more: str) -> pexpect.spawn:
    """A run in a terminal of its own."""
    return pexpect.spawn(
        sys.executable, ["-m", "jupyter_kit", *words], env=environment(**more), encoding="utf-8", timeout=20, dimensions=(40, 100)
    )


def seen(child: pexpect.spawn) -> str:
    """Everything that a run printed in its terminal."""
    child.expect(pexpect.EOF)
    child.close()
    return child.before.replace("\r\n", "\n")


@pytest.fixture
def project(folder: Path) -> Path:
    """A workspace with two snapshots, v1 and v2, and a change since."""
    (folder / "data").mkdir()
    (folder / "data" / "train.csv").write_text("a,b\n1,2\n")
    (folder / "fit.py").write_text("rate = 0.1\n")
    with Workspace.init() as workspace:
        workspace.snapshot("first", tags=("v1",), metrics={"accuracy": 0.9})
        (folder / "fit.py").write_text("rate = 0.05\n")
        workspace.snapshot("second", tags=("v2",), metrics={"accuracy": 0.95})
    (folder / "new.txt").write_text("new\n")
    return folder


def test_the_story_in_a_pipe(folder: Path) -> None:
    assert kit("init").splitlines()[0] == f"Versions are kept in {folder}"
    Path("a.txt").write_text("one\n")
    assert "No snapshot yet." in kit("status")
    assert kit("snapshot", "-m", "first", "--tag", "v1", "--metric", "accuracy=0.9").startswith("Kept as ")
    Path("a.txt").write_text("two\n")
    assert "modified  a.txt" in kit("status")
    assert "-one\n+two" in kit("diff")
    assert "-one" not in kit("diff", "--stat")
    assert "write" in kit("rollback", "v1", "--dry-run") or "replace" in kit("rollback", "v1", "--dry-run")
    assert Path("a.txt").read_text() == "two\n"
    undo = re.search(r"Undo: jupyter kit rollback (\w+)", kit("rollback", "v1", "--yes"))
    assert Path("a.txt").read_text() == "one\n"
    assert undo
    kit("rollback", undo[1], "--yes")
    assert Path("a.txt").read_text() == "two\n"
    assert "accuracy 0.9" in kit("log")
    assert "v1" in kit("tag")
    assert "All that is kept is as it was kept." in kit("check")
    assert "The record is whole" in kit("audit", "verify")
    kit("metric", "loss=0.1")
    assert kit("metric") == "Noted for the next snapshot: loss 0.1\n"
    kit("tag", "best")
    assert "Removed: best" in kit("remove", "best", "--tag-only")
    kit("prune", "--keep-last", "1", "--yes")


def test_output_in_a_pipe_is_plain_and_the_same_each_time(project: Path) -> None:
    for words in (["status"], ["log"], ["diff"], ["show", "v1"], ["inspect"], ["tag"], ["audit"], ["--help"], ["version"]):
        text = kit(*words)
        assert "\x1b" not in text
        assert "ago" not in text or words == ["--help"]
        assert text == kit(*words)


def test_every_verb_answers_in_json(project: Path) -> None:
    lines = [
        "init -C other", "status", "snapshot -m x", "log", "show", "diff v1", "rollback v1 --dry-run", "rollback v1 --yes", "tag", "tag t",
        "check", "prune --dry-run", "prune --yes", "inspect", "audit", "audit verify", "audit export out.csv", "metric a=1",
        "remove v2 --yes", "version", "completion bash", "pack -t a:v1 --yes", "list", "info a:v1", "unpack a:v1 -d out",
        "push a:v1 oci:o:v1", "pull oci:o:v1 b:v1", "remote add origin oci:h", "sync", "clone oci:h cloned",
    ]  # fmt: skip
    (project / "other").mkdir()
    for line in lines:
        assert isinstance(json.loads(kit(*line.split(), "--json")), dict)
    assert {line.split()[0] for line in lines} == set(VERBS) - {"login", "logout"}  # These need a registry with passwords.


def test_quiet_prints_what_shells_want(project: Path) -> None:
    name = kit("snapshot", "-q").strip()
    assert re.fullmatch("[0-9a-f]{64}", name)
    assert kit("log", "-q").splitlines()[0] == name
    assert kit("tag", "-q").splitlines() == ["v1", "v2"]
    assert kit("status", "-q") == ""
    assert kit("show", "-q", "v1").splitlines() == ["data/train.csv", "fit.py"]


def test_errors_are_one_sentence_a_next_step_and_a_code(project: Path) -> None:
    message, hint = told("show", "v9", code=3).splitlines()
    assert message.startswith("error: ")
    assert "v9" in message
    assert hint
    assert told("snapshto", code=2) == "error: There is no verb “snapshto”.\nDid you mean: jupyter kit snapshot\n"
    assert "nobody to ask" in told("rollback", "v1", code=2)


def test_errors_in_json_are_the_document(project: Path) -> None:
    error = json.loads(kit("show", "v9", "--json", code=3))["error"]
    assert error["kind"] == "not-found"
    assert error["hint"]
    assert json.loads(kit("--json", "snapshto", code=2))["error"]["kind"] == "invalid-input"


def test_without_a_workspace_it_says_how_to_make_one(folder: Path) -> None:
    text = told("status", code=3)
    assert "jupyter kit init" in text


def test_another_folder_can_be_named(project: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    away = tmp_path_factory.mktemp("away")
    assert json.loads(kit("-C", str(project), "status", "--json", cwd=away))["workspace"] == str(project)
    assert json.loads(kit("status", "--json", "-C", str(project / "data"), cwd=away))["workspace"] == str(project)


def test_a_terminal_has_colours_and_ages(project: Path) -> None:
    text = seen(terminal("log"))
    assert "\x1b[33m" in text
    assert "just now" in ANSI.sub("", text) or "seconds ago" in ANSI.sub("", text)


@pytest.mark.parametrize("setting", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_colours_can_be_declined(project: Path, setting: dict[str, str]) -> None:
    assert not ANSI.search(seen(terminal("log", **setting)))


@pytest.mark.parametrize(
    ("reply", "code", "text"),
    [("y", 0, "rate = 0.1\n"), ("yes", 0, "rate = 0.1\n"), ("", 130, "rate = 0.05\n"), ("no", 130, "rate = 0.05\n")],
)
def test_a_terminal_is_asked(project: Path, reply: str, code: int, text: str) -> None:
    child = terminal("rollback", "v1")
    child.expect_exact("Write and delete these? [y/N] ")
    plan = ANSI.sub("", child.before)
    assert "replace  fit.py" in plan
    assert "delete   new.txt" in plan
    child.sendline(reply)
    after = ANSI.sub("", seen(child))
    assert child.exitstatus == code
    assert (project / "fit.py").read_text() == text
    assert ("Nothing was changed." in after) == (code == 130)


def test_an_interrupt_at_the_question_changes_nothing(project: Path) -> None:
    child = terminal("rollback", "v1")
    child.expect_exact("[y/N] ")
    child.sendintr()
    assert "Cancelled; nothing half-done is left." in seen(child)
    assert child.exitstatus == 130
    assert (project / "fit.py").read_text() == "rate = 0.05\n"


def test_long_work_shows_progress_in_a_terminal_and_can_be_interrupted(folder: Path) -> None:
    Workspace.init().close()
    with open("big.bin", "wb") as file:
        for _ in range(600):
            file.write(os.urandom(1 << 20))
    child = terminal("snapshot", "-m", "big")
    child.expect(r"\d+ [kMG]B of 629 MB, [\d.]+ [kMG]B/s")
    child.sendintr()
    text = seen(child)
    assert child.exitstatus == 130
    assert "Cancelled; nothing half-done is left." in text
    assert "Traceback" not in text
    assert "No snapshot yet." in kit("status")
    assert "ok" in json.loads(kit("check", "--json"))
    assert "of 629 MB" not in seen(terminal("snapshot", "-m", "big", "--no-progress"))


def test_a_reader_that_goes_away_is_no_error(project: Path) -> None:
    for number in range(3_000):
        (project / f"file-{number:05}-with-a-rather-long-name-that-fills-the-pipe.txt").write_text("")
    with subprocess.Popen(
        [sys.executable, "-m", "jupyter_kit", "status"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as child:
        assert child.stdout
        assert child.stderr
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 141


def test_names_that_the_terminal_cannot_show_do_not_stop_it(project: Path) -> None:
    (project / "数据.csv").write_text("1")
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_kit", "status"], capture_output=True, env=environment(PYTHONIOENCODING="latin-1"), check=True
    )
    assert b"\\u6570\\u636e.csv" in done.stdout


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse or change such names")
def test_hostile_names_drive_no_terminal(project: Path) -> None:
    (project / "\x1b]0;owned\x07\n.csv").write_text("1")
    (project / os.fsdecode(b"\xff.csv")).write_text("1")
    text = seen(terminal("status"))
    assert "\x1b]0;" not in text
    assert "\x07" not in text
    assert "␛]0;owned␇␊.csv" in text
    assert "\\xff.csv" in text


def test_mistakes_of_ours_are_told_in_a_sentence(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*_: object) -> object:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(cli, "run", broken)
    assert cli.main(["status"]) == 70
    told = capsys.readouterr().err
    assert "error: Something went wrong that should not have: ZeroDivisionError: division by zero." in told
    assert "JUPYTER_KIT_DEBUG=1" in told
    assert "Traceback" not in told
    monkeypatch.setenv("JUPYTER_KIT_DEBUG", "1")
    assert cli.main(["status"]) == 70
    assert "Traceback" in capsys.readouterr().err


def test_version_is_ours() -> None:
    assert kit("version").startswith(f"Jupyter Kit {__version__}  on Python 3.")


def test_help_goes_to_the_output() -> None:
    assert kit("snapshot", "--help").startswith("usage: jupyter kit snapshot [options]")
    assert kit().startswith("usage: jupyter kit VERB")


@pytest.mark.parametrize("words", [("status",), ("log", "--json"), ("--help",)])
def test_the_command_imports_no_front_end_but_its_own(project: Path, words: tuple[str, ...]) -> None:
    code = f"import sys; from jupyter_kit.frontends.cli import main; main({list(words)!r}); print(sorted(sys.modules), file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment(), check=True)
    loaded = set(re.findall(r"'([\w.]+)'", done.stderr))
    assert not loaded & {"IPython", "rich", "traitlets", "tornado", "jupyter_client", "numpy", "urllib.request", "urllib3", "yaml"}
    rooms = {module.split(".")[1] for module in loaded if module.startswith("jupyter_kit.")}
    assert not rooms & {"modelkit", "modelkits", "registry", "remotes", "sync", "transfer"}, "what takes long to import, for other verbs"
