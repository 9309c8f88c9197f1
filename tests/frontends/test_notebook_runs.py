"""Real notebooks in real kernels, run as nbclient, papermill and a browser's server run them."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from jupyter_kit import Workspace

HOME = Path(__file__).parents[2]

TRAIN = """\
%%kit snapshot -m "first model" --metric accuracy=acc --tag v1
open("model.bin", "wb").write(bytes(1000))
acc = 0.9
print("trained")
"""

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),  # Jupyter's own, about its own.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(autouse=True)
def kernels(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Kernels of this interpreter, with this package, that keep their files to themselves."""
    monkeypatch.setenv("PYTHONPATH", str(HOME))
    monkeypatch.setenv("JUPYTER_PREFER_ENV_PATH", "1")
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")


def notebook(*sources: str) -> Any:
    cells = [nbformat.v4.new_code_cell(source) for source in ("%load_ext jupyter_kit", *sources)]
    return nbformat.v4.new_notebook(cells=cells)


def execute(document: Any, folder: Path, **options: object) -> Any:
    NotebookClient(
        document,
        timeout=60,
        kernel_name="python3",
        resources={"metadata": {"path": str(folder)}},
        extra_arguments=["--log-level=ERROR"],
        **options,
    ).execute()
    return document


def outputs(document: Any, index: int) -> list[Any]:
    """Outputs of a cell, counted without the one that loads the extension."""
    return list(document.cells[index + 1].outputs)


def test_a_project_kept_from_a_notebook(folder: Path) -> None:
    document = execute(
        notebook(
            "%kit init",
            TRAIN,
            'open("model.bin", "wb").write(b"")',
            "%kit status",
            "back = %kit rollback v1 --yes\nassert back.safety",
            'assert len(open("model.bin", "rb").read()) == 1000',
            "%kit log",
            "%kit check;",
        ),
        folder,
    )
    stream, answer = outputs(document, 1)
    assert stream.text == "trained\n"
    assert answer.output_type == "execute_result"
    assert answer.data["text/plain"].startswith("Kept as ")
    assert "accuracy 0.9" in answer.data["text/plain"]
    assert "jupyter-kit" in answer.data["text/html"]
    assert "modified  model.bin" in outputs(document, 3)[0].data["text/plain"]
    assert outputs(document, 4) == []
    assert "first model" in outputs(document, 6)[0].data["text/html"]
    assert outputs(document, 7) == []
    with Workspace.open(folder) as workspace:
        assert workspace.show("v1").snapshot.metrics == {"accuracy": 0.9}
        assert re.fullmatch(r"[0-9a-f-]{36}|None", str(workspace.show("v1").snapshot.kernel))  # None where nbclient names the file itself


def test_an_error_stops_the_notebook_with_our_sentence(folder: Path) -> None:
    document = notebook("%kit init", "%kit show v9", "after = True")
    with pytest.raises(CellExecutionError) as caught:
        execute(document, folder)
    assert caught.value.ename == "NotFound"
    assert "v9" in caught.value.evalue
    (error,) = outputs(document, 1)
    assert error.output_type == "error"
    assert len(error.traceback) <= 2
    assert "magics.py" not in "\n".join(error.traceback)
    assert outputs(document, 2) == []


def test_a_cell_that_raises_stops_the_notebook_with_its_own_error_once(folder: Path) -> None:
    document = notebook("%kit init", '%%kit snapshot -m "never"\nprint("before")\n1 / 0')
    with pytest.raises(CellExecutionError) as caught:
        execute(document, folder)
    assert caught.value.ename == "ZeroDivisionError"
    stream, error = outputs(document, 1)
    assert stream.text == "before\n"
    assert error.output_type == "error"
    assert "\n".join(error.traceback).count("ZeroDivisionError") <= 2  # the heading and the last line
    with Workspace.open(folder) as workspace:
        assert workspace.log() == ()


def test_a_question_that_nobody_can_answer_stops_the_notebook(folder: Path) -> None:
    document = notebook("%kit init", 'open("a", "w").write("1")\n%kit snapshot --tag v1', 'open("a", "w").write("2")', "%kit rollback v1")
    with pytest.raises(CellExecutionError) as caught:
        execute(document, folder)
    assert caught.value.ename == "InvalidInput"
    assert "--yes" in caught.value.evalue
    assert (folder / "a").read_text() == "2"


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("%kit login ghcr.io -u ada", "JUPYTER_KIT_PASSWORD_FILE"),
        ("%kit login ghcr.io", "nobody can"),
        ("%kit login ghcr.io -u ada --password-stdin", "Leave --password-stdin out"),
        ("%kit login ghcr.io -u ada --password x", "no option --password"),
    ],
)
def test_a_password_is_asked_for_or_not_taken(folder: Path, line: str, says: str) -> None:
    with pytest.raises(CellExecutionError) as caught:
        execute(notebook(line), folder)
    assert caught.value.ename == "InvalidInput"
    assert says in caught.value.evalue


def test_progress_leaves_nothing_in_a_saved_notebook(folder: Path) -> None:
    (folder / "big.bin").write_bytes(b"")
    with open(folder / "big.bin", "r+b") as file:
        for _ in range(256):
            file.write(os.urandom(1 << 20))
    document = execute(notebook("%kit init", "%kit snapshot -m big"), folder)
    shown = outputs(document, 1)
    assert shown[-1].output_type == "execute_result"
    assert all(output.data == {} for output in shown[:-1])
    assert len(shown) <= 2


def test_papermill_runs_and_stops_as_it_should(folder: Path) -> None:
    good = notebook("%kit init", "acc = 0.5", "%%kit snapshot -m done --metric accuracy=acc\npass")
    nbformat.write(good, folder / "good.ipynb")
    papermill.execute_notebook(folder / "good.ipynb", folder / "ran.ipynb", kernel_name="python3", cwd=folder, progress_bar=False)
    with Workspace.open(folder) as workspace:
        assert [entry.snapshot.message for entry in workspace.log()] == ["done"]
    nbformat.write(notebook("%kit show v9", "1 + 1"), folder / "bad.ipynb")
    with pytest.raises(papermill.PapermillExecutionError) as caught:
        papermill.execute_notebook(folder / "bad.ipynb", folder / "ran.ipynb", kernel_name="python3", cwd=folder, progress_bar=False)
    assert caught.value.ename == "NotFound"
    assert "v9" in str(caught.value)


def test_no_widget_library_is_needed(folder: Path) -> None:
    document = notebook("import sys\nsys.modules['ipywidgets'] = None", "%kit init", "%kit status", "%kit snapshot -m x", "%kit log")
    assert "jupyter-kit" in outputs(execute(document, folder), 4)[0].data["text/html"]


def test_a_kernel_completes_and_explains(folder: Path) -> None:
    client = NotebookClient(notebook(), kernel_name="python3", resources={"metadata": {"path": str(folder)}})
    with client.setup_kernel():
        client.execute_cell(client.nb.cells[0], 0)
        kernel = client.kc
        assert kernel is not None
        replies = {}
        for line in ("%kit snapshot --mes", "snap = %kit roll"):
            message = _completed(client, kernel, line)
            replies[line] = message["matches"]
    assert replies == {"%kit snapshot --mes": ["--message"], "snap = %kit roll": ["rollback"]}


def _completed(client: Any, kernel: Any, line: str) -> dict[str, Any]:
    from nbclient.util import run_sync  # nbclient's channels are asynchronous; its own bridge runs them

    async def ask() -> Any:
        return await kernel.complete(line, reply=True, timeout=30)

    return dict(run_sync(ask)()["content"])


def test_the_interpreter_is_ours(folder: Path) -> None:
    document = execute(notebook("import sys\nprint(sys.prefix)"), folder)
    assert outputs(document, 0)[0].text.strip() == sys.prefix
